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

STAGE_LETTERS: Final = {"invoiced": "i", "paid": "y"}
"""The same for the stages that closed work passes at some systems."""


class StatusChoice(NamedTuple):
    """A status that can be set, the statuses on the way to it (with it), and its letter.

    `reason_needed`: the system wants to know why. `whole_job`: only the job has this status, and the
    job has other visits too. `stage` is the stage of closed work that is meant, '' for the end of it;
    `stages` are those that are passed on the way.
    """

    status: Status
    way: tuple[Status, ...]
    letter: str
    reason_needed: bool = False
    whole_job: bool = False
    stage: str = ""
    stages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What is set, in a word."""
        return self.stage or self.status.value.replace("_", " ")


class _Target(NamedTuple):
    kind: Kind
    id: str
    now: Status
    way: tuple[Status, ...]
    stages: tuple[str, ...] = ()
    was: str = ""


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
        if target is not None and (target.way or target.stages):
            whole = target.kind is Kind.JOB and visit.of > 1
            choices.append(
                StatusChoice(
                    goal,
                    target.way or (goal,),
                    letter,
                    goal in desk.rules.reasons_for,
                    whole,
                    stages=target.stages[:-1],
                )
            )
    for stage in desk.rules.job_lifecycle.stages:
        target = _stage_target(desk, Kind.JOB, visit.job_id, (visit.job_status, visit.raw_status), stage)
        if target is not None and target.stages and stage in STAGE_LETTERS:
            way = target.way or (Status.CLOSED,)
            letter = STAGE_LETTERS[stage]
            choices.append(StatusChoice(Status.CLOSED, way, letter, stage=stage, stages=target.stages[:-1]))
    return tuple(sorted(choices, key=lambda one: (*_follows(visit.status, one.status), len(one.stages))))


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
    stage: str = "",
) -> Plan:
    """Set a status, by the shortest legal way where it is several moves away.

    The reason is kept with the edit; where the system needs one, a plan without it is refused. `stage` is
    the stage of closed work that is meant, where the system has several.
    """
    title = title_of(visit_or_job)
    if (lacking := desk.rules.why_not(Ability.STATUS)) is not None:
        return refuse(lacking)
    if status in (Status.ASSIGNED, Status.UNASSIGNED):
        return refuse(f"{status.value} says who has the job: use assign or unassign")
    if status is Status.UNKNOWN:
        return refuse("unknown is no status that can be set")
    goal = stage or status_key(status)
    if status is Status.CLOSED and desk.rules.job_lifecycle.stages:
        job_id = visit_or_job.id if isinstance(visit_or_job, Job) else visit_or_job.job_id
        now = visit_or_job.status if isinstance(visit_or_job, Job) else visit_or_job.job_status
        target = _stage_target(desk, Kind.JOB, job_id, (now, visit_or_job.raw_status), goal)
    elif isinstance(visit_or_job, Job):
        target = _job_target(desk, visit_or_job, status)
    else:
        target = _visit_target(desk, visit_or_job, status)
    done = _at_stage(visit_or_job, goal) if target is None else not (target.way or target.stages)
    if done:
        return refuse(f"{title} is already {_words(stage or status.value)}")
    if target is None:
        here = status_key(visit_or_job.status, visit_or_job.raw_status)
        here = visit_or_job.status.value if here == "open" else here
        return refuse(f"{desk.rules.title} has no way from {here} to {stage or status.value} for {title}")
    if status in desk.rules.reasons_for and not (reason and reason.strip()):
        return refuse(f"{desk.rules.title} wants a reason for {status.value}")
    via = _words(", ".join((*(one.value for one in target.way[:-1]), *target.stages[:-1])))
    told = stage or _words(status.value)
    label = f"{short_of(visit_or_job)} {told}" + (f" (via {via})" if via else "")
    draft = OperationDraft(
        Intent.STATUS,
        entity or f"{target.kind}:{target.id}",
        (Change(target.kind, target.id, STATUS, target.was or status_key(target.now), goal),),
        label,
        reason=reason,
    )
    here = target.was if target.now is Status.CLOSED else _words(target.now.value)
    sentence = f"{title}: {here} → {told}" + (f" via {via}" if via else "")
    final = no_way_back(desk, draft.changes[0]) is not None
    # What ends the work undone and for good is one slip of a key away: it is asked for twice.
    return Plan((draft,), sentence, needs_second_enter=final and status is Status.CANCELLED, final=final)


def _at_stage(visit_or_job: PlannedVisit | Job, goal: str) -> bool:
    """Whether closed work stands at this stage already."""
    now = visit_or_job.status if isinstance(visit_or_job, Job) else visit_or_job.job_status
    return now is Status.CLOSED and status_key(now, visit_or_job.raw_status) == goal


def no_way_back(desk: Desk, change: Change) -> str | None:
    """Why a change of a job's or a visit's status cannot be taken back at the system; None where it can."""
    lifecycle = desk.rules.job_lifecycle if change.kind is Kind.JOB else desk.rules.visit_lifecycle
    if lifecycle.way(str(change.value), str(change.expected)) is None:
        here, there = _words(str(change.value)), _words(str(change.expected))
        return f"{desk.rules.title} has no way back from {here} to {there}"
    return None


def _words(status: str) -> str:
    """A status as people read it, without the underscores that commands take."""
    return status.replace("_", " ")


def _visit_target(desk: Desk, visit: PlannedVisit, goal: Status) -> _Target | None:
    if not visit.made_up and goal in desk.rules.visit_lifecycle.writes:
        way = desk.rules.visit_lifecycle.path(visit.status, goal)
        if way is not None:
            return _Target(Kind.VISIT, visit.id, visit.status, way)
    if goal is Status.CLOSED and desk.rules.job_lifecycle.stages:
        here = (visit.job_status, visit.raw_status)
        return _stage_target(desk, Kind.JOB, visit.job_id, here, status_key(goal))
    if goal in desk.rules.job_lifecycle.writes:
        way = desk.rules.job_lifecycle.path(visit.job_status, goal)
        if way is not None:
            return _Target(Kind.JOB, visit.job_id, visit.job_status, way)
    return None


def _stage_target(desk: Desk, kind: Kind, job_id: str, here: tuple[Status, str], goal: str) -> _Target | None:
    """How closed work gets to a stage, or to the end: by way of other statuses, then stage by stage."""
    lifecycle, (now, raw) = desk.rules.job_lifecycle, here
    was = status_key(now, raw)
    keys = lifecycle.way(was, goal, has_technician=now is not Status.UNASSIGNED)
    if not keys:
        return None
    chain = (*lifecycle.stages, status_key(Status.CLOSED))
    way = () if was in chain else lifecycle.path(now, Status.CLOSED) or ()
    return _Target(kind, job_id, now, way, tuple(one for one in keys if one in chain), was)


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
