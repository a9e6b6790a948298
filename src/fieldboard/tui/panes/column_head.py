"""The head of a technician's column: who, what they are doing, how full their day is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.domain.instants import MINUTE
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.panes.look import Look

if TYPE_CHECKING:
    from textual.strip import Strip

    from fieldboard.board.column import Column

_MEANINGS = (
    (("over", "late"), "late"),
    (("job", "site", "busy", "progress"), "status_in_progress"),
    (("travel", "way", "route", "driv"), "status_en_route"),
    (("break", "lunch", "hold"), "muted"),
    (("free", "avail"), "ghost"),
)


def status_colour(word: str) -> str:
    """The meaning in whose colour a technician's status is written."""
    lowered = word.lower()
    for parts, meaning in _MEANINGS:
        if any(part in lowered for part in parts):
            return meaning
    return "muted"


def load_percent(column: Column) -> int | None:
    """Booked minutes in percent of the working minutes; None where no shift is known."""
    load = column.load
    return round(100 * load) if load is not None else None


def head_of(column: Column) -> tuple[object, ...]:
    """What a column's head tells: two columns with the same have the same head."""
    return column.technician, column.jobs, column.booked_min, column.status_word, column.since


NOT_READ = "not read yet"
"""Said of a technician of whom no visit was ever read: nobody knows whether they are free."""


def draw_head(
    column: Column, line: int, lines: int, width: int, look: Look, *, lit: bool, unread: bool = False
) -> Strip:
    """One line of a column's head, which has one, two or three lines.

    `unread` says that nothing was ever read from the system: then no visit means nothing.
    """
    ground = "selection" if lit else "panel"
    palette = look.palette
    outer = Ink(width, palette("text", "background"))
    ink = Ink(width - 1, palette("text", ground))
    ink.gap(style=palette("text", ground))
    unread = unread and not column.blocks
    if line == 0 and unread:
        ink.put(column.technician.name, palette("accent" if lit else "text", ground, bold=True))
    elif unread:
        ink.put(NOT_READ if line == 1 else "", palette("muted", ground))
    elif line == 0:
        capacity = column.technician.capacity
        jobs = f"{column.jobs}/{capacity}" if capacity is not None else f"{column.jobs}"
        full = capacity is not None and column.jobs > capacity
        room = ink.left - width_of(jobs) - 2
        ink.put(column.technician.name, palette("accent" if lit else "text", ground, bold=True), room)
        ink.gap().put(jobs, palette("late" if full else "muted", ground, bold=full))
    elif line == 1:
        _draw_status(ink, column, look, ground, with_load=lines == 2)
    else:
        _draw_load(ink, column, look, ground)
    ink.fill()
    return outer.take(ink).strip()


def _draw_status(ink: Ink, column: Column, look: Look, ground: str, *, with_load: bool) -> None:
    palette = look.palette
    word = column.status_word or ""
    percent = load_percent(column)
    load = f"{percent}%" if with_load and percent is not None else ""
    since = ""
    if column.since is not None and look.now >= column.since:
        minutes = (look.now - column.since) // MINUTE
        since = f"{minutes} m" if minutes < 100 else f"{minutes // 60} h"
    right = load or since
    if right and width_of(word) + 2 > ink.left - width_of(right) - 2:
        # Rather the figure without its blank than a cut word.
        right = right.replace(" ", "")
    room = ink.left - (width_of(right) + 2 if right else 1)
    style = palette(status_colour(word), ground)
    if word:
        ink.put(f"{look.glyphs.of_technician(word)} {word}", style, room)
    else:
        ink.gap(room)
    if right:
        full = bool(load) and (percent or 0) > 100
        ink.gap().put(right, palette("late" if full else "muted", ground))


def _draw_load(ink: Ink, column: Column, look: Look, ground: str) -> None:
    percent = load_percent(column)
    palette, glyphs = look.palette, look.glyphs
    if percent is None:
        ink.put("off" if column.technician.shift is not None else "", palette("faint", ground))
        return
    text = f"{percent}%"
    room = ink.left - 6
    colour = "late" if percent > 100 else "accent"
    filled = min(room, round(room * percent / 100))
    if percent > 0:
        filled = max(1, filled)
    ink.put(glyphs.bar_full * filled, palette(colour, ground))
    ink.put(glyphs.bar_rest * (room - filled), palette("border", ground))
    ink.put(text.rjust(5), palette("late" if percent > 100 else "muted", ground))
