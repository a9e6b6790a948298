"""A visit on the rows of a column: what it says on each of them, and how that is drawn."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment

from fieldboard.domain.named import NamedTuple
from fieldboard.domain.status import Status
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.panes.look import Look, Tint, remark, short_remark, times_text, tint_of


@value_class
class Placed:
    """A visit on the grid: rows from `top` to before `bottom`, cells from `x` on."""

    visit: PlannedVisit
    top: int
    bottom: int
    x: int
    width: int
    conflict: str


class Said(NamedTuple):
    """All that a visit shows on one of its rows, on the first of which its number stands."""

    width: int
    tint: Tint
    text: str
    colour: str
    number: str | None = None
    status: Status = Status.UNKNOWN
    remark: str = ""
    conflict: str = ""
    mark: str = ""
    estimated: bool = False


def draw_visit(
    ink: Ink, one: Placed, row: int, look: Look, state: str, *, said: Said | None = None, now_row: bool
) -> None:
    """Draw the cells of a visit on one of its rows.

    `state` is `carried`, `selected`, `marked` or empty; `said` what it shows there, where that is known.
    """
    visit, palette, glyphs = one.visit, look.palette, look.glyphs
    tint = tint_of(visit, look)
    edge_glyph = glyphs.edge
    if state == "carried":
        tint = Tint("ghost", "background", "faint", "faint")
        edge_glyph = glyphs.ghost_edge
    elif state == "selected":
        edge_glyph = glyphs.edge_marked
        tint = Tint("accent", "cursor", "cursor_text", palette.mix("cursor_text", "cursor", 0.3))
    elif state == "marked":
        tint = tint._replace(ground=palette.mix("selection", "accent", 0.2))
        edge_glyph = glyphs.edge_marked
    said = said_on(one, row, look, tint) if said is None else said
    part = Ink(said.width, palette(tint.text, tint.ground))
    part.put(edge_glyph, palette(tint.edge, tint.ground))
    if said.number is not None:
        head = palette("cursor_text" if state == "selected" else tint.edge, tint.ground, bold=True)
        right = _right_marks(said, look, state)
        taken = _cells_of(right)
        glyph = glyphs.marked if state == "marked" else glyphs.of_status(said.status)
        cells = width_of(said.number)
        if cells + width_of(glyph) + 1 > part.left - taken >= cells:
            # No room beside the number: the status stands on the edge, so that no state is colour alone.
            part = Ink(said.width, palette(tint.text, tint.ground)).put(glyph, head)
        else:
            part.put(glyph, head)
            part.put("~", palette(tint.quiet, tint.ground)) if said.estimated else part.gap()
        part.put(said.number, head, min(cells, max(1, part.left - taken)))
        if said.text and part.left - taken > 4:
            part.gap().put(said.text, palette(said.colour, tint.ground), part.left - taken)
        part.fill(keep=taken).extend(right)
    else:
        part.gap(2 if said.width > 10 else 1)
        if said.text:
            part.put(said.text, palette(said.colour, tint.ground), max(1, part.left))
        elif now_row:
            part.put(glyphs.now_line * part.left, palette("now", tint.ground))
    part.fill()
    ink.take(part)


def _right_marks(said: Said, look: Look, state: str) -> list[Segment]:
    """What stands at the right of a visit's first line: `+25`, a broken rule, an unsettled edit."""
    tint, palette, glyphs = said.tint, look.palette, look.glyphs
    marks: list[Segment] = []
    if said.remark and said.width >= 12:
        marks.append(Segment(said.remark, palette(tint.edge, tint.ground, bold=True)))
    if said.conflict:
        colour = tint.edge if state == "selected" else said.conflict
        marks.append(Segment(glyphs.conflict, palette(colour, tint.ground, bold=True)))
    if said.mark:
        colour = "error" if tint.edge == "error" else "pending"
        marks.append(Segment(glyphs.of_mark(said.mark), palette(colour, tint.ground, bold=True)))
    if marks:
        marks.append(Segment(" ", palette(tint.text, tint.ground)))
    if not marks or _cells_of(marks) <= said.width - 6:
        return marks
    # Edge, status and a character of the number stay; one cell too many would lie on the next column.
    room = said.width - 4
    kept = (marks[-2:], marks[-2:-1])
    return next((some for some in kept if _cells_of(some) <= room), [])


def _cells_of(segments: Iterable[Segment]) -> int:
    return sum([width_of(segment.text) for segment in segments])


def said_on(one: Placed, row: int, look: Look, tint: Tint) -> Said:
    """What a visit shows on a row; `tint` has the colours in which it is drawn."""
    visit, line, lines = one.visit, row - one.top, one.bottom - one.top
    if line == 0:
        title = visit.title if lines <= 2 else ""
        over = short_remark(visit, look)
        return Said(
            one.width,
            tint,
            title,
            tint.text,
            visit.number,
            visit.status,
            over,
            one.conflict,
            visit.mark,
            visit.estimated,
        )
    if lines > 2:
        if line == 1:
            return Said(one.width, tint, visit.title, tint.text)
        line -= 1
    if line == 1:
        return Said(one.width, tint, visit.customer or visit.address, tint.quiet)
    if said := remark(visit, look):
        if line == 2:
            return Said(one.width, tint, said, tint.edge)
        line -= 1
    text = visit.address if line == 3 and visit.customer else ""
    if line == 2:
        nth = f" {visit.nth} of {visit.of}" if visit.of > 1 else ""
        text = times_text(visit, look) + nth
    return Said(one.width, tint, text, tint.quiet)
