"""What changed between two sightings of an entity: lines for the history, observed times. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fieldboard.cache.history import OBSERVED_END, OBSERVED_START, OURS, SYSTEM, Line
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit

_JOB_FIELDS: Final = (*fields.JOB_TEXT_FIELDS, "priority", "duration_min", "skills")
_NOT_STARTED: Final = frozenset(
    {Status.DRAFT, Status.UNASSIGNED, Status.ASSIGNED, Status.EN_ROUTE, Status.UNKNOWN}
)
_WORKING: Final = frozenset({Status.ON_SITE, Status.IN_PROGRESS})

Ours = Callable[[Kind, str, str, Json], "tuple[str, Instant] | None"]
"""Whether a change of (kind, id, field) to a value is an edit of ours: by whom and when."""

Times = tuple[Instant | None, Instant | None]


def job_lines(old: Job, new: Job, seen_at: Instant, ours: Ours, *, alone: bool) -> Iterator[Line]:
    """A line for each field of a job that changed; crew and times only where it has no visits (`alone`)."""
    told = (*_JOB_FIELDS, fields.TECHNICIANS, fields.TIMES, fields.SEQUENCE) if alone else _JOB_FIELDS
    apart = old.customer_id is not None or new.customer_id is not None
    for name in told:
        if apart and name == "customer":
            continue  # the id tells it
        before, after = fields.value_of(old, name), fields.value_of(new, name)
        if before != after:
            yield _line(
                Kind.JOB,
                new.id,
                new.id,
                (name, before, after),
                seen_at=seen_at,
                told_at=new.updated_at,
                ours=ours,
            )
    if fields.value_of(old, fields.STATUS) != fields.value_of(new, fields.STATUS):
        change = (fields.STATUS, old.status.value, new.status.value)
        yield _line(Kind.JOB, new.id, new.id, change, seen_at=seen_at, told_at=new.updated_at, ours=ours)


def visit_lines(old: Visit, new: Visit, seen_at: Instant, ours: Ours) -> Iterator[Line]:
    """A line for each field of a visit that changed."""
    for name in (fields.TECHNICIANS, fields.TIMES, fields.SEQUENCE):
        before, after = fields.value_of(old, name), fields.value_of(new, name)
        if before != after:
            yield _line(
                Kind.VISIT,
                new.id,
                new.job_id,
                (name, before, after),
                seen_at=seen_at,
                told_at=None,
                ours=ours,
            )
    if fields.value_of(old, fields.STATUS) != fields.value_of(new, fields.STATUS):
        change = (fields.STATUS, old.status.value, new.status.value)
        yield _line(Kind.VISIT, new.id, new.job_id, change, seen_at=seen_at, told_at=None, ours=ours)


def technician_lines(old: Technician, new: Technician, seen_at: Instant) -> Iterator[Line]:
    """A line for a technician's name, activity and status."""
    for name in ("name", "active", "status"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Line(None, seen_at, None, f"{Kind.TECHNICIAN.value}:{new.id}", name, before, after)


def born(kind: Kind, entity_id: str, job_id: str | None, what: str, *, seen_at: Instant, ours: Ours) -> Line:
    """The line for something that was not there before."""
    mine = ours(kind, entity_id, fields.CREATED, None)
    return Line(
        mine[1] if mine else None, seen_at, job_id, f"{kind.value}:{entity_id}", fields.CREATED, None, what,
        mine[0] if mine else None, OURS if mine else SYSTEM,
    )  # fmt: skip


def removed(  # noqa: PLR0917 - as `born`, with what it was called
    kind: Kind, entity_id: str, job_id: str | None, was: Json, seen_at: Instant, ours: Ours
) -> Line:
    """The line for something that the server has no more; `was` is what it was called."""
    mine = ours(kind, entity_id, fields.DELETED, True)
    return Line(
        mine[1] if mine else None, seen_at, job_id, f"{kind.value}:{entity_id}", fields.DELETED, was, True,
        mine[0] if mine else None, OURS if mine else SYSTEM,
    )  # fmt: skip


def observed(old: Visit, new: Visit, before: Times, seen_at: Instant) -> Times:
    """Actual start and end as seen between two rounds, where the system itself tells none."""
    start, end = before
    if new.status in _NOT_STARTED:
        return (None, None)
    if new.status in _WORKING:
        end = None
        if old.status in _NOT_STARTED and start is None:
            start = seen_at
    if new.status is Status.COMPLETED and old.status is not Status.COMPLETED:
        end = seen_at
    return (
        start if new.actual_start is None else None,
        end if new.actual_end is None else None,
    )


def observed_lines(visit: Visit, before: Times, after: Times, seen_at: Instant) -> Iterator[Line]:
    """The lines by which observed times outlive a rebuilt cache."""
    entity = f"{Kind.VISIT.value}:{visit.id}"
    for name, old, new in zip((OBSERVED_START, OBSERVED_END), before, after, strict=True):
        if old != new:
            yield Line(None, seen_at, visit.job_id, entity, name, old, new)


def _line(
    kind: Kind,
    entity_id: str,
    job_id: str,
    change: tuple[str, Json, Json],
    *,
    seen_at: Instant,
    told_at: Instant | None,
    ours: Ours,
) -> Line:
    name, old, new = change
    value: Json = new
    if name == fields.STATUS and new in (Status.ASSIGNED.value, Status.UNASSIGNED.value):
        value = "open"
    mine = ours(kind, entity_id, name, value) or _noted(kind, entity_id, change, ours)
    if mine is not None:
        return Line(mine[1], seen_at, job_id, f"{kind.value}:{entity_id}", name, old, new, mine[0], OURS)
    return Line(told_at, seen_at, job_id, f"{kind.value}:{entity_id}", name, old, new)


def _noted(
    kind: Kind, entity_id: str, change: tuple[str, Json, Json], ours: Ours
) -> tuple[str, Instant] | None:
    """By whom and when the line was added to notes that is all that is new in them, if that was us."""
    name, old, new = change
    if name != "notes" or not isinstance(new, str):
        return None
    before = old if isinstance(old, str) else ""
    added = new.removeprefix(before).lstrip("\n") if new.startswith(before) else ""
    return ours(kind, entity_id, fields.NOTE, added) if added else None
