"""The queue as the board shows it: in order, filtered, grouped; a hundred thousand rows are nothing odd.

Rows are kept as they come from the cache. What a filter looks in is worked out once a row, when it is
first needed, and a filter that narrows the last one looks only at what that one let through.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from fieldboard.board.filters import Filter, Term, key_of, narrows, row_test
from fieldboard.domain.conflicts import place_of
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng
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


class QueueBoard:
    """The queue in one order, under one filter. A value: every change gives a new one.

    `rows` are those that pass the filter, in order; `total` counts all; `groups` is empty where the
    rows are not grouped.
    """

    __slots__ = (
        "_all",
        "_by_id",
        "_distance",
        "_keys",
        "filter",
        "group_by",
        "groups",
        "order",
        "rows",
        "total",
    )

    def __init__(
        self,
        rows: Sequence[PlannedVisit],
        order: Order = Order.URGENCY,
        group_by: GroupBy = GroupBy.NOTHING,
        filter: Filter | None = None,
        distance: Distance | None = None,
    ) -> None:
        self._all = sorted(rows, key=sort_key(order, group_by, distance))
        self._keys: dict[str, str] = {}
        self._by_id: dict[str, PlannedVisit] = {row.id: row for row in self._all}
        self._distance = distance
        self.order, self.group_by = order, group_by
        self.filter = filter or Filter()
        self.total = len(self._all)
        self.rows: Sequence[PlannedVisit] = self._matching(self._all, self.filter.terms)
        self.groups = _groups(self.rows, group_by)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, visit_id: object) -> bool:
        return visit_id in self._by_id

    def row(self, visit_id: str) -> PlannedVisit | None:
        """A row by its visit, also one that the filter hides."""
        return self._by_id.get(visit_id)

    def km(self, visit: PlannedVisit) -> float | None:
        """Kilometres to the nearest technician who could do it; None where nobody knows."""
        return self._distance(visit) if self._distance is not None else None

    def position(self, visit_id: str) -> int | None:
        """The place of a visit among the shown rows; None where it is not shown."""
        row = self._by_id.get(visit_id)
        if row is None:
            return None
        key = sort_key(self.order, self.group_by, self._distance)
        at = bisect_left(self.rows, key(row), key=key)
        return at if at < len(self.rows) and self.rows[at].id == visit_id else None

    def warm(self) -> None:
        """Work out now what a filter looks in, so that its first key costs no more than the next."""
        keys = self._keys
        for row in self._all:
            if row.id not in keys:
                keys[row.id] = key_of(row)

    def sorted_by(self, order: Order, group_by: GroupBy | None = None) -> QueueBoard:
        """The same rows in another order."""
        new = self._copy()
        new.order = order
        new.group_by = self.group_by if group_by is None else group_by
        key = sort_key(new.order, new.group_by, self._distance)
        new._all = sorted(self._all, key=key)
        new.rows = new._all if self.rows is self._all else sorted(self.rows, key=key)
        new.groups = _groups(new.rows, new.group_by)
        return new

    def filtered(self, filter: Filter, previous: QueueBoard | None = None) -> QueueBoard:
        """The rows that pass `filter`, in the same order.

        Where the filter narrows that of this queue (or of `previous`), only its rows are looked at.
        """
        seen = previous if previous is not None and previous._all is self._all else self
        terms = filter.terms
        source = seen.rows if narrows(terms, seen.filter.terms) else self._all
        new = self._copy()
        new.filter = filter
        new.rows = self._matching(source, terms)
        new.groups = _groups(new.rows, new.group_by)
        return new

    def changed(self, visits: Mapping[str, PlannedVisit | None]) -> QueueBoard:
        """The queue after some visits changed; one that waits no more (or None) leaves it.

        Costs a copy of the list and a search for each change, not a new sort.
        """
        new = self._copy()
        key = sort_key(self.order, self.group_by, self._distance)
        test, plain = row_test(self.filter.terms), _plain(self.filter.terms)
        new._all = list(self._all)
        new._by_id = dict(self._by_id)
        new._keys = dict(self._keys)
        rows = new._all if self.rows is self._all else list(self.rows)
        for visit_id, visit in visits.items():
            old = new._by_id.pop(visit_id, None)
            new._keys.pop(visit_id, None)
            if old is not None:
                _remove(new._all, old, key)
                if rows is not new._all:
                    _remove(rows, old, key)
            if visit is not None and visit.queued:
                new._by_id[visit_id] = visit
                new._all.insert(bisect_left(new._all, key(visit), key=key), visit)
                if rows is not new._all and test(visit) and all(word in key_of(visit) for word in plain):
                    rows.insert(bisect_left(rows, key(visit), key=key), visit)
        new.rows = rows
        new.total = len(new._all)
        new.groups = _groups(rows, self.group_by)
        return new

    def _copy(self) -> QueueBoard:
        new = QueueBoard.__new__(QueueBoard)
        for name in QueueBoard.__slots__:
            setattr(new, name, getattr(self, name))
        return new

    def _matching(self, rows: Sequence[PlannedVisit], terms: tuple[Term, ...]) -> Sequence[PlannedVisit]:
        if not terms:
            return self._all
        plain = _plain(terms)
        found = rows
        if plain:
            if len(self._keys) < len(self._all):
                self.warm()
            keys = self._keys
            for word in sorted(plain, key=len, reverse=True):
                found = [row for row in found if word in keys[row.id]]
        if len(plain) < len(terms):
            test = row_test(terms)
            found = [row for row in found if test(row)]
        return found


def sort_key(
    order: Order, group_by: GroupBy = GroupBy.NOTHING, distance: Distance | None = None
) -> Callable[[PlannedVisit], SortKey]:
    """The key by which rows are sorted; it ends with the id, so that no two rows are equal."""
    inner = _ORDERS[order] if order is not Order.DISTANCE else _by_distance(distance)
    if group_by is GroupBy.NOTHING:
        return inner
    group = _GROUPS[group_by]
    return lambda visit: (*group(visit)[0], *inner(visit))


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


class Nearest:
    """Finds the nearest of the technicians who have the skills that a visit needs.

    A technician stands where the system last saw them, else at home; nobody without either is found.
    """

    __slots__ = ("_by_skills", "_known", "_people")

    def __init__(self, people: Iterable[tuple[LatLng, frozenset[str] | None]]) -> None:
        self._people = tuple(people)
        self._by_skills: dict[frozenset[str], _Grid] = {}
        self._known: dict[tuple[LatLng, frozenset[str]], float | None] = {}

    def __call__(self, visit: PlannedVisit) -> float | None:
        """Kilometres of street, estimated; None where a place is unknown or nobody has the skills."""
        place = place_of(visit)
        if place is None:
            return None
        skills = frozenset(skill.casefold() for skill in visit.skills)
        known = (place, skills)
        if known not in self._known:
            grid = self._by_skills.get(skills)
            if grid is None:
                places = [at for at, has in self._people if has is None or skills <= has]
                grid = self._by_skills[skills] = _Grid(places)
            self._known[known] = grid.nearest_km(place)
        return self._known[known]


class _Grid:
    """Places in squares of about five kilometres, so that a search looks only at the squares around."""

    _SIDE = 0.05

    def __init__(self, places: Iterable[LatLng]) -> None:
        self._squares: dict[tuple[int, int], list[LatLng]] = {}
        for place in places:
            self._squares.setdefault(self._square(place), []).append(place)

    def _square(self, place: LatLng) -> tuple[int, int]:
        return int(place.lat // self._SIDE), int(place.lng // self._SIDE)

    def nearest_km(self, place: LatLng) -> float | None:
        from fieldboard.domain.travel import drive_km

        if not self._squares:
            return None
        row, column = self._square(place)
        best: float | None = None
        for ring in range(20):
            for square in _ring(row, column, ring):
                for other in self._squares.get(square, ()):
                    away = drive_km(place, other)
                    best = away if best is None or away < best else best
            # One ring more: a corner of this one may be farther than a side of the next.
            if best is not None and best <= ring * 3.0:
                return best
        if best is not None:
            return best
        return min(drive_km(place, other) for group in self._squares.values() for other in group)


def _ring(row: int, column: int, ring: int) -> Iterable[tuple[int, int]]:
    if ring == 0:
        return ((row, column),)
    sides = range(-ring, ring + 1)
    return (
        *((row + ring, column + step) for step in sides),
        *((row - ring, column + step) for step in sides),
        *((row + step, column + ring) for step in sides[1:-1]),
        *((row + step, column - ring) for step in sides[1:-1]),
    )


def _plain(terms: tuple[Term, ...]) -> list[str]:
    return [term.text for term in terms if not term.place]


def _remove(rows: list[PlannedVisit], row: PlannedVisit, key: Callable[[PlannedVisit], SortKey]) -> None:
    at = bisect_left(rows, key(row), key=key)
    if at < len(rows) and rows[at].id == row.id:
        del rows[at]


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


def _groups(rows: Sequence[PlannedVisit], group_by: GroupBy) -> tuple[Group, ...]:
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
