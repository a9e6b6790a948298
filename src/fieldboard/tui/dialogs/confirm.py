"""A question with yes and no, for what cannot simply be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.widget import Widget

from fieldboard.tui.dialogs.base import Dialog
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.spans import Line, words
from fieldboard.tui.dialogs.spans_view import SpansView


class ConfirmDialog(Dialog[bool]):
    """Asks `question`, explains with `details`; answers True or False (Esc is no).

    `yes` and `no` say in words what each answer does. `safe` puts the cursor on no.
    """

    WIDTH: ClassVar[int] = 64

    def __init__(
        self,
        question: str,
        details: Sequence[str] = (),
        *,
        yes: str = "Yes",
        no: str = "No, leave it as it is",
        title: str = "Sure?",
        safe: bool = True,
    ) -> None:
        super().__init__(title)
        self._question = question
        self._details = details
        self._answers = ((True, "y", yes), (False, "n", no))
        self._safe = safe

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._text, id="head")
        yield ChoiceList[tuple[bool, str, str]](self._answer, self._answers, single_click=True, id="list")

    def on_mount(self) -> None:
        answers = self.query_one(ChoiceList)
        answers.styles.height = len(self._answers)
        answers.select(1 if self._safe else 0)
        answers.focus()

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("y", "yes"), ("n", "no"), ("Enter", "takes the one shown"), ("Esc", "no"))

    def natural_height(self) -> int:
        return len(self._text(self._inner())) + len(self._answers) + 4

    def _inner(self) -> int:
        return min(self.WIDTH, self.app.size.width - 2) - 4

    def _text(self, width: int) -> list[Line]:
        lines = words(self._question, width, "bold")
        for detail in self._details:
            lines += words(detail, width, "muted")
        return [*lines, ()]

    def _answer(self, answer: tuple[bool, str, str], width: int) -> Line:
        del width
        return ((answer[1], "accent bold"), (f"  {answer[2]}", ""))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("y", "n"):
            event.stop()
            self.dismiss(event.key == "y")

    def action_leave(self) -> None:
        self.dismiss(False)

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        self.dismiss(self._answers[event.index][0])
