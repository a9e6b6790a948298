"""The board as a Textual application: themes, keys, the desk's thread, and one screen."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.app import App

from fieldboard.board.acts import ACTS, BY_ID
from fieldboard.board.place import place_of_json
from fieldboard.board.queue_board import QueueBoard
from fieldboard.domain.instants import instant_of
from fieldboard.domain.rules import Ability
from fieldboard.tui.board_screen import BoardScreen
from fieldboard.tui.chrome.line import Part
from fieldboard.tui.cursor import Cursor, kept_in_sight, time_of
from fieldboard.tui.desk_thread import DeskThread
from fieldboard.tui.frame import Patches
from fieldboard.tui.freshness import show_freshness
from fieldboard.tui.glyphs import choose_glyphs
from fieldboard.tui.keymap import Keymap
from fieldboard.tui.options import BoardOptions, FirstSight
from fieldboard.tui.panes.look import Look
from fieldboard.tui.panes.queue_view import whole
from fieldboard.tui.theme import DEFAULT_THEME, Palette, textual_theme

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.theme import Theme

    from fieldboard.board.desk import Desk
    from fieldboard.domain.rules import SystemRules
    from fieldboard.tui.typed_ahead import TypedAhead

_log = logging.getLogger(__name__)

TOUCH_S = 5.0
"""Seconds between two words to the sync that somebody is at the board."""


class BoardApp(App[int]):
    """The board. `run` returns the number of edits that wait to be sent.

    `open_desk` is called on a thread of its own, because database connections belong to one; `first`
    is what was read before, for the first frame; without it the first frame is drawn when the desk has
    read it. `on_painted` is called after the first frame (to start the sync).
    """

    ENABLE_COMMAND_PALETTE = False
    TITLE = "fieldboard"
    CSS: ClassVar[str] = ""
    BINDINGS: ClassVar[list[object]] = []  # type: ignore[assignment]

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        options: BoardOptions,
        first: FirstSight | None = None,
        *,
        on_painted: Callable[[], object] | None = None,
    ) -> None:
        # Textual asks for its colours while it is made: known before, its styles are worked out once.
        self.options = options
        self.last_place = place_of_json(options.place, options.zone.date_of(instant_of(options.clock.now())))
        self.palette = self._palette(options.theme or self.last_place.theme)
        self._theme = self._textual_theme()
        super().__init__()
        self.register_theme(self._theme)
        self.set_reactive(App.theme, self._theme.name)
        self.animation_level = "none"
        self.keymap = Keymap(options.keys)
        self.lacks: Mapping[str, str] = lacking_acts(options)
        self.glyphs = choose_glyphs(options.ascii_only)
        self.thread = DeskThread(open_desk, self._post, poll_s=options.poll_s)
        look = Look(self.palette, self.glyphs, options.zone, instant_of(options.clock.now()))
        self.board = BoardScreen(look, self.thread)
        self._first = first
        self._on_painted = on_painted
        self.next_profile: str | None = None
        """The profile that was chosen instead of this one, once the board was left for it."""
        self.failure: Exception | None = None
        """What ended the board, if it was a defect."""

    def get_driver_class(self) -> type[Driver]:
        """How the terminal is driven."""
        drives = super().get_driver_class()
        if drives.__name__ != "LinuxDriver":
            return drives
        from fieldboard.tui.still_driver import StillDriver

        return StillDriver

    def _palette(self, name: str | None) -> Palette:
        themes = self.options.themes
        spec = themes.get(name or DEFAULT_THEME) or themes.get(DEFAULT_THEME) or next(iter(themes.values()))
        mono = self.options.mono
        return Palette(spec, mono=bool(os.environ.get("NO_COLOR")) if mono is None else mono)

    def _textual_theme(self) -> Theme:
        return textual_theme(self.options.themes[self.palette.name])

    @property
    def current_theme(self) -> Theme:
        """The theme in which Textual's own widgets are drawn."""
        return self._theme

    def set_theme(self, name: str) -> None:
        """Draw in another theme from now on."""
        from dataclasses import replace

        self.palette = self._palette(name)
        self._theme = self._textual_theme()
        self.register_theme(self._theme)
        self.theme = self._theme.name
        self.board.set_look(replace(self.board.look, palette=self.palette), repaint=True)
        self.board.remembering.soon()

    def switch_to(self, profile: str) -> None:
        """Leave this board for that of another profile."""
        if profile == self.options.profile:
            return
        if profile not in {name for name, _ in self.options.profiles}:
            names = ", ".join(name for name, _ in self.options.profiles)
            self.board.saying.error(f"there is no profile {profile!r}; there are {names}")
            return
        self.next_profile = profile
        self.board.acting.program_acts.do_quit()

    def take_rules(self, rules: SystemRules) -> None:
        """The server has taught what else it can do, or cannot."""
        if rules != self.options.rules:
            from dataclasses import replace

            self.options = replace(self.options, rules=rules)
            self.lacks = lacking_acts(self.options)

    def _post(self, message: object) -> bool:
        return self.board.post_message(message)  # type: ignore[arg-type]

    def get_default_screen(self) -> Screen[None]:
        self._open()
        return self.board

    def _open(self) -> None:
        """Show what was read before, and put the cursor where it was."""
        header = self.board.header
        header.facts = type(header.facts)(profile=self.options.profile, system=self.options.system)
        place, board = self.last_place, self.board
        board.board.slot_minutes = place.slot_minutes if self.options.place else self.options.slot_minutes
        if board.board.slot_minutes not in (15, 30, 60):
            board.board.slot_minutes = 30
        board.timeline.hours = place.hours
        board.full = place.full_screen
        if self._first is not None:
            self._show_first(self._first)

    def _show_first(self, first: FirstSight) -> None:
        board = self.board
        queue = first.queue
        place = self.last_place
        if self.options.place:
            queue = queue.sorted_by(place.order, place.group_by)
            if place.filter:
                queue = queue.filtered(place.filter)
        self._first = first._replace(queue=queue)
        board.state = first.state
        board.showing.open(first.day, whole(queue))
        board.cursor = kept_in_sight(self._cursor(first, queue), first.day, board.shown_columns)
        show_freshness(board, first.pending, first.undecided)

    def _cursor(self, first: FirstSight, queue: QueueBoard) -> Cursor:
        """Where the cursor begins: where it was, else on the most urgent job of the queue."""
        place = self.last_place
        cursor = self.board.cursor
        if not self.options.place:
            return cursor
        if place.visit is not None and place.pane == "queue" and queue.row(place.visit) is not None:
            return Cursor("queue", place.visit)
        if place.pane != "queue" and (place.technician in first.day.index or place.visit in first.day.where):
            block = first.day.block(place.visit) if place.visit is not None else None
            technician = place.technician
            if block is not None and technician not in block.visit.technician_ids:
                technician = block.visit.technician_ids[0]
            pane = "board" if place.pane == "board" else "timeline"
            return Cursor(
                pane,  # type: ignore[arg-type]
                cursor.queue_id,
                technician,
                block.visit.id if block else None,
                time_of(block.visit) if block else None,
            )
        return cursor

    def on_mount(self) -> None:
        self._end_on_signals()
        first = self._first
        if first is None:
            self.thread.start()
            self._read_first()
        if self.options.notices:
            self.board.saying.say(Part(self.options.notices[0], "warn"))
        self.board.call_after_refresh(self._painted)
        if self.options.touch is not None:
            touch = self.options.touch
            self.set_interval(TOUCH_S, lambda: self.thread.ask(lambda _: touch()))

    def _end_on_signals(self) -> None:
        """A closed terminal and a kind kill leave the board as `q` does."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError):
                    loop.add_signal_handler(number, self.exit)

    def _read_first(self) -> None:
        thread, day = self.thread, self.options.date or self.last_place.day

        def read(desk: Desk) -> FirstSight:
            board = thread.show_day(desk, day or desk.today())
            queue = thread.show_queue(desk.queue())
            return FirstSight(board, queue, desk.state(), *desk.counts())

        def show(first: FirstSight) -> None:
            self._show_first(first)
            shown = self._first
            if shown is not None and shown.queue is not first.queue:
                thread.ask(lambda _: thread.show_queue(shown.queue))
            self.board.board.fit()
            self.board.share_out()

        thread.ask(read, show, early=True)

    def _painted(self) -> None:
        """After the first frame: what was made so far will stay, so the collector need not look at it."""
        gc.collect()
        gc.freeze()
        if self._first is not None and not self.thread.started:
            # Not before: a thread that reads would take its time from the first frame.
            self.thread.start(self._first.day, self._first.queue)
            # The first rows are not kept beside those that come after them.
            self._first = None
        # What the first acts need is loaded meanwhile, on the other thread.
        self.thread.ask(_load_acts)
        gc.enable()
        if self._on_painted is not None:
            self._on_painted()

    @cached_property
    def typed_ahead(self) -> TypedAhead:
        """The line in which what is typed waits for its turn."""
        from fieldboard.tui.typed_ahead import TypedAhead

        return TypedAhead(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """What is typed waits for its turn; all else goes its way."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.typed_ahead.take(event)
            return
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            # Letters that come after a click are no longer those that were typed before it.
            gather = getattr(self.focused, "gather", None)
            if gather is not None:
                gather(event)
        await super().on_event(event)

    def _display(self, screen: Screen[object], renderable: object) -> None:
        """Hand a frame of the board to the thread that writes as one text, not as three: it wakes once."""
        driver = None if self.is_headless or self._batch_count or self._closed else self._driver
        if driver is None or not isinstance(renderable, Patches):
            super()._display(screen, renderable)  # type: ignore[arg-type]
            return
        try:
            text = renderable.render_segments(self.console)
        except Exception as error:
            self._handle_exception(error)
        else:
            driver.write(f"{SYNC_START}{text}{SYNC_END}" if self._sync_available else text)
            driver.flush()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = True) -> str:
        """The screen as SVG; always as Textual draws it, since our own frames are for a terminal alone."""
        return super().export_screenshot(title=title, simplify=simplify)

    def _update_mouse_over(self, screen: Screen[object]) -> None:
        """On the board nothing depends on what the mouse is over: Textual would ask with every frame."""
        if screen is not self.board:
            super()._update_mouse_over(screen)
        elif self.mouse_over is not None:
            self._set_mouse_over(None, None)

    def on_app_blur(self) -> None:
        """The terminal lost the focus: what is being dragged is put back."""
        self.board.gestures.cancel()

    async def on_unmount(self) -> None:
        if (ahead := self.__dict__.get("typed_ahead")) is not None:
            ahead.end()
        self.thread.stop()

    def _fatal_error(self) -> None:
        # Textual would print a traceback with its locals, customers' data among them. It goes to the
        # log, without locals; whoever runs the board says that the edits are safe.
        self.failure = self._exception
        _log.error("the board failed", exc_info=self.failure)
        self._close_messages_no_wait()

    def run_act(self, act_id: str) -> None:
        """Do an act, or say why the system cannot."""
        if (lacking := self.lacks.get(act_id)) is not None:
            self.board.saying.error(lacking)
        elif act_id in BY_ID:
            self.board.acting.act(act_id)


def _load_acts(_: Desk) -> None:
    import fieldboard.tui.acting
    import fieldboard.tui.assigning
    import fieldboard.tui.dialogs.assign_picker
    import fieldboard.tui.filtering
    import fieldboard.tui.finding
    import fieldboard.tui.gestures
    import fieldboard.tui.job_acts
    import fieldboard.tui.looking
    import fieldboard.tui.program_acts
    import fieldboard.tui.taking_back
    import fieldboard.tui.walking  # noqa: F401


def lacking_acts(options: BoardOptions) -> Mapping[str, str]:
    """Acts that the system cannot do, and why, in a dispatcher's words."""
    rules = options.rules
    lacks = {
        act.id: why
        for act in ACTS
        if act.ability is not None and (why := rules.why_not(act.ability)) is not None
    }
    if (why := rules.why_not(Ability.DELETE)) is not None and not rules.can(Ability.CANCEL):
        lacks["delete"] = why
    if options.rules.job_url is None and "open" not in lacks:
        lacks["open"] = f"{rules.title} names no page of a job"
    return lacks
