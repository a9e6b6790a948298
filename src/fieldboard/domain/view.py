"""The view: what the server said, with the edits laid over it that it has not shown yet. Pure.

    shown = base + echoes + operations on their way, in the order in which they were made

An edit whose fate is undecided (refused, contested, unknown) changes nothing but the mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fieldboard.domain import fields
from fieldboard.domain.job import Job
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.operation import Json
from fieldboard.domain.overlay import (
    NEW,
    NOTHING,
    Created,
    Echo,
    Edit,
    Overlay,
    overlay,
    server_id,
    temporary_id,
)  # fmt: skip
from fieldboard.domain.roll_up import customer_shown, made_up, numbered, planned_visit, roll_up, title_beside
from fieldboard.domain.status import ENDED, OPEN, Status
from fieldboard.domain.visit import PlannedVisit, Visit

__all__ = [
    "NEW", "NOTHING", "Created", "Echo", "Edit", "Overlay", "Shown", "as_visit", "overlay", "server_id",
    "shown",
    "shown_job", "shown_visit", "temporary_id",
]  # fmt: skip


class Shown(NamedTuple):
    """A job as it is shown, with its visits by time; None and empty for one that was deleted."""

    job: Job | None
    visits: tuple[PlannedVisit, ...]


def shown(job: Job | None, visits: Sequence[PlannedVisit], over: Overlay, job_id: str | None = None) -> Shown:
    """A job and its visits with everything laid over them that concerns them.

    `job` is the job as the system keeps it (None: unknown here, or to be created; then `job_id` names
    it), `visits` are all of its visits, a made-up one included.
    """
    key = job.id if job is not None else job_id or (visits[0].job_id if visits else "")
    made = over.created_jobs.get(key)
    mark = ""
    if job is None and made is not None:
        job, mark = _created_job(made), made.mark
    edits = over.jobs.get(key, ())
    if _deleted(edits):
        return Shown(None, ())
    own = _edited_job(job, edits) if job is not None else None
    made_here = {one.id: one for one in over.created_visits.get(key, ())}
    # Once the server shows a visit that was made here, the mark is all that is left of our making it.
    real = [
        visit._replace(mark=made_it.mark or visit.mark)
        if (made_it := made_here.pop(visit.id, None))
        else visit
        for visit in visits
        if not visit.made_up
    ]
    real += [_created_visit(one, own, over) for one in made_here.values()]
    if not real and own is not None and (visits or made is not None):
        real = [_made_up(own, visits[0] if visits else None, over, mark)]
        if made is not None:
            real[0] = _planned_as_made(made.values, real[0])
    laid = [
        one
        for visit in real
        if (one := _shown_visit(visit, edits, over, own, alone=len(real) == 1)) is not None
    ]
    if own is None:
        return Shown(None, tuple(numbered(laid)))
    plan = roll_up(own, [visit for visit in laid if not visit.made_up])
    if laid and all(visit.made_up for visit in laid):
        plan = plan._replace(
            technician_ids=laid[0].technician_ids, start=laid[0].start, end=laid[0].end, date=laid[0].date
        )
        own = replace(own, date=laid[0].date if laid[0].by_order else None, sequence=laid[0].sequence)
    final = replace(
        own,
        status=plan.status,
        technician_ids=plan.technician_ids,
        start=plan.start,
        end=plan.end,
        customer=customer_shown(own, over.customers.get(own.customer_id or "")) or None,
    )
    placed = [one if one.job_status is plan.status else one._replace(job_status=plan.status) for one in laid]
    return Shown(final, tuple(numbered(placed)))


def shown_visit(base: PlannedVisit, over: Overlay) -> PlannedVisit | None:
    """One visit with what is laid over it and its job, as far as that can be told without the job's others.

    None where it is deleted.
    """
    edits = over.jobs.get(base.job_id, ())
    if _deleted(edits):
        return None
    return _shown_visit(base, edits, over, None, alone=base.of == 1)


def shown_job(base: Job, visits: Sequence[PlannedVisit], over: Overlay) -> Job | None:
    """A job with what is laid over it and its visits; None where it is deleted."""
    return shown(base, visits, over).job


def _deleted(edits: Sequence[Edit]) -> bool:
    last = [edit for edit in edits if edit.field == fields.DELETED and edit.lays]
    return bool(last) and last[-1].value is True


def _edited_job(job: Job, edits: Sequence[Edit]) -> Job:
    for edit in edits:
        if edit.lays:
            if edit.field == "customer_id" and edit.value != job.customer_id:
                job = replace(job, customer=None)
            job = fields.with_job_value(job, edit.field, edit.value)
    return job


def _shown_visit(
    base: PlannedVisit, of_job: Sequence[Edit], over: Overlay, job: Job | None, *, alone: bool
) -> PlannedVisit | None:
    own = over.visits.get(base.id, ())
    if alone and base.id != base.job_id:
        # An edit of the visit that was made up before this one came.
        own = over.visits.get(base.job_id, ()) + own
    if _deleted(own):
        return None
    if not of_job and not own:
        return base
    visit = as_visit(base)
    if base.by_order and base.start is not None:
        visit = replace(visit, start=None, end=None)
    facts = base
    mark, marked_at = base.mark, -1
    merged = sorted([(edit.seq, 0, edit) for edit in of_job] + [(edit.seq, 1, edit) for edit in own])
    for seq, on_visit, edit in merged:
        if edit.mark and seq >= marked_at:
            mark, marked_at = edit.mark, seq
        if not edit.lays:
            continue
        if on_visit or _reaches(edit, visit, alone=alone):
            visit = fields.with_visit_value(visit, edit.field, edit.value)
            if edit.field == fields.TIMES and visit.start is not None:
                visit = replace(visit, estimated=False)
    if job is not None and of_job:
        facts = _with_facts(facts, job, over)
    return facts._replace(
        technician_ids=visit.technician_ids,
        start=visit.start,
        end=visit.end,
        date=visit.date,
        sequence=visit.sequence,
        estimated=visit.estimated,
        status=visit.status,
        raw_status=visit.raw_status,
        mark=mark,
    )


def _reaches(edit: Edit, visit: Visit, *, alone: bool) -> bool:
    """Whether an edit of the job changes this visit of it, too."""
    if visit.made_up:
        return True
    if edit.field == fields.STATUS:
        # Cancelling or closing a job ends what is still open of it; nothing else reaches its visits.
        return isinstance(edit.value, str) and edit.value in _ENDS and visit.status in OPEN
    return alone and edit.field in (fields.TECHNICIANS, fields.TIMES)


_ENDS = frozenset(status.value for status in ENDED)


def _with_facts(visit: PlannedVisit, job: Job, over: Overlay) -> PlannedVisit:
    customer = customer_shown(job, over.customers.get(job.customer_id or ""))
    same = job.customer_id is not None and customer == job.customer_id and bool(visit.customer)
    return visit._replace(
        number=job.number or "",
        title=title_beside(job.title, customer),
        customer=visit.customer if same else customer,
        address=job.address or visit.address,
        priority=job.priority,
        duration_min=job.duration_min,
        windows=job.windows,
        skills=job.skills,
        territory=job.territory,
    )


def as_visit(planned: PlannedVisit) -> Visit:
    """The visit within a planned visit."""
    return Visit(
        id=planned.id, job_id=planned.job_id, technician_ids=planned.technician_ids, start=planned.start,
        end=planned.end, date=planned.date, sequence=planned.sequence, estimated=planned.estimated,
        status=planned.status, raw_status=planned.raw_status, actual_start=planned.actual_start,
        actual_end=planned.actual_end, made_up=planned.made_up, created_at=planned.created_at,
    )  # fmt: skip


def _made_up(job: Job, base: PlannedVisit | None, over: Overlay, mark: str) -> PlannedVisit:
    if base is not None:
        return base
    return planned_visit(
        job,
        made_up(job),
        customer=customer_shown(job, over.customers.get(job.customer_id or "")),
        address=job.address,
        job_status=job.status,
    )._replace(mark=mark)


def _created_job(made: Created) -> Job:
    job = Job(id=made.id, status=Status.UNASSIGNED, created_at=made.at, updated_at=made.at)
    customer = made.values.get("customer")
    if isinstance(customer, str):
        job = replace(job, customer=customer)
    for name, value in made.values.items():
        job = fields.with_job_value(job, name, value)
    if fields.SEQUENCE not in made.values:
        # Where the system keeps clock times, a job has no day of its own.
        job = replace(job, date=None)
    return (
        job
        if made.values.get(fields.STATUS)
        else replace(job, status=Status.ASSIGNED if job.technician_ids else Status.UNASSIGNED)
    )


def _planned_as_made(values: Mapping[str, Json], visit: PlannedVisit) -> PlannedVisit:
    """The day of a created job without a clock time: a job has none, its visit has."""
    laid = fields.with_visit_value(as_visit(visit), fields.TIMES, values.get(fields.TIMES))
    by_order = fields.SEQUENCE in values and laid.start is None and laid.date is not None
    return visit._replace(start=laid.start, end=laid.end, date=laid.date, estimated=by_order)


def _created_visit(made: Created, job: Job | None, over: Overlay) -> PlannedVisit:
    visit = Visit(id=made.id, job_id=made.job_id, status=Status.UNASSIGNED, created_at=made.at)
    for name in (fields.TIMES, fields.TECHNICIANS, fields.STATUS):
        if name in made.values:
            visit = fields.with_visit_value(visit, name, made.values[name])
    return planned_visit(
        job,
        visit,
        customer=customer_shown(job, over.customers.get(job.customer_id or "")) if job else "",
        address=job.address if job else None,
        job_status=job.status if job else Status.UNKNOWN,
    )._replace(mark=made.mark)
