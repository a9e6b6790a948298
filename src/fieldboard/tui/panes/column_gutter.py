"""The gutter at the left of the columns: the pane's title, which columns are in sight, the hours, and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.domain.named import NamedTuple
from fieldboard.tui.ink import Ink

if TYPE_CHECKING:
    from textual.strip import Strip

    from fieldboard.tui.panes.column_art import Grid
    from fieldboard.tui.panes.look import Look

GUTTER = 6
"""Cells that the hours take."""


class InSight(NamedTuple):
    """What is on the screen: columns `first` to before `last` of `total`, slots from `top` on.

    `head` is how many lines the heads of columns have.
    """

    first: int
    last: int
    total: int
    top: int
    head: int


def draw_gutter(y: int, width: int, grid: Grid, seen: InSight, look: Look, *, active: bool) -> Strip:
    """One line of the gutter; `active` says that the cursor is on the board."""
    if y < seen.head:
        return _draw_title(y, width, seen, look, active=active)
    palette = look.palette
    row = seen.top + y - seen.head
    ink = Ink(width, palette("faint"))
    if row >= grid.rows:
        return ink.strip()
    if grid.row(look.now) == row:
        return ink.put(look.zone.clock_text(look.now), palette("now", bold=True)).strip()
    hour, _, minute = look.zone.clock_text(grid.instant(row)).partition(":")
    if minute == "00":
        ink.put(hour, palette("muted", bold=True)).put(":00")
    return ink.strip()


def _draw_title(y: int, width: int, seen: InSight, look: Look, *, active: bool) -> Strip:
    palette = look.palette
    ink = Ink(width, palette("muted"))
    if y == 0:
        ink.put("BOARD", palette("accent" if active else "text", bold=True, line=active))
    elif seen.total:
        span = (
            f"{seen.first + 1}{look.glyphs.dash}{seen.last}" if seen.last > seen.first + 1 else str(seen.last)
        )
        total = f"of {seen.total}"
        text = (span, total if len(total) < GUTTER else f"/{seen.total}")
        ink.put(text[y - 1] if seen.head == 3 else f"{seen.last}/{seen.total}")
    return ink.strip()
