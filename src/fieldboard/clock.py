"""What time it is: injected, so that a test or a picture can say so."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back, for measuring how long something took."""
        ...


class SystemClock:
    """The clock of this computer."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment, not touched by changes of the computer's clock."""
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self, instant: datetime) -> None:
        """Stand at `instant`. Raises ValueError where it has no zone."""
        if instant.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._instant = instant.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The moment at which this clock stands, in UTC."""
        return self._instant

    def monotonic(self) -> float:
        """The seconds by which this clock was advanced."""
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Go on by `seconds`. Raises ValueError for a negative number."""
        if seconds < 0:
            raise ValueError("a clock does not go back")
        self._instant += timedelta(seconds=seconds)
        self._elapsed += seconds
