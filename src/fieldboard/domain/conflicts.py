"""The rules of planning, and the sentences that say which of them a visit breaks.

A visit that ended without the work (cancelled, skipped …) takes no time and breaks nothing. A finished
visit still takes its time, but only what can still be changed is held against a plan: rules are checked
for visits that have not ended, and two visits overlap only where at least one of them has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.status import ENDED
from fieldboard.domain.technician import Technician
from fieldboard.domain.timetable import Timed, counts, drives_between, place_of, shift_on, span_of, timed
from fieldboard.domain.travel import drive_minutes
from fieldboard.domain.visit import PlannedVisit


class Rule(StrEnum):
    """What a plan should keep to."""

    OVERLAP = "overlap"
    OUTSIDE_SHIFT = "outside_shift"
    MISSING_SKILL = "missing_skill"
    OUTSIDE_WINDOW = "outside_window"
    OVER_CAPACITY = "over_capacity"
    NO_TRAVEL = "no_travel"
    ABSENT = "absent"
    IN_PAST = "in_past"


class Conflict(NamedTuple):
    """One broken rule of one visit.

    `says` names the other job, the skill or the limit. `hard` is False where the rule rests on an
    estimate (the drive). `other` is the id of the other visit, where there is one.
    """

    rule: Rule
    hard: bool
    says: str
    other: str | None = None


Conflicts = Mapping[str, tuple[Conflict, ...]]
"""The broken rules of a day, by visit id; a visit that breaks none is missing."""

Crew = Mapping[str, Technician]
"""Technicians by id: a skill that another of the crew has is not missing."""

PAST_GRACE_MIN = 15
"""A start so many minutes ago is still "now": the technician is just beginning."""

_HUMAN = {2: "nd", 3: "rd", 1: "st"}


def name_of(visit: PlannedVisit) -> str:
    """How a sentence names a visit: its number, else its title, else its id."""
    return visit.number or visit.title or visit.id


def check_day(
    technician: Technician,
    visits: Sequence[PlannedVisit],
    zone: Zone,
    day: date,
    crew: Crew | None = None,
    *,
    drives: Mapping[str, int] | None = None,
    rows: Sequence[Timed] | None = None,
) -> dict[str, tuple[Conflict, ...]]:
    """The broken rules of one technician's day, by visit id.

    O(n log n) in the visits, and one step more for each pair that overlaps. `drives` are those of
    `drives_between` and `rows` those of `timed`, where they are known already.
    """
    found: dict[str, list[Conflict]] = {}
    rows = timed(visits) if rows is None else rows
    if drives is None:
        drives = drives_between(rows)
    shift, capacity = shift_on(technician, day, zone), technician.capacity
    running: list[Timed] = []
    jobs: set[str] = set()
    day_start, day_end = zone.day_bounds(day)
    latest: PlannedVisit | None = None
    free_from = 0
    for row in rows:
        start, end, visit = row
        ended = visit.status in ENDED
        if free_from <= start:
            running = []
        elif running:
            running = [one for one in running if one[1] > start]
            for other in running:
                if not (ended and other[2].status in ENDED):
                    found.setdefault(visit.id, []).append(_overlap(other, zone, day))
                    found.setdefault(other[2].id, []).append(_overlap(row, zone, day))
        running.append(row)
        if day_start <= start < day_end:
            jobs.add(visit.job_id)
        if not ended:
            broken = _alone(technician, visit, start, end, zone=zone, day=day, shift=shift, crew=crew)
            if capacity is not None and len(jobs) > capacity and start >= day_start:
                broken.append(over_capacity(len(jobs), capacity))
            if latest is not None and free_from <= start:
                drive = drives.get(visit.id)
                if drive is not None and start - free_from < drive * MINUTE:
                    broken.append(_no_travel("from", latest, (start - free_from) // MINUTE, drive))
            if broken:
                found.setdefault(visit.id, []).extend(broken)
        if latest is None or end > free_from:
            latest, free_from = visit, end
    return {visit_id: tuple(broken) for visit_id, broken in found.items()}


def check_move(
    technician: Technician,
    others: Iterable[PlannedVisit],
    visit: PlannedVisit,
    zone: Zone,
    day: date,
    *,
    crew: Crew | None = None,
) -> tuple[Conflict, ...]:
    """What `visit`, as it would be after the move, breaks beside the technician's other visits.

    Both drives are looked at, from the visit before and to the one after. `others` may hold the
    visit as it was: it is left out.
    """
    span = span_of(visit)
    if span is None:
        lacking = missing_skills(technician, visit, crew)
        return (_lacks(lacking),) if lacking else ()
    start, end = span
    broken: list[Conflict] = []
    before: tuple[Instant, Instant, PlannedVisit] | None = None
    after: tuple[Instant, Instant, PlannedVisit] | None = None
    jobs: set[str] = set()
    day_start, day_end = zone.day_bounds(day)
    for other in others:
        if other.id == visit.id or not counts(other) or (taken := span_of(other)) is None:
            continue
        row = (*taken, other)
        if day_start <= taken[0] < day_end:
            jobs.add(other.job_id)
        if taken[0] < end and start < taken[1]:
            broken.append(_overlap(row, zone, day))
        elif taken[1] <= start:
            before = row if before is None or taken[1] > before[1] else before
        elif after is None or taken[0] < after[0]:
            after = row
    shift = shift_on(technician, day, zone)
    broken.extend(_alone(technician, visit, start, end, zone=zone, day=day, shift=shift, crew=crew))
    jobs.add(visit.job_id)
    if technician.capacity is not None and len(jobs) > technician.capacity:
        broken.append(over_capacity(len(jobs), technician.capacity))
    here = place_of(visit)
    if before is not None:
        drive = drive_minutes(place_of(before[2]), here)
        if drive is not None and start - before[1] < drive * MINUTE:
            broken.append(_no_travel("from", before[2], (start - before[1]) // MINUTE, drive))
    if after is not None:
        drive = drive_minutes(here, place_of(after[2]))
        if drive is not None and after[0] - end < drive * MINUTE:
            broken.append(_no_travel("to", after[2], (after[0] - end) // MINUTE, drive))
    return tuple(broken)


def window_conflict(visit: PlannedVisit, start: Instant, end: Instant, zone: Zone) -> Conflict | None:
    """Whether a visit at this time keeps one of the promises made to the customer.

    A window that is shorter than the visit promises the arrival, a longer one the whole visit.
    """
    missed = _missed(visit, start, end)
    if missed is None:
        return None
    says = f"{missed.verb} {_minutes(missed.by)} {missed.side} the promised {_when(missed.edge, start, zone)}"
    return Conflict(Rule.OUTSIDE_WINDOW, True, says)


def missed_min(visit: PlannedVisit, start: Instant, end: Instant) -> int:
    """By how many minutes a visit at this time misses the nearest promise; 0 where it keeps one."""
    missed = _missed(visit, start, end)
    return -(-missed.by // MINUTE) if missed is not None else 0


class _Missed(NamedTuple):
    by: int
    verb: str
    side: str
    edge: Instant


def _missed(visit: PlannedVisit, start: Instant, end: Instant) -> _Missed | None:
    best: _Missed | None = None
    for window in visit.windows:
        arrival = end - start > window.end - window.start
        if start < window.start:
            missed = _Missed(window.start - start, "starts", "before", window.start)
        elif arrival and start > window.end:
            missed = _Missed(start - window.end, "starts", "after", window.end)
        elif not arrival and end > window.end:
            missed = _Missed(end - window.end, "ends", "after", window.end)
        else:
            return None
        if best is None or missed.by < best.by:
            best = missed
    return best


def past_conflict(start: Instant, now: Instant) -> Conflict | None:
    """Whether a time that is to be given to somebody is over already."""
    if now - start <= PAST_GRACE_MIN * MINUTE:
        return None
    return Conflict(Rule.IN_PAST, True, f"starts in the past, {_minutes(now - start)} ago")


def missing_skills(technician: Technician, visit: PlannedVisit, crew: Crew | None = None) -> tuple[str, ...]:
    """The skills that the visit needs and that neither the technician nor the rest of its crew has.

    Empty where nobody speaks of the technician's skills.
    """
    if not visit.skills or not technician.skills_known:
        return ()
    lacking = _lacking(visit.skills, technician.skills)
    if not lacking or crew is None or visit.technician_ids == (technician.id,):
        return lacking
    mates = [crew.get(one) for one in visit.technician_ids if one != technician.id]
    has = tuple(skill for mate in mates if mate is not None for skill in mate.skills)
    return _lacking(lacking, has)


@lru_cache(maxsize=4096)
def _lacking(needed: tuple[str, ...], has: tuple[str, ...]) -> tuple[str, ...]:
    """The skills that are needed and not there; companies have few different sets of them."""
    known = {skill.casefold() for skill in has}
    return tuple(skill for skill in needed if skill.casefold() not in known)


def absence_conflict(
    technician: Technician, start: Instant, end: Instant, zone: Zone, day: date
) -> Conflict | None:
    """Whether the technician is away for a part of the time."""
    for away in technician.absences:
        if away.start < end and start < away.end:
            says = f"{technician.name} is away{_until(away.end, zone, day)} ({away.kind})"
            return Conflict(Rule.ABSENT, True, says)
    return None


def shift_conflict(
    technician: Technician, start: Instant, end: Instant, zone: Zone, day: date
) -> Conflict | None:
    """Whether the time lies inside the working hours; None also where these are unknown."""
    return _shift(technician, (start, end), zone, day, shift_on(technician, day, zone))


def _alone(
    technician: Technician,
    visit: PlannedVisit,
    start: Instant,
    end: Instant,
    *,
    zone: Zone,
    day: date,
    shift: tuple[Instant, Instant] | None,
    crew: Crew | None,
) -> list[Conflict]:
    broken: list[Conflict] = []
    if technician.absences and (away := absence_conflict(technician, start, end, zone, day)) is not None:
        broken.append(away)
    if (
        technician.shift is not None
        and (shift is None or start < shift[0] or end > shift[1])
        and (outside := _shift(technician, (start, end), zone, day, shift)) is not None
    ):
        broken.append(outside)
    if visit.skills and (lacking := missing_skills(technician, visit, crew)):
        broken.append(_lacks(lacking))
    if visit.windows and (promise := window_conflict(visit, start, end, zone)) is not None:
        broken.append(promise)
    return broken


@lru_cache(maxsize=4096)
def _lacks(skills: tuple[str, ...]) -> Conflict:
    return Conflict(Rule.MISSING_SKILL, True, f"lacks {', '.join(skills)}")


def _shift(
    technician: Technician,
    span: tuple[Instant, Instant],
    zone: Zone,
    day: date,
    shift: tuple[Instant, Instant] | None,
) -> Conflict | None:
    if technician.shift is None:
        return None
    start, end = span
    spans = [shift] if shift is not None else []
    # A night shift of the day before, and a visit of several days that ends in another day's shift.
    first, last = zone.date_of(start), zone.date_of(max(start, end - 1))
    for other in {first - timedelta(days=1), first, last - timedelta(days=1), last} - {day}:
        hours = shift_on(technician, other, zone)
        if hours is not None:
            spans.append(hours)
    begins = any(from_ <= start < to for from_, to in spans)
    finishes = any(from_ < end <= to for from_, to in spans)
    if begins and finishes:
        return None
    if shift is None:
        if any(from_ <= start and end <= to for from_, to in spans):
            return None
        return Conflict(Rule.OUTSIDE_SHIFT, True, f"outside the shift: {day:%A} is a day off")
    told = f"{zone.clock_text(shift[0])}–{zone.clock_text(shift[1])}"
    return Conflict(Rule.OUTSIDE_SHIFT, True, f"outside the shift {told}")


def _overlap(row: tuple[Instant, Instant, PlannedVisit], zone: Zone, day: date) -> Conflict:
    start, end, other = row
    anchor = zone.day_bounds(day)[0]
    title = f" {other.title}" if other.number and other.title else ""
    says = f"overlaps {name_of(other)}{title} ({_when(start, anchor, zone)}–{_when(end, anchor, zone)})"
    return Conflict(Rule.OVERLAP, True, says, other.id)


def over_capacity(jobs: int, capacity: int) -> Conflict:
    """One job more than the technician takes in a day."""
    return Conflict(Rule.OVER_CAPACITY, True, f"{_nth(jobs)} of {capacity} jobs")


def _no_travel(direction: str, other: PlannedVisit, gap_min: int, drive_min: int) -> Conflict:
    says = f"{gap_min} min for the {drive_min} min drive {direction} {name_of(other)}"
    return Conflict(Rule.NO_TRAVEL, False, says, other.id)


def _nth(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else _HUMAN.get(number % 10, "th")
    return f"{number}{ending}"


def _minutes(seconds: int) -> str:
    minutes = max(1, seconds // MINUTE)
    if minutes < 180:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"


def _until(end: Instant, zone: Zone, day: date) -> str:
    """Until when somebody is away: a time, or where it ends at midnight the last day; '' for just `day`."""
    last = zone.date_of(end - 1)
    if end != zone.day_bounds(last)[1]:
        return f" until {_when(end, zone.day_bounds(day)[0], zone)}"
    return f" through {last:%a} {last.day} {last:%b}" if last > day else ""


def _when(instant: Instant, anchor: Instant, zone: Zone) -> str:
    """The time of day; with the date where it is not the anchor's day."""
    if zone.date_of(instant) == zone.date_of(anchor):
        return zone.clock_text(instant)
    local = zone.local(instant)
    return f"{local:%H:%M} on {local:%a} {local.day} {local:%b}"
