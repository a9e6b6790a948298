"""A text that is read, line by line and page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual import events

from fieldboard.tui.dialogs.lines_view import LinesView
from fieldboard.tui.dialogs.spans import Line

_LINES: Final = {"j": 1, "down": 1, "ctrl+n": 1, "k": -1, "up": -1, "ctrl+p": -1}
_PAGES: Final = {"ctrl+d": 0.5, "ctrl+u": -0.5, "pagedown": 1.0, "pageup": -1.0}


class Pager(LinesView):
    """Shows the lines that `draw` makes for so many cells."""

    def __init__(self, draw: Callable[[int], Sequence[Line]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._lines: Sequence[Line] = ()
        self._made_for = 0
        self._g = False

    def again(self) -> None:
        """Make the lines anew."""
        self._made_for = 0
        self.forget()

    def _made(self) -> Sequence[Line]:
        width = self.size.width
        if width and self._made_for != width:
            self._made_for = width
            # Two cells are for the mark at the edge, whether it is there or not: so the lines stay.
            self._lines = self._draw(max(1, width - 2))
        return self._lines

    @property
    def count(self) -> int:
        return len(self._made())

    def line(self, index: int, width: int) -> Line:
        del width
        return self._made()[index]

    @property
    def seen(self) -> int:
        """The last line that is on the screen, counted from 1."""
        return min(self.count, self.top + self.page)

    def on_key(self, event: events.Key) -> None:
        key = event.key
        if key == "g":
            self._g = not self._g
            if not self._g:
                self.scroll_lines(0)
        elif key in _LINES:
            self.scroll_lines(self.top + _LINES[key])
        elif key in _PAGES:
            self.scroll_lines(self.top + int(_PAGES[key] * self.page))
        elif key in ("home", "end", "G"):
            self.scroll_lines(0 if key == "home" else self.last_top)
        else:
            self._g = False
            return
        event.stop()
        event.prevent_default()
