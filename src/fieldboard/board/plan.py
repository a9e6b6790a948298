"""A plan: what an act would do, before it is done.

The same value feeds the preview line, the commit and the command line. Making one changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import date
from typing import NamedTuple
from uuid import uuid4

from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.fields import TIMES, value_of
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit


def _token() -> str:
    return uuid4().hex


class Ruling(NamedTuple):
    """What a dispatcher says of a create of which nobody knew: it is there as `server_id`, or not at all."""

    op_id: str
    kind: Kind
    server_id: str | None = None


@value_class
class Plan:
    """What would be saved, in words and as operations.

    `refusal` says why it cannot be done; then there is nothing else in it. `warnings` are the broken
    rules; a plan that breaks one wants a second Enter. `cancels` are queued operations that it takes
    back without sending anything, `notes` undecided ones of which it takes note, `rulings` what is said
    of creates of which nobody knew. A plan can be
    committed once: `token` tells it from another that looks the same. `facts` speak for the plan (the
    drive, skills, the shift and the promise that are kept). A `final` one cannot be taken back at the system.
    `doubts` are what the question says of a plan for several jobs, instead of its warnings.
    `stuck` are the edits that a refused undo could not take back, `older` those of the act before them.
    """

    drafts: tuple[OperationDraft, ...] = ()
    sentence: str = ""
    warnings: tuple[Conflict, ...] = ()
    refusal: str | None = None
    needs_second_enter: bool = False
    cancels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    final: bool = False
    doubts: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    older: tuple[Operation, ...] = ()
    token: str = field(default_factory=_token, compare=False)

    @property
    def empty(self) -> bool:
        """Whether committing it would do nothing."""
        return not (self.drafts or self.cancels or self.notes or self.rulings)

    @property
    def stays_once_sent(self) -> bool:
        """Whether the system keeps a part of it as it is: a note below others' text."""
        return any(draft.intent is Intent.NOTE for draft in self.drafts)


def refuse(reason: str) -> Plan:
    """A plan that cannot be carried out."""
    return Plan(refusal=reason, sentence=reason)


def combine(plans: Sequence[Plan], sentence: str) -> Plan:
    """Several plans as one act, that is saved and undone as one.

    What was refused is left out and counted in the sentence; all refused is a refusal.
    """
    good = [plan for plan in plans if plan.refusal is None]
    if not good:
        return refuse(plans[0].refusal or "nothing to do") if plans else refuse("nothing is selected")
    group = _token()
    drafts = tuple(replace(draft, group=group) for plan in good for draft in plan.drafts)
    refused = [plan.refusal for plan in plans if plan.refusal is not None]
    if refused:
        sentence = f"{sentence} · {len(refused)} left out: {refused[0]}"
    return Plan(
        drafts=drafts,
        sentence=sentence,
        warnings=tuple(warning for plan in good for warning in plan.warnings),
        needs_second_enter=any(plan.needs_second_enter for plan in good),
        cancels=tuple(op_id for plan in good for op_id in plan.cancels),
        notes=tuple(op_id for plan in good for op_id in plan.notes),
        final=any(plan.final for plan in good),
    )


def target_of(visit: PlannedVisit) -> tuple[Kind, str]:
    """What an edit of this visit is an edit of: the job, where the visit only stands for it."""
    return (Kind.JOB, visit.job_id) if visit.made_up else (Kind.VISIT, visit.id)


def entity_of(visit: PlannedVisit) -> str:
    """The name of what an edit of this visit is an edit of, as operations have it."""
    kind, entity_id = target_of(visit)
    return f"{kind}:{entity_id}"


def change(visit: PlannedVisit, field_name: str, value: Json) -> Change:
    """A change of a visit's field, with its value as it is seen now."""
    kind, entity_id = target_of(visit)
    expected = value_of(visit, field_name)
    if visit.made_up and field_name == TIMES and not visit.by_order:
        # Where the system keeps clock times, a job has no day of its own.
        expected = [visit.start, visit.end, None]
    return Change(kind, entity_id, field_name, expected, value)


def job_change(job: Job, field_name: str, value: Json) -> Change:
    """A change of a job's field, with its value as it is seen now."""
    return Change(Kind.JOB, job.id, field_name, value_of(job, field_name), value)


def title_of(visit: PlannedVisit | Job) -> str:
    """How a sentence names a job: number and title, as far as there are."""
    return " ".join(part for part in (visit.number, visit.title) if part) or visit.id


def short_of(visit: PlannedVisit | Job) -> str:
    """How a label names a job: by its number, else by its title, else by its id."""
    return visit.number or visit.title or visit.id


def times_text(start: Instant, end: Instant, zone: Zone, day: date | None = None) -> str:
    """`10:45–12:45`, with the date before it where it is not `day`."""
    local = zone.local(start)
    text = f"{local:%H:%M}–{zone.clock_text(end)}"
    return text if local.date() == day else f"{local:%a} {local.day} {local:%b} {text}"
