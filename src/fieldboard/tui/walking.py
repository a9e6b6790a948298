"""Acts of the cursor and of the view: moving, panes, days, zoom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.arrangement import PANES, Pane
from fieldboard.tui.cursor import Cursor, beside, column_order, nearest_in, time_of
from fieldboard.tui.panes.timeline import SPANS
from fieldboard.tui.panes.timeline_head import WEEK

if TYPE_CHECKING:
    from fieldboard.board.column import Column
    from fieldboard.board.day_board import DayBoard
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen

SLOTS: Final = (15, 30, 60)
"""Minutes of a row of the board, from the nearest zoom to the farthest."""

COUNTED: Final = timedelta(days=400)
"""How far the month of "go to a day" knows how busy a day is, both ways."""


class Walking:
    """What the keys of groups Move, Day and View do."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen

    # One step

    def do_up(self) -> None:
        self._vertical(-1)

    def do_down(self) -> None:
        self._vertical(1)

    def do_left(self) -> None:
        self._horizontal(-1)

    def do_right(self) -> None:
        self._horizontal(1)

    def do_first(self) -> None:
        self._vertical(-(1 << 30))

    def do_last(self) -> None:
        self._vertical(1 << 30)

    def do_half_down(self) -> None:
        self._page(1)

    def do_half_up(self) -> None:
        self._page(-1)

    def _vertical(self, steps: int) -> None:
        pane = self.screen.cursor.pane
        if pane == "queue":
            self._queue_by(steps)
        elif pane == "board":
            self._visit_by(steps)
        else:
            self._technician_by(steps)

    def _horizontal(self, steps: int) -> None:
        pane = self.screen.cursor.pane
        if pane == "queue":
            if steps > 0:
                self.enter("board")
        elif pane == "board":
            before = self.screen.cursor.technician_id
            self._technician_by(steps)
            if steps < 0 and self.screen.cursor.technician_id == before and self.screen.arrangement.queue:
                self.enter("queue")
        else:
            self._visit_by(steps)

    def _page(self, direction: int) -> None:
        screen = self.screen
        pane = screen.cursor.pane
        if pane == "queue":
            self._queue_by(direction * max(1, screen.queue.page // 2))
        elif pane == "timeline":
            self._technician_by(direction * max(1, screen.timeline.page // 2))
        else:
            self._half_day(direction)

    def _half_day(self, direction: int) -> None:
        """Half a page of slots: the cursor goes to the visit that lies nearest there."""
        screen, day = self.screen, self.screen.day
        half = max(1, screen.board.body_height // 2) * direction
        screen.board.scroll_by(slots=half)
        if day is None or screen.cursor.technician_id is None:
            return
        column = day.column(screen.cursor.technician_id)
        grid = screen.board.grid
        top = screen.board.top
        middle = grid.instant(top + screen.board.body_height // 2)
        at = (screen.cursor.at if screen.cursor.at is not None else middle) + half * grid.slot
        at = min(max(at, grid.instant(top)), grid.instant(top + screen.board.body_height) - 1)
        visit = nearest_in(column, at) if column is not None else None
        screen.move_to(replace(screen.cursor, visit_id=visit.id if visit else None, at=at))

    def _queue_by(self, steps: int) -> None:
        screen = self.screen
        if screen.view is None or not screen.view.rows:
            return
        rows = screen.view.rows
        at = screen.view.position(screen.cursor.queue_id)
        at = 0 if at is None else max(0, min(at + steps, len(rows) - 1))
        screen.move_to(replace(screen.cursor, queue_id=rows[at].id))

    def _visit_by(self, steps: int) -> None:
        screen, day = self.screen, self.screen.day
        if day is None:
            return
        technician = screen.cursor.technician_id
        column = day.column(technician) if technician is not None else None
        if column is None:
            self._technician_by(0)
            return
        visit = beside(column, screen.cursor.visit_id, steps, screen.cursor.at)
        self._land(column, visit, visit is not None)

    def _technician_by(self, steps: int) -> None:
        screen, day = self.screen, self.screen.day
        if day is None:
            return
        column = column_order(day, screen.shown_columns, screen.cursor.technician_id, steps)
        if column is not None:
            self._land(column, nearest_in(column, screen.cursor.at), False)

    def _land(self, column: Column, visit: PlannedVisit | None, retime: bool) -> None:
        cursor = self.screen.cursor
        at = cursor.at
        if visit is not None and (retime or at is None):
            at = time_of(visit)
        self.screen.move_to(
            replace(cursor, technician_id=column.technician.id, visit_id=visit.id if visit else None, at=at)
        )

    # Panes

    def do_next_pane(self) -> None:
        self._pane_by(1)

    def do_previous_pane(self) -> None:
        self._pane_by(-1)

    def _pane_by(self, steps: int) -> None:
        pane = self.screen.cursor.pane
        self.enter(PANES[(PANES.index(pane) + steps) % len(PANES)])

    def enter(self, pane: Pane) -> None:
        """Go to a pane; on the board for the first time, to the technician and hour of now."""
        screen, cursor, day = self.screen, self.screen.cursor, self.screen.day
        cursor = replace(cursor, pane=pane)
        if pane != "queue" and cursor.technician_id is None and day is not None and screen.shown_columns:
            at = screen.now()
            shown = (
                screen.shown_columns[screen.board.first : screen.board.first + 1] or screen.shown_columns[:1]
            )
            column = day.columns[shown[0]]
            visit = nearest_in(column, at if day.start <= at < day.end else day.start + 8 * 3600)
            cursor = Cursor(
                pane,
                cursor.queue_id,
                column.technician.id,
                visit.id if visit else None,
                at if day.start <= at < day.end else time_of(visit) if visit else None,
            )
        screen.move_to(cursor)

    def do_full_screen(self) -> None:
        self.screen.full = not self.screen.full
        self.screen.share_out()
        self.screen.remembering.soon()

    # Days

    def do_previous_day(self) -> None:
        self._day_by(-1)

    def do_next_day(self) -> None:
        self._day_by(1)

    def do_today(self) -> None:
        self.screen.showing.show_day(self.screen.today())

    def _day_by(self, days: int) -> None:
        screen = self.screen
        if screen.day is not None:
            shown = screen.header.facts.day or screen.day.day
            day = shown + timedelta(days=days)
            # The header goes ahead, so that `[` twice means two days before.
            screen.header.say(day=day)
            screen.showing.show_day(day)

    def do_go_to_date(self) -> None:
        from fieldboard.tui.dialogs.date_dialog import DateDialog

        screen = self.screen
        if screen.day is None:
            return
        shown = screen.day.day

        def count(desk: Desk) -> dict[date, int]:
            return desk.store.counts_by_day(shown - COUNTED, shown + COUNTED)

        def open_dialog(counts: dict[date, int]) -> None:
            def chosen(day: date | None) -> None:
                if day is not None:
                    screen.showing.show_day(day)

            screen.app.push_screen(DateDialog(shown, lambda day: counts.get(day, 0), screen.today()), chosen)

        screen.thread.ask(count, open_dialog, key="busy")

    # Zoom

    def do_zoom_in(self) -> None:
        self._zoom(-1)

    def do_zoom_out(self) -> None:
        self._zoom(1)

    def _zoom(self, steps: int) -> None:
        screen = self.screen
        if screen.cursor.pane == "timeline":
            at = min(range(len(SPANS)), key=lambda index: abs(SPANS[index] - screen.timeline.hours))
            hours = SPANS[max(0, min(at + steps, len(SPANS) - 1))]
            if hours == screen.timeline.hours:
                screen.saying.error(
                    "the timeline has no nearer zoom" if steps < 0 else "a week is the farthest zoom"
                )
                return
            screen.timeline.zoom(hours, screen.cursor.at)
            self.read_week()
        else:
            at = SLOTS.index(screen.board.slot_minutes) if screen.board.slot_minutes in SLOTS else 1
            minutes = SLOTS[max(0, min(at + steps, len(SLOTS) - 1))]
            if minutes == screen.board.slot_minutes:
                screen.saying.error(f"rows of {minutes} minutes are as far as it goes")
                return
            screen.board.set_slot(minutes)
            screen.share_out()
            screen.show_cursor()
        screen.remembering.soon()

    def read_week(self) -> None:
        """Read the days around the shown one, where the timeline shows a week."""
        screen = self.screen
        if screen.timeline.hours != WEEK or screen.day is None:
            return
        monday = screen.day.day - timedelta(days=screen.day.day.weekday())

        def read(desk: Desk) -> tuple[DayBoard, ...]:
            return tuple(desk.day(monday + timedelta(days=step)) for step in range(7))

        def show(days: tuple[DayBoard, ...]) -> None:
            if screen.day is not None and days[0].day <= screen.day.day <= days[-1].day:
                screen.timeline.show_week(days)

        screen.thread.ask(read, show, key="week")

    def do_back(self) -> None:
        screen = self.screen
        if screen.marked:
            screen.mark(frozenset())
        elif screen.full:
            self.do_full_screen()
        elif screen.acting.filtering.filtered:
            screen.acting.filtering.drop_filter()
        elif screen.acting.finding.found:
            screen.acting.finding.forget()
        else:
            screen.saying.info()
