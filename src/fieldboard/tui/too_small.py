"""A terminal that is too small says so, and what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.geometry import Size

from fieldboard.tui.dialogs.spans import Line, cut, width_of
from fieldboard.tui.dialogs.spans_view import SpansView

LEAST: Final = Size(60, 16)
"""Cells below which nothing useful can be drawn."""


def too_small(width: int, height: int) -> bool:
    """Whether a terminal of this size is too small for the board."""
    return width < LEAST.width or height < LEAST.height


def too_small_lines(width: int, height: int) -> Sequence[Line]:
    """What is said, in the middle of so many cells, as much of it as there is room for."""
    says: tuple[Line, ...] = (
        (("This terminal is too small", "bold"),),
        (
            (f"{width}×{height}", "error bold"),
            (" now, ", "muted"),
            (f"{LEAST.width}×{LEAST.height}", "ok bold"),
            (" needed", "muted"),
        ),
        (),
        (("Make it larger, or the letters smaller.", "muted"),),
        (("Your edits are kept. q leaves.", "muted"),),
    )
    if height < len(says):
        says = (says[1], says[0], *says[3:])[: max(1, height)]
    above = max(0, (height - len(says)) // 2)
    return [*[()] * above, *(_centred(cut(line, width), width) for line in says)]


def _centred(line: Line, width: int) -> Line:
    return ((" " * ((width - width_of(line)) // 2), ""), *line)


class TooSmall(SpansView):
    """Fills the screen with the message; it follows the terminal's size."""

    DEFAULT_CSS: ClassVar[str] = """
    TooSmall { width: 100%; height: 100%; background: $background; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(self._says, ground="background", id=id)

    def _says(self, width: int) -> Sequence[Line]:
        return too_small_lines(width, self.app.size.height)

    def on_resize(self) -> None:
        self.again()
