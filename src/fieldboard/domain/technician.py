"""Technicians: who can be sent, when they work and what they can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta

from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.value_class import value_class


class LatLng(NamedTuple):
    """Degrees, WGS 84."""

    lat: float
    lng: float


class WallSpan(NamedTuple):
    """A span of wall-clock time. `end` at or before `start` runs past midnight."""

    start: time
    end: time

    def on(self, day: date, zone: Zone) -> tuple[Instant, Instant]:
        """The instants of this span when it begins on `day`."""
        begin, finish = zone.nearest(day, self.start), zone.nearest(day, self.end)
        return begin, finish if finish > begin else zone.nearest(day + timedelta(days=1), self.end)


class Absence(NamedTuple):
    """Away from `start` to `end` (instants), and why (holiday, sick, training …)."""

    start: Instant
    end: Instant
    kind: str


@value_class
class Technician:
    """One person or crew lead who visits customers.

    `shift` maps weekdays (Monday is 0) to a span; None means that no working hours are known,
    a weekday missing from the mapping is a day off. `skills_known` is False where neither the system
    nor the roster speaks of skills, so that their lack is never held against anybody.
    """

    id: str
    name: str
    status: str | None = None
    since: Instant | None = None
    active: bool = True
    skills: tuple[str, ...] = ()
    skills_known: bool = False
    shift: Mapping[int, WallSpan] | None = None
    breaks: tuple[WallSpan, ...] = ()
    absences: tuple[Absence, ...] = ()
    capacity: int | None = None
    home: LatLng | None = None
    territory: str | None = None
    phone: str | None = None
    position: LatLng | None = None
    role: str | None = None

    def shift_on(self, day: date, zone: Zone) -> tuple[Instant, Instant] | None:
        """The working span that begins on `day`; None on a day off or where hours are unknown."""
        span = self.shift.get(day.weekday()) if self.shift is not None else None
        return span.on(day, zone) if span is not None else None

    def off_on(self, day: date) -> bool:
        """Whether working hours are known and `day` has none."""
        return self.shift is not None and day.weekday() not in self.shift
