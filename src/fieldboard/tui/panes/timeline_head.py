"""The two lines above the timeline's rows: its title with what is counted, and the hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldboard.board.filters import brief
from fieldboard.domain.instants import HOUR, Instant
from fieldboard.domain.named import NamedTuple
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.panes.timeline_art import Scale, hour_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from fieldboard.board.day_board import DayBoard
    from fieldboard.tui.panes.look import Look

WEEK: Final = 168
"""Hours across, where it is a week."""


class Told(NamedTuple):
    """What the title tells: rows `first` to before `last` of `total`, hours across, visits against a rule."""

    first: int
    last: int
    total: int
    hours: int
    broken: int
    filter: str


TitleSpan = tuple[int, int, str]
"""Cells of the title, from and before, of which a click does an act."""


def draw_title(
    day: DayBoard | None, told: Told, width: int, look: Look, *, active: bool
) -> tuple[Strip, tuple[TitleSpan, ...]]:
    """The title, and what of it can be clicked; `active` says that the cursor is on the timeline."""
    palette, glyphs = look.palette, look.glyphs
    ink = Ink(width, palette("muted", "surface")).gap()
    ink.put("TIMELINE", palette("accent" if active else "text", "surface", bold=True, line=active)).gap()
    if day is None:
        return ink.strip(), ()
    part = f"{told.first + 1}{glyphs.dash}{told.last} of {told.total}"
    span = part if told.last - told.first < told.total else str(told.total)
    placed, visits = len(day.where), day.visits_count
    some = f"{placed} of {visits}" if placed < visits else str(visits)
    visits_said = f" {glyphs.dot} {some} visits"
    broken = f"{glyphs.conflict} {told.broken}" if told.broken else ""
    ink.put(f"{span} technicians")
    if told.filter:
        room = ink.left - width_of(visits_said) - len(" · filter ")
        said = brief(told.filter, room, glyphs.more)
        ink.put(f" {glyphs.dot} ").put(f"filter {said}".rstrip(), palette("warn", "surface"))
    ink.put(visits_said)
    if apart := visits - placed:
        said = f", {apart} without technician or time"
        if ink.left > width_of(said) + width_of(broken) + 16:
            ink.put(said)
    spans: list[TitleSpan] = []
    if broken and ink.left > width_of(broken) + 3:
        ink.put(f" {glyphs.dot} ")
        spans.append((width - ink.left, width - ink.left + width_of(broken), "next_conflict"))
        ink.put(broken, palette("warn", "surface"))
    across = "a week" if told.hours == WEEK else f"{told.hours} h"
    if ink.left > len(across) + 10:
        ink.fill(keep=len(across) + 6).put(f"{across}  + -", palette("faint", "surface"))
        plus = width - ink.left - len("+ -")
        spans += [(plus - 1, plus + 1, "zoom_in"), (plus + 2, plus + 4, "zoom_out")]
    return ink.strip(), tuple(spans)


def draw_axis(
    starts: Instant | None, week: Sequence[DayBoard], scale: Scale, width: int, look: Look
) -> Strip:
    """The hours, and where now is among them; the scale takes the cells at the right.

    `starts` is when the day begins, None where there is none; of a `week` it is the days instead of hours.
    """
    palette, zone, glyphs = look.palette, look.zone, look.glyphs
    ink = Ink(width, palette("faint", "surface")).gap(width - scale.width)
    if starts is None:
        return ink.strip()
    cells = [" "] * scale.width
    if week:
        for day in week:
            _put(cells, scale.cell(day.start), f"{day.day:%a} {day.day.day}")
    else:
        _put_hours(cells, starts, scale, look)
    now = scale.cell(look.now)
    if not 0 <= now < scale.width:
        return ink.put("".join(cells)).strip()
    says = glyphs.now_bar if week else zone.clock_text(look.now)
    at = max(0, min(now - len(says) // 2, scale.width - len(says)))
    _clear(cells, at - 1, at + len(says) + 1)
    text = "".join(cells)
    ink.put(text[:at], None, at).put(says, palette("now", "surface", bold=True))
    return ink.put(text[at + len(says) :]).strip()


def _put_hours(cells: list[str], starts: Instant, scale: Scale, look: Look) -> None:
    step = hour_marks(scale)
    instant = scale.start + (-(scale.start - starts)) % step
    while instant < scale.end:
        text = look.zone.clock_text(instant)
        _put(cells, scale.cell(instant), text if step < HOUR else text[:2])
        if step == HOUR:
            half = scale.cell(instant + HOUR // 2)
            if half < scale.width and cells[half] == " ":
                cells[half] = look.glyphs.dot
        instant += step


def _clear(cells: list[str], first: int, last: int) -> None:
    """Blank these cells, and with them the whole of every word that they would cut."""
    first, last = max(0, first), min(len(cells), last)
    while first > 0 and cells[first - 1] != " " and cells[first] != " ":
        first -= 1
    while last < len(cells) and cells[last] != " " and cells[last - 1] != " ":
        last += 1
    cells[first:last] = " " * (last - first)


def _put(cells: list[str], at: int, text: str) -> None:
    for step, character in enumerate(text):
        if 0 <= at + step < len(cells):
            cells[at + step] = character
