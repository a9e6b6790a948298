"""Several jobs that go to one technician, or back to the queue, as one edit where the system takes it so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fieldboard.board.plan import Plan
from fieldboard.domain.fields import TECHNICIANS
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


def batched(desk: Desk, plan: Plan) -> Plan:
    """The plan, its assignments of several jobs to one technician made one edit.

    Only of jobs that nobody has, or that all come from somebody, and whose time stays: such an edit is one
    request, is refused or taken as one, and is taken back as one.
    """
    if not desk.rules.batches or plan.refusal is not None:
        return plan
    groups: dict[tuple[Intent, str], list[tuple[OperationDraft, Change]]] = {}
    for draft in plan.drafts:
        found = _assignment(draft)
        if found is not None:
            groups.setdefault((draft.intent, str(found.value)), []).append((draft, found))
    drafts = list(plan.drafts)
    for members in groups.values():
        if len(members) < 2:
            continue
        first = members[0][0]
        place = drafts.index(first)
        for draft, _ in members:
            drafts.remove(draft)
        drafts.insert(place, _one(desk, members))
    return replace(plan, drafts=tuple(drafts))


def _assignment(draft: OperationDraft) -> Change | None:
    """The one thing that a draft changes, where that is who goes to a job."""
    if draft.intent not in (Intent.ASSIGN, Intent.UNASSIGN) or draft.undoes is not None:
        return None
    changes = [one for one in draft.changes if one.expected != one.value]
    if len(changes) != 1 or changes[0].field != TECHNICIANS or changes[0].kind is not Kind.JOB:
        return None
    return changes[0] if bool(changes[0].value) != bool(changes[0].expected) else None


def _one(desk: Desk, members: list[tuple[OperationDraft, Change]]) -> OperationDraft:
    first, change = members[0]
    crew = change.value if isinstance(change.value, list) else []
    to = f"→ {desk.people.name_of(str(crew[0]))}" if crew else "back to the queue"
    warnings = tuple(dict.fromkeys(says for draft, _ in members for says in draft.warnings))
    return replace(
        first,
        changes=tuple(one for _, one in members),
        label=f"{len(members)} jobs {to}",
        warnings=warnings,
    )
