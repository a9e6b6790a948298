"""What of the queue and of the columns is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.board.filters import Filter
from fieldboard.tui.dialogs.base import Dialog, Field, of
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, words
from fieldboard.tui.dialogs.spans_view import SpansView


class FilterDialog(Dialog[Filter]):
    """One line for the queue, one for the columns, and below them what can be said.

    `suggestions` are whole conditions (`skill:gas`, `terr:north`); `count` says how many rows of the
    queue a filter lets through, and of how many.
    """

    WIDTH: ClassVar[int] = 76
    HEIGHT: ClassVar[int] = 24
    DEFAULT_CSS: ClassVar[str] = """
    FilterDialog Horizontal { height: 1; margin-bottom: 1; }
    FilterDialog .label { width: 9; }
    """

    def __init__(
        self,
        filter: Filter,
        suggestions: Sequence[str] = (),
        *,
        count: Callable[[Filter], tuple[int, int]] | None = None,
    ) -> None:
        super().__init__("Filter")
        self._filter = filter
        self._suggestions = suggestions
        self._count = count
        self._last = "queue"

    def body(self) -> Iterable[Widget]:
        yield SpansView(
            lambda width: [
                *words(
                    "All words must be found. skill: prio: terr: cust: addr: name a place.",
                    width,
                    "muted",
                ),
                (),
            ],
            id="head",
        )
        for name, label, value, hint in (
            ("queue", "Queue", self._filter.text, "words, skill:gas, prio:urgent, unassigned"),
            ("columns", "Columns", self._filter.columns, "names, skill:gas, terr:north"),
        ):
            with Horizontal():
                yield _label(label)
                yield Field(value, hint, id=name)
        yield ChoiceList[str](self._draw, (), single_click=True, letters=False, id="list")

    def on_mount(self) -> None:
        self.query_one("#queue", Field).focus()
        self._suggest()

    def natural_height(self) -> int:
        return 2 + 2 + 4 + max(4, min(8, len(self._suggestions))) + 2

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (
            ("Enter", "filters"), ("tab", "takes what is shown"), ("shift+tab", "other line"),
            ("ctrl+x", "all again"),
            ("Esc", "leaves"),
        )  # fmt: skip

    @property
    def value(self) -> Filter:
        """The filter as it is typed now."""
        return Filter(
            self.query_one("#queue", Field).value.strip(), self.query_one("#columns", Field).value.strip()
        )

    def _draw(self, item: str, width: int) -> Line:
        del width
        place, colon, rest = item.partition(":")
        return ((place + colon, "accent"), (rest, "")) if colon else ((item, ""),)

    def _field(self) -> Field:
        return self.query_one(f"#{self._last}", Field)

    def _suggest(self) -> None:
        word = self._field().value.rsplit(" ", 1)[-1].lower()
        fits = [one for one in self._suggestions if word in one.lower() and one.lower() != word]
        choices = self.query_one(ChoiceList)
        choices.show(fits)
        choices.cursor = 0 if fits and word else None
        choices.forget()
        if self._count is not None:
            shown, total = self._count(self.value)
            self.count(f"shows {of(0, shown, total)}" if shown == total else f"shows {shown:,} of {total:,}")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, Field) and event.widget.id:
            self._last = event.widget.id
            self._suggest()

    def on_input_changed(self, event: Input.Changed) -> None:
        del event
        self._suggest()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        del event
        self.dismiss(self.value)

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        del event
        self._complete()

    def _complete(self) -> bool:
        chosen = self.query_one(ChoiceList).selected
        if not isinstance(chosen, str):
            return False
        field = self._field()
        before = field.value.rsplit(" ", 1)[0] + " " if " " in field.value else ""
        quoted = (
            f'{chosen.partition(":")[0]}:"{chosen.partition(":")[2]}"'
            if " " in chosen and ":" in chosen
            else chosen
        )
        field.value = f"{before}{quoted} "
        field.cursor_position = len(field.value)
        field.focus()
        return True

    def on_key(self, event: events.Key) -> None:
        if event.key == "tab" and self._complete():
            event.stop()
            event.prevent_default()
        elif event.key in ("tab", "shift+tab"):
            event.stop()
            event.prevent_default()
            self.query_one("#columns" if self._last == "queue" else "#queue", Field).focus()
        elif event.key == "ctrl+x":
            event.stop()
            self.dismiss(Filter())


def _label(text: str) -> SpansView:
    view = SpansView(lambda _width: [((text, "muted"),)])
    view.add_class("label")
    return view
