"""What is new since one last looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal, NamedTuple

from textual.widget import Widget

from fieldboard.tui.dialogs.base import Dialog, of
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, column, words
from fieldboard.tui.dialogs.spans_view import SpansView


class NewsLine(NamedTuple):
    """Something that happened: the visit it is about (None: no single one), a sentence, more about it."""

    visit_id: str | None
    text: str
    detail: str = ""
    level: Literal["info", "warn", "error", "ok"] = "info"
    when: str = ""


class NewsDialog(Dialog[str]):
    """Lists what came in; Enter goes to the visit and gives its id."""

    WIDTH: ClassVar[int] = 96
    HEIGHT: ClassVar[int] = 30
    MARKS: ClassVar[dict[str, str]] = {"info": "·", "warn": "⚠", "error": "✗", "ok": "✓"}

    def __init__(self, lines: Sequence[NewsLine]) -> None:
        super().__init__("What is new")
        self._lines = lines
        self._when = max((len(line.when) for line in lines), default=0)

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[NewsLine](self._draw, self._lines, id="list")
        yield SpansView(self._detail, id="detail")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._say()

    def natural_height(self) -> int:
        return max(1, len(self._lines)) + 7

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "goes there"), ("jk", "move"), ("Esc", "leaves"))

    def _draw(self, line: NewsLine, width: int) -> Line:
        when = (column(line.when, self._when + 2, "muted"),) if self._when else ()
        used = 2 + (self._when + 2 if self._when else 0)
        return ((f"{self.MARKS[line.level]} ", line.level), *when, column(line.text, max(0, width - used)))

    def _detail(self, width: int) -> list[Line]:
        if not self._lines:
            return [(("nothing new", "muted"),), (), ()]
        line = self.query_one(ChoiceList).selected if self.is_mounted else None
        lines = words(line.detail, width, "muted", limit=2) if isinstance(line, NewsLine) else []
        return [(), *lines, *[()] * (2 - len(lines))]

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        self._say()
        self.query_one("#detail", SpansView).again()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        line = self._lines[event.index]
        if line.visit_id is not None:
            self.dismiss(line.visit_id)

    def _say(self) -> None:
        self.count(of(self.query_one(ChoiceList).place, len(self._lines), len(self._lines)))
