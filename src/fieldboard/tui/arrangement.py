"""Which pane gets which cells: pure arithmetic of the terminal's size."""

from __future__ import annotations

from typing import Final, Literal

from fieldboard.domain.value_class import value_class

Pane = Literal["queue", "board", "timeline"]
PANES: Final[tuple[Pane, ...]] = ("queue", "board", "timeline")

WIDE: Final = 120
"""Cells from which queue and board stand side by side."""

TALL: Final = 30
"""Lines from which the timeline is docked below."""

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 16


@value_class
class Arrangement:
    """Cells of each pane, 0 for one that does not show, and the lines above the footer (one or two)."""

    queue: int
    board: int
    timeline: int
    lines: int

    def shows(self, pane: Pane) -> bool:
        """Whether the pane has a place on the screen."""
        return bool({"queue": self.queue, "board": self.board, "timeline": self.timeline}[pane])


def arrange(
    width: int,
    height: int,
    pane: Pane,
    *,
    full: bool = False,
    technicians: int = 0,
    day_rows: int = 26,
) -> Arrangement:
    """Share the screen out. `day_rows` are the slots of a working day, more of which the board needs not."""
    lines = 2 if height >= TALL else 1
    body = height - 2 - lines
    wide, tall = width >= WIDE, height >= TALL
    if full or (pane == "timeline" and not (wide and tall)):
        return Arrangement(width if pane == "queue" else 0, width if pane == "board" else 0,
                           body if pane == "timeline" else 0, lines)  # fmt: skip
    docked = 0
    if tall:
        rows = body - (day_rows + 4)
        docked = 2 + max(min(4, technicians), min(technicians, rows - 2, body // 2))
    if not wide:
        shown = pane if pane != "timeline" else "board"
        return Arrangement(width if shown == "queue" else 0, width if shown == "board" else 0, docked, lines)
    queue = max(38, min(54, width * 22 // 100 + 1))
    return Arrangement(queue, width - queue, docked, lines)
