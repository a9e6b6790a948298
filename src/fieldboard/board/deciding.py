"""From a choice to a plan: what a decision about an edit saves and sends.

A decision is based on what the dispatcher had before them: where that has changed since, the new edit
meets it and asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from fieldboard.board.consequences import warnings_of
from fieldboard.board.decisions import TO_DECIDE, Decision, Side, decision_of, made_kind
from fieldboard.board.job_plans import plan_delete
from fieldboard.board.naming import NotNamed, find_job, find_visit
from fieldboard.board.plan import Plan, Ruling, refuse
from fieldboard.board.status_plans import plan_status
from fieldboard.board.undo import Since, anew, can_be_undone, plan_undo, since_of
from fieldboard.domain import fields
from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.domain.view import NEW, as_visit, temporary_id

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.domain.visit import PlannedVisit


def with_true_choices(desk: Desk, operations: Iterable[Operation]) -> Iterator[Operation]:
    """The operations, each with the choices that are accepted by what is known here; nothing is sent."""
    since = since_of(desk)
    for op in operations:
        yield replace(op, choices=tuple(_accepted(desk, op, since))) if op.choices else op


def _accepted(desk: Desk, op: Operation, since: Since) -> Iterator[str]:
    decision = decision_of(desk, op) if op.state in TO_DECIDE else None
    leads = {one.id for one in decision.choices} if decision is not None else set()
    for choice in op.choices:
        if can_be_undone(desk, op, since) if choice == "undo" else choice in leads:
            yield choice


def plan_decision(desk: Desk, decision: Decision, choice: str, found: str | None = None) -> Plan:
    """What one of an edit's choices comes to; `found` is what a dispatcher typed for `found`.

    A choice that the edit does not have is refused.
    """
    op = decision.op
    name = op.label or op.op_id
    if choice not in op.choices:
        if not op.choices:
            return refuse(f"{name} is {op.state.value}: there is nothing to decide")
        return refuse(f"{name}: {choice!r} is not among its choices: {', '.join(op.choices)}")
    match choice:
        case "mine" | "retry":
            return _mine(desk, decision)
        case "both":
            return _both(desk, decision)
        case "theirs":
            kept = "note is taken" if op.state is OpState.GONE else "the system's value is kept"
            return Plan(sentence=f"{name}: {kept}", notes=(op.op_id,))
        case "again":
            return _again(decision)
        case "found":
            return _found(desk, decision, found or "")
        case "this" | "other":
            return _one_of(desk, decision, keep_ours=choice == "this")
        case _ if op.state is OpState.ASK:
            return Plan(sentence=f"{name}: note is taken, nothing more is sent", notes=(op.op_id,))
        case _:
            return plan_undo(desk, op)


def plan_retry(desk: Desk, op: Operation) -> Plan:
    """Try a refused edit again, based on what is shown now; of the old one note is taken."""
    name = op.label or op.op_id
    if op.noted:
        return refuse(f"{name} was decided already")
    if op.state is OpState.CONFLICT:
        return refuse(f"{name} is contested: keep mine or theirs")
    if op.state in (OpState.ASK, OpState.DUPLICATE):
        return refuse(f"{name}: say first what became of it ({', '.join(op.choices)})")
    if "retry" not in op.choices:
        return refuse(f"{name} is {op.state.value}: there is nothing to try again")
    return _mine(desk, decision_of(desk, op))


def decided_by(plan: Plan, op: Operation) -> Plan:
    """The plan as the decision about an edit: note is taken of it as the plan is saved."""
    if plan.refusal is not None or op.op_id in plan.notes:
        return plan
    return replace(plan, notes=(*plan.notes, op.op_id))


def _mine(desk: Desk, decision: Decision) -> Plan:
    """The same wish once more, based on what the dispatcher sees now."""
    op = decision.op
    values = {(one.change.kind, one.change.id, one.change.field): one.change.value for one in decision.sides}
    return _wish(desk, decision, values, op.label or decision.title)


def _wish(desk: Desk, decision: Decision, values: dict[tuple[Kind, str, str], Json], label: str) -> Plan:
    op, draft = decision.op, anew(decision.op)
    sides = {(one.change.kind, one.change.id, one.change.field): one for one in decision.sides}
    changes: list[Change] = []
    for one in draft.changes:
        key = (one.kind, one.id, one.field)
        side = sides.get(key)
        if side is None:
            changes.append(one)
            continue
        if (why := _unreachable(desk, side)) is not None:
            return refuse(why)
        changes.append(replace(one, id=desk.server_id(one.id), expected=_expected(side), value=values[key]))
    if changes and all(one.expected == one.value for one in changes) and op.intent is not Intent.NOTE:
        return Plan(sentence=f"{label} is so already", notes=(op.op_id,))
    warnings = _warnings(desk, decision, changes)
    kind, _, entity_id = draft.entity.partition(":")
    draft = replace(
        draft,
        entity=f"{kind}:{desk.server_id(entity_id)}",
        changes=tuple(changes),
        label=label,
        warnings=tuple(one.says for one in warnings),
        undoes=op.undoes,
        group=None,
    )
    deletes = any(one.field == fields.DELETED for one in changes)
    return Plan(
        (draft,),
        f"sent again: {label}",
        warnings,
        needs_second_enter=bool(warnings) or deletes,
        final=deletes,
        notes=(op.op_id,),
    )


def _expected(side: Side) -> Json:
    return side.change.expected if side.seen is None and side.name != "notes" else side.seen


def _unreachable(desk: Desk, side: Side) -> str | None:
    """Why a status cannot follow the one that is there now."""
    change = side.change
    if change.field != fields.STATUS or not isinstance(side.seen, str) or change.kind is Kind.TECHNICIAN:
        return None
    lifecycle = desk.rules.job_lifecycle if change.kind is Kind.JOB else desk.rules.visit_lifecycle
    here, goal = side.seen, str(change.value)
    if lifecycle.way(here, goal) is not None:
        return None
    return f"{desk.rules.title} has no way from {here.replace('_', ' ')} to {goal.replace('_', ' ')}"


def _warnings(desk: Desk, decision: Decision, changes: list[Change]) -> tuple[Conflict, ...]:
    """The rules that the wish would break as things are now."""
    visit = decision.visit
    if visit is None or not any(one.field in (fields.TECHNICIANS, fields.TIMES) for one in changes):
        return ()
    return warnings_of(desk, _moved(visit, changes))


def _moved(visit: PlannedVisit, changes: list[Change]) -> PlannedVisit:
    laid = as_visit(visit)
    for one in changes:
        if one.id in (visit.id, visit.job_id):
            laid = fields.with_visit_value(laid, one.field, one.value)
    return visit._replace(technician_ids=laid.technician_ids, start=laid.start, end=laid.end, date=laid.date)


def _both(desk: Desk, decision: Decision) -> Plan:
    """Both edits: whom we added and took away, on the crew that is there now; both copies of a job."""
    op = decision.op
    name = op.label or op.op_id
    if op.state is OpState.DUPLICATE:
        ours = next((one for one in decision.copies if one.ours), None)
        if ours is None:
            return Plan(sentence=f"{name}: both are kept", notes=(op.op_id,))
        return Plan(sentence=f"{name}: both are kept", rulings=(Ruling(op.op_id, ours.kind, ours.id),))
    values: dict[tuple[Kind, str, str], Json] = {}
    for one in decision.sides:
        change = one.change
        key = (change.kind, change.id, change.field)
        values[key] = change.value
        if change.field == fields.TECHNICIANS:
            base, mine, theirs = (
                {str(who) for who in crew} if isinstance(crew, list) else set()
                for crew in (change.expected, change.value, one.seen)
            )
            values[key] = [*sorted((theirs | (mine - base)) - (base - mine))]
    return _wish(desk, decision, values, name)


def _again(decision: Decision) -> Plan:
    op = decision.op
    kind = made_kind(op)
    if decision.copies and kind is Kind.JOB:
        # It has the number; a visit has nothing that would tell it from another's.
        there = decision.copies[0]
        return refuse(f"it is there: {there.says}; say that it was found ({there.id})")
    return Plan(sentence=f"created again: {op.label or op.op_id}", rulings=(Ruling(op.op_id, kind),))


def _found(desk: Desk, decision: Decision, text: str) -> Plan:
    op = decision.op
    wanted = text.strip()
    if made_kind(op) is Kind.VISIT:
        return _found_visit(desk, op, wanted)
    if not wanted:
        return refuse("say which job it is: its id or number")
    own = temporary_id(op.op_id)
    # What was made here and is not there yet has numbers, too: another's id of ours is no answer.
    numbered = [one for one in desk.store.job_by_number(wanted) if not one.id.startswith(f"{NEW}:")]
    try:
        job = numbered[0] if len(numbered) == 1 else find_job(wanted, desk)
    except NotNamed as unknown:
        return refuse(f"{unknown}; sync first if it is new")
    if job.id == own:
        return refuse(f"{wanted} is the job that may not be there; sync first if the system has it")
    return Plan(
        sentence=f"{op.label or op.op_id}: it is job {job.number or job.id}",
        rulings=(Ruling(op.op_id, Kind.JOB, job.id),),
    )


def _found_visit(desk: Desk, op: Operation, wanted: str) -> Plan:
    if not wanted:
        return refuse("say which visit it is: its id, or JOB/2 for the second of a job")
    try:
        visit, _ = find_visit(wanted, desk)
    except NotNamed as unknown:
        return refuse(f"{unknown}; sync first if it is new")
    jobs = {
        desk.server_id(str(one.value.get("job_id", "")))
        for one in op.changes
        if one.field == fields.CREATED and isinstance(one.value, dict)
    }
    if visit.id == temporary_id(op.op_id) or visit.made_up:
        return refuse(f"{wanted} is the visit that may not be there; sync first if the system has it")
    if visit.job_id not in jobs:
        return refuse(f"{wanted} is a visit of another job")
    return Plan(
        sentence=f"{op.label or op.op_id}: it is visit {visit.id}",
        rulings=(Ruling(op.op_id, Kind.VISIT, visit.id),),
    )


def _one_of(desk: Desk, decision: Decision, *, keep_ours: bool) -> Plan:
    """Keep one of several that one edit has created, take the others away."""
    op, copies = decision.op, decision.copies
    name = op.label or op.op_id
    if len(copies) < 2:
        return refuse(f"{name}: it is not known which these are; delete one, then keep both")
    if not desk.rules.can(Ability.DELETE) and not desk.rules.can(Ability.CANCEL):
        return refuse(desk.rules.why_not(Ability.DELETE) or "the other cannot be deleted")
    kept = copies[0] if keep_ours else copies[1]
    drafts: list[OperationDraft] = []
    for one in copies:
        if one.id == kept.id:
            continue
        plan = _taken_away(desk, one.kind, one.id)
        if plan.refusal is not None:
            return plan
        drafts += plan.drafts
    return Plan(
        tuple(drafts),
        f"{name}: {kept.id} is kept, {len(drafts)} deleted",
        needs_second_enter=True,
        final=True,
        rulings=(Ruling(op.op_id, kept.kind, kept.id),),
    )


def _taken_away(desk: Desk, kind: Kind, one: str) -> Plan:
    if kind is Kind.VISIT:
        visit = next(iter(desk.store.planned([one])), None)
        # Systems delete jobs, not single visits: what is too many is called off.
        return plan_status(desk, visit, Status.CANCELLED) if visit is not None else Plan()
    job = desk.store.job(one)
    if job is not None:
        return plan_delete(desk, job)
    change = Change(Kind.JOB, one, fields.DELETED, False, True)
    return Plan((OperationDraft(Intent.DELETE, f"job:{one}", (change,), f"{one} deleted"),))
