"""An FSM Navigator server over the sandbox's world, after fsmnavigator.com/docs/api."""

from fieldboard.sandbox.fsmnavigator.app import create_app
from fieldboard.sandbox.fsmnavigator.settings import Settings

__all__ = ["Settings", "create_app"]
