"""A view of many lines drawn by the Line API: only what is on screen is made, and made once."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from fieldboard.tui.dialogs.ink import Ink, ink_of
from fieldboard.tui.dialogs.spans import Line

WHEEL = 3
"""Lines that a notch of the wheel scrolls."""


class LinesView(Widget, can_focus=True):
    """Lines with a scroll position and a mark at the right edge that says where one is.

    A subclass says how many lines there are and what is on each. Strips are kept until the lines, the
    width or the theme change.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS: ClassVar[str] = """
    LinesView { height: 1fr; width: 1fr; background: $surface; }
    """

    class Scrolled(Message):
        """The view shows other lines now."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.top = 0
        self._ink: Ink | None = None
        self._strips: dict[tuple[int, int, bool], Strip] = {}

    # -- what a subclass says -------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many lines there are."""
        return 0

    def line(self, index: int, width: int) -> Line:
        """What stands on a line, for `width` cells."""
        del width
        raise IndexError(index)

    def ground(self, index: int) -> str:
        """The colour on which the line stands."""
        del index
        return "surface"

    # -- drawing --------------------------------------------------------------------------------

    @property
    def ink(self) -> Ink:
        """The colours of the theme that holds now."""
        if self._ink is None:
            self._ink = ink_of(self.app)
        return self._ink

    def forget(self) -> None:
        """Draw every line anew: they say something else now."""
        self._strips.clear()
        self.top = max(0, min(self.top, self.last_top))
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ink = None
        self._strips.clear()

    def on_resize(self) -> None:
        self.forget()

    def render_lines(self, crop: Region) -> list[Strip]:
        # No borders, no padding: Textual's cache of styled lines would only be a second one.
        lines = [self.render_line(y) for y in range(crop.y, crop.bottom)]
        if crop.x or crop.width != self.size.width:
            return [line.crop(crop.x, crop.right) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        width, index = self.size.width, self.top + y
        if index >= self.count:
            return Strip([Segment(" " * width, self.ink.style(""))], width)
        key = (index, width, self.highlighted(index))
        strip = self._strips.get(key)
        if strip is None:
            room = width - 2 if self.overflows else width
            strip = self.ink.strip(self.line(index, room), room, self.ground(index))
            if self.overflows:
                tail = Segment(" ", self.ink.style("", self.ground(index)))
                strip = Strip([*strip, tail], room + 1)
            self._strips[key] = strip
        return Strip.join([strip, self._thumb(y)]) if self.overflows else strip

    def highlighted(self, index: int) -> bool:
        """Whether the line is drawn as the one that is selected."""
        del index
        return False

    @property
    def overflows(self) -> bool:
        """Whether there are more lines than fit."""
        return self.count > self.size.height

    def _thumb(self, y: int) -> Strip:
        height = self.size.height
        length = max(1, height * height // self.count)
        start = round((height - length) * self.top / max(1, self.last_top))
        mark = "|" if self.ink.ascii_only else "▐"
        inside = start <= y < start + length
        return Strip([Segment(mark if inside else " ", self.ink.style("border" if inside else ""))], 1)

    # -- scrolling ------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Lines on the screen."""
        return max(1, self.size.height)

    @property
    def last_top(self) -> int:
        """The first line on the screen when the last is at its foot."""
        return max(0, self.count - self.page)

    def scroll_lines(self, top: int) -> None:
        """Show the lines from `top` on."""
        top = max(0, min(top, self.last_top))
        if top != self.top:
            self.top = top
            self.refresh()
            self.post_message(self.Scrolled())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(self.top + WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(self.top - WHEEL)
