"""The drawings of columns that are kept, so that a column that comes back is not laid out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.tui.panes.column_art import Alike, ColumnArt, Grid, lay_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from textual.strip import Strip

    from fieldboard.board.column import Column

KEPT_COLUMNS = 256
"""Columns whose drawing is kept."""

KEPT_ROWS = 2048
"""Rows that are kept by what they show: twice as many as a large screen has."""


class KeptColumns:
    """Drawings by technician and width, and rows that are the same whosever day they are on."""

    def __init__(self) -> None:
        self._arts: dict[tuple[str, int], ColumnArt] = {}
        self.alike: dict[Alike, Strip] = {}

    def art(self, column: Column, grid: Grid, width: int) -> ColumnArt:
        """The drawing of a column at a width, laid out where there is none yet."""
        key = (column.technician.id, width)
        art = self._arts.get(key)
        if art is None:
            if len(self._arts) >= KEPT_COLUMNS:
                self._arts.clear()
            art = self._arts[key] = lay_out(column, grid, width)
            art.alike = self.alike
        return art

    def take(self, technician_id: str, width: int) -> ColumnArt | None:
        """The drawing that was kept, which is kept no more."""
        return self._arts.pop((technician_id, width), None)

    def clear(self, *, rows: bool = False) -> None:
        """Forget every drawing; `rows` forgets the rows that are alike as well, as another theme asks for."""
        self._arts.clear()
        if rows:
            self.alike.clear()

    def trim(self) -> None:
        """Forget the rows that are alike where they have become too many."""
        if len(self.alike) > KEPT_ROWS:
            self.alike.clear()

    def keep_only(self, technician_ids: Collection[str]) -> None:
        """Forget the drawings of all other technicians."""
        self._arts = {key: art for key, art in self._arts.items() if key[0] in technician_ids}

    def forget(self, rows: Iterable[int], technician_id: str | None = None) -> None:
        """Draw these rows anew of a technician's column, at each of its widths; without one, of all."""
        rows = list(rows)
        for (who, _), art in self._arts.items():
            if technician_id is None or who == technician_id:
                for row in rows:
                    art.strips.pop(row, None)
