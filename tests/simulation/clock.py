"""Virtual time: an event loop in which waiting costs nothing, and clocks that tell its time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Generator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_Work = Coroutine[Any, Any, Any] | Generator[Any, None, Any]

START: Final = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)


class Stuck(RuntimeError):
    """Everybody waits for something that no clock will bring."""


class SimClock:
    """The time of the simulation. `elapsed` is true; the client's wall clock may be off by `jump_s`."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.jump_s = 0.0

    def now(self) -> datetime:
        """What the client's clock says."""
        return START + timedelta(seconds=round(self.elapsed + self.jump_s, 3))

    def monotonic(self) -> float:
        return self.elapsed

    def origin(self) -> int | None:
        """All processes of the simulation run since one boot."""
        return 1

    def true_now(self) -> datetime:
        """What a server with a right clock says."""
        return START + timedelta(seconds=round(self.elapsed, 3))


class _Selector(selectors.SelectSelector):
    """Waits by moving the clock; no file is ever looked at."""

    def __init__(self, clock: SimClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("nobody has anything left to wait for")
        if timeout > 0:
            self._clock.elapsed += timeout
        return []


class NumberedTask(asyncio.Task[Any]):
    """A task whose place in a set depends on its number, not on where in memory it happens to lie.

    A group of tasks is a set, and is called off in the order of that: what a killed process does last, and
    which of two that wait for the same moment wakes first, must be the same whenever a seed is played.
    """

    def __init__(self, number: int, coro: _Work, **named: Any) -> None:
        self._number = number
        super().__init__(coro, **named)

    def __hash__(self) -> int:
        return self._number


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on the time of a `SimClock`, in which everything has an order."""

    def __init__(self, clock: SimClock) -> None:
        super().__init__(_Selector(clock))
        self._sim_clock = clock
        self._tasks = 0
        self.set_task_factory(self._numbered)

    def time(self) -> float:
        return self._sim_clock.elapsed

    def _numbered(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: _Work,
        **named: Any,
    ) -> NumberedTask:
        self._tasks += 1
        return NumberedTask(self._tasks, coro, loop=loop, **named)


def run(clock: SimClock, main: Coroutine[Any, Any, None]) -> None:
    """Run `main` to its end in virtual time; tasks left over are cancelled."""
    loop = VirtualLoop(clock)
    try:
        loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.close()
