"""The `:` line above the footer: a command typed with completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.tui.dialogs.base import Dialog, Field
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, column, cut, hints
from fieldboard.tui.dialogs.spans_view import SpansView


class Completion(NamedTuple):
    """One way to go on: the whole line with it, what is shown for it, and what it means."""

    text: str
    label: str
    detail: str = ""


class CommandLine(Dialog[str]):
    """One line over the footer, with what may follow above it; gives the line.

    `completions` gives ways to go on with a text; `check` what is wrong with a line, shown in place, or
    None. `history` holds earlier lines, the newest last: the up arrow goes back in them.
    """

    ROWS: ClassVar[int] = 8
    DEFAULT_CSS: ClassVar[str] = """
    CommandLine { align: left bottom; background: transparent; }
    CommandLine > #docked { dock: bottom; width: 100%; height: auto; background: $panel; }
    CommandLine #choices { height: 0; background: $panel; padding: 0; }
    CommandLine #prompt { height: 1; }
    CommandLine #colon { width: 2; }
    CommandLine Field, CommandLine Field:focus { background: $panel !important; padding: 0 !important; }
    CommandLine #help, CommandLine #says { margin: 0; height: 1; }
    """

    def __init__(
        self,
        completions: Callable[[str], Sequence[Completion]],
        *,
        history: Sequence[str] = (),
        check: Callable[[str], str | None] | None = None,
        text: str = "",
    ) -> None:
        super().__init__("")
        self._completions = completions
        self._history = list(history)
        self._check = check
        self._text = text
        self._at = len(self._history)
        self._wrong = ""
        self._offers: Sequence[Completion] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="docked"):
            yield from self.body()

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[Completion](self._draw, (), letters=False, single_click=True, id="choices")
        with Horizontal(id="prompt"):
            yield SpansView(lambda _width: [((" :", "accent bold"),)], ground="panel", id="colon")
            yield Field(self._text, lit=False, id="text")
        yield SpansView(self._foot, ground="panel", id="help")

    def on_mount(self) -> None:
        field = self.query_one(Field)
        field.focus()
        field.cursor_position = len(field.value)
        self._offer()

    def _measure(self) -> None:
        """A docked line has no frame to measure."""

    def notice(self, text: str) -> None:
        self._wrong = text
        self.help_again()

    def _foot(self, width: int) -> list[Line]:
        if self._wrong:
            return [cut(((" ⚠ ", "error bold panel"), (self._wrong, "error panel")), width)]
        items = (
            ("Enter", "does it"),
            ("tab", "completes"),
            ("↑ ↓", "choose, earlier lines"),
            ("Esc", "leaves"),
        )
        return [((" ", ""), *hints(items, width - 1))]

    def _draw(self, offer: Completion, width: int) -> Line:
        label = min(34, max(12, width // 2))
        return (
            column(offer.label, label, "bold"),
            ("  ", ""),
            column(offer.detail, max(0, width - label - 2), "muted"),
        )

    def _offer(self) -> None:
        text = self.query_one(Field).value
        self._offers = tuple(self._completions(text))
        choices = self.query_one(ChoiceList)
        choices.styles.height = min(self.ROWS, len(self._offers), max(1, self.app.size.height - 6))
        choices.show(self._offers)
        choices.cursor = None
        choices.forget()

    def on_input_changed(self, event: Input.Changed) -> None:
        del event
        self._wrong = ""
        self._offer()
        self.help_again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        chosen = self.query_one(ChoiceList).selected
        if isinstance(chosen, Completion):
            self._complete(chosen)
            return
        text = event.value.strip()
        if not text:
            self.dismiss(None)
            return
        wrong = self._check(text) if self._check is not None else None
        if wrong is None:
            self.dismiss(text)
            return
        self._wrong = wrong
        self.help_again()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        self._complete(self._offers[event.index])

    def _complete(self, offer: Completion) -> None:
        field = self.query_one(Field)
        field.value = offer.text
        field.cursor_position = len(offer.text)
        field.focus()

    def on_key(self, event: events.Key) -> None:
        choices = self.query_one(ChoiceList)
        if event.key in ("tab", "shift+tab"):
            chosen = choices.selected
            if isinstance(chosen, Completion):
                self._complete(chosen)
            elif self._offers:
                self._complete(self._offers[0])
        elif event.key in ("up", "ctrl+p") and choices.cursor in (None, 0) and self._earlier(-1):
            choices.cursor = None
            choices.forget()
        elif event.key in ("down", "ctrl+n") and self._at < len(self._history):
            self._earlier(1)
        elif event.key in ("down", "ctrl+n") and choices.cursor is None:
            choices.select(0)
        elif event.key == "backspace" and not self.query_one(Field).value:
            self.dismiss(None)
        else:
            return
        event.stop()
        event.prevent_default()

    def _earlier(self, step: int) -> bool:
        """Show the line before or after in the history; only while the text is one of them, or nothing."""
        field = self.query_one(Field)
        shown = self._history[self._at] if self._at < len(self._history) else ""
        if field.value != shown or not 0 <= self._at + step <= len(self._history):
            return False
        self._at += step
        field.value = self._history[self._at] if self._at < len(self._history) else ""
        field.cursor_position = len(field.value)
        return True

    def leave(self) -> bool:
        choices = self.query_one(ChoiceList)
        if choices.cursor is not None:
            choices.cursor = None
            choices.forget()
            return True
        return False
