"""What the line says of the visit or technician under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.operation import UNDECIDED
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.chrome.line import Part, Said, parts
from fieldboard.tui.glyphs import MARK_WORDS, STATUS_WORDS
from fieldboard.tui.panes.look import Look, length_text, remark, span_text, times_text
from fieldboard.tui.panes.queue import promise_text
from fieldboard.tui.theme import status_meaning

if TYPE_CHECKING:
    from fieldboard.board.day_board import Column


def about_visit(
    visit: PlannedVisit, look: Look, conflicts: Sequence[Conflict] = (), *, wide: bool = True
) -> Said:
    """One line about a visit: what, for whom, when, what it needs, and which rules it breaks."""
    dot = Part(f"  {look.glyphs.dot}  ", "faint")
    words: list[Part] = [
        Part(look.glyphs.of_status(visit.status) + " ", status_meaning(visit.status), True),
        Part(f"{visit.number} ", "accent", True),
        Part(visit.title, "text", True),
    ]
    for conflict in conflicts[:2]:
        words += [dot, Part(f"{look.glyphs.conflict} {conflict.says}", "error" if conflict.hard else "warn")]
    if visit.mark:
        meaning = "error" if visit.mark in UNDECIDED else "pending"
        words += [
            dot,
            Part(f"{look.glyphs.of_mark(visit.mark)} {MARK_WORDS.get(visit.mark, visit.mark)}", meaning),
        ]
    elif said := remark(visit, look):
        words += [dot, Part(said, "late")]
    words += [dot, Part(visit.customer, "muted")] if visit.customer else []
    if visit.start is not None:
        words += [dot, Part(times_text(visit, look), "text")]
    else:
        words += [dot, Part(length_text(visit.minutes), "text")]
    if visit.actual_start is not None:
        sign = "~" if visit.observed else ""
        clock = look.zone.clock_text
        until = clock(visit.actual_end) if visit.actual_end is not None else "now"
        words += [dot, Part(f"was {sign}{clock(visit.actual_start)}{look.glyphs.dash}{until}", "muted")]
    if visit.windows:
        promise, colour = promise_text(visit, look)
        words += [dot, Part(f"promised {promise}", colour)]
    if visit.skills:
        words += [dot, Part("needs " + ", ".join(visit.skills), "muted")]
    if visit.of > 1:
        words += [dot, Part(f"visit {visit.nth} of {visit.of}", "muted")]
    if not conflicts:
        words += [dot, Part(STATUS_WORDS.get(visit.status, visit.raw_status), "muted")]
    if wide and visit.address:
        words += [dot, Part(visit.address, "faint")]
    return Said(parts(*words), "", "surface")


def about_column(column: Column, look: Look) -> Said:
    """One line about a technician with nothing under the cursor."""
    technician = column.technician
    dot = Part(f"  {look.glyphs.dot}  ", "faint")
    words = [Part(technician.name, "text", True)]
    if not column.blocks:
        words += [dot, Part("no visits on this day", "muted")]
    if column.shift is not None:
        clock = look.zone.clock_text
        words += [
            dot,
            Part(f"works {clock(column.shift[0])}{look.glyphs.dash}{clock(column.shift[1])}", "muted"),
        ]
    elif technician.shift is not None:
        words += [dot, Part("off this day", "warn")]
    for away in column.away:
        words += [dot, Part(away.kind, "warn")]
    if technician.skills:
        words += [dot, Part(", ".join(technician.skills), "muted")]
    if technician.phone:
        words += [dot, Part(technician.phone, "muted")]
    if column.booked_min:
        words += [dot, Part(f"{span_text(column.booked_min)} booked", "muted")]
    return Said(parts(*words), "", "surface")
