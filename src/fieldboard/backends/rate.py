"""How often a server may be asked: its own headers, and a limit that its documents name.

`Retry-After` is RFC 9110 §10.2.3 (seconds or a date). Of `X-RateLimit-Limit`, `-Remaining` and
`-Reset` only the names are common: a reset is an epoch in seconds or milliseconds, or seconds to go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from fieldboard.clock import Clock
from fieldboard.domain.instants import Instant

KEPT_FOR_WRITES: Final = 2
"""Requests of a window that reads leave for edits."""
BURST_S: Final = 10.0
"""Seconds' worth of a documented limit that may be spent at once."""
LONGEST_S: Final = 24 * 3600.0
"""A wait beyond this is a mistake of the server and counts as this."""


class Budget:
    """What may still be sent now. One for each token, used from one event loop."""

    def __init__(
        self,
        clock: Clock,
        per_minute: float | None = None,
        *,
        burst: float | None = None,
        assumed: bool = False,
        kept_share: float = 0.0,
    ) -> None:
        """`per_minute` is a limit that the system's documents name; None where they name none.

        `burst` are the requests that may be spent at once. With `assumed` the documents only say that
        there is a limit: the rate holds until the server announces its own, and what is left of that one
        is then spread over the time that it has to last. `kept_share` of it is left for edits.
        """
        self._clock = clock
        self._rate = per_minute / 60 if per_minute else None
        self._assumed = assumed
        self._kept_share = kept_share
        most = burst if burst is not None else (self._rate or 0.0) * BURST_S
        self._room = self._most = max(1.0, most) if self._rate else 0.0
        self._filled_at = clock.monotonic()
        self._blocked_until = -math.inf
        self._reset_at = -math.inf
        self.limit: int | None = None
        self.remaining: int | None = None

    def held_back_s(self, *, writes: bool) -> float:
        """Seconds until the server wants to hear of us again; 0 for now.

        A request that may go is counted as spent. Reads stop before the last ones, edits do not.
        """
        if (blocked := self.blocked_s()) > 0:
            return blocked
        now = self._clock.monotonic()
        if self.remaining is None or now >= self._reset_at:
            return 0.0
        # A window of a handful of requests has none to keep back.
        kept = 0 if writes or (self.limit or 0) < 10 * KEPT_FOR_WRITES else KEPT_FOR_WRITES
        if self._kept_share and not writes:
            kept = int((self.limit or 0) * self._kept_share)
        if self.remaining <= kept:
            return self._reset_at - now
        self.remaining -= 1
        return 0.0

    def blocked_s(self) -> float:
        """Seconds until the end of a wait that the server asked for; 0 where it asks for none."""
        return max(0.0, self._blocked_until - self._clock.monotonic())

    def block(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._blocked_until = max(self._blocked_until, self._clock.monotonic() + seconds)

    def pace_s(self) -> float:
        """Seconds to wait before the next request so that the documented limit holds; it is taken."""
        if self._rate is None:
            return 0.0
        now = self._clock.monotonic()
        if self._assumed and self.remaining is not None and now < self._reset_at:
            if self.remaining * 2 > (self.limit or 0):
                return 0.0
            return (self._reset_at - now) / max(1, self.remaining)
        self._room = min(self._most, self._room + (now - self._filled_at) * self._rate) - 1
        self._filled_at = now
        return max(0.0, -self._room / self._rate)

    def untold_wait_s(self) -> float | None:
        """How long to wait after a 429 that does not say; None where only experience tells."""
        return None

    def note(self, status: int, headers: Mapping[str, str], server_now: Instant) -> None:
        """Take in what an answer says of the limit."""
        self.limit = _count(headers, "limit") if _count(headers, "limit") is not None else self.limit
        remaining = _count(headers, "remaining")
        seconds = _reset_s(_header(headers, "reset"), server_now)
        if remaining is not None and seconds is not None:
            self.remaining, self._reset_at = remaining, self._clock.monotonic() + seconds
        if status == 429 or (status == 503 and "retry-after" in headers):
            wait = self.retry_after_s(headers, server_now)
            if wait is not None:
                self.block(wait)

    def retry_after_s(self, headers: Mapping[str, str], server_now: Instant | None = None) -> float | None:
        """Seconds that `Retry-After` asks for, never negative; None where it asks for nothing."""
        text = headers.get("retry-after", "").strip()
        try:
            seconds = float(text)
        except ValueError:
            try:
                moment = parsedate_to_datetime(text)
            except (ValueError, TypeError, OverflowError):
                return None
            now = server_now if server_now is not None else self._clock.now().timestamp()
            seconds = moment.timestamp() - now
        return min(max(0.0, seconds), LONGEST_S) if math.isfinite(seconds) else None


def _header(headers: Mapping[str, str], name: str) -> str:
    spellings = (f"x-ratelimit-{name}", f"ratelimit-{name}", f"x-rate-limit-{name}")
    return next((text for one in spellings if (text := headers.get(one))), "")


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = _header(headers, name).strip()
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _reset_s(text: str, server_now: Instant) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value) or value < 0:
        return None
    if value >= 1e11:
        value /= 1000
    seconds = value if value < 1e6 else value - server_now
    return min(max(0.0, seconds), LONGEST_S)
