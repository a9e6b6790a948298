"""The rows of the systems: what a round asks of each, with nothing to do and with ten changes.

300 open jobs and 40 technicians, the sandbox in this process over ASGI; processor time without the sandbox's.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from fieldboard.cache.files import ProfileFiles
from fieldboard.domain.instants import Zone
from fieldboard.sandbox import fieldcamp, fieldopt, fsmnavigator, letsjobit, lifecycle
from fieldboard.sandbox.records import OPEN_JOBS, World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import SyncSettings
from tests.benchmarks.figures import Figure, median
from tests.benchmarks.run import Run
from tests.simulation.clock import START, SimClock
from tests.simulation.systems import SYSTEMS
from tests.simulation.systems.played import Played

TECHNICIANS: Final = 40
JOBS: Final = 1200
"""Of which 300 are open."""
CHANGES: Final = 10
POLL_S: Final = 20.0
ZONE: Final = Zone("Europe/London")

CHEAPEST: Final[Mapping[str, tuple[int, str]]] = {
    "fieldcamp": (4, "one a list, jobs since the cursor"),
    "fsmnavigator": (8, "pages of 100 of the four open statuses"),
    "letsjobit": (4, "today and one of the days around it, in pages of 100"),
    "fieldopt": (5, "three open statuses, technicians, the summary"),
    "fieldopt-code": (5, "four open statuses, technicians"),
}
"""The cheapest correct plan of a round at that size, by the documents of each system."""

_SETTINGS: Final[Mapping[str, Any]] = {
    "fieldcamp": fieldcamp.Settings(),
    "fsmnavigator": fsmnavigator.Settings(),
    "letsjobit": letsjobit.Settings(),
    "fieldopt": fieldopt.Settings(),
    "fieldopt-code": fieldopt.Settings(dialect="code"),
}


@dataclass
class _Cost:
    requests: int = 0
    bytes: int = 0
    server_s: float = 0.0


class _Counting(httpx.AsyncBaseTransport):
    """Counts what goes over the line, and what the server spends."""

    def __init__(self, played: Played) -> None:
        self._inner = httpx.ASGITransport(played.app)
        self._clock = played.clock
        self.cost = _Cost()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand it on."""
        self._clock.elapsed += 1.1
        began = time.process_time()
        answer = await self._inner.handle_async_request(request)
        content = await answer.aread()
        self.cost.requests += 1
        self.cost.bytes += len(content) + len(await request.aread())
        made = httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(content))
        self.cost.server_s += time.process_time() - began
        return made


def systems(run: Run) -> Iterator[Figure]:
    """Requests, bytes and processor time of a round, by system."""
    for name, made in SYSTEMS.items():
        quiet, busy, pulled = asyncio.run(_rounds(name, made, run.times(8, 3)))
        least, how = CHEAPEST[name]
        for what, cost, spent in (("nothing to do", *quiet), (f"{CHANGES} changes", *busy)):
            yield Figure(
                f"{name}: a background round with {what}",
                "the cheapest correct plan, or fewer requests",
                f"{cost.requests} requests, {cost.bytes / 1024:.0f} KB, {spent * 1e3:.0f} ms on a core",
                f"{least}: {how}",
                cost.requests <= least if what == "nothing to do" else None,
                {
                    "requests": cost.requests,
                    "bytes": cost.bytes,
                    "cpu_ms": spent * 1e3,
                    "pulled": pulled if what != "nothing to do" else 0,
                },
            )


async def _rounds(
    name: str, made: type[Played], times: int
) -> tuple[tuple[_Cost, float], tuple[_Cost, float], int]:
    """The median of some quiet rounds, and a round after changes; what that took."""
    clock = SimClock()
    world = build_world(7, TECHNICIANS, JOBS, 120, START.date(), START, ZoneInfo(ZONE.name))
    played = made(world, clock, _SETTINGS[name])
    line = _Counting(played)
    backend = played.open(line, ZONE, {})

    async def sleep(seconds: float) -> None:
        clock.elapsed += seconds

    with tempfile.TemporaryDirectory(prefix="fieldboard-bench-") as folder:
        files = ProfileFiles(Path(folder) / "profile")
        files.prepare()
        engine = Engine(backend, files, backend.rules, ZONE, clock, SyncSettings(name), sleep=sleep)
        fence = engine.take_over("benchmark")

        async def measured() -> tuple[_Cost, float, int]:
            clock.elapsed += POLL_S
            line.cost = _Cost()
            began = time.process_time()
            report = await engine.round(fence=fence)
            assert report.error is None, report.error
            return line.cost, time.process_time() - began - line.cost.server_s, report.pulled

        for _ in range(2):
            await engine.round(fence=fence, patient=True)
        # What only a read by id tells is read over some rounds.
        while (await measured())[2]:
            pass
        quiet = [await measured() for _ in range(times)]
        _change(world, played)
        busy, spent, pulled = await measured()
        engine.close()
        await backend.close()
    middle = sorted(quiet, key=lambda one: one[0].requests)[len(quiet) // 2][0]
    return (middle, median([one[1] for one in quiet])), (busy, spent), pulled


def _change(world: World, played: Played) -> None:
    """Ten of today's visits go to somebody else."""
    people = sorted(world.technicians)
    open_ones = [job for job in world.jobs.values() if job.status in OPEN_JOBS and job.visits]
    todays = [
        visit
        for job in open_ones
        for visit in job.visits[:1]
        if visit.crew and visit.status == "scheduled" and visit.start is not None
        if world.day_of(visit.start) == world.today
    ]
    assert len(todays) >= CHANGES
    for visit in todays[:CHANGES]:
        now = played.stamp()
        other = next(one for one in people if one not in visit.crew)
        lifecycle.assign(world, visit, [other], now, job_follows=True)
        world.touch(world.jobs[visit.job_id], now)
