"""What letting go of a carried visit would do, and the same move for another visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.bulk_plans import plan_move_all, plan_unassign_all
from fieldboard.board.planning import plan_move, plan_unassign

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from fieldboard.domain.visit import PlannedVisit
    from fieldboard.tui.carry import Carry
    from fieldboard.tui.saving import Again


def plan_of(desk: Desk, carry: Carry, others: tuple[PlannedVisit, ...] = ()) -> Plan:
    """What letting go would do, with the others that go along."""
    visit = carry.visit
    if others:
        together = (visit, *others)
        if carry.technician_id is None:
            return plan_unassign_all(desk, together)
        return plan_move_all(desk, together, carry.technician_id, carry.start, carry.end, source=carry.source)
    if carry.technician_id is None:
        return plan_unassign(desk, visit)
    return plan_move(desk, visit, carry.technician_id, carry.start, carry.end, source=carry.source)


def again_of(carry: Carry) -> Again:
    """The same move for another visit: the same technician, right after the visits there."""
    technician_id = carry.technician_id
    if technician_id is None:
        return lambda visit: lambda desk: plan_unassign(desk, visit)
    start = carry.start
    return lambda visit: lambda desk: plan_move(desk, visit, technician_id, start)
