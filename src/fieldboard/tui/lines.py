"""The base of every widget here: a field of lines, each drawn once and kept until it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from fieldboard.tui.glyphs import UNICODE, Glyphs, ascii_twins


class Fixed(Widget):
    """A widget that nothing scrolls in: a new size of it asks for no second layout."""

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        return super()._size_updated(size, virtual_size, container_size, layout=False)


class LineField(Fixed):
    """A widget that draws itself line by line and repaints only the lines it is told about.

    It answers `render_lines` itself: no borders, no padding, no scrollbars, hence no work for a line
    that did not change. `drawn` counts the lines drawn since the start.
    """

    ALLOW_SELECT = False
    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip | None] = []
        self._extent = Size(0, 0)
        self.drawn = 0

    def draw(self, y: int, width: int) -> Strip:
        """Draw one line."""
        return Strip.blank(width)

    def draw_lines(self, lines: Sequence[int], width: int) -> Iterable[Strip]:
        """Draw these lines, in their order."""
        return [self.draw(y, width) for y in lines]

    @property
    def size(self) -> Size:
        """The cells of the field, all of which are its own."""
        return self._size

    def resized(self, width: int, height: int) -> None:
        """The field has got a new size; what depends on it can be worked out now."""

    def render_lines(self, crop: Region) -> list[Strip]:
        size = self.size
        if size != self._extent:
            self._extent = size
            self._strips = [None] * size.height
            self.resized(size.width, size.height)
        strips = self._strips
        width = size.width
        first, last = crop.y, crop.y + crop.height
        if missing := [y for y, strip in enumerate(strips[first:last], first) if strip is None]:
            self.drawn += len(missing)
            drawn = self.draw_lines(missing, width)
            if self._ascii_only:
                drawn = map(_in_ascii, drawn)
            for y, strip in zip(missing, drawn, strict=True):
                strips[y] = strip
        lines = [strip for strip in strips[first:last] if strip is not None]
        if len(lines) < crop.height:
            lines += [Strip.blank(width)] * (crop.height - len(lines))
        if crop.x or crop.width != width:
            return [line.crop(crop.x, crop.x + crop.width) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    @property
    def _ascii_only(self) -> bool:
        glyphs: Glyphs = getattr(self.app, "glyphs", UNICODE)
        return glyphs.ascii_only

    def touch(self, lines: Iterable[int] | None = None, cells: int | None = None) -> None:
        """Have these lines (all, without an argument) drawn and painted again.

        `cells` says that only so many cells from the left differ: a terminal is sent no more than those.
        """
        if lines is None:
            self._strips = [None] * len(self._strips)
            self._repaint(Region(0, 0, *self._extent))
            return
        width, height = self._extent
        width = width if cells is None else min(width, cells)
        strips = self._strips
        regions = []
        for first, last in _runs(sorted({y for y in lines if 0 <= y < height})):
            for y in range(first, last + 1):
                strips[y] = None
            regions.append(Region(0, first, width, last - first + 1))
        if regions:
            self._repaint(*regions)

    def _repaint(self, *regions: Region) -> None:
        """Have the screen paint these regions with its next frame.

        `refresh` would tell it so by two messages a field, and forget sizes that lines do not change.
        """
        screen = self.screen if self.is_mounted and self._extent.height else None
        if screen is None or self not in screen._compositor.visible_widgets:
            self.refresh(*regions)
            return
        self._repaint_regions.update(regions)
        screen._dirty_widgets.add(self)
        screen.check_idle()


class Ground(Fixed):
    """What holds fields of lines: blank wherever none of them lies.

    It is drawn without the care that Textual takes for borders and gradients: of a full frame that was a
    third, for cells that are nearly all covered.
    """

    ground: Style | None = None
    """The style of its own cells."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return [Strip.blank(crop.width, self.ground)] * crop.height


def _in_ascii(strip: Strip) -> Strip:
    """The line with the twins of our marks, also of those in words that were made without a look."""
    if strip.text.isascii():
        return strip
    return Strip([Segment(ascii_twins(one.text), one.style, one.control) for one in strip], strip.cell_length)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring numbers, as first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
