"""A list from which one is chosen, by key or by mouse, of any length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from textual import events
from textual.geometry import Region
from textual.message import Message

from fieldboard.tui.dialogs.lines_view import LinesView
from fieldboard.tui.dialogs.spans import Line, width_of

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Divider:
    """A heading between the choices, that itself cannot be chosen."""

    text: str = ""


MOVES: Final[dict[str, int | str]] = {
    "down": 1,
    "up": -1,
    "ctrl+n": 1,
    "ctrl+p": -1,
    "pagedown": "page",
    "pageup": "-page",
    "ctrl+d": "half",
    "ctrl+u": "-half",
    "home": "first",
    "end": "last",
}
"""Keys that move in every list."""

BESIDE_TEXT: Final = frozenset({"down", "up", "ctrl+n", "ctrl+p", "pagedown", "pageup"})
"""Those of them that a field does not need for itself: they move the list while text is typed."""

VIM_MOVES: Final[dict[str, int | str]] = {"j": 1, "k": -1, "G": "last"}
"""Keys that move in a list where no text is typed (`gg` beside them)."""


class ChoiceList(LinesView, Generic[Item]):
    """Choices in lines. `draw` says what stands on an item's line, for so many cells.

    `letters` lets j, k, gg and G move; it is off where letters are text.
    """

    class Moved(Message):
        """Another choice is selected (None: there is none)."""

        def __init__(self, choices: LinesView, index: int | None) -> None:
            super().__init__()
            self.choices, self.index = choices, index

        @property
        def control(self) -> LinesView:
            """The list that it happened in."""
            return self.choices

    class Chosen(Message):
        """A choice was taken, by Enter or by a double click."""

        def __init__(self, choices: LinesView, index: int) -> None:
            super().__init__()
            self.choices, self.index = choices, index

        @property
        def control(self) -> LinesView:
            """The list that it happened in."""
            return self.choices

    def __init__(
        self,
        draw: Callable[[Item, int], Line],
        items: Sequence[Item | Divider] = (),
        *,
        letters: bool = True,
        single_click: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._items: Sequence[Item | Divider] = items
        self._letters = letters
        self._single_click = single_click
        self._g = False
        self.cursor: int | None = self._next_choice(0, 1)
        self.choices_count = sum(1 for item in items if not isinstance(item, Divider))
        self.by_hand = False

    # -- the items ------------------------------------------------------------------------------

    @property
    def items(self) -> Sequence[Item | Divider]:
        """What is listed, headings included."""
        return self._items

    @property
    def selected(self) -> Item | None:
        """The choice under the cursor."""
        if self.cursor is None:
            return None
        item = self._items[self.cursor]
        return None if isinstance(item, Divider) else item

    @property
    def place(self) -> int:
        """Which of the choices is selected, counted from 1; 0 for none."""
        if self.cursor is None:
            return 0
        return sum(1 for item in self._items[: self.cursor + 1] if not isinstance(item, Divider))

    def show(self, items: Sequence[Item | Divider], cursor: int | None = 0) -> None:
        """List other items; the cursor goes to the first choice at or after `cursor`."""
        self._items = items
        self.choices_count = sum(1 for item in items if not isinstance(item, Divider))
        self.cursor = self._next_choice(cursor or 0, 1)
        if self.cursor is None:
            self.cursor = self._next_choice(len(items) - 1, -1)
        self.top = 0
        self.by_hand = False
        self.forget()
        self._keep_in_view()
        self.post_message(self.Moved(self, self.cursor))

    def select(self, index: int) -> None:
        """Put the cursor on a choice."""
        index = max(0, min(index, len(self._items) - 1))
        found = self._next_choice(index, 1)
        if found is None:
            found = self._next_choice(index, -1)
        self._go(found)

    # -- drawing --------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        return len(self._items)

    def line(self, index: int, width: int) -> Line:
        item = self._items[index]
        if isinstance(item, Divider):
            if not item.text:
                return ()
            rule = "─" * max(0, width - width_of(((item.text, ""),)) - 3)
            return ((f"  {item.text} ", "muted bold"), (rule, "border"))
        marker = ("▌", "accent") if index == self.cursor else (" ", "")
        return (marker, (" ", ""), *self._draw(item, width - 2))

    def ground(self, index: int) -> str:
        return "cursor" if index == self.cursor else "surface"

    def highlighted(self, index: int) -> bool:
        return index == self.cursor

    # -- keys and mouse -------------------------------------------------------------------------

    def move_by_key(self, key: str, *, letters: bool | None = None) -> bool:
        """Move as a key says; False where the key does not move. Also for keys typed beside the list."""
        if self._letters if letters is None else letters:
            if key == "g":
                self._g = not self._g
                if not self._g:
                    self._go(self._next_choice(0, 1))
                return True
            self._g = False
            if key in VIM_MOVES:
                self._move(VIM_MOVES[key])
                return True
        if key in MOVES:
            self._move(MOVES[key])
            return True
        return False

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            # Without a choice Enter is the dialog's.
            if self.cursor is not None:
                event.stop()
                event.prevent_default()
                self.post_message(self.Chosen(self, self.cursor))
        elif self.move_by_key(event.key):
            event.stop()
            event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        index = self.top + event.y
        if index >= len(self._items) or isinstance(self._items[index], Divider):
            return
        event.stop()
        self._go(index)
        if event.chain >= 2 or self._single_click:
            self.post_message(self.Chosen(self, index))

    def _move(self, step: int | str) -> None:
        if not self._items:
            return
        here = self.cursor or 0
        match step:
            case "first":
                goal, way = 0, 1
            case "last":
                goal, way = len(self._items) - 1, -1
            case "page" | "half":
                goal, way = here + max(1, self.page // (2 if step == "half" else 1) - (step == "page")), 1
            case "-page" | "-half":
                goal, way = here - max(1, self.page // (2 if step == "-half" else 1) - (step == "-page")), -1
            case _:
                goal = here + int(step)
                way = 1 if int(step) > 0 else -1
        goal = max(0, min(goal, len(self._items) - 1))
        found = self._next_choice(goal, way)
        if found is None:
            found = self._next_choice(goal, -way)
        self._go(found)

    def _go(self, index: int | None) -> None:
        if index is None or index == self.cursor:
            self._keep_in_view()
            return
        self.by_hand = True
        before, self.cursor = self.cursor, index
        top = self.top
        self._keep_in_view()
        if self.top == top:
            for changed in (before, index):
                if changed is not None:
                    self._refresh_line(changed)
        self.post_message(self.Moved(self, index))

    def _refresh_line(self, index: int) -> None:
        y = index - self.top
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _keep_in_view(self) -> None:
        if self.cursor is None or not self.size.height:
            return
        if self.cursor < self.top:
            # A heading right above the first choice comes into view with it.
            above = self.cursor - 1
            heading = above >= 0 and isinstance(self._items[above], Divider)
            self.scroll_lines(above if heading else self.cursor)
        elif self.cursor >= self.top + self.page:
            self.scroll_lines(self.cursor - self.page + 1)

    def on_resize(self) -> None:
        # Textual calls the handlers of both classes.
        self._keep_in_view()

    def _next_choice(self, start: int, way: int) -> int | None:
        index = start
        while 0 <= index < len(self._items):
            if not isinstance(self._items[index], Divider):
                return index
            index += way
        return None
