"""The gaps of a technician's day in which a visit fits, with the drives there and on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fieldboard.board.column import Column
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.status import UNDER_WAY
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.domain.timetable import counts, place_of, span_of
from fieldboard.domain.travel import drive_minutes
from fieldboard.domain.visit import PlannedVisit

STEP_MIN = 5
"""Starts are proposed at whole five minutes."""


class Work(NamedTuple):
    """What is to be fitted in: its length in seconds, and where it is."""

    length: int
    place: LatLng | None


class Busy(NamedTuple):
    """A time that is taken, by a visit or (None) by a break or an absence."""

    start: Instant
    end: Instant
    visit: PlannedVisit | None


class Gap(NamedTuple):
    """Where a visit fits: its start, the stop before it, and the drive from there."""

    start: Instant
    before: PlannedVisit | None
    drive_min: int | None


def taken_of(column: Column, but: PlannedVisit, now: Instant) -> list[Busy]:
    """What fills a day but for one visit, in order: visits, breaks, absences.

    Work under way lasts until now at least.
    """
    rows = [Busy(*span, None) for span in column.breaks]
    rows += [Busy(away.start, away.end, None) for away in column.away]
    for visit in column.estimated:
        if visit.id != but.id and counts(visit) and (span := span_of(visit)) is not None:
            end = max(span[1], now) if visit.status in UNDER_WAY else span[1]
            rows.append(Busy(span[0], end, visit))
    rows.sort(key=_by_time)
    return rows


def _by_time(row: Busy) -> tuple[Instant, Instant]:
    return row.start, row.end


def fit(
    work: Work, technician: Technician, taken: Sequence[Busy], earliest: Instant, latest: Instant
) -> Gap | None:
    """The earliest start from `earliest` to `latest` that leaves room for the work and both drives."""
    if latest < earliest:
        return None
    before: Busy | None = None
    free_from = earliest
    for row in (*taken, None):
        # A gap that is too short for the work alone needs no drive worked out.
        if row is None or row.start - free_from >= work.length:
            stop = before.visit if before is not None else None
            drive = drive_minutes(place_before(technician, stop), work.place)
            begin = free_from
            if before is not None:
                begin = max(begin, before.end + (drive or 0) * MINUTE)
            begin = _round_up(begin)
            if begin > latest:
                return None
            onward = 0
            if row is not None and row.visit is not None:
                onward = (drive_minutes(work.place, place_of(row.visit)) or 0) * MINUTE
            if row is None or begin + work.length + onward <= row.start:
                return Gap(begin, stop, drive)
        if row is not None:
            free_from = max(free_from, row.end)
            if row.visit is not None and (before is None or row.end >= before.end):
                before = row
    return None


def _round_up(instant: Instant) -> Instant:
    step = STEP_MIN * MINUTE
    return -(-instant // step) * step


def place_before(technician: Technician, before: PlannedVisit | None) -> LatLng | None:
    """Where a technician comes from: the visit before, else home."""
    if before is not None:
        return place_of(before)
    return technician.home or technician.position
