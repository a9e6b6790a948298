"""The day and the slot of a job: what FieldOpt has for a plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Plan:
    """A day, and the two ends of a slot as ``HH:MM`` in the company's own time; each may be missing."""

    day: date | None = None
    first: str | None = None
    last: str | None = None

    @property
    def slot(self) -> str | None:
        """``HH:MM-HH:MM``; None unless both ends are known."""
        return None if self.first is None or self.last is None else f"{self.first}-{self.last}"

    @classmethod
    def of(cls, start: datetime, end: datetime | None, zone: ZoneInfo) -> Plan:
        """The plan of somebody who is there from ``start`` to ``end``."""
        local = start.astimezone(zone)
        last = None if end is None else f"{end.astimezone(zone):%H:%M}"
        return cls(local.date(), f"{local:%H:%M}", last)

    def span(self, zone: ZoneInfo, minutes: float) -> tuple[datetime, datetime] | None:
        """Start and end as instants; None without a day or a start that a clock can show.

        An end that is not after the start is on the next day. Without an end it takes ``minutes``.
        """
        first = clock(self.first)
        if self.day is None or first is None:
            return None
        start = datetime.combine(self.day, first, zone)
        last = clock(self.last)
        if last is None:
            end = start.astimezone(_UTC) + timedelta(minutes=minutes)
            return start.astimezone(_UTC), end
        day = self.day if last > first else self.day + timedelta(days=1)
        return start.astimezone(_UTC), datetime.combine(day, last, zone).astimezone(_UTC)


def clock(text: str | None) -> time | None:
    """``HH:MM`` as a time of day, None where no clock shows it."""
    match = _CLOCK.fullmatch(text or "")
    return time(int(match[1]), int(match[2])) if match is not None else None


_UTC = ZoneInfo("UTC")
