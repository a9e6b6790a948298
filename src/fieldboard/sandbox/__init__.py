"""Embedded servers of the systems that fieldboard speaks to, over one seeded world.

The sandbox imports nothing else of fieldboard: it writes the vendors' JSON from their documents by
itself, so that it and an adapter cannot share a mistake.
"""
