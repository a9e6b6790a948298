"""The board's one screen: three panes, a header, the lines above the footer, and the cursor they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.geometry import Size
from textual.screen import Screen

from fieldboard.domain.instants import MINUTE, Instant, instant_of
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.arrangement import LEAST_HEIGHT, LEAST_WIDTH, PANES, Arrangement, Pane, arrange
from fieldboard.tui.chrome.footer import Footer
from fieldboard.tui.chrome.header import Header
from fieldboard.tui.chrome.line import SayingLine
from fieldboard.tui.cursor import Cursor
from fieldboard.tui.desk_messages import Answered, Changed, Counted
from fieldboard.tui.desk_thread import DeskThread
from fieldboard.tui.following import Following
from fieldboard.tui.frame import PatchCompositor
from fieldboard.tui.freshness import show_freshness
from fieldboard.tui.keymap import is_function_key, shown_key, written
from fieldboard.tui.lines import Ground
from fieldboard.tui.panes.columns import ColumnsPane
from fieldboard.tui.panes.look import Look
from fieldboard.tui.panes.queue import QueuePane
from fieldboard.tui.panes.queue_view import QueueView
from fieldboard.tui.panes.timeline import TimelinePane
from fieldboard.tui.saying import Saying
from fieldboard.tui.showing import Showing

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from fieldboard.board.day_board import DayBoard
    from fieldboard.tui.acting import Acting
    from fieldboard.tui.app import BoardApp
    from fieldboard.tui.carrier import Carrier
    from fieldboard.tui.gestures import Gestures
    from fieldboard.tui.remembering import Remembering
    from fieldboard.tui.too_small import TooSmall


class BoardScreen(Ground, Screen[None]):
    """Holds the panes and what they show, shares the cells out, and hands events on to what they concern.

    What the panes show is brought by `showing`, what the lines say by `saying`; `following` keeps the cursor
    on its visit. Keys go to `acting` or to the `carrier`, the mouse to `gestures`.
    """

    DEFAULT_CSS: ClassVar[str] = """
    BoardScreen { layout: vertical; overflow: hidden hidden; background: $background; }
    BoardScreen > #middle { layout: horizontal; height: 1fr; width: 100%; overflow: hidden hidden; }
    BoardScreen TooSmall { display: none; }
    BoardScreen.-small > * { display: none; }
    BoardScreen.-small > TooSmall { display: block; }
    """
    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def __init__(self, look: Look, thread: DeskThread) -> None:
        super().__init__()
        self._compositor = PatchCompositor()
        self.look = look
        self.ground = look.palette.blank("background")
        self.thread = thread
        self.cursor = Cursor()
        self.marked: frozenset[str] = frozenset()
        self.full = False
        self.arrangement = Arrangement(0, 0, 0, 1)
        self.too_small: TooSmall | None = None
        self.day: DayBoard | None = None
        self.view: QueueView | None = None
        self.state: Any = None
        self.asked_after: int | None = None
        self.shown_columns: tuple[int, ...] = ()
        self._pending_key = ""
        self.touched = False
        self.saying = Saying(self)
        self.showing = Showing(self)
        self.following = Following(self)
        self.header = Header(look)
        self.queue = QueuePane(look)
        self.board = ColumnsPane(look)
        self.timeline = TimelinePane(look)
        self.info_line = SayingLine(look, "info")
        self.happened_line = SayingLine(look, "happened")
        self.footer = Footer(look)
        self.queue.key_of = self.board.key_of = self._key_of
        self.middle = Ground(self.queue, self.board, id="middle")

    def _key_of(self, act_id: str) -> str:
        return self.board_app.keymap.shown(act_id) or f":{act_id}"

    # What keys and the mouse do is loaded with the first of them, or when the first frame is painted.

    @cached_property
    def carrier(self) -> Carrier:
        """What carries a visit over the screen."""
        from fieldboard.tui.carrier import Carrier

        return Carrier(self)

    @property
    def carrying(self) -> Carrier | None:
        """The carrier, where a visit is in the hand."""
        carrier: Carrier | None = self.__dict__.get("carrier")
        return carrier if carrier is not None and carrier.carry is not None else None

    @cached_property
    def remembering(self) -> Remembering:
        """Where the dispatcher is, saved for the next start."""
        from fieldboard.tui.remembering import Remembering

        return Remembering(self)

    @cached_property
    def gestures(self) -> Gestures:
        """The mouse."""
        from fieldboard.tui.gestures import Gestures

        return Gestures(self)

    @cached_property
    def acting(self) -> Acting:
        """What does the acts."""
        from fieldboard.tui.acting import Acting

        return Acting(self)

    @property
    def board_app(self) -> BoardApp:
        """The app, with what is ours in it."""
        return self.app  # type: ignore[return-value]

    def compose(self) -> ComposeResult:
        self.share_out()
        yield self.header
        yield self.middle
        yield self.timeline
        yield self.info_line
        yield self.happened_line
        yield self.footer
        if self.too_small is not None:
            yield self.too_small

    # Start, size, time

    def on_mount(self) -> None:
        self.set_interval(1.0, self.tick)

    def on_resize(self) -> None:
        self.share_out()

    def share_out(self) -> None:
        """Give every pane its cells, for the terminal's size and the active pane."""
        width, height = self.app.size
        small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        if small and self.too_small is None:
            from fieldboard.tui.too_small import TooSmall

            self.too_small = TooSmall()
            if self.is_mounted:
                self.mount(self.too_small)
        self.set_class(small, "-small")
        if small:
            return
        pane = self.cursor.pane
        arranged = arrange(
            width,
            height,
            pane,
            full=self.full,
            technicians=len(self.shown_columns),
            day_rows=13 * 60 // self.board.slot_minutes,
        )
        if arranged != self.arrangement:
            self.arrangement = arranged
            self.queue.display = bool(arranged.queue)
            self.board.display = bool(arranged.board)
            self.queue.styles.width = arranged.queue or 1
            self.board.styles.width = arranged.board or 1
            self.middle.display = bool(arranged.queue or arranged.board)
            self.timeline.display = bool(arranged.timeline)
            self.timeline.styles.height = arranged.timeline or 1
            self.happened_line.display = arranged.lines > 1
        if arranged.board:
            self.board.fit(Size(arranged.board, height - 2 - arranged.lines - arranged.timeline))
        for one in PANES:
            active = one == pane
            widget = self.pane_widget(one)
            if widget.active != active:
                widget.active = active
                widget.touch() if isinstance(widget, ColumnsPane) else widget.touch([0])
        self._lay_out_now()
        self.show_cursor()

    def _lay_out_now(self) -> None:
        """Let the next frame be the one with the new layout: by their own messages the fields ask later."""
        fields = (self.middle, self.queue, self.board, self.timeline, self.happened_line)
        for widget in (*fields, *self.board.children):
            widget._check_refresh()

    def pane_widget(self, pane: Pane) -> QueuePane | ColumnsPane | TimelinePane:
        """The widget of a pane."""
        return {"queue": self.queue, "board": self.board, "timeline": self.timeline}[pane]  # type: ignore[return-value]

    def now(self) -> Instant:
        """This moment."""
        return instant_of(self.board_app.options.clock.now())

    def today(self) -> date:
        """The day of this moment."""
        return self.look.zone.date_of(self.now())

    def after_frame(self, then: Callable[[], None]) -> None:
        """Call `then` when what changed is painted: `call_after_refresh`, but without a message."""
        self._invoke_later(then, self)

    def tick(self) -> None:
        """A second has passed: the age of what is shown, and each minute the lines of now."""
        now = self.now()
        if now // MINUTE != self.look.now // MINUTE:
            self.set_look(replace(self.look, now=now), repaint=False)
        self.saying.next()
        show_freshness(self)

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme (`repaint`), or just another minute."""
        self.look = look
        self.ground = look.palette.blank("background")
        for widget in (
            *(self.header, self.queue, self.board, self.timeline),
            *(self.info_line, self.happened_line, self.footer),
        ):
            widget.set_look(look, repaint=repaint)

    # What changed

    @on(Answered)
    def _answered(self, message: Answered) -> None:
        if message.error is not None:
            self.carrier.let_go()
            self.show_cursor()
            self.saying.error(str(message.error) or type(message.error).__name__)
        elif message.then is not None:
            message.then(message.value)

    @on(Changed)
    def _changed(self, message: Changed) -> None:
        self.showing.take(message.fresh)
        self.after_frame(self.thread.seen)
        if (deciding := self.acting.open_decisions) is not None:
            deciding.renew()

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        if self.day is not None and message.day.day == self.day.day:
            self.showing.count_broken(message.day.broken)

    # The cursor

    def visit(self, visit_id: str | None = None) -> PlannedVisit | None:
        """A visit of the shown day or the queue; without an id the one under the cursor."""
        visit_id = self.cursor.chosen if visit_id is None else visit_id
        if visit_id is None:
            return None
        if self.cursor.pane == "queue" and self.view is not None:
            row = self.view.board.row(visit_id)
            if row is not None:
                return row
        block = self.day.block(visit_id) if self.day is not None else None
        if block is not None:
            return block.visit
        return self.view.board.row(visit_id) if self.view is not None else None

    def subjects(self) -> list[PlannedVisit]:
        """What an act is for: everything that is marked, else the visit under the cursor."""
        if self.marked:
            return [visit for one in sorted(self.marked) if (visit := self.visit(one)) is not None]
        visit = self.visit()
        return [visit] if visit is not None else []

    def move_to(self, cursor: Cursor) -> None:
        """Move the cursor."""
        if cursor == self.cursor:
            return
        before, self.cursor = self.cursor, cursor
        self.saying.moved()
        if before.pane != cursor.pane:
            self.share_out()
        else:
            self.show_cursor()
        self.remembering.soon()

    def show_cursor(self, *, reveal: bool = True) -> None:
        """Draw the cursor where it is, and say what lies under it.

        While something is carried, the place where it would land is lit instead, and kept in sight.
        """
        if (carrier := self.carrying) is not None:
            carrier.show_place(reveal=reveal)
            return
        cursor = self.cursor
        on_queue = cursor.pane == "queue"
        self.queue.select(cursor.queue_id if on_queue else None)
        visit_id = None if on_queue else cursor.visit_id
        technician_id = None if on_queue else cursor.technician_id
        slot = cursor.at if technician_id is not None and visit_id is None else None
        if reveal and technician_id is not None and self.arrangement.board:
            self.board.reveal(technician_id, visit_id, slot)
        self.board.select(visit_id, technician_id, slot)
        self.timeline.select(visit_id, technician_id)
        if reveal and technician_id is not None and cursor.at is not None:
            self.timeline.reveal_time(cursor.at)
        self.saying.info()

    def mark(self, marked: frozenset[str]) -> None:
        """Mark these visits for a bulk act."""
        self.marked = marked
        for pane in (self.queue, self.board, self.timeline):
            pane.mark(marked)
        self.saying.info()

    # Keys

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if not self.board_app.typed_ahead.returned(event):
            self.press(written(event.key, event.character))

    def on_paste(self, event: events.Paste) -> None:
        # The board itself takes no text.
        event.stop()
        self.board_app.typed_ahead.returned(event)

    def press(self, key: str) -> None:
        """Do what a key means here and now."""
        self.touched = True
        if self.saying.answer(key):
            return
        if (carrier := self.carrying) is not None:
            carrier.press(key)
            return
        keymap = self.board_app.keymap
        step = keymap.feed(self._pending_key, key)
        self._pending_key = step.pending
        if step.act is not None:
            self.board_app.run_act(step.act)
        elif not step.pending and (len(key) == 1 or is_function_key(key)):
            self.saying.error(f"{shown_key(key)} does nothing here: {keymap.shown('help')} lists the keys")

    # The mouse

    def _forward_event(self, event: events.Event) -> None:
        """A move of the mouse comes here at once: no field has a pointer, a tip or a link of its own."""
        if isinstance(event, events.MouseMove) and not event.is_forwarded:
            event._set_forwarded()
            self.post_message(event)
        else:
            super()._forward_event(event)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.gestures.down(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        event.stop()
        self.gestures.move(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.gestures.up(event)

    def on_click(self, event: events.Click) -> None:
        self.gestures.click(event)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.gestures.wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.gestures.wheel(event, -1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        self.gestures.wheel(event, 1, sideways=True)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        self.gestures.wheel(event, -1, sideways=True)
