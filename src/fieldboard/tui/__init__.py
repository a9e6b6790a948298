"""The Textual program: draws the board and calls its acts."""
