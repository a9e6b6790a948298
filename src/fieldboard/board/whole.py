"""Deciding about the whole of a job: what the dispatcher saw of it, and what others changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.domain import fields
from fieldboard.domain.operation import PENDING, Json, Kind
from fieldboard.domain.picture import VISITS, Difference, differences, of_people, picture_of, while_edited

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


def seen_whole(desk: Desk, job_id: str) -> Json:
    """A job with its visits as they are shown; False for one that the system has never told."""
    job = desk.store.job(job_id)
    if job is None or desk.store.raw(Kind.JOB, job_id) is None:
        return False
    visits = desk.store.planned_of_job(job_id)
    picture = of_people(picture_of(job, visits), {*desk.rules.set_fields.values()})
    return while_edited(picture, _edited(desk, job_id, {one.id for one in visits}))


def visits_of(seen: Json) -> tuple[str, ...]:
    """The ids of the visits in what was seen of a job; none where nobody saw it."""
    visits = seen.get(VISITS) if isinstance(seen, dict) else None
    return tuple(visits) if isinstance(visits, dict) else ()


def changed_whole(job_id: str, seen: Json, now: Json) -> tuple[Difference, ...]:
    """What is not as it was seen; nothing where either was never told."""
    if not isinstance(seen, dict) or not isinstance(now, dict):
        return ()
    return differences(job_id, seen, now)


def _edited(desk: Desk, job_id: str, visits: set[str]) -> dict[Kind, frozenset[str]]:
    """The fields of a job and its visits that edits on their way change."""
    found: dict[Kind, set[str]] = {Kind.JOB: set(), Kind.VISIT: set()}
    for operation in desk.store.operations():
        for change in operation.changes if operation.state in PENDING else ():
            target = desk.server_id(change.id)
            if change.kind is Kind.JOB and target == job_id:
                found[Kind.JOB].add(change.field)
            elif change.kind is Kind.VISIT and target in visits:
                found[Kind.VISIT].add(change.field)
    return {kind: frozenset(names - {fields.DELETED}) for kind, names in found.items()}
