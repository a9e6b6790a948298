"""Plans for assigning and moving; with those for everything else, which live beside this module.

Keys, the `:` line and the command line all plan with these functions. Times are instants. A visit keeps
its length unless an end is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from fieldboard.board.consequences import facts_of, warnings_of
from fieldboard.board.deciding import decided_by, plan_decision, plan_retry
from fieldboard.board.job_plans import NEW_JOB, plan_create, plan_delete, plan_edit, plan_note
from fieldboard.board.order_plans import (
    as_reordered,
    kept_by_order,
    ordinal,
    others_of,
    place_at,
    plan_reorder,
    plan_shift,
    reordered,
)
from fieldboard.board.plan import (
    Plan,
    change,
    combine,
    entity_of,
    job_change,
    refuse,
    short_of,
    target_of,
    times_text,
    title_of,
)
from fieldboard.board.status_plans import StatusChoice, plan_status, status_choices
from fieldboard.board.technician_plans import plan_technician
from fieldboard.board.timing import time_changes
from fieldboard.board.undo import plan_redo, plan_undo
from fieldboard.board.visit_plans import plan_crew, plan_visit_add
from fieldboard.domain.fields import TECHNICIANS, TIMES
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.operation import Change, Intent, OperationDraft
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

__all__ = [
    "NEW_JOB",
    "Plan",
    "StatusChoice",
    "change",
    "combine",
    "decided_by",
    "entity_of",
    "job_change",
    "plan_assign",
    "plan_create",
    "plan_crew",
    "plan_decision",
    "plan_delete",
    "plan_edit",
    "plan_move",
    "plan_move_days",
    "plan_note",
    "plan_redo",
    "plan_reorder",
    "plan_reschedule",
    "plan_retry",
    "plan_shift",
    "plan_status",
    "plan_technician",
    "plan_unassign",
    "plan_undo",
    "plan_visit_add",
    "refuse",
    "status_choices",
    "target_of",
]


def plan_assign(
    desk: Desk,
    visit: PlannedVisit,
    technician_id: str,
    start: Instant | None = None,
    end: Instant | None = None,
    *,
    entity: str | None = None,
    among: Sequence[PlannedVisit] = (),
) -> Plan:
    """Give the visit to one technician; with a start also schedule it.

    `entity` is what the dispatcher named, where it was not the visit (`job:<id>`). `among` are the
    visits that the same act has given to somebody before, as they would be.
    """
    if (refusal := _cannot(desk, visit, Ability.ASSIGN, "assigned")) is not None:
        return refuse(refusal)
    crew = (technician_id,)
    times = (start, _end(visit, start, end)) if start is not None else None
    return _plan(desk, visit, crew, times, intent=Intent.ASSIGN, entity=entity, among=among)


def plan_move(
    desk: Desk,
    visit: PlannedVisit,
    technician_id: str,
    start: Instant,
    end: Instant | None = None,
    *,
    source: str | None = None,
    entity: str | None = None,
    among: Sequence[PlannedVisit] = (),
) -> Plan:
    """Put the visit into a technician's column at a time: what a drag or a carried visit does.

    `source` is the column from which it was taken: of a crew only that technician is replaced. A
    plan that moves nothing is empty. `among` are the visits that move with it, as they would be.
    """
    finish = _end(visit, start, end)
    crew = crew_after(visit, technician_id, source)
    moved = sorted(crew) != sorted(visit.technician_ids)
    if kept_by_order(desk.rules):
        return _plan_place(desk, visit, technician_id, start, entity=entity)
    timed = (start, finish) != (visit.start, visit.end)
    if not moved and not timed:
        return Plan(sentence=f"{title_of(visit)} stays where it is")
    if moved and (refusal := _cannot(desk, visit, Ability.ASSIGN, "assigned")) is not None:
        return refuse(refusal)
    return _plan(
        desk,
        visit,
        crew if moved else None,
        (start, finish) if timed else None,
        intent=Intent.ASSIGN if moved else Intent.RESCHEDULE,
        entity=entity,
        column=technician_id,
        among=among,
    )


def _plan_place(
    desk: Desk, visit: PlannedVisit, technician_id: str, start: Instant, *, entity: str | None
) -> Plan:
    """Put the visit where a moment falls in the order of a technician's day."""
    who = desk.people.technician(technician_id)
    if who is None or not who.active:
        gone = f"{who.name} does not work here any more" if who else f"there is no technician {technician_id}"
        return refuse(gone)
    day = desk.zone.date_of(start)
    others = others_of(desk, visit, technician_id, day)
    at = place_at(others, start)
    changes: list[Change] = []
    if visit.technician_ids != (technician_id,):
        if (refusal := _cannot(desk, visit, Ability.ASSIGN, "assigned")) is not None:
            return refuse(refusal)
        changes.append(change(visit, TECHNICIANS, [technician_id]))
    if visit.date != day:
        if (refusal := _cannot(desk, visit, Ability.SCHEDULE, "moved")) is not None:
            return refuse(refusal)
        changes.append(change(visit, TIMES, [None, None, day.isoformat()]))
    intent = Intent.ASSIGN if TECHNICIANS in {one.field for one in changes} else Intent.RESCHEDULE
    placing = reordered(visit, others, at)
    if not changes and not placing:
        return Plan(sentence=f"{title_of(visit)} stays where it is")
    if not changes:
        if (refusal := _cannot(desk, visit, Ability.REORDER, "moved")) is not None:
            return refuse(refusal)
        intent = Intent.REORDER
    moved, among = as_reordered(visit, others, at, who, day=day, zone=desk.zone)
    warnings = warnings_of(desk, moved, (technician_id,), among=among)
    what = f"{who.name} {ordinal(at + 1)}"
    if moved.start is not None and moved.end is not None:
        what += f", about {times_text(moved.start, moved.end, desk.zone, desk.today())}"
    draft = OperationDraft(
        intent,
        entity or entity_of(visit),
        (*changes, *placing),
        f"{short_of(visit)} → {what}",
        tuple(warning.says for warning in warnings),
    )
    facts = facts_of(desk, moved, technician_id)
    return Plan((draft,), f"{title_of(visit)} → {what}", warnings, None, bool(warnings), facts=facts)


