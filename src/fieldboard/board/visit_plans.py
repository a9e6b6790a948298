"""Plans for a job's further visits and for the crew of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.consequences import warnings_of
from fieldboard.board.plan import Plan, change, entity_of, refuse, short_of, times_text, title_of
from fieldboard.domain.fields import CREATED, TECHNICIANS, TIMES
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, OperationDraft
from fieldboard.domain.roll_up import planned_visit
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.view import NEW
from fieldboard.domain.visit import ASSUMED_MINUTES, PlannedVisit, Visit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


def plan_visit_add(
    desk: Desk, job: Job, start: Instant, end: Instant | None = None, technician_id: str | None = None
) -> Plan:
    """One more visit for a job, at a time; without an end it takes as long as the job."""
    if (lacking := desk.rules.why_not(Ability.VISIT_ADD)) is not None:
        return refuse(lacking)
    if job.status in ENDED:
        return refuse(f"{title_of(job)} is {job.status.value}: it takes no further visit")
    finish = end if end is not None else start + (job.duration_min or ASSUMED_MINUTES) * MINUTE
    if finish <= start:
        return refuse("the end is not after the start")
    if technician_id is not None and desk.people.technician(technician_id) is None:
        return refuse(f"there is no technician {technician_id}")
    crew = [technician_id] if technician_id is not None else []
    value: dict[str, Json] = {"job_id": job.id, TIMES: [start, finish, None], TECHNICIANS: [*crew]}
    visit = Visit(NEW, job.id, tuple(crew), start, finish, status=Status.ASSIGNED)
    planned = planned_visit(
        job, visit, customer=job.customer or "", address=job.address, job_status=job.status
    )
    warnings = warnings_of(desk, planned)
    who = desk.people.name_of(technician_id) if technician_id is not None else "nobody yet"
    what = f"{who} {times_text(start, finish, desk.zone, desk.today())}"
    draft = OperationDraft(
        Intent.VISIT_ADD,
        f"job:{job.id}",
        (Change(Kind.VISIT, NEW, CREATED, None, value),),
        f"{short_of(job)}: one more visit, {what}",
        tuple(one.says for one in warnings),
    )
    return Plan((draft,), f"{title_of(job)}: one more visit, {what}", warnings, None, bool(warnings))


def plan_crew(
    desk: Desk, visit: PlannedVisit, add: str | None = None, remove: str | None = None, *, entity: str
) -> Plan:
    """Send one technician more with a visit, or one fewer; the others stay."""
    if (lacking := desk.rules.why_not(Ability.CREW)) is not None:
        return refuse(lacking)
    if visit.status in ENDED:
        return refuse(f"{title_of(visit)} is {visit.status.value}: its crew cannot be changed any more")
    crew = [one for one in visit.technician_ids if one != remove]
    if add is not None and add not in crew:
        crew.append(add)
    if sorted(crew) == sorted(visit.technician_ids):
        return refuse(f"{title_of(visit)} has that crew already")
    moved = visit._replace(technician_ids=tuple(crew))
    warnings = warnings_of(desk, moved)
    names = " and ".join(desk.people.name_of(one) for one in crew) or "nobody"
    draft = OperationDraft(
        Intent.CREW,
        entity or entity_of(visit),
        (change(visit, TECHNICIANS, [*sorted(crew)]),),
        f"{short_of(visit)} → {names}",
        tuple(one.says for one in warnings),
    )
    return Plan((draft,), f"{title_of(visit)} → {names}", warnings, None, bool(warnings))
