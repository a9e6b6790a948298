"""Another order and grouping of the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.widget import Widget

from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.tui.dialogs.base import Dialog
from fieldboard.tui.dialogs.choice_list import ChoiceList, Divider
from fieldboard.tui.dialogs.spans import Line, column

ORDER_WORDS: Final = {
    Order.URGENCY: ("u", "Urgency", "priority, then promise, then age"),
    Order.PROMISE: ("p", "Promise", "what was promised soonest first"),
    Order.AGE: ("a", "Age", "what waits longest first"),
    Order.DURATION: ("d", "Duration", "the shortest first"),
    Order.DISTANCE: ("m", "Distance", "nearest to somebody who can do it first"),
    Order.CUSTOMER: ("c", "Customer", "by name"),
    Order.SKILL: ("s", "Skill", "by what it needs"),
    Order.NUMBER: ("n", "Number", "by the job's number"),
}

GROUP_WORDS: Final = {
    GroupBy.NOTHING: ("0", "No groups", "one list"),
    GroupBy.PRIORITY: ("1", "Priority", "urgent, high, normal, low"),
    GroupBy.SKILL: ("2", "Skill", "the first skill that it needs"),
    GroupBy.TERRITORY: ("3", "Territory", "where it is"),
    GroupBy.CUSTOMER: ("4", "Customer", "all work for one customer together"),
    GroupBy.STATE: ("5", "State", "without technician, without time, drafts"),
}


class SortAnswer(NamedTuple):
    """How the queue is to stand."""

    order: Order
    group_by: GroupBy


class SortDialog(Dialog[SortAnswer]):
    """Lists the orders, and below them the groupings; what holds now is ticked.

    Enter or a letter takes one and leaves the other kind as it is; space takes it and stays.
    """

    WIDTH: ClassVar[int] = 66

    def __init__(self, order: Order, group_by: GroupBy = GroupBy.NOTHING) -> None:
        super().__init__("Sort and group the queue")
        self._order, self._group_by = order, group_by
        self._items: list[Order | GroupBy | Divider] = [
            Divider("Order"), *ORDER_WORDS, Divider("Groups"), *GROUP_WORDS,
        ]  # fmt: skip

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[Order | GroupBy](self._draw, self._items, id="list")

    def on_mount(self) -> None:
        choices = self.query_one(ChoiceList)
        choices.select(self._items.index(self._order))
        choices.focus()

    def natural_height(self) -> int:
        return len(self._items) + 4

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "takes it"), ("space", "takes it and stays"), ("Esc", "leaves"))

    def _draw(self, item: Order | GroupBy, width: int) -> Line:
        letter, name, says = ORDER_WORDS[item] if isinstance(item, Order) else GROUP_WORDS[item]
        holds = item in (self._order, self._group_by)
        tick = ("✓ ", "ok bold") if holds else ("  ", "")
        return (
            (letter, "accent bold"), ("  ", ""), tick, column(name, 12, "bold" if holds else ""),
            column(says, max(0, width - 17), "muted"),
        )  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        choices = self.query_one(ChoiceList)
        if event.key == "space":
            event.stop()
            if isinstance(choices.selected, Order | GroupBy):
                self._set(choices.selected)
                choices.forget()
            return
        for table in (ORDER_WORDS, GROUP_WORDS):
            for item, (letter, _name, _says) in table.items():
                if event.character == letter:
                    event.stop()
                    self._set(item)
                    self.dismiss(SortAnswer(self._order, self._group_by))
                    return

    def _set(self, item: Order | GroupBy) -> None:
        if isinstance(item, Order):
            self._order = item
        else:
            self._group_by = item

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        item = self._items[event.index]
        if isinstance(item, Order | GroupBy):
            self._set(item)
            self.dismiss(SortAnswer(self._order, self._group_by))
