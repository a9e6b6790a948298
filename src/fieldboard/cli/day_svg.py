"""A day as a plain SVG: a row a technician, a box a visit, an axis of hours. Pure; no fonts of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from fieldboard.domain.instants import HOUR, MINUTE, Instant, Zone
from fieldboard.domain.status import NOT_DONE, UNDER_WAY, Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import fit, one_line

NOBODY: Final = "Nobody yet"
"""The row of visits without a technician."""

_NAMES_PX: Final = 170
_HOUR_PX: Final = 90
_LANE_PX: Final = 34
_HEAD_PX: Final = 58
_CHIP_PX: Final = 80
_FIRST_HOUR, _LAST_HOUR = 7, 19
_LETTER_PX: Final = 7.4

_FILL: Final[Mapping[str, str]] = {
    "open": "#d8e6f8",
    "under way": "#fde9bf",
    "done": "#d5ecd8",
    "not done": "#ececec",
}


@dataclass(frozen=True, slots=True)
class _Box:
    visit: PlannedVisit
    left: float
    width: float
    lane: int


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    boxes: tuple[_Box, ...]
    lanes: int


def day_svg(day: date, visits: Sequence[PlannedVisit], names: Mapping[str, str], zone: Zone) -> str:
    """The drawing. `names` gives the technicians' names by id; every visit is on it with its job number.

    A visit of a crew stands in the row of each; one without a clock time is a chip before the first hour.
    """
    first, last = _hours(visits, day, zone)
    chips = max((len(row) for row in _untimed(visits).values()), default=0)
    left = _NAMES_PX + chips * _CHIP_PX
    rows = [_row(name, own, first, last, left) for name, own in _by_technician(visits, names)]
    width = left + (last - first) / HOUR * _HOUR_PX + 48
    height = _HEAD_PX + sum(row.lanes for row in rows) * _LANE_PX + 16
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{_text(f'{day:%A} {day.isoformat()}')}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-size="16" font-weight="600" fill="#1d2733">'
        f"{_text(f'{day:%A} {day.day} {day:%B %Y}')}</text>",
    ]
    lines += _axis(first, last, left, height, zone)
    top = float(_HEAD_PX)
    for number, row in enumerate(rows):
        lines += _drawn_row(row, top, width, zone, shaded=number % 2 == 0)
        top += row.lanes * _LANE_PX
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _by_technician(
    visits: Sequence[PlannedVisit], names: Mapping[str, str]
) -> Iterable[tuple[str, list[PlannedVisit]]]:
    found: dict[str, list[PlannedVisit]] = {}
    nobody: list[PlannedVisit] = []
    for visit in visits:
        for one in visit.technician_ids:
            found.setdefault(one, []).append(visit)
        if not visit.technician_ids:
            nobody.append(visit)
    named = sorted(
        ((names.get(one, one), own) for one, own in found.items()), key=lambda row: row[0].casefold()
    )
    return [*named, *([(NOBODY, nobody)] if nobody else [])]


def _untimed(visits: Iterable[PlannedVisit]) -> dict[str, list[PlannedVisit]]:
    found: dict[str, list[PlannedVisit]] = {}
    for visit in visits:
        if visit.start is None:
            for one in visit.technician_ids or ("",):
                found.setdefault(one, []).append(visit)
    return found


def _span(visit: PlannedVisit) -> tuple[Instant, Instant] | None:
    if visit.start is None:
        return None
    end = visit.end if visit.end is not None and visit.end > visit.start else None
    return visit.start, end if end is not None else visit.start + max(15, visit.minutes) * MINUTE


def _hours(visits: Iterable[PlannedVisit], day: date, zone: Zone) -> tuple[Instant, Instant]:
    """The first and the last hour drawn: the working day, wider where visits reach beyond it."""
    day_start, day_end = zone.day_bounds(day)
    spans = [span for visit in visits if (span := _span(visit)) is not None]
    first = min([day_start + _FIRST_HOUR * HOUR, *(start for start, _ in spans)])
    last = max([day_start + _LAST_HOUR * HOUR, *(end for _, end in spans)])
    first, last = max(day_start, first), min(day_end, last)
    return first // HOUR * HOUR, -(-last // HOUR) * HOUR


def _row(name: str, visits: Sequence[PlannedVisit], first: Instant, last: Instant, left: float) -> _Row:
    boxes: list[_Box] = []
    free: list[float] = []
    chips = 0
    for visit in sorted(visits, key=lambda one: (one.start or 0, one.end or 0, one.id)):
        span = _span(visit)
        if span is None:
            boxes.append(_Box(visit, _NAMES_PX + chips * _CHIP_PX, _CHIP_PX - 6, 0))
            chips += 1
            continue
        begin = left + (max(first, span[0]) - first) / HOUR * _HOUR_PX
        end = left + (min(last, span[1]) - first) / HOUR * _HOUR_PX
        lane = next((at for at, until in enumerate(free) if until <= begin), len(free))
        if lane == len(free):
            free.append(0.0)
        free[lane] = max(end, begin + 6)
        boxes.append(_Box(visit, begin, max(6.0, end - begin - 2), lane))
    return _Row(name, tuple(boxes), max(1, len(free)))


def _axis(first: Instant, last: Instant, left: float, height: float, zone: Zone) -> list[str]:
    lines: list[str] = []
    for hour in range(first, last + 1, HOUR):
        x = left + (hour - first) / HOUR * _HOUR_PX
        lines.append(f'<line x1="{x:.1f}" y1="{_HEAD_PX}" x2="{x:.1f}" y2="{height:.0f}" stroke="#e3e7ec"/>')
        lines.append(
            f'<text x="{x + 3:.1f}" y="{_HEAD_PX - 8}" fill="#5b6875">{zone.clock_text(hour)}</text>'
        )
    return lines


def _drawn_row(row: _Row, top: float, width: float, zone: Zone, *, shaded: bool) -> list[str]:
    height = row.lanes * _LANE_PX
    lines = [f'<g aria-label="{_attribute(row.name)}">']
    if shaded:
        lines.append(
            f'<rect x="0" y="{top:.0f}" width="{width:.0f}" height="{height}" fill="#f4f6f8" opacity="0.6"/>'
        )
    name = _text(fit(one_line(row.name), 22).rstrip())
    lines.append(f'<text x="12" y="{top + 21:.0f}" fill="#1d2733">{name}</text>')
    lines += [_drawn_box(box, top, zone) for box in row.boxes]
    lines.append("</g>")
    return lines


def _drawn_box(box: _Box, top: float, zone: Zone) -> str:
    visit = box.visit
    y = top + box.lane * _LANE_PX + 3
    number = visit.number or visit.id
    cells = int((box.width - 8) / _LETTER_PX)
    shown = fit(one_line(f"{number} {visit.title}"), cells).rstrip() if cells >= len(number) else ""
    dashed = ' stroke-dasharray="4 3"' if visit.estimated else ""
    faint = ' text-decoration="line-through"' if visit.status in NOT_DONE else ""
    text = (
        f'<text x="{box.left + 5:.1f}" y="{y + 18:.0f}" fill="#1d2733"{faint}>{_text(shown)}</text>'
        if shown
        else ""
    )
    return (
        f"<g><title>{_text(_told(visit, zone))}</title>"
        f'<rect x="{box.left:.1f}" y="{y:.0f}" width="{box.width:.1f}" height="{_LANE_PX - 6}" rx="4" '
        f'fill="{_FILL[_kind(visit.status)]}" stroke="#7d8b99"{dashed}/>{text}</g>'
    )


def _kind(status: Status) -> str:
    if status in NOT_DONE:
        return "not done"
    if status in UNDER_WAY:
        return "under way"
    return "done" if status in (Status.COMPLETED, Status.CLOSED) else "open"


def _told(visit: PlannedVisit, zone: Zone) -> str:
    span = _span(visit)
    when = f"{zone.clock_text(span[0])}–{zone.clock_text(span[1])}" if span is not None else "no time"
    parts = (visit.number or visit.id, visit.title, visit.customer, visit.address, when, visit.status.value)
    return one_line(" · ".join(part for part in parts if part))


def _text(text: str) -> str:
    return escape(text)


def _attribute(text: str) -> str:
    return escape(one_line(text), {'"': "&quot;"})
