"""Taking back and doing again, worked out from the outbox alone, so that it outlives a restart.

What was never sent is cancelled; what was sent is taken back by a new operation whose expected values
are ours, so that somebody else's change since then is noticed and not overwritten; of what the server
refused note is taken. A bulk act is taken back as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fieldboard.board.plan import Plan, refuse
from fieldboard.domain.fields import CREATED, DELETED, STATUS
from fieldboard.domain.operation import (
    PENDING,
    UNDECIDED,
    Change,
    Intent,
    Json,
    Kind,
    Operation,
    OperationDraft,
    OpState,
)
from fieldboard.domain.rules import Ability

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

_DONE = PENDING | {OpState.CONFIRMED}


def undoable(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The newest act that can be taken back, with everything of its group; empty where there is none."""
    every = sorted(operations, key=lambda one: -one.seq)
    taken_back = _taken_back(every)
    for one in every:
        if _can_be_undone(one, taken_back):
            return _group(one, every, lambda other: _can_be_undone(other, taken_back))
    return ()


def redoable(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The act that was taken back last and may be done again; empty where something new was done since."""
    every = sorted(operations, key=lambda one: -one.seq)
    taken_back = _taken_back(every)
    done_again = {one.undoes for one in every if one.intent is Intent.REDO and one.undoes is not None}
    undone = [
        (when, one)
        for one in every
        if one.intent is not Intent.UNDO
        and one.op_id not in done_again
        and (when := _undone_at(one, taken_back)) is not None
    ]
    undone.sort(key=lambda item: (-item[0], item[1].seq))
    for when, one in undone:
        newer = any(
            other.seq > one.seq
            and other.created_at >= when
            and other.intent not in (Intent.UNDO, Intent.REDO)
            and _undone_at(other, taken_back) is None
            for other in every
        )
        if not newer:
            return _group(one, every, lambda other: any(other is row for _, row in undone))
        return ()
    return ()


def plan_undo(desk: Desk, op: Operation | None = None) -> Plan:
    """Take back one operation, or the newest act of the profile."""
    every = desk.operations()
    if op is not None:
        taken_back = _taken_back(every)
        if not _can_be_undone(op, taken_back):
            return refuse(f"{op.label or op.op_id} is {_why_not(op, taken_back)}")
        rows: tuple[Operation, ...] = (op,)
    else:
        rows = undoable(every)
    if not rows:
        return refuse("there is nothing to take back")
    drafts: list[OperationDraft] = []
    cancels: list[str] = []
    notes: list[str] = []
    for one in rows:
        if one.state in UNDECIDED:
            notes.append(one.op_id)
        elif one.state is OpState.QUEUED and one.sent_at is None and one.attempts == 0:
            cancels.append(one.op_id)
        else:
            changes = _inverse(desk, one)
            if isinstance(changes, str):
                return refuse(changes)
            label = f"taken back: {one.label}"
            drafts.append(
                OperationDraft(Intent.UNDO, one.entity, changes, label, group=one.group, undoes=one.op_id)
            )
    return Plan(tuple(drafts), _says("taken back", rows), cancels=tuple(cancels), notes=tuple(notes))


def plan_redo(desk: Desk) -> Plan:
    """Do again what was taken back last."""
    every = desk.operations()
    rows = redoable(every)
    if not rows:
        return refuse("there is nothing to do again")
    undo_of = _taken_back(every)
    drafts: list[OperationDraft] = []
    cancels: list[str] = []
    for one in rows:
        undo = undo_of.get(one.op_id)
        if undo is not None and undo.state is OpState.QUEUED and undo.attempts == 0:
            cancels.append(undo.op_id)
            continue
        changes = one.changes if one.state is OpState.CANCELLED else _again(desk, one)
        drafts.append(
            OperationDraft(
                Intent.REDO, one.entity, changes, one.label, one.warnings, one.reason, one.group, one.op_id
            )
        )
    return Plan(tuple(drafts), _says("done again", rows), cancels=tuple(cancels))


def plan_retry(desk: Desk, op: Operation) -> Plan:
    """Try a refused edit again, based on what is shown now; the old one is taken note of."""
    if op.state not in UNDECIDED:
        return refuse(f"{op.label or op.op_id} is {op.state.value}: there is nothing to try again")
    changes = tuple(
        one if one.field == CREATED else replace(one, expected=_seen(desk, one)) for one in op.changes
    )
    draft = OperationDraft(op.intent, op.entity, changes, op.label, op.warnings, None, op.group, op.undoes)
    return Plan((draft,), f"tried again: {op.label}", notes=(op.op_id,))


def _taken_back(operations: Iterable[Operation]) -> dict[str, Operation]:
    """The undo that holds for an operation, by the operation's id."""
    found: dict[str, Operation] = {}
    for one in operations:
        if one.intent is Intent.UNDO and one.undoes is not None and one.state in _DONE:
            found.setdefault(one.undoes, one)
    return found


def _can_be_undone(one: Operation, taken_back: dict[str, Operation]) -> bool:
    if one.state in UNDECIDED:
        return not one.noted
    return one.intent is not Intent.UNDO and one.state in _DONE and one.op_id not in taken_back


def _undone_at(one: Operation, taken_back: dict[str, Operation]) -> int | None:
    if one.intent is Intent.UNDO:
        return None
    if one.state is OpState.CANCELLED:
        return one.ended_at if one.ended_at is not None else one.created_at
    undo = taken_back.get(one.op_id)
    return undo.created_at if undo is not None else None


def _group(
    one: Operation, every: Sequence[Operation], keep: Callable[[Operation], bool]
) -> tuple[Operation, ...]:
    if one.group is None:
        return (one,)
    return tuple(
        other
        for other in every
        if other is one or (other.group == one.group and other.intent == one.intent and keep(other))
    )


def _why_not(op: Operation, taken_back: dict[str, Operation]) -> str:
    if op.intent is Intent.UNDO:
        return "itself a taking back; redo does it again"
    if op.op_id in taken_back:
        return "taken back already"
    return f"{op.state.value}: there is nothing to take back"


def _inverse(desk: Desk, op: Operation) -> tuple[Change, ...] | str:
    changes: list[Change] = []
    for one in reversed(op.changes):
        if one.field == CREATED:
            if not desk.rules.can(Ability.DELETE):
                return desk.rules.why_not(Ability.DELETE) or "what was created cannot be deleted"
            changes.append(Change(one.kind, desk.server_id(one.id), DELETED, False, True))
        elif one.field == DELETED:
            return f"{op.label}: what is deleted at the server cannot be brought back; create it again"
        elif op.intent is Intent.NOTE:
            return "a note that was sent cannot be taken back"
        else:
            if one.field == STATUS and (why := _no_way_back(desk, one)) is not None:
                return why
            target = desk.server_id(one.id)
            changes.append(Change(one.kind, target, one.field, one.value, one.expected))
    return tuple(changes)


def _no_way_back(desk: Desk, one: Change) -> str | None:
    from fieldboard.domain.status import Status, open_status

    lifecycle = desk.rules.job_lifecycle if one.kind is Kind.JOB else desk.rules.visit_lifecycle

    def status(word: Json) -> Status:
        return open_status(has_technician=True) if word == "open" else Status(str(word))

    if lifecycle.path(status(one.value), status(one.expected)) is None:
        return f"{desk.rules.title} has no way back from {one.value} to {one.expected}"
    return None


def _again(desk: Desk, op: Operation) -> tuple[Change, ...]:
    """The changes once more, based on what taking them back has left."""
    return tuple(replace(one, id=desk.server_id(one.id)) for one in op.changes)


def _seen(desk: Desk, one: Change) -> Json:
    seen = desk.seen(one.kind, desk.server_id(one.id), one.field)
    return one.expected if seen is None and one.field != "notes" else seen


def _says(done: str, rows: Sequence[Operation]) -> str:
    if len(rows) == 1:
        return f"{done}: {rows[0].label or rows[0].entity}"
    return f"{done}: {len(rows)} edits ({rows[-1].label} …)"
