"""Edits that wait for a decision: both sides next to each other, and a letter for each way out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual import events
from textual.widget import Widget

from fieldboard.board.decisions import Choice, Decision, made_kind
from fieldboard.board.plan import Plan
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.operation import Kind
from fieldboard.tui.dialogs.base import Dialog, Field, ask, of
from fieldboard.tui.dialogs.choice_list import ChoiceList, Divider
from fieldboard.tui.dialogs.decision_lines import decision_line, lower_half
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.dialogs.spans import Line, words
from fieldboard.tui.dialogs.spans_view import SpansView

FOUND: Final = "id or number of the job at the system"
"""What the field asks for in which it is said where a lost job is."""

FEW: Final = 40
"""So many decisions are measured for the height of the lower half; more are as high as these."""


class DecisionAnswer(NamedTuple):
    """What was decided about which edit: a choice of it, or `edit`; `found` is the job that was typed."""

    decision: Decision
    choice: str
    found: str | None = None


Check = Callable[[DecisionAnswer], Plan | Awaitable[Plan]]
"""Makes the plan of an answer without saving it: the dialog shows why not, or which rule it breaks."""


class DecisionsDialog(Dialog[DecisionAnswer]):
    """What waits for the dispatcher, above; below it was, mine, theirs, who and when, and the choices.

    A letter takes a choice, Enter the one that is marked, which never destroys anything. `start` is the
    edit on which to begin.
    """

    WIDTH: ClassVar[int] = 116
    HEIGHT: ClassVar[int] = 40
    DEFAULT_CSS: ClassVar[str] = """
    DecisionsDialog #found { display: none; }
    DecisionsDialog.-asking #found { display: block; }
    """

    def __init__(
        self,
        decisions: Sequence[Decision],
        zone: Zone,
        *,
        now: Instant,
        check: Check | None = None,
        start: str | None = None,
    ) -> None:
        super().__init__("Decisions")
        self._decisions, self._zone, self._now = decisions, zone, now
        self._check = check
        self._start = start
        self._message: tuple[str, str] | None = None
        self._doubted: str | None = None
        self._weighed: str | None = None
        self._asking = False
        self._rows: dict[int, Choice] = {}

    def body(self) -> Iterable[Widget]:
        yield ChoiceList[Decision](self._draw, self._items(), id="list")
        yield SpansView(self._detail, id="detail")
        yield Field(placeholder=FOUND, max_length=80, id="found")

    def on_mount(self) -> None:
        choices = self.query_one(ChoiceList)
        choices.focus()
        for index, item in enumerate(choices.items):
            if isinstance(item, Decision) and item.op.op_id == self._start:
                choices.select(index)
        self._say()

    def renew(self, decisions: Sequence[Decision], now: Instant) -> None:
        """Show what waits now. The cursor stays on its edit, and what was said of that edit stays too."""
        if not (self.is_mounted and self.query(ChoiceList)):
            # It is only coming, or already going.
            return
        before = self.selected
        self._decisions, self._now = decisions, now
        choices, items = self.query_one(ChoiceList), self._items()
        found = [at for at, one in enumerate(items) if _is(one, before)]
        if self._asking and not found:
            self._ask(None)
        choices.show(items, found[0] if found else min(choices.cursor or 0, max(0, len(items) - 1)))
        self._measure()

    def natural_height(self) -> int:
        inner = min(self.WIDTH, self.app.size.width - 2) - 4
        return min(self.HEIGHT, max(1, len(self._items())) + self._depth(inner) + 4 + self._asking)

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self._asking:
            thing = made_kind(self.selected.op).value if self.selected is not None else "one"
            return (("Enter", f"takes this {thing}"), ("Esc", "back to the choices"))
        decision = self.selected
        if decision is None:
            return (("Esc", "leaves"),)
        items = [(one.letter, one.title.lower()) for one in decision.choices]
        default = decision.default
        if self._doubted is not None:
            return (("Enter", "does it all the same"), ("jk", "another"), ("Esc", "leaves"))
        first = [("Enter", default.title.lower())] if default is not None else []
        return (*first, *items, ("jk", "move"), ("Esc", "leaves"))

    @property
    def selected(self) -> Decision | None:
        """The edit under the cursor."""
        if not self.is_mounted:
            return self._decisions[0] if self._decisions else None
        found = self.query_one(ChoiceList).selected
        return found if isinstance(found, Decision) else None

    def nearest_to(self, decision: Decision) -> list[str]:
        """The other edits as they stand: those below it from the nearest on, then those above it."""
        shown = [one.op.op_id for one in self._items() if isinstance(one, Decision)]
        at = shown.index(decision.op.op_id) if decision.op.op_id in shown else len(shown)
        return [*shown[at + 1 :], *reversed(shown[:at])]

    # -- drawing --------------------------------------------------------------------------------

    def _items(self) -> list[Decision | Divider]:
        waits = [one for one in self._decisions if one.urgent]
        told = [one for one in self._decisions if not one.urgent]
        items: list[Decision | Divider] = []
        for name, some in (("Waits for you", waits), ("Only to be told", told)):
            if some:
                items += [Divider(f"{name}  {len(some):,}"), *some]
        return items

    def _draw(self, one: Decision, width: int) -> Line:
        return decision_line(one, width, self._now, glyphs_of(self.app))

    def _depth(self, width: int) -> int:
        """The lines of the lower half: as many as the longest decision needs, so that nothing jumps."""
        deep = max((len(self._about(one, width)) for one in self._decisions[:FEW]), default=2)
        return deep + 1

    def _detail(self, width: int) -> list[Line]:
        decision = self.selected
        if decision is None:
            return [
                (("Nothing waits for a decision.", "bold"),),
                *words(
                    "An edit comes here when somebody else changed the same thing, when the system refuses "
                    "it, or when nobody can tell what became of it.",
                    width,
                    "muted",
                ),
            ]
        lines = self._about(decision, width)
        depth = self._depth(width)
        return [(), *lines, *[()] * (depth - 1 - len(lines))]

    def _about(self, one: Decision, width: int) -> list[Line]:
        """The lower half for a decision; where it is the selected one, which of its lines are choices."""
        selected = self.selected is one
        lines, rows = lower_half(one, width, self._zone, self._message if selected else None)
        if selected:
            self._rows = rows
        return lines

    # -- keys and mouse -------------------------------------------------------------------------

    def _again(self) -> None:
        self.query_one("#detail", SpansView).again()
        self.help_again()

    def _say(self) -> None:
        choices = self.query_one(ChoiceList)
        total = len(self._decisions)
        selected = self.selected
        place = next((at for at, one in enumerate(self._in_order(), 1) if one is selected), 0)
        self.count(of(place if choices.cursor is not None else 0, total, total, "edits"))

    def _in_order(self) -> list[Decision]:
        return [one for one in self._items() if isinstance(one, Decision)]

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        if self.selected is None or self.selected.op.op_id != self._weighed:
            self._message, self._doubted = None, None
        self._say()
        self._again()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        del event
        decision = self.selected
        if decision is None:
            return
        chosen = self._doubted or (decision.default.id if decision.default is not None else None)
        if chosen is not None:
            self._take(decision, chosen)

    def on_key(self, event: events.Key) -> None:
        if self._asking or event.character is None:
            return
        decision = self.selected
        choice = decision.choice(event.character) if decision is not None else None
        if decision is not None and choice is not None:
            event.stop()
            self._take(decision, choice.id)

    def on_click(self, event: events.Click) -> None:
        if event.widget is not self.query_one("#detail") or self.selected is None:
            return
        choice = self._rows.get(event.y)
        if choice is not None:
            event.stop()
            self._take(self.selected, choice.id)

    def on_input_submitted(self, event: Field.Submitted) -> None:
        if self._asking and self.selected is not None and event.value.strip():
            self._weigh(DecisionAnswer(self.selected, "found", event.value.strip()))

    def leave(self) -> bool:
        if not self._asking:
            return False
        self._ask(None)
        return True

    def _take(self, decision: Decision, choice: str) -> None:
        if choice == "found":
            self._ask(decision)
        else:
            self._weigh(DecisionAnswer(decision, choice))

    def _ask(self, decision: Decision | None) -> None:
        """Ask which job it is; None goes back to the choices."""
        self._asking = decision is not None
        self._message = None
        self.set_class(self._asking, "-asking")
        field = self.query_one("#found", Field)
        if decision is not None:
            thing = made_kind(decision.op)
            field.placeholder = "id of the visit, or JOB/2" if thing is Kind.VISIT else FOUND
            # Of several that it might be none is the likeliest.
            field.value = decision.copies[0].id if len(decision.copies) == 1 else ""
            field.focus()
        else:
            self.query_one(ChoiceList).focus()
        self._measure()
        self._again()

    def _weigh(self, answer: DecisionAnswer) -> None:
        if answer.choice == "edit" or self._check is None or self._doubted == answer.choice:
            self.dismiss(answer)
            return
        self.run_worker(self._look(answer), exclusive=True)

    async def _look(self, answer: DecisionAnswer) -> None:
        """Plan it; what cannot be is said here, and a broken rule wants the same key once more."""
        assert self._check is not None  # noqa: S101 - only weighed with it
        plan = await ask(self._check, answer)
        self._weighed = answer.decision.op.op_id
        if plan.refusal is not None:
            self._message = (plan.refusal, "error")
        elif plan.needs_second_enter:
            says = "; ".join(dict.fromkeys(one.says for one in plan.warnings))
            self._doubted = answer.choice
            told = f"Sure? {says or plan.sentence}. The same key or Enter does it all the same."
            self._message = (told, "warn")
        else:
            self.dismiss(answer)
            return
        self._measure()
        self._again()


def _is(item: Decision | Divider, other: Decision | None) -> bool:
    """Whether an item is about the same edit."""
    return isinstance(item, Decision) and other is not None and item.op.op_id == other.op.op_id
