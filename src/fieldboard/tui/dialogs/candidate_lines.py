"""How a technician who could take a visit is drawn: a row of the list, and the reasons below it."""

from __future__ import annotations

from fieldboard.board.candidates import Candidate
from fieldboard.domain.instants import Zone
from fieldboard.text import cell_width
from fieldboard.tui.dialogs.spans import Line, Span, column, cut, flow, width_of
from fieldboard.tui.dialogs.words import span_words


def columns_line(width: int) -> Line:
    """What the columns of the list are called."""
    name, bar = _widths(width - 4)
    return (
        ("  ", ""), column("#", 3, "faint", right=True), (" ", ""),
        column("technician", name, "faint"), (" ", ""),
        column("time", 12, "faint"), column("drive", 8, "faint", right=True), ("  ", ""),
        column("booked", 5 + (bar + 1 if bar else 0) + 2, "faint"), ("why", "faint"),
    )  # fmt: skip


def candidate_line(one: Candidate, width: int, zone: Zone, *, estimated: bool) -> Line:
    """A row of the list: place, name, time, drive, how full the day is, and what speaks for or against."""
    name, bar = _widths(width)
    if one.excluded:
        said = ((" " * 4, ""), column(one.technician.name, name, "muted"), (" ", ""))
        return cut((*said, ("✗ ", "error"), (", ".join(one.excluded), "muted")), width)
    facts, drive, booked = _sorted_out(one)
    sign = "~" if estimated else ""
    time = f"{sign}{span_words(one.start, one.end, zone)}" if one.start is not None else ""
    spans: list[Span] = [
        column(str(one.rank or ""), 3, "muted", right=True), (" ", ""),
        column(one.technician.name, name, "bold"), (" ", ""), column(time, 12),
        column(drive, 8, "muted", right=True), ("  ", ""),
    ]  # fmt: skip
    if bar:
        spans += [*_bar(booked, bar), (" ", "")]
    spans += [column(f"{booked}%" if booked is not None else "", 5, "muted"), ("  ", "")]
    room = width - sum(cell_width(text) for text, _role in spans)
    parts: list[Line] = [((f"⚠ {says}", "warn"),) for says in one.broken]
    for says in facts:
        good = says.startswith(("has ", "inside"))
        parts.append((("✓ ", "ok"), (says.removeprefix("has "), "")) if good else ((says, "muted"),))
    for index, part in enumerate(parts):
        # A reason is said whole or left to the line below the list, but for the first.
        if index and width_of(part) > room:
            continue
        shown = cut(part, room)
        spans += [("  ", ""), *shown] if index else shown
        room -= width_of(shown) + 2
    return tuple(spans)


def reason_lines(one: Candidate, width: int) -> list[Line]:
    """All that is said of a candidate, what excludes or is broken first."""
    if one.excluded:
        parts: list[Line] = [((f"✗ {says}", "error"),) for says in one.excluded]
    else:
        parts = [((f"⚠ {says}", "warn"),) for says in one.broken]
    parts += [((says, "muted"),) for says in one.reasons]
    return flow([((one.technician.name, "bold"),), *parts], width)


def _widths(width: int) -> tuple[int, int]:
    """Cells for a name, and for the bar of a technician's load."""
    if width >= 100:
        return 24, 10
    return (18, 0) if width >= 66 else (14, 0)


def _sorted_out(one: Candidate) -> tuple[list[str], str, int | None]:
    """The reasons that have no column of their own, the drive, and how much of the shift is booked."""
    facts: list[str] = []
    booked: int | None = None
    for says in one.reasons[1:]:
        if says.endswith("% booked"):
            booked = int(says.removesuffix("% booked"))
        elif not says.startswith("drive "):
            facts.append(says)
    return facts, f"{one.drive_min} min" if one.drive_min is not None else "", booked


def _bar(booked: int | None, width: int) -> tuple[Span, ...]:
    if booked is None:
        return ((" " * width, ""),)
    full = min(width, round(booked * width / 100))
    return (("━" * full, "error" if booked > 100 else "accent"), ("─" * (width - full), "border"))
