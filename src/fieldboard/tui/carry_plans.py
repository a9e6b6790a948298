"""What letting go of a carried visit would do, and the same move for another visit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldboard.board.bulk_plans import plan_move_all, plan_unassign_all
from fieldboard.board.planning import plan_move, plan_unassign
from fieldboard.domain.instants import MINUTE

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from fieldboard.domain.visit import PlannedVisit
    from fieldboard.tui.carry import Carry
    from fieldboard.tui.saving import Again, Planner


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
    """The same move for other visits: to the same technician and time, others along with the first."""
    technician_id, start = carry.technician_id, carry.start

    def again(visits: Sequence[PlannedVisit]) -> Planner:
        first = visits[0]
        if technician_id is None:
            return lambda desk: plan_unassign_all(desk, visits) if visits[1:] else plan_unassign(desk, first)
        if not visits[1:]:
            return lambda desk: plan_move(desk, first, technician_id, start)
        end = start + first.minutes * MINUTE
        return lambda desk: plan_move_all(desk, visits, technician_id, start, end)

    return again
