"""One technician's row of the timeline: planned bars, actual times, the line of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from itertools import compress, count, islice
from operator import is_not
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.segment import Segment
from rich.style import Style

from fieldboard.domain.instants import HOUR, Instant
from fieldboard.domain.timetable import span_of
from fieldboard.domain.value_class import record_class, value_class
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import cell_width, fit, one_line, single_cells
from fieldboard.tui.panes.look import Look, short_remark, tint_of

if TYPE_CHECKING:
    from fieldboard.board.column import Column


BAR_EDGE: Final = 0.22
"""How much of its edge's colour the ground of a bar has."""


@value_class
class Scale:
    """How time becomes cells: `width` cells from `start` on, `span` seconds in all."""

    start: Instant
    span: int
    width: int

    def cell(self, instant: Instant) -> int:
        """The cell in which an instant falls; may lie outside."""
        return (instant - self.start) * self.width // self.span

    def instant(self, cell: int) -> Instant:
        """The instant at which a cell begins."""
        return self.start + cell * self.span // self.width

    @property
    def end(self) -> Instant:
        """The instant after the last cell."""
        return self.start + self.span


Drawn: TypeAlias = tuple[list[str], list[Style]]
"""The cells of a bar: a character and its style each."""


@record_class
class Bars:
    """Bars as they lie on the cells of one scale in one look: most of a row is as it was before.

    `kept` is by visit: what it and a broken rule made, and from which cell on. `made` is by all that a bar
    shows but its place: a visit that only moves is drawn elsewhere as it was. None is one that `made` cannot
    keep, because of its wide characters.
    """

    scale: Scale
    look: Look
    kept: dict[str, tuple[PlannedVisit, bool, int, Drawn]] = field(default_factory=dict)
    made: dict[tuple[object, ...], Drawn | None] = field(default_factory=dict)


@record_class
class _Cells:
    """Cells being painted: a character, its style, each."""

    text: list[str]
    style: list[Style]

    def put(self, at: int, text: str, style: Style) -> None:
        if single_cells(text):
            # A character a cell, unless that cell or the next is half of a wide one.
            first, last = max(at, 0), min(at + len(text), len(self.text))
            if last <= first:
                return
            if "" not in self.text[first : last + 1]:
                self.text[first:last] = text[first - at : last - at]
                self.style[first:last] = [style] * (last - first)
                return
        for character in text:
            wide = cell_width(character)
            if wide == 0:
                # A mark belongs to the character before it, also where that takes two cells.
                on = at - 2 if 0 < at <= len(self.text) and self.text[at - 1] == "" else at - 1
                if 0 <= on < len(self.text):
                    self.text[on] += character
                continue
            if wide == 2 and not 0 <= at < len(self.text) - 1:
                # Half of it would lie outside.
                self._set(at, " ", style)
                self._set(at + 1, " ", style)
            else:
                self._set(at, character, style)
                if wide == 2:
                    self._set(at + 1, " ", style)
                    self.text[at + 1] = ""
            at += wide

    def _set(self, at: int, character: str, style: Style) -> None:
        """Put a character into a cell; of a wide one that is half covered a blank stays."""
        if not 0 <= at < len(self.text):
            return
        if self.text[at] == "":
            self.text[at - 1] = " "
        if at + 1 < len(self.text) and self.text[at + 1] == "":
            self.text[at + 1] = " "
        self.text[at], self.style[at] = character, style

    def segments(self) -> list[Segment]:
        """Neighbours of one style as one segment."""
        text, style = self.text, self.style
        # Three hundred cells in some thirty runs: no loop of ours over cells.
        ends = compress(count(1), map(is_not, style, islice(style, 1, None)))
        done: list[Segment] = []
        first = 0
        for last in (*ends, len(style)):
            done.append(Segment("".join(text[first:last]), style[first]))
            first = last
        return done


