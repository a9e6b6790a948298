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
from operator import itemgetter
from typing import Final

from fieldboard.board.doing import Late, doing, lateness
from fieldboard.board.layered import Layered
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
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.status import NOT_DONE
from fieldboard.domain.technician import Absence, Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit, touches

__all__ = [
    "Block",
    "Column",
    "DayBoard",
    "Late",
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


class _Laid(NamedTuple):
    """What is worked out of a column's visits when somebody looks at it."""

    blocks: tuple[Block, ...]
    booked_min: int
    jobs: int
    broken: tuple[tuple[str, Conflict], ...]


_NOT_LAID: Final = _Laid((), 0, 0, ())


class Column:
    """One technician's day: a value, of which most is worked out when it is first asked for.

    A day has a thousand columns and a screen has room for ten. `given` are the visits as they were read,
    by id. `status_word` says what the technician is doing at the column's moment.
    """

    __slots__ = ("_crew", "_day", "_doing", "_laid", "_now", "_shift", "_zone", "given", "technician")

    def __init__(
        self,
        technician: Technician,
        given: tuple[PlannedVisit, ...],
        zone: Zone,
        day: date,
        now: Instant,
        *,
        crew: Crew | None = None,
    ) -> None:
        self.technician = technician
        self.given = given
        self._zone, self._day, self._now, self._crew = zone, day, now, crew
        self._laid: _Laid | None = None if given else _NOT_LAID
        self._doing: tuple[str, Instant | None] | None = None
        self._shift: tuple[tuple[Instant, Instant] | None] | None = None

    def __eq__(self, other: object) -> bool:
        """Columns made of the same are the same, whether or not anybody has looked at them."""
        if self is other:
            return True
        if not isinstance(other, Column):
            return NotImplemented
        same = (self._day, self.technician, self.given) == (other._day, other.technician, other.given)
        said, theirs = self._doing, other._doing
        return same and self._mates() == other._mates() and (said is None or theirs is None or said == theirs)

    def __hash__(self) -> int:
        return hash((self._day, self.technician.id))

    def __repr__(self) -> str:
        return f"Column({self.technician.id!r}, {self._day}, {len(self.given)} visits)"

    def _mates(self) -> list[Technician | None]:
        """Who comes along on visits of several: their skills count too."""
        crew = self._crew or {}
        return [crew.get(one) for visit in self.given for one in visit.technician_ids[1:]]

    @property
    def laid(self) -> bool:
        """Whether its visits have been laid out."""
        return self._laid is not None

    def lay(self) -> _Laid:
        """Lay the visits out, if nobody has looked at them yet."""
        if self._laid is None:
            self._laid = _laid_out(self.technician, self.given, self._zone, self._day, self._crew)
        return self._laid

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The visits in order of time, each with its lane."""
        return self.lay().blocks

    @property
    def booked_min(self) -> int:
        """The minutes of this day that visits take."""
        return self.lay().booked_min

    @property
    def jobs(self) -> int:
        """How many jobs these visits are for."""
        return self.lay().jobs

    @property
    def broken(self) -> tuple[tuple[str, Conflict], ...]:
        """The broken rules of all its visits, with the visits' ids."""
        return self.lay().broken

    @property
    def shift(self) -> tuple[Instant, Instant] | None:
        """The working hours; None on a day off or where they are unknown."""
        if self._shift is None:
            self._shift = (shift_on(self.technician, self._day, self._zone),)
        return self._shift[0]

    @property
    def breaks(self) -> tuple[tuple[Instant, Instant], ...]:
        """The breaks of a day on which the technician works."""
        return breaks_on(self.technician, self._day, self._zone) if self.shift is not None else ()

    @property
    def away(self) -> tuple[Absence, ...]:
        """The absences that touch the day."""
        if not self.technician.absences:
            return ()
        start, end = self._zone.day_bounds(self._day)
        return tuple(one for one in self.technician.absences if one.start < end and start < one.end)

    def _does(self) -> tuple[str, Instant | None]:
        if self._doing is None:
            self._doing = self._doing_at(self._now)
        return self._doing

    def _doing_at(self, now: Instant) -> tuple[str, Instant | None]:
        start, end = self._zone.day_bounds(self._day)
        if not start <= now < end:
            return "", None
        return doing(self.technician, self.visits, self.away, self.shift, breaks=self.breaks, now=now)

    @property
    def status_word(self) -> str:
        """What the technician is doing; empty on another day than today."""
        return self._does()[0]

    @property
    def since(self) -> Instant | None:
        """From when on; None where nobody knows."""
        return self._does()[1]

    def at(self, now: Instant) -> Column:
        """The column at another moment; the same object where it says the same."""
        if self._doing is None:
            # Nobody has been told anything: whoever asks is told of the new moment.
            self._now = now
            return self
        does = self._doing_at(now)
        if does == self._doing:
            return self
        later = Column(self.technician, self.given, self._zone, self._day, now, crew=self._crew)
        later._laid, later._doing = self._laid, does
        return later

    @property
    def shift_min(self) -> int | None:
        """Working minutes of the day without breaks; None on a day off or where hours are unknown."""
        shift = self.shift
        if shift is None:
            return None
        start, end = shift
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


class _Broken(NamedTuple):
    """The broken rules of a day by technician, and in how many columns each visit with one stands."""

    by_technician: Layered[str, tuple[tuple[str, Conflict], ...]]
    visits: Layered[str, int]

    def after(self, columns: Mapping[str, Column | None]) -> _Broken:
        """The same with other columns (None: one that is no more) for some technicians."""
        by_technician: dict[str, tuple[tuple[str, Conflict], ...] | None] = {}
        more: dict[str, int] = {}
        for technician_id, column in columns.items():
            before = self.by_technician.get(technician_id, ())
            now = column.broken if column is not None else ()
            if before == now:
                continue
            by_technician[technician_id] = now or None
            for visit_id in {one for one, _ in before}:
                more[visit_id] = more.get(visit_id, 0) - 1
            for visit_id in {one for one, _ in now}:
                more[visit_id] = more.get(visit_id, 0) + 1
        if not by_technician:
            return self
        visits = {one: self.visits.get(one, 0) + by or None for one, by in more.items() if by}
        return _Broken(self.by_technician.changed(by_technician), self.visits.changed(visits))


_NOTHING_BROKEN: Final = _Broken(Layered({}), Layered({}))


@value_class
class DayBoard:
    """A day of all technicians. `start` and `end` are its first instant and that of the next day.

    `index` finds a technician's column, `where` the technicians in whose columns a visit stands. `aside` are
    the visits of the day that stand in none: nobody has them, or they have no time. `found`
    are the conflicts, once somebody has counted them, `basis` those of the board before and the technicians
    whose columns are others since.
    """

    day: date
    start: Instant
    end: Instant
    columns: tuple[Column, ...]
    index: Mapping[str, int]
    where: Mapping[str, tuple[str, ...]]
    aside: frozenset[str] = frozenset()
    found: list[_Broken] = field(default_factory=list, compare=False, repr=False)
    basis: tuple[_Broken, frozenset[str]] | None = field(default=None, compare=False, repr=False)

    @property
    def visits_count(self) -> int:
        """How many visits the day has, those that stand aside too: as many as the calendar says."""
        return len(self.where) + len(self.aside)

    @property
    def counted(self) -> bool:
        """Whether `conflicts` is known without any work."""
        return bool(self.found)

    @property
    def conflicts(self) -> tuple[tuple[str, Conflict], ...]:
        """The broken rules of the whole day, with the visits' ids. Lays out every column, the first time."""
        self.count()
        by = self.found[0].by_technician
        return tuple(chain.from_iterable(by.get(column.technician.id, ()) for column in self.columns))

    @property
    def broken(self) -> int:
        """How many visits break a rule."""
        self.count()
        return len(self.found[0].visits)

    def count(self) -> None:
        """Have `conflicts` known from now on."""
        if not self.found:
            before, stale = self.basis or (_NOTHING_BROKEN, self.index.keys())
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

    def unlaid(self) -> Iterator[Column]:
        """The columns at which nobody has looked, and `count` will."""
        stale = self.basis[1] if self.basis is not None else self.index
        for technician_id in stale:
            column = self.column(technician_id)
            if column is not None and not column.laid:
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
    return Column(technician, tuple(sorted(visits, key=_by_id)), zone, day, now, crew=crew)


def _laid_out(
    technician: Technician, given: Sequence[PlannedVisit], zone: Zone, day: date, crew: Crew | None
) -> _Laid:
    start, end = zone.day_bounds(day)
    ordered = sorted(estimated_times(given, technician, day, zone), key=_by_time)
    booked = 0
    jobs: set[str] = set()
    for visit in ordered:
        if visit.status not in NOT_DONE:
            span = span_of(visit)
            if span is not None:
                booked += max(0, min(span[1], end) - max(span[0], start))
                jobs.add(visit.job_id)
    rows = timed(ordered)
    drives = drives_between(ordered, rows)
    conflicts = check_day(technician, ordered, zone, day, crew, drives=drives, rows=rows)
    blocks = _blocks(ordered, conflicts, drives)
    broken: tuple[tuple[str, Conflict], ...] = ()
    if conflicts:
        broken = tuple((block.visit.id, one) for block in blocks for one in block.conflicts)
    return _Laid(blocks, booked // MINUTE, len(jobs), broken)


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


_by_id: Final = itemgetter(0)


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
