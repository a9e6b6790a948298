"""What a technician does at a moment, and how a visit lags behind its plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.technician import Absence, Technician
from fieldboard.domain.timetable import counts
from fieldboard.domain.visit import PlannedVisit

LATE_AFTER_MIN = 5
"""Minutes after the planned start from which a visit that has not begun is late."""

ON_JOB, TRAVELLING, FREE, BREAK, OFF, ABSENT, DONE = (
    "on job",
    "travelling",
    "free",
    "break",
    "off",
    "absent",
    "done",
)
"""The words for what a technician is doing, where the system sends none."""

_WORKING = frozenset({Status.IN_PROGRESS, Status.ON_SITE, Status.ON_HOLD})
_WAITING = frozenset({Status.ASSIGNED, Status.UNASSIGNED, Status.EN_ROUTE})


class Late(NamedTuple):
    """How a visit lags behind its plan: `minutes` since it should have begun, or should have ended."""

    over: bool
    minutes: int


def lateness(visit: PlannedVisit, now: Instant) -> Late | None:
    """How the visit lags behind its plan at `now`; None where it does not, or nobody gave a time."""
    if visit.status in _WAITING:
        if visit.start is None or visit.estimated or visit.actual_start is not None:
            return None
        minutes = (now - visit.start) // MINUTE
        return Late(False, minutes) if minutes > LATE_AFTER_MIN else None
    if visit.status in _WORKING and visit.end is not None and not visit.estimated:
        minutes = (now - visit.end) // MINUTE
        return Late(True, minutes) if minutes > 0 else None
    return None


def doing(
    technician: Technician,
    visits: Iterable[PlannedVisit],
    away: Sequence[Absence],
    shift: tuple[Instant, Instant] | None,
    *,
    breaks: Sequence[tuple[Instant, Instant]],
    now: Instant,
) -> tuple[str, Instant | None]:
    """The word for what a technician does at `now`, and since when, as far as that is known.

    The system's own word where it sends one, else what the visits of the day tell.
    """
    if technician.status:
        return technician.status.replace("_", " "), technician.since
    last_end: Instant | None = None
    travelling: PlannedVisit | None = None
    to_come = False
    any_visit = False
    for visit in visits:
        any_visit = True
        if visit.status in _WORKING:
            return ON_JOB, visit.actual_start if visit.actual_start is not None else visit.start
        if visit.status is Status.EN_ROUTE:
            travelling = travelling or visit
        elif visit.status in ENDED:
            ended = visit.actual_end
            if ended is not None and ended <= now and (last_end is None or ended > last_end):
                last_end = ended
        elif counts(visit):
            to_come = True
    if travelling is not None:
        return TRAVELLING, travelling.actual_start
    for absence in away:
        if absence.start <= now < absence.end:
            return ABSENT, absence.start
    if shift is None:
        return (OFF, None) if technician.shift is not None else (FREE, last_end)
    for start, end in breaks:
        if start <= now < end:
            return BREAK, start
    if now < shift[0]:
        return OFF, None
    if now >= shift[1]:
        return (FREE, last_end) if to_come else (OFF, shift[1])
    if any_visit and not to_come and now >= shift[1] - 30 * MINUTE:
        return DONE, last_end
    return FREE, last_end if last_end is not None else shift[0]