def draw_bars(
    columns: Iterable[Column],
    scale: Scale,
    look: Look,
    *,
    selected: str | None = None,
    marked: frozenset[str] = frozenset(),
    carried: str | None = None,
    ghost: tuple[Instant, Instant, str, bool] | None = None,
    bars: Bars | None = None,
) -> list[Segment]:
    """The bars of one technician (several columns: several days) over the hours of the scale.

    `bars` are those drawn before on this scale and in this look, and kept for the next time. `ghost` is where
    a carried visit would land: start, end, number, and whether it breaks a rule.
    """
    palette, glyphs = look.palette, look.glyphs
    free = palette("faint", "surface")
    cells = _Cells([" "] * scale.width, [free] * scale.width)
    shut = palette("faint", "off_shift")
    columns = tuple(columns)
    _shade(cells, columns, scale, shut, glyphs.shade if palette.mono else " ")
    for column in columns:
        for block in column.blocks:
            state = "ghost" if block.visit.id == carried else ""
            state = "selected" if block.visit.id == selected else state
            state = "marked" if block.visit.id in marked and not state else state
            broken = bool(block.conflicts)
            if bars is None or state or block.visit.actual_start is not None:
                _draw_bar(cells, block.visit, scale, look, state, broken=broken)
            else:
                _put_bar(cells, block.visit, bars, broken=broken)
    if ghost is not None:
        start, end, number, broken = ghost
        edge, ground = ("late", "late_bg") if broken else ("ghost", "ghost_bg")
        first, last = scale.cell(start), max(scale.cell(end), scale.cell(start) + 1)
        ground = palette.mix(ground, edge, 0.25)
        met = _cells_of(columns, scale, carried)
        label = palette("text", ground, bold=True)
        _draw_ghost(cells, range(first, last), met, f"{glyphs.picked} {number}", label)
        cells.put(first, glyphs.ghost_edge, palette(edge, ground, bold=True))
        cells.put(last - 1, glyphs.ghost_edge, palette(edge, ground, bold=True))
    now = scale.cell(look.now)
    if 0 <= now < scale.width and cells.text[now] in (" ", glyphs.actual, glyphs.shade):
        base = cells.style[now]
        ground = base.bgcolor.get_truecolor().hex if base.bgcolor is not None else "surface"
        cells.text[now] = glyphs.now_bar
        cells.style[now] = palette("now", ground)
    return cells.segments()


def _cells_of(columns: tuple[Column, ...], scale: Scale, carried: str | None) -> frozenset[int]:
    """The cells on which visits lie, other than the carried one."""
    cells: set[int] = set()
    for visit in (block.visit for column in columns for block in column.blocks):
        if visit.id != carried and (span := span_of(visit)) is not None:
            cells.update(range(scale.cell(span[0]), max(scale.cell(span[1]), scale.cell(span[0]) + 1)))
    return frozenset(cells)


def _draw_ghost(cells: _Cells, span: range, met: frozenset[int], label: str, style: Style) -> None:
    """A ghost over bars: what it would collide with keeps its words on the ghost's ground.

    The label stands where it covers nothing; without such a place only the ground and the edges show.
    """
    first, last = span.start, span.stop
    for cell in range(max(first, 0), min(last, len(cells.text))):
        if cell in met:
            cells.style[cell] = style
        else:
            cells.put(cell, " ", style)
    room = cell_width(label)
    if met.isdisjoint(range(first, last)):
        cells.put(first + 1, fit(label, last - first - 1), style)
        return
    free = (at for at in range(first + 1, last - room) if met.isdisjoint(range(at, at + room)))
    if (at := next(free, None)) is not None:
        cells.put(at, label, style)


def _shade(cells: _Cells, columns: tuple[Column, ...], scale: Scale, shut: Style, character: str) -> None:
    """Shade what lies outside the shifts."""
    if all(column.shift is None and column.technician.shift is None for column in columns):
        return
    free = list(cells.style)
    _fill(cells, 0, scale.width, [shut] * scale.width, character)
    for column in columns:
        if column.shift is not None:
            first, last = (min(max(0, scale.cell(one)), scale.width) for one in column.shift)
            _fill(cells, first, last, free[first:last], " ")
            for absence in column.away:
                first, last = (
                    min(max(0, scale.cell(one)), scale.width) for one in (absence.start, absence.end)
                )
                _fill(cells, first, last, [shut] * (last - first), character)


