"""Which visits of a day break a rule: counted once, and after a change only where something changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fieldboard.board.column import Column
from fieldboard.board.layered import Layered
from fieldboard.domain.named import NamedTuple


class Breaking(NamedTuple):
    """The visits of a day that break a rule by technician, and in how many columns each of them stands."""

    by_technician: Layered[str, tuple[str, ...]]
    columns_of: Layered[str, int]

    def after(self, columns: Mapping[str, Column | None]) -> Breaking:
        """The same with other columns (None: one that is no more) for some technicians."""
        by_technician: dict[str, tuple[str, ...] | None] = {}
        more: dict[str, int] = {}
        for technician_id, column in columns.items():
            before = self.by_technician.get(technician_id, ())
            now = column.broken if column is not None else ()
            if before == now:
                continue
            by_technician[technician_id] = now or None
            for visit_id in before:
                more[visit_id] = more.get(visit_id, 0) - 1
            for visit_id in now:
                more[visit_id] = more.get(visit_id, 0) + 1
        if not by_technician:
            return self
        columns_of = {one: self.columns_of.get(one, 0) + by or None for one, by in more.items() if by}
        return Breaking(self.by_technician.changed(by_technician), self.columns_of.changed(columns_of))


NOTHING_BREAKS: Final = Breaking(Layered({}), Layered({}))
"""A day of which nothing is known, or on which every rule is kept."""
