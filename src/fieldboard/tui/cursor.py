"""The one cursor that all panes share: it follows the visit, never the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fieldboard.domain.instants import Instant
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.arrangement import Pane

if TYPE_CHECKING:
    from fieldboard.board.column import Column
    from fieldboard.board.day_board import DayBoard


@value_class
class Cursor:
    """Where the dispatcher is.

    `queue_id` is the row chosen in the queue; `technician_id` and `visit_id` what is chosen on the board
    (a column without a visit, where it is empty). `at` is the time of day to which a walk over columns
    comes back.
    """

    pane: Pane = "queue"
    queue_id: str | None = None
    technician_id: str | None = None
    visit_id: str | None = None
    at: Instant | None = None

    @property
    def chosen(self) -> str | None:
        """The visit under the cursor."""
        return self.queue_id if self.pane == "queue" else self.visit_id


def time_of(visit: PlannedVisit) -> Instant:
    """When a visit begins, for walking: as planned, else as it was."""
    if visit.start is not None:
        return visit.start
    return visit.actual_start or 0


def nearest_in(column: Column, at: Instant | None) -> PlannedVisit | None:
    """The visit of a column that lies nearest to a time; one that is under way then wins."""
    if not column.blocks:
        return None
    visits = [block.visit for block in column.blocks]
    if at is None:
        return visits[0]

    def away(visit: PlannedVisit) -> int:
        start = time_of(visit)
        end = visit.end if visit.end is not None else start + visit.minutes * 60
        return 0 if start <= at < end else min(abs(start - at), abs(end - at))

    return min(visits, key=away)


def beside(
    column: Column, visit_id: str | None, steps: int, at: Instant | None = None
) -> PlannedVisit | None:
    """The visit so many steps later (or earlier) in a column, stopping at its ends.

    From a free place (`at`, no visit) the first step leads to the next visit from there.
    """
    visits = [block.visit for block in column.blocks]
    if not visits:
        return None
    for place, visit in enumerate(visits):
        if visit.id == visit_id:
            return visits[max(0, min(place + steps, len(visits) - 1))]
    if at is None:
        return visits[0]
    before = sum(1 for visit in visits if time_of(visit) < at)
    return visits[max(0, min(before + steps - (1 if steps > 0 else 0), len(visits) - 1))]


def crew_in_sight(day: DayBoard, columns: Sequence[int], visit_id: str | None) -> tuple[str, ...]:
    """The technicians in whose columns a visit stands, where only these columns of the day show."""
    crew = day.where.get(visit_id, ()) if visit_id is not None else ()
    if len(columns) == len(day.columns):
        return crew
    return tuple(one for one in crew if day.index.get(one) in columns)


def kept_in_sight(cursor: Cursor, day: DayBoard, columns: Sequence[int]) -> Cursor:
    """The cursor on something that shows, where only these columns of the day do.

    A visit of a crew is kept in the column of another of them; else the nearest column is chosen, and in it
    the visit that lies nearest; without columns nothing is.
    """
    technician_id = cursor.technician_id
    index = day.index.get(technician_id) if technician_id is not None else None
    if index is None or index in columns:
        return cursor
    if crew := crew_in_sight(day, columns, cursor.visit_id):
        return replace(cursor, technician_id=crew[0])
    if not columns:
        return replace(cursor, technician_id=None, visit_id=None)
    column = day.columns[min(columns, key=lambda at: abs(at - index))]
    visit = nearest_in(column, cursor.at)
    return replace(cursor, technician_id=column.technician.id, visit_id=visit.id if visit else None)


def column_order(
    day: DayBoard, columns: Sequence[int], technician_id: str | None, steps: int
) -> Column | None:
    """The column so many steps to the right of a technician's, among those shown, stopping at the ends."""
    if not columns:
        return None
    index = day.index.get(technician_id) if technician_id is not None else None
    try:
        at = columns.index(index) if index is not None else -1
    except ValueError:
        at = -1
    if at < 0:
        return day.columns[columns[0]]
    return day.columns[columns[max(0, min(at + steps, len(columns) - 1))]]
