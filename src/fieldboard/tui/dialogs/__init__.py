"""The dialogs over the board. Each takes plain values and gives back a value or None.

Nothing is imported here: a dialog costs its time when it is first opened, not when the board starts.
"""
