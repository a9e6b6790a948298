"""Patience with the line within one round: which reads are tried again, and when a round gives up.

Only reads come here. A request that writes is sent once; what became of it is looked up, never
guessed (RFC 9110, 9.2.2).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from fieldboard.backends.port import LineDown, NotShown, TokenRefused
from fieldboard.clock import Clock
from fieldboard.domain.instants import Instant, instant_of

Sleep = Callable[[float], Awaitable[None]]
"""How to wait; a test hands in one that only moves its clock."""

T = TypeVar("T")

LONGEST_WAIT_S: Final = 60.0
"""A round that is asked to wait longer ends."""

GIVE_UP_S: Final = 12.0
"""No request is begun again after nothing but errors for this long."""

TRIES: Final = 3
FIRST_PAUSE_S: Final = 0.5


class MustWait(LineDown):
    """The system asks to be left alone until `until`, longer than a round waits."""

    def __init__(self, says: str, until: Instant) -> None:
        super().__init__(says)
        self.until = until


class Line:
    """The line to one system during one round."""

    def __init__(self, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._jitter = random.Random(clock.monotonic())  # noqa: S311 - spreads retries, guards nothing
        self._bad_since: float | None = None
        self._waited = 0.0

    @property
    def now(self) -> Instant:
        """This instant."""
        return instant_of(self._clock.now())

    async def ask(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a read, and again where that may help.

        Raises LineDown when it does not, MustWait when the system asks for more patience than a
        round has, TokenRefused at once.
        """
        attempt = 0
        while True:
            began = self._clock.monotonic()
            try:
                answer = await call()
            except TokenRefused:
                raise
            except NotShown:
                self.good()
                raise
            except LineDown as down:
                attempt += 1
                if self._bad_since is None:
                    self._bad_since = began
                if down.wait_s is not None:
                    await self.wait(down.wait_s, str(down))
                elif attempt >= TRIES or self._clock.monotonic() - self._bad_since > GIVE_UP_S:
                    raise
                else:
                    await self._sleep(FIRST_PAUSE_S * 2**attempt * self._jitter.uniform(0.5, 1.0))
            else:
                self.good()
                return answer

    def good(self) -> None:
        """The system has answered as it should: patience is whole again."""
        self._bad_since = None
        self._waited = 0.0

    async def wait(self, seconds: float, says: str) -> None:
        """Wait as the system asked. Raises MustWait where a round does not wait as long."""
        seconds = max(seconds, 0.1)
        if self._waited + seconds > LONGEST_WAIT_S or self._out_of_patience():
            raise MustWait(says, self.now + round(seconds + 0.5))
        self._waited += seconds
        await self._sleep(seconds)

    def _out_of_patience(self) -> bool:
        """Whether the system was waited for once, and still there was nothing but errors."""
        return self._waited > 0 and (
            self._bad_since is not None and self._clock.monotonic() - self._bad_since > GIVE_UP_S
        )
