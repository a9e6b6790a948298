"""Brings cache and system together, both ways: plan, pull, push, one round, the service that repeats it."""
