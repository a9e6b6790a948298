"""The files of a profile: what was last seen, what waits to be sent, what changed."""
