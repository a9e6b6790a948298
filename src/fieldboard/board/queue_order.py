"""In what order the queue stands, and by what its rows stand together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from fieldboard.domain.named import NamedTuple
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit

FAR_FUTURE = 1 << 60


class Order(StrEnum):
    """The orders of the queue. Drafts come last in all of them."""

    URGENCY = "urgency"
    PROMISE = "promise"
    AGE = "age"
    DURATION = "duration"
    DISTANCE = "distance"
    CUSTOMER = "customer"
    SKILL = "skill"
    NUMBER = "number"


class GroupBy(StrEnum):
    """By what the rows of the queue stand together."""

    NOTHING = "nothing"
    PRIORITY = "priority"
    SKILL = "skill"
    TERRITORY = "territory"
    CUSTOMER = "customer"
    STATE = "state"


class Group(NamedTuple):
    """Rows that stand together: `size` of them from row `start`."""

    name: str
    start: int
    size: int


Distance = Callable[[PlannedVisit], float | None]
"""Kilometres from a visit to the nearest technician who could do it."""

# Sort keys are tuples of several shapes, compared only with others of the same order.
SortKey = tuple[Any, ...]


def sort_key(
    order: Order, group_by: GroupBy = GroupBy.NOTHING, distance: Distance | None = None
) -> Callable[[PlannedVisit], SortKey]:
    """The key by which rows are sorted; it ends with the id, so that no two rows are equal."""
    inner = _ORDERS[order] if order is not Order.DISTANCE else _by_distance(distance)
    if group_by is GroupBy.NOTHING:
        return inner
    group = _GROUPS[group_by]
    return lambda visit: (*group(visit)[0], *inner(visit))


def groups_of(rows: Sequence[PlannedVisit], group_by: GroupBy) -> tuple[Group, ...]:
    """The groups of rows that are in order by it."""
    if group_by is GroupBy.NOTHING:
        return ()
    group = _GROUPS[group_by]
    found: list[Group] = []
    for at, row in enumerate(rows):
        name = group(row)[1]
        if found and found[-1].name == name:
            found[-1] = Group(name, found[-1].start, found[-1].size + 1)
        else:
            found.append(Group(name, at, 1))
    return tuple(found)


def promise_of(visit: PlannedVisit) -> int | None:
    """The instant by which the customer was promised: the end of the earliest window.

    Without windows the planned start, or the day that the visit has without a time.
    """
    if visit.windows:
        return min(window.end for window in visit.windows)
    if visit.start is not None:
        return visit.start
    # Days are compared with instants: midday UTC is near enough for an order.
    return visit.date.toordinal() * 86_400 - 62_135_553_600 if visit.date is not None else None


def _draft(visit: PlannedVisit) -> bool:
    return visit.status is Status.DRAFT or visit.job_status is Status.DRAFT


def _press(visit: PlannedVisit) -> int:
    return -(visit.priority.value if visit.priority is not None else 1)


def _promise(visit: PlannedVisit) -> int:
    promise = promise_of(visit)
    return promise if promise is not None else FAR_FUTURE


def _age(visit: PlannedVisit) -> int:
    return visit.created_at if visit.created_at is not None else FAR_FUTURE


def _urgency(visit: PlannedVisit) -> SortKey:
    return _draft(visit), _press(visit), _promise(visit), _age(visit), visit.number, visit.id


def _by_distance(distance: Distance | None) -> Callable[[PlannedVisit], SortKey]:
    def key(visit: PlannedVisit) -> SortKey:
        away = distance(visit) if distance is not None else None
        return _draft(visit), FAR_FUTURE if away is None else away, *_urgency(visit)

    return key


_ORDERS: dict[Order, Callable[[PlannedVisit], SortKey]] = {
    Order.URGENCY: _urgency,
    Order.PROMISE: lambda visit: (_draft(visit), _promise(visit), *_urgency(visit)),
    Order.AGE: lambda visit: (_draft(visit), _age(visit), *_urgency(visit)),
    Order.DURATION: lambda visit: (_draft(visit), -visit.minutes, *_urgency(visit)),
    Order.CUSTOMER: lambda visit: (_draft(visit), visit.customer.casefold(), *_urgency(visit)),
    Order.SKILL: lambda visit: (_draft(visit), not visit.skills, visit.skills, *_urgency(visit)),
    Order.NUMBER: lambda visit: (_draft(visit), len(visit.number), visit.number, *_urgency(visit)),
}


def _priority_group(visit: PlannedVisit) -> tuple[SortKey, str]:
    if _draft(visit):
        return (1, 0), "draft"
    return (0, _press(visit)), visit.priority.word if visit.priority is not None else "normal"


def _skill_group(visit: PlannedVisit) -> tuple[SortKey, str]:
    name = ", ".join(visit.skills)
    return (not name, name.casefold()), name or "no skill"


def _territory_group(visit: PlannedVisit) -> tuple[SortKey, str]:
    name = visit.territory or ""
    return (not name, name.casefold()), name or "no territory"


def _customer_group(visit: PlannedVisit) -> tuple[SortKey, str]:
    return (not visit.customer, visit.customer.casefold()), visit.customer or "no customer"


def _state_group(visit: PlannedVisit) -> tuple[SortKey, str]:
    if _draft(visit):
        return (3,), "draft"
    if not visit.technician_ids and visit.start is None:
        return (0,), "unassigned and unscheduled"
    return ((1,), "unassigned") if not visit.technician_ids else ((2,), "unscheduled")


_GROUPS: dict[GroupBy, Callable[[PlannedVisit], tuple[SortKey, str]]] = {
    GroupBy.PRIORITY: _priority_group,
    GroupBy.SKILL: _skill_group,
    GroupBy.TERRITORY: _territory_group,
    GroupBy.CUSTOMER: _customer_group,
    GroupBy.STATE: _state_group,
}
