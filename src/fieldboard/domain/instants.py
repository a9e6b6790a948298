"""Instants, days and wall-clock time of a zone.

An instant is a whole number of seconds since 1970-01-01T00:00:00Z. Integers make the
arithmetic of a board exact and cheap; they become text or wall-clock time only at the edges.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from fieldboard.domain.value_class import value_class

Instant = int
"""Seconds since 1970-01-01T00:00:00Z."""

MINUTE = 60
HOUR = 3600


class SkippedTime(ValueError):
    """A wall-clock time that the zone's clock jumps over (the spring change).

    `before` and `after` are the nearest wall-clock times that exist.
    """

    def __init__(self, wall: datetime, before: datetime, after: datetime) -> None:
        self.wall, self.before, self.after = wall, before, after
        super().__init__(
            f"{wall:%H:%M} does not exist on {wall:%Y-%m-%d}: the clock skips it; "
            f"say {before:%H:%M} or {after:%H:%M}"
        )


def instant_of(moment: datetime) -> Instant:
    """The instant of an aware datetime, cut to the second. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is no instant")
    return int(moment.timestamp() // 1)


def to_utc(instant: Instant) -> datetime:
    """An instant as an aware datetime in UTC."""
    return datetime.fromtimestamp(instant, UTC)


def instant_text(instant: Instant) -> str:
    """An instant as the command line prints it, `2026-06-04T14:00:00Z`."""
    return to_utc(instant).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> Instant:
    """Read ISO-8601 text with `Z` or an offset; fractions of a second are dropped.

    Raises ValueError for text that is no instant (also where the zone is missing).
    """
    return instant_of(datetime.fromisoformat(text.strip()))


@value_class
class Zone:
    """The zone in which a profile's days and hours are shown."""

    name: str

    @property
    def info(self) -> ZoneInfo:
        """The rules of the zone. Raises ZoneInfoNotFoundError for an unknown name."""
        return _zone_info(self.name)

    def local(self, instant: Instant) -> datetime:
        """The instant as an aware datetime of this zone."""
        return datetime.fromtimestamp(instant, _zone_info(self.name))

    def date_of(self, instant: Instant) -> date:
        """The local day on which the instant falls."""
        return _date_of(self.name, instant)

    def day_bounds(self, day: date) -> tuple[Instant, Instant]:
        """First instant of the local day and of the next: 23, 24 or 25 hours apart."""
        return _day_bounds(self.name, day)

    def at(self, day: date, wall: time) -> Instant:
        """The instant at which a clock on the wall shows `wall` on `day`.

        A time that comes twice (autumn) means the first. Raises SkippedTime for one that never comes.
        """
        naive = datetime.combine(day, wall)
        aware = naive.replace(tzinfo=_zone_info(self.name), fold=0)
        back = aware.astimezone(UTC).astimezone(_zone_info(self.name)).replace(tzinfo=None)
        if back != naive:
            gap = abs(back - naive)
            raise SkippedTime(naive, naive - gap, naive + gap)
        return instant_of(aware)

    def nearest(self, day: date, wall: time) -> Instant:
        """Like `at`, but a skipped time means the same distance after the jump."""
        try:
            return self.at(day, wall)
        except SkippedTime as skipped:
            return instant_of(skipped.after.replace(tzinfo=_zone_info(self.name)))

    def clock_text(self, instant: Instant) -> str:
        """Hours and minutes of the instant on the zone's wall, `14:05`."""
        return _clock_text(self.name, instant)


@lru_cache(maxsize=16)
def _zone_info(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def _clock_text(name: str, instant: Instant) -> str:
    local = datetime.fromtimestamp(instant, _zone_info(name))
    return f"{local.hour:02}:{local.minute:02}"


@lru_cache(maxsize=4096)
def _date_of(name: str, instant: Instant) -> date:
    return datetime.fromtimestamp(instant, _zone_info(name)).date()


@lru_cache(maxsize=4096)
def _day_bounds(name: str, day: date) -> tuple[Instant, Instant]:
    info = _zone_info(name)
    start = datetime.combine(day, time(), tzinfo=info)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=info)
    return instant_of(start), instant_of(end)
