"""Times as FieldCamp writes them: instants, days without a clock time, stamps of change.

They are UTC (docs.fieldcamp.ai/api-reference/resources/jobs), also where a server leaves the zone out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from fieldboard.backends.fieldcamp.values import Unreadable
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.text import clean

_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC).timestamp()
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class Moment(NamedTuple):
    """A time as the wire has it: an instant, or a day without a clock time."""

    at: Instant | None
    day: date | None


NO_MOMENT: Final = Moment(None, None)


def seconds_of_wire(text: str) -> float:
    """Seconds since the epoch of a time on the wire. Raises ValueError for text that is none.

    ISO-8601 with or without fractions, with `Z`, an offset or (then it is UTC) nothing; or a count of
    seconds or milliseconds.
    """
    text = text.strip()
    if 9 <= len(text) <= 13 and text.isdecimal():
        value = float(text)
        return value / 1000 if value >= 1e11 else value
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


instant_of_wire = lru_cache(maxsize=16_384)(seconds_of_wire)


def instant_of_seconds(seconds: float) -> Instant | None:
    """The whole second; None for one that lies in no age of ours."""
    return int(seconds // 1) if _EARLIEST <= seconds < _LATEST else None


def span_of(start: str | None, end: str | None) -> tuple[Moment, Moment]:
    """When something begins and ends. Raises Unreadable."""
    begin, finish = moment_of(start), moment_of(end)
    # An end before the start says nothing of when it ends.
    if begin.at is None or finish.at is None or finish.at <= begin.at:
        finish = NO_MOMENT
    return begin, finish


@lru_cache(maxsize=16_384)
def moment_of(text: str | None) -> Moment:
    """A time, a day, or neither. Raises Unreadable for text that is none of these."""
    text = text.strip() if text else ""
    if not text:
        return NO_MOMENT
    try:
        if len(text) == 10 and "-" in text:
            return Moment(None, date.fromisoformat(text))
        at = seconds_of_wire(text)
    except (ValueError, OverflowError):
        raise Unreadable(f"{clean(text, 40)!r} is no time") from None
    instant = instant_of_seconds(at)
    if instant is None:
        raise Unreadable(f"{clean(text, 40)!r} is no time of this age")
    return Moment(instant, None)


def changed_at(text: str | None) -> Instant | None:
    """When a row was made or changed; None where that is no time."""
    text = text.strip() if text else ""
    if not text or (len(text) == 10 and "-" in text):
        return None
    try:
        # Remembered: the stamp of the row is the same text.
        at = instant_of_wire(text)
    except (ValueError, OverflowError):
        return None
    return instant_of_seconds(at)


def minutes_between(start: Instant | None, end: Instant | None) -> int | None:
    """Whole minutes; None for less than one, or where either is not known."""
    if start is None or end is None or end - start < MINUTE:
        return None
    return (end - start) // MINUTE
