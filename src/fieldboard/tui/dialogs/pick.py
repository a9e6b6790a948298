"""One of a few words: each has a letter, a line of its own and a word about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.widget import Widget

from fieldboard.tui.dialogs.base import Dialog
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, column, cut
from fieldboard.tui.dialogs.spans_view import SpansView

MOVING: Final = frozenset("hjklgG")
"""Letters that move in lists, and so take nothing."""


class Option(NamedTuple):
    """What can be taken: its key, what it is called, what is said beside it, and whether it holds now."""

    key: str
    text: str
    about: str = ""
    now: bool = False


class Pick(Dialog[str]):
    """Lists options under a heading; answers the key of one."""

    WIDTH: ClassVar[int] = 60

    def __init__(self, title: str, heading: str, options: Sequence[Option], *, does: str) -> None:
        super().__init__(title)
        self._above = heading
        self._options = options
        self._letters = letters_of([one.text for one in options])
        self._does = does

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        yield ChoiceList[int](self._draw, range(len(self._options)), single_click=True, id="list")

    def on_mount(self) -> None:
        choices = self.query_one(ChoiceList)
        choices.select(next((at for at, one in enumerate(self._options) if one.now), 0))
        choices.focus()

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("a letter", self._does), ("Enter", "takes the one shown"), ("Esc", "leaves"))

    def natural_height(self) -> int:
        return max(1, len(self._options)) + 6

    def _head(self, width: int) -> list[Line]:
        return [cut(((self._above, "bold"),), width), ()]

    def _draw(self, at: int, width: int) -> Line:
        option = self._options[at]
        room = max((len(one.text) for one in self._options), default=0)
        about = "now" if option.now and not option.about else option.about
        return (
            (self._letters[at] or " ", "accent bold"),
            ("  ", ""),
            column(option.text, min(room, max(1, width - 6)), "bold" if option.now else ""),
            ("  ", ""),
            *cut(((about, "muted"),), max(0, width - room - 5)),
        )

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in self._letters:
            event.stop()
            self.dismiss(self._options[self._letters.index(event.character)].key)

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(self._options[event.index].key)


def letters_of(texts: Sequence[str]) -> list[str]:
    """A letter for each text: one of its own where there is one, no letter that moves, none twice."""
    taken: set[str] = set()
    found: list[str] = []
    for text in texts:
        own = (one for one in text.lower() if one.isascii() and one.isalpha())
        spare = (chr(code) for code in range(ord("a"), ord("z") + 1))
        letter = next((one for one in (*own, *spare) if one not in taken and one not in MOVING), "")
        taken.add(letter)
        found.append(letter)
    return found
