"""Loads Textual for the board without what comes with it and no first frame needs.

That is its command palette, from which the board's own is made when somebody asks for it, and TLS, which
asyncio takes along: the board process speaks with nobody. Together they are an eighth of what a bare
Textual application takes to start, and 2 MB.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fieldboard.tui.app import BoardApp

PALETTE: Final = "textual.command"
_NAMES: Final = (
    *("CommandListItem", "CommandPalette", "Provider", "SimpleProvider"),
    *("DiscoveryHit", "Hit", "Hits"),
)
"""What Textual's own modules take from it, to name its classes in theirs."""


def board_app() -> type[BoardApp]:
    """The board's application, loaded."""
    load_textual()
    from fieldboard.tui.app import BoardApp

    return BoardApp


def load_textual() -> None:
    """Load Textual so; where it, or asyncio, is loaded already, that stays as it is.

    Whoever imports the palette or TLS later gets the real one.
    """
    if "asyncio" not in sys.modules and "ssl" not in sys.modules:
        # asyncio is made to do without, for Pythons that were built so.
        with _standing_in("ssl", None):
            import asyncio  # noqa: F401
    if "textual.app" not in sys.modules and PALETTE not in sys.modules:
        with _standing_in(PALETTE, _palette()):
            import textual.app  # noqa: F401


def _palette() -> ModuleType:
    empty = ModuleType(PALETTE)
    for name in _NAMES:
        setattr(empty, name, type(name, (), {}))
    return empty


@contextmanager
def _standing_in(name: str, module: Any) -> Iterator[None]:
    sys.modules[name] = module
    try:
        yield
    finally:
        del sys.modules[name]
