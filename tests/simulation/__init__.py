"""A simulator of the sync: real engine and files, a server in this process, one seed for all."""