def _fill(cells: _Cells, first: int, last: int, styles: list[Style], character: str) -> None:
    if first < last:
        cells.style[first:last] = styles
        cells.text[first:last] = [character] * (last - first)


def _put_bar(cells: _Cells, visit: PlannedVisit, bars: Bars, *, broken: bool) -> None:
    """A bar without a state and without actual times: nothing on its cells depends on what was there."""
    kept = bars.kept.get(visit.id)
    if kept is None or kept[0] is not visit or kept[1] != broken:
        plain = _plain_bar(visit, bars, broken=broken)
        kept = (visit, broken, *plain) if plain is not None else None
    if kept is not None:
        bars.kept[visit.id] = kept
        _, _, first, (text, style) = kept
        last = first + len(text)
        if "" not in cells.text[first : last + 1]:
            cells.text[first:last], cells.style[first:last] = text, style
            return
    drawn = _draw_bar(cells, visit, bars.scale, bars.look, "", broken=broken)
    if drawn:
        first, last = drawn.start, drawn.stop
        bars.kept[visit.id] = visit, broken, first, (cells.text[first:last], cells.style[first:last])


def _plain_bar(visit: PlannedVisit, bars: Bars, *, broken: bool) -> tuple[int, Drawn] | None:
    """What `_draw_bar` would draw, and from which cell on; None for one cut off or with wide characters."""
    span = span_of(visit)
    if span is None:
        return None
    scale = bars.scale
    begin, finish = _planned(visit, span)
    first = scale.cell(begin)
    width = max(scale.cell(finish) - first, 1)
    if first < 0 or first + width > scale.width:
        return None
    over = short_remark(visit, bars.look)
    shows = (
        *(width, broken, over, visit.status, visit.mark, visit.number, visit.customer or visit.title),
        visit.estimated,
    )
    if shows not in bars.made:
        bars.made[shows] = _cells_drawn(visit, width, bars.look, broken=broken)
    drawn = bars.made[shows]
    return (first, drawn) if drawn is not None else None


def _cells_drawn(visit: PlannedVisit, width: int, look: Look, *, broken: bool) -> Drawn | None:
    """A bar of so many cells, all of it in sight; None for one with wide characters."""
    palette, glyphs, tint = look.palette, look.glyphs, tint_of(visit, look)
    ground = palette.mix(tint.ground, tint.edge, BAR_EDGE)
    body, edge = palette(tint.text, ground), palette(tint.edge, ground)
    text, style = [" "] * width, [body] * width
    if palette.mono and width > 2:
        text[-1], style[-1] = glyphs.bar_end, edge
    text[0], style[0] = glyphs.edge, edge
    if width >= 3:
        mark = glyphs.of_mark(visit.mark) if visit.mark else glyphs.conflict if broken else ""
        label = _label(visit, width - 1 - len(mark), look)
        if not single_cells(label):
            return None
        end = 1 + len(label)
        text[1:end], style[1:end] = label, [body] * len(label)
        if label == one_line(visit.number):
            text[0], style[0] = glyphs.of_status(visit.status), palette(tint.edge, ground, bold=True)
        if mark and width >= 4:
            at = min(end, width - 1)
            text[at], style[at] = mark, palette("pending" if visit.mark else "warn", ground, bold=True)
    return text, style


def _planned(visit: PlannedVisit, span: tuple[Instant, Instant]) -> tuple[Instant, Instant]:
    """From when to when a bar lies: as planned, and where nothing is planned as it was."""
    if visit.start is None:
        return span
    return visit.start, visit.end if visit.end is not None else span[1]


