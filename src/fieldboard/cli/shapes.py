"""What commands print as JSON, key by key (the command line's contract). Pure.

Instants become `2026-06-04T14:00:00Z`, days `2026-06-04`; a value that is missing is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from fieldboard.domain import fields
from fieldboard.domain.instants import Instant, Zone, instant_text
from fieldboard.domain.operation import PENDING, Json, Kind, Operation

if TYPE_CHECKING:
    from fieldboard.board.candidates import Candidate
    from fieldboard.cache.history import Line
    from fieldboard.domain.job import Job
    from fieldboard.domain.technician import Technician, WallSpan
    from fieldboard.domain.visit import PlannedVisit

Document = dict[str, Json]
"""One JSON object."""

_PENDING_MARKS: Final = frozenset(state.value for state in PENDING)
_INSTANT_FIELDS: Final = frozenset({"observed_start", "observed_end"})


@dataclass(frozen=True, slots=True)
class Pending:
    """What has an edit that no read has shown yet, by id.

    `jobs` are those edited themselves, `visits` the visits, `jobs_of_visits` the jobs of the latter.
    """

    jobs: frozenset[str] = frozenset()
    visits: frozenset[str] = frozenset()
    jobs_of_visits: frozenset[str] = frozenset()


def pending_of(
    operations: Iterable[Operation],
    server_id: Callable[[str], str],
    job_of_visit: Callable[[Sequence[str]], Mapping[str, str]],
) -> Pending:
    """What the operations leave pending.

    `server_id` gives the server's id of what was created here (any other id as it is), `job_of_visit`
    the ids of the jobs of visits, by the visits' ids.
    """
    jobs: set[str] = set()
    visits: set[str] = set()
    parents: set[str] = set()
    for operation in operations:
        if operation.state not in PENDING:
            continue
        for change in operation.changes:
            if change.kind is Kind.JOB:
                jobs.add(server_id(change.id))
            elif change.kind is Kind.VISIT:
                visits.add(server_id(change.id))
                if change.field == fields.CREATED and isinstance(change.value, dict):
                    parents.add(server_id(str(change.value.get("job_id", ""))))
    if visits:
        parents.update(job_of_visit(sorted(visits)).values())
    return Pending(frozenset(jobs), frozenset(visits), frozenset(parents))


def technician_json(one: Technician, today: date) -> Document:
    """A technician. `lat` and `lng` are where somebody is, else where the day begins (the home)."""
    span = one.shift.get(today.weekday()) if one.shift is not None else None
    place = one.position or one.home
    return {
        "id": one.id,
        "name": one.name,
        "status": one.status,
        "since": moment(one.since),
        "active": one.active,
        "skills": [*one.skills],
        "skills_known": one.skills_known,
        "capacity": one.capacity,
        "shift": _shift(span),
        "territory": one.territory,
        "phone": one.phone,
        "lat": place.lat if place is not None else None,
        "lng": place.lng if place is not None else None,
    }


def job_json(job: Job, visit_ids: Sequence[str], pending: Pending) -> Document:
    """A job as it is shown: with our pending edits laid over what the system has."""
    return {
        "id": job.id,
        "number": job.number or None,
        "title": job.title,
        "customer": job.customer,
        "phone": job.phone,
        "address": job.address,
        "status": job.status.value,
        "raw_status": job.raw_status,
        "priority": job.priority.word if job.priority is not None else None,
        "technician_ids": [*job.technician_ids],
        "scheduled_start": moment(job.start),
        "scheduled_end": moment(job.end),
        "duration_min": job.duration_min,
        "windows": [{"start": moment(one.start), "end": moment(one.end)} for one in job.windows],
        "skills_required": [*job.skills],
        "territory": job.territory,
        "notes": job.notes,
        "lat": job.lat,
        "lng": job.lng,
        "visits": [*visit_ids],
        "updated_at": moment(job.updated_at),
        "pending": job.id in pending.jobs or job.id in pending.jobs_of_visits,
    }


def visit_json(visit: PlannedVisit, zone: Zone, pending: Pending) -> Document:
    """A visit as it is shown. `date` is its local day, also where it has a clock time."""
    day = visit_day(visit, zone)
    return {
        "id": visit.id,
        "job_id": visit.job_id,
        "technician_id": visit.technician_ids[0] if visit.technician_ids else None,
        "technician_ids": [*visit.technician_ids],
        "date": day.isoformat() if day is not None else None,
        "start": moment(visit.start),
        "end": moment(visit.end),
        "sequence": visit.sequence,
        "estimated": visit.estimated,
        "status": visit.status.value,
        "raw_status": visit.raw_status,
        "pending": visit.mark in _PENDING_MARKS
        or visit.id in pending.visits
        or (visit.made_up and visit.job_id in pending.jobs),
    }


def operation_json(one: Operation, server_id: Callable[[str], str]) -> Document:
    """An edit and its fate. What was created is named by the server's id as soon as there is one."""
    kind, _, entity_id = one.entity.partition(":")
    return {
        "op_id": one.op_id,
        "intent": one.intent.value,
        "entity": f"{kind}:{server_id(entity_id)}",
        "state": one.state.value,
        "reason": one.reason or None,
        "warnings": [*one.warnings],
        "choices": [*one.choices],
        "created_at": moment(one.created_at),
        "sent_at": moment(one.sent_at),
        "attempts": one.attempts,
        "label": one.label,
        "undoes": one.undoes,
    }


def suggestion_json(one: Candidate) -> Document:
    """One technician for a job: ranked, or with what excludes them."""
    return {
        "technician_id": one.technician.id,
        "name": one.technician.name,
        "rank": one.rank,
        "score": one.score,
        "start": moment(one.start),
        "end": moment(one.end),
        "reasons": [*one.reasons, *one.broken],
        "excluded": [*one.excluded],
    }


def history_json(line: Line) -> Iterator[Document]:
    """A line of the history; one that speaks of times becomes a line for each of start, end and date."""
    for name, old, new in _parts(line.field, line.old, line.new):
        yield {
            "at": moment(line.at),
            "seen_at": moment(line.seen_at),
            "job_id": line.job_id,
            "entity": line.entity,
            "field": name,
            "old": old,
            "new": new,
            "by": line.by,
            "source": line.source,
        }


def moment(instant: Instant | None) -> str | None:
    """An instant as the contract has it."""
    return instant_text(instant) if instant is not None else None


def visit_day(visit: PlannedVisit, zone: Zone) -> date | None:
    """The local day of a visit: of its start, else its date."""
    return zone.date_of(visit.start) if visit.start is not None else visit.date


def _shift(span: WallSpan | None) -> Document | None:
    if span is None:
        return None
    return {"start": f"{span.start:%H:%M}", "end": f"{span.end:%H:%M}"}


def _parts(name: str, old: Json, new: Json) -> Iterator[tuple[str, Json, Json]]:
    if name == fields.TIMES:
        before, after = _times(old), _times(new)
        for part, was, becomes in zip(("start", "end", "date"), before, after, strict=True):
            if was != becomes:
                yield part, was, becomes
    elif name == fields.TECHNICIANS:
        yield "technician_ids", old, new
    elif name in _INSTANT_FIELDS:
        yield name, _instant(old), _instant(new)
    else:
        yield name, old, new


def _times(value: Json) -> tuple[Json, Json, Json]:
    start, end, day = (*value, None, None, None)[:3] if isinstance(value, list) else (None, None, None)
    return _instant(start), _instant(end), day


def _instant(value: Json) -> Json:
    return instant_text(value) if isinstance(value, int) and not isinstance(value, bool) else value
