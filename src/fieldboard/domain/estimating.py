"""When visits begin that a system keeps in an order only: estimated from the day. Pure.

LetsJobIt's reference has a day, a `serviceOrder`, a theoretical `duration` and the customer's opening hours,
and no planned start. From these a technician's day is laid out one visit after the other, with the drive in
between; every time that comes from here is an estimate and drawn as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Final

from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.domain.travel import drive_minutes
from fieldboard.domain.visit import PlannedVisit

DAY_BEGINS: Final = time(8, 0)
"""When the day of a technician begins whose shift nobody told."""


def in_order(visits: Iterable[PlannedVisit]) -> list[PlannedVisit]:
    """Visits of one day in their order: by place, those without one last, then by number."""
    return sorted(visits, key=lambda one: (one.sequence is None, one.sequence or 0, one.number, one.id))


def estimated_times(
    visits: Iterable[PlannedVisit], technician: Technician, day: date, zone: Zone
) -> list[PlannedVisit]:
    """The visits with an estimated start and end where they have a day and an order only.

    `visits` are those of one technician; others than those by order of `day` come back as they are. What
    has begun or ended keeps the times that were told or seen for it. A visit waits for the promised window
    that it can still meet.
    """
    rows = list(visits)
    ordered = [one for one in rows if one.estimated and one.date == day]
    if not ordered:
        return rows
    ordered = in_order(ordered)
    span = technician.shift.get(day.weekday()) if technician.shift is not None else None
    cursor = zone.nearest(day, span.start if span is not None else DAY_BEGINS)
    place = technician.home
    placed: dict[str, PlannedVisit] = {}
    for visit in ordered:
        where = LatLng(visit.lat, visit.lng) if visit.lat is not None and visit.lng is not None else None
        length = (visit.duration_min or visit._replace(start=None).minutes) * MINUTE
        drive = drive_minutes(place, where) or 0 if placed else 0
        start = visit.actual_start
        if start is None and visit.actual_end is not None:
            start = visit.actual_end - length
        if start is None:
            start = _within(visit.windows, cursor + drive * MINUTE, length)
        end = visit.actual_end if visit.actual_end is not None else start + length
        end = max(end, start + MINUTE)
        placed[visit.id] = visit._replace(start=start, end=end)
        cursor, place = max(cursor, end), where or place
    return [placed.get(one.id, one) for one in rows]


def with_estimates(
    visits: Sequence[PlannedVisit], technicians: Iterable[Technician], zone: Zone
) -> list[PlannedVisit]:
    """The visits of any days and technicians, estimated where they are kept by order.

    `visits` must hold whole days: what is left out takes no time.
    """
    days: dict[tuple[str, date], list[PlannedVisit]] = {}
    for visit in visits:
        if visit.by_order and visit.technician_ids and visit.date is not None:
            days.setdefault((visit.technician_ids[0], visit.date), []).append(visit)
    if not days:
        return list(visits)
    crew = {one.id: one for one in technicians}
    placed: dict[str, PlannedVisit] = {}
    for (technician_id, day), rows in days.items():
        who = crew.get(technician_id) or Technician(id=technician_id, name=technician_id)
        placed.update((one.id, one) for one in estimated_times(rows, who, day, zone))
    return [placed.get(one.id, one) for one in visits]


def _within(windows: Sequence[TimeWindow], earliest: Instant, length: int) -> Instant:
    """The first moment from `earliest` on at which a promise can be met; `earliest` where none can be."""
    fitting = [max(earliest, one.start) for one in windows if max(earliest, one.start) + length <= one.end]
    return min(fitting, default=earliest)
