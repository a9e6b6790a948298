"""The board's one screen: three panes, a header, the lines above the footer, and the cursor they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import events, on
from textual.geometry import Size
from textual.screen import Screen

from fieldboard.board.filters import shows_technician
from fieldboard.domain.instants import MINUTE, Instant, instant_of
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.about import about_cursor
from fieldboard.tui.arrangement import LEAST_HEIGHT, LEAST_WIDTH, PANES, Arrangement, Pane, arrange
from fieldboard.tui.chrome.footer import Footer
from fieldboard.tui.chrome.header import Header
from fieldboard.tui.chrome.line import NOTHING, Part, Said, SayingLine, Turn, Turns, over_two, parts
from fieldboard.tui.cursor import Cursor, nearest_in, time_of
from fieldboard.tui.desk_thread import Answered, Changed, Counted, DeskThread, Fresh
from fieldboard.tui.frame import PatchCompositor
from fieldboard.tui.freshness import freshness, waiting_for
from fieldboard.tui.hints import hints_of
from fieldboard.tui.keymap import written
from fieldboard.tui.lines import Ground
from fieldboard.tui.panes.columns import ColumnsPane
from fieldboard.tui.panes.look import Look
from fieldboard.tui.panes.queue import QueuePane
from fieldboard.tui.panes.queue_view import QueueView, whole
from fieldboard.tui.panes.timeline import TimelinePane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from fieldboard.board.day_board import DayBoard
    from fieldboard.board.desk import Desk
    from fieldboard.tui.acting import Acting
    from fieldboard.tui.app import BoardApp
    from fieldboard.tui.carrier import Carrier
    from fieldboard.tui.gestures import Gestures
    from fieldboard.tui.remembering import Remembering
    from fieldboard.tui.too_small import TooSmall
    from fieldboard.tui.typed_ahead import TypedAhead


class BoardScreen(Ground, Screen[None]):
    """Draws what the desk's thread hands over, and turns keys and the mouse into acts."""

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
        self.shown_columns: tuple[int, ...] = ()
        self.happened: Said = NOTHING
        self._turns = Turns()
        self.ask_again: Callable[[], None] | None = None
        self._warning: Said | None = None
        self._pending_key = ""
        self._touched = False
        self._moved_since_said = True
        self.header = Header(look)
        self.queue = QueuePane(look)
        self.board = ColumnsPane(look)
        self.timeline = TimelinePane(look)
        self.info_line = SayingLine(look, "info")
        self.happened_line = SayingLine(look, "happened")
        self.footer = Footer(look)
        self.middle = Ground(self.queue, self.board, id="middle")

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
    def typed_ahead(self) -> TypedAhead:
        """What was typed for a dialog before it was there."""
        from fieldboard.tui.typed_ahead import TypedAhead

        return TypedAhead(self)

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

    def open(self, day: DayBoard, view: QueueView) -> None:
        """Show the first day and queue; to be called before the screen is mounted."""
        self.day, self.view = day, view
        self._filter_columns()
        self.board.show(day, self.shown_columns)
        self.timeline.show(day, self.shown_columns)
        self.queue.show(view)
        first = view.rows[0].id if view.rows else None
        self.cursor = replace(self.cursor, queue_id=first)

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
        self._say_next()
        self.say_freshness()

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
            self.say_error(str(message.error) or type(message.error).__name__)
        elif message.then is not None:
            message.then(message.value)

    @on(Changed)
    def _changed(self, message: Changed) -> None:
        self.take(message.fresh)
        if (deciding := self.acting.open_decisions) is not None:
            deciding.renew()

    @on(Counted)
    def _counted(self, message: Counted) -> None:
        if self.day is not None and message.day.day == self.day.day:
            self._say_broken(message.day.broken)

    def _say_broken(self, broken: int) -> None:
        """Say how many visits of the day break a rule: as counted last, until it is counted anew."""
        if broken != self.timeline.broken:
            self.timeline.count(broken)
            self.footer.show(hints_of(self))

    def take(self, fresh: Fresh) -> None:
        """Show what has changed, leaving everything else where it is."""
        before = self.day
        settled = self.state is not None and self.state.last_full_finished is not None
        self.state = fresh.state
        self.header.say(counts=fresh.counts)
        if fresh.rules is not None:
            self.board_app.take_rules(fresh.rules)
        if fresh.queue is not None:
            self._take_queue(fresh, settled=settled)
        if before is not None and fresh.day.day != before.day:
            # An answer for a day that was left meanwhile.
            self.say_freshness(fresh.pending, fresh.undecided)
            return
        self.day = fresh.day
        if fresh.day.counted:
            self._say_broken(fresh.day.broken)
        regrown = before is None or len(before.columns) != len(fresh.day.columns)
        if fresh.everything or regrown:
            self._filter_columns()
            self.board.show(fresh.day, self.shown_columns)
            self.timeline.show(fresh.day, self.shown_columns)
            if regrown:
                self.board.fit()
                self.share_out()
        elif fresh.changed or (before is not None and fresh.day.visits_count != before.visits_count):
            self.board.replace(fresh.day, fresh.changed)
            self.timeline.replace(fresh.day, fresh.changed)
        self._follow()
        self.say_freshness(fresh.pending, fresh.undecided)
        if before is not None and settled:
            self.acting.alerting.alert(fresh)

    def _take_queue(self, fresh: Fresh, *, settled: bool) -> None:
        if self.view is None or fresh.queue is None:
            return
        old, at = self.view, self.view.position(self.cursor.queue_id)
        self.view = view = fresh.view if fresh.view is not None else whole(fresh.queue)
        # While the first sync runs an untouched cursor stays on the most urgent job.
        if not settled and not self._touched and view.rows:
            self.cursor = replace(self.cursor, queue_id=view.rows[0].id)
        elif view.position(self.cursor.queue_id) is None:
            rows = view.rows
            next_id = rows[min(at or 0, len(rows) - 1)].id if rows else None
            next_id = self._same_job(old, fresh) or next_id
            self.cursor = replace(self.cursor, queue_id=next_id)
        self.queue.show(view)
        new = len(view.announced)
        if not new:
            self._turns.drop("new")
        elif new > len(old.announced):
            key = self.board_app.keymap.shown("show_new") or ":new"
            self.announce(
                "new", Turn.NOTE, Part(f"{new} new ", "warn", True), Part(f"{key} shows them", "muted")
            )

    def _same_job(self, old: QueueView, fresh: Fresh) -> str | None:
        """The row under the cursor by its new id: a system gives ids of its own to what was created here."""
        row = old.board.row(self.cursor.queue_id) if self.cursor.queue_id is not None else None
        if row is None or self.view is None:
            return None
        job_id = fresh.ids.get(row.job_id, row.job_id)
        for one in fresh.visit_ids:
            now = self.view.board.row(one)
            if now is not None and now.job_id == job_id and self.view.position(one) is not None:
                return one
        return None

    def _follow(self) -> None:
        """Keep the cursor on its visit, wherever that has gone."""
        day, cursor = self.day, self.cursor
        if day is None:
            return
        if cursor.visit_id is not None:
            where = day.where.get(cursor.visit_id, ())
            if where and cursor.technician_id not in where:
                cursor = replace(cursor, technician_id=where[0])
            elif not where:
                # It has left: the cursor stays on the place, no other visit slips under it.
                cursor = replace(cursor, visit_id=None)
        self.cursor = cursor
        marked = frozenset(one for one in self.marked if one in day.where or self._in_queue(one))
        if marked != self.marked:
            self.mark(marked)
        self.show_cursor(reveal=False)

    def _in_queue(self, visit_id: str) -> bool:
        return self.view is not None and self.view.board.row(visit_id) is not None

    def show_day(self, day: date, then: Callable[[], None] | None = None) -> None:
        """Go to another day; the panes change when it has been read."""
        thread = self.thread

        def read(desk: Desk) -> tuple[DayBoard, QueueView | None]:
            return thread.show_day(desk, day), thread.show_whole_queue()

        def ready(answer: tuple[DayBoard, QueueView | None]) -> None:
            board, view = answer
            self.day = board
            self._say_broken(board.broken if board.counted else 0)
            self._filter_columns()
            self.board.show(board, self.shown_columns)
            self.timeline.show(board, self.shown_columns)
            technician = self.cursor.technician_id
            column = board.column(technician) if technician is not None else None
            at = None
            if self.cursor.at is not None:
                wall = self.look.zone.local(self.cursor.at).time().replace(tzinfo=None)
                at = self.look.zone.nearest(board.day, wall)
            visit = nearest_in(column, at) if column is not None else None
            self.cursor = replace(self.cursor, visit_id=visit.id if visit else None, at=at)
            self.acting.finding.quiet()
            if view is not None and self.view is not None and self.view.announced:
                self.show_queue(view)
            self.say_freshness()
            self.show_cursor()
            self.remembering.soon()
            self.acting.walking.read_week()
            if then is not None:
                then()

        thread.ask(read, ready, key="day", early=True)

    def show_queue(self, view: QueueView) -> None:
        """Show the queue in another order, or with what is new."""
        self.view = view
        if not view.announced:
            self._turns.drop("new")
        if view.position(self.cursor.queue_id) is None:
            self.cursor = replace(self.cursor, queue_id=view.rows[0].id if view.rows else None)
        self.queue.show(view)
        self.queue.selected = None
        self.show_cursor()

    def show_columns(self) -> None:
        """Show the technicians who pass the filter."""
        if self.day is None:
            return
        self._filter_columns()
        self.board.show(self.day, self.shown_columns)
        self.timeline.show(self.day, self.shown_columns)
        self.board.fit()
        self.share_out()

    def _filter_columns(self) -> None:
        if self.day is None:
            return
        terms = self.view.board.filter.column_terms if self.view is not None else ()
        self.shown_columns = tuple(
            at
            for at, column in enumerate(self.day.columns)
            if not terms or shows_technician(terms, column.technician)
        )

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
        self._moved_since_said = True
        if before.pane != cursor.pane:
            self.share_out()
        else:
            self.show_cursor()
        self.remembering.soon()

    def go_to(self, visit: PlannedVisit) -> None:
        """Put the cursor on a visit, on whatever day and pane it is."""
        if self.view is not None and self.view.position(visit.id) is not None:
            self.move_to(replace(self.cursor, pane="queue", queue_id=visit.id))
            return
        start = visit.start if visit.start is not None else visit.actual_start
        day = self.look.zone.date_of(start) if start is not None else visit.date
        if day is None or not visit.technician_ids:
            self.say_error(f"{visit.number} is hidden by the filter: f changes it")
            return
        pane: Pane = self.cursor.pane if self.cursor.pane != "queue" else "board"
        there = replace(
            self.cursor, pane=pane, visit_id=visit.id, technician_id=visit.technician_ids[0], at=None
        )
        if self.day is not None and day == self.day.day:
            self.move_to(replace(there, at=self._begins(visit)))
        else:
            self.show_day(day, lambda: self.move_to(replace(there, at=self._begins(visit))))

    def _begins(self, visit: PlannedVisit) -> Instant | None:
        """When a visit begins on the board, which has estimates where the stored visit has no time."""
        block = self.day.block(visit.id) if self.day is not None else None
        return time_of(block.visit if block is not None else visit) or None

    def follow(self, visit: PlannedVisit) -> None:
        """Stay with a visit that an act put elsewhere: in the pane where the cursor is, and in sight.

        What has left the board leaves the cursor on the place that it left.
        """
        cursor, day = self.cursor, self.day
        if self.view is not None and self.view.position(visit.id) is not None:
            cursor = replace(cursor, queue_id=visit.id)
        crew = day.where.get(visit.id, ()) if day is not None else ()
        if crew:
            technician = cursor.technician_id if cursor.technician_id in crew else crew[0]
            cursor = replace(cursor, visit_id=visit.id, technician_id=technician, at=self._begins(visit))
        self.cursor = cursor
        self.show_cursor()
        if cursor.pane == "queue" and crew:
            self.board.reveal(cursor.technician_id, visit.id)
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
        self.say_info()

    def mark(self, marked: frozenset[str]) -> None:
        """Mark these visits for a bulk act."""
        self.marked = marked
        for pane in (self.queue, self.board, self.timeline):
            pane.mark(marked)
        self.say_info()

    # What is said

    def say(self, *words: Part | str, right: str = "", back: Literal["undo", "redo"] | None = None) -> None:
        """Say what just happened; with `back` also the key that goes back from there."""
        keys = self.board_app.keymap
        ways = {"undo": "takes it back", "redo": "does it again"}
        tail = (Part(f"   {keys.shown(back)} {ways[back]}", "faint", rank=1),) if back is not None else ()
        self._turns.act(self.now())
        self._say((*words, *tail), right)

    def _say(self, words: Iterable[Part | str], right: str = "") -> None:
        clock = self.look.zone.clock_text(self.now())
        self.happened = Said(parts(Part(f"{clock} ", "faint", rank=2), *words), right)
        self._moved_since_said = False
        self._warning = None
        self.say_info()

    def announce(self, about: str, turn: Turn, *words: Part) -> None:
        """Say what nobody asked for, once what was said of the last act has had its time."""
        self._turns.ask(about, turn, words)
        self._say_next()

    def _say_next(self) -> None:
        # A question that waits for Enter stays where it is read.
        if self.ask_again is None and (words := self._turns.next(self.now())):
            self._say(words)

    def hush(self) -> None:
        """Say no longer what happened."""
        self.happened, self._moved_since_said = NOTHING, True
        self.say_info()

    def say_error(self, text: str) -> None:
        """Say what went wrong or cannot be done."""
        self.say(Part(text, "warn"))

    def warn(self, said: Said, again: Callable[[], None]) -> None:
        """Say which rule would be broken; the next Enter does it all the same, any other key does not."""
        self._warning, self.ask_again = said, again
        self.say_info()

    def say_info(self) -> None:
        """Bring the lines and the footer up to date."""
        below: Said | None = None
        carrier = self.carrying
        would = carrier.said if carrier is not None and carrier.said is not None else self._warning
        if would is not None:
            # A broken rule that cannot be read is decided blindly: what happened before can wait.
            if self.arrangement.lines > 1:
                would, below = over_two(would, self.size.width)
            self.info_line.say(would)
        elif self.arrangement.lines == 1 and not self._moved_since_said:
            self.info_line.say(self.happened)
        else:
            self.info_line.say(about_cursor(self))
        if self.arrangement.lines > 1:
            self.happened_line.say(below if below is not None else self.happened)
        self.footer.show(hints_of(self))

    def say_freshness(self, pending: int | None = None, undecided: int | None = None) -> None:
        """Bring the header up to date: what waits, how old what is shown is, the time."""
        decided, problem = self.header.facts.undecided, self.header.facts.problem
        facts = freshness(self)
        if pending is not None and undecided is not None:
            facts.update(pending=pending, undecided=undecided)
        self.header.say(**facts)
        shown = self.header.facts
        if (
            shown.offline
            and shown.problem
            and shown.problem != problem
            and not self.board_app.options.offline
        ):
            # The header has room for the word and the age; why is said once, here.
            self.announce("offline", Turn.ALERT, Part(f"offline: {shown.problem}", "warn"))
        if not shown.offline:
            self._turns.drop("offline")
        if (waits := waiting_for(self)) != self.queue.waiting_for:
            self.queue.waiting_for = self.board.waiting_for = waits
            self.queue.touch()
            if not self.shown_columns:
                self.board.touch()
        if shown.undecided != decided:
            self.footer.show(hints_of(self))

    # Keys

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if not self.typed_ahead.take(event):
            self.press(written(event.key, event.character))

    def press(self, key: str) -> None:
        """Do what a key means here and now."""
        self._touched = True
        if self.ask_again is not None:
            again, self.ask_again, self._warning = self.ask_again, None, None
            if key == "enter":
                again()
            else:
                self.say_info()
            if key in ("enter", "escape"):
                return
        if (carrier := self.carrying) is not None:
            carrier.press(key)
            return
        step = self.board_app.keymap.feed(self._pending_key, key)
        self._pending_key = step.pending
        if step.act is not None:
            self.board_app.run_act(step.act)
        elif not step.pending and len(key) == 1:
            self.say_error(f"{key} does nothing here: {self.board_app.keymap.shown('help')} lists the keys")

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
