"""What changed on a job or a day, when, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from textual.widget import Widget

from fieldboard.board.details import Changed
from fieldboard.domain.instants import Instant, Zone
from fieldboard.tui.dialogs.base import Dialog, of
from fieldboard.tui.dialogs.choice_list import ChoiceList, Divider
from fieldboard.tui.dialogs.spans import Line, Span, column, cut, width_of, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.words import day_words


def change_spans(line: Changed, zone: Zone, width: int) -> Line:
    """A change on one line: when (`~`: seen then, not told), what, from what to what, by whom."""
    when = line.at if line.at is not None else line.seen_at
    about = " " if line.at is not None else "~"
    who = line.by or ("here" if line.ours else "the system")
    says: list[Span] = [(f"{line.field.replace('_', ' ')} ", "")]
    if line.old:
        says += [(line.old, "muted strike"), (" → ", "faint")]
    elif line.new:
        says.append(("→ ", "faint"))
    says.append((line.new or "nothing", "bold" if line.new else "muted"))
    room = max(0, width - 9 - 16)
    return (
        (f"{about}{zone.clock_text(when)}  ", "muted"),
        *_padded(tuple(says), room),
        (" ", ""),
        column(who, 15, "info" if line.ours else "muted", right=True),
    )


def _padded(line: Line, width: int) -> Line:
    kept = cut(line, width)
    return (*kept, (" " * (width - width_of(kept)), ""))


class HistoryDialog(Dialog[None]):
    """Changes, the newest first, under the day on which they happened."""

    WIDTH: ClassVar[int] = 110
    HEIGHT: ClassVar[int] = 36

    def __init__(self, lines: Sequence[Changed], zone: Zone, *, title: str = "History") -> None:
        super().__init__(title)
        self._zone = zone
        self._lines = sorted(lines, key=self._when, reverse=True)

    def _when(self, line: Changed) -> Instant:
        return line.at if line.at is not None else line.seen_at

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[Changed](self._draw, self._items(), id="list")
        yield SpansView(self._whole, id="whole")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._say()

    def natural_height(self) -> int:
        return min(self.HEIGHT, max(4, len(self._items())) + 8)

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("jk", "move"), ("gg G", "newest, oldest"), ("~", "seen then, not told"), ("Esc", "leaves"))

    def _items(self) -> list[Changed | Divider]:
        items: list[Changed | Divider] = []
        day: date | None = None
        for line in self._lines:
            on = self._zone.date_of(self._when(line))
            if on != day:
                day = on
                items.append(Divider(day_words(on, year=True)))
            items.append(line)
        return items

    def _draw(self, line: Changed, width: int) -> Line:
        return change_spans(line, self._zone, width)

    def _whole(self, width: int) -> list[Line]:
        if not self._lines:
            return [(("nothing has changed since it was first seen", "muted"),), ()]
        choices = self.query_one(ChoiceList) if self.is_mounted else None
        line = choices.selected if choices is not None else None
        if line is None or isinstance(line, Divider):
            return [(), (), ()]
        text = (
            f"{line.entity}: {line.field.replace('_', ' ')} {line.old or 'nothing'} → {line.new or 'nothing'}"
        )
        lines = words(text, width, "muted", limit=2)
        return [(), *lines, *[()] * (2 - len(lines))]

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        self._say()
        self.query_one("#whole", SpansView).again()

    def _say(self) -> None:
        self.count(of(self.query_one(ChoiceList).place, len(self._lines), len(self._lines), "changes"))