def _draw_bar(
    cells: _Cells, visit: PlannedVisit, scale: Scale, look: Look, state: str, *, broken: bool
) -> range:
    """Draw a bar with whatever state it has over what lies there; the cells of its time that are in sight."""
    palette, glyphs = look.palette, look.glyphs
    span = span_of(visit)
    if span is None:
        return range(0)
    begin, finish = _planned(visit, span)
    first, last = scale.cell(begin), max(scale.cell(finish), scale.cell(begin) + 1)
    if last <= 0 or first >= scale.width:
        return range(0)
    tint = tint_of(visit, look)
    ground = palette.mix(tint.ground, tint.edge, BAR_EDGE)
    text = tint.text
    if state == "selected":
        ground, text = "cursor", "cursor_text"
    elif state == "marked":
        ground = palette.mix("selection", "accent", 0.3)
    elif state == "ghost":
        ground, text = "surface", "faint"
    shown_first, shown_last = max(first, 0), min(last, scale.width)
    body = palette(text, ground, bold=state == "selected")
    edge = glyphs.edge_marked if state == "selected" else glyphs.edge
    cells.put(shown_first, " " * (shown_last - shown_first), body)
    if visit.actual_start is not None:
        done = visit.actual_end if visit.actual_end is not None else look.now
        a, b = max(scale.cell(visit.actual_start), 0), min(scale.cell(done), scale.width)
        inside = palette(tint.edge, ground)
        for cell in range(a, b):
            style = inside if shown_first <= cell < shown_last else palette(tint.edge, "surface")
            if shown_first <= cell < shown_last or cells.text[cell] == " ":
                cells.text[cell], cells.style[cell] = glyphs.actual, style
    width = shown_last - shown_first
    if palette.mono and last <= scale.width and shown_last - shown_first > 2:
        # Without colour, bars must still end somewhere.
        cells.put(shown_last - 1, glyphs.bar_end, palette(tint.edge, ground))
    cells.put(shown_first, edge, palette(tint.edge if state != "selected" else "accent", ground))
    if width >= 3:
        mark = glyphs.of_mark(visit.mark) if visit.mark else glyphs.conflict if broken else ""
        label = _label(visit, width - 1 - len(mark), look)
        cells.put(shown_first + 1, label, palette(text, ground, bold=state == "selected"))
        if label == one_line(visit.number):
            # No room beside the number: the status stands on the edge, so that no state is colour alone.
            on_edge = palette("accent" if state == "selected" else tint.edge, ground, bold=True)
            cells.put(shown_first, look.glyphs.of_status(visit.status), on_edge)
        if mark and width >= 4:
            colour = "pending" if visit.mark else "warn"
            at = shown_first + 1 + min(cell_width(label), width - 2)
            cells.put(at, mark, palette(colour if state != "selected" else text, ground, bold=True))
    return range(shown_first, shown_last)


def _label(visit: PlannedVisit, room: int, look: Look) -> str:
    """What fits on a bar: glyph and number, `~` between them where its time is estimated, then more."""
    glyph, number = look.glyphs.of_status(visit.status), one_line(visit.number)
    cells, sign = cell_width(number), "~" if visit.estimated else " "
    if cells + 3 <= room:
        more = short_remark(visit, look) or one_line(visit.customer or visit.title)
        whole = f"{glyph}{sign}{number} "
        return f"{whole}{more} " if cells + 4 + cell_width(more) <= room else whole
    if cells + 2 <= room:
        return f"{glyph}~{number}" if visit.estimated else f"{glyph}{number} "
    if cells <= room:
        return number
    if room > 16:
        return fit(f"{glyph}{sign}{number} {visit.customer or visit.title}", room - 1) + " "
    # A number that is cut is none: the glyph alone.
    return fit(f"{glyph}~" if visit.estimated and room > 1 else glyph, room)


def hour_marks(scale: Scale) -> int:
    """Seconds between the labels of the axis: enough cells for each."""
    for step in (HOUR // 4, HOUR // 2, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR):
        if step * scale.width // scale.span >= 7:
            return step
    return 24 * HOUR
