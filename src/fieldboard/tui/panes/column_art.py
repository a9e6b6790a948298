"""One technician's day as lines: where each visit lies, and how each row of slots is drawn."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeAlias

from fieldboard.domain.instants import HOUR, Instant
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.timetable import span_of
from fieldboard.domain.value_class import record_class, value_class
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import fit
from fieldboard.tui.ink import Ink, width_of
from fieldboard.tui.panes.look import Look, tint_of
from fieldboard.tui.panes.visit_art import Placed, Said, draw_visit, said_on

if TYPE_CHECKING:
    from textual.strip import Strip

    from fieldboard.board.column import Block, Column

GAP = 1
"""Blank cells at the right of a column."""

LEAST_LANE = 5
"""Cells below which a visit beside others is not drawn any more, but counted."""


@value_class
class Grid:
    """How time becomes rows: `rows` slots of `slot` seconds from `start`."""

    start: Instant
    slot: int
    rows: int

    def row(self, instant: Instant) -> int:
        """The row in which an instant falls; may lie outside the grid."""
        return (instant - self.start) // self.slot

    def nearest(self, instant: Instant) -> int:
        """The row whose beginning is nearest to the instant."""
        return (instant - self.start + self.slot // 2) // self.slot

    def instant(self, row: int) -> Instant:
        """The instant at which a row begins."""
        return self.start + row * self.slot


@value_class
class Ghost:
    """A carried visit where it would land: rows from `top` to before `bottom`."""

    visit: PlannedVisit
    top: int
    bottom: int
    times: str
    broken: bool


class FreeRow(NamedTuple):
    """All that a row without visits shows: two with the same are the same, whosever day it is."""

    width: int
    ground: str
    said: str
    full_hour: bool


class TakenRow(NamedTuple):
    """All that a row shows which one visit has for itself: it is the same row wherever the visit goes."""

    width: int
    ground: str
    said: Said


Alike: TypeAlias = FreeRow | TakenRow
"""What tells the rows apart that may be taken from elsewhere as they are."""


@record_class
class ColumnArt:
    """The drawing of one column at one width: what is placed where, and the rows drawn so far.

    `alike` are rows of any column, which the columns of a pane share; `of_now` is the row with the line of
    now, and the look in which it was drawn.
    """

    column: Column
    grid: Grid
    width: int
    placed: tuple[Placed, ...] = ()
    between: dict[int, str] = field(default_factory=dict)
    by_row: dict[int, list[Placed]] = field(default_factory=dict)
    strips: dict[int, Strip] = field(default_factory=dict)
    hidden: dict[int, int] = field(default_factory=dict)
    grounds: dict[int, str] = field(default_factory=dict)
    alike: dict[Alike, Strip] = field(default_factory=dict)
    of_now: tuple[Look, Strip] | None = None

    def differing(self, other: ColumnArt) -> set[int]:
        """The rows on which two drawings of one technician's day, of the same width, may not be the same."""
        if self.grid != other.grid or _free_time(self.column) != _free_time(other.column):
            return set(range(self.grid.rows))
        self.grounds = other.grounds
        moved = {*self.placed} ^ {*other.placed}
        rows = {row for one in moved for row in range(one.top, one.bottom)}
        for mine, theirs in ((self.between, other.between), (self.hidden, other.hidden)):
            rows.update(row for row in mine.keys() | theirs.keys() if mine.get(row) != theirs.get(row))
        return rows


def _free_time(column: Column) -> tuple[object, ...]:
    """What the ground of free rows depends on."""
    return column.technician.shift is None, column.shift, column.away


