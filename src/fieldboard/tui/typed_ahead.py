"""What is typed faster than the board answers: each key meets what the keys before it have brought about."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual.message_pump import MessagePump

from fieldboard.tui.dialogs.choice_list import BESIDE_TEXT

if TYPE_CHECKING:
    from textual.screen import Screen

    from fieldboard.tui.app import BoardApp

_log = logging.getLogger(__name__)

Typed = events.Key | events.Paste

CHOOSES: Final = BESIDE_TEXT | {"enter", "tab", "shift+tab", "escape", "ctrl+s"}
"""Keys that are about what a dialog has found for the text before them."""


class TypedAhead:
    """The one line in which all that is typed waits for its turn.

    The board's keys go on at once. Where one of them opens a dialog the line stands, and those that are
    behind it already come back to its head, until the dialog is there and has its focus. A dialog's keys go
    on one by one, each when all that the one before has led to is done: another dialog may be open then,
    or none. Only letters for one field go together.
    """

    def __init__(self, app: BoardApp, deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._returned: deque[Typed] = deque()
        self._waiting: deque[Typed] = deque()
        self._settling: asyncio.Task[None] | None = None
        self._settled_on: Screen[Any] = app.board
        self._typing: MessagePump | None = None
        self._answers = False
        self._asked = 0

    @property
    def stands(self) -> bool:
        """Whether something waits in the line for what was typed before it."""
        return self._settling is not None or bool(self._returned or self._waiting)

    async def take(self, event: Typed) -> None:
        """Put what was typed at the end of the line, and hand on what may go."""
        if self._takes_back(event):
            await self._deliver(event)
            return
        self._waiting.append(event)
        await self._hand_on()

    def returned(self, event: Typed) -> bool:
        """Take back what stands behind a key that opened a dialog; False where it is the board's."""
        if self._settling is None and self._app.screen is self._settled_on:
            return False
        # As new: what was handed on once is handed on no more.
        again = events.Paste(event.text) if isinstance(event, events.Paste) else event.copy()
        self._returned.append(again)
        self.settle()
        return True

    def settle(self, asked: int | None = None, *, answers: bool = False) -> None:
        """Let the line stand until all that was begun is done.

        What the desk was asked belongs to that where no dialog is open yet: all after the first `asked`.
        With `answers` also what an open dialog looks for.
        """
        self._answers |= answers
        if asked is not None:
            self._asked = min(self._asked, asked) if self._settling is not None else asked
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle())

    def end(self) -> None:
        """The board is left: what still waits is for nobody."""
        if self._settling is not None:
            self._settling.cancel()

    def _takes_back(self, event: Typed) -> bool:
        """Whether this is the escape that takes back an Enter which waits for an answer."""
        return (
            isinstance(event, events.Key)
            and event.key == "escape"
            and not self._waiting
            and not self._returned
            and bool(getattr(self._app.screen, "enter_waits", False))
        )

    # Handing on: only ever on the app's own task

    async def _hand_on(self) -> None:
        while (line := self._returned or self._waiting) and self._may_go(line[0]):
            event = line.popleft()
            app = self._app
            if app.screen is app.board:
                await self._deliver(event)
                continue
            gather = getattr(app.focused, "gather", None)
            if gather is not None and app.app_focus and gather(event):
                self._typing = app.focused
            else:
                self._typing = None
                await self._deliver(event)
            self.settle(answers=_chooses(event))

    def _may_go(self, event: Typed) -> bool:
        app = self._app
        if self._settling is not None:
            # Letters join those that are on their way into the same field.
            return _is_letter(event) and self._typing is not None and self._typing is app.focused
        if app.screen is not self._settled_on:
            self.settle()
        elif _chooses(event) and not _waits_itself(event, app.screen) and self._looking_for(app.screen):
            self.settle(answers=True)
        return self._settling is None

    # Settling

    async def _settle(self) -> None:
        app = self._app
        try:
            while await self._goes_on():
                pass
        except Exception:
            # Whatever it was, what is typed next must not be lost to it.
            _log.exception("the line of what was typed did not settle")
        self._settling, self._answers = None, False
        self._settled_on, self._asked = app.screen, app.thread.asked
        app.call_later(self._hand_on)

    async def _goes_on(self) -> bool:
        """Let everything go one step on; False where nothing was left to do."""
        app = self._app
        screen = app.screen
        for pump in [*_on_the_way(screen.focused or screen), *reversed(app.screen_stack), app]:
            await _passed(pump)
        busy = [pump for pump in screen.walk_children(with_self=True) if _busy(pump)]
        for pump in busy:
            await _passed(pump)
        if busy or app.screen is not screen or _busy(app.board) or app._next_callbacks:
            return True
        if screen is not app.board:
            looking = self._looking_for(screen) if self._answers else []
            if looking:
                await asyncio.wait(looking, return_when=asyncio.FIRST_COMPLETED)
            return bool(looking)
        if app.thread.asked == self._asked:
            return False
        self._asked = app.thread.asked + 1
        # A desk that fails says so elsewhere.
        with suppress(Exception):
            await app.thread.fetch(lambda _: None)
        return True

    def _looking_for(self, screen: Screen[Any]) -> list[asyncio.Task[Any]]:
        """What a dialog has asked and is not answered."""
        if screen is self._app.board:
            return []
        return [
            one._task
            for one in self._app.workers
            if one.node is screen and one._task is not None and not one._task.done()
        ]


def _is_letter(event: Typed) -> bool:
    return isinstance(event, events.Key) and event.is_printable


def _chooses(event: Typed) -> bool:
    return isinstance(event, events.Key) and event.key in CHOOSES


def _waits_itself(event: Typed, screen: Screen[Any]) -> bool:
    """Whether the dialog holds an Enter until it has its answer, so that an escape can take it back."""
    return isinstance(event, events.Key) and event.key == "enter" and hasattr(screen, "enter_waits")


def _on_the_way(target: MessagePump) -> Iterator[MessagePump]:
    """Those that a message passes on its way up, from the first on; without the app."""
    pump: MessagePump | None = target
    while pump is not None and pump._parent is not None:
        yield pump
        pump = pump._parent


def _busy(pump: MessagePump) -> bool:
    """Whether something waits to be done."""
    return pump.is_running and pump._message_queue.qsize() + len(pump._next_callbacks) > 0


async def _passed(pump: MessagePump) -> None:
    """Wait until all is done that was handed over before, or nothing will be done there any more."""
    passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def now() -> None:
        if not passed.done():
            passed.set_result(None)

    if not pump.call_later(now):
        return
    if pump._task is None:
        await passed
    else:
        await asyncio.wait((passed, pump._task), return_when=asyncio.FIRST_COMPLETED)
