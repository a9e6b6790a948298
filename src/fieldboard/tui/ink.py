"""Drawing one line: runs of text with a style, each made to fit its cells."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fieldboard.text import cell_width, fit, one_line


class Ink:
    """A line being drawn, from left to right, never longer than `width` cells."""

    __slots__ = ("ground", "left", "segments", "width")

    def __init__(self, width: int, ground: Style) -> None:
        self.width = self.left = width
        self.ground = ground
        self.segments: list[Segment] = []

    def put(self, text: str, style: Style | None = None, width: int | None = None) -> Ink:
        """Add text; with `width` in exactly so many cells, else in as many as it needs."""
        if text.isascii() and text.isprintable():
            cells = len(text)
        else:
            text, cells = _measured(text)
        room = self.left if width is None else min(width, self.left)
        if cells > room:
            text, cells = fit(text, room), room
        elif width is not None and cells < room:
            text, cells = text + " " * (room - cells), room
        if cells > 0:
            self.segments.append(Segment(text, style or self.ground))
            self.left -= cells
        return self

    def gap(self, width: int = 1, style: Style | None = None) -> Ink:
        """Add blank cells."""
        width = min(width, self.left)
        if width > 0:
            self.segments.append(Segment(" " * width, style or self.ground))
            self.left -= width
        return self

    def fill(self, character: str = " ", style: Style | None = None, keep: int = 0) -> Ink:
        """Fill what is left, but for `keep` cells."""
        width = self.left - keep
        if width > 0:
            self.segments.append(Segment(character * width, style or self.ground))
            self.left -= width
        return self

    def extend(self, segments: Iterable[Segment]) -> Ink:
        """Add finished segments; they must fit."""
        for segment in segments:
            self.segments.append(segment)
            self.left -= segment.cell_length
        return self

    def strip(self) -> Strip:
        """The finished line, filled to its width, with neighbours of one style joined."""
        self.fill()
        merged: list[Segment] = []
        for segment in self.segments:
            if merged and merged[-1].style is segment.style:
                merged[-1] = Segment(merged[-1].text + segment.text, segment.style)
            else:
                merged.append(segment)
        return Strip(merged, self.width - self.left)


def width_of(text: str) -> int:
    """The cells that `Ink.put` would need for the text."""
    return len(text) if text.isascii() and text.isprintable() else _measured(text)[1]


@lru_cache(maxsize=4096)
def _measured(text: str) -> tuple[str, int]:
    """A text as one line, and its cells: marks and names come again with every frame."""
    text = one_line(text)
    return text, cell_width(text)
