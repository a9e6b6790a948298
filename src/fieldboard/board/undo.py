"""Taking back and doing again, worked out from the outbox alone, so that it outlives a restart.

What was never sent is cancelled; what was sent is taken back by a new operation whose expected values
are ours, so that somebody else's change since then is noticed and not overwritten; of what the server
refused note is taken. A bulk act is taken back as one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from fieldboard.board.plan import Plan, refuse, title_of
from fieldboard.board.status_plans import no_way_back
from fieldboard.board.whole import seen_whole, visits_of
from fieldboard.domain.fields import CREATED, DELETED, SEQUENCE, STATUS, TECHNICIANS, TIMES
from fieldboard.domain.job import Job
from fieldboard.domain.operation import (
    PENDING,
    UNDECIDED,
    Change,
    Intent,
    Kind,
    Operation,
    OperationDraft,
    OpState,
)
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.view import NEW, temporary_id
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


LOOK_BACK: Final = 50
"""So many acts that cannot be taken back are passed over in search of one that can be."""


def plan_undo(desk: Desk, op: Operation | None = None, *, past: Collection[str] = ()) -> Plan:
    """Take back one operation, or the newest act of the profile.

    `past` are edits that cannot be taken back, as a plan before said: the act before them is meant.
    """
    if op is None:
        rows = _newest(desk, past)
        if not rows:
            return refuse("there is nothing to take back" + (" before that" if past else ""))
    elif (why := _why_not(op, since_of(desk))) is not None:
        return refuse(why)
    else:
        rows = (op,)
    plan = _backwards(desk, rows)
    if op is not None:
        return plan
    if plan.refusal is not None:
        older, stuck = _before(desk, rows, past)
        return replace(plan, stuck=stuck, older=older)
    stay = [one for one in map(desk.store.outbox.get, past) if one is not None and one.seq > rows[-1].seq]
    if stay:
        stays = max(stay, key=lambda one: one.seq)
        return replace(plan, sentence=f"{plan.sentence} · {stays.label or stays.entity} stays")
    return plan


def _backwards(desk: Desk, rows: Sequence[Operation]) -> Plan:
    """Take back edits of one act, the last first."""
    parts = [_taken_back(desk, one, Intent.UNDO) for one in sorted(rows, key=lambda one: -one.seq)]
    return _joined(parts, _says("taken back", rows))


def _before(
    desk: Desk, rows: Sequence[Operation], past: Collection[str]
) -> tuple[tuple[Operation, ...], tuple[str, ...]]:
    """The next act before a refused one that can be taken back, and the edits that cannot be, on the way."""
    stuck = [one.op_id for one in rows]
    for _ in range(LOOK_BACK):
        older = _newest(desk, {*past, *stuck})
        if not older or _backwards(desk, older).refusal is None:
            return older, tuple(stuck)
        stuck += [one.op_id for one in older]
    return (), tuple(stuck)


def plan_redo(desk: Desk) -> Plan:
    """Do again what was taken back last."""
    rows = desk.store.outbox.last_redoable()
    if not rows:
        return refuse("there is nothing to do again")
    parts: list[Plan] = []
    for one in rows:
        if one.intent is not Intent.UNDO:
            why = _too_late(desk, one)
            again = replace(anew(one), intent=Intent.REDO, undoes=one.op_id)
            parts.append(Plan((again,)) if why is None else refuse(f"{one.label or one.entity}: {why}"))
            continue
        first = desk.store.outbox.get(one.undoes) if one.undoes is not None else None
        if first is not None and any(change.field == CREATED for change in first.changes) and one.sent_at:
            # What was created and deleted again comes back as a new job.
            parts.append(Plan((replace(anew(first), intent=Intent.REDO, undoes=one.op_id),)))
        else:
            parts.append(_taken_back(desk, one, Intent.REDO, first.label if first is not None else one.label))
    firsts = [desk.store.outbox.get(one.undoes) or one if one.undoes else one for one in rows]
    return _joined(parts, _says("done again", firsts))


def taking_back(
    desk: Desk, op: Operation, intent: Intent, label: str | None = None, *, since: Since | None = None
) -> OperationDraft | str:
    """The operation that takes back one that was sent; a sentence where that cannot be done.

    `since` is what `since_of` says, where that is known already.

    What it expects at the server are our own values, so that another's change since then is a conflict.
    """
    changes = _too_late(desk, op, since) or _inverse(desk, op)
    if isinstance(changes, str):
        return changes
    told = label or (f"taken back: {op.label}" if op.label else "taken back")
    return OperationDraft(intent, _entity(desk, op), changes, told, group=op.group, undoes=op.op_id)


def _newest(desk: Desk, past: Collection[str] = ()) -> tuple[Operation, ...]:
    """The newest act that has an effect, or the newest refused edit, whichever came later; none of `past`."""
    rows = desk.store.outbox.last_undoable(past)
    live = desk.store.outbox.live()
    refused = [one for one in live if "undo" in one.choices and one.state in UNDECIDED]
    refused = [one for one in refused if one.op_id not in past]
    newest = max(refused, key=lambda one: one.seq, default=None)
    if newest is not None and (not rows or newest.seq > max(one.seq for one in rows)):
        return (newest,)
    return rows


class Since(NamedTuple):
    """What edits have come to that others may take back: which are, and when what they are of was deleted.

    `deleted` has the place in the outbox of our deletion, by the id of the job or visit.
    """

    taken: frozenset[str]
    deleted: Mapping[str, int]


def since_of(desk: Desk) -> Since:
    """What the later edits, sent or on their way, mean for those before them."""
    taken: set[str] = set()
    deleted: dict[str, int] = {}
    for one in desk.edits():
        if one.state not in _HOLDS:
            continue
        if one.undoes is not None and one.intent is Intent.UNDO:
            taken.add(one.undoes)
        for change in one.changes:
            if change.field == DELETED:
                gone = (desk.server_id(change.id), *visits_of(change.expected))
                deleted.update(dict.fromkeys(gone, one.seq))
    return Since(frozenset(taken), deleted)


def can_be_undone(desk: Desk, op: Operation, since: Since) -> bool:
    """Whether `undo` of this edit is accepted, by what is known here."""
    return _why_not(op, since) is None and _taken_back(desk, op, Intent.UNDO, since=since).refusal is None


def _why_not(op: Operation, since: Since) -> str | None:
    name = op.label or op.op_id
    if op.state is OpState.DUPLICATE and not op.noted:
        return f"{name} is there more than once: say first which one stays"
    if op.state in UNDECIDED:
        return f"{name} was decided already" if op.noted else None
    if op.intent is Intent.UNDO:
        return f"{name}: redo does it again"
    if op.state not in PENDING and op.state is not OpState.CONFIRMED:
        return f"{name} is {op.state.value}: there is nothing to take back"
    return f"{name} is taken back already" if op.op_id in since.taken else None


_HOLDS = PENDING | {OpState.CONFIRMED}


def _taken_back(
    desk: Desk, op: Operation, intent: Intent, label: str | None = None, *, since: Since | None = None
) -> Plan:
    if op.state in UNDECIDED:
        return Plan(notes=(op.op_id,))
    if op.state is OpState.QUEUED and op.attempts == 0 and not op.ever_uncertain:
        return Plan(cancels=(op.op_id,))
    draft = taking_back(desk, op, intent, label, since=since)
    if isinstance(draft, str):
        return refuse(f"{op.label or op.entity}: {draft}")
    return Plan((draft,))


def _joined(parts: Sequence[Plan], sentence: str) -> Plan:
    """All of an act or nothing of it: half a bulk act taken back is neither."""
    for part in parts:
        if part.refusal is not None:
            return refuse(part.refusal)
    return Plan(
        drafts=tuple(draft for part in parts for draft in part.drafts),
        sentence=sentence,
        cancels=tuple(op_id for part in parts for op_id in part.cancels),
        notes=tuple(op_id for part in parts for op_id in part.notes),
    )


def anew(op: Operation) -> OperationDraft:
    """The draft from which the operation was saved; what it created gets a new id again."""
    made = temporary_id(op.op_id)
    return OperationDraft(
        op.intent,
        op.entity.replace(made, NEW),
        tuple(replace(one, id=NEW) if one.id == made else one for one in op.changes),
        op.label,
        op.warnings,
        group=op.group,
    )


def _entity(desk: Desk, op: Operation) -> str:
    kind, _, entity_id = op.entity.partition(":")
    return f"{kind}:{desk.server_id(entity_id)}"


_OF_WORK: Final = frozenset({TECHNICIANS, TIMES, SEQUENCE, STATUS})


def _too_late(desk: Desk, op: Operation, since: Since | None = None) -> str | None:
    """Why an edit stays as it is: of what we deleted all; of work that is over who, when and the steps."""
    for one in op.changes:
        shown = _shown(desk, one)
        if shown is None:
            since = since or since_of(desk)
            if since.deleted.get(desk.server_id(one.id), 0) > op.seq:
                return "it is deleted by now"
            continue
        if one.field not in _OF_WORK or one.expected == one.value:
            continue
        if one.field == SEQUENCE and op.entity != f"{one.kind}:{one.id}":
            # It only made room for the one that was meant.
            continue
        if shown.status not in ENDED:
            continue
        over = f"{title_of(shown)} is {shown.status.value}"
        if one.field != STATUS:
            done = "assigned" if one.field == TECHNICIANS else "moved"
            return f"{over}: it cannot be {done} any more"
        was = str(one.value)
        if was not in ENDED and was not in desk.rules.job_lifecycle.stages:
            return f"{over}: it is not {was.replace('_', ' ')} any more"
    return None


def _shown(desk: Desk, change: Change) -> PlannedVisit | Job | None:
    """The job or visit that a change is of, as it is shown now; None where there is none."""
    target = desk.server_id(change.id)
    if change.kind is Kind.VISIT:
        return next(iter(desk.store.planned([target])), None)
    return desk.store.job(target) if change.kind is Kind.JOB else None


def _inverse(desk: Desk, op: Operation) -> tuple[Change, ...] | str:
    changes: list[Change] = []
    for one in reversed(op.changes):
        target = desk.server_id(one.id)
        if one.field == CREATED:
            if one.kind is Kind.VISIT:
                # Systems delete jobs, not single visits: what was added is called off.
                changes.append(Change(one.kind, target, STATUS, "open", Status.CANCELLED.value))
                continue
            if not desk.rules.can(Ability.DELETE) and desk.rules.can(Ability.CANCEL):
                # A system that keeps its jobs lets them be called off.
                changes.append(Change(one.kind, target, STATUS, "open", Status.CANCELLED.value))
                continue
            if not desk.rules.can(Ability.DELETE):
                return desk.rules.why_not(Ability.DELETE) or "what was created cannot be deleted"
            changes.append(Change(one.kind, target, DELETED, seen_whole(desk, target), True))
        elif one.field == DELETED:
            return "what is deleted at the server cannot be brought back; create it again"
        elif op.intent is Intent.NOTE:
            return "a note that was sent cannot be taken back"
        elif one.kind is Kind.TECHNICIAN and one.expected is None:
            return "nobody knows what it was before"
        elif (
            one.field == STATUS
            and one.kind is not Kind.TECHNICIAN
            and (why := no_way_back(desk, one)) is not None
        ):
            return why
        else:
            changes.append(Change(one.kind, target, one.field, one.value, one.expected))
    return tuple(changes)


def _says(done: str, rows: Sequence[Operation]) -> str:
    if len(rows) == 1 and rows[0].state in UNDECIDED:
        # It never took effect: nothing is taken back by that.
        return f"note is taken: {rows[0].label or rows[0].entity}"
    if len(rows) == 1:
        return f"{done}: {rows[0].label or rows[0].entity}"
    return f"{done}: {len(rows)} edits ({rows[-1].label} …)"
