"""The place that the next start opens at: day, pane, cursor, zoom, order and filter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fieldboard.board.place import Place

if TYPE_CHECKING:
    from textual.timer import Timer

    from fieldboard.tui.board_screen import BoardScreen

REMEMBER_S: Final = 2.0
"""Seconds after the last move until the place is saved."""


class Remembering:
    """Saves where the dispatcher is, on the desk's thread."""

    def __init__(self, screen: BoardScreen) -> None:
        self._screen = screen
        self._timer: Timer | None = None

    def place(self) -> Place:
        """Where the dispatcher is."""
        screen = self._screen
        cursor, view = screen.cursor, screen.view
        place = Place(
            day=screen.day.day if screen.day is not None and screen.day.day != screen.today() else None,
            left=screen.today(),
            pane=cursor.pane,
            visit=cursor.chosen,
            technician=cursor.technician_id,
            slot_minutes=screen.board.slot_minutes,
            hours=screen.timeline.hours,
            full_screen=screen.full,
            theme=screen.look.palette.name,
        )
        if view is None:
            return place
        board = view.board
        return replace(place, order=board.order, group_by=board.group_by, filter=board.filter)

    def soon(self) -> None:
        """Save the place a moment from now."""
        if self._screen.board_app.options.remember is None or self._timer is not None:
            return
        self._timer = self._screen.set_timer(REMEMBER_S, self.now)

    def now(self) -> None:
        """Save the place."""
        self._timer = None
        remember = self._screen.board_app.options.remember
        if remember is not None:
            place = self.place().to_json()
            self._screen.thread.ask(lambda _: remember(place))
