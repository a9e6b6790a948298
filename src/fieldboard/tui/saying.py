"""What the lines above the footer say: what happened, what lies under the cursor, what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

from fieldboard.tui.about import about_cursor
from fieldboard.tui.chrome.line import NOTHING, Part, Said, Turn, Turns, over_two, parts
from fieldboard.tui.hints import hints_of

if TYPE_CHECKING:
    from fieldboard.tui.board_screen import BoardScreen


class Saying:
    """Fills the lines and the footer, and holds the question that waits for an Enter."""

    def __init__(self, screen: BoardScreen) -> None:
        self._screen = screen
        self.happened: Said = NOTHING
        self._about = ""
        self.ask_again: Callable[[], None] | None = None
        """What an Enter does, while a question waits."""
        self._warning: Said | None = None
        self._turns = Turns()
        self._moved = True

    def say(
        self, *words: Part | str, right: str = "", back: Literal["undo", "redo", "until sent"] | None = None
    ) -> None:
        """Say what just happened; with `back` also the key that goes back from there.

        `until sent` is the key of undo, where that takes back only what has not left yet.
        """
        keys = self._screen.board_app.keymap
        ways = {
            "undo": "takes it back",
            "redo": "does it again",
            "until sent": "takes it back until it is sent",
        }
        key = keys.shown("undo" if back == "until sent" else back) if back is not None else ""
        tail = (Part(f"   {key} {ways[back]}", "faint", rank=1),) if back is not None else ()
        self._turns.act(self._screen.now())
        self._say((*words, *tail), right)

    def _say(self, words: Iterable[Part | str], right: str = "", about: str = "") -> None:
        clock = self._screen.look.zone.clock_text(self._screen.now())
        self.happened, self._about = Said(parts(Part(f"{clock} ", "faint", rank=2), *words), right), about
        self._moved = False
        self._warning = None
        self.info()

    def announce(self, about: str, turn: Turn, *words: Part) -> None:
        """Say what nobody asked for, once what was said of the last act has had its time."""
        self._turns.ask(about, turn, words)
        self.next()

    def next(self) -> None:
        """Say the next of what was announced, where its turn has come."""
        # A question that waits for Enter stays where it is read.
        if self.ask_again is None and (words := self._turns.next(self._screen.now())):
            self._say(words, about=self._turns.about)

    def drop(self, about: str) -> None:
        """Leave unsaid what was announced and is no longer so, and say no longer what was said of it."""
        self._turns.drop(about)
        if self._about == about:
            self.hush()

    def hush(self) -> None:
        """Say no longer what happened."""
        self.happened, self._about, self._moved = NOTHING, "", True
        self.info()

    def error(self, text: str, about: str = "") -> None:
        """Say what went wrong or cannot be done; `about` names it for `drop`."""
        self.say(Part(text, "warn"))
        self._about = about

    def warn(self, said: Said, again: Callable[[], None]) -> None:
        """Say which rule would be broken; the next Enter does it all the same, any other key does not."""
        self._warning, self.ask_again = said, again
        self.info()

    def answer(self, key: str) -> bool:
        """Answer what `warn` asked, where it waits; whether the key was meant for it alone."""
        if self.ask_again is None:
            return False
        again, self.ask_again, self._warning = self.ask_again, None, None
        if key == "enter":
            again()
        else:
            self.info()
        return key in ("enter", "escape")

    def moved(self) -> None:
        """The cursor went elsewhere: on a single line, what lies under it is told again."""
        self._moved = True

    def info(self) -> None:
        """Bring the lines and the footer up to date."""
        screen = self._screen
        below: Said | None = None
        carrier = screen.carrying
        would = carrier.said if carrier is not None and carrier.said is not None else self._warning
        if would is not None:
            # A broken rule that cannot be read is decided blindly: what happened before can wait.
            if screen.arrangement.lines > 1:
                would, below = over_two(would, screen.size.width)
            screen.info_line.say(would)
        elif screen.arrangement.lines == 1 and not self._moved:
            screen.info_line.say(self.happened)
        else:
            screen.info_line.say(about_cursor(screen))
        if screen.arrangement.lines > 1:
            screen.happened_line.say(below if below is not None else self.happened)
        screen.footer.show(hints_of(screen))
