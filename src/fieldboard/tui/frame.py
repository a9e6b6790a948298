"""What is sent to the terminal for a frame: the cells that changed, and no others.

Textual cuts every line of the screen where any widget begins or ends, asks all widgets between the first and
the last changed cell for all their lines, and sends a line from the left edge of whatever changed on it.
Fields of kept lines that lie side by side need none of that: of a key it was the larger half.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rich.color import ColorSystem
from textual._compositor import Compositor, CompositorUpdate

if TYPE_CHECKING:
    from rich.console import Console
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.widget import Widget

Tile: TypeAlias = "tuple[int, int, Widget, Region, Region]"
"""Cells of a line from one column to before another, whose they are, its part that shows, and all of it."""


class Patches(CompositorUpdate):
    """Runs of cells, each with where it begins: column and line of the screen, from 0."""

    def __init__(self, runs: list[tuple[int, int, Strip]]) -> None:
        self.runs = runs

    def render_segments(self, console: Console) -> str:
        """What the terminal is sent. Each run is put in its place, whatever the widths of those before it."""
        colours = console._color_system or ColorSystem.TRUECOLOR
        return "".join([f"\x1b[{y + 1};{x + 1}H{written(strip, colours)}" for x, y, strip in self.runs])


def written(strip: Strip, colours: ColorSystem) -> str:
    """A line as a terminal is sent it. From one run of a style to the next only what differs is said.

    Textual says both colours of each run, and ends each with a reset: half of all bytes of a frame.
    """
    if strip._render_cache is None:
        parts: list[str] = []
        before = ""
        for text, style, _ in strip:
            ansi = "" if style is None else style._ansi
            if ansi is None and style is not None:
                ansi = strip.render_ansi(style, colours)
            if ansi != before:
                parts.append(_turn(before, ansi or ""))
                before = ansi or ""
            parts.append(text)
        if before:
            parts.append(_RESET)
        strip._render_cache = "".join(parts)
    return strip._render_cache


_RESET: Final = "\x1b[0m"


@lru_cache(maxsize=4096)
def _turn(before: str, after: str) -> str:
    """What turns the one style into the other, both as the codes that set them from nothing."""
    if not after:
        return _RESET
    if not before:
        return f"\x1b[{after}m"
    was, now = _codes(before), _codes(after)
    if was.keys() - now.keys():
        # What has no code of its own to end it ends with all.
        return f"\x1b[0;{after}m"
    return f"\x1b[{';'.join(code for what, code in now.items() if was.get(what) != code)}m"


def _codes(ansi: str) -> dict[str, str]:
    """The codes of a style by what they set: the text's colour, the ground's, or an attribute."""
    found: dict[str, str] = {}
    parts = iter(ansi.split(";"))
    for part in parts:
        if part in ("38", "48"):
            kind = next(parts)
            numbers = [next(parts) for _ in range(3 if kind == "2" else 1)]
            found["text" if part == "38" else "ground"] = ";".join((part, kind, *numbers))
        elif len(part) > 1 and part[:-1] in ("3", "9"):
            found["text"] = part
        elif len(part) > 1 and part[:-1] in ("4", "10"):
            found["ground"] = part
        else:
            found[part] = part
    return found


class PatchCompositor(Compositor):
    """Paints what changed, line by line, asking only the widgets that show there."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles: dict[int, list[Tile]] = {}
        self._tiled: object = None

    def render_full_update(self, simplify: bool = False) -> Any:
        """All cells; with `simplify` for a picture, which Textual makes."""
        if simplify:
            return super().render_full_update(simplify=simplify)
        self._dirty_regions.clear()
        width, height = self.size
        return Patches(self._runs([(y, 0, width) for y in range(height)]))

    def render_partial_update(self) -> Any:
        """The cells of the changed regions; None where nothing changed."""
        screen = self.size.region
        regions = [one for region in self._dirty_regions if (one := region.intersection(screen))]
        self._dirty_regions.clear()
        return Patches(self._runs(list(self._regions_to_spans(regions)))) if regions else None

    def _runs(self, spans: list[tuple[int, int, int]]) -> list[tuple[int, int, Strip]]:
        """What shows in these spans (line, from column, to before column)."""
        runs: list[tuple[int, int, Strip]] = []
        lines: dict[Widget, list[Strip]] = {}
        tiles = self._tiles
        if self._tiled is not self.layers_visible:
            self._tiled = self.layers_visible
            tiles.clear()
        for y, first, last in spans:
            if (tiled := tiles.get(y)) is None:
                tiled = tiles[y] = _tiles_of(self.layers_visible[y], self.size.width)
            for left, right, widget, shown, region in tiled:
                if right <= first:
                    continue
                if left >= last:
                    break
                strips = lines.get(widget)
                if strips is None:
                    strips = lines[widget] = widget.render_lines(_within(shown, region))
                strip = strips[y - shown.y]
                a, b = max(first, left), min(last, right)
                if b - a < shown.width:
                    strip = strip.crop(a - shown.x, b - shown.x)
                runs.append((a, y, strip))
        return runs


def _tiles_of(layers: list[tuple[Widget, Region, Region]], width: int) -> list[Tile]:
    """Which widget shows where on a line, from left to right; the widgets come front to back."""
    tiles: list[Tile] = []
    uncovered = [(0, width)]
    for widget, shown, region in layers:
        still: list[tuple[int, int]] = []
        for begin, end in uncovered:
            a, b = max(begin, shown.x), min(end, shown.x + shown.width)
            if a >= b:
                still.append((begin, end))
                continue
            tiles.append((a, b, widget, shown, region))
            still += [run for run in ((begin, a), (b, end)) if run[0] < run[1]]
        uncovered = still
    return sorted(tiles, key=itemgetter(0))


def _within(shown: Region, region: Region) -> Region:
    """The part of a widget that shows, counted from its own corner."""
    return shown.translate((-region.x, -region.y))
