"""Promised windows, which FieldCamp has no field for: read from a field that the company added.

Accepted, several with `;` between them: `2026-06-04T09:00Z/2026-06-04T11:00Z`,
`2026-06-04 10:00-12:00` and `10:00-12:00`, the last two in the profile's zone, the last one on the
job's own day. Anything else is no window; the field itself is shown as it is in any case.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.job import TimeWindow

_SPAN: Final = re.compile(r"(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d?:\d\d)\s*[-–]\s*(\d\d?:\d\d)")


def read_windows(text: str, start: Instant | None, zone: Zone) -> tuple[TimeWindow, ...]:
    """The windows that a field's text names, in order of time; `start` is when the job begins."""
    found = [window for part in text.split(";") if (window := _window(part.strip(), start, zone))]
    return tuple(sorted(found))


def _window(text: str, start: Instant | None, zone: Zone) -> TimeWindow | None:
    try:
        match = _SPAN.fullmatch(text)
        if match is None:
            begin, end = (_moment(part, zone) for part in text.split("/"))
            return TimeWindow(begin, end) if end > begin else None
        own_day = zone.date_of(start) if start is not None else None
        day = date.fromisoformat(match[1]) if match[1] else own_day
        if day is None:
            return None
        first, last = _wall(match[2]), _wall(match[3])
        # `22:00-02:00` runs past midnight.
        next_day = day + timedelta(days=1) if last <= first else day
        return TimeWindow(zone.nearest(day, first), zone.nearest(next_day, last))
    except (ValueError, OverflowError):
        return None


def _moment(text: str, zone: Zone) -> Instant:
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        return zone.nearest(moment.date(), moment.time())
    return instant_of(moment)


def _wall(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))
