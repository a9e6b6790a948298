"""Days and slots: what FieldOpt has for a plan. Pure.

A slot is two times on the wall of the business, whose zone no answer tells. The documented dialect has the
day as a date; the code dialect as an instant of which only the day counts, by the server's own zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from fieldboard.backends.fieldopt.rules import ASSUMED_MIN
from fieldboard.domain.instants import MINUTE, Instant, Zone
from fieldboard.domain.job import TimeWindow

_CLOCK: Final = re.compile(r"\s*([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?\s*")
_SPAN: Final = re.compile(r"\s*([0-9:.]+)\s*(?:-|–|to)\s*([0-9:.]+)\s*")


class NoTime(ValueError):
    """A day or a slot that is none; the text says what."""


class Zones(NamedTuple):
    """The zone of the slots, and that in which the server cuts its days."""

    business: Zone
    server_day: Zone


class Planned(NamedTuple):
    """What a day and a slot mean: the block on the board, and what the customer was promised.

    `day` is the day of a plan without a clock time.
    """

    start: Instant | None = None
    end: Instant | None = None
    windows: tuple[TimeWindow, ...] = ()
    day: date | None = None


def day_of(text: str | None, zones: Zones) -> date | None:
    """The day of a `scheduled_date` of either dialect. Raises NoTime for a text that is none."""
    if text is None or not text.strip():
        return None
    words = text.strip()
    try:
        if len(words) == 10:
            return date.fromisoformat(words)
        moment = datetime.fromisoformat(words)
        # Without a zone it is the server's own time already.
        found = moment.date() if moment.tzinfo is None else moment.astimezone(zones.server_day.info).date()
    except (ValueError, OverflowError):
        raise NoTime(f"{words[:40]!r} is no day") from None
    if not 1971 <= found.year < 2200:
        raise NoTime(f"{words[:40]!r} is no day of this age")
    return found


def clock_of(text: str | None) -> time | None:
    """A time of the wall, `HH:MM`. Raises NoTime for one that no clock shows."""
    if text is None or not text.strip():
        return None
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise NoTime(f"{text.strip()[:40]!r} is no time of day")
    return time(int(match[1]), int(match[2]))


def slot_of(text: str | None) -> tuple[time | None, time | None]:
    """The two ends of a `time_slot`. Raises NoTime for a text that is none."""
    if text is None or not text.strip():
        return None, None
    match = _SPAN.fullmatch(text)
    if match is None:
        return clock_of(text), None
    return clock_of(match[1]), clock_of(match[2])


def planned(
    day: date | None, first: time | None, last: time | None, minutes: int | None, zones: Zones
) -> Planned:
    """The block and the promise of a day and a slot.

    An end that is not after the start is on the next day. Without a duration a job takes an hour, or the
    whole of a shorter slot.
    """
    if day is None:
        return Planned()
    zone = zones.business
    if first is None:
        return Planned(day=day)
    start = zone.nearest(day, first)
    end = start + (minutes or ASSUMED_MIN) * MINUTE
    if last is None:
        return Planned(start, end)
    closing = zone.nearest(day if last > first else day + timedelta(days=1), last)
    if minutes is None and closing > start:
        end = min(end, closing)
    windows = (TimeWindow(start, closing),) if closing > start else ()
    return Planned(start, end, windows)


def day_text(start: Instant, zones: Zones) -> str:
    """The day of a start on the wall of the business, `2026-04-15`."""
    return zones.business.date_of(start).isoformat()


def noon_text(start: Instant, zones: Zones) -> str:
    """The same day as the code dialect takes it: its noon, which is that day in every zone of a server."""
    day, noon = zones.business.date_of(start), time(12)
    moment = datetime.combine(day, noon, UTC)
    if moment.astimezone(zones.server_day.info).date() != day:
        moment = datetime.combine(day, noon, zones.server_day.info).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_text(instant: Instant, zones: Zones) -> str:
    """A time on the wall of the business, `09:30`."""
    return zones.business.clock_text(instant)
