"""A FieldCamp server over the sandbox's world, after docs.fieldcamp.ai/api-reference."""

from fieldboard.sandbox.fieldcamp.app import create_app
from fieldboard.sandbox.fieldcamp.settings import Settings

__all__ = ["Settings", "create_app"]
