"""A few lines that stand still: a dialog's head, its message, the help at its foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from fieldboard.tui.dialogs.ink import Ink, ink_of
from fieldboard.tui.dialogs.spans import Line


class SpansView(Widget):
    """Lines made by `draw` for so many cells; as high as there are lines."""

    ALLOW_SELECT = False
    DEFAULT_CSS: ClassVar[str] = """
    SpansView { height: auto; width: 1fr; background: $surface; }
    """

    def __init__(
        self,
        draw: Callable[[int], Sequence[Line]],
        *,
        ground: str = "surface",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._ground = ground
        self._ink: Ink | None = None
        self._strips: list[Strip] | None = None
        self._drawn_for = -1

    def again(self, *, ground: str | None = None) -> None:
        """Draw the lines anew; the layout changes only where their number does."""
        before = len(self._strips) if self._strips is not None else -1
        if ground is not None:
            self._ground = ground
        self._strips = None
        self.refresh(layout=len(self._draw(max(1, self.size.width))) != before)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ink = None
        self._strips = None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        del container, viewport
        return len(self._draw(width))

    def render_lines(self, crop: Region) -> list[Strip]:
        # No borders, no padding: Textual's cache of styled lines would only be a second one.
        lines = [self.render_line(y) for y in range(crop.y, crop.bottom)]
        if crop.x or crop.width != self.size.width:
            return [line.crop(crop.x, crop.right) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._ink is None:
            self._ink = ink_of(self.app)
        if self._strips is None or self._drawn_for != width:
            ink, ground = self._ink, self._ground
            self._strips = [ink.strip(line, width, ground) for line in self._draw(width)]
            self._drawn_for = width
        if y < len(self._strips):
            return self._strips[y]
        return Strip([Segment(" " * width, self._ink.style("", self._ground))], width)
