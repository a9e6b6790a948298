"""The keys that hold now, found by a word or by pressing the key itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.board.acts import GROUPS, Act
from fieldboard.tui.dialogs.base import Dialog, Field, of
from fieldboard.tui.dialogs.choice_list import ChoiceList, Divider
from fieldboard.tui.dialogs.spans import Line, column, cut, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.keymap import Keymap, shown_key, written

MOUSE: Final = (
    ("click", "selects a visit, in all panes at once"),
    ("double click", "opens the details"),
    ("wheel", "scrolls; with shift sideways"),
    ("drag a row or block", "to a technician and a time: assigns and schedules"),
    ("drag an edge", "makes a visit longer or shorter"),
    ("drag to the queue", "takes the technician off"),
    ("Esc while dragging", "puts it back"),
)
"""What the mouse does, gesture by gesture."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One line of the help: an act, or a gesture of the mouse or a mark (`act` is None)."""

    act: Act | None
    keys: tuple[str, ...]
    title: str
    says: str
    lacks: str | None = None


class HelpDialog(Dialog[str]):
    """Every act by group with the keys that reach it now; Enter does the act and gives its id.

    `lacks` maps an act to the reason why the system cannot do it. Words narrow the list; tab waits for
    one key and shows what it does. `marks` are what is drawn on the board, and what it means.
    """

    WIDTH: ClassVar[int] = 146
    HEIGHT: ClassVar[int] = 44
    DEFAULT_CSS: ClassVar[str] = """
    HelpDialog #list { margin-top: 1; }
    """

    def __init__(
        self,
        acts: Sequence[Act],
        keymap: Keymap,
        *,
        lacks: Mapping[str, str] | None = None,
        text: str = "",
        mouse: bool = True,
        marks: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__("Help: the keys that hold now")
        lacks = lacks or {}
        self._keymap = keymap
        self._text = text
        self._by_key: str | None = None
        self._waits = False
        self._groups: list[tuple[str, list[HelpRow]]] = []
        names = [*GROUPS, *(act.group for act in acts if act.group not in GROUPS)]
        for group in dict.fromkeys(names):
            rows = [
                HelpRow(
                    act,
                    tuple(shown_key(key) for key in keymap.keys_of(act.id)),
                    act.title,
                    act.help,
                    lacks.get(act.id),
                )
                for act in acts
                if act.group == group
            ]
            if rows:
                self._groups.append((group, rows))
        if mouse:
            self._groups.append(("Mouse", [HelpRow(None, (), name, says) for name, says in MOUSE]))
        if marks:
            self._groups.append(("Marks", [HelpRow(None, (), mark, says) for mark, says in marks]))
        self._total = sum(len(rows) for _group, rows in self._groups)

    def body(self) -> Iterable[Widget]:
        yield Field(self._text, "a word, or tab and then the key itself", max_length=60, id="text")
        yield ChoiceList[HelpRow](self._draw, self._items(), id="list")
        yield SpansView(self._detail, id="detail")

    def on_mount(self) -> None:
        self.query_one(Field).focus()
        self._narrow()

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self._waits:
            return (("any key", "shows what it does"), ("tab", "back to words"))
        return (("Enter", "does it"), ("↑ ↓", "move"), ("tab", "find by key"), ("Esc", "leaves"))

    # -- what is shown --------------------------------------------------------------------------

    def _items(self) -> list[HelpRow | Divider]:
        items: list[HelpRow | Divider] = []
        for group, rows in self._groups:
            fits = [row for row in rows if self._fits(row, group)]
            if fits:
                items += [Divider(group), *fits]
        return items

    def _fits(self, row: HelpRow, group: str) -> bool:
        if self._by_key is not None:
            return row.act is not None and self._by_key in self._keymap.keys_of(row.act.id)
        text = self._text.strip()
        if len(text) == 1 and row.act is not None and text in self._keymap.keys_of(row.act.id):
            return True
        hay = " ".join((row.title, row.says, group, *row.keys, *(row.act.words if row.act else ()))).lower()
        return all(word in hay for word in text.lower().split())

    def _draw(self, row: HelpRow, width: int) -> Line:
        if row.act is None:
            return (column(row.title, 22, "accent"), (" ", ""), column(row.says, max(0, width - 23), "muted"))
        keys = " ".join(row.keys) or "–"
        quiet = row.lacks is not None
        command = f":{row.act.command}" if row.act.command else ""
        tail = 14 if width >= 70 and not quiet else 0
        title = 20
        says = f"not here: {row.lacks}" if row.lacks is not None else row.says
        room = max(0, width - 12 - 1 - title - 1 - tail)
        return (
            column(keys, 12, "faint" if quiet else "accent bold"), (" ", ""),
            column(row.title, title, "faint strike" if quiet else ""), (" ", ""),
            column(says, room, "warn" if quiet else "muted"),
            *((column(command, tail, "faint", right=True),) if tail else ()),
        )  # fmt: skip

    def _detail(self, width: int) -> list[Line]:
        """The selected row in full: what it does and its `:` line, or why it is not here."""
        row = self.query_one(ChoiceList).selected if self.is_mounted else None
        if not isinstance(row, HelpRow):
            says = "no act has this key" if self._by_key is not None else "nothing has these words"
            return [(), ((says, "warn"),), ()]
        lines = words(
            f"{row.title}: {row.lacks or row.says}", width, "warn" if row.lacks else "muted", limit=2
        )
        if len(lines) < 2 and row.act is not None and row.act.command:
            written_out = f":{row.act.command} {row.act.arguments}".rstrip()
            lines.append(cut(((written_out, "muted"),), width))
        return [(), *lines, *[()] * (2 - len(lines))]

    def _narrow(self) -> None:
        choices = self.query_one(ChoiceList)
        choices.show(self._items())
        self._say()

    def _say(self) -> None:
        choices = self.query_one(ChoiceList)
        shown = choices.choices_count
        self.count(of(choices.place, shown, self._total))
        self.query_one("#detail", SpansView).again()

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        self._say()

    # -- typing and pressing --------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        if not self._waits:
            self._by_key = None
            self._text = event.value
            self._narrow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        del event
        self._take()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        del event
        self._take()

    def _take(self) -> None:
        row = self.query_one(ChoiceList).selected
        if isinstance(row, HelpRow) and row.act is not None and row.lacks is None:
            self.dismiss(row.act.id)

    def _wait(self, waits: bool) -> None:
        self._waits = waits
        field = self.query_one(Field)
        field.placeholder = "press the key" if waits else "a word, or tab and then the key itself"
        if waits:
            field.value = ""
            # Nothing has the focus: the key comes to the dialog itself.
            self.set_focus(None)
        else:
            field.focus()
        self.help_again()

    async def on_event(self, event: events.Event) -> None:
        # The key that is asked about must not do anything else: it is taken before any widget sees it.
        if self._waits and isinstance(event, events.Key) and event.key not in ("tab", "escape"):
            event.stop()
            event.prevent_default()
            self._pressed(written(event.key, event.character))
            return
        await super().on_event(event)

    def _pressed(self, key: str) -> None:
        self._wait(False)
        self._by_key = key
        field = self.query_one(Field)
        with field.prevent(Input.Changed):
            field.value = f"the key {shown_key(key)}"
            field.select_all()
        self._narrow()

    def on_key(self, event: events.Key) -> None:
        if event.key == "tab":
            event.stop()
            event.prevent_default()
            self._wait(not self._waits)
        elif event.character == "/" and not isinstance(self.focused, Input):
            event.stop()
            self._wait(False)

    def leave(self) -> bool:
        if self._waits:
            self._wait(False)
            return True
        if self._by_key is not None or self.query_one(Field).value:
            self._by_key = None
            self.query_one(Field).value = ""
            self._text = ""
            self._narrow()
            return True
        return False