def crew_after(visit: PlannedVisit, technician_id: str, source: str | None) -> tuple[str, ...]:
    """Who goes once the visit was put into a column: of a crew only the one it was taken from is replaced."""
    if source is not None and len(visit.technician_ids) > 1 and source in visit.technician_ids:
        return tuple(dict.fromkeys(technician_id if one == source else one for one in visit.technician_ids))
    return (technician_id,)


def plan_reschedule(
    desk: Desk, visit: PlannedVisit, start: Instant, end: Instant | None = None, *, entity: str | None = None
) -> Plan:
    """Move the visit in time; its technicians stay."""
    return _plan(desk, visit, None, (start, _end(visit, start, end)), intent=Intent.RESCHEDULE, entity=entity)


def plan_move_days(desk: Desk, visit: PlannedVisit, day: date, *, entity: str | None = None) -> Plan:
    """Move the visit to another day at the same time of day.

    A time that the clock skips on that day moves forward with it, and the sentence says so; one that
    comes twice means the first.
    """
    if visit.start is None:
        return refuse(f"{title_of(visit)} has no time; give it one")
    wall = desk.zone.local(visit.start).replace(tzinfo=None).time()
    start = desk.zone.nearest(day, wall)
    plan = plan_reschedule(desk, visit, start, entity=entity)
    if plan.refusal is None and desk.zone.local(start).time().replace(tzinfo=None) != wall:
        told = f"the clock skips {wall:%H:%M} that day: it begins at {desk.zone.clock_text(start)}"
        return replace(plan, sentence=f"{plan.sentence} · {told}")
    return plan


