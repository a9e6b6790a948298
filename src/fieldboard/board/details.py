"""Everything about one job, for the details dialog."""

from __future__ import annotations

from collections.abc import Sequence

from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Operation
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit


@value_class
class Changed:
    """One line of a job's history. `at` is when it happened where the system says so, else None."""

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


def about(job_id: str, operations: Sequence[Operation], visit_ids: Sequence[str]) -> tuple[Operation, ...]:
    """The edits that concern a job or one of its visits, newest first."""
    names = {job_id, *visit_ids}
    found = [
        one
        for one in operations
        if one.entity.partition(":")[2] in names or any(change.id in names for change in one.changes)
    ]
    return tuple(sorted(found, key=lambda one: -one.seq))
