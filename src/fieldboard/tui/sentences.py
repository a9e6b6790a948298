"""What the line says of the visit or technician under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.operation import UNDECIDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import fit
from fieldboard.tui.chrome.line import Part, Said, parts
from fieldboard.tui.glyphs import MARK_WORDS, STATUS_WORDS
from fieldboard.tui.ink import width_of
from fieldboard.tui.panes.column_head import NOT_READ
from fieldboard.tui.panes.look import Look, length_text, remark, span_text, times_text
from fieldboard.tui.panes.queue import promise_text
from fieldboard.tui.theme import status_meaning

if TYPE_CHECKING:
    from fieldboard.board.column import Column

TITLE: Final = 36
"""Cells of a title before what is wrong with its visit: a longer one is cut, not left out."""


def about_visit(
    visit: PlannedVisit, look: Look, conflicts: Sequence[Conflict] = (), *, wide: bool = True
) -> Said:
    """One line about a visit: what, for whom, when, what it needs, and which rules it breaks.

    Where a terminal is narrow, what is wrong stays; when comes before for whom, and that before the rest.
    """
    clock = look.zone.clock_text
    facts: list[tuple[int, str, str]] = [
        (2 * at, f"{look.glyphs.conflict} {one.says}", "error" if one.hard else "warn")
        for at, one in enumerate(conflicts[:2])
    ]
    if visit.mark:
        meaning = "error" if visit.mark in UNDECIDED else "pending"
        facts.append(
            (0, f"{look.glyphs.of_mark(visit.mark)} {MARK_WORDS.get(visit.mark, visit.mark)}", meaning)
        )
    elif said := remark(visit, look):
        facts.append((3, said, "late"))
    if visit.customer:
        facts.append((6, visit.customer, "muted"))
    when = times_text(visit, look) if visit.start is not None else length_text(visit.minutes)
    facts.append((4, when, "text"))
    if visit.actual_start is not None:
        sign = "~" if visit.observed else ""
        until = clock(visit.actual_end) if visit.actual_end is not None else "now"
        was = f"was {sign}{clock(visit.actual_start)}{look.glyphs.dash}{until}"
        facts.append((8, was, "muted"))
    if visit.windows:
        promise, colour = promise_text(visit, look)
        facts.append((5, f"promised {promise}", colour))
    if visit.skills:
        facts.append((7, "needs " + ", ".join(visit.skills), "muted"))
    if visit.of > 1:
        facts.append((10, f"visit {visit.nth} of {visit.of}", "muted"))
    if not conflicts:
        facts.append((9, STATUS_WORDS.get(visit.status, visit.raw_status), "muted"))
    if wide and visit.address:
        facts.append((11, visit.address, "faint"))
    pressed = bool(conflicts or visit.mark)
    title = fit(visit.title, TITLE) if pressed and width_of(visit.title) > TITLE else visit.title
    words = [
        Part(look.glyphs.of_status(visit.status) + " ", status_meaning(visit.status), True),
        Part(f"{visit.number} ", "accent", True),
        Part(title, "text", True, rank=1 if pressed else 0),
    ]
    return Said(parts(*words, *_facts(facts, look)), "", "surface")


def _facts(facts: Sequence[tuple[int, str, str]], look: Look) -> list[Part]:
    """Facts (rank, words, meaning) with a dot before each, that goes with it where there is no room."""
    words: list[Part] = []
    for rank, text, meaning in facts:
        words += [Part(f"  {look.glyphs.dot}  ", "faint", rank=rank), Part(text, meaning, rank=rank)]
    return words


def about_column(column: Column, look: Look, *, unread: bool = False) -> Said:
    """One line about a technician with nothing under the cursor; `unread`: nothing was ever read."""
    technician, clock = column.technician, look.zone.clock_text
    facts: list[tuple[int, str, str]] = []
    if not column.blocks:
        facts.append((4, NOT_READ if unread else "no visits on this day", "muted"))
    if column.shift is not None:
        works = f"works {clock(column.shift[0])}{look.glyphs.dash}{clock(column.shift[1])}"
        facts.append((2, works, "muted"))
    elif technician.shift is not None:
        facts.append((2, "off this day", "warn"))
    facts += [(1, away.kind, "warn") for away in column.away]
    if technician.skills:
        facts.append((5, ", ".join(technician.skills), "muted"))
    if technician.phone:
        facts.append((6, technician.phone, "muted"))
    if column.booked_min:
        facts.append((3, f"{span_text(column.booked_min)} booked", "muted"))
    return Said(parts(Part(technician.name, "text", True), *_facts(facts, look)), "", "surface")
