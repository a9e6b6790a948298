"""The queue as the board shows it: in order, filtered, grouped; a hundred thousand rows are nothing odd.

Rows are kept as they come from the cache. What a filter looks in is worked out once a row, when it is
first needed, and a filter that narrows the last one looks only at what that one let through.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress

from fieldboard.board.filters import Filter, Term, flags, key_of, narrows, passes
from fieldboard.board.queue_order import Distance, Group, GroupBy, Order, SortKey, groups_of, sort_key
from fieldboard.domain.visit import PlannedVisit

_CHANGES_KEPT = 1000


class QueueBoard:
    """The queue in one order, under one filter. A value: every change gives a new one.

    `rows` are those that pass the filter, in order; `total` counts all; `groups` is empty where the
    rows are not grouped.
    """

    __slots__ = (
        "_all",
        "_all_keys",
        "_by_id",
        "_changes",
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
        self._all: list[PlannedVisit] = _sorted(rows, sort_key(order, group_by, distance))
        self._all_keys: list[str] | None = None
        self._by_id: dict[str, PlannedVisit] = {row.id: row for row in self._all}
        # What changed since `_by_id` was made: a hundred thousand entries are not copied for one change.
        self._changes: dict[str, PlannedVisit | None] = {}
        self._distance = distance
        self.order, self.group_by = order, group_by
        self.filter = filter or Filter()
        self.total = len(self._all)
        self.rows: list[PlannedVisit] = self._all
        self._keys: list[str] | None = None
        self.groups: tuple[Group, ...] = ()
        self._match(self._all, None, self.filter.terms)

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, visit_id: str) -> PlannedVisit | None:
        """A row by its visit, also one that the filter hides."""
        if visit_id in self._changes:
            return self._changes[visit_id]
        return self._by_id.get(visit_id)

    def has(self, visit_ids: Iterable[str]) -> set[str]:
        """Those of the visits that wait, also where the filter hides them."""
        changes, by_id = self._changes, self._by_id
        return {one for one in visit_ids if (changes[one] if one in changes else by_id.get(one)) is not None}

    def km(self, visit: PlannedVisit) -> float | None:
        """Kilometres to the nearest technician who could do it; None where nobody knows."""
        return self._distance(visit) if self._distance is not None else None

    def position(self, visit_id: str) -> int | None:
        """The place of a visit among the shown rows; None where it is not shown."""
        row = self.row(visit_id)
        if row is None:
            return None
        key = sort_key(self.order, self.group_by, self._distance)
        at = bisect_left(self.rows, key(row), key=key)
        return at if at < len(self.rows) and self.rows[at].id == visit_id else None

    def key(self, row: PlannedVisit) -> SortKey:
        """By what the row is sorted here."""
        return sort_key(self.order, self.group_by, self._distance)(row)

    def warm(self) -> None:
        """Work out now what a filter looks in, so that its first key costs no more than the next."""
        if self._all_keys is None:
            self._all_keys = [key_of(row) for row in self._all]

    def sorted_by(self, order: Order, group_by: GroupBy | None = None) -> QueueBoard:
        """The same rows in another order."""
        group_by = self.group_by if group_by is None else group_by
        if (order, group_by) == (self.order, self.group_by):
            return self
        new = self._copy()
        new.order, new.group_by = order, group_by
        key = sort_key(new.order, new.group_by, self._distance)
        places = sorted(range(len(self._all)), key=[key(row) for row in self._all].__getitem__)
        new._all = [self._all[at] for at in places]
        if self._all_keys is not None:
            new._all_keys = [self._all_keys[at] for at in places]
        new._match(new._all, new._all_keys, new.filter.terms)
        return new

    def filtered(self, filter: Filter, previous: QueueBoard | None = None) -> QueueBoard:
        """The rows that pass `filter`, in the same order.

        Where the filter narrows that of this queue (or of `previous`), only its rows are looked at.
        """
        if filter == self.filter:
            return self
        seen = previous if previous is not None and previous._all is self._all else self
        terms = filter.terms
        self.warm()
        new = self._copy()
        new.filter = filter
        if narrows(terms, seen.filter.terms):
            new._match(seen.rows, seen._keys if seen.rows is not seen._all else self._all_keys, terms)
        else:
            new._match(self._all, self._all_keys, terms)
        return new

    def changed(self, visits: Mapping[str, PlannedVisit | None]) -> QueueBoard:
        """The queue after some visits changed; one that waits no more (or None) leaves it.

        Costs a copy of the list and a search for each change, not a new sort.
        """
        new = self._copy()
        key = sort_key(self.order, self.group_by, self._distance)
        terms = self.filter.terms
        new._all = list(self._all)
        new._all_keys = list(self._all_keys) if self._all_keys is not None else None
        new._changes = dict(self._changes)
        shown, shown_keys = new._all, new._all_keys
        if terms:
            shown = list(self.rows)
            shown_keys = list(self._keys) if self._keys is not None else None
        for visit_id, visit in visits.items():
            old = new.row(visit_id)
            if old is not None:
                _remove(new._all, new._all_keys, old, key)
                if shown is not new._all:
                    _remove(shown, shown_keys, old, key)
            stays = visit if visit is not None and visit.queued else None
            new._changes[visit_id] = stays
            if stays is not None:
                _insert(new._all, new._all_keys, stays, key)
                if shown is not new._all and passes(terms, stays):
                    _insert(shown, shown_keys, stays, key)
        if len(new._changes) > _CHANGES_KEPT:
            new._by_id = {row.id: row for row in new._all}
            new._changes = {}
        new.rows, new._keys = shown, shown_keys
        new.total = len(new._all)
        new.groups = groups_of(shown, self.group_by)
        return new

    def _copy(self) -> QueueBoard:
        new = QueueBoard.__new__(QueueBoard)
        for name in QueueBoard.__slots__:
            setattr(new, name, getattr(self, name))
        return new

    def _match(self, rows: list[PlannedVisit], keys: list[str] | None, terms: tuple[Term, ...]) -> None:
        """Take the rows that pass; `keys` are what plain words are looked for in, row by row."""
        if not terms:
            self.rows, self._keys = self._all, self._all_keys
        else:
            if keys is None:
                keys = [key_of(row) for row in rows]
            for term in sorted(terms, key=lambda one: (bool(one.place), -len(one.text))):
                hits = [term.text in key for key in keys] if not term.place else flags(term, rows)
                if not all(hits):
                    rows, keys = list(compress(rows, hits)), list(compress(keys, hits))
            self.rows, self._keys = rows, keys
        self.groups = groups_of(self.rows, self.group_by)


def _sorted(rows: Sequence[PlannedVisit], key: Callable[[PlannedVisit], SortKey]) -> list[PlannedVisit]:
    """The rows in order.

    Mostly they come so: a hundred thousand keys are not kept at once, in memory that stays with the process.
    """
    before: SortKey = ()
    for one in map(key, rows):
        if one < before:
            return sorted(rows, key=key)
        before = one
    return list(rows)


def _remove(
    rows: list[PlannedVisit],
    keys: list[str] | None,
    row: PlannedVisit,
    key: Callable[[PlannedVisit], SortKey],
) -> None:
    at = bisect_left(rows, key(row), key=key)
    if at < len(rows) and rows[at].id == row.id:
        del rows[at]
        if keys is not None:
            del keys[at]


def _insert(
    rows: list[PlannedVisit],
    keys: list[str] | None,
    row: PlannedVisit,
    key: Callable[[PlannedVisit], SortKey],
) -> None:
    at = bisect_left(rows, key(row), key=key)
    rows.insert(at, row)
    if keys is not None:
        keys.insert(at, key_of(row))
