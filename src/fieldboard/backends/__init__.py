"""The field service systems, each behind the one port."""
