"""Who takes a visit, and when: ranked, explained, chosen in as few keys as there can be."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import ClassVar, NamedTuple

from textual import events
from textual.widget import Widget
from textual.worker import Worker

from fieldboard.board.candidates import Candidate, Candidates
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.dialogs.base import Dialog, ask, of
from fieldboard.tui.dialogs.candidate_lines import candidate_line, columns_line, reason_lines
from fieldboard.tui.dialogs.choice_list import ChoiceList, Divider
from fieldboard.tui.dialogs.ink import glyphs_of
from fieldboard.tui.dialogs.spans import Line, Span, and_more, ends, flow, words
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.typed import half_typed, typed_time
from fieldboard.tui.dialogs.words import day_words, length_words, when_words, window_words
from fieldboard.tui.theme import priority_meaning

Rank = Callable[[Instant | None], Candidates | Awaitable[Candidates]]


class AssignChoice(NamedTuple):
    """Who, and from when (None: without a time). `confirmed`: a broken rule was seen and accepted."""

    technician_id: str
    start: Instant | None
    confirmed: bool = False


class AssignPicker(Dialog[AssignChoice]):
    """Lists technicians, the best first and the unsuitable below with what excludes them.

    Letters narrow by name, digits set the time, Backspace takes back what was typed last, Esc clears what
    was typed and then leaves. Enter takes the one shown; where that breaks a rule it says which, and a
    second Enter takes it all the same. With `others` that go along nothing is asked here: the question
    that follows speaks for all of them. `rank` is asked anew only when the time changes; keys that come
    before its answer wait for it. `day` is the day that typed times are of.
    """

    WIDTH: ClassVar[int] = 118
    HEIGHT: ClassVar[int] = 36

    def __init__(self, visit: PlannedVisit, rank: Rank, zone: Zone, *, day: date, others: int = 0) -> None:
        super().__init__("Assign")
        self._others = others
        self._visit, self._rank, self._zone, self._day = visit, rank, zone, day
        self._typed = ""
        self._candidates: Candidates | None = None
        self._names: list[tuple[str, Candidate]] = []
        self._ranked_for: Instant | None = None
        self._asked_for: Instant | None = None
        self.enter_waits = False
        self._failed = False
        self._chosen_by_hand: str | None = None
        self._confirming: str | None = None
        self._message: tuple[str, str] = ("", "")

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        yield ChoiceList[Candidate](self._draw, (), letters=False, id="list")
        yield SpansView(self._foot, id="foot")

    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()
        self._ask(None)

    def natural_height(self) -> int:
        inner = min(self.WIDTH, self.app.size.width - 2) - 4
        rows = len(self._names) + 1 if self._names else 12
        return min(self.HEIGHT, len(self._head(inner)) + rows + 3 + 4)

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self._confirming is not None:
            return (("Enter", "assigns all the same"), ("Esc", "thinks again"))
        esc = ("Esc", "clears") if self._typed else ("Esc", "leaves")
        return (("Enter", "assigns"), ("letters", "narrow"), ("digits", "set the time"), ("↑ ↓", "move"), esc)

    # -- what was typed -------------------------------------------------------------------------

    @property
    def letters(self) -> str:
        """What was typed of a name."""
        return "".join(one for one in self._typed if not one.isdecimal()).strip()

    @property
    def digits(self) -> str:
        """What was typed of a time."""
        return "".join(one for one in self._typed if one.isdecimal())

    @property
    def start(self) -> Instant | None:
        """The typed time on the day; None where none was typed, or not yet one."""
        wall = typed_time(self.digits)
        return self._zone.nearest(self._day, wall) if wall is not None else None

    def on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "escape"):
            return
        if self.enter_waits:
            event.stop()
            return
        character = event.character or ""
        if event.key == "backspace":
            self._type(self._typed[:-1])
        elif character.isdecimal():
            if len(self.digits) < 4 and typed_time(self.digits + character) is not None:
                self._type(self._typed + character)
        elif (
            character and character.isprintable() and (character != " " or self.letters) and character != ":"
        ):
            self._type(self._typed + character)
        else:
            return
        event.stop()

    def _type(self, typed: str) -> None:
        before = self.digits
        self._typed = typed
        self._chosen_by_hand = None
        self._doubt(None)
        if self.digits != before and not half_typed(self.digits):
            self._ask(self.start)
        self._list()
        self.query_one("#head", SpansView).again()
        self.help_again()

    def leave(self) -> bool:
        if self._confirming is not None or self.enter_waits:
            self.enter_waits = False
            self._doubt(None)
            return True
        if not self._typed:
            return False
        self._type("")
        return True

    # -- the ranking ----------------------------------------------------------------------------

    def _ask(self, start: Instant | None) -> None:
        self._asked_for = start
        if self._candidates is not None and self._ranked_for == start:
            return
        self.run_worker(self._answer(start), group="rank", exclusive=True, exit_on_error=False)

    async def _answer(self, start: Instant | None) -> None:
        found: Candidates = await ask(self._rank, start)
        if start != self._asked_for:
            return
        self._candidates, self._ranked_for = found, start
        self._names = [(_plain(one.technician.name), one) for one in found.all]
        self._measure()
        self._list()
        self.query_one("#head", SpansView).again()
        if self.enter_waits:
            self.enter_waits = False
            self._take()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.error is not None:
            self.enter_waits, self._failed = False, True
            self._message = ("the technicians could not be ranked; Enter tries again", "error")
            self.query_one("#foot", SpansView).again()

    def _list(self) -> None:
        if self._candidates is None:
            return
        wanted = _plain(self.letters)
        good: list[tuple[int, Candidate]] = []
        bad: list[tuple[int, Candidate]] = []
        for name, one in self._names:
            how = _match(name, wanted)
            if how is not None:
                (bad if one.excluded else good).append((how, one))
        if wanted:
            good.sort(key=lambda pair: (bool(pair[1].broken), pair[0]))
            bad.sort(key=lambda pair: pair[0])
        items: list[Candidate | Divider] = [one for _how, one in good]
        if bad:
            items.append(Divider(f"not suitable  {len(bad):,}"))
            items += [one for _how, one in bad]
        choices = self.query_one(ChoiceList)
        choices.show(items, self._cursor(items, [*good, *bad]))
        shown = len(good) + len(bad)
        self._count(shown)

    def _cursor(self, items: list[Candidate | Divider], rows: list[tuple[int, Candidate]]) -> int:
        """Where the cursor goes: to who was chosen by hand, else to the best of whose name fits best."""
        if self._chosen_by_hand is not None:
            for index, one in enumerate(items):
                if not isinstance(one, Divider) and one.technician.id == self._chosen_by_hand:
                    return index
        if not rows:
            return 0
        best = min(how for how, _one in rows)
        first = next(one for how, one in rows if how == best)
        return items.index(first)

    def _count(self, shown: int) -> None:
        place = self.query_one(ChoiceList).place
        self.count(of(place, shown, len(self._names), "technicians"))

    def on_choice_list_moved(self, event: ChoiceList.Moved) -> None:
        del event
        choices = self.query_one(ChoiceList)
        self._count(choices.choices_count)
        chosen = choices.selected
        if isinstance(chosen, Candidate):
            if chosen.technician.id != self._confirming:
                self._doubt(None)
            if choices.by_hand:
                self._chosen_by_hand = chosen.technician.id
        self.query_one("#foot", SpansView).again()

    # -- choosing -------------------------------------------------------------------------------

    def on_choice_list_chosen(self, event: ChoiceList.Chosen) -> None:
        event.stop()
        self._enter()

    def key_enter(self) -> None:
        # The list is empty until the ranking is there: Enter waits for it.
        self._enter()

    def _enter(self) -> None:
        if half_typed(self.digits) or self._failed:
            self._failed = False
            self._ask(self.start)
        if self._candidates is None or self._ranked_for != self._asked_for:
            self.enter_waits = True
            return
        self._take()

    def _take(self) -> None:
        one = self.query_one(ChoiceList).selected
        if not isinstance(one, Candidate):
            return
        broken = (*one.excluded, *one.broken)
        confirmed = self._confirming == one.technician.id
        if broken and not confirmed and not self._others:
            self._doubt(one)
            return
        start = one.start if one.start is not None else self._ranked_for
        self.dismiss(
            AssignChoice(one.technician.id, start if start is not None else self._visit.start, confirmed)
        )

    def _doubt(self, one: Candidate | None) -> None:
        """Ask for a second Enter, or take the question back."""
        if one is None and self._confirming is None:
            return
        self._confirming = one.technician.id if one is not None else None
        says = ", ".join((*one.excluded, *one.broken)) if one is not None else ""
        self._message = (
            (f"{one.technician.name}: {says}. Enter again assigns all the same.", "warn") if one else ("", "")
        )
        self.query_one("#foot", SpansView).again()
        self.help_again()

    # -- drawing --------------------------------------------------------------------------------

    def _head(self, width: int) -> list[Line]:
        visit, glyphs = self._visit, glyphs_of(self.app)
        press = visit.priority.word if visit.priority is not None else ""
        role = priority_meaning(visit.priority)
        number = visit.number or visit.job_id
        facts: list[Line] = [((visit.customer or "no customer", ""),)]
        for window in visit.windows[:2]:
            facts.append((("promised ", "muted"), (window_words(window, self._zone), "")))
        if visit.skills:
            facts.append((("needs ", "muted"), (", ".join(visit.skills), "")))
        facts.append(((length_words(visit.minutes), ""),))
        if visit.start is not None:
            facts.append((("now at ", "muted"), (when_words(visit, self._zone), "")))
        first = ends(
            ((number, "accent bold"), (f" {visit.title}", "bold"), *and_more(self._others)),
            ((f"{glyphs.of_priority(visit.priority).strip()} {press}", f"{role} bold"),) if press else (),
            width,
        )
        return [first, *flow(facts, width)[:3], (), self._typed_line(width), columns_line(width)]

    def _typed_line(self, width: int) -> Line:
        letters, digits = self.letters, self.digits
        who: tuple[Span, ...] = ((letters, "bold"),) if letters else (("anybody", "faint"),)
        at: tuple[Span, ...] = (("the earliest that fits", "faint"),)
        if digits:
            wall = typed_time(digits)
            at = ((f"{wall:%H:%M}" if wall is not None else digits, "bold"),)
        elif self._candidates is not None and self._candidates.fixed and self._visit.start is not None:
            at = ((self._zone.clock_text(self._visit.start), ""), (" as planned", "faint"))
        cursor: tuple[Span, ...] = (("▏", "accent"),)
        left = (("Who ", "muted"), *who, *(cursor if letters and not self._typed[-1:].isdecimal() else ()))
        right = (("   When ", "muted"), *at, *(cursor if self._typed[-1:].isdecimal() else ()))
        return ends((*left, *right), ((day_words(self._day), "muted"),), width)

    def _draw(self, one: Candidate, width: int) -> Line:
        estimated = self._candidates is not None and self._candidates.estimated
        return candidate_line(one, width, self._zone, estimated=estimated)

    def _foot(self, width: int) -> list[Line]:
        says, role = self._message
        if says:
            lines = words(f"⚠ {says}", width, f"{role} bold", limit=2)
            return [(), *lines, *[()] * (2 - len(lines))]
        if self._candidates is None:
            return [(), (("ranking the technicians…", "muted"),), ()]
        one = self.query_one(ChoiceList).selected
        if not isinstance(one, Candidate):
            return [(), ((f"nobody's name has {self.letters!r} in it", "warn"),), ()]
        lines = reason_lines(one, width)[:2]
        return [(), *lines, *[()] * (2 - len(lines))]


def _plain(name: str) -> str:
    """A name as it is compared: without case and accents."""
    folded = unicodedata.normalize("NFD", name.casefold())
    return "".join(one for one in folded if not unicodedata.combining(one))


def _match(name: str, wanted: str) -> int | None:
    """How a name fits: 0 begins with it, 1 a word of it does, 2 it is somewhere within; None not at all."""
    if not wanted or name.startswith(wanted):
        return 0
    if f" {wanted}" in name:
        return 1
    return 2 if wanted in name else None
