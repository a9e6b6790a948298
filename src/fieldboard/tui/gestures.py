"""The mouse: click, double click, wheel, and dragging from queue, board and timeline.

What a release does is what the line said when the pointer came to rest: nothing scrolls under it then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui import carry as moves
from fieldboard.tui.cursor import time_of
from fieldboard.tui.panes.column_gutter import GUTTER
from fieldboard.tui.panes.timeline import HEAD

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer

    from fieldboard.tui.arrangement import Pane
    from fieldboard.tui.board_screen import BoardScreen

FAR = 2
"""Cells that the mouse must move before a press becomes a drag."""

REST_S = 0.5
"""Seconds for which a drag has to rest at the edge of a pane until that scrolls."""

AGAIN_S = 0.15
"""Seconds between two steps of that."""


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
        self._at = (-1, -1)
        """Where the last step was taken."""
        self._over: Pane | None = None
        """The pane that a drag was over last."""
        self._waiting = False
        self._rest: Timer | None = None
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
        self._drags(found)

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
        if not screen.carrier.pick_up(pressed.visit, source=pressed.technician_id, part=part):
            return False
        self._drags(pressed)
        return True

    def _drags(self, found: Under) -> None:
        self.dragging, self._at, self._over = True, self._from, found.pane
        self.screen.carrier.under_mouse = found.pane
        self.screen.capture_mouse()

    def _step(self) -> None:
        """A frame was painted: take the newest position, if it is another."""
        self._waiting = False
        if self._latest is not None and self.dragging:
            self._step_now()

    def _step_now(self) -> None:
        latest, self._latest = self._latest, None
        if latest is None or not self.dragging:
            return
        self._at = latest
        self._hold_at(*latest)
        if self._beyond(*latest) != (0, 0):
            self._rest_for(REST_S)
        else:
            self._rest_no_more()

    def _hold_at(self, x: int, y: int) -> None:
        """Carry it to what lies at a cell; over nothing that takes it, letting go puts it back."""
        screen, carry = self.screen, self.screen.carrier.carry
        if carry is None:
            return
        found = self.under(x, y)
        if found is None or (found.technician_id is None and found.pane != "queue"):
            screen.carrier.aside()
            return
        self._over = screen.carrier.under_mouse = found.pane
        if carry.part != "whole" and found.technician_id != carry.technician_id:
            carry = moves.entire(carry)
        if found.pane == "queue":
            if carry.visit.technician_ids:
                screen.carrier.to(moves.over(carry, None))
            else:
                screen.carrier.aside()
            return
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

    # At the edge of a pane

    def _beyond(self, x: int, y: int) -> tuple[int, int]:
        """Over which edge of the pane that it was over last a drag points: columns (or hours) and rows."""
        screen = self.screen
        if self._over not in ("board", "timeline"):
            return 0, 0
        region = screen.pane_widget(self._over).region
        if self._over == "board":
            left, top = region.x + GUTTER, region.y + screen.board.head
        else:
            left, top = region.x + screen.timeline.names, region.y + HEAD
        # At the edge of the screen there is nothing beyond the last cell.
        right = min(region.right, screen.size.width - 1)
        across = 1 if x >= right else -1 if x < left else 0
        down = 1 if y >= region.bottom else -1 if y < top else 0
        return across, down

    def _rest_for(self, seconds: float) -> None:
        self._rest_no_more()
        self._rest = self.screen.set_timer(seconds, self._scroll)

    def _rest_no_more(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None

    def _scroll(self) -> None:
        """The drag rests at an edge: bring what lies beyond it into sight, and go on with that."""
        screen = self.screen
        self._rest = None
        across, down = self._beyond(*self._at)
        # Escape puts back what is carried while the button is still held.
        if not self.dragging or screen.carrier.carry is None or (across, down) == (0, 0):
            return
        moved = (
            screen.board.scroll_by(across, down)
            if self._over == "board"
            else screen.timeline.scroll_by(down, across)
        )
        if moved:
            self._hold_at(*self._at)
            self._rest_for(AGAIN_S)

    def up(self, event: events.MouseUp) -> None:
        screen = self.screen
        self._pressed = None
        if not self.dragging:
            return
        if (event.screen_x, event.screen_y) != self._at:
            # Let go before a frame could show the last few cells of the way.
            self._hold_at(event.screen_x, event.screen_y)
        self._ends()
        screen.carrier.drop()

    def _ends(self) -> None:
        self.dragging, self._latest = False, None
        self._rest_no_more()
        self.screen.release_mouse()

    def cancel(self) -> None:
        """The terminal lost the focus, or Escape was pressed: nothing is dropped."""
        if self.dragging:
            self._pressed = None
            self._ends()
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
        carry = screen.carrier.carry
        asks = screen.saying.ask_again is not None or (carry is not None and carry.sure)
        if asks and screen.info_line.region.contains(x, y):
            # Where it says what Enter would do once more, a click is that Enter.
            screen.press("enter")
            return
        if screen.header.region.contains(x, y):
            self._click_header(x - screen.header.region.x)
            return
        if carry is None and self._click_title(x, y):
            return
        found = self.under(x, y)
        if (
            event.chain == 2
            and found is not None
            and found.visit is not None
            and screen.carrier.carry is None
        ):
            screen.board_app.run_act("details")

    def _click_title(self, x: int, y: int) -> bool:
        """Do what a word in a pane's title stands for; False where there is none."""
        screen = self.screen
        for pane in (screen.queue, screen.timeline):
            if not pane.display or not pane.region.contains(x, y) or y != pane.region.y:
                continue
            for first, last, act in pane.title_spans:
                if first <= x - pane.region.x < last:
                    screen.board_app.run_act(act)
                    return True
        return False

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
