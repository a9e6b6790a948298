"""Puts on the screen what the desk's thread hands over: a day, the queue, the columns of the filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from fieldboard.board.filters import shows_technician
from fieldboard.tui.chrome.line import Part, Turn
from fieldboard.tui.cursor import kept_in_sight, nearest_in
from fieldboard.tui.freshness import show_freshness
from fieldboard.tui.hints import hints_of
from fieldboard.tui.panes.queue_view import QueueView, whole

if TYPE_CHECKING:
    from fieldboard.board.day_board import DayBoard
    from fieldboard.board.desk import Desk
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.desk_messages import Fresh


class Showing:
    """Brings the panes up to date, leaving everything that has not changed where it is."""

    def __init__(self, screen: BoardScreen) -> None:
        self._screen = screen

    def open(self, day: DayBoard, view: QueueView) -> None:
        """Show the first day and queue; to be called before the screen is mounted."""
        screen = self._screen
        screen.day, screen.view = day, view
        self._choose_columns()
        screen.board.show(day, screen.shown_columns)
        screen.timeline.show(day, screen.shown_columns, self._column_filter)
        screen.queue.show(view)
        first = view.rows[0].id if view.rows else None
        screen.cursor = replace(screen.cursor, queue_id=first)

    def take(self, fresh: Fresh) -> None:
        """Show what has changed, leaving everything else where it is."""
        screen = self._screen
        before = screen.day
        settled = screen.state is not None and screen.state.last_full_finished is not None
        screen.state = fresh.state
        screen.header.say(counts=fresh.counts)
        if fresh.rules is not None:
            screen.board_app.take_rules(fresh.rules)
        if fresh.queue is not None:
            self._take_queue(fresh, settled=settled)
        if before is not None and fresh.day.day != before.day:
            # An answer for a day that was left meanwhile.
            show_freshness(screen, fresh.pending, fresh.undecided)
            return
        screen.day = fresh.day
        if fresh.day.counted:
            self.count_broken(fresh.day.broken)
        regrown = before is None or len(before.columns) != len(fresh.day.columns)
        if fresh.everything or regrown:
            self._choose_columns()
            screen.board.show(fresh.day, screen.shown_columns)
            screen.timeline.show(fresh.day, screen.shown_columns, self._column_filter)
            if regrown:
                screen.board.fit()
                screen.share_out()
        elif fresh.changed or (before is not None and fresh.day.visits_count != before.visits_count):
            screen.board.replace(fresh.day, fresh.changed)
            screen.timeline.replace(fresh.day, fresh.changed)
        screen.following.after_change()
        show_freshness(screen, fresh.pending, fresh.undecided)
        if before is not None and settled:
            screen.acting.alerting.alert(fresh)

    def _take_queue(self, fresh: Fresh, *, settled: bool) -> None:
        screen = self._screen
        if screen.view is None or fresh.queue is None:
            return
        old, at = screen.view, screen.view.position(screen.cursor.queue_id)
        screen.view = view = fresh.view if fresh.view is not None else whole(fresh.queue)
        # While the first sync runs an untouched cursor stays on the most urgent job.
        if not settled and not screen.touched and view.rows:
            screen.cursor = replace(screen.cursor, queue_id=view.rows[0].id)
        elif view.position(screen.cursor.queue_id) is None:
            rows = view.rows
            next_id = rows[min(at or 0, len(rows) - 1)].id if rows else None
            next_id = screen.following.same_job(old, fresh) or next_id
            screen.cursor = replace(screen.cursor, queue_id=next_id)
        screen.queue.show(view)
        new = len(view.announced)
        if not new:
            screen.saying.drop("new")
        elif new > len(old.announced):
            key = screen.board_app.keymap.shown("show_new") or ":new"
            screen.saying.announce(
                "new",
                Turn.NOTE,
                Part(f"{new} new job{'s' if new > 1 else ''}", "warn", True),
                Part(f" {screen.look.glyphs.dot} {key} shows {'them' if new > 1 else 'it'}", "muted"),
            )

    def count_broken(self, broken: int) -> None:
        """Say how many visits of the day break a rule: as counted last, until it is counted anew."""
        screen = self._screen
        if broken != screen.timeline.broken:
            screen.timeline.count(broken)
            screen.footer.show(hints_of(screen))

    def show_day(self, day: date, then: Callable[[], None] | None = None) -> None:
        """Go to another day; the panes change when it has been read."""
        screen = self._screen
        thread = screen.thread

        def read(desk: Desk) -> tuple[DayBoard, QueueView | None]:
            return thread.show_day(desk, day), thread.show_whole_queue()

        def ready(answer: tuple[DayBoard, QueueView | None]) -> None:
            board, view = answer
            screen.day = board
            self.count_broken(board.broken if board.counted else 0)
            self._choose_columns()
            screen.board.show(board, screen.shown_columns)
            screen.timeline.show(board, screen.shown_columns, self._column_filter)
            technician = screen.cursor.technician_id
            column = board.column(technician) if technician is not None else None
            at = None
            if screen.cursor.at is not None:
                wall = screen.look.zone.local(screen.cursor.at).time().replace(tzinfo=None)
                at = screen.look.zone.nearest(board.day, wall)
            visit = nearest_in(column, at) if column is not None else None
            screen.cursor = replace(screen.cursor, visit_id=visit.id if visit else None, at=at)
            screen.acting.finding.quiet()
            if view is not None and screen.view is not None and screen.view.announced:
                self.show_queue(view)
            show_freshness(screen)
            screen.show_cursor()
            screen.remembering.soon()
            screen.acting.walking.read_week()
            if then is not None:
                then()

        thread.ask(read, ready, key="day", early=True)

    def show_queue(self, view: QueueView) -> None:
        """Show the queue in another order, or with what is new."""
        screen = self._screen
        screen.view = view
        if not view.announced:
            screen.saying.drop("new")
        if view.position(screen.cursor.queue_id) is None:
            screen.cursor = replace(screen.cursor, queue_id=view.rows[0].id if view.rows else None)
        screen.queue.show(view)
        screen.queue.selected = None
        screen.show_cursor()

    def show_columns(self) -> None:
        """Show the technicians who pass the filter."""
        screen = self._screen
        if screen.day is None:
            return
        self._choose_columns()
        screen.board.show(screen.day, screen.shown_columns)
        screen.timeline.show(screen.day, screen.shown_columns, self._column_filter)
        screen.board.fit()
        screen.share_out()

    def _choose_columns(self) -> None:
        screen = self._screen
        if screen.day is None:
            return
        terms = screen.view.board.filter.column_terms if screen.view is not None else ()
        screen.shown_columns = tuple(
            at
            for at, column in enumerate(screen.day.columns)
            if not terms or shows_technician(terms, column.technician)
        )
        screen.cursor = kept_in_sight(screen.cursor, screen.day, screen.shown_columns)

    @property
    def _column_filter(self) -> str:
        """What technicians must have to be shown, as it was typed; empty where all are."""
        view = self._screen.view
        return view.board.filter.columns if view is not None and view.board.filter.column_terms else ""
