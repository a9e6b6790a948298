"""Search over all cached days: by number, title, customer, address or phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from fieldboard.domain.instants import Zone
from fieldboard.domain.priority import Priority
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.dialogs.base import Dialog, Field, ask, of
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.dialogs.spans import Line, Span, column, cut
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.words import day_words, span_words
from fieldboard.tui.glyphs import STATUS_WORDS
from fieldboard.tui.theme import priority_meaning, status_meaning

Search = Callable[[str], Sequence[PlannedVisit] | Awaitable[Sequence[PlannedVisit]]]


MOST: Final = 200
"""So many are listed; whoever looks for one of more types on."""


class SearchAnswer(NamedTuple):
    """The visit that was chosen, and all that were found (for `n` and `N`)."""

    visit: PlannedVisit
    found: tuple[PlannedVisit, ...]
    text: str


class SearchDialog(Dialog[SearchAnswer]):
    """A line to type in, and what is found below it; `names` gives technicians' names by id.

    Esc leaves the text for the list, where letters move; `/` goes back to the text.
    """

    WIDTH: ClassVar[int] = 110
    HEIGHT: ClassVar[int] = 30

    def __init__(
        self, search: Search, zone: Zone, *, text: str = "", names: Callable[[str], str] | None = None
    ) -> None:
        super().__init__("Search all cached days")
        self._search, self._zone, self._text = search, zone, text
        self._names = names or (lambda technician_id: technician_id)
        self._found: tuple[PlannedVisit, ...] = ()
        self._more = False
        self._asked = ""
        self.enter_waits = False
        self._rows = 7

    def body(self) -> Iterable[Widget]:
        yield Field(self._text, "number, title, customer, address or phone", id="text")
        yield SpansView(self._columns, id="columns")
        yield ChoiceList[PlannedVisit](self._draw, (), id="list")
        yield SpansView(self._detail, id="detail")

    def on_mount(self) -> None:
        self.query_one(Field).focus()
        if self._text:
            self._look(self._text)

    def help_items(self) -> Sequence[tuple[str, str]]:
        if isinstance(self.focused, Input):
            return (
                ("Enter", "goes there"),
                ("↑ ↓", "move"),
                ("Esc", "to the list") if self._found else ("Esc", "leaves"),
            )
        return (("Enter", "goes there"), ("jk", "move"), ("/", "back to the text"), ("Esc", "leaves"))

    def natural_height(self) -> int:
        # It grows with what is found and never shrinks: what one reads stays where it is.
        self._rows = max(self._rows, len(self._found))
        return min(self.HEIGHT, self._rows + 10)

    def _columns(self, width: int) -> list[Line]:
        if not self._found:
            says = "nothing found" if self._asked.strip() else "type to search every day in the cache"
            return [(), ((says, "muted"),)]
        heads = ("", "number", "title", "customer", "when")
        return [(), (("  ", ""), *self._row(heads, ("faint",) * 5, width - 2))]

    def _row(self, texts: Sequence[str], roles: Sequence[str], width: int) -> tuple[Span, ...]:
        """Glyph, number, title, customer and time in their columns."""
        spare = width - 2 - 8 - 22 - 3
        title = spare * 3 // 5
        widths = (2, 8, title, 1, spare - title, 2, 22)
        cells = (*texts[:3], "", texts[3], "", texts[4])
        inks = (*roles[:3], "", roles[3], "", roles[4])
        return tuple(column(text, cell, ink) for text, cell, ink in zip(cells, widths, inks, strict=True))

    def _draw(self, visit: PlannedVisit, width: int) -> Line:
        glyph = glyphs_of(self.app).of_status(visit.status)
        texts = (glyph, visit.number, visit.title, visit.customer, self._when(visit))
        return self._row(texts, (status_meaning(visit.status), "bold", "", "muted", "muted"), width)

    def _when(self, visit: PlannedVisit) -> str:
        if visit.start is not None:
            day = day_words(self._zone.date_of(visit.start))
            return f"{day:<10} {span_words(visit.start, visit.end, self._zone)}"
        if visit.date is not None:
            return f"{day_words(visit.date):<10} no time"
        return "in the queue" if visit.queued else "no time"

    def _detail(self, width: int) -> list[Line]:
        visit = self.query_one(ChoiceList).selected if self.is_mounted else None
        if not isinstance(visit, PlannedVisit):
            return [(), (), ()]
        crew = ", ".join(self._names(one) for one in visit.technician_ids) or "nobody yet"
        glyphs = glyphs_of(self.app)
        press = visit.priority if visit.priority in (Priority.HIGH, Priority.URGENT) else None
        mark = f"{glyphs.of_priority(press).strip()} {press.word}  " if press is not None else ""
        parts: list[Span] = [
            (mark, priority_meaning(press)),
            (STATUS_WORDS[visit.status], status_meaning(visit.status)),
            (" · ", "faint"), (crew, ""), (" · ", "faint"), (visit.address or "no address", "muted"),
        ]  # fmt: skip
        name = ((visit.number, "accent bold"), (f" {visit.title}", "bold"), (f" · {visit.customer}", "muted"))
        return [(), cut(name, width), cut(tuple(parts), width)]

    def on_input_changed(self, event: Input.Changed) -> None:
        self._look(event.value)

    def _look(self, text: str) -> None:
        self._asked = text
        self.run_worker(self._ask(text), group="search", exclusive=True, exit_on_error=False)

    async def _ask(self, text: str) -> None:
        found: Sequence[PlannedVisit] = await ask(self._search, text) if text.strip() else ()
        if text != self._asked:
            return
        self._found, self._more = tuple(found[:MOST]), len(found) > MOST
        self.query_one(ChoiceList).show(self._found)
        self._measure()
        self.query_one("#columns", SpansView).again()
        self.help_again()
        if self.enter_waits:
            self.enter_waits = False
            self._take()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.error is not None:
            self.count("the cache could not be searched")

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        choices = self.query_one(ChoiceList)
        place, found = choices.place, len(self._found)
        said = f"{place:,} of the first {found:,} found" if self._more else of(place, found, found, "found")
        self.count(said if self._asked.strip() else "")
        self.query_one("#detail", SpansView).again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        # What was typed just now may still be looked for.
        if any(not worker.is_finished for worker in self.workers if worker.node is self):
            self.enter_waits = bool(event.value.strip())
            return
        self._take()

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        del event
        self._take()

    def _take(self) -> None:
        visit = self.query_one(ChoiceList).selected
        if isinstance(visit, PlannedVisit):
            self.dismiss(SearchAnswer(visit, self._found, self._asked))

    def leave(self) -> bool:
        if isinstance(self.focused, Input) and self._found:
            self.query_one(ChoiceList).focus()
            self.call_after_refresh(self.help_again)
            return True
        return False

    def key_slash(self) -> None:
        self.query_one(Field).focus()
        self.call_after_refresh(self.help_again)
