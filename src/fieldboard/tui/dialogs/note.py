"""A note on a job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.widget import Widget
from textual.widgets import Input

from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import clean
from fieldboard.tui.dialogs.base import Dialog, Field
from fieldboard.tui.dialogs.spans import Line, cut
from fieldboard.tui.dialogs.spans_view import SpansView


class NoteDialog(Dialog[str]):
    """Asks for one line, that is added to the job's notes."""

    WIDTH: ClassVar[int] = 76

    def __init__(self, visit: PlannedVisit, count: int = 1) -> None:
        super().__init__("Note" if count == 1 else f"Note on {count} jobs")
        self._visit = visit

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        yield Field(placeholder="is added to what stands there", id="text")

    def on_mount(self) -> None:
        self.query_one(Field).focus()

    def natural_height(self) -> int:
        return 7

    def help_items(self) -> Sequence[tuple[str, str]]:
        return (("Enter", "adds it"), ("Esc", "leaves"))

    def _head(self, width: int) -> list[Line]:
        visit = self._visit
        number = visit.number or visit.job_id
        return [
            cut(
                ((number, "accent bold"), (f" {visit.title}", "bold"), (f" · {visit.customer}", "muted")),
                width,
            ),
            (),
        ]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = clean(event.value).strip()
        if text:
            self.dismiss(text)
