"""Visits: one planned presence of a technician or crew for a job."""

from __future__ import annotations

from datetime import date

from fieldboard.domain.instants import Instant
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.value_class import value_class


@value_class
class Visit:
    """A visit as the system keeps it.

    `date` without `start` is a day without a clock time; `sequence` is its place in that day. `estimated`
    with a `date` says that the system keeps no clock time: what stands as `start` was estimated from the
    order of the day (`domain.estimating`).
    `made_up` marks a visit that stands for a job which has none: its id is the job's.
    """

    id: str
    job_id: str
    technician_ids: tuple[str, ...] = ()
    start: Instant | None = None
    end: Instant | None = None
    date: date | None = None
    sequence: int | None = None
    estimated: bool = False
    status: Status = Status.UNKNOWN
    raw_status: str = ""
    actual_start: Instant | None = None
    actual_end: Instant | None = None
    made_up: bool = False
    created_at: Instant | None = None


class PlannedVisit(NamedTuple):
    """A visit with what planning and drawing need of its job: one row of a day or of the queue.

    A tuple, because a day has thousands and a queue has a hundred thousand of them.
    `observed` says that the actual times were seen between two rounds, not told by the system.
    `mark` is the state of an edit of ours that is not settled ('' for none): queued, sending,
    uncertain, acked, rejected, conflict, gone, superseded, duplicate or ask.
    `nth` of `of` counts the visits of the job by time.
    """

    id: str
    job_id: str
    technician_ids: tuple[str, ...]
    start: Instant | None
    end: Instant | None
    date: date | None
    sequence: int | None
    estimated: bool
    status: Status
    raw_status: str
    actual_start: Instant | None
    actual_end: Instant | None
    observed: bool
    made_up: bool
    number: str
    title: str
    customer: str
    address: str
    priority: Priority | None
    duration_min: int | None
    windows: tuple[TimeWindow, ...]
    skills: tuple[str, ...]
    lat: float | None
    lng: float | None
    territory: str | None
    job_status: Status
    created_at: Instant | None
    nth: int
    of: int
    mark: str

    @property
    def queued(self) -> bool:
        """Whether it waits in the queue: it and its job still open, and without a technician or a time.

        What nobody has waits for somebody however far it is: it is in no column.
        """
        if self.status in ENDED or self.job_status in ENDED:
            return False
        return not self.technician_ids or (self.status in _QUEUE and self.start is None and not self.by_order)

    @property
    def by_order(self) -> bool:
        """Whether it has a day without a clock time of its own: any start it has follows from the order."""
        return self.estimated and self.date is not None

    @property
    def minutes(self) -> int:
        """Planned length in minutes: by its times, else by the job's duration, else an hour."""
        if self.start is not None and self.end is not None:
            return max(0, (self.end - self.start) // 60)
        return self.duration_min or ASSUMED_MINUTES


def touches(visit: PlannedVisit, day: date, low: Instant, high: Instant) -> bool:
    """Whether it is a visit of a local day, which lasts from `low` to before `high`: by its times or date.

    Who has it does not matter: a day is as busy as what is planned on it.
    """
    if visit.start is None:
        return visit.date == day
    return low <= visit.start < high or (visit.start < low and visit.end is not None and visit.end > low)


ASSUMED_MINUTES = 60
"""How long a visit is taken to last where nobody says."""

_QUEUE = frozenset({Status.DRAFT, Status.UNASSIGNED, Status.ASSIGNED, Status.ON_HOLD, Status.UNKNOWN})
