"""What is typed while a dialog opens is meant for the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


class TypedAhead:
    """Keeps keys that came before the dialog did that the key before them opens."""

    def __init__(self, screen: BoardScreen) -> None:
        self._screen = screen
        self._opening = 0
        self._keys: list[events.Key] = []

    def take(self, event: events.Key) -> bool:
        """Keep a key for the dialog that opens or is open; False where it is the board's."""
        if not self._opening and self._screen.app.screen is self._screen:
            return False
        self._keys.append(event)
        if not self._opening:
            self._pass_on()
        return True

    def hold(self) -> None:
        """Hold what is typed until the desk has answered and the dialog that its answer opens is there.

        Twice through the desk's thread: an act may ask a second question once the first is answered.
        """
        self._opening += 1
        ask = self._screen.thread.ask
        ask(lambda _: None, lambda _: ask(lambda _: None, lambda _: self._let_go()))

    def _let_go(self) -> None:
        self._opening -= 1
        if not self._opening:
            self._pass_on()

    def _pass_on(self) -> None:
        """Give what was typed ahead to the dialog, once it is drawn and knows where text goes."""
        app = self._screen.app

        def now() -> None:
            keys, self._keys = self._keys, []
            for event in keys:
                app.post_message(events.Key(event.key, event.character))

        top = app.screen
        if top is self._screen:
            now()
        else:
            top.call_after_refresh(now)
