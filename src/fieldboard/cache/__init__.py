"""The files of a profile: what was last seen at the server, the outbox, the history, and reading them."""
