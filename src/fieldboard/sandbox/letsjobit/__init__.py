"""A LetsJobIt server over the sandbox's world, after the reference of its REST API v2."""

from fieldboard.sandbox.letsjobit.app import create_app
from fieldboard.sandbox.letsjobit.settings import Settings

__all__ = ["Settings", "create_app"]