def plan_unassign(desk: Desk, visit: PlannedVisit, *, entity: str | None = None) -> Plan:
    """Take the visit from its technicians, back to the queue; a planned time stays with it."""
    if (refusal := _cannot(desk, visit, Ability.UNASSIGN, "unassigned")) is not None:
        return refuse(refusal)
    if not visit.technician_ids:
        return refuse(f"{title_of(visit)} has no technician")
    label = f"{short_of(visit)} back to the queue"
    draft = OperationDraft(
        Intent.UNASSIGN, entity or entity_of(visit), (change(visit, TECHNICIANS, []),), label
    )
    return Plan((draft,), f"{title_of(visit)} back to the queue")


def _plan(
    desk: Desk,
    visit: PlannedVisit,
    crew: Sequence[str] | None,
    times: tuple[Instant, Instant] | None,
    *,
    intent: Intent,
    entity: str | None,
    column: str | None = None,
    among: Sequence[PlannedVisit] = (),
) -> Plan:
    if times is not None and (refusal := _cannot(desk, visit, Ability.SCHEDULE, "moved")) is not None:
        return refuse(refusal)
    if times is not None and times[1] <= times[0]:
        return refuse("the end is not after the start")
    for technician_id in crew or ():
        technician = desk.people.technician(technician_id)
        if technician is None:
            return refuse(f"there is no technician {technician_id}")
        if not technician.active:
            return refuse(f"{technician.name} does not work here any more")
    changes: list[Change] = []
    if crew is not None:
        changes.append(change(visit, TECHNICIANS, [*sorted(crew)]))
    told: list[str] = []
    says: list[str] = []
    moved = visit._replace(technician_ids=tuple(crew) if crew is not None else visit.technician_ids)
    if times is not None and desk.rules.can(Ability.CLOCK_TIMES):
        timed = time_changes(desk, visit, *times)
        moved = moved._replace(start=times[0], end=timed.end)
        changes += timed.changes
        told += timed.told
        says += timed.told
    elif times is not None:
        day = desk.zone.date_of(times[0])
        moved = moved._replace(start=None, end=None, date=day)
        # The whole reason stands with the edit; a line of the board has room for what it comes to.
        told.append(desk.rules.why_not(Ability.CLOCK_TIMES) or "the clock time is dropped")
        says.append("only the day is written")
        if day != visit.date or crew is None:
            # The same day again is saved all the same: what is told of it stands with the edit.
            changes.append(change(visit, TIMES, [None, None, day.isoformat()]))
    concerned = (column,) if column is not None else moved.technician_ids
    warnings = warnings_of(desk, moved, concerned, among=among)
    facts = facts_of(desk, moved, concerned[0]) if len(concerned) == 1 else ()
    what = _what(desk, moved)
    draft = OperationDraft(
        intent,
        entity or entity_of(visit),
        tuple(changes),
        f"{short_of(visit)} → {what}",
        (*(warning.says for warning in warnings), *told),
    )
    sentence = f"{title_of(visit)} → {what}" + "".join(f" · {one}" for one in says)
    return Plan((draft,), sentence, warnings, None, bool(warnings), facts=facts)


def _what(desk: Desk, moved: PlannedVisit) -> str:
    names = [desk.people.name_of(one) for one in moved.technician_ids]
    parts = [" and ".join(names) if names else "nobody yet"]
    if moved.start is not None:
        end = moved.end if moved.end is not None else moved.start + moved.minutes * MINUTE
        parts.append(times_text(moved.start, end, desk.zone, desk.today()))
    elif moved.date is not None:
        parts.append(moved.date.isoformat())
    return " ".join(parts)


def _end(visit: PlannedVisit, start: Instant, end: Instant | None) -> Instant:
    return end if end is not None else start + visit.minutes * MINUTE


def _cannot(desk: Desk, visit: PlannedVisit, ability: Ability, done: str) -> str | None:
    lacking = desk.rules.why_not(ability)
    if lacking is not None:
        return lacking
    if visit.status in ENDED:
        return f"{title_of(visit)} is {visit.status.value}: it cannot be {done} any more"
    return None
