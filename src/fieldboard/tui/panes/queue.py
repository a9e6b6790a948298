"""The queue: work that has no technician or no time, two lines a job."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from fieldboard.board.filters import brief
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import UNDECIDED
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import UNDER_WAY
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.lines import LineField
from fieldboard.tui.panes.look import Look, length_text
from fieldboard.tui.theme import priority_meaning

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.strip import Strip

    from fieldboard.tui.panes.queue_view import QueueView

HEAD = 2
LENGTH = 5
"""Cells of a length, `1h30` or `~11h`, and a blank."""
WHEN = 11
"""Cells of a promise, the longest of which is `13:30–15:30`."""
AWAY = 8
"""Cells of a distance, `9.9 km` or `120 km`, between two blanks."""


class QueuePane(LineField):
    """Scrolls by whole rows. A row has two lines, and a blank one below while all of them fit."""

    DEFAULT_CSS = "QueuePane { height: 100%; }"

    def __init__(self, look: Look) -> None:
        super().__init__(id="queue")
        self.look = look
        self.view: QueueView | None = None
        self.top = 0
        self.pitch = 2
        self.selected: str | None = None
        self.marked: frozenset[str] = frozenset()
        self.carried: str | None = None
        self.target = False
        self.active = False
        self.waiting_for = ""
        self.key_of: Callable[[str], str] = str
        """How an act is asked for: its key, or the words of the `:` line."""
        self.title_spans: tuple[tuple[int, int, str], ...] = ()
        """Cells of the title, from and before, of which a click does an act."""

    # What is shown

    def show(self, view: QueueView) -> None:
        """Show the queue, keeping the selected row on its line; rows that stay are not drawn again."""
        pitch, were = self.pitch, self._in_sight()
        before = self.view.position(self.selected) if self.view is not None else None
        self.view = view
        after = view.position(self.selected)
        if before is not None and after is not None:
            self.top += after - before
        self._measure()
        rows = self._in_sight()
        if not rows or pitch != self.pitch or len(rows) != len(were):
            self.touch()
            return
        others = [at for at, (row, was) in enumerate(zip(rows, were, strict=True)) if row is not was]
        lines = [line for at in others for line in self._lines_of(self.top + at)]
        self.touch([*range(HEAD), *lines])

    def _in_sight(self) -> list[PlannedVisit]:
        rows = self.view.rows if self.view is not None else ()
        lines = max(0, self._extent.height - HEAD)
        return list(rows[self.top : self.top + (lines + self.pitch - 1) // self.pitch])

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme (`repaint`), or just another minute: a promise may read otherwise now."""
        before, self.look = self.look, look
        if repaint:
            self.touch()
            return
        rows = enumerate(self._in_sight(), self.top)
        moved = [at for at, row in rows if promise_text(row, before) != promise_text(row, look)]
        self.touch(line for at in moved for line in self._lines_of(at))

    def select(self, visit_id: str | None) -> None:
        """Move the cursor's mark, repainting only what it leaves and enters."""
        if visit_id == self.selected or self.view is None:
            self.selected = visit_id
            return
        old, self.selected = self.view.position(self.selected), visit_id
        new = self.view.position(visit_id)
        if new is not None and self._reveal(new):
            self.touch()
            return
        self.touch(line for at in (old, new) if at is not None for line in self._lines_of(at))

    def mark(self, marked: frozenset[str]) -> None:
        """Show which rows are marked for a bulk act."""
        changed, self.marked = self.marked ^ marked, marked
        if self.view is not None:
            places = [at for one in changed if (at := self.view.position(one)) is not None]
            self.touch(line for at in places for line in self._lines_of(at))

    def carry(self, carried: str | None, *, target: bool) -> None:
        """Show which row is being carried, and whether it (or a visit) would land here."""
        if (carried, target) == (self.carried, self.target):
            return
        lines: set[int] = set()
        if target != self.target:
            lines.update(range(HEAD))
        if self.view is not None:
            for one in (self.carried, carried):
                at = self.view.position(one)
                if at is not None:
                    lines.update(self._lines_of(at))
        self.carried, self.target = carried, target
        self.touch(lines)

    def reveal(self, at: int | None) -> None:
        """Scroll as little as needed so that the row at a place is in sight."""
        if at is not None and self._reveal(at):
            self.touch()

    def scroll_by(self, rows: int) -> bool:
        """Scroll by rows; True where something moved."""
        before = self.top
        self.top += rows
        self._clamp()
        if self.top != before:
            self.touch()
        return self.top != before

    @property
    def page(self) -> int:
        """The rows in sight."""
        return max(1, (self.size.height - HEAD) // self.pitch)

    def row_at(self, y: int) -> PlannedVisit | None:
        """The row on a line of the pane."""
        if self.view is None or y < HEAD:
            return None
        at = self.top + (y - HEAD) // self.pitch
        return self.view.rows[at] if at < len(self.view.rows) else None

    # Layout

    def resized(self, width: int, height: int) -> None:
        self._measure()
        if self.view is not None and (at := self.view.position(self.selected)) is not None:
            self._reveal(at)

    def _measure(self) -> None:
        rows = len(self.view.rows) if self.view is not None else 0
        body = max(1, self.size.height - HEAD)
        self.pitch = 3 if rows * 3 - 1 <= body else 2
        self._clamp()

    def _clamp(self) -> None:
        rows = len(self.view.rows) if self.view is not None else 0
        self.top = max(0, min(self.top, rows - self.page))

    def _reveal(self, at: int) -> bool:
        before = self.top
        if at < self.top:
            self.top = at
        elif at >= self.top + self.page:
            self.top = at - self.page + 1
        self._clamp()
        return before != self.top

    def _lines_of(self, at: int) -> range:
        first = HEAD + (at - self.top) * self.pitch
        return range(first, first + 2)

    # Drawing

    def draw(self, y: int, width: int) -> Strip:
        palette = self.look.palette
        if y == 0:
            return self._draw_title(width)
        ink = Ink(width, palette("muted", "surface"))
        if self.view is None or not self.view.rows:
            return self._draw_empty(y - HEAD, ink)
        at, line = divmod(y - HEAD, self.pitch)
        at += self.top
        if y < HEAD or line == 2 or at >= len(self.view.rows):
            return self._draw_rest(y, ink)
        return self._draw_row(self.view.rows[at], line, width)

    def _draw_title(self, width: int) -> Strip:
        palette = self.look.palette
        ground = "ghost_bg" if self.target else "surface"
        ink = Ink(width, palette("muted", ground)).gap()
        ink.put(
            "QUEUE", palette("accent" if self.active else "text", ground, bold=True, line=self.active)
        ).gap()
        if self.target:
            return ink.put("back to the queue", palette("ghost", ground, bold=True)).strip()
        if self.view is None:
            return ink.strip()
        board = self.view.board
        spans: list[tuple[int, int, str]] = []
        ink.put(f"{len(self.view.rows)} of {board.total}")
        new = len(self.view.announced)
        right = f"by {board.order.value}"
        if board.group_by.value != "nothing":
            right += f", {board.group_by.value}"
        if new:
            at = width - ink.left
            ink.gap().put(f"{new} new", palette("warn", ground, bold=True))
            spans.append((at, width - ink.left, "show_new"))
        room = ink.left - 1
        if board.filter.text:
            right = self._filter_words(board.filter.text, room - 2)
        if width_of(right) + 2 <= room:
            ink.fill(keep=width_of(right) + 1)
            spans.append((width - ink.left, width, "filter" if board.filter.text else "sort"))
            ink.put(right, palette("warn" if board.filter.text else "faint", ground))
        self.title_spans = tuple(spans)
        return ink.strip()

    def _filter_words(self, text: str, room: int) -> str:
        glyphs = self.look.glyphs
        tail = f" {glyphs.dot} Esc drops it"
        if width_of(whole := f"filter {text}{tail}") <= room:
            return whole
        said = brief(text, room - len("filter "), glyphs.more)
        return f"filter {said}" if said else brief(text, room, glyphs.more) or "filtered"

    def _draw_rest(self, y: int, ink: Ink) -> Strip:
        if self.view is not None and y == 1 and self.top and self.view.groups:
            return self._group_line(self.top, ink)
        if y == 1 and self.view is not None and self.view.groups:
            return self._group_line(0, ink)
        if y == 1 and self.top:
            ink.gap().put(f"{self.top} above", self.look.palette("faint", "surface"))
        return ink.strip()

    def _group_line(self, at: int, ink: Ink) -> Strip:
        assert self.view is not None  # noqa: S101 - drawn only with rows
        groups = self.view.groups
        group = groups[max(0, bisect_right([one.start for one in groups], at) - 1)]
        ink.gap().put(f"{group.name} ", self.look.palette("accent", "surface"))
        return ink.put(str(group.size), self.look.palette("faint", "surface")).strip()

    def _draw_empty(self, line: int, ink: Ink) -> Strip:
        says: tuple[str, ...]
        key = self.key_of
        if self.view is None:
            says = _wrapped(self.waiting_for or "reading the cache", ink.left - 3)
        elif self.view.board.filter.text:
            says = ("Nothing passes the filter.", f"{key('filter')} changes it")
        elif self.view.announced:
            new = len(self.view.announced)
            what = "One new job has" if new == 1 else f"{new} new jobs have"
            says = (f"{what} come in.", f"{key('show_new')} shows {'it' if new == 1 else 'them'}")
        elif self.waiting_for:
            says = _wrapped(self.waiting_for, ink.left - 3)
        else:
            says = ("Nothing waits for a technician.", f"{key('create')} makes a new job")
        if 0 <= line < len(says):
            ink.gap(2).put(says[line], self.look.palette("text" if line == 0 else "muted", "surface"))
        return ink.strip()

    def _draw_row(self, row: PlannedVisit, line: int, width: int) -> Strip:
        look, palette = self.look, self.look.palette
        chosen, marked = row.id == self.selected, row.id in self.marked
        ground = "cursor" if chosen else palette.mix("selection", "accent", 0.2) if marked else "surface"
        if row.id == self.carried:
            ground = "ghost_bg"
        text = "cursor_text" if chosen else "text"
        quiet = palette.mix("cursor_text", "cursor", 0.3) if chosen else "muted"
        ink = Ink(width, palette(text, ground))
        if chosen:
            ink.put(look.glyphs.edge_marked, palette("accent", ground))
        else:
            ink.put(look.glyphs.edge if marked or row.id == self.carried else " ", palette("accent", ground))
        if line == 0:
            mark = look.glyphs.marked + " " if marked else look.glyphs.of_priority(row.priority)
            draft = row.status.value == "draft"
            mark = look.glyphs.of_status(row.status) + " " if draft and not marked else mark
            ink.put(mark, palette(priority_meaning(row.priority), ground, bold=True)).gap()
            ink.put(row.number, palette("cursor_text" if chosen else "muted", ground)).gap()
            tail = (look.glyphs.of_mark(row.mark) + " ") if row.mark else ""
            if row.status in UNDER_WAY:
                tail = f"{look.glyphs.of_status(row.status)} {tail}"
            urgent = row.priority is Priority.URGENT or chosen
            style = palette("faint" if draft and not chosen else text, ground, bold=urgent)
            ink.put(row.title or row.customer, style, ink.left - len(tail))
            ink.put(tail, palette("error" if row.mark in UNDECIDED else "pending", ground, bold=True))
            return ink.strip()
        return self._draw_second(row, ink, ground, quiet, width)

    def _draw_second(self, row: PlannedVisit, ink: Ink, ground: str, quiet: str, width: int) -> Strip:
        look, palette = self.look, self.look.palette
        assert self.view is not None  # noqa: S101 - drawn only with rows
        ink.gap(3)
        km = self.view.board.km(row)
        away = "" if km is None else f"{km:.1f} km" if km < 9.95 else f"{km:.0f} km"
        length = length_text(row.minutes)
        length = length if len(length) < LENGTH else f"~{(row.minutes + 30) // 60}h"
        promise, colour = promise_text(row, look)
        if row.technician_ids and row.start is None:
            promise, colour = "no time yet", "muted"
        tail = len(away) + 1 if away else 0
        skilled = width >= 46
        customer = max(6, width - 4 - LENGTH - WHEN - AWAY - (min(24, width // 5) if skilled else 0))
        ink.put(row.customer, palette(quiet, ground), customer - 1).gap()
        ink.put(length, palette(quiet, ground), LENGTH)
        ink.put(promise, palette(colour if ground != "cursor" or colour != "muted" else quiet, ground), WHEN)
        ink.gap(1 if skilled else 0)
        skills = ", ".join(row.skills)
        if skilled and skills:
            ink.put(skills, palette(quiet, ground), max(0, ink.left - tail - 1))
        if away:
            ink.fill(keep=min(ink.left, len(away) + 1)).put(
                away, palette(quiet if ground == "cursor" else "faint", ground)
            )
        return ink.strip()


def promise_text(row: PlannedVisit, look: Look) -> tuple[str, str]:
    """What the customer was promised, in eleven cells, and the meaning of its colour."""
    zone, now = look.zone, look.now
    today = zone.date_of(now)
    if row.windows:
        start, end = min(row.windows, key=lambda window: window.end)
        day = zone.date_of(end - 1)
        colour = "error" if end <= now + 2 * 3600 else "warn" if day <= today else "muted"
        if day != today:
            return f"{day:%a} {day.day}" if end > now else f"by {day.day} {day:%b}", colour
        if start <= zone.day_bounds(today)[0] or start <= now:
            return f"by {zone.clock_text(end)}", colour
        return f"{_hour(start, look)}{look.glyphs.dash}{_hour(end, look)}", colour
    if row.start is not None:
        day = zone.date_of(row.start)
        late = row.start < now
        if day == today:
            return f"at {zone.clock_text(row.start)}", "error" if late else "warn"
        near = abs((day - today).days) < 7
        said = f"{day:%a} {zone.clock_text(row.start)}" if near else f"{day:%a} {day.day} {day:%b}"
        return said, "error" if late else "muted"
    if row.date is not None:
        if row.date == today:
            return "today", "warn"
        return f"{row.date:%a} {row.date.day}", "error" if row.date < today else "muted"
    return "any time", "muted"


def _hour(instant: Instant, look: Look) -> str:
    return look.zone.clock_text(instant).removesuffix(":00")


def _wrapped(text: str, width: int) -> tuple[str, ...]:
    """A text in lines of at most so many cells: why a queue is empty must not end in dots."""
    from textwrap import wrap

    return tuple(wrap(text, max(8, width)))
