"""What of a job can be copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.widget import Widget

from fieldboard.tui.dialogs.base import Dialog
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, column


class CopyItem(NamedTuple):
    """Something to copy: the letter that takes it, what it is, and the text itself."""

    letter: str
    label: str
    text: str


class CopyMenu(Dialog[str]):
    """Lists what can be copied, a letter each; answers the text."""

    WIDTH: ClassVar[int] = 64

    def __init__(self, items: Sequence[CopyItem]) -> None:
        super().__init__("Copy")
        self._items = [item for item in items if item.text]
        self._label = max((len(item.label) for item in self._items), default=0)

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[CopyItem](self._draw, self._items, single_click=True, id="list")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("a letter", "copies"), ("Enter", "copies the one shown"), ("Esc", "leaves"))

    def natural_height(self) -> int:
        return max(1, len(self._items)) + 4

    def _draw(self, item: CopyItem, width: int) -> Line:
        room = width - self._label - 5
        return (
            (item.letter, "accent bold"),
            ("  ", ""),
            column(item.label, self._label, "muted"),
            ("  ", ""),
            column(item.text, room),
        )

    def on_key(self, event: events.Key) -> None:
        for item in self._items:
            if event.character == item.letter:
                event.stop()
                self.dismiss(item.text)
                return

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(self._items[event.index].text)
