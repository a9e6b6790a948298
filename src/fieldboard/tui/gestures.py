"""The mouse: click, double click, wheel, and dragging from queue, board and timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui import carry as moves
from fieldboard.tui.cursor import time_of

if TYPE_CHECKING:
    from textual import events

    from fieldboard.tui.arrangement import Pane
    from fieldboard.tui.board_screen import BoardScreen

FAR = 2
"""Cells that the mouse must move before a press becomes a drag."""


class Under(NamedTuple):
    """What lies under the mouse."""

    pane: Pane
    visit: PlannedVisit | None
    technician_id: str | None
    instant: Instant | None
    edge: str = ""


class Gestures:
    """Turns mouse events into selecting, scrolling and carrying. One drag step a frame at most."""

    def __init__(self, screen: BoardScreen) -> None:
        self.screen = screen
        self._pressed: Under | None = None
        self._from = (0, 0)
        self._grip = 0
        self._latest: tuple[int, int] | None = None
        self._waiting = False
        self.dragging = False

    def under(self, x: int, y: int) -> Under | None:
        """What lies at a cell of the screen."""
        screen, day = self.screen, self.screen.day
        for pane in ("queue", "board", "timeline"):
            widget = screen.pane_widget(pane)
            if not widget.display or not widget.region.contains(x, y):
                continue
            inside = (x - widget.region.x, y - widget.region.y)
            if pane == "queue":
                return Under("queue", screen.queue.row_at(inside[1]), None, None)
            spot = screen.board.spot(*inside) if pane == "board" else screen.timeline.spot(*inside)
            if spot is None or day is None:
                return Under(pane, None, None, None)
            column = day.columns[screen.shown_columns[spot[0]]]
            visit = None
            if spot.visit_id is not None:
                block = day.block(spot.visit_id)
                visit = block.visit if block is not None else None
            return Under(pane, visit, column.technician.id, spot.instant, spot.edge)
        return None

    # Pressing, moving, letting go

    def down(self, event: events.MouseDown) -> None:
        screen = self.screen
        x, y = event.screen_x, event.screen_y
        carry = screen.carrier.carry
        if event.button != 1:
            # The other button is the mouse's Esc.
            if self.dragging:
                self.cancel()
            elif carry is not None or screen.saying.ask_again is not None:
                screen.press("escape")
            return
        found = self.under(x, y)
        self._pressed, self._from = found, (x, y)
        self.dragging = False
        if found is None:
            return
        if carry is not None:
            if self._on_ghost(found, carry):
                self._regrip(found, carry)
                return
            screen.carrier.put_back()
        self._select(found)
        if found.visit is not None and found.instant is not None and found.visit.start is not None:
            self._grip = found.instant - found.visit.start
        else:
            self._grip = 0

    def _on_ghost(self, found: Under, carry: moves.Carry) -> bool:
        """Whether a place is where the carried visit would land."""
        if found.pane == "queue" or found.technician_id != carry.technician_id or found.instant is None:
            return False
        slot = self.screen.board.slot_minutes * MINUTE if found.pane == "board" else 0
        return carry.start - slot < found.instant < carry.end

    def _regrip(self, found: Under, carry: moves.Carry) -> None:
        """Take what was dropped on a broken rule, and not put back, in the hand again."""
        self._grip = (found.instant or carry.start) - carry.start
        self.dragging = True
        self.screen.capture_mouse()

    def _select(self, found: Under) -> None:
        screen = self.screen
        cursor = replace(screen.cursor, pane=found.pane)
        if found.pane == "queue":
            if found.visit is not None:
                cursor = replace(cursor, queue_id=found.visit.id)
        elif found.technician_id is not None:
            at = time_of(found.visit) if found.visit is not None else found.instant
            cursor = replace(
                cursor,
                technician_id=found.technician_id,
                visit_id=found.visit.id if found.visit else None,
                at=at if at is not None else cursor.at,
            )
        if screen.saying.ask_again is not None:
            screen.press("escape")
        screen.move_to(cursor)

    def move(self, event: events.MouseMove) -> None:
        if self._pressed is None or (self._pressed.visit is None and not self.dragging):
            return
        self._latest = (event.screen_x, event.screen_y)
        if not self.dragging:
            away = max(abs(event.screen_x - self._from[0]), abs(event.screen_y - self._from[1]))
            if away < FAR and not (self._pressed.edge and away):
                return
            if not self._begin(abs(event.screen_x - self._from[0]), abs(event.screen_y - self._from[1])):
                self._pressed = None
                return
        if not self._waiting:
            self._waiting = True
            self._step_now()
            self.screen.carrier.when_shown(lambda: self.screen.after_frame(self._step))

    def _begin(self, across: int, down: int) -> bool:
        """Begin a drag. An edge is dragged along the hours; a drag across them takes the whole visit."""
        screen, pressed = self.screen, self._pressed
        assert pressed is not None  # noqa: S101 - moves begin a drag only after a press
        assert pressed.visit is not None  # noqa: S101
        if (lacking := screen.board_app.lacks.get("pick_up")) is not None:
            screen.saying.error(lacking)
            return False
        part: moves.Part = "whole"
        along = down >= across if pressed.pane == "board" else across >= down
        if pressed.edge and along:
            part = "start" if pressed.edge == "start" else "end"
        self.dragging = screen.carrier.pick_up(pressed.visit, source=pressed.technician_id, part=part)
        if self.dragging:
            screen.capture_mouse()
        return self.dragging

    def _step(self) -> None:
        """A frame was painted: take the newest position, if it is another."""
        self._waiting = False
        if self._latest is not None and self.dragging:
            self._step_now()

    def _step_now(self) -> None:
        screen, carry, latest = self.screen, self.screen.carrier.carry, self._latest
        self._latest = None
        if carry is None or latest is None or not self.dragging:
            return
        found = self.under(*latest)
        if found is None:
            return
        if carry.part != "whole" and found.technician_id != carry.technician_id:
            carry = moves.entire(carry)
        if found.pane == "queue":
            if carry.visit.technician_ids and carry.part == "whole":
                screen.carrier.to(moves.over(carry, None))
            return
        self._scroll_near_edge(found.pane, *latest)
        slot = (min(screen.board.slot_minutes, 30) if found.pane == "board" else 15) * MINUTE
        start = None
        if found.instant is not None:
            wanted = found.instant - (self._grip if carry.part == "whole" else 0)
            if carry.part == "end" and found.pane == "board":
                wanted += slot
            day_start = carry.day_start
            start = day_start + (wanted - day_start) // slot * slot
            start = max(day_start, start)
        screen.carrier.to(moves.over(carry, found.technician_id, start))

    def _scroll_near_edge(self, pane: str, x: int, y: int) -> None:
        screen = self.screen
        if pane == "board":
            region = screen.board.region
            columns = 1 if x >= region.right - 2 else -1 if x < region.x + 7 else 0
            slots = 1 if y >= region.bottom - 1 else -1 if y == region.y + screen.board.head else 0
            if columns or slots:
                screen.board.scroll_by(columns, slots)
        elif pane == "timeline":
            region = screen.timeline.region
            rows = 1 if y >= region.bottom - 1 else -1 if y == region.y + 2 else 0
            if rows:
                screen.timeline.scroll_by(rows)

    def up(self, event: events.MouseUp) -> None:
        screen = self.screen
        self._pressed = None
        if not self.dragging:
            return
        self._latest = (event.screen_x, event.screen_y)
        self._step_now()
        self.dragging = False
        screen.release_mouse()
        screen.carrier.drop()

    def cancel(self) -> None:
        """The terminal lost the focus, or Escape was pressed: nothing is dropped."""
        if self.dragging:
            self.dragging = False
            self._pressed = None
            self.screen.release_mouse()
            self.screen.carrier.put_back()

    def click(self, event: events.Click) -> None:
        screen = self.screen
        x, y = event.screen_x, event.screen_y
        if screen.footer.region.contains(x, y):
            if act := screen.footer.act_at(x - screen.footer.region.x):
                screen.press(act.removeprefix("key:")) if act.startswith(
                    "key:"
                ) else screen.board_app.run_act(act)
            return
        if screen.header.region.contains(x, y):
            self._click_header(x - screen.header.region.x)
            return
        found = self.under(x, y)
        if (
            event.chain == 2
            and found is not None
            and found.visit is not None
            and screen.carrier.carry is None
        ):
            screen.board_app.run_act("details")

    def _click_header(self, x: int) -> None:
        begin, end = self.screen.header.decide_span
        if begin <= x < end:
            self.screen.board_app.run_act("decisions")
            return
        for first, last, act in self.screen.header.day_spans:
            if first <= x < last:
                self.screen.board_app.run_act(act)

    def wheel(self, event: events.MouseEvent, direction: int, *, sideways: bool = False) -> None:
        """Scroll what lies under the mouse; the cursor stays on its visit."""
        screen = self.screen
        found = self.under(event.screen_x, event.screen_y)
        if found is None:
            return
        sideways = sideways or event.shift
        if found.pane == "queue":
            screen.queue.scroll_by(direction)
        elif found.pane == "board":
            screen.board.scroll_by(
                columns=direction if sideways else 0, slots=0 if sideways else 2 * direction
            )
        else:
            screen.timeline.scroll_by(rows=0 if sideways else direction, hours=direction if sideways else 0)
