"""How a technician's day goes: who is on the road, at work or done at a given moment.

Each visit carries its fate (travel before it, delay, overrun), so the same day seen at two moments
tells one story, and the world that is built at 10:42 is the one that a live server reaches at 10:42.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldboard.sandbox.records import Visit, VisitStatus

#: Between the van and the first spanner.
AT_THE_DOOR = timedelta(minutes=2)
#: Between being told of a visit and setting out.
NOTICE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Course:
    """The instants at which a visit changes its status."""

    depart: datetime
    arrive: datetime
    begin: datetime
    finish: datetime

    def status_at(self, now: datetime) -> VisitStatus:
        """The status that the clock alone gives the visit."""
        if now >= self.finish:
            return "done"
        if now >= self.begin:
            return "working"
        if now >= self.arrive:
            return "arrived"
        return "travelling" if now >= self.depart else "scheduled"


def courses(visits: Iterable[Visit]) -> list[tuple[Visit, Course]]:
    """The course of each visit of one technician's day, one after the other.

    What really happened already (``departed_at`` and so on) is kept; a visit never begins before the
    one ahead of it is finished. Cancelled and unscheduled visits have no course.
    """
    planned = [
        (visit.start, visit.id, visit)
        for visit in visits
        if visit.start is not None and visit.status != "cancelled"
    ]
    planned.sort(key=lambda entry: entry[:2])
    result: list[tuple[Visit, Course]] = []
    free: datetime | None = None
    for start, _, visit in planned:
        course = _course(visit, start, free)
        result.append((visit, course))
        free = course.finish
    return result


def apply(visit: Visit, course: Course, now: datetime) -> bool:
    """Bring ``visit`` to where its course has it at ``now``; True when its status changed.

    Never goes backwards, leaves pauses and cancellations to their own rules, and stamps the actual
    times of what has happened.
    """
    if visit.status in ("done", "cancelled", "unscheduled", "paused"):
        return False
    status = course.status_at(now)
    order = ("scheduled", "travelling", "arrived", "working", "done")
    if order.index(status) <= order.index(visit.status):
        return False
    reached = order.index(status)
    if reached >= 1 and visit.departed_at is None:
        visit.departed_at = course.depart
    if reached >= 2 and visit.arrived_at is None:
        visit.arrived_at = course.arrive
    if reached >= 3 and visit.started_at is None:
        visit.started_at = course.begin
    if reached >= 4:
        visit.ended_at = course.finish
    visit.status = status
    return True


def _course(visit: Visit, start: datetime, free: datetime | None) -> Course:
    """The course of one visit at ``start`` whose technician is free from ``free`` on."""
    end = visit.end if visit.end is not None and visit.end > start else start + timedelta(hours=1)
    lead = timedelta(minutes=visit.lead_min)
    delay = timedelta(minutes=visit.delay_min)
    depart = visit.departed_at
    if depart is None:
        depart = start + delay - AT_THE_DOOR - lead
        if free is not None:
            depart = max(depart, free)
        if visit.told_at is not None:
            depart = max(depart, visit.told_at + NOTICE)
    arrive = visit.arrived_at or depart + lead
    begin = visit.started_at or arrive + AT_THE_DOOR
    finish = visit.ended_at
    if finish is None:
        over = timedelta(minutes=visit.over_min)
        finish = max(begin + (end - start) + over, begin + timedelta(minutes=10))
    return Course(depart, arrive, begin, finish)
