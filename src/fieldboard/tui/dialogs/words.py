"""How days, times and lengths are written in dialogs."""

from __future__ import annotations

from datetime import date

from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.visit import PlannedVisit


def day_words(day: date, *, year: bool = False) -> str:
    """A day as `Thu 4 Jun`, with its year where asked."""
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if year else "")


def length_words(minutes: int) -> str:
    """A length as `45m`, `2h`, `1h30`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m"
    return f"{hours}h{rest:02d}" if rest else f"{hours}h"


def span_words(start: Instant, end: Instant | None, zone: Zone) -> str:
    """Clock times as `10:45–12:45`; another day of the end is named."""
    if end is None:
        return zone.clock_text(start)
    tail = zone.clock_text(end)
    if zone.date_of(end) != zone.date_of(start) and zone.local(end).time().isoformat() != "00:00:00":
        tail = f"{tail} {day_words(zone.date_of(end))}"
    return f"{zone.clock_text(start)}–{tail}"


def window_words(window: TimeWindow, zone: Zone) -> str:
    """A promise as `Thu 4 Jun 12:00–16:00`."""
    return f"{day_words(zone.date_of(window.start))} {span_words(window.start, window.end, zone)}"


def moment_words(instant: Instant, zone: Zone) -> str:
    """An instant as `4 Jun 10:41`."""
    local = zone.local(instant)
    return f"{local.day} {local:%b} {local:%H:%M}"


def when_words(visit: PlannedVisit, zone: Zone) -> str:
    """When a visit is planned, `Thu 4 Jun 10:45–12:45`, its day and its place in it, or `no time yet`."""
    if visit.start is not None:
        about = "~" if visit.estimated else ""
        return f"{day_words(zone.date_of(visit.start))} {about}{span_words(visit.start, visit.end, zone)}"
    if visit.date is not None:
        place = "no time yet"
        if visit.by_order and visit.technician_ids:
            place = "in no place yet" if visit.sequence is None else f"place {visit.sequence}"
        return f"{day_words(visit.date)}, {place}"
    return "no time yet"
