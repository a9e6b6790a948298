"""A day as the board shows it: a column per technician, with everything that a column says.

All of it is computed from values and without a terminal, and each column when it is first looked at. A
change touches only the columns of the technicians concerned; everything else of the board is the same
object as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from itertools import chain

from fieldboard.board.breaking import NOTHING_BREAKS, Breaking
from fieldboard.board.column import Block, Column, column_of
from fieldboard.board.layered import Layered
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit, touches


@value_class
class DayBoard:
    """A day of all technicians. `start` and `end` are its first instant and that of the next day.

    `index` finds a technician's column, `where` the technicians in whose columns a visit stands. `aside` are
    the visits of the day that stand in none: nobody has them, or they have no time. `found` are the visits
    that break a rule, once somebody has counted them, `basis` those of the board before and the technicians
    whose columns are others since.
    """

    day: date
    start: Instant
    end: Instant
    columns: tuple[Column, ...]
    index: Mapping[str, int]
    where: Mapping[str, tuple[str, ...]]
    aside: frozenset[str] = frozenset()
    found: list[Breaking] = field(default_factory=list, compare=False, repr=False)
    basis: tuple[Breaking, frozenset[str]] | None = field(default=None, compare=False, repr=False)

    @property
    def visits_count(self) -> int:
        """How many visits the day has, those that stand aside too: as many as the calendar says."""
        return len(self.where) + len(self.aside)

    @property
    def counted(self) -> bool:
        """Whether `breaking` is known without any work."""
        return bool(self.found)

    @property
    def breaking(self) -> tuple[str, ...]:
        """The visits that break a rule, by column and time. Sums up every column, the first time."""
        self.count()
        by = self.found[0].by_technician
        ids = chain.from_iterable(by.get(column.technician.id, ()) for column in self.columns)
        return tuple(dict.fromkeys(ids))

    @property
    def broken(self) -> int:
        """How many visits break a rule."""
        self.count()
        return len(self.found[0].columns_of)

    def count(self) -> None:
        """Have `breaking` known from now on."""
        if not self.found:
            before, stale = self.basis or (NOTHING_BREAKS, self.index.keys())
            self.found.append(before.after({one: self.column(one) for one in stale}))

    def begins(self, after: Instant, *, visits: bool) -> Instant | None:
        """When the first shift from a moment on begins, or the first visit; None where there is none."""
        spans = {
            column.technician.shift.get(self.day.weekday()): column
            for column in self.columns
            if column.technician.shift is not None
        }
        starts = [column.shift[0] for column in spans.values() if column.shift is not None]
        if visits:
            for column in self.columns:
                starts += [visit.start for visit in column.given if visit.start is not None]
        return min((start for start in starts if start >= after), default=None)

    def uncounted(self) -> Iterator[Column]:
        """The columns of which nobody knows yet what they come to, and `count` has to."""
        stale = self.basis[1] if self.basis is not None else self.index
        for technician_id in stale:
            column = self.column(technician_id)
            if column is not None and not column.summed:
                yield column

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
    aside: list[str] = []
    for visit in visits:
        if visit.technician_ids and _on(visit, day, start, end):
            for technician_id in visit.technician_ids:
                of.setdefault(technician_id, []).append(visit)
        elif touches(visit, day, start, end):
            aside.append(visit.id)
    shown = sorted((one for one in technicians if one.active), key=_by_name)
    active = {one.id for one in shown}
    shown += sorted((crew.get(one) or stranger(one) for one in of if one not in active), key=_by_name)
    columns = tuple(column_of(one, of.get(one.id, ()), zone, day, now, crew=crew) for one in shown)
    return _board(day, start, end, columns, frozenset(aside))


def with_now(board: DayBoard, now: Instant) -> tuple[DayBoard, frozenset[str]]:
    """The board as time goes by, and the technicians of whom it has told something else before."""
    columns = tuple([column.at(now) for column in board.columns])
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
    aside = board.aside.difference(visits)
    for visit_id, visit in visits.items():
        touched.update(board.where.get(visit_id, ()))
        if visit is None:
            continue
        if visit.technician_ids and _on(visit, board.day, board.start, board.end):
            touched.update(visit.technician_ids)
            for technician_id in visit.technician_ids:
                coming.setdefault(technician_id, []).append(visit)
        elif touches(visit, board.day, board.start, board.end):
            aside |= {visit_id}
    columns: dict[str, Column] = {}
    for technician_id in touched:
        old = board.column(technician_id)
        if old is not None:
            staying = [visit for visit in old.given if visit.id not in visits]
            technician = old.technician
        else:
            staying, technician = [], technicians.get(technician_id) or stranger(technician_id)
        rows = staying + coming.get(technician_id, [])
        columns[technician_id] = column_of(technician, rows, zone, board.day, now, crew=technicians)
    fresh = replace_columns(board, columns)
    if aside != fresh.aside:
        fresh = replace(fresh, aside=aside)
    return fresh, frozenset(touched)


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
        rows = sorted((row for row in rows if row.technician.active or row.given), key=_by_column)
        return _board(board.day, board.start, board.end, tuple(rows), board.aside)
    crews: dict[str, tuple[str, ...] | None] = {}
    for technician_id in columns:
        crews.update(dict.fromkeys([visit.id for visit in board.columns[board.index[technician_id]].given]))
    for column in columns.values():
        crews.update([(visit.id, visit.technician_ids) for visit in column.given])
    where = board.where
    moved = {one: crew for one, crew in crews.items() if where.get(one) != crew}
    if moved:
        where = (where if isinstance(where, Layered) else Layered(where)).changed(moved)
    basis = (board.found[0], frozenset[str]()) if board.found else board.basis
    if basis is not None:
        basis = basis[0], basis[1] | columns.keys()
    return replace(board, columns=tuple(rows), where=where, found=[], basis=basis)


def difference(old: DayBoard, new: DayBoard) -> frozenset[str]:
    """The technicians whose columns are not the same in two boards of a day."""
    if old.index is new.index:
        # A thousand columns of which one has changed: most are told by what they are.
        pairs = zip(old.columns, new.columns, strict=True)
        return frozenset([one.technician.id for before, one in pairs if before is not one and before != one])
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


def _board(
    day: date, start: Instant, end: Instant, columns: tuple[Column, ...], aside: frozenset[str]
) -> DayBoard:
    where = {visit.id: visit.technician_ids for column in columns for visit in column.given}
    return DayBoard(
        day=day,
        start=start,
        end=end,
        columns=columns,
        index={column.technician.id: at for at, column in enumerate(columns)},
        where=where,
        aside=aside,
    )


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


def _by_name(technician: Technician) -> tuple[str, str]:
    return technician.name.casefold(), technician.id


def _by_column(column: Column) -> tuple[bool, str, str]:
    return not column.technician.active, *_by_name(column.technician)
