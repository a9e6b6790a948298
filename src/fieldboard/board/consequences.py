"""What a move would lead to: the rules that it breaks and the facts that speak for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldboard.domain.conflicts import (
    Conflict,
    check_move,
    missing_skills,
    name_of,
    past_conflict,
    shift_conflict,
    window_conflict,
)
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.status import UNDER_WAY
from fieldboard.domain.timetable import counts, place_of, span_of
from fieldboard.domain.travel import drive_minutes
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


def warnings_of(
    desk: Desk,
    moved: PlannedVisit,
    technician_ids: Sequence[str] | None = None,
    *,
    among: Sequence[PlannedVisit] = (),
) -> tuple[Conflict, ...]:
    """The rules that a visit, as it would be, breaks for its technicians (or for those named).

    `among` are the visits that move in the same act, as they would be: they count there, and no longer
    where they are.
    """
    crew = desk.people.by_id()
    moving = {visit.id for visit in among}
    found: list[Conflict] = []
    for technician_id in moved.technician_ids if technician_ids is None else technician_ids:
        technician = crew.get(technician_id)
        if technician is None:
            continue
        if moved.start is None:
            found += check_move(technician, (), moved, desk.zone, desk.today(), crew=crew)
        else:
            day = desk.zone.date_of(moved.start)
            others = desk.visits_of(technician_id, day)
            over = past_conflict(moved.start, desk.now())
            if over is not None and not _stays(moved, others):
                found.append(over)
            if among:
                others = [visit for visit in others if visit.id not in moving]
                others += [visit for visit in among if technician_id in visit.technician_ids]
            found += check_move(technician, others, moved, desk.zone, day, crew=crew)
    return tuple(dict.fromkeys(found))


def _stays(moved: PlannedVisit, visits: Sequence[PlannedVisit]) -> bool:
    """Whether the visit has begun, or begins when it did among what this technician had."""
    return moved.status in UNDER_WAY or any(one.id == moved.id and one.start == moved.start for one in visits)


def facts_of(desk: Desk, moved: PlannedVisit, technician_id: str) -> tuple[str, ...]:
    """What is good to know of the move beside broken rules: the drive, skills, shift and promise kept."""
    technician = desk.people.technician(technician_id)
    if technician is None:
        return ()
    skills: tuple[str, ...] = ()
    if (
        moved.skills
        and technician.skills_known
        and not missing_skills(technician, moved, desk.people.by_id())
    ):
        skills = (f"has {', '.join(moved.skills)}",)
    if moved.start is None:
        return skills
    start, day = moved.start, desk.zone.date_of(moved.start)
    end = moved.end if moved.end is not None else start + moved.minutes * MINUTE
    facts: list[str] = []
    before = _stop_before(desk.visits_of(technician_id, day), moved, start)
    origin = place_of(before) if before is not None else technician.home or technician.position
    drive = drive_minutes(origin, place_of(moved))
    if drive is not None:
        facts.append(f"drive {drive} min from {name_of(before) if before is not None else 'home'}")
    facts += skills
    if technician.shift is not None and shift_conflict(technician, start, end, desk.zone, day) is None:
        facts.append("inside the shift")
    if moved.windows and window_conflict(moved, start, end, desk.zone) is None:
        facts.append("inside the promised window")
    return tuple(facts)


def _stop_before(visits: Sequence[PlannedVisit], moved: PlannedVisit, start: Instant) -> PlannedVisit | None:
    best: tuple[Instant, PlannedVisit] | None = None
    for other in visits:
        span = span_of(other)
        if (
            other.id != moved.id
            and counts(other)
            and span is not None
            and span[1] <= start
            and (best is None or span[1] >= best[0])
        ):
            best = span[1], other
    return best[1] if best is not None else None