def lay_out(column: Column, grid: Grid, width: int) -> ColumnArt:
    """Place a column's visits, the drives between them and its breaks on the grid."""
    art = ColumnArt(column, grid, width)
    bottoms: dict[tuple[int, int], int] = {}
    placed = []
    room = width - GAP
    for block in column.blocks:
        span = span_of(block.visit)
        if span is None:
            continue
        top, bottom = grid.nearest(span[0]), grid.nearest(span[1])
        key = (block.lane, block.lanes)
        top = max(top, 0, bottoms.get(key, 0))
        bottom = min(max(bottom, top + 1), grid.rows)
        if top >= bottom:
            continue
        bottoms[key] = bottom
        lanes = max(1, min(block.lanes, room // LEAST_LANE))
        if block.lane >= lanes:
            for row in range(top, bottom):
                art.hidden[row] = art.hidden.get(row, 0) + 1
            continue
        left = room * block.lane // lanes
        right = room * (block.lane + 1) // lanes
        hard = any(conflict.hard for conflict in block.conflicts)
        conflict = ("error" if hard else "warn") if block.conflicts else ""
        placed.append(Placed(block.visit, top, bottom, left, right - left, conflict))
    art.placed = tuple(placed)
    for one in art.placed:
        for row in range(one.top, one.bottom):
            art.by_row.setdefault(row, []).append(one)
    _say_between(art, column)
    return art


def _say_between(art: ColumnArt, column: Column) -> None:
    """What stands in free rows: drives before visits, breaks and absences."""
    for start, end in column.breaks:
        for row in range(art.grid.row(start), max(art.grid.row(end - 1), art.grid.row(start)) + 1):
            if row not in art.by_row:
                art.between[row] = "break"
                break
    for absence in column.away:
        row = max(art.grid.row(absence.start), art.grid.row(column.shift[0]) if column.shift else 0)
        art.between[row] = absence.kind
    by_visit = {one.visit.id: one for one in art.placed}
    previous: Block | None = None
    for block in column.blocks:
        here = by_visit.get(block.visit.id)
        if here is not None and previous is not None and block.travel_min:
            row = here.top - 1
            before = by_visit.get(previous.visit.id)
            if row >= 0 and row not in art.by_row and (before is None or row >= before.bottom):
                art.between[row] = f"{block.travel_min} min"
        previous = block


def draw_row(
    art: ColumnArt,
    row: int,
    look: Look,
    *,
    selected: str | None = None,
    marked: frozenset[str] = frozenset(),
    ghost: Ghost | None = None,
    carried: str | None = None,
    slot: bool = False,
) -> Strip:
    """One row of the column.

    `selected` is the visit under the cursor, `marked` those marked for a bulk act, `carried` the one
    that is being moved (drawn hollow where it still stands), `slot` that the cursor is on this free row.
    """
    plain = ghost is None or not ghost.top <= row < ghost.bottom
    here = art.by_row.get(row, ())
    touched = slot or not plain
    for one in here:
        visit_id = one.visit.id
        touched = touched or visit_id in (selected, carried) or visit_id in marked
    now_row = art.grid.row(look.now) == row
    if not touched:
        if not now_row and (kept := art.strips.get(row)) is not None:
            return kept
        if now_row and art.of_now is not None and art.of_now[0] is look:
            return art.of_now[1]
    ground = "cursor" if slot else _ground(art, row)
    alike = _alike(art, row, ground, look) if not touched and not now_row else None
    if alike is not None and (drawn := art.alike.get(alike)) is not None:
        art.strips[row] = drawn
        return drawn
    ink = Ink(art.width, look.palette("faint", ground))
    room = art.width - GAP
    beside = room
    if ghost is not None and not plain:
        beside = _room_beside(art, ghost, room, carried)
        here = [_squeezed(one, beside, room) for one in here if one.visit.id != carried] if beside else ()
    if beside:
        x = 0
        for one in here:
            _blank(ink, art, row, one.x - x, look, ground=ground, now_row=now_row)
            state = (
                "carried"
                if one.visit.id == carried
                else "selected"
                if one.visit.id == selected
                else "marked"
                if one.visit.id in marked
                else ""
            )
            said = alike.said if isinstance(alike, TakenRow) else None
            draw_visit(ink, one, row, look, state, said=said, now_row=now_row)
            x = one.x + one.width
        _blank(ink, art, row, beside - x, look, ground=ground, now_row=now_row)
    if ghost is not None and not plain:
        _draw_ghost(ink, ghost, row, room - beside, look)
    if row in art.hidden:
        ink.put("+", look.palette("warn", ground, bold=True))
    elif now_row:
        ink.put(look.glyphs.now_line, look.palette("now", ground))
    strip = ink.strip()
    if not touched and now_row:
        art.of_now = (look, strip)
    elif not touched:
        art.strips[row] = strip
    if alike is not None:
        art.alike[alike] = strip
    return strip


def _alike(art: ColumnArt, row: int, ground: str, look: Look) -> Alike | None:
    """What a row shows on which there is no cursor; None where that is more than one visit."""
    if row in art.hidden:
        return None
    here = art.by_row.get(row)
    if not here:
        full_hour = (art.grid.instant(row) - art.grid.start) % HOUR == 0
        return FreeRow(art.width, ground, art.between.get(row, ""), full_hour)
    if here[0].width < art.width - GAP:
        return None
    return TakenRow(art.width, ground, said_on(here[0], row, look, tint_of(here[0].visit, look)))


def _room_beside(art: ColumnArt, ghost: Ghost, room: int, carried: str | None) -> int:
    """The cells left of a ghost that stay for the visits with which it would collide; 0 where it is alone."""
    rows = range(ghost.top, ghost.bottom)
    met = any(one.visit.id != carried for row in rows for one in art.by_row.get(row, ()))
    return room // 2 if met and room >= 2 * LEAST_LANE else 0


def _squeezed(one: Placed, beside: int, room: int) -> Placed:
    """A visit in the cells that a ghost leaves it."""
    left, right = one.x * beside // room, (one.x + one.width) * beside // room
    return replace(one, x=left, width=right - left)


def _ground(art: ColumnArt, row: int) -> str:
    """The ground of a free row: shaded where the technician does not work."""
    if (known := art.grounds.get(row)) is not None:
        return known
    column = art.column
    instant = art.grid.instant(row)
    middle = instant + art.grid.slot // 2
    off = column.shift is not None and not column.shift[0] <= middle < column.shift[1]
    off = off or (column.shift is None and column.technician.shift is not None)
    off = off or any(absence.start <= middle < absence.end for absence in column.away)
    ground = art.grounds[row] = "off_shift" if off else "background"
    return ground


def _blank(ink: Ink, art: ColumnArt, row: int, width: int, look: Look, *, ground: str, now_row: bool) -> None:
    """Free cells of a row: the drive or break that belongs there, the line of the hour or of now."""
    if width <= 0:
        return
    palette, glyphs = look.palette, look.glyphs
    said = art.between.get(row)
    if said and row not in art.by_row and width > 6:
        text = f"{glyphs.travel} {said} "
        before = ink.left
        ink.put(text, palette("travel", ground), min(width, width_of(text)))
        width -= before - ink.left
    if ground == "cursor":
        ink.put(
            fit(f"{glyphs.edge_marked} {look.zone.clock_text(art.grid.instant(row))}", width),
            palette("cursor_text", ground, bold=True),
        )
    elif now_row:
        ink.put(glyphs.now_line * width, palette("now", ground))
    elif (art.grid.instant(row) - art.grid.start) % HOUR == 0 and not said:
        ink.put(glyphs.hour_line * width, palette("border", ground))
    elif palette.mono and ground == "off_shift":
        # Without colour the shade of free time off is a pattern.
        ink.put(glyphs.shade * width, palette("faint", ground))
    else:
        ink.gap(width, palette("faint", ground))


def _draw_ghost(ink: Ink, ghost: Ghost, row: int, room: int, look: Look) -> None:
    palette, glyphs = look.palette, look.glyphs
    edge, ground = ("late", "late_bg") if ghost.broken else ("ghost", "ghost_bg")
    part = Ink(room, palette("text", ground))
    part.put(glyphs.ghost_edge, palette(edge, ground, bold=True))
    line = row - ghost.top
    if line == 0:
        part.put(f"{glyphs.picked} {ghost.visit.number}", palette(edge, ground, bold=True))
        if ghost.bottom - ghost.top == 1:
            part.gap().put(ghost.times, palette("muted", ground))
    elif line == 1:
        part.gap(2).put(ghost.times if ghost.bottom - ghost.top == 2 else ghost.visit.title)
    elif line == 2:
        part.gap(2).put(ghost.times, palette("muted", ground))
    elif line == 3:
        part.gap(2).put(ghost.visit.customer, palette("muted", ground))
    part.fill()
    ink.take(part)
