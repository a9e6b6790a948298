"""Plans for statuses: what may follow, by which way, and of what it is the status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fieldboard.board.plan import Plan, refuse, short_of, title_of
from fieldboard.domain.fields import STATUS
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED, Status, status_key
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

LETTERS: Final = {
    Status.DRAFT: "t",
    Status.EN_ROUTE: "r",
    Status.ON_SITE: "o",
    Status.IN_PROGRESS: "p",
    Status.ON_HOLD: "w",
    Status.COMPLETED: "c",
    Status.CLOSED: "e",
    Status.CANCELLED: "x",
    Status.SKIPPED: "s",
    Status.DECLINED: "d",
    Status.FAILED: "f",
}
"""One letter a status, always the same, none of h j k l (they move)."""


class StatusChoice(NamedTuple):
    """A status that can be set, the statuses on the way to it (with it), and its letter.

    `reason_needed`: the system wants to know why. `whole_job`: only the job has this status, and the
    job has other visits too.
    """

    status: Status
    way: tuple[Status, ...]
    letter: str
    reason_needed: bool = False
    whole_job: bool = False


class _Target(NamedTuple):
    kind: Kind
    id: str
    now: Status
    way: tuple[Status, ...]


def status_choices(desk: Desk, visit: PlannedVisit) -> tuple[StatusChoice, ...]:
    """What may follow, the natural next step first; never assigned or unassigned: those say who, not how far.

    Then the rest of the work in its order, the steps back (the nearest first), a draft, and last what ends
    it without the work.
    """
    if desk.rules.why_not(Ability.STATUS) is not None:
        return ()
    choices: list[StatusChoice] = []
    for goal, letter in LETTERS.items():
        target = _visit_target(desk, visit, goal)
        if target is not None and target.way:
            whole = target.kind is Kind.JOB and visit.of > 1
            choices.append(StatusChoice(goal, target.way, letter, goal in desk.rules.reasons_for, whole))
    return tuple(sorted(choices, key=lambda one: _follows(visit.status, one.status)))


_WORK: Final = (Status.EN_ROUTE, Status.ON_SITE, Status.IN_PROGRESS, Status.COMPLETED, Status.CLOSED)
_ASIDE: Final = (Status.ON_HOLD, Status.DRAFT, Status.SKIPPED, Status.DECLINED, Status.FAILED)


def _follows(now: Status, goal: Status) -> tuple[int, int]:
    """How natural a status is after this one; the smallest comes first."""
    here = 1 if now is Status.ON_HOLD else _WORK.index(now) if now in _WORK else -1
    if goal in _WORK:
        step = _WORK.index(goal) - here
        return (0, step) if step > 0 else (2, -step)
    if goal is Status.ON_HOLD and now not in ENDED:
        return 1, 0
    return 3, _ASIDE.index(goal) if goal in _ASIDE else len(_ASIDE)


def plan_status(
    desk: Desk,
    visit_or_job: PlannedVisit | Job,
    status: Status,
    reason: str | None = None,
    *,
    entity: str | None = None,
) -> Plan:
    """Set a status, by the shortest legal way where it is several moves away.

    The reason is kept with the edit; where the system needs one, a plan without it is refused.
    """
    title = title_of(visit_or_job)
    if (lacking := desk.rules.why_not(Ability.STATUS)) is not None:
        return refuse(lacking)
    if status in (Status.ASSIGNED, Status.UNASSIGNED):
        return refuse(f"{status.value} says who has the job: use assign or unassign")
    if status is Status.UNKNOWN:
        return refuse("unknown is no status that can be set")
    if isinstance(visit_or_job, Job):
        target = _job_target(desk, visit_or_job, status)
    else:
        target = _visit_target(desk, visit_or_job, status)
    if target is None:
        current = visit_or_job.status.value
        return refuse(f"{desk.rules.title} has no way from {current} to {status.value} for {title}")
    if status in desk.rules.reasons_for and not (reason and reason.strip()):
        return refuse(f"{desk.rules.title} wants a reason for {status.value}")
    via = ", ".join(one.value for one in target.way[:-1])
    label = f"{short_of(visit_or_job)} {status.value}" + (f" (via {via})" if via else "")
    draft = OperationDraft(
        Intent.STATUS,
        entity or f"{target.kind}:{target.id}",
        (Change(target.kind, target.id, STATUS, status_key(target.now), status_key(status)),),
        label,
        reason=reason,
    )
    sentence = f"{title}: {target.now.value} → {status.value}" + (f" via {via}" if via else "")
    return Plan((draft,), sentence)


def _visit_target(desk: Desk, visit: PlannedVisit, goal: Status) -> _Target | None:
    if not visit.made_up and goal in desk.rules.visit_lifecycle.writes:
        way = desk.rules.visit_lifecycle.path(visit.status, goal)
        if way is not None:
            return _Target(Kind.VISIT, visit.id, visit.status, way)
    if goal in desk.rules.job_lifecycle.writes:
        way = desk.rules.job_lifecycle.path(visit.job_status, goal)
        if way is not None:
            return _Target(Kind.JOB, visit.job_id, visit.job_status, way)
    return None


def _job_target(desk: Desk, job: Job, goal: Status) -> _Target | None:
    if goal in desk.rules.job_lifecycle.writes:
        way = desk.rules.job_lifecycle.path(job.status, goal)
        if way is not None:
            return _Target(Kind.JOB, job.id, job.status, way)
    # A status that only visits have acts on the visit, where it is clear which.
    visits = [one for one in desk.planned_of_job(job.id) if not one.made_up]
    candidates = [one for one in visits if one.status not in ENDED] or visits
    if len(candidates) == 1 and goal in desk.rules.visit_lifecycle.writes:
        visit = candidates[0]
        way = desk.rules.visit_lifecycle.path(visit.status, goal)
        if way is not None:
            return _Target(Kind.VISIT, visit.id, visit.status, way)
    return None
