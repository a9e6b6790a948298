"""A FieldOpt server over the sandbox's world: as its wiki documents it, and as its releases answer."""

from fieldboard.sandbox.fieldopt.app import create_app
from fieldboard.sandbox.fieldopt.settings import Settings

__all__ = ["Settings", "create_app"]
