"""Every edit of the last days and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from textual import events
from textual.widget import Widget

from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import PENDING, UNDECIDED, Operation, OpState
from fieldboard.tui.dialogs.base import Dialog, of
from fieldboard.tui.dialogs.choice_list import ChoiceList, Divider
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.dialogs.spans import Line, column, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.words import moment_words

STATE_WORDS: Final = {
    OpState.QUEUED: ("waits to be sent", "pending"),
    OpState.SENDING: ("is being sent", "pending"),
    OpState.UNCERTAIN: ("answer lost", "warn"),
    OpState.ACKED: ("sent", "pending"),
    OpState.CONFIRMED: ("done", "ok"),
    OpState.REJECTED: ("refused", "error"),
    OpState.CONFLICT: ("contested", "error"),
    OpState.SUPERSEDED: ("overtaken", "muted"),
    OpState.GONE: ("no longer there", "error"),
    OpState.DUPLICATE: ("may exist twice", "error"),
    OpState.ASK: ("to decide", "error"),
    OpState.CANCELLED: ("taken back", "muted"),
}
"""What became of an edit, in a few words, and their role."""


class OutboxChoice(NamedTuple):
    """What is to be done with which edit."""

    op_id: str
    what: Literal["retry", "take_back"]


class OutboxDialog(Dialog[OutboxChoice]):
    """Edits: first those that wait for somebody, then those on their way, then those that are done.

    Enter tries a refused one again, `u` takes one back.
    """

    WIDTH: ClassVar[int] = 110
    HEIGHT: ClassVar[int] = 36

    def __init__(self, operations: Sequence[Operation], zone: Zone) -> None:
        super().__init__("Edits")
        self._zone = zone
        self._operations = sorted(operations, key=lambda op: -op.seq)
        self._message = ""

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[Operation](self._draw, self._items(), id="list")
        yield SpansView(self._detail, id="detail")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._say()
        self.help_again()

    def natural_height(self) -> int:
        return min(self.HEIGHT, max(2, len(self._items())) + 9)

    def help_items(self) -> Sequence[tuple[str, str]]:
        op = self._selected()
        items: list[tuple[str, str]] = []
        if op is not None and "retry" in op.choices:
            items.append(("Enter", "tries it again"))
        if op is not None and "undo" in op.choices:
            items.append(("u", "takes note of it" if op.state in UNDECIDED else "takes it back"))
        return (*items, ("jk", "move"), ("Esc", "leaves"))

    def _selected(self) -> Operation | None:
        op = self.query_one(ChoiceList).selected if self.is_mounted else None
        return op if isinstance(op, Operation) else None

    def _items(self) -> list[Operation | Divider]:
        waits = [op for op in self._operations if op.state in UNDECIDED and not op.noted]
        under_way = [op for op in self._operations if op.state in PENDING]
        taken = {op.op_id for op in (*waits, *under_way)}
        done = [op for op in self._operations if op.op_id not in taken]
        items: list[Operation | Divider] = []
        for name, some in (("Waits for you", waits), ("On its way", under_way), ("Settled", done)):
            if some:
                items += [Divider(f"{name}  {len(some):,}"), *some]
        return items

    def _draw(self, op: Operation, width: int) -> Line:
        says, role = STATE_WORDS[op.state]
        if op.noted and op.state in UNDECIDED:
            # Nobody has to do anything about it any more.
            says, role = "decided", "muted"
        mark = "✓" if op.state is OpState.CONFIRMED else glyphs_of(self.app).of_mark(op.state.value)
        mark = "×" if op.state is OpState.CANCELLED else mark
        room = max(0, width - 2 - 12 - 1 - 17)
        return (
            (f"{mark} ", role), column(moment_words(op.created_at, self._zone), 12, "muted"), (" ", ""),
            column(op.label or f"{op.intent} {op.entity}", room), (" ", ""), column(says, 16, role),
        )  # fmt: skip

    def _detail(self, width: int) -> list[Line]:
        if not self._operations:
            return [(("no edits yet", "muted"),), (), (), ()]
        choices = self.query_one(ChoiceList) if self.is_mounted else None
        op = choices.selected if choices is not None else None
        if not isinstance(op, Operation):
            return [(), (), (), ()]
        if self._message:
            lines = words(self._message, width, "warn", limit=3)
        else:
            says = f"{op.label or op.entity}: {STATE_WORDS[op.state][0]}"
            if op.noted and op.state in UNDECIDED:
                says = f"{says}, and decided"
            if op.reason:
                says = f"{says}. {op.reason}"
            if op.attempts > 1:
                says = f"{says} ({op.attempts} attempts)"
            lines = words(says, width, "muted", limit=2)
            lines += [((f"⚠ {'; '.join(op.warnings)}", "warn"),)] if op.warnings else []
        return [(), *lines[:3], *[()] * (3 - len(lines))]

    def _again(self) -> None:
        self.query_one("#detail", SpansView).again()

    def _say(self) -> None:
        choices = self.query_one(ChoiceList)
        self.count(of(choices.place, len(self._operations), len(self._operations), "edits"))

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        self._message = ""
        self._say()
        self._again()
        self.help_again()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        del event
        op = self.query_one(ChoiceList).selected
        if not isinstance(op, Operation):
            return
        if "retry" in op.choices:
            self.dismiss(OutboxChoice(op.op_id, "retry"))
            return
        state = "decided" if op.noted and op.state in UNDECIDED else STATE_WORDS[op.state][0]
        says = f"Only a refused edit can be tried again; this one: {state}."
        waits = op.state in UNDECIDED and not op.noted
        self._message = f"{says} It is decided under decisions." if waits else says
        self._again()

    def on_key(self, event: events.Key) -> None:
        if event.character != "u":
            return
        event.stop()
        op = self.query_one(ChoiceList).selected
        if not isinstance(op, Operation):
            return
        if "undo" not in op.choices:
            state = "decided" if op.noted and op.state in UNDECIDED else STATE_WORDS[op.state][0]
            self._message = f"There is nothing to take back: {state}."
            self._again()
            return
        self.dismiss(OutboxChoice(op.op_id, "take_back"))
