"""Plans for several visits that are carried together: one shift of time, one undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from fieldboard.board.batching import batched
from fieldboard.board.plan import Plan, combine, title_of
from fieldboard.board.planning import crew_after, plan_move, plan_unassign
from fieldboard.domain.instants import HOUR, MINUTE, Instant
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


class _Target(NamedTuple):
    visit: PlannedVisit
    technician_id: str
    start: Instant
    end: Instant
    source: str | None


def plan_move_all(
    desk: Desk,
    visits: Sequence[PlannedVisit],
    technician_id: str,
    start: Instant,
    end: Instant,
    *,
    source: str | None = None,
) -> Plan:
    """Put the first visit into a technician's column at a time, and the others along with it.

    The others move by the same shift of time; they change to that technician only where the first one
    changes. One that has no time yet follows when those before it are done. Rules are checked against
    the day as it would be after all of them moved; what is over stays, and is counted.
    """
    first = visits[0]
    changes = technician_id not in first.technician_ids
    shift = start - first.start if first.start is not None else 0
    targets: list[_Target] = []
    free = end
    for visit in visits:
        own = next((one for one in visit.technician_ids if one == source), None)
        if visit.id == first.id:
            targets.append(_Target(visit, technician_id, start, end, source))
            continue
        column = technician_id if changes or not visit.technician_ids else own or visit.technician_ids[0]
        taken_from = own or next(iter(visit.technician_ids), None)
        if visit.start is not None:
            finish = visit.end if visit.end is not None and visit.end > visit.start else None
            finish = finish if finish is not None else visit.start + visit.minutes * MINUTE
            targets.append(_Target(visit, column, visit.start + shift, finish + shift, taken_from))
        else:
            targets.append(_Target(visit, column, free, free + visit.minutes * MINUTE, taken_from))
            free += visit.minutes * MINUTE
    among = [_moved(target) for target in targets if target.visit.status not in ENDED]
    plans = [
        plan_move(desk, one.visit, one.technician_id, one.start, one.end, source=one.source, among=among)
        for one in targets
    ]
    moving = sum(1 for plan in plans if plan.drafts)
    if not moving and all(plan.refusal is None for plan in plans):
        return Plan(sentence=f"{title_of(first)} and {len(visits) - 1} more stay where they are")
    told = [_jobs(moving)]
    if changes:
        told.append(f"→ {desk.people.name_of(technician_id)}")
    if shift:
        told.append(shift_text(shift))
    elif not changes:
        told.append("moved")
    return combine(plans, " ".join(told))


def plan_unassign_all(desk: Desk, visits: Sequence[PlannedVisit]) -> Plan:
    """Take several visits back to the queue, as one act."""
    plans = [plan_unassign(desk, visit) for visit in visits]
    return batched(
        desk, combine(plans, f"{_jobs(sum(1 for plan in plans if plan.drafts))} back to the queue")
    )


def shift_text(seconds: int) -> str:
    """A shift of time in words: `30 min later`, `2 h earlier`, `1 h 30 later`, `1 d later`."""
    minutes, word = abs(seconds) // MINUTE, "later" if seconds > 0 else "earlier"
    if minutes % (24 * 60) == 0:
        return f"{minutes // (24 * 60)} d {word}"
    if minutes < HOUR // MINUTE:
        return f"{minutes} min {word}"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} {word}" if rest else f"{hours} h {word}"


def _moved(target: _Target) -> PlannedVisit:
    crew = crew_after(target.visit, target.technician_id, target.source)
    if target.technician_id in target.visit.technician_ids:
        crew = target.visit.technician_ids
    return target.visit._replace(technician_ids=crew, start=target.start, end=target.end)


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"
