"""Where things are on the board: how wide its columns are, where a day begins, what lies under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.domain.instants import HOUR, Instant
from fieldboard.domain.named import NamedTuple

if TYPE_CHECKING:
    from fieldboard.board.day_board import DayBoard
    from fieldboard.tui.panes.column_art import ColumnArt, Grid

LEAST_COLUMN = 19
"""Cells below which one more column is not shown."""

MOST_COLUMN = 34
"""Cells of a column where there is room for more: in a wider one the eye loses the line."""


class BoardSpot(NamedTuple):
    """A place on the board: a column, an instant, and what lies there.

    `edge` is `start` or `end` on the parts of a visit by which it is made longer or shorter.
    """

    column: int
    instant: Instant | None
    visit_id: str | None
    edge: str = ""


def share_out(room: int, columns: int) -> list[int]:
    """The widths of as many columns as `room` cells show; `columns` is how many there are.

    Without any, one place takes all the room, for what is said then.
    """
    shown = max(1, min(room // LEAST_COLUMN, columns or 1))
    share = min(room // shown, MOST_COLUMN) if columns else room
    spare = min(room - share * shown, shown) if share < MOST_COLUMN else 0
    return [share + (1 if place < spare else 0) for place in range(shown)]


def head_lines(height: int) -> int:
    """The lines that the heads of columns have on a board of so many lines."""
    return 3 if height >= 18 else 2 if height >= 12 else 1


def first_slot(day: DayBoard, grid: Grid, now: Instant, body: int) -> int:
    """The first of `body` slots to show of a day: before the first shift or visit, and with now in sight."""
    first = day.begins(day.start + 5 * HOUR, visits=True)
    row = grid.row(first if first is not None else day.start + 7 * HOUR)
    now_row = grid.row(now)
    if 0 <= now_row < grid.rows and now_row - row > body - 6:
        row = now_row - body // 2
    return max(0, row)


def top_showing(start: int, end: int, top: int, body: int) -> int:
    """The first of `body` slots in sight after as little scrolling as shows rows `start` to `end`."""
    top = max(top, end - body)
    return min(top, start)


def spot_in(art: ColumnArt, at: int, row: int, x: int) -> BoardSpot:
    """What lies in a row of the column at position `at`, `x` cells from its left."""
    row = min(row, art.grid.rows - 1)
    instant = art.grid.instant(row)
    for placed in art.by_row.get(row, ()):
        if placed.x <= x < placed.x + placed.width:
            edge = ""
            # A block of two rows is nearly all edge: it is taken whole.
            if placed.bottom - placed.top >= 3:
                if row == placed.top and x == placed.x:
                    edge = "start"
                elif row == placed.bottom - 1:
                    edge = "end"
            return BoardSpot(at, instant, placed.visit.id, edge)
    return BoardSpot(at, instant, None)
