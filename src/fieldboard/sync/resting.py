"""Waiting between two looks around, so that a process at rest hardly takes a core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Rest:
    """Waits by the timers of the loop: no task is woken only to find that there is nothing to do."""

    def __init__(self, tick_s: float) -> None:
        self._tick_s = tick_s
        self._end = asyncio.Event()
        self._waits: asyncio.Future[None] | None = None

    @property
    def over(self) -> bool:
        """Whether it was ended for good."""
        return self._end.is_set()

    def end(self) -> None:
        """Rest no more: who waits goes on at once, and so does who comes later."""
        self._end.set()
        if self._waits is not None and not self._waits.done():
            self._waits.set_result(None)

    async def ended(self) -> bool:
        """Wait for the end."""
        return await self._end.wait()

    async def ticks(self, count: int = 1) -> None:
        """Wait for so many ticks, or for the end."""
        await self._wait(self._tick_s * count, lambda: True)

    async def until(self, due: Callable[[], bool]) -> None:
        """Wait a tick, and go on waiting until `due` or the end; `due` is asked at each tick."""
        await self._wait(self._tick_s, due)

    async def _wait(self, seconds: float, due: Callable[[], bool]) -> None:
        if self.over:
            return
        loop = asyncio.get_running_loop()
        waits = self._waits = loop.create_future()
        timer: asyncio.TimerHandle

        def tick() -> None:
            nonlocal timer
            if waits.done():
                return
            try:
                if due():
                    waits.set_result(None)
                else:
                    timer = loop.call_later(seconds, tick)
            except Exception as error:
                # Whoever waits is the one to hear of it.
                waits.set_exception(error)

        timer = loop.call_later(seconds, tick)
        try:
            await waits
        finally:
            timer.cancel()
            self._waits = None
