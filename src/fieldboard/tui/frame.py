"""What is sent to the terminal for a frame: the cells that changed, and no others.

Textual cuts every line of the screen where any widget begins or ends, asks all widgets between the first and
the last changed cell for all their lines, and sends a line from the left edge of whatever changed on it.
Fields of kept lines that lie side by side need none of that: of a key it was the larger half.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

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
        return "".join([f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.runs])


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
