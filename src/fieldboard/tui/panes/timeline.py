"""The timeline: a row per technician, hours across, planned and actual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from textual.strip import Strip

from fieldboard.domain.instants import HOUR, Instant
from fieldboard.domain.named import NamedTuple
from fieldboard.tui.ink import Ink
from fieldboard.tui.lines import LineField
from fieldboard.tui.panes.look import Look, lag_of
from fieldboard.tui.panes.timeline_art import Bars, Scale, draw_bars
from fieldboard.tui.panes.timeline_head import WEEK, TitleSpan, Told, draw_axis, draw_title

if TYPE_CHECKING:
    from fieldboard.board.column import Column
    from fieldboard.board.day_board import DayBoard

HEAD = 2
KEPT_ROWS = 512
"""Rows whose drawing is kept."""
KEPT_BARS = 2000
"""Bars whose drawing is kept."""
SPANS: Final = (2, 4, 8, 12, 24, WEEK)
"""Hours across, from the nearest zoom to the farthest (a week)."""


class TimelineSpot(NamedTuple):
    """A place on the timeline: a row, an instant, and what lies there."""

    row: int
    instant: Instant | None
    visit_id: str | None
    edge: str = ""


class TimelinePane(LineField):
    """Scrolls by rows; shows as many technicians as it has lines for."""

    DEFAULT_CSS = "TimelinePane { width: 100%; }"

    def __init__(self, look: Look) -> None:
        super().__init__(id="timeline")
        self.look = look
        self.day: DayBoard | None = None
        self.week: tuple[DayBoard, ...] = ()
        self.rows: tuple[int, ...] = ()
        self.top = 0
        self.hours = 12
        self.start: Instant = 0
        self.selected: str | None = None
        self.lit: str | None = None
        self.marked: frozenset[str] = frozenset()
        self.carried: str | None = None
        self.ghost: tuple[str, Instant, Instant, str, bool] | None = None
        self.active = False
        self.broken = 0
        self.title_spans: tuple[TitleSpan, ...] = ()
        self.filter = ""
        self._bars: Bars | None = None
        self._kept: dict[str, tuple[Column, Scale, Look, Strip]] = {}

    # What is shown

    def show(self, day: DayBoard, rows: tuple[int, ...] | None = None, filter: str = "") -> None:
        """Show a day; `rows` are the indices of the technicians that pass `filter` (all, without)."""
        fresh = self.day is None or self.day.day != day.day
        self.day, self.filter = day, filter
        self.rows = tuple(range(len(day.columns))) if rows is None else rows
        if fresh:
            self.week = ()
            self.start = self._good_start()
        self._clamp()
        self.touch()

    def count(self, broken: int) -> None:
        """Say in the title how many visits break a rule."""
        self.broken = broken
        self.touch([0])

    def show_week(self, days: Sequence[DayBoard]) -> None:
        """Show these days side by side, as long as the zoom is a week."""
        self.week = tuple(days)
        self.touch()

    def replace(self, day: DayBoard, changed: Iterable[str]) -> None:
        """Show the same day with some technicians changed, repainting only their rows."""
        self.day = day
        if self.week:
            self.week = tuple(day if one.day == day.day else one for one in self.week)
        lines = [line for one in changed if (line := self.line_of(one)) is not None]
        self.touch([*lines, 0])

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme, or another minute: all of it where the line of now moved.

        Else the clock on it, and the rows with a visit that is later than it was.
        """
        before, self.look = self.look, look
        if repaint or self.scale.cell(before.now) != self.scale.cell(look.now):
            self.touch()
            return
        lines = [HEAD - 1]
        if self.day is not None:
            for line, at in enumerate(self.rows[self.top : self.top + self.page], HEAD):
                blocks = (block for one in self._columns_of(self.day.columns[at]) for block in one.blocks)
                if any(lag_of(block.visit, before) != lag_of(block.visit, look) for block in blocks):
                    lines.append(line)
        self.touch(lines)

    def zoom(self, hours: int, around: Instant | None = None) -> None:
        """So many hours across, around an instant of the day.

        Without one it is the middle of what was in sight (coming from a day or a week: now).
        """
        middle = self.start + min(self.hours, 24) * HOUR // 2
        if self.day is not None and self.hours >= 24:
            now = self.look.now
            middle = now if self.day.start <= now < self.day.end else self.day.start + 12 * HOUR
        if around is not None:
            middle = around
        self.hours = hours
        if self.day is not None:
            self.start = self.day.start if hours >= 24 else middle - hours * HOUR // 2
            if hours < 24:
                self.start -= (self.start - self.day.start) % HOUR
                self.start = max(self.day.start, min(self.start, self.day.end - hours * HOUR))
        if hours == 12:
            self.start = self._good_start()
        if around is not None:
            self.reveal_time(around)
        self.touch()

    @property
    def scale(self) -> Scale:
        """How time lies on the cells right of the names."""
        width = max(1, self.size.width - self.names)
        if self.hours == WEEK and self.week:
            return Scale(self.week[0].start, self.week[-1].end - self.week[0].start, width)
        return Scale(self.start, min(self.hours, 24) * HOUR, width)

    @property
    def names(self) -> int:
        """The cells that the names take."""
        return 20 if self.size.width >= 100 else 14

    # The cursor and what is carried

    def select(self, visit_id: str | None, technician_id: str | None) -> None:
        """Move the cursor's mark, scrolling as little as needed."""
        if (visit_id, technician_id) == (self.selected, self.lit):
            return
        old, old_visit = self.lit, self.selected
        self.selected, self.lit = visit_id, technician_id
        if technician_id is not None and self._reveal(technician_id):
            self.touch()
            return
        # A visit of a crew is marked on the row of each of them.
        where = self.day.where if self.day is not None else {}
        visits = [one for one in (old_visit, visit_id) if one is not None]
        for one in {old, technician_id, *(who for visit in visits for who in where.get(visit, ()))}:
            line = self.line_of(one) if one is not None else None
            if line is not None:
                ends = (self._end_of(visit) for visit in (old_visit, visit_id))
                self.touch([line], max(self.names, *ends))

    def _end_of(self, visit_id: str | None) -> int:
        """The cells from the left up to where a visit's bar ends."""
        block = self.day.block(visit_id) if self.day is not None and visit_id is not None else None
        if block is None:
            return 0
        visit = block.visit
        last = max(visit.end or 0, visit.actual_end or 0, visit.actual_start or 0, visit.start or 0)
        if visit.actual_start is not None and visit.actual_end is None:
            last = max(last, self.look.now)
        return self.names + max(0, self.scale.cell(last)) + 6

    def mark(self, marked: frozenset[str]) -> None:
        """Show which visits are marked for a bulk act."""
        changed, self.marked = self.marked ^ marked, marked
        if self.day is not None:
            self._touch_rows(one for visit_id in changed for one in self.day.where.get(visit_id, ()))

    def carry(self, carried: str | None, ghost: tuple[str, Instant, Instant, str, bool] | None) -> None:
        """Show a carried visit where it would land: who, start, end, number, whether it breaks a rule."""
        if (carried, ghost) == (self.carried, self.ghost):
            return
        touched = {one[0] for one in (self.ghost, ghost) if one is not None}
        if carried != self.carried and self.day is not None:
            for one in (carried, self.carried):
                touched.update(self.day.where.get(one, ()) if one is not None else ())
        self.carried, self.ghost = carried, ghost
        if ghost is not None and self._reveal(ghost[0]):
            self.touch()
            return
        self._touch_rows(touched)

    def _touch_rows(self, ids: Iterable[str | None]) -> None:
        lines = (self.line_of(one) for one in ids if one is not None)
        self.touch([line for line in lines if line is not None])

    def _reveal(self, technician_id: str) -> bool:
        at = self.place_of(technician_id)
        if at is None:
            return False
        before = self.top
        if not self.top <= at < self.top + self.page and not self.active:
            # The cursor is in another pane: one jump is calmer, and cheaper, than a step a key.
            self.top = at - self.page // 2
        elif at < self.top:
            self.top = at
        elif at >= self.top + self.page:
            self.top = at - self.page + 1
        self._clamp()
        return self.top != before

    def scroll_by(self, rows: int = 0, hours: int = 0) -> bool:
        """Scroll by rows and hours; True where something moved."""
        before = (self.top, self.start)
        self.top += rows
        if hours and self.day is not None and self.hours < 24:
            start = self.start + hours * HOUR
            self.start = max(self.day.start, min(start, self.day.end - self.hours * HOUR))
        self._clamp()
        if before != (self.top, self.start):
            self.touch()
        return before != (self.top, self.start)

    def scroll_to_place(self, top: int, start: Instant) -> bool:
        """Scroll to a first row and a first instant; True where something moved."""
        before = (self.top, self.start)
        self.top, self.start = top, start
        self._clamp()
        if before != (self.top, self.start):
            self.touch()
        return before != (self.top, self.start)

    def reveal_time(self, instant: Instant) -> None:
        """Scroll through the hours so that the instant is in sight."""
        if (
            self.hours < 24
            and not self.start <= instant < self.start + self.hours * HOUR
            and self.day is not None
        ):
            start = instant - self.hours * HOUR // 2
            start -= (start - self.day.start) % HOUR
            self.start = max(self.day.start, min(start, self.day.end - self.hours * HOUR))
            self.touch()

    @property
    def page(self) -> int:
        """The rows in sight."""
        return max(1, self.size.height - HEAD)

    def place_of(self, technician_id: str) -> int | None:
        """The position of a technician among the rows that are shown."""
        if self.day is None or (index := self.day.index.get(technician_id)) is None:
            return None
        if len(self.rows) == len(self.day.columns):
            return index
        try:
            return self.rows.index(index)
        except ValueError:
            return None

    def line_of(self, technician_id: str) -> int | None:
        """The line on which a technician's row shows; None where it is out of sight."""
        at = self.place_of(technician_id)
        if at is None or not self.top <= at < self.top + self.page:
            return None
        return HEAD + at - self.top

    def resized(self, width: int, height: int) -> None:
        self._clamp()
        if self.lit is not None:
            self._reveal(self.lit)

    def _clamp(self) -> None:
        self.top = max(0, min(self.top, len(self.rows) - self.page))

    def _good_start(self) -> Instant:
        if self.day is None:
            return 0
        begins = self.day.begins(self.day.start + 4 * HOUR + 1, visits=False)
        first = (begins if begins is not None else self.day.start + 7 * HOUR) - HOUR // 2
        first -= (first - self.day.start) % HOUR
        return max(self.day.start, min(first, self.day.end - 12 * HOUR))

    # Drawing

    def draw(self, y: int, width: int) -> Strip:
        palette = self.look.palette
        if y == 0:
            return self._draw_title(width)
        if y == 1:
            return self._draw_axis(width)
        at = self.top + y - HEAD
        if self.day is None or at >= len(self.rows):
            return Ink(width, palette("text", "surface")).strip()
        column = self.day.columns[self.rows[at]]
        lit = column.technician.id == self.lit
        ghost = None
        if self.ghost is not None and self.ghost[0] == column.technician.id:
            ghost = self.ghost[1:]
        chosen = self.selected is not None and column.technician.id in self.day.where.get(self.selected, ())
        plain = not (lit or chosen or ghost or self.marked or self.carried or self.week)
        scale, look = self.scale, self.look
        kept = self._kept.get(column.technician.id)
        if plain and kept is not None and kept[0] is column and kept[1] == scale and kept[2] is look:
            return kept[3]
        ground = "selection" if lit else "surface"
        ink = Ink(width, palette("text", "surface"))
        ink.gap(style=palette("text", ground))
        style = palette("text" if lit else "muted", ground, bold=lit)
        ink.put(column.technician.name, style, self.names - 2).gap()
        bars = draw_bars(
            self._columns_of(column),
            scale,
            look,
            selected=self.selected,
            marked=self.marked,
            carried=self.carried,
            ghost=ghost,
            bars=self._bars_on(scale),
        )
        strip = ink.extend(bars, scale.width).strip()
        if plain:
            if len(self._kept) > KEPT_ROWS:
                self._kept.clear()
            self._kept[column.technician.id] = (column, scale, look, strip)
        return strip

    def _bars_on(self, scale: Scale) -> Bars:
        """The bars drawn so far, as long as they lie where they lay and time stands still."""
        bars = self._bars
        most = max(len(bars.kept), len(bars.made)) if bars is not None else 0
        if bars is None or bars.look is not self.look or bars.scale != scale or most > KEPT_BARS:
            bars = self._bars = Bars(scale, self.look)
        return bars

    def _columns_of(self, column: Column) -> list[Column]:
        if self.hours != WEEK or not self.week:
            return [column]
        found = (day.column(column.technician.id) for day in self.week)
        return [one for one in found if one is not None]

    def _draw_title(self, width: int) -> Strip:
        last = min(len(self.rows), self.top + self.page)
        told = Told(self.top, last, len(self.rows), self.hours, self.broken, self.filter)
        title, self.title_spans = draw_title(self.day, told, width, self.look, active=self.active)
        return title

    def _draw_axis(self, width: int) -> Strip:
        week = self.week if self.hours == WEEK else ()
        starts = self.day.start if self.day is not None else None
        return draw_axis(starts, week, self.scale, width, self.look)

    # The mouse

    def spot(self, x: int, y: int) -> TimelineSpot | None:
        """What lies at a cell of the pane (counted from its own corner)."""
        at = self.top + y - HEAD
        if self.day is None or y < HEAD or not 0 <= at < len(self.rows):
            return None
        if x < self.names:
            return TimelineSpot(at, None, None)
        scale = self.scale
        cell = x - self.names
        column = self.day.columns[self.rows[at]]
        for one in self._columns_of(column):
            for block in reversed(one.blocks):
                start, end = block.visit.start, block.visit.end
                if start is None or end is None:
                    continue
                first, last = scale.cell(start), max(scale.cell(end), scale.cell(start) + 1)
                if first <= cell < last:
                    edge = ""
                    if last - first >= 3:
                        edge = "start" if cell == first else "end" if cell == last - 1 else ""
                    return TimelineSpot(at, scale.instant(cell), block.visit.id, edge)
        return TimelineSpot(at, scale.instant(cell), None)
