"""Who could do a visit, when, and why: the ranking that the assign picker shows and `suggest` prints.

Every active technician is in it once. Those who lack a skill, are away or have no room are excluded,
with the fact that excludes them. The others are ranked: nobody whose earliest start breaks a rule (the
promise, the capacity) stands above somebody whose breaks none.

The score starts at 100 and loses what makes a choice worse: a point a minute of driving (at most 30), a
point for each ten minutes of waiting (four for urgent work, at most 30), up to 25 for a full day and up
to 10 for a day near its capacity. It only orders; the reasons say what it is made of. Among those who
miss the promise, whoever misses it by less comes first, by quarters of an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from fieldboard.board.column import Column
from fieldboard.board.gaps import Busy, Gap, Work, fit, place_before, taken_of
from fieldboard.domain.conflicts import (
    Crew,
    Rule,
    absence_conflict,
    check_move,
    missed_min,
    missing_skills,
    name_of,
    over_capacity,
    past_conflict,
    window_conflict,
)
from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.technician import Technician
from fieldboard.domain.timetable import place_of
from fieldboard.domain.travel import drive_minutes
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

LATE_STEP_MIN = 15
"""Offers that miss the promise by about the same are ranked by their score."""

EXCLUDING = frozenset({Rule.OVERLAP, Rule.OUTSIDE_SHIFT, Rule.MISSING_SKILL, Rule.ABSENT})
"""Rules that exclude a technician from a visit at a given time; the others only rank lower."""


class Candidate(NamedTuple):
    """One technician for a visit. `rank` counts from 1; None for those whom `excluded` rules out.

    `start` and `end` are the earliest that fit (or the given time), `broken` the rules that it breaks
    all the same, `drive_min` the estimated drive from the stop before, or from home, `late_min` by how
    much it misses the nearest promise.
    """

    technician: Technician
    rank: int | None
    score: int
    start: Instant | None
    end: Instant | None
    reasons: tuple[str, ...]
    excluded: tuple[str, ...]
    drive_min: int | None
    broken: tuple[str, ...] = ()
    late_min: int = 0


@value_class
class Candidates:
    """The ranking of one visit for one day.

    `fixed` says that its time was given, not found, `estimated` that all times follow from an order.
    """

    visit: PlannedVisit
    day: date
    fixed: bool
    ranked: tuple[Candidate, ...]
    excluded: tuple[Candidate, ...]
    estimated: bool = False

    @property
    def all(self) -> tuple[Candidate, ...]:
        """The ranked, then the others."""
        return self.ranked + self.excluded

    @property
    def best(self) -> Candidate | None:
        """The first of the ranking."""
        return self.ranked[0] if self.ranked else None


class _Ask(NamedTuple):
    """What is asked for everybody: the visit, the work that it is, the day and the moment.

    `sign` stands before a time that is found: `~` for an estimate.
    """

    visit: PlannedVisit
    work: Work
    zone: Zone
    day: date
    now: Instant
    sign: str


def candidates(
    visit: PlannedVisit,
    columns: Sequence[Column],
    zone: Zone,
    day: date,
    now: Instant,
    *,
    start: Instant | None = None,
    estimated: bool = False,
    suggested: tuple[str, tuple[str, ...]] | None = None,
) -> Candidates:
    """Rank the active technicians for a visit on a day.

    With `start`, or where the visit has a time on that day that is not over (and no mere estimate), only
    that time is looked at; else the earliest start that fits each: between their visits with the drives,
    inside their shift, not in a break or absence, inside the promised window where that is possible, not
    before `now`.

    `estimated` says that the system keeps no clock times: what is found would be an estimate. `suggested` is
    the id of the technician whom the system itself would send, and what is said of that: it
    is told with the reasons of that one, and changes no rank.
    """
    ask = _Ask(visit, Work(visit.minutes * MINUTE, place_of(visit)), zone, day, now, "~" if estimated else "")
    # An estimate follows from who has the visit: with somebody else it begins at another time.
    own = visit.start if not visit.estimated else None
    if start is None and own is not None and zone.date_of(own) == day and past_conflict(own, now) is None:
        start = own
    crew = {column.technician.id: column.technician for column in columns}
    rows = [
        _at(ask, column, start, crew) if start is not None else _earliest(ask, column)
        for column in columns
        if column.technician.active
    ]
    if suggested is not None:
        rows = [_told(row, suggested[1]) if row.technician.id == suggested[0] else row for row in rows]
    ranked = sorted((row for row in rows if not row.excluded), key=_order)
    excluded = sorted((row for row in rows if row.excluded), key=lambda row: row.technician.name.casefold())
    return Candidates(
        visit,
        day,
        start is not None,
        tuple(row._replace(rank=rank) for rank, row in enumerate(ranked, 1)),
        tuple(excluded),
        estimated,
    )


def ranking_for(
    desk: Desk, visit: PlannedVisit, start: Instant | None = None, day: date | None = None
) -> Candidates:
    """Who could do the visit: at `start`, or at the earliest on `day`.

    Without either: on the visit's own day, else on the first promised day that is not over, else today;
    never on a day that is over.
    """
    when = day_for(desk, visit, start, day)
    return candidates(
        visit,
        desk.day(when).columns,
        desk.zone,
        when,
        desk.now(),
        start=start,
        estimated=not desk.rules.can(Ability.CLOCK_TIMES),
        suggested=_suggested(desk, visit),
    )


def day_for(desk: Desk, visit: PlannedVisit, start: Instant | None = None, day: date | None = None) -> date:
    """The day on which a visit would be planned."""
    if start is not None:
        return desk.zone.date_of(start)
    if day is not None:
        return day
    today = desk.today()
    if visit.start is not None:
        return max(desk.zone.date_of(visit.start), today)
    if visit.date is not None:
        return max(visit.date, today)
    now = desk.now()
    promised = [desk.zone.date_of(max(one.start, now)) for one in visit.windows if one.end > now]
    return min(promised, default=today)


def _suggested(desk: Desk, visit: PlannedVisit) -> tuple[str, tuple[str, ...]] | None:
    """Whom the system itself would send, by what the last reads have told, and what it says of that."""
    job = desk.store.job(visit.job_id)
    if job is None or job.suggested is None or visit.technician_ids:
        return None
    technician_id, says = job.suggested
    return technician_id, tuple(filter(None, (f"{desk.rules.title} suggests", says)))


def _told(row: Candidate, says: Sequence[str]) -> Candidate:
    """The row with some facts more, right behind the time."""
    return row._replace(reasons=(*row.reasons[:1], *says, *row.reasons[1:]))


def _order(row: Candidate) -> tuple[bool, int, int, int, str, str]:
    name = row.technician.name.casefold()
    return (
        bool(row.broken),
        -(-row.late_min // LATE_STEP_MIN),
        -row.score,
        row.start or 0,
        name,
        row.technician.id,
    )


def _at(ask: _Ask, column: Column, start: Instant, crew: Crew) -> Candidate:
    technician = column.technician
    moved = ask.visit._replace(technician_ids=(technician.id,), start=start, end=start + ask.work.length)
    conflicts = check_move(technician, column.visits, moved, ask.zone, ask.day, crew=crew)
    excluded = tuple(one.says for one in conflicts if one.rule in EXCLUDING)
    if excluded:
        return Candidate(technician, None, 0, None, None, (), excluded, None)
    before: Busy | None = None
    for row in taken_of(column, ask.visit, ask.now):
        if row.visit is not None and row.end <= start and (before is None or row.end >= before.end):
            before = row
    stop = before.visit if before is not None else None
    gap = Gap(start, stop, drive_minutes(place_before(technician, stop), ask.work.place))
    over = past_conflict(start, ask.now)
    broken = conflicts if over is None else (over, *conflicts)
    return _ranked(ask, column, gap, start, tuple(one.says for one in broken))


def _earliest(ask: _Ask, column: Column) -> Candidate:
    technician, visit, zone = column.technician, ask.visit, ask.zone
    lacking = missing_skills(technician, visit)
    if lacking:
        return _excluded(technician, f"lacks {', '.join(lacking)}")
    if technician.off_on(ask.day):
        return _excluded(technician, f"{ask.day:%A} is a day off")
    day_start, day_end = zone.day_bounds(ask.day)
    if ask.now >= day_end:
        return _excluded(technician, "the day is over")
    open_from, open_to = column.shift if column.shift is not None else (day_start, day_end)
    earliest = max(open_from, ask.now)
    if open_to <= earliest:
        return _excluded(technician, f"the shift ended at {zone.clock_text(open_to)}")
    taken = taken_of(column, ask.visit, ask.now)
    gap: Gap | None = None
    for window in sorted(visit.windows):
        arrival = ask.work.length > window.end - window.start
        latest = window.end if arrival else window.end - ask.work.length
        begin_by = min(latest, open_to - ask.work.length)
        gap = fit(ask.work, technician, taken, max(earliest, window.start), begin_by)
        if gap is not None:
            break
    if gap is None:
        gap = fit(ask.work, technician, taken, earliest, open_to - ask.work.length)
    if gap is None:
        return _excluded(technician, _why_no_room(ask, column, earliest, open_to))
    broken: list[str] = []
    promise = window_conflict(visit, gap.start, gap.start + ask.work.length, zone)
    if promise is not None:
        broken.append(promise.says)
    jobs = column.jobs + (0 if any(one.job_id == visit.job_id for one in column.given) else 1)
    if technician.capacity is not None and jobs > technician.capacity:
        broken.append(over_capacity(jobs, technician.capacity).says)
    return _ranked(ask, column, gap, earliest, tuple(broken))


def _ranked(ask: _Ask, column: Column, gap: Gap, earliest: Instant, broken: tuple[str, ...]) -> Candidate:
    technician, visit, end = column.technician, ask.visit, gap.start + ask.work.length
    reasons = [f"{ask.sign}{ask.zone.clock_text(gap.start)}–{ask.zone.clock_text(end)}"]
    if visit.skills:
        reasons.append(f"has {', '.join(visit.skills)}" if technician.skills_known else "skills not known")
    if gap.drive_min is not None:
        reasons.append(f"drive {gap.drive_min} min from {name_of(gap.before) if gap.before else 'home'}")
    if visit.windows and window_conflict(visit, gap.start, end, ask.zone) is None:
        reasons.append("inside the promised window")
    load = column.load
    if load is not None:
        reasons.append(f"{round(load * 100)}% booked")
    if technician.capacity is not None:
        reasons.append(f"{column.jobs} of {technician.capacity} jobs")
    waiting = max(0, gap.start - earliest) // MINUTE
    score = 100 - min(30, gap.drive_min or 0)
    score -= min(30, waiting * (4 if visit.priority is Priority.URGENT else 1) // 10)
    score -= round(25 * min(1.0, load)) if load is not None else 10
    if technician.capacity:
        score -= round(10 * min(1.0, column.jobs / technician.capacity))
    return Candidate(
        technician,
        None,
        max(0, score),
        gap.start,
        end,
        tuple(reasons),
        (),
        gap.drive_min,
        broken,
        missed_min(visit, gap.start, end),
    )


def _excluded(technician: Technician, fact: str) -> Candidate:
    return Candidate(technician, None, 0, None, None, (), (fact,), None)


def _why_no_room(ask: _Ask, column: Column, earliest: Instant, open_to: Instant) -> str:
    zone, minutes = ask.zone, ask.work.length // MINUTE
    away = absence_conflict(column.technician, earliest, open_to, zone, ask.day)
    if away is not None:
        return away.says
    if open_to - earliest < ask.work.length:
        return f"the shift ends at {zone.clock_text(open_to)}, too soon for {minutes} min"
    return f"no {minutes} min free between {zone.clock_text(earliest)} and {zone.clock_text(open_to)}"
