"""Saves a plan: what is returned is on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.plan import Plan
from fieldboard.board.undo import taking_back
from fieldboard.domain.operation import Intent, Operation

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


class CannotCommit(ValueError):
    """A plan that was refused, or that was committed before: saving it again would book it twice."""


def commit(desk: Desk, plan: Plan, committed: set[str]) -> tuple[Operation, ...]:
    """Save a plan, and add its token to those of the plans that were `committed`.

    New operations are saved in one transaction. Raises CannotCommit for a plan that was refused or
    committed before, StorageError where this computer does not let it be saved.
    """
    if plan.refusal is not None:
        raise CannotCommit(plan.refusal)
    if plan.token in committed:
        raise CannotCommit(f"already saved: {plan.sentence}")
    outbox = desk.store.outbox
    saved = list(outbox.add_all(plan.drafts, noting=plan.notes)) if plan.drafts else []
    committed.add(plan.token)
    for op_id in plan.cancels:
        in_time = outbox.cancel(op_id)
        operation = outbox.get(op_id)
        if operation is not None and in_time:
            saved.append(operation)
        elif operation is not None:
            # It went out between the plan and now: it is taken back like what was sent.
            intent = Intent.REDO if operation.intent is Intent.UNDO else Intent.UNDO
            draft = taking_back(desk, operation, intent)
            if isinstance(draft, str):
                raise CannotCommit(draft)
            saved += outbox.add_all([draft])
    if plan.notes and not plan.drafts:
        outbox.note(plan.notes)
    for ruling in plan.rulings:
        if ruling.server_id is None:
            outbox.again(ruling.op_id)
        else:
            outbox.found(ruling.op_id, ruling.kind, ruling.server_id)
        ruled = outbox.get(ruling.op_id)
        if ruled is not None and not plan.drafts:
            saved.append(ruled)
    return tuple(saved)
