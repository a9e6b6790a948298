"""Another day: a month to walk through, or the day typed as people say it."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import ClassVar, Final

from textual import events
from textual.widget import Widget

from fieldboard.tui.dialogs.base import Dialog
from fieldboard.tui.dialogs.spans import Line, Span
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.typed import typed_day
from fieldboard.tui.dialogs.words import day_words

CELL: Final = 8
"""Cells of a day in the month."""
BARS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = {
    "h": -1, "left": -1, "l": 1, "right": 1, "k": -7, "up": -7, "j": 7, "down": 7, "ctrl+p": -7, "ctrl+n": 7,
}  # fmt: skip
_MONTH_STEPS: Final = {
    "left_square_bracket": -1, "right_square_bracket": 1,
    "pageup": -1, "pagedown": 1, "ctrl+u": -1, "ctrl+d": 1,
}  # fmt: skip


class DateDialog(Dialog[date]):
    """A month whose days show how busy they are: `busy` gives the visits of a day.

    Arrows and hjkl walk; digits, `+`, `-` and the beginning of a weekday are typed text.
    """

    WIDTH: ClassVar[int] = 7 * CELL + 8
    HEIGHT: ClassVar[int] = 22

    def __init__(self, day: date, busy: Callable[[date], int], today: date | None = None) -> None:
        super().__init__("Go to a day")
        self._shown = day
        self._today = today or day
        self._busy_of = busy
        self._busy: dict[date, int] = {}
        self.day = day
        self.text = ""
        self._g = False

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        yield MonthView(self)
        yield SpansView(self._typed, id="typed")

    def on_mount(self) -> None:
        self.query_one(MonthView).focus()

    def natural_height(self) -> int:
        return 2 + len(self._weeks()) * 2 + 6

    def help_items(self) -> Sequence[tuple[str, str]]:
        if self.text:
            return (("Enter", "goes there"), ("Esc", "clears"))
        return (("Enter", "goes there"), ("hjkl", "day"), ("[ ]", "month"), ("t", "today"), ("Esc", "leaves"))

    # -- what is shown --------------------------------------------------------------------------

    def _weeks(self) -> list[list[date]]:
        return calendar.Calendar().monthdatescalendar(self.day.year, self.day.month)

    def busy(self, day: date) -> int:
        """The visits of a day, asked for once."""
        if day not in self._busy:
            self._busy[day] = self._busy_of(day)
        return self._busy[day]

    def _head(self, width: int) -> list[Line]:
        month = f"{self.day:%B} {self.day.year}"
        side = max(0, (width - len(month) - 4) // 2)
        names = tuple(
            (f"{name:^{CELL}}", "muted") for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        )
        margin = " " * max(0, (width - 7 * CELL) // 2)
        return [((" " * side, ""), ("‹ ", "faint"), (month, "bold"), (" ›", "faint")), ((margin, ""), *names)]

    def weeks_lines(self, width: int) -> list[Line]:
        """Two lines a week: the days, and below each how busy it is."""
        margin = max(0, (width - 7 * CELL) // 2)
        most = max((self.busy(day) for week in self._weeks() for day in week), default=0)
        lines: list[Line] = []
        for week in self._weeks():
            top: list[Span] = [(" " * margin, "")]
            low: list[Span] = [(" " * margin, "")]
            for day in week:
                number, load = self._cell(day, most)
                top += number
                low += load
            lines += [tuple(top), tuple(low)]
        return lines

    def _cell(self, day: date, most: int) -> tuple[list[Span], list[Span]]:
        here, inside = day == self.day, day.month == self.day.month
        ground = " cursor" if here else ""
        role = "text" if inside else "faint"
        name = f"{day.day}"
        if day == self._today:
            role, name = "now bold", f"•{day.day}"
        elif day == self._shown:
            role = "accent bold"
        marks = (("▌", f"accent{ground}"), (" ", f"text{ground}")) if here else ((" ", ""), (" ", ""))
        number: list[Span] = [
            marks[0],
            (f"{name:>4}  ", (role.replace("text", "text bold") if here else role) + ground),
        ]
        number.append((" ", f"text{ground}"))
        visits = self.busy(day)
        bar = BARS[min(8, -(-visits * 8 // most))] if most and visits else " "
        said = f"{visits:>3}" if visits < 1000 else "999"
        text = f" {said} " if visits else "     "
        load: list[Span] = [
            marks[0],
            (text, f"muted{ground}"),
            (bar, f"info{ground}"),
            (" ", f"text{ground}"),
        ]
        return number, load

    def _typed(self, width: int) -> list[Line]:
        del width
        if not self.text:
            visits = self.busy(self.day)
            noun = "visit" if visits == 1 else "visits"
            return [
                (),
                (
                    (day_words(self.day, year=True), "bold"),
                    (f" · {visits:,} {noun}", "muted"),
                    (self._away(), "muted"),
                ),
            ]
        found = typed_day(self.text, self._today, self._shown)
        means: Span = (
            (f"→ {day_words(found, year=True)}", "ok")
            if found
            else ("→ no day yet: fri, +3, 24, 24.12", "warn")
        )
        return [(), ((self.text, "bold"), ("▏", "accent"), (" ", ""), means)]

    def _away(self) -> str:
        days = (self.day - self._today).days
        near = {0: " · today", 1: " · tomorrow", -1: " · yesterday"}
        if days in near:
            return near[days]
        return f" · in {days} days" if days > 0 else f" · {-days} days ago"

    # -- keys and mouse -------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        key, character = event.key, event.character or ""
        if key == "enter":
            self._take()
        elif key == "backspace":
            self._say(self.text[:-1])
        elif self.text and (character.isalnum() or character in ("+", "-", ".", "/", " ")):
            self._say(self.text + character)
        elif key in _STEPS:
            self._go(self.day, _STEPS[key])
        elif key in _MONTH_STEPS:
            self._months(_MONTH_STEPS[key])
        elif key in ("home", "end", "G"):
            last = calendar.monthrange(self.day.year, self.day.month)[1]
            self._go(self.day.replace(day=1 if key == "home" else last))
        elif key == "g":
            self._g = not self._g
            if not self._g:
                self._go(self.day.replace(day=1))
        elif character and (character.isdecimal() or character in "+-" or character in "abdefimnorstuwy"):
            self._say(character)
        else:
            return
        event.stop()
        event.prevent_default()

    def _say(self, text: str) -> None:
        self.text = text[:16]
        found = typed_day(self.text, self._today, self._shown)
        if found is not None:
            self.day = found
        self._again()
        self.help_again()

    def _go(self, day: date, days: int = 0) -> None:
        try:
            self.day = day + timedelta(days=days)
        except OverflowError:
            return
        self._again()

    def _months(self, step: int) -> None:
        month = self.day.year * 12 + self.day.month - 1 + step
        year, month = divmod(month, 12)
        if not date.min.year <= year <= date.max.year:
            return
        last = calendar.monthrange(year, month + 1)[1]
        self._go(date(year, month + 1, min(self.day.day, last)))

    def _again(self) -> None:
        for view in self.query(SpansView):
            if view.id != "help":
                view.again()
        self._measure()

    def _take(self) -> None:
        if self.text and typed_day(self.text, self._today, self._shown) is None:
            return
        self.dismiss(self.day)

    def leave(self) -> bool:
        if not self.text:
            return False
        self._say("")
        return True

    def clicked(self, x: int, y: int, width: int, chain: int) -> None:
        """A click on the month: the day under it, and its second click goes there."""
        at, week = (x - max(0, (width - 7 * CELL) // 2)) // CELL, y // 2
        weeks = self._weeks()
        if 0 <= at < 7 and 0 <= week < len(weeks):
            if chain >= 2:
                self._take()
                return
            self.text = ""
            self._go(weeks[week][at])
            self.help_again()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._months(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._months(-1)


class MonthView(SpansView, can_focus=True):
    """The days of the month."""

    def __init__(self, dialog: DateDialog) -> None:
        super().__init__(dialog.weeks_lines, id="month")
        self._dialog = dialog

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self._dialog.clicked(event.x, event.y, self.size.width, event.chain)
