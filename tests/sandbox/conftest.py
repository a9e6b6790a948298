"""A world of a Thursday morning, and a client of a FieldCamp server over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from starlette.applications import Starlette

from fieldboard.sandbox.faults import PROFILES
from fieldboard.sandbox.fieldcamp import Settings, create_app
from fieldboard.sandbox.records import Job, Visit, World
from fieldboard.sandbox.world import build_world

ZONE = ZoneInfo("Europe/London")
TODAY = date(2026, 6, 4)
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)  # 10:42 in London
TOKEN = "a-token"


def make_world(technicians: int = 23, jobs: int = 2400, *, now: datetime = NOW, seed: int = 7) -> World:
    """The company of these tests."""
    return build_world(seed, technicians, jobs, 45, now.astimezone(ZONE).date(), now, ZONE)


@dataclass
class Server:
    """A server in this process, its world, its clock, and a client with the token."""

    app: Starlette
    world: World
    http: httpx.AsyncClient
    time: list[datetime] = field(default_factory=lambda: [NOW])

    def pass_time(self, seconds: float) -> datetime:
        """Move the server's clock."""
        self.time[0] += timedelta(seconds=seconds)
        return self.time[0]

    async def get(self, path: str, **query: str) -> Any:
        """The ``data`` of a GET that must succeed."""
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["success"] is True
        return body["data"]

    async def put(self, path: str, **fields: Any) -> Any:
        """The ``data`` of a PUT that must succeed."""
        answer = await self.http.put(path, json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def post(self, path: str, **fields: Any) -> Any:
        """The ``data`` of a POST that must succeed."""
        answer = await self.http.post(path, json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def job(self, wanted: Callable[[Job], bool]) -> Job:
        """The first job that fits."""
        return next(job for job in self.world.jobs.values() if wanted(job))

    def single(self) -> tuple[Job, Visit]:
        """An open job with one scheduled, manned visit."""
        job = self.job(
            lambda job: (
                job.status == "open"
                and len(job.visits) == 1
                and job.visits[0].status == "scheduled"
                and len(job.visits[0].crew) == 1
            )
        )
        return job, job.visits[0]


Serving = Callable[..., AbstractAsyncContextManager[Server]]


@asynccontextmanager
async def serving(
    technicians: int = 23, jobs: int = 400, faults: str | None = None, **settings: str
) -> AsyncIterator[Server]:
    """A server over a small world, with ``settings`` as on the command line."""
    world = make_world(technicians, jobs)
    time = [NOW]
    app = create_app(
        world,
        token=TOKEN,
        faults=PROFILES[faults] if faults else None,
        clock=lambda: time[0],
        settings=Settings.parse(settings),
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://sandbox",
        headers={"Authorization": f"Bearer {TOKEN}", "X-API-Key": TOKEN},
    ) as http:
        yield Server(app, world, http, time)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The default server."""
    async with serving() as running:
        yield running
