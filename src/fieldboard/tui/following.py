"""Keeps the cursor on its visit, wherever that goes: by an act, by others' changes, to another day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fieldboard.domain.instants import Instant
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.arrangement import Pane
from fieldboard.tui.cursor import crew_in_sight, time_of
from fieldboard.tui.glyphs import STATUS_WORDS

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen
    from fieldboard.tui.desk_messages import Fresh
    from fieldboard.tui.panes.queue_view import QueueView


class Following:
    """Moves the cursor of a screen to where a visit is now."""

    def __init__(self, screen: BoardScreen) -> None:
        self._screen = screen

    def same_job(self, old: QueueView, fresh: Fresh) -> str | None:
        """The row under the cursor by its new id: a system gives ids of its own to what was created here."""
        screen = self._screen
        row = old.board.row(screen.cursor.queue_id) if screen.cursor.queue_id is not None else None
        if row is None or screen.view is None:
            return None
        job_id = fresh.ids.get(row.job_id, row.job_id)
        for one in fresh.visit_ids:
            now = screen.view.board.row(one)
            if now is not None and now.job_id == job_id and screen.view.position(one) is not None:
                return one
        return None

    def after_change(self) -> None:
        """Keep the cursor on its visit, wherever that has gone."""
        screen = self._screen
        day, cursor = screen.day, screen.cursor
        if day is None:
            return
        if cursor.visit_id is not None:
            where = crew_in_sight(day, screen.shown_columns, cursor.visit_id)
            if where and cursor.technician_id not in where:
                cursor = replace(cursor, technician_id=where[0])
            elif not where:
                # It has left, or is hidden: the cursor stays on the place, no other visit slips under it.
                cursor = replace(cursor, visit_id=None)
        screen.cursor = cursor
        marked = frozenset(one for one in screen.marked if one in day.where or self._in_queue(one))
        if marked != screen.marked:
            screen.mark(marked)
        screen.show_cursor(reveal=False)

    def _in_queue(self, visit_id: str) -> bool:
        screen = self._screen
        return screen.view is not None and screen.view.board.row(visit_id) is not None

    def go_to(self, visit: PlannedVisit) -> None:
        """Put the cursor on a visit, on whatever day and pane it is."""
        screen = self._screen
        if screen.view is not None and screen.view.position(visit.id) is not None:
            screen.move_to(replace(screen.cursor, pane="queue", queue_id=visit.id))
            return
        start = visit.start if visit.start is not None else visit.actual_start
        day = screen.look.zone.date_of(start) if start is not None else visit.date
        if day is None or not visit.technician_ids:
            self._say_hidden(visit)
            return
        pane: Pane = screen.cursor.pane if screen.cursor.pane != "queue" else "board"

        def arrive() -> None:
            crew, here = self._crew(visit), screen.day
            if not crew and here is not None and visit.id in here.where:
                self._say_hidden(visit)
                return
            technician, at = crew[0] if crew else visit.technician_ids[0], self._begins(visit)
            there = replace(screen.cursor, pane=pane, visit_id=visit.id, technician_id=technician, at=at)
            screen.move_to(there)

        if screen.day is not None and day == screen.day.day:
            arrive()
        else:
            screen.showing.show_day(day, arrive)

    def _say_hidden(self, visit: PlannedVisit) -> None:
        """Say why no pane has a visit: only a filter that is set hides anything."""
        screen = self._screen
        key = screen.board_app.keymap.shown
        if screen.view is not None and screen.view.board.filter:
            says = f"{visit.number} is hidden by the filter: {key('filter')} changes it"
        else:
            lacks = "no technician" if not visit.technician_ids else "no day"
            says = f"{visit.number} is {STATUS_WORDS[visit.status]} and has {lacks}: it stands on no day"
            if visit.queued:
                says = f"{visit.number} is new in the queue: {key('show_new')} shows it"
        screen.saying.error(says)

    def _crew(self, visit: PlannedVisit) -> tuple[str, ...]:
        """The technicians in whose columns a visit shows."""
        screen = self._screen
        return crew_in_sight(screen.day, screen.shown_columns, visit.id) if screen.day is not None else ()

    def _begins(self, visit: PlannedVisit) -> Instant | None:
        """When a visit begins on the board, which has estimates where the stored visit has no time."""
        screen = self._screen
        block = screen.day.block(visit.id) if screen.day is not None else None
        return time_of(block.visit if block is not None else visit) or None

    def stay_with(self, visit: PlannedVisit) -> None:
        """Stay with a visit that an act put elsewhere: in the pane where the cursor is, and in sight.

        What has left the board leaves the cursor on the place that it left.
        """
        screen = self._screen
        cursor = screen.cursor
        if screen.view is not None and screen.view.position(visit.id) is not None:
            cursor = replace(cursor, queue_id=visit.id)
        crew = self._crew(visit)
        if crew:
            technician = cursor.technician_id if cursor.technician_id in crew else crew[0]
            cursor = replace(cursor, visit_id=visit.id, technician_id=technician, at=self._begins(visit))
        elif cursor.visit_id == visit.id:
            cursor = replace(cursor, visit_id=None)
        screen.cursor = cursor
        screen.show_cursor()
        if cursor.pane == "queue" and crew:
            screen.board.reveal(cursor.technician_id, visit.id)
        screen.remembering.soon()
