"""Everything about one job, for the details dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from fieldboard.board.day_board import stranger
from fieldboard.board.field_words import field_words, value_words
from fieldboard.cache.history import OBSERVED_END, OBSERVED_START, OURS
from fieldboard.domain import fields
from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind, Operation
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.cache.history import Line
    from fieldboard.domain.operation import Json


@value_class
class Changed:
    """One line of a job's history, in words. `at` is when it happened where the system says so, else None.

    `entity` is `job`, `visit`, or `visit 2/3` where there are several.
    """

    at: Instant | None
    seen_at: Instant
    entity: str
    field: str
    old: str
    new: str
    by: str | None
    ours: bool


@value_class
class Details:
    """A job with its visits by time, the technicians on them, its history (newest first) and its edits.

    `job` is None where only a visit of it is known. `conflicts` are those of `visit`.
    """

    visit: PlannedVisit
    job: Job | None
    visits: tuple[PlannedVisit, ...]
    technicians: tuple[Technician, ...]
    history: tuple[Changed, ...]
    edits: tuple[Operation, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def phone(self) -> str | None:
        """The customer's telephone number."""
        return self.job.phone if self.job is not None else None

    def copies(self) -> tuple[tuple[str, str], ...]:
        """What can be copied, as name and text: number, address, phone and the like."""
        job = self.job
        rows = (
            ("number", self.visit.number),
            ("address", self.visit.address),
            ("phone", job.phone if job is not None else None),
            ("customer", self.visit.customer),
            ("title", self.visit.title),
        )
        return tuple((name, text) for name, text in rows if text)


def details_of(desk: Desk, visit: PlannedVisit) -> Details:
    """Everything about the job of a visit."""
    visits = tuple(desk.store.planned_of_job(visit.job_id)) or (visit,)
    job = desk.store.job(visit.job_id)
    ids = dict.fromkeys(one for row in visits for one in row.technician_ids)
    crew = desk.people.by_id()
    lines = [changed(desk, line, visits) for line in desk.store.history.of_job(visit.job_id)]
    lines.sort(key=lambda line: -(line.at if line.at is not None else line.seen_at))
    conflicts: tuple[Conflict, ...] = ()
    if visit.start is not None:
        block = desk.day(desk.zone.date_of(visit.start)).block(visit.id)
        conflicts = block.conflicts if block is not None else ()
    return Details(
        visit=visit,
        job=job,
        visits=visits,
        technicians=tuple(crew.get(one) or stranger(one) for one in ids),
        history=tuple(lines),
        edits=about(visit.job_id, desk.edits(), [one.id for one in visits]),
        conflicts=conflicts,
    )


_CHANGED: Final = {
    fields.CREATED: "created",
    fields.DELETED: "deleted",
    OBSERVED_START: "seen to begin",
    OBSERVED_END: "seen to end",
}


def changed(desk: Desk, line: Line, visits: Sequence[PlannedVisit]) -> Changed:
    """A line of the history in words; `visits` are those of its job by time."""
    old, new = _was(desk, line, line.old), _was(desk, line, line.new)
    if line.field == fields.DELETED:
        old, new = "", "no longer there" if line.new else "there again"
    elif line.field == fields.CREATED and line.entity.startswith(f"{Kind.VISIT.value}:"):
        new = "one more visit"
    return Changed(
        line.at,
        line.seen_at,
        _entity_words(line.entity, visits),
        _CHANGED.get(line.field) or field_words(line.field),
        old,
        new,
        line.by,
        line.source == OURS,
    )


def _was(desk: Desk, line: Line, value: Json) -> str:
    if value is None or value in ("", []):
        return ""
    if line.field in (OBSERVED_START, OBSERVED_END) and isinstance(value, int):
        return desk.zone.clock_text(value)
    if line.field == fields.CREATED:
        return str(value)
    return value_words(desk, line.field, value)


def _entity_words(entity: str, visits: Sequence[PlannedVisit]) -> str:
    kind, _, one = entity.partition(":")
    place = next((place for place, visit in enumerate(visits, 1) if visit.id == one), None)
    return f"{kind} {place}/{len(visits)}" if place is not None and len(visits) > 1 else kind


def about(job_id: str, operations: Sequence[Operation], visit_ids: Sequence[str]) -> tuple[Operation, ...]:
    """The edits that concern a job or one of its visits, newest first."""
    names = {job_id, *visit_ids}
    found = [
        one
        for one in operations
        if one.entity.partition(":")[2] in names or any(change.id in names for change in one.changes)
    ]
    return tuple(sorted(found, key=lambda one: -one.seq))
