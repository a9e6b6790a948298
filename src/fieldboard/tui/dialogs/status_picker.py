"""The statuses that may follow, a letter each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.board.status_plans import StatusChoice
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.dialogs.base import Dialog, Field
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.dialogs.spans import Line, and_more, cut, width_of, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.glyphs import STATUS_WORDS
from fieldboard.tui.theme import status_meaning


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The status that was chosen, and the dispatcher's reason where one was asked for."""

    choice: StatusChoice
    reason: str | None = None


class StatusPicker(Dialog[StatusAnswer]):
    """Offers only the legal statuses. One that needs a reason asks for it first."""

    WIDTH: ClassVar[int] = 72
    DEFAULT_CSS: ClassVar[str] = """
    StatusPicker #reason { display: none; margin-top: 1; }
    StatusPicker.-reason #reason { display: block; }
    StatusPicker.-reason #list { display: none; }
    """

    def __init__(self, visit: PlannedVisit, choices: Sequence[StatusChoice], *, others: int = 0) -> None:
        super().__init__("Status")
        self._others = others
        self._visit = visit
        self._choices = choices
        self._asked: StatusChoice | None = None

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        yield ChoiceList[StatusChoice](self._draw, self._choices, single_click=True, id="list")
        yield Field(placeholder="why? the reason is kept with the job's history", max_length=500, id="reason")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self._asked is not None:
            return (("Enter", "sets it"), ("Esc", "back to the statuses"))
        if not self._choices:
            return (("Esc", "leaves"),)
        return (("a letter", "sets it"), ("Enter", "sets the one shown"), ("Esc", "leaves"))

    def natural_height(self) -> int:
        inner = min(self.WIDTH, self.app.size.width - 2) - 4
        body = 2 if self._asked is not None else len(self._choices)
        return len(self._head(inner)) + body + 4

    def _head(self, width: int) -> list[Line]:
        visit, glyphs = self._visit, glyphs_of(self.app)
        now = f"{glyphs.of_status(visit.status)} {STATUS_WORDS[visit.status]}"
        lines: list[Line] = [
            cut(
                (
                    (visit.number or visit.job_id, "accent bold"),
                    (f" {visit.title}", "bold"),
                    *and_more(self._others),
                ),
                width,
            ),
            cut(
                ((visit.customer, "muted"), (" · now ", "muted"), (now, status_meaning(visit.status))), width
            ),
        ]
        if self._asked is not None:
            word = STATUS_WORDS[self._asked.status]
            lines += [(), *words(f"{word.capitalize()} needs a reason", width, "warn bold")]
        elif not self._choices:
            lines += [(), *words("No status may follow this one in this system.", width, "muted")]
        else:
            lines.append(())
        return lines

    def _draw(self, choice: StatusChoice, width: int) -> Line:
        glyphs = glyphs_of(self.app)
        spans: list[tuple[str, str]] = [
            (choice.letter, "accent bold"),
            ("  ", ""),
            (f"{glyphs.of_status(choice.status)} ", status_meaning(choice.status)),
            (f"{choice.stage or STATUS_WORDS[choice.status]:<12}", ""),
        ]
        if choice.reason_needed:
            spans.append(("  asks why", "muted"))
        whole = f"  the whole job, {self._visit.of} visits" if choice.whole_job else ""
        passed = (*(STATUS_WORDS[step] for step in choice.way[:-1]), *choice.stages)
        spans.append((way_words(passed, width - width_of(tuple(spans)) - len(whole)), "muted"))
        spans.append((whole, "warn"))
        return cut(tuple(spans), width)

    def on_key(self, event: events.Key) -> None:
        if self._asked is not None:
            return
        for choice in self._choices:
            if event.character == choice.letter:
                event.stop()
                self._take(choice)
                return

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        self._take(self._choices[event.index])

    def _take(self, choice: StatusChoice) -> None:
        if not choice.reason_needed:
            self.dismiss(StatusAnswer(choice))
            return
        self._ask(choice)

    def _ask(self, choice: StatusChoice | None) -> None:
        self._asked = choice
        self.set_class(choice is not None, "-reason")
        (self.query_one("#reason") if choice is not None else self.query_one("#list")).focus()
        self.query_one("#head", SpansView).again()
        self.help_again()
        self._measure()

    def leave(self) -> bool:
        if self._asked is None:
            return False
        self._ask(None)
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        reason = event.value.strip()
        if self._asked is not None and reason:
            self.dismiss(StatusAnswer(self._asked, reason))


def way_words(passed: Sequence[str], room: int) -> str:
    """The statuses that a choice goes by, in at most so many cells: all, the first and the last, how many."""
    if not passed:
        return ""
    ways = (" → ".join(passed), f"{passed[0]} → … → {passed[-1]}", f"{len(passed)} steps")
    return next((said for way in ways if len(said := f"  by way of {way}") <= room), "")
