"""A day as the board shows it: a column per technician, with everything that a column says.

All of it is computed from values and without a terminal. A change touches only the columns of the
technicians concerned; everything else of the board is the same object as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import NamedTuple

from fieldboard.board.doing import Late, doing, lateness
from fieldboard.domain.conflicts import (
    Conflict,
    Crew,
    breaks_on,
    check_day,
    drives_between,
    shift_on,
    span_of,
    timed,
)
from fieldboard.domain.estimating import estimated_times
from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.status import NOT_DONE
from fieldboard.domain.technician import Absence, Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit

__all__ = [
    "Block",
    "Column",
    "DayBoard",
    "Late",
    "at_moment",
    "build",
    "column_of",
    "difference",
    "lateness",
    "replace_columns",
    "stranger",
    "with_now",
    "with_visits",
]


class Block(NamedTuple):
    """One visit in one column: the `lane`-th of `lanes` side by side (from 0).

    `travel_min` is the estimated drive from the visit before; None for the first of the day and where
    a place is unknown.
    """

    visit: PlannedVisit
    lane: int
    lanes: int
    conflicts: tuple[Conflict, ...]
    travel_min: int | None


@value_class
class Column:
    """One technician's day.

    `booked_min` counts the minutes of this day that visits take, `jobs` their jobs. `shift` and
    `breaks` are instants, `away` the absences that touch the day. `status_word` says what the
    technician is doing now, `since` from when; both are empty on another day than today. `broken` are
    the broken rules of all its visits, with the visits' ids.
    """

    technician: Technician
    blocks: tuple[Block, ...]
    booked_min: int
    shift: tuple[Instant, Instant] | None
    jobs: int
    away: tuple[Absence, ...]
    breaks: tuple[tuple[Instant, Instant], ...]
    status_word: str = ""
    since: Instant | None = None
    broken: tuple[tuple[str, Conflict], ...] = ()

    @property
    def shift_min(self) -> int | None:
        """Working minutes of the day without breaks; None on a day off or where hours are unknown."""
        if self.shift is None:
            return None
        start, end = self.shift
        resting = sum(max(0, min(end, to) - max(start, from_)) for from_, to in self.breaks)
        return max(0, end - start - resting) // MINUTE

    @property
    def load(self) -> float | None:
        """Booked minutes as a part of the working minutes; None where these are unknown."""
        minutes = self.shift_min
        return self.booked_min / minutes if minutes else None

    @property
    def visits(self) -> tuple[PlannedVisit, ...]:
        """The visits in order of time."""
        return tuple(block.visit for block in self.blocks)


@value_class
class DayBoard:
    """A day of all technicians. `start` and `end` are its first instant and that of the next day.

    `index` finds a technician's column, `where` the technicians in whose columns a visit stands.
    """

    day: date
    start: Instant
    end: Instant
    columns: tuple[Column, ...]
    index: Mapping[str, int]
    where: Mapping[str, tuple[str, ...]]
    conflicts: tuple[tuple[str, Conflict], ...]
    visits_count: int

    def column(self, technician_id: str) -> Column | None:
        """The column of a technician; None where there is none."""
        at = self.index.get(technician_id)
        return self.columns[at] if at is not None else None

    def block(self, visit_id: str) -> Block | None:
        """The block of a visit in the first column in which it stands."""
        for technician_id in self.where.get(visit_id, ()):
            column = self.column(technician_id)
            if column is not None:
                for block in column.blocks:
                    if block.visit.id == visit_id:
                        return block
        return None


def build(
    day: date,
    technicians: Sequence[Technician],
    visits: Iterable[PlannedVisit],
    zone: Zone,
    now: Instant,
) -> DayBoard:
    """The board of a day.

    Every active technician has a column, sorted by name; those who left, and those of whom nobody
    knows more than an id, have one behind them as long as they have visits on this day.
    """
    start, end = zone.day_bounds(day)
    crew = {technician.id: technician for technician in technicians}
    of: dict[str, list[PlannedVisit]] = {}
    for visit in visits:
        if visit.technician_ids and _on(visit, day, start, end):
            for technician_id in visit.technician_ids:
                of.setdefault(technician_id, []).append(visit)
    shown = sorted((one for one in technicians if one.active), key=_by_name)
    active = {one.id for one in shown}
    shown += sorted((crew.get(one) or stranger(one) for one in of if one not in active), key=_by_name)
    columns = tuple(column_of(one, of.get(one.id, ()), zone, day, now, crew=crew) for one in shown)
    return _board(day, start, end, columns)


def column_of(
    technician: Technician,
    visits: Iterable[PlannedVisit],
    zone: Zone,
    day: date,
    now: Instant,
    *,
    crew: Crew | None = None,
) -> Column:
    """One technician's column of a day."""
    start, end = zone.day_bounds(day)
    ordered = sorted(estimated_times(visits, technician, day, zone), key=_by_time)
    booked = 0
    jobs: set[str] = set()
    for visit in ordered:
        if visit.status not in NOT_DONE:
            span = span_of(visit)
            if span is not None:
                booked += max(0, min(span[1], end) - max(span[0], start))
                jobs.add(visit.job_id)
    shift = shift_on(technician, day, zone)
    breaks = breaks_on(technician, day, zone) if shift is not None else ()
    away = technician.absences and tuple(
        one for one in technician.absences if one.start < end and start < one.end
    )
    blocks: tuple[Block, ...] = ()
    broken: tuple[tuple[str, Conflict], ...] = ()
    if ordered:
        rows = timed(ordered)
        drives = drives_between(ordered, rows)
        conflicts = check_day(technician, ordered, zone, day, crew, drives=drives, rows=rows)
        blocks = _blocks(ordered, conflicts, drives)
        if conflicts:
            broken = tuple(
                (block.visit.id, one) for block in blocks if block.conflicts for one in block.conflicts
            )
    word, since = "", None
    if start <= now < end:
        word, since = doing(technician, ordered, away, shift, breaks=breaks, now=now)
    return Column(technician, blocks, booked // MINUTE, shift, len(jobs), away, breaks, word, since, broken)


def at_moment(column: Column, start: Instant, end: Instant, now: Instant) -> Column:
    """The column with what its technician is doing at `now`; the same object where nothing changed.

    `start` and `end` bound the day of the column.
    """
    word, since = "", None
    if start <= now < end:
        word, since = doing(
            column.technician, column.visits, column.away, column.shift, breaks=column.breaks, now=now
        )
    if word == column.status_word and since == column.since:
        return column
    return replace(column, status_word=word, since=since)


def with_now(board: DayBoard, now: Instant) -> tuple[DayBoard, frozenset[str]]:
    """The board as time goes by, and the technicians whose status changed by that."""
    columns = tuple(at_moment(column, board.start, board.end, now) for column in board.columns)
    changed = frozenset(
        new.technician.id for new, old in zip(columns, board.columns, strict=True) if new is not old
    )
    return (replace(board, columns=columns), changed) if changed else (board, changed)


def with_visits(
    board: DayBoard,
    visits: Mapping[str, PlannedVisit | None],
    technicians: Mapping[str, Technician],
    zone: Zone,
    now: Instant,
) -> tuple[DayBoard, frozenset[str]]:
    """The board after some visits changed (None: is no more), and the technicians concerned.

    Only the columns of those who had one of the visits, or have it now, are computed anew.
    """
    coming: dict[str, list[PlannedVisit]] = {}
    touched: set[str] = set()
    for visit_id, visit in visits.items():
        touched.update(board.where.get(visit_id, ()))
        if visit is not None and visit.technician_ids and _on(visit, board.day, board.start, board.end):
            touched.update(visit.technician_ids)
            for technician_id in visit.technician_ids:
                coming.setdefault(technician_id, []).append(visit)
    columns: dict[str, Column] = {}
    for technician_id in touched:
        old = board.column(technician_id)
        if old is not None:
            staying = [block.visit for block in old.blocks if block.visit.id not in visits]
            technician = old.technician
        else:
            staying, technician = [], technicians.get(technician_id) or stranger(technician_id)
        rows = staying + coming.get(technician_id, [])
        columns[technician_id] = column_of(technician, rows, zone, board.day, now, crew=technicians)
    return replace_columns(board, columns), frozenset(touched)


def replace_columns(board: DayBoard, columns: Mapping[str, Column]) -> DayBoard:
    """The board with these columns instead of, or beside, those of the same technicians.

    The column of a technician who is not active goes with the last visit in it.
    """
    if not columns:
        return board
    rows = list(board.columns)
    strangers = False
    for technician_id, column in columns.items():
        at = board.index.get(technician_id)
        if at is None:
            rows.append(column)
            strangers = True
        else:
            rows[at] = column
        strangers = strangers or not column.technician.active
    if strangers:
        rows = sorted((row for row in rows if row.technician.active or row.blocks), key=_by_column)
        return _board(board.day, board.start, board.end, tuple(rows))
    where = dict(board.where)
    for technician_id in columns:
        for block in board.columns[board.index[technician_id]].blocks:
            where.pop(block.visit.id, None)
    for column in columns.values():
        for block in column.blocks:
            where[block.visit.id] = block.visit.technician_ids
    changed = replace(board, columns=tuple(rows), where=where, visits_count=len(where))
    if any(board.columns[board.index[one]].broken or new.broken for one, new in columns.items()):
        changed = replace(changed, conflicts=_conflicts(changed.columns))
    return changed


def difference(old: DayBoard, new: DayBoard) -> frozenset[str]:
    """The technicians whose columns are not the same in two boards of a day."""
    changed: set[str] = set()
    for column in new.columns:
        before = old.column(column.technician.id)
        if before is not column and before != column:
            changed.add(column.technician.id)
    changed.update(one for one in old.index if one not in new.index)
    return frozenset(changed)


def stranger(technician_id: str) -> Technician:
    """Somebody of whom nothing is known but the id that a visit names."""
    return Technician(id=technician_id, name=technician_id, active=False)


def _board(day: date, start: Instant, end: Instant, columns: tuple[Column, ...]) -> DayBoard:
    where = {block.visit.id: block.visit.technician_ids for column in columns for block in column.blocks}
    return DayBoard(
        day=day,
        start=start,
        end=end,
        columns=columns,
        index={column.technician.id: at for at, column in enumerate(columns)},
        where=where,
        conflicts=_conflicts(columns),
        visits_count=len(where),
    )


def _conflicts(columns: Iterable[Column]) -> tuple[tuple[str, Conflict], ...]:
    return tuple(chain.from_iterable([column.broken for column in columns if column.broken]))


def _on(visit: PlannedVisit, day: date, start: Instant, end: Instant) -> bool:
    if visit.by_order:
        return visit.date == day
    begins = visit.start if visit.start is not None else visit.actual_start
    if begins is None or begins >= end:
        return False
    if begins >= start:
        return True
    finishes = visit.end if visit.start is not None else visit.actual_end
    return finishes is not None and finishes > start


def _by_time(visit: PlannedVisit) -> tuple[Instant, Instant, str]:
    start = visit.start if visit.start is not None else visit.actual_start or 0
    return start, -(visit.end or start), visit.id


def _by_name(technician: Technician) -> tuple[str, str]:
    return technician.name.casefold(), technician.id


def _by_column(column: Column) -> tuple[bool, str, str]:
    return not column.technician.active, *_by_name(column.technician)


def _blocks(
    visits: Sequence[PlannedVisit], conflicts: Mapping[str, tuple[Conflict, ...]], drives: Mapping[str, int]
) -> tuple[Block, ...]:
    """Visits in order of time, those that overlap laid side by side in as few lanes as they need."""
    blocks: list[Block] = []
    bunch: list[tuple[PlannedVisit, int]] = []
    free_from: list[Instant] = []
    bunch_end = 0
    for visit in (*visits, None):
        start = end = 0
        if visit is not None:
            start = visit.start if visit.start is not None else visit.actual_start or 0
            end = max(visit.end or visit.actual_end or start + visit.minutes * MINUTE, start + 1)
        if visit is None or start >= bunch_end:
            lanes = len(free_from)
            for one, lane in bunch:
                blocks.append(Block(one, lane, lanes, conflicts.get(one.id, ()), drives.get(one.id)))
            if visit is not None:
                bunch, free_from, bunch_end = [(visit, 0)], [end], end
        else:
            lane = next((at for at, free in enumerate(free_from) if free <= start), len(free_from))
            free_from[lane : lane + 1] = [end]
            bunch.append((visit, lane))
            bunch_end = max(bunch_end, end)
    return tuple(blocks)
