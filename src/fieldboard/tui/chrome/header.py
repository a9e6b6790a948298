"""The header: whose board, which day, what waits, and how fresh it all is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from fieldboard.domain.value_class import value_class
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.lines import LineField
from fieldboard.tui.panes.look import Look

if TYPE_CHECKING:
    from rich.style import Style
    from textual.strip import Strip


@value_class
class HeaderFacts:
    """What the header says.

    `age_s` is how old what is shown is (None: nothing was read yet), `stale_after_s` from when it is
    called stale, `offline` that there is no line (or none is wanted), `problem` why, in a few words,
    `refused` that it is the token.
    `progress` is done, total (None: unknown) and what is being read. `counts` are the jobs that the system
    itself counts, by its own words for a status.
    """

    profile: str = ""
    system: str = ""
    day: date | None = None
    today: date | None = None
    undecided: int = 0
    pending: int = 0
    age_s: int | None = None
    stale_after_s: int = 90
    offline: bool = False
    problem: str = ""
    refused: bool = False
    progress: tuple[int, int | None, str] | None = None
    clock: str = ""
    carrying: bool = False
    counts: tuple[tuple[str, int], ...] = ()


def age_text(seconds: int) -> str:
    """How old something is, in the words of a header: `4 s`, `12 min`, `3 h`, `2 d`."""
    if seconds < 90:
        return f"{max(0, seconds)} s"
    if seconds < 90 * 60:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 48 * 3600 else f"{seconds // 86400} d"


def _read(facts: HeaderFacts) -> tuple[HeaderFacts, str, bool]:
    """The facts as they read: three hours old looks the same for an hour."""
    age = facts.age_s
    if age is None:
        return facts, "", False
    return replace(facts, age_s=None), age_text(age), age > facts.stale_after_s


_NAMED = 40
"""Cells kept for the names at the left before a reason is written out."""


def _words(counts: tuple[tuple[str, int], ...]) -> list[tuple[str, int]]:
    return [(word.replace("_", " "), number) for word, number in counts]


class Header(LineField):
    """One line; the middle names the day, the right end the freshness and the time."""

    DEFAULT_CSS = "Header { height: 1; width: 100%; }"

    def __init__(self, look: Look) -> None:
        super().__init__(id="header")
        self.look = look
        self.facts = HeaderFacts()
        self.day_spans: tuple[tuple[int, int, str], ...] = ()
        self.decide_span = (0, 0)

    def say(self, **facts: object) -> None:
        """Change what the header says; painted only where it reads differently."""
        before = self.facts
        self.facts = replace(before, **facts)  # type: ignore[arg-type]
        if _read(before) != _read(self.facts):
            self.touch()

    def set_look(self, look: Look, *, repaint: bool) -> None:
        """Another theme, or another minute."""
        self.look = look
        if repaint:
            self.touch()

    def draw(self, y: int, width: int) -> Strip:
        p, facts = self.look.palette, self.facts
        ground = "panel"
        middle = self._day(narrow=width < 110)
        middle_width = sum(width_of(text) for text, _ in middle)
        ink = Ink(width, p("text", ground)).gap()
        right = self._right(ground, width - middle_width - 5, narrow=width < 110)
        taken = sum(width_of(text) for text, _ in right)
        if middle_width + taken + len("fieldboard") + 5 <= width:
            # The day and how fresh it is matter more than the name.
            ink.put("fieldboard", p("accent", ground, bold=True))
        centre = max(0, (width - middle_width) // 2)
        if width >= 84:
            room = min(ink.left - taken - middle_width - 4, centre - 14)
            name = facts.profile
            if room > 4:
                ink.gap(2).put(name, p("text", ground), min(width_of(name), room - 2))
            room = min(centre - (width - ink.left) - 3, ink.left - taken - middle_width - 5)
            if width >= 120 and room >= width_of(facts.system) and facts.system.lower() != name.lower():
                ink.gap().put(facts.system, p("faint", ground))
                told = f" {self.look.glyphs.dot} ".join(f"{n} {word}" for word, n in _words(facts.counts))
                room = min(centre - (width - ink.left) - 4, ink.left - taken - middle_width - 6)
                if told and room >= width_of(told):
                    ink.gap(2).put(told, p("muted", ground))
        used = width - ink.left
        start = max(used + 2, min(centre, width - taken - middle_width - 2))
        ink.gap(start - used)
        spans = []
        acts = (
            "previous_day",
            "go_to_date",
            "next_day",
            "today" if facts.day != facts.today else "go_to_date",
        )
        for (text, style), act in zip(middle, acts, strict=False):
            at = width - ink.left
            spans.append((at, at + width_of(text), act))
            ink.put(text, style)
        self.day_spans = tuple(spans)
        ink.fill(keep=min(ink.left, taken))
        first = width - ink.left
        self.decide_span = (first, first + width_of(right[0][0])) if facts.undecided else (0, 0)
        for text, style in right:
            ink.put(text, style)
        return ink.strip()

    def _day(self, *, narrow: bool) -> list[tuple[str, Style]]:
        p, g, facts = self.look.palette, self.look.glyphs, self.facts
        if facts.day is None:
            return []
        day = (
            f"{facts.day:%a} {facts.day.day} {facts.day:%b}"
            if narrow
            else (f"{facts.day:%a} {facts.day.day} {facts.day:%B} {facts.day.year}")
        )
        parts = [
            (f"{g.left} ", p("muted", "panel")),
            (day, p("text", "panel", bold=True)),
            (f" {g.right}", p("muted", "panel")),
        ]
        if facts.today is not None:
            away = (facts.day - facts.today).days
            words = {0: "today", 1: "tomorrow", -1: "yesterday"}
            word = words.get(away, f"in {away} days" if away > 0 else f"{-away} days ago")
            parts.append((f" {word}", p("ok" if away == 0 else "warn", "panel")))
        return parts

    def _right(self, ground: str, room: int, *, narrow: bool) -> list[tuple[str, Style]]:
        p, g, facts = self.look.palette, self.look.glyphs, self.facts
        parts: list[tuple[str, Style]] = []
        if facts.undecided:
            text = f"{g.flag} {facts.undecided}" if narrow else f"{g.flag} {facts.undecided} to decide"
            parts += [(text, p("warn", ground, bold=True)), ("  ", p("text", ground))]
        if facts.pending:
            word = "queued" if facts.offline else "sending"
            text = f"{g.sending} {facts.pending}" if narrow else f"{g.sending} {facts.pending} {word}"
            parts += [(text, p("info", ground)), ("  ", p("text", ground))]
        clock = f"  {facts.clock} "
        room -= sum(width_of(text) for text, _ in parts) + width_of(clock)
        parts += self._freshness(ground, room, narrow=narrow)
        parts.append((clock, p("text", ground, bold=True)))
        return parts

    def _freshness(self, ground: str, room: int, *, narrow: bool) -> list[tuple[str, Style]]:
        """How fresh it all is: the word always, the age where it fits, the reason where all of it does.

        What is being read stands beside it, or in its place while there is nothing that could have an age.
        """
        p, g, facts = self.look.palette, self.look.glyphs, self.facts
        if facts.progress is not None and facts.age_s is None:
            return self._progress(facts.progress, ground, narrow=narrow)
        if facts.age_s is None:
            says = facts.problem or ("offline" if facts.offline else "waiting")
            return [(f"{g.offline} {says}", p("warn", ground))]
        age = age_text(facts.age_s)
        if facts.offline:
            word = f"{g.offline} {'token refused' if facts.refused else 'offline'}"
            style = p("warn", ground, bold=True)
            age = f"{g.dot} {age}"
        elif facts.age_s > facts.stale_after_s:
            word, style = f"{g.stale} stale", p("warn", ground, bold=True)
        else:
            word, style = f"{g.live} live", p("ok", ground)
        room -= width_of(word)
        ages = (f" {age} old", f" {age}", "")
        says = next((one for one in ages if width_of(one) <= room), "")
        room -= width_of(says)
        fresh = [(word, style), (says, p("muted", ground))]
        if facts.progress is not None and says:
            return fresh + self._beside(facts.progress, ground, room)
        why = f" {g.dot} {facts.problem}" if facts.offline and facts.problem else ""
        if why and width_of(why) + _NAMED <= room:
            fresh.append((why, p("muted", ground)))
        return fresh

    def _progress(
        self, progress: tuple[int, int | None, str], ground: str, *, narrow: bool
    ) -> list[tuple[str, Style]]:
        """What is being read and how far that is, with a bar where the end is known."""
        p, g = self.look.palette, self.look.glyphs
        done, total, says = progress
        if not total:
            return [(f"{says or 'reading'} {done:,}".replace(",", " "), p("info", ground))]
        cells = 6 if narrow else 12
        full = min(cells, cells * done // max(1, total))
        return [
            (f"{says} " if says and not narrow else "", p("muted", ground)),
            (g.bar_full * full, p("accent", ground)),
            (g.bar_rest * (cells - full), p("border", ground)),
            (f" {done:,} of {total:,}".replace(",", " "), p("text", ground)),
        ]

    def _beside(
        self, progress: tuple[int, int | None, str], ground: str, room: int
    ) -> list[tuple[str, Style]]:
        """The same behind the age: all of it, or its numbers, or nothing where the names would have to go."""
        gap = (f" {self.look.glyphs.dot} ", self.look.palette("muted", ground))
        for narrow in (False, True):
            told = [gap, *self._progress(progress, ground, narrow=narrow)]
            if sum(width_of(text) for text, _ in told) + _NAMED <= room:
                return told
        return []
