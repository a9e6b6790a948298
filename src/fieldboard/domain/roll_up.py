"""How a job and its visits tell of each other: status, crew and times of a job, the numbers of its visits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.status import ENDED, OPEN, Status, open_status
from fieldboard.domain.visit import PlannedVisit, Visit

NO_PROMISE = 1 << 40
"""Stands for the promise of a job without one: later than all others."""


class Planned(Protocol):
    """What rolling up needs of a visit."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def technician_ids(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def start(self) -> Instant | None: ...  # noqa: D102
    @property
    def end(self) -> Instant | None: ...  # noqa: D102
    @property
    def date(self) -> date | None: ...  # noqa: D102
    @property
    def sequence(self) -> int | None: ...  # noqa: D102
    @property
    def status(self) -> Status: ...  # noqa: D102


class JobPlan(NamedTuple):
    """What a job's visits make of it. `date` is the day of a job that has no clock time."""

    status: Status
    technician_ids: tuple[str, ...]
    start: Instant | None
    end: Instant | None
    date: date | None


_NEAREST = (Status.IN_PROGRESS, Status.ON_SITE, Status.EN_ROUTE, Status.ON_HOLD)


def roll_up(job: Job, visits: Sequence[Planned]) -> JobPlan:
    """The plan of a job by its real visits; without visits, by what the job itself says.

    Open work is assigned or unassigned by who is on the open visits; work under way shows how far its
    visits are; crew and times are those of the open visits, of all visits where none is open.
    """
    if not visits:
        status = job.status
        if status in (Status.ASSIGNED, Status.UNASSIGNED):
            status = open_status(has_technician=bool(job.technician_ids))
        return JobPlan(status, job.technician_ids, job.start, job.end, job.date if by_order(job) else None)
    if len(visits) == 1:
        return _plan_of_one(job, visits[0])
    going = [visit for visit in visits if visit.status not in ENDED]
    among = going or [visit for visit in visits if visit.status is Status.COMPLETED] or visits
    crew = among[0].technician_ids
    if len(among) > 1:
        crew = tuple(dict.fromkeys(one for visit in among for one in visit.technician_ids))
    starts = [visit.start for visit in among if visit.start is not None]
    ends = [visit.end for visit in among if visit.end is not None]
    days = [visit.date for visit in among if visit.date is not None] if not starts else []
    status = job.status
    if status in (Status.ASSIGNED, Status.UNASSIGNED):
        status = open_status(has_technician=bool(crew))
    elif status is Status.IN_PROGRESS:
        seen = {visit.status for visit in going}
        status = next((one for one in _NEAREST if one in seen), status)
    return JobPlan(
        status,
        crew,
        min(starts, default=None),
        max(ends, default=None) if starts else None,
        min(days, default=None),
    )


def _plan_of_one(job: Job, visit: Planned) -> JobPlan:
    crew, start, status = visit.technician_ids, visit.start, job.status
    if status is Status.ASSIGNED or status is Status.UNASSIGNED:
        status = open_status(has_technician=bool(crew))
    elif status is Status.IN_PROGRESS and visit.status in _NEAREST:
        status = visit.status
    if start is None:
        return JobPlan(status, crew, None, None, visit.date)
    return JobPlan(status, crew, start, visit.end, None)


def by_order(job: Job) -> bool:
    """Whether the job has a day and no clock time: when it begins follows from the order of that day."""
    return job.start is None and job.date is not None


def own_status(status: Status, *, has_technician: bool) -> Status:
    """A visit's status, where open work is assigned or unassigned by who is on it."""
    return (
        open_status(has_technician=has_technician)
        if status in OPEN and status is not Status.DRAFT
        else status
    )


