"""Another start and end of a visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple

from textual import events
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from fieldboard.domain.instants import MINUTE, Instant, SkippedTime, Zone
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.dialogs.base import Dialog, Field
from fieldboard.tui.dialogs.spans import Line, cut
from fieldboard.tui.dialogs.spans_view import SpansView
from fieldboard.tui.dialogs.typed import typed_day, typed_minutes, typed_time
from fieldboard.tui.dialogs.words import day_words, length_words, span_words, window_words

STEP: int = 15
"""Minutes by which the arrows move a time."""


class Times(NamedTuple):
    """The chosen times; `end` is after `start`."""

    start: Instant
    end: Instant


class TimesDialog(Dialog[Times]):
    """Day, start and length; the end follows. Up and down move by a quarter of an hour (a day).

    `day` is the day on the board, for a visit that has none; `today` what `fri` counts from. Without
    `clock` only the day is asked: the system keeps no times, and that of what is handed over means nothing.
    """

    WIDTH: ClassVar[int] = 62
    DEFAULT_CSS: ClassVar[str] = """
    TimesDialog .row { height: 1; }
    TimesDialog .label { width: 9; }
    TimesDialog Field { max-width: 24; }
    """
    NAMES: ClassVar[tuple[str, ...]] = ("day", "start", "length", "end")

    def __init__(
        self,
        visit: PlannedVisit,
        zone: Zone,
        *,
        day: date,
        today: date | None = None,
        title: str = "Times",
        clock: bool = True,
    ) -> None:
        super().__init__(title if clock else "Day")
        self._clock = clock
        self._names = self.NAMES if clock else self.NAMES[:1]
        self._visit, self._zone = visit, zone
        self._today = today or day
        start = zone.local(visit.start) if visit.start is not None else None
        self._day = start.date() if start is not None else (visit.date or day)
        self._minutes = visit.minutes or 60
        self._first = {
            "day": day_words(self._day),
            "start": f"{start:%H:%M}" if start is not None else "",
            "length": length_words(self._minutes),
            "end": zone.clock_text(visit.start + self._minutes * MINUTE) if visit.start is not None else "",
        }
        self._wrong = ""
        self._quiet: set[str] = set()

    def body(self) -> Iterable[Widget]:
        yield SpansView(self._head, id="head")
        for name, label, hint in (
            ("day", "Day", "fri, +3, 24.12"),
            ("start", "Start", "14, 1430, 14:30"),
            ("length", "Length", "90, 1h30"),
            ("end", "End", "15:30"),
        )[: len(self._names)]:
            with Horizontal(classes="row"):
                view = SpansView(_text_of(label))
                view.add_class("label")
                yield view
                yield Field(self._first[name], hint, max_length=24, id=name)
        yield SpansView(self._says, id="says")

    def on_mount(self) -> None:
        first = self.query_one("#start" if self._clock else "#day", Field)
        first.focus()
        first.select_all()

    def help_items(self) -> Sequence[tuple[str, str]]:
        if not self._clock:
            return (("Enter", "sets it"), ("↑ ↓", "a day"), ("Esc", "leaves"))
        return (("Enter", "sets them"), ("↑ ↓", "a quarter"), ("tab", "next"), ("Esc", "leaves"))

    def natural_height(self) -> int:
        return 3 + len(self._names) + 3 + 4 + (1 if self._visit.windows else 0)

    def _head(self, width: int) -> list[Line]:
        visit = self._visit
        lines: list[Line] = [
            cut(((visit.number or visit.job_id, "accent bold"), (f" {visit.title}", "bold")), width),
            cut(((visit.customer, "muted"),), width),
        ]
        if visit.windows:
            lines.append(
                cut((("promised ", "muted"), (window_words(visit.windows[0], self._zone), "")), width)
            )
        return [*lines, ()]

    def _says(self, width: int) -> list[Line]:
        if self._wrong:
            return [(), cut(((f"⚠ {self._wrong}", "error"),), width), ()]
        times = self._times() if self.is_mounted else None
        if not isinstance(times, Times):
            return [(), cut(((f"⚠ {times}", "warn"),) if times else (), width), ()]
        zone = self._zone
        if not self._clock:
            return [(), cut(((f"→ {day_words(zone.date_of(times.start))}", "bold"),), width), ()]
        says = f"{day_words(zone.date_of(times.start))} {span_words(times.start, times.end, zone)}"
        length = length_words((times.end - times.start) // MINUTE)
        lines: list[Line] = [(), cut(((f"→ {says}", "bold"), (f" · {length}", "muted")), width)]
        window = next(iter(self._visit.windows), None)
        if window is not None and not window.start <= times.start <= window.end:
            lines.append(cut((("⚠ outside the promised window", "warn"),), width))
        else:
            lines.append(())
        return lines

    # -- the fields follow each other -----------------------------------------------------------

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value.strip()

    def _put(self, name: str, text: str) -> None:
        field = self.query_one(f"#{name}", Field)
        if field.value != text:
            self._quiet.add(name)
            field.value = text
            field.cursor_position = len(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        if name in self._quiet:
            self._quiet.discard(name)
            return
        self._wrong = ""
        if name == "day":
            day = typed_day(self._text("day"), self._today, self._day)
            if day is not None:
                self._day = day
        elif name == "length":
            minutes = typed_minutes(self._text("length"))
            if minutes is not None:
                self._minutes = minutes
                self._follow()
        elif name == "start":
            self._follow()
        elif name == "end":
            start, end = typed_time(self._text("start")), typed_time(self._text("end"))
            if start is not None and end is not None and len(self._text("end")) > 1:
                gap = (end.hour - start.hour) * 60 + end.minute - start.minute
                self._minutes = gap if gap > 0 else gap + 24 * 60
                self._put("length", length_words(self._minutes))
        self.query_one("#says", SpansView).again()

    def _follow(self) -> None:
        start = typed_time(self._text("start"))
        if start is not None:
            end = datetime.combine(self._day, start) + timedelta(minutes=self._minutes)
            self._put("end", f"{end:%H:%M}")

    def _times(self) -> Times | str:
        if typed_day(self._text("day"), self._today, self._day) is None and self._text("day") != day_words(
            self._day
        ):
            return "no such day: fri, +3, 24.12, 2026-12-24"
        if not self._clock:
            start = self._zone.day_bounds(self._day)[0]
            return Times(start, start + self._minutes * MINUTE)
        wall = typed_time(self._text("start"))
        if wall is None:
            return "a start is needed: 14, 1430, 14:30" if not self._text("start") else "no such time of day"
        if typed_minutes(self._text("length")) is None:
            return "no such length: 90, 1h30"
        try:
            start = self._zone.at(self._day, wall)
        except SkippedTime as skipped:
            return str(skipped)
        return Times(start, start + self._minutes * MINUTE)

    def on_key(self, event: events.Key) -> None:
        step = {"up": 1, "ctrl+p": 1, "down": -1, "ctrl+n": -1}.get(event.key)
        focused = self.focused
        if step is None or focused is None or focused.id not in self._names:
            return
        event.stop()
        event.prevent_default()
        name = focused.id
        if name == "day":
            try:
                self._day += timedelta(days=step)
            except OverflowError:
                return
            self._put("day", day_words(self._day))
        elif name == "length":
            self._minutes = max(STEP, (self._minutes // STEP + step) * STEP)
            self._put("length", length_words(self._minutes))
            self._follow()
        else:
            wall = typed_time(self._text(name))
            if wall is None:
                return
            moved = ((wall.hour * 60 + wall.minute) // STEP + step) * STEP % (24 * 60)
            field = self.query_one(f"#{name}", Field)
            field.value = f"{moved // 60:02d}:{moved % 60:02d}"
            field.cursor_position = len(field.value)
        self._wrong = ""
        self.query_one("#says", SpansView).again()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        times = self._times()
        if isinstance(times, Times):
            self.dismiss(times)
            return
        self._wrong = times
        self.query_one("#says", SpansView).again()


def _text_of(text: str) -> Callable[[int], list[Line]]:
    return lambda _width: [((text, "muted"),)]
