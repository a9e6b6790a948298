"""One technician's day: what is planned in it, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Final

from fieldboard.board.doing import doing
from fieldboard.domain.conflicts import Conflict, Crew, check_day
from fieldboard.domain.estimating import estimated_times
from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.technician import Absence, Technician
from fieldboard.domain.timetable import breaks_on, drives_between, shift_on, timed
from fieldboard.domain.visit import PlannedVisit


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


class Sums(NamedTuple):
    """What a day comes to: its booked minutes, its jobs, and the visits that break a rule, by time."""

    booked_min: int
    jobs: int
    broken: tuple[str, ...]


_NOTHING: Final = Sums(0, 0, ())


class Column:
    """One technician's day: a value, of which most is worked out when it is first asked for.

    A day has a thousand columns and a screen has room for ten: where the visits lie is worked out for those
    that are drawn, and only `sums` for all of them. `given` are the visits as they were read, by id.
    `status_word` says what the technician is doing at the column's moment.
    """

    __slots__ = (
        "_blocks",
        "_crew",
        "_day",
        "_doing",
        "_now",
        "_shift",
        "_sums",
        "_zone",
        "given",
        "technician",
    )

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
        self._blocks: tuple[Block, ...] | None = None if given else ()
        self._sums: Sums | None = None if given else _NOTHING
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
        """Whether it is worked out where its visits lie."""
        return self._blocks is not None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The visits in order of time, each with its lane."""
        if self._blocks is None:
            checked = self._checked()
            self._sums = checked.sums
            self._blocks = _blocks(self.visits, checked.conflicts, checked.drives)
        return self._blocks

    @property
    def summed(self) -> bool:
        """Whether `sums` is known without any work."""
        return self._sums is not None

    def sum_up(self) -> Sums:
        """Have `sums` known: less work than `blocks`, and next to nothing of it stays in memory."""
        if self._sums is None:
            self._sums = self._checked().sums
        return self._sums

    @property
    def sums(self) -> Sums:
        """What the day comes to."""
        return self.sum_up()

    def _checked(self) -> _Checked:
        return _checked(self.technician, self.given, self._zone, self._day, self._crew)

    @property
    def booked_min(self) -> int:
        """The minutes of this day that visits take."""
        return self.sums.booked_min

    @property
    def jobs(self) -> int:
        """How many jobs these visits are for."""
        return self.sums.jobs

    @property
    def broken(self) -> tuple[str, ...]:
        """The visits that break a rule, in order of time."""
        return self.sums.broken

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
        later._blocks, later._sums, later._doing = self._blocks, self._sums, does
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
        if self._blocks is not None:
            return tuple([block.visit for block in self._blocks])
        return tuple(sorted(self.estimated, key=_by_time))

    @property
    def estimated(self) -> Sequence[PlannedVisit]:
        """The visits by id, with an estimate where they have no time of their own."""
        return estimated_times(self.given, self.technician, self._day, self._zone)


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


class _Checked(NamedTuple):
    sums: Sums
    conflicts: Mapping[str, tuple[Conflict, ...]]
    drives: Mapping[str, int]


def _checked(
    technician: Technician, given: Sequence[PlannedVisit], zone: Zone, day: date, crew: Crew | None
) -> _Checked:
    rows = timed(estimated_times(given, technician, day, zone))
    drives = drives_between(rows)
    conflicts = check_day(technician, given, zone, day, crew, drives=drives, rows=rows)
    low, high = zone.day_bounds(day)
    booked = 0
    for start, end, _ in rows:
        booked += end - start if low <= start and end <= high else max(0, min(end, high) - max(start, low))
    jobs = len({row[2].job_id for row in rows})
    broken = tuple([row[2].id for row in rows if row[2].id in conflicts]) if conflicts else ()
    return _Checked(Sums(booked // MINUTE, jobs, broken), conflicts, drives)


_by_id: Final = itemgetter(0)


def _by_time(visit: PlannedVisit) -> tuple[Instant, Instant, str]:
    start = visit.start if visit.start is not None else visit.actual_start or 0
    return start, -(visit.end or start), visit.id


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
