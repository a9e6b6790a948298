"""The board: a column per technician, a row per slot of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.strip import Strip

from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.tui.ink import Ink
from fieldboard.tui.lines import Ground, LineField
from fieldboard.tui.panes.column_art import ColumnArt, Ghost, Grid, draw_row
from fieldboard.tui.panes.column_gutter import GUTTER, InSight, draw_gutter
from fieldboard.tui.panes.column_head import draw_head, head_of
from fieldboard.tui.panes.column_places import (
    LEAST_COLUMN,
    BoardSpot,
    first_slot,
    head_lines,
    share_out,
    spot_in,
    top_showing,
)
from fieldboard.tui.panes.kept_columns import KeptColumns
from fieldboard.tui.panes.look import Look, lag_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from fieldboard.board.column import Column
    from fieldboard.board.day_board import DayBoard


class Gutter(LineField):
    """The hours at the left of the columns, under the pane's title and n of N."""

    def __init__(self, pane: ColumnsPane) -> None:
        super().__init__(id="gutter")
        self.pane = pane

    def draw(self, y: int, width: int) -> Strip:
        return self.pane.draw_gutter(y, width)


class ColumnView(LineField):
    """The place on the screen where one column shows: which one depends on the scrolling."""

    def __init__(self, pane: ColumnsPane, place: int) -> None:
        super().__init__()
        self.pane = pane
        self.place = place

    def draw_lines(self, lines: Sequence[int], width: int) -> Iterable[Strip]:
        return self.pane.draw_lines(self.place, lines, width)