def by_time(visit: Planned) -> tuple[int, int, int, str]:
    """Orders the visits of a job: by time, then by day and place in it; those without come last."""
    day = visit.date.toordinal() if visit.date is not None else 1 << 30
    if visit.start is not None:
        return (visit.start // 86400 + 719163, visit.start, 0, visit.id)
    return (day, 1 << 40, visit.sequence or 0, visit.id)


def made_up(job: Job) -> Visit:
    """The visit that stands for a job without any: its id is the job's."""
    return Visit(
        id=job.id,
        job_id=job.id,
        technician_ids=job.technician_ids,
        start=job.start,
        end=job.end,
        date=job.date,
        sequence=job.sequence,
        estimated=by_order(job),
        status=own_status(job.status, has_technician=bool(job.technician_ids)),
        raw_status=job.raw_status,
        actual_start=job.actual_start,
        actual_end=job.actual_end,
        made_up=True,
        created_at=job.created_at,
    )


def promise_of(job: Job) -> Instant:
    """The end of the first promised window, `NO_PROMISE` where nothing was promised."""
    return min((window.end for window in job.windows), default=NO_PROMISE)


def queue_order(visit: PlannedVisit) -> tuple[bool, int, Instant, bool, Instant, str]:
    """Orders the queue: drafts last, then by priority, then by promise, then by age."""
    return (
        visit.status is Status.DRAFT,
        -visit.priority if visit.priority is not None else 1,
        min([window.end for window in visit.windows]) if visit.windows else NO_PROMISE,
        visit.created_at is not None,
        visit.created_at or 0,
        visit.id,
    )


def customer_shown(job: Job, name: str | None) -> str:
    """Whose job it is: the name it came with, else the customer's, else the customer's id."""
    return job.customer or name or job.customer_id or ""


def title_beside(title: str, customer: str) -> str:
    """A title as it stands where the customer is named too: without the customer at its beginning."""
    rest = title.removeprefix(customer) if customer else title
    return rest[3:] if rest is not title and rest.startswith(" - ") and len(rest) > 3 else title


def planned_visit(
    job: Job | None,
    visit: Visit,
    *,
    customer: str,
    address: str | None,
    job_status: Status,
    nth: int = 1,
    of: int = 1,
) -> PlannedVisit:
    """A visit with the facts of its job (None for a visit whose job is unknown)."""
    return PlannedVisit(
        visit.id, visit.job_id, visit.technician_ids, visit.start, visit.end, visit.date, visit.sequence,
        visit.estimated, own_status(visit.status, has_technician=bool(visit.technician_ids)),
        visit.raw_status,
        visit.actual_start, visit.actual_end, False, visit.made_up,
        (job.number or "") if job else "", title_beside(job.title, customer) if job else "", customer,
        address or "",
        job.priority if job else None, job.duration_min if job else None, job.windows if job else (),
        job.skills if job else (), job.lat if job else None, job.lng if job else None,
        job.territory if job else None, job_status,
        visit.created_at if visit.created_at is not None or job is None else job.created_at, nth, of, "",
    )  # fmt: skip


def planned_alone(job: Job, *, customer: str, address: str | None, job_status: Status) -> PlannedVisit:
    """The visit that stands for a job without any, with the facts of its job: `made_up`, planned."""
    return PlannedVisit(
        job.id, job.id, job.technician_ids, job.start, job.end, job.date, job.sequence, by_order(job),
        own_status(job.status, has_technician=bool(job.technician_ids)), job.raw_status, job.actual_start,
        job.actual_end, False, True,
        job.number or "", title_beside(job.title, customer), customer,
        address or "", job.priority, job.duration_min, job.windows,
        job.skills, job.lat, job.lng, job.territory, job_status, job.created_at, 1, 1, "",
    )  # fmt: skip


def numbered(visits: Iterable[PlannedVisit]) -> list[PlannedVisit]:
    """The visits of one job by time, each with its number."""
    ordered = sorted(visits, key=by_time)
    return [
        visit if visit.nth == nth and visit.of == len(ordered) else visit._replace(nth=nth, of=len(ordered))
        for nth, visit in enumerate(ordered, 1)
    ]
