"""One request of an edit: what it asks for, and whether the record has that already."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

from fieldboard.backends.fieldcamp import bodies
from fieldboard.backends.fieldcamp.rules import JOBS, VISITS
from fieldboard.backends.port import Row, Step
from fieldboard.domain.fields import CREATED, STATUS, TECHNICIANS, TIMES, value_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind
from fieldboard.domain.status import Status, status_key
from fieldboard.domain.visit import Visit

_KINDS: Mapping[str, Kind] = {"jobs": Kind.JOB, "visits": Kind.VISIT}

SPEAKS = "the job's status, for its visit"
"""What a step says that writes a visit's status to the job, as the server ignores the visit's own."""


def is_about(row: Row, step: Step) -> bool:
    """Whether a step writes this record."""
    return step.path == path_of(row.kind, row.id)


def path_of(kind: Kind, entity_id: str) -> str:
    """Where a record is written."""
    return f"/{'visits' if kind is Kind.VISIT else 'jobs'}/{quote(entity_id, safe='')}"


def kind_of(step: Step) -> Kind:
    """What kind of record a step writes."""
    return _KINDS[step.path.split("/")[1]]


def id_in(path: str) -> str:
    """The id at the end of a path."""
    return unquote(path.rpartition("/")[2])


def step_of(method: str, path: str, body: Json, says: str) -> Step:
    """A request; for which change it is, and when it comes, is said once all are known."""
    return Step(0, 0, method, path, body, None, says)


def follows(step: Step, change: Change) -> bool:
    """Whether a step only lets the job (or a new job's title) follow what another step has done."""
    if change.field == CREATED:
        return step.method == "PUT"
    if change.kind is not Kind.VISIT or not step.path.startswith("/jobs/") or speaks_for_visit(step):
        return False
    return change.field in (TECHNICIANS, TIMES) or not _cancels(step)


def speaks_for_visit(step: Step) -> bool:
    """Whether a step is the only one of a visit's status, at a server that ignores the visit's own."""
    return step.says == SPEAKS


def holds(row: Row, step: Step, change: Change) -> bool:
    """Whether the record, as the server has it, is as the step wants it."""
    entity = row.entity
    if not isinstance(entity, Job | Visit):
        return True
    if change.field == CREATED:
        return step.method == "POST" or _titled(row, step)
    if change.field == STATUS:
        # A step on the way wants its own word, not yet the last one.
        return status_key(entity.status) == status_key(_asked(step))
    try:
        has = value_of(entity, change.field)
    except KeyError:
        return True
    if change.field == TIMES and isinstance(has, list) and isinstance(change.value, list):
        start, end = bodies.span(change.value)
        return has[0] == start and (end is None or has[1] == end)
    if change.field == "phone":
        return _digits(has) == _digits(change.value)
    if isinstance(has, list) and isinstance(change.value, list):
        return {*map(str, has)} == {*map(str, change.value)}
    return has == change.value


def _asked(step: Step) -> Status:
    body = step.body if isinstance(step.body, dict) else {}
    if "visitStatus" in body:
        return VISITS.read(str(body["visitStatus"]))
    return JOBS.read(str(body.get("jobStatus", body.get("status", ""))))


def _cancels(step: Step) -> bool:
    return _asked(step) is Status.CANCELLED


def _titled(row: Row, step: Step) -> bool:
    body = step.body if isinstance(step.body, dict) else {}
    items = body.get("jobItems")
    first = items[0] if isinstance(items, list) and items else None
    wanted = first.get("itemName") if isinstance(first, dict) else None
    return isinstance(row.entity, Job) and row.entity.title == wanted


def _digits(value: Json) -> str:
    return "".join(one for one in str(value or "") if one.isdigit())