class ColumnsPane(Ground):
    """Scrolls by whole columns and by slots; every column in sight is a field of kept lines."""

    DEFAULT_CSS = """
    ColumnsPane { layout: horizontal; overflow: hidden hidden; }
    ColumnsPane > Gutter { width: 6; height: 100%; }
    ColumnsPane > ColumnView { height: 100%; display: none; }
    """
    ALLOW_SELECT = False
    can_focus = False

    def __init__(self, look: Look, slot_minutes: int = 30) -> None:
        super().__init__(id="board")
        self.look = look
        self.ground = look.palette.blank("background")
        self.day: DayBoard | None = None
        self.columns: tuple[int, ...] = ()
        self.slot_minutes = slot_minutes
        self.grid = Grid(0, slot_minutes * MINUTE, 0)
        self.first = 0
        self.top = 0
        self.shown = 0
        self.head = 3
        self.widths: list[int] = []
        self.selected: str | None = None
        self.lit: str | None = None
        self.slot: Instant | None = None
        self.marked: frozenset[str] = frozenset()
        self.ghost: tuple[str, Ghost] | None = None
        self.carried: str | None = None
        self.active = False
        self.waiting_for = ""
        self.key_of: Callable[[str], str] = str
        """How an act is asked for: its key, or the words of the `:` line."""
        self.kept = KeptColumns()
        self._gutter = Gutter(self)
        self._views: list[ColumnView] = []
        self._laid = Size(0, 0)
        self._composed = False

    def compose(self) -> ComposeResult:
        self._composed = True
        yield self._gutter
        yield from self._views

    # What is shown

    def show(self, day: DayBoard, columns: tuple[int, ...] | None = None) -> None:
        """Show a day; `columns` are the indices of the technicians to show (all, without)."""
        fresh = self.day is None or self.day.day != day.day
        self.day = day
        self.columns = tuple(range(len(day.columns))) if columns is None else columns
        self._regrid()
        if fresh and self._laid.height:
            self.top = self._good_top()
        self.kept.clear()
        self._clamp()
        self.touch()

    def replace(self, day: DayBoard, changed: Iterable[str]) -> None:
        """Show the same day with some technicians' columns changed, repainting only the lines that differ."""
        before, self.day = self.day, day
        changed = set(changed)
        widths = {*self.widths}
        old = {(one, width): self.kept.take(one, width) for one in changed for width in widths}
        for view in self._views[: self.shown]:
            column = self.column_at(view.place)
            if column is None or column.technician.id not in changed:
                continue
            technician_id = column.technician.id
            art = self.art(self.columns[self.first + view.place])
            was = old.get((technician_id, art.width))
            if was is None or before is None:
                view.touch()
                continue
            lines = [self.line_of(row) for row in self._redrawn(art, was)]
            if head_of(was.column) != head_of(column):
                lines += range(self.head)
            view.touch(lines)

    def _redrawn(self, art: ColumnArt, was: ColumnArt) -> list[int]:
        """The rows in sight that look otherwise than they did, drawn anew; the others stay as they are."""
        rows = art.differing(was)
        art.strips = {row: strip for row, strip in was.strips.items() if row >= 0 and row not in rows}
        changing = self._changing(art) | self._changing(was)
        seen = range(self.top, min(self.top + self.body_height, self.grid.rows))
        # What a row shows tells which strip it is: the same one says that nothing on it has changed.
        return [
            row
            for row in sorted(rows)
            if row in seen and (row in changing or draw_row(art, row, self.look) is not was.strips.get(row))
        ]

    def set_slot(self, minutes: int) -> None:
        """Draw a row per so many minutes, keeping the middle of what is in sight."""
        middle = self.grid.instant(self.top + self.body_height // 2)
        self.slot_minutes = minutes
        self.kept.clear()
        self._regrid()
        self.top = self.grid.row(middle) - self.body_height // 2
        self._clamp()
        self.touch()

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme (`repaint`), or just another minute."""
        before, self.look = self.look, look
        if repaint:
            self.ground = look.palette.blank("background")
            self.kept.clear(rows=True)
            self.touch()
            return
        if before.now == look.now:
            return
        self._tick(before)

    def _tick(self, before: Look) -> None:
        # What is out of sight tells how late it was: it is drawn anew when it comes back.
        seen = {column.technician.id for place in range(self.shown) if (column := self.column_at(place))}
        self.kept.keep_only(seen)
        rows = {self.grid.row(before.now), self.grid.row(self.look.now)}
        for view in self._views[: self.shown]:
            column = self.column_at(view.place)
            if column is None:
                continue
            touched = set(rows)
            for block in column.blocks:
                visit = block.visit
                if lag_of(visit, self.look) != lag_of(visit, before):
                    for placed in self.art(self.columns[self.first + view.place]).placed:
                        if placed.visit.id == visit.id:
                            touched.update(range(placed.top, placed.bottom))
            self.kept.forget({*touched, *range(-self.head, 0)}, column.technician.id)
            view.touch([self.line_of(row) for row in touched] + list(range(self.head)))
        self._gutter.touch([self.line_of(row) for row in rows])

    # The cursor and what is carried

    def select(self, visit_id: str | None, technician_id: str | None, slot: Instant | None = None) -> None:
        """Move the cursor's mark, repainting only what it leaves and enters.

        `slot` is the time on which it stands where there is no visit.
        """
        if (visit_id, technician_id, slot) == (self.selected, self.lit, self.slot):
            return
        old_visit, old_lit, old_slot = self.selected, self.lit, self.slot
        self.selected, self.lit, self.slot = visit_id, technician_id, slot
        for who, when in ((old_lit, old_slot), (technician_id, slot)):
            if when is not None:
                self._touch_technicians({who}, [self.line_of(self.grid.row(when))])
        if old_lit != technician_id:
            self._touch_technicians({old_lit, technician_id}, range(self.head))
        if old_visit != visit_id:
            self._touch_visits({old_visit, visit_id})

    def mark(self, marked: frozenset[str]) -> None:
        """Show which visits are marked for a bulk act."""
        changed = self.marked ^ marked
        self.marked = marked
        self._touch_visits(set(changed))

    def carry(self, carried: str | None, ghost: tuple[str, Ghost] | None) -> None:
        """Show a carried visit where it would land; None puts everything back."""
        if self.ghost == ghost and self.carried == carried:
            return
        before, self.ghost = self.ghost, ghost
        if before is not None and ghost is not None and before[0] == ghost[0]:
            rows = {*range(before[1].top, before[1].bottom), *range(ghost[1].top, ghost[1].bottom)}
            self._touch_technicians({ghost[0]}, [self.line_of(row) for row in rows])
        else:
            for one in (before, ghost):
                if one is not None:
                    lines = [self.line_of(row) for row in range(one[1].top, one[1].bottom)]
                    self._touch_technicians({one[0]}, lines)
        if self.carried != carried:
            old, self.carried = self.carried, carried
            self._touch_visits({old, carried})

    def reveal(
        self, technician_id: str | None, visit_id: str | None = None, slot: Instant | None = None
    ) -> bool:
        """Scroll as little as needed so that the visit (the slot, the technician's column) is in sight."""
        if self.day is None or technician_id is None or not self.shown:
            return False
        at = self.place_of(technician_id)
        if at is None:
            return False
        first, top = self.first, self.top
        if not first <= at < first + self.shown and not self.active:
            # The cursor is in another pane: one jump is calmer, and cheaper, than a step a key.
            first = at - self.shown // 2
        elif at < first:
            first = at
        elif at >= first + self.shown:
            first = at - self.shown + 1
        if visit_id is not None:
            for placed in self.art(self.columns[at]).placed:
                if placed.visit.id == visit_id:
                    top = top_showing(placed.top, placed.bottom, top, self.body_height)
        elif slot is not None:
            row = self.grid.row(slot)
            top = top_showing(row, row + 1, top, self.body_height)
        return self.scroll_to_place(first, top)

    def reveal_rows(self, start: int, end: int) -> bool:
        """Scroll as little as needed so that these rows are in sight."""
        return self.scroll_to_place(self.first, top_showing(start, end, self.top, self.body_height))

    # Scrolling

    def scroll_to_place(self, first: int, top: int) -> bool:
        """Scroll to a first column and a first slot; True where something moved."""
        before = (self.first, self.top)
        self.first, self.top = first, top
        self._clamp()
        if before == (self.first, self.top):
            return False
        # The hours stay where they are while the columns pass by; which columns these are is said above.
        self._gutter.touch(range(self.head) if self.top == before[1] else None)
        self._touch_views()
        return True

    def scroll_by(self, columns: int = 0, slots: int = 0) -> bool:
        """Scroll by columns and slots; True where something moved."""
        return self.scroll_to_place(self.first + columns, self.top + slots)

    @property
    def body_height(self) -> int:
        """The slots in sight."""
        return max(1, self._laid.height - self.head)

    def _clamp(self) -> None:
        self.first = max(0, min(self.first, len(self.columns) - self.shown))
        self.top = max(0, min(self.top, self.grid.rows - self.body_height))

    # Layout

    def on_resize(self) -> None:
        self.fit(self.size)

    def fit(self, size: Size | None = None) -> None:
        """Work out how many columns a size has room for, and give each its share of it.

        Whoever knows the size before the layout does says so: the first frame is then drawn with its
        columns, not once without and once with them. Without one it is that of the last time.
        """
        size = self._laid if size is None else size
        if not size.width:
            return
        widths = share_out(size.width - GUTTER, len(self.columns))
        self.head = head_lines(size.height)
        if widths != self.widths or size != self._laid:
            fresh = self._laid.height == 0
            self.widths, self._laid = widths, size
            self.shown = len(widths)
            self.kept.clear()
            self._place_views()
            if fresh:
                self.top = self._good_top()
            self._clamp()
            self.reveal(self.lit, self.selected, self.slot)
            self.touch()

    def _place_views(self) -> None:
        new = [ColumnView(self, place) for place in range(len(self._views), len(self.widths))]
        if new:
            self._views.extend(new)
            if self._composed:
                self.mount(*new)
        for place, view in enumerate(self._views):
            view.display = place < len(self.widths)
            if place < len(self.widths):
                view.styles.width = self.widths[place]

    def touch(self) -> None:
        """Draw and paint everything in sight again."""
        self._gutter.touch()
        self._touch_views()

    def _touch_views(self) -> None:
        for view in self._views[: self.shown]:
            view.touch()

    def _regrid(self) -> None:
        if self.day is None:
            return
        slot = self.slot_minutes * MINUTE
        rows = -(-(self.day.end - self.day.start) // slot)
        self.grid = Grid(self.day.start, slot, rows)

    def _good_top(self) -> int:
        return first_slot(self.day, self.grid, self.look.now, self.body_height) if self.day is not None else 0

    # Drawing

    def column_at(self, place: int) -> Column | None:
        """The column that shows at a place on the screen."""
        at = self.first + place
        if self.day is None or not 0 <= at < len(self.columns):
            return None
        return self.day.columns[self.columns[at]]

    def place_of(self, technician_id: str) -> int | None:
        """The position of a technician among the columns that are shown."""
        if self.day is None or (index := self.day.index.get(technician_id)) is None:
            return None
        if len(self.columns) == len(self.day.columns):
            return index
        try:
            return self.columns.index(index)
        except ValueError:
            return None

    def art(self, index: int) -> ColumnArt:
        """The drawing of the column with this index in the day."""
        assert self.day is not None  # noqa: S101 - asked only while a day is shown
        column = self.day.columns[index]
        place = (
            self.columns.index(index) - self.first
            if len(self.columns) != len(self.day.columns)
            else index - self.first
        )
        return self._art(column, place)

    def _art(self, column: Column, place: int) -> ColumnArt:
        """The drawing of a column at a place; kept at each of the widths that places have."""
        width = self.widths[place] if 0 <= place < len(self.widths) else (self.widths or [LEAST_COLUMN])[-1]
        return self.kept.art(column, self.grid, width)

    def draw_lines(self, place: int, lines: Sequence[int], width: int) -> list[Strip]:
        """Lines of the column at a place on the screen; those drawn before are taken as they are."""
        column = self.column_at(place)
        if column is None:
            return [self._draw_empty(place, y, width) for y in lines]
        art = self._art(column, place)
        lit = column.technician.id == self.lit
        ghost = None
        if self.ghost is not None and self.ghost[0] == column.technician.id:
            ghost = self.ghost[1]
        slot = self.grid.row(self.slot) if lit and self.slot is not None else -1
        changing = self._changing(art)
        self.kept.trim()
        kept, head, shift, rows = art.strips, self.head, self.top - self.head, self.grid.rows
        drawn: list[Strip] = []
        for y in lines:
            row = y + shift if y >= head else -1 - y
            strip = kept.get(row) if row not in changing and not (lit and y < head) else None
            if strip is None:
                if y < head:
                    strip = self._draw_head(art, y, width, lit=lit)
                elif row >= rows:
                    strip = Ink(width, self.look.palette("text", "off_shift")).strip()
                else:
                    strip = draw_row(
                        art,
                        row,
                        self.look,
                        selected=self.selected,
                        marked=self.marked,
                        ghost=ghost,
                        carried=self.carried,
                        slot=row == slot,
                    )
            drawn.append(strip)
        return drawn

    def wait_for(self, says: str) -> None:
        """Say what the board waits for, because nothing was ever read; empty where something was."""
        self.waiting_for = says
        self.kept.forget(range(-self.head, 0))
        self.touch()

    def _draw_head(self, art: ColumnArt, y: int, width: int, *, lit: bool) -> Strip:
        unread = bool(self.waiting_for)
        strip = draw_head(art.column, y, self.head, width, self.look, lit=lit, unread=unread)
        if not lit:
            art.strips[-1 - y] = strip
        return strip

    def _changing(self, art: ColumnArt) -> set[int]:
        """The rows of a column that are not as they are kept: the cursor's, a ghost's, that of now."""
        who = art.column.technician.id
        slot = self.slot if self.lit == who else None
        marked_rows = (self.grid.row(one) for one in (slot, self.look.now) if one is not None)
        rows = {row for row in marked_rows if row >= 0}
        if self.ghost is not None and self.ghost[0] == who:
            ghost = self.ghost[1]
            rows.update(range(ghost.top, ghost.bottom))
        special = {self.selected, self.carried, *self.marked}
        if special != {None}:
            for one in art.placed:
                if one.visit.id in special:
                    rows.update(range(one.top, one.bottom))
        return rows

    def _draw_empty(self, place: int, y: int, width: int) -> Strip:
        """A board without columns says why, and what to do."""
        palette = self.look.palette
        ink = Ink(width, palette("text"))
        says: tuple[str, ...] = ()
        if place == 0 and self.waiting_for:
            says = (self.waiting_for,)
        elif place == 0 and self.day is not None and self.day.columns:
            says = ("No technician passes the filter.", f"{self.key_of('filter')} changes it")
        elif place == 0:
            says = ("There are no technicians yet.", f"{self.key_of('sync')} asks the system")
        line = y - self.head - 1
        if 0 <= line < len(says):
            ink.gap(2).put(says[line], palette("text" if line == 0 else "muted"))
        return ink.strip()

    def draw_gutter(self, y: int, width: int) -> Strip:
        """One line of the gutter: title and n of N, below them the hours, and now."""
        last = min(self.first + self.shown, len(self.columns))
        seen = InSight(self.first, last, len(self.columns), self.top, self.head)
        return draw_gutter(y, width, self.grid, seen, self.look, active=self.active)

    def line_of(self, row: int) -> int:
        """The line on which a slot's row shows; may lie outside."""
        line = row - self.top + self.head
        return line if line >= self.head else -1

    def _touch_technicians(self, ids: Iterable[str | None], lines: Iterable[int]) -> None:
        wanted = {one for one in ids if one is not None}
        lines = list(lines)
        for view in self._views[: self.shown]:
            column = self.column_at(view.place)
            if column is not None and column.technician.id in wanted:
                view.touch(lines)

    def _touch_visits(self, ids: Iterable[str | None]) -> None:
        if self.day is None:
            return
        for visit_id in ids:
            for technician_id in self.day.where.get(visit_id, ()) if visit_id is not None else ():
                at = self.place_of(technician_id)
                if at is None or not self.first <= at < self.first + self.shown:
                    continue
                for placed in self.art(self.columns[at]).placed:
                    if placed.visit.id == visit_id:
                        rows = range(placed.top, placed.bottom)
                        self._views[at - self.first].touch([self.line_of(row) for row in rows])

    # The mouse

    def spot(self, x: int, y: int) -> BoardSpot | None:
        """What lies at a cell of the pane (counted from its own corner)."""
        if self.day is None or x < GUTTER or y < 0:
            return None
        left = GUTTER
        for place, width in enumerate(self.widths):
            if left <= x < left + width:
                at = self.first + place
                if at >= len(self.columns):
                    return None
                if y < self.head:
                    return BoardSpot(at, None, None)
                row = self.top + y - self.head
                return spot_in(self.art(self.columns[at]), at, row, x - left)
            left += width
        return None
