"""What every dialog has: a titled frame in the middle, a list or fields, and one line of help at its foot."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.text import LINE_MARK, fit, one_line
from fieldboard.tui.dialogs.choice_list import BESIDE_TEXT, ChoiceList
from fieldboard.tui.dialogs.ink import glyphs_of, ink_of
from fieldboard.tui.dialogs.lines_view import LinesView
from fieldboard.tui.dialogs.spans import Line, cut, hints
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.glyphs import ascii_twins

Result = TypeVar("Result")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Field(Input):
    """One line of typed text, without a border and without a blinking cursor.

    It takes as much as fits and tells with `Cut` how much did not. With `lines` a line break is kept, as a
    mark; else it is a blank.
    """

    class Typed(Message, bubble=False):
        """Letters that came one after the other, faster than they are drawn."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cut(Message):
        """So many characters beyond `limit` were left out since something fitted; 0: it fits again."""

        def __init__(self, count: int, limit: int) -> None:
            super().__init__()
            self.count, self.limit = count, limit

    DEFAULT_CSS: ClassVar[str] = """
    Field, Field:focus, Field.-textual-compact, Field.-textual-compact:focus {
        height: 1; border: none; padding: 0 1; background: $panel; color: $foreground; width: 1fr;
    }
    """

    def __init__(
        self,
        value: str = "",
        placeholder: str = "",
        *,
        max_length: int = 2_000,
        lines: bool = False,
        lit: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(
            value=one_line(value),
            placeholder=placeholder,
            max_length=max(max_length, len(value)),
            select_on_focus=False,
            compact=True,
            id=id,
        )
        self.cursor_blink = False
        self._lit = lit
        self._lines = lines
        self._cut = 0
        self._typed: Field.Typed | None = None

    def on_focus(self) -> None:
        palette = ink_of(self.app).palette
        if self._lit and not palette.mono:
            self.styles.background = palette.hex("selection")

    def on_blur(self) -> None:
        self.styles.clear_rule("background")

    def gather(self, event: events.Event) -> bool:
        """Take a letter together with those before it that are not in the text yet; False for anything else.

        A key costs Textual a millisecond: a burst of them one by one would draw nothing until all are done.
        """
        if not isinstance(event, events.Key) or not event.is_printable or event.character is None:
            self._typed = None
            return False
        if self._typed is not None:
            self._typed.text += event.character
        else:
            self._typed = self.Typed(event.character)
            self.post_message(self._typed)
        return True

    def on_field_typed(self, message: Field.Typed) -> None:
        if message is self._typed:
            self._typed = None
        self._take(message.text)

    def on_paste(self, event: events.Paste) -> None:
        # Textual's own would take the first line alone, and nothing of one that is too long.
        event.prevent_default()
        event.stop()
        self._take_lines(event.text)

    def action_paste(self) -> None:
        self._take_lines(self.app.clipboard)

    def _take_lines(self, text: str) -> None:
        rows = [row.strip() for row in text.strip().splitlines()]
        self._take(LINE_MARK.join(rows) if self._lines else " ".join(row for row in rows if row))

    def _take(self, text: str) -> None:
        """Put text in place of what is selected, as much of it as fits."""
        text = one_line(text)
        start, end = sorted(self.selection)
        room = max(0, self.max_length - len(self.value) + end - start) if self.max_length else len(text)
        if room and text:
            self.replace(text[:room], start, end)
        cut = self._cut + len(text) - room if len(text) > room else 0
        if cut != self._cut:
            self._cut = cut
            self.post_message(self.Cut(cut, self.max_length or 0))


class Dialog(ModalScreen[Result]):
    """A dialog over the board: `body` gives its parts, `help_items` its line of help.

    Esc leaves (a subclass may make it leave the text first). Keys that move in a list also do so while
    a field has the focus. At most `WIDTH` × `HEIGHT` cells, never more than the terminal.
    """

    WIDTH: ClassVar[int] = 76
    HEIGHT: ClassVar[int] = 22
    DEFAULT_CSS: ClassVar[str] = """
    Dialog { align: center middle; background: $background 55%; }
    Dialog > #frame {
        width: 100%; height: auto; margin: 0 1; padding: 0 1;
        background: $surface; border: round $primary;
        border-title-color: $foreground; border-title-style: bold; border-title-background: $surface;
        border-subtitle-color: $foreground-muted; border-subtitle-background: $surface;
        border-subtitle-style: none;
    }
    Dialog.-ascii > #frame { border: ascii $primary; }
    Dialog #help { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._heading = title
        self._ascii = False
        self._left = False
        self._notice = ""

    # -- what a subclass says -------------------------------------------------------------------

    def body(self) -> Iterable[Widget]:
        """The parts between the title and the help, from top to bottom."""
        return ()

    def help_items(self) -> Sequence[tuple[str, str]]:
        """Keys and what they do, the ones that matter most first."""
        return (("Enter", "takes"), ("Esc", "leaves"))

    def natural_height(self) -> int:
        """How many lines the dialog would like to have, its frame included."""
        return self.HEIGHT

    def leave(self) -> bool:
        """Leave something inside the dialog first; False where nothing is left to leave but the dialog."""
        return False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave once: a key that arrives while the dialog closes must not close what lies below it."""
        if self._left:
            return AwaitComplete()
        self._left = True
        return super().dismiss(result)

    # -- the frame ------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        frame = Vertical(id="frame")
        self._ascii = glyphs_of(self.app).ascii_only
        self.set_class(self._ascii, "-ascii")
        # Cut here, because the frame would cut it with an ellipsis of its own.
        room = max(10, min(self.WIDTH, self.app.size.width - 2) - 8)
        heading = fit(self._heading, room).rstrip()
        frame.border_title = Content(ascii_twins(heading) if self._ascii else heading)
        with frame:
            yield from self.body()
            yield SpansView(self._help, id="help")

    def on_mount(self) -> None:
        self._measure()

    def on_resize(self, event: events.Resize) -> None:
        del event
        self._measure()

    def count(self, text: str) -> None:
        """Say at the frame's foot how many of how many."""
        said = ascii_twins(text) if self._ascii else text
        self.frame.border_subtitle = Content(said) if said else ""

    @property
    def frame(self) -> Vertical:
        """The bordered box."""
        return self.query_one("#frame", Vertical)

    def _help(self, width: int) -> tuple[Line]:
        if not self._notice:
            return (hints(self.help_items(), width),)
        said = f"{self._notice}   "
        return ((*cut(((said, "warn"),), width), *hints(self.help_items(), max(0, width - len(said)))),)

    def on_field_cut(self, message: Field.Cut) -> None:
        message.stop()
        count, limit = message.count, message.limit
        were = f"the last {count:,} are cut off" if count > 1 else "the last is cut off"
        self.notice(f"only {limit:,} characters fit: {were}" if count else "")

    def notice(self, text: str) -> None:
        """Say something before the help at the dialog's foot; nothing with an empty text."""
        self._notice = text
        self.help_again()

    def help_again(self) -> None:
        """The keys that matter are others now."""
        self.query_one("#help", SpansView).again()

    def _measure(self) -> None:
        width, height = self.app.size
        self.frame.styles.max_width = min(self.WIDTH, max(20, width - 2))
        self.frame.styles.height = min(self.natural_height(), height)

    def action_leave(self) -> None:
        if not self.leave():
            self.dismiss(None)

    # -- a list beside a field ------------------------------------------------------------------

    def moved_list(self) -> LinesView | None:
        """The list that moves while a field has the focus."""
        found = self.query(LinesView)
        return found.first() if found else None

    def on_key(self, event: events.Key) -> None:
        if not isinstance(self.focused, Input):
            return
        moved = self.moved_list()
        if (
            event.key in BESIDE_TEXT
            and isinstance(moved, ChoiceList)
            and moved.move_by_key(event.key, letters=False)
        ):
            event.stop()
            event.prevent_default()


def of(place: int, shown: int, total: int, noun: str = "") -> str:
    """`n of N`, with how many of them are hidden by what was typed."""
    noun = f" {noun}" if noun else ""
    if not shown:
        return f"0 of {total:,}{noun}" if total else f"no{noun}" if noun else "none"
    if shown == total:
        return f"{place:,} of {total:,}{noun}" if place else f"{total:,}{noun}"
    return f"{place:,} of {shown:,} · {total:,}{noun} in all"


async def ask(source: Callable[[Asked], Answer | Awaitable[Answer]], asked: Asked) -> Answer:
    """What `source` answers, without holding up the screen.

    A coroutine function is awaited; a plain function runs on a thread of its own and may block.
    """
    if inspect.iscoroutinefunction(source):
        answer = await source(asked)
    else:
        answer = await asyncio.to_thread(source, asked)
        if inspect.isawaitable(answer):
            answer = await answer
    return answer  # type: ignore[no-any-return]
