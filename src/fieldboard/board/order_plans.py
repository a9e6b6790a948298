"""Plans for the order of a technician's day, where the system keeps an order instead of clock times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from fieldboard.board.plan import Plan, change, entity_of, refuse, short_of, title_of
from fieldboard.domain.estimating import estimated_times, in_order
from fieldboard.domain.fields import SEQUENCE
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.operation import Change, Intent, OperationDraft
from fieldboard.domain.ordering import moved_to
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import ENDED
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


def kept_by_order(rules: SystemRules) -> bool:
    """Whether the system keeps days and their order, and no clock times."""
    return rules.can(Ability.REORDER) and not rules.can(Ability.CLOCK_TIMES)


def plan_reorder(
    desk: Desk,
    visit: PlannedVisit,
    *,
    before: PlannedVisit | None = None,
    position: int | None = None,
    entity: str | None = None,
) -> Plan:
    """Put a visit at another place of its own day: before another visit, or at a place counted from 1."""
    if (lacking := desk.rules.why_not(Ability.REORDER)) is not None:
        return refuse(lacking)
    if visit.status in ENDED:
        return refuse(f"{title_of(visit)} is {visit.status.value}: its place cannot be changed any more")
    if visit.date is None or not visit.technician_ids:
        return refuse(f"{title_of(visit)} has no place in anybody's day yet: assign it first")
    technician_id = visit.technician_ids[0]
    whose = f"{desk.people.name_of(technician_id)}'s day"
    others = others_of(desk, visit, technician_id, visit.date)
    if before is not None:
        at = next((place for place, one in enumerate(others) if one.id == before.id), None)
        if at is None:
            return refuse(f"{title_of(before)} is not on {whose} with {short_of(visit)}")
    else:
        at = max(1, position or 1) - 1
    changes = reordered(visit, others, at)
    if not changes:
        return Plan(sentence=f"{title_of(visit)} has that place already")
    place = min(at, len(others)) + 1
    label = f"{short_of(visit)} → {ordinal(place)} of {whose}"
    draft = OperationDraft(Intent.REORDER, entity or entity_of(visit), changes, label)
    return Plan((draft,), f"{title_of(visit)} → {ordinal(place)} of {whose}")


def plan_shift(desk: Desk, visit: PlannedVisit, by: int, *, entity: str | None = None) -> Plan:
    """Move a visit so many places later (earlier, where `by` is negative) in its own day."""
    if visit.date is None or not visit.technician_ids:
        return plan_reorder(desk, visit, position=1, entity=entity)
    day = in_order(
        one
        for one in desk.visits_of(visit.technician_ids[0], visit.date)
        if one.by_order and one.date == visit.date
    )
    at = next((place for place, one in enumerate(day) if one.id == visit.id), 0)
    return plan_reorder(desk, visit, position=max(1, at + by + 1), entity=entity)


def others_of(desk: Desk, visit: PlannedVisit, technician_id: str, day: date) -> list[PlannedVisit]:
    """What a technician's day has beside the visit, in order."""
    return in_order(
        one
        for one in desk.visits_of(technician_id, day)
        if one.by_order and one.date == day and one.id != visit.id
    )


def place_at(others: Sequence[PlannedVisit], start: Instant) -> int:
    """The place among others (from 0) that a visit gets which is put down at a moment of the day.

    What ended stays in front; of the rest those come first whose middle lies before that moment.
    """
    return sum(one.status in ENDED or ((one.start or 0) + (one.end or 0)) // 2 <= start for one in others)


def reordered(visit: PlannedVisit, others: Sequence[PlannedVisit], at: int) -> tuple[Change, ...]:
    """The changes that put the visit at a place among others (from 0), its own first."""
    places = moved_to([(one.id, one.sequence) for one in others], visit.id, at, visit.sequence)
    rows = {visit.id: visit, **{one.id: one for one in others}}
    ordered = sorted(places, key=lambda one: (one != visit.id, one))
    return tuple(change(rows[one], SEQUENCE, places[one]) for one in ordered)


def as_reordered(
    visit: PlannedVisit, others: Sequence[PlannedVisit], at: int, who: Technician, *, day: date, zone: Zone
) -> tuple[PlannedVisit, tuple[PlannedVisit, ...]]:
    """The visit and the others with the times that they would have."""
    places = moved_to([(one.id, one.sequence) for one in others], visit.id, at, visit.sequence)
    moved = visit._replace(
        technician_ids=(who.id,), date=day, sequence=places.get(visit.id, visit.sequence), estimated=True,
        start=None, end=None,
    )  # fmt: skip
    rows = [one._replace(sequence=places.get(one.id, one.sequence), start=None, end=None) for one in others]
    placed = estimated_times([moved, *rows], who, day, zone)
    return placed[0], tuple(placed[1:])


def ordinal(number: int) -> str:
    """A place in words: 1st, 2nd, 3rd, 4th and so on."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
