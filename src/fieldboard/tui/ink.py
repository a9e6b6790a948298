"""Drawing one line: runs of text with a style, each made to fit its cells."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
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

    def extend(self, segments: Iterable[Segment], width: int | None = None) -> Ink:
        """Add finished segments; they must fit. `width` is what they take, where that is known."""
        if width is not None:
            self.segments += segments
            self.left -= width
            return self
        for segment in segments:
            self.segments.append(segment)
            self.left -= segment.cell_length
        return self

    def take(self, part: Ink) -> Ink:
        """Add what was drawn on a part of the line; it must fit."""
        self.segments += part.segments
        self.left -= part.width - part.left
        return self

    def strip(self) -> Strip:
        """The finished line, filled to its width, with neighbours of one style joined."""
        self.fill()
        merged: list[Segment] = []
        last: object = self
        for segment in self.segments:
            style = segment[1]
            if style is last:
                merged[-1] = Segment(merged[-1][0] + segment[0], style)
            else:
                merged.append(segment)
                last = style
        return Line(merged, self.width - self.left)


class Line(Strip):
    """A strip that has the caches of one only when somebody uses them.

    Textual makes seven for each, which takes longer than the rest of it; a line is mostly sent as it is.
    """

    __slots__ = ()

    def __init__(self, segments: list[Segment], cell_length: int) -> None:  # no caches yet
        self._segments = segments
        self._cell_length = cell_length
        self._render_cache = self._link_ids = self._cell_count = None

    def __getattr__(self, name: str) -> FIFOCache[Any, Any]:
        if not name.endswith("_cache"):
            raise AttributeError(name)
        cache: FIFOCache[Any, Any] = FIFOCache(4)
        setattr(self, name, cache)
        return cache


def width_of(text: str) -> int:
    """The cells that `Ink.put` would need for the text."""
    return len(text) if text.isascii() and text.isprintable() else _measured(text)[1]


@lru_cache(maxsize=4096)
def _measured(text: str) -> tuple[str, int]:
    """A text as one line, and its cells: marks and names come again with every frame."""
    text = one_line(text)
    return text, cell_width(text)
