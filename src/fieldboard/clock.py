"""What time it is: injected, so that a test or a picture can say so."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
"""Linux: `time.monotonic` counts from the boot, which has this name (proc_sys_kernel(5))."""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back, for measuring how long something took."""
        ...

    def origin(self) -> int | None:
        """A number for the moment from which `monotonic` counts, the same for all who count from it.

        None where another process may count from another one.
        """
        ...


class SystemClock:
    """The clock of this computer."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment, not touched by changes of the computer's clock."""
        return time.monotonic()

    def origin(self) -> int | None:
        """The boot of this computer, where it has a name."""
        try:
            return int(_BOOT.read_text(encoding="ascii")[:8], 16)
        except (OSError, ValueError):
            return None


class SteadyClock:
    """The time of another clock, which does not jump with it: what was measured by it stays as long.

    It starts at the other's time, or `drift_s` after its monotonic one, and is set again by `follow`.
    """

    def __init__(self, clock: Clock, drift_s: float | None = None) -> None:
        """Go with `clock`."""
        self._clock = clock
        self.drift_s = self._wall_less_monotonic() if drift_s is None else drift_s

    def now(self) -> datetime:
        """This moment by the wall clock as it was when last followed, in UTC."""
        return datetime.fromtimestamp(round(self._clock.monotonic() + self.drift_s, 3), UTC)

    def monotonic(self) -> float:
        """The other's."""
        return self._clock.monotonic()

    def origin(self) -> int | None:
        """The other's."""
        return self._clock.origin()

    @property
    def jumped_s(self) -> float:
        """By how many seconds the other was set since it was last followed."""
        return self._wall_less_monotonic() - self.drift_s

    def follow(self) -> None:
        """Take over the other's time."""
        self.drift_s = self._wall_less_monotonic()

    def _wall_less_monotonic(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


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

    def origin(self) -> int | None:
        """Each such clock counts from a moment of its own."""
        return None

    def advance(self, seconds: float) -> None:
        """Go on by `seconds`. Raises ValueError for a negative number."""
        if seconds < 0:
            raise ValueError("a clock does not go back")
        self._instant += timedelta(seconds=seconds)
        self._elapsed += seconds
