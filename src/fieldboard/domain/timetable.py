"""Where and when: the time that visits, shifts and breaks take of a day, and the drives between."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.status import ENDED, NOT_DONE
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from fieldboard.domain.travel import minutes_between
from fieldboard.domain.visit import PlannedVisit

Timed = tuple[Instant, Instant, PlannedVisit]
"""A visit and the time that it takes."""


def place_of(visit: PlannedVisit) -> LatLng | None:
    """Where the visit is, as far as the system knows."""
    if visit.lat is None or visit.lng is None:
        return None
    return LatLng(visit.lat, visit.lng)


def span_of(visit: PlannedVisit) -> tuple[Instant, Instant] | None:
    """The time that a visit takes: as it was where it is over, else as planned; None without a time."""
    if visit.status in ENDED and visit.actual_start is not None and visit.actual_end is not None:
        return visit.actual_start, max(visit.actual_start, visit.actual_end)
    if visit.start is None:
        return None
    end = visit.end if visit.end is not None and visit.end > visit.start else None
    return visit.start, end if end is not None else visit.start + visit.minutes * MINUTE


def counts(visit: PlannedVisit) -> bool:
    """Whether the visit takes time of the day: it has a time and did not end without the work."""
    return visit.status not in NOT_DONE and (visit.start is not None or visit.actual_start is not None)


@lru_cache(maxsize=4096)
def _span_on(span: WallSpan, day: date, zone: Zone) -> tuple[Instant, Instant]:
    return span.on(day, zone)


def shift_on(technician: Technician, day: date, zone: Zone) -> tuple[Instant, Instant] | None:
    """Like `Technician.shift_on`, remembered: companies have few different shifts."""
    span = technician.shift.get(day.weekday()) if technician.shift is not None else None
    return _span_on(span, day, zone) if span is not None else None


def breaks_on(technician: Technician, day: date, zone: Zone) -> tuple[tuple[Instant, Instant], ...]:
    """The breaks of a day on which the technician works, in order of time."""
    if not technician.breaks:
        return ()
    return tuple(sorted(_span_on(span, day, zone) for span in technician.breaks))


def timed(visits: Iterable[PlannedVisit]) -> list[Timed]:
    """The visits that take time, each with its span, in order of time."""
    rows: list[Timed] = []
    for visit in visits:
        if visit.status not in NOT_DONE:
            span = span_of(visit)
            if span is not None:
                rows.append((span[0], span[1], visit))
    rows.sort(key=_by_time)
    return rows


def _by_time(row: tuple[Instant, Instant, PlannedVisit]) -> tuple[Instant, Instant, str]:
    return row[0], row[1], row[2].id


def drives_between(rows: Iterable[Timed]) -> dict[str, int]:
    """The estimated minutes of each drive from the visit before, by the visit to which it leads.

    `rows` are those of `timed`. The first of the day, a visit that overlaps the one before, and one where a
    place is unknown are not in it.
    """
    found: dict[str, int] = {}
    before: PlannedVisit | None = None
    free_from = 0
    for start, end, visit in rows:
        if before is not None and free_from <= start:
            lat, lng, lat_before, lng_before = visit.lat, visit.lng, before.lat, before.lng
            if lat is not None and lng is not None and lat_before is not None and lng_before is not None:
                found[visit.id] = minutes_between(lat_before, lng_before, lat, lng)
        if before is None or end > free_from:
            before, free_from = visit, end
    return found
