"""The days of a world: local wall-clock minutes to instants, and how work spreads over days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class Calendar:
    """The span of days that a world plans, and its zone."""

    def __init__(self, today: date, days: int, zone: ZoneInfo) -> None:
        self.today = today
        self.zone = zone
        back = (days - 1) * 30 // 44
        self.first = today - timedelta(days=back)
        self.last = self.first + timedelta(days=days - 1)
        self._midnights: dict[date, datetime] = {}

    def instant(self, day: date, minute: int) -> datetime:
        """The instant at which the clock shows ``minute`` minutes after midnight of ``day``.

        By the zone's offset at noon, so that working hours keep their wall-clock time on the days
        of a clock change (which happens at night).
        """
        midnight = self._midnights.get(day)
        if midnight is None:
            noon = datetime.combine(day, time(12), self.zone).astimezone(UTC)
            midnight = self._midnights[day] = noon - timedelta(hours=12)
        return midnight + timedelta(minutes=minute)

    def days(self) -> list[date]:
        """Every day of the span, in order."""
        return [self.first + timedelta(days=offset) for offset in range((self.last - self.first).days + 1)]


def spread(calendar: Calendar, count: int, technicians: int) -> dict[date, int]:
    """How many of ``count`` jobs fall on each day of the span but today, the nearest days first.

    Past days are full, days ahead fill up as they come closer, weekends see emergencies only, and no
    day gets more than seven for each technician.
    """
    weights: dict[date, float] = {}
    for day in sorted(calendar.days(), key=lambda day: abs(day - calendar.today)):
        ahead = (day - calendar.today).days
        if ahead == 0:
            continue
        weight = 1.0 if ahead < 0 else max(0.25, 0.95 - 0.055 * ahead)
        weights[day] = weight * (0.08 if day.weekday() >= 5 else 1.0)
    total = sum(weights.values())
    result: dict[date, int] = {}
    given, share = 0, 0.0
    for day, weight in weights.items():
        share += weight
        upto = round(count * share / total)
        result[day] = max(0, min(upto - given, 7 * technicians))
        given = upto
    return result
