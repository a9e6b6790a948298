"""A FieldOpt server in this process over a world of a Thursday morning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from fieldboard.sandbox.faults import PROFILES
from fieldboard.sandbox.fieldopt import Settings, create_app
from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import World
from tests.sandbox.conftest import NOW, TOKEN, make_world

JOB = ["id", "type", "customer", "address", "skills_required", "status", "scheduled_date", "time_slot"]
JOB += ["assigned_technician"]
TECHNICIAN = ["id", "name", "status", "phone", "skills", "capacity", "current_workload"]


@dataclass
class Server:
    """The server, its world, its clock, and a client without a token."""

    app: Starlette
    world: World
    book: Book
    http: httpx.AsyncClient
    time: list[datetime]

    async def get(self, path: str, **query: str) -> Any:
        """The body of a GET that must succeed."""
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, status: int = 200, /, **body: Any) -> Any:
        """The body of a POST that must be answered with ``status``; None where there is none."""
        answer = await self.http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def patch(self, path: str, status: int = 200, /, **body: Any) -> Any:
        """The body of a PATCH that must be answered with ``status``."""
        answer = await self.http.patch(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def first(self, **where: Any) -> Any:
        """The first job in the list whose fields are as given."""
        return next(row for row in await self.get("jobs/") if all(row[key] == where[key] for key in where))


@asynccontextmanager
async def serving(
    technicians: int = 23, jobs: int = 400, faults: str | None = None, **settings: str
) -> AsyncIterator[Server]:
    """A server over a small world, with ``settings`` as on the command line."""
    world, time = make_world(technicians, jobs), [NOW]
    app = create_app(
        world,
        token=TOKEN,
        faults=PROFILES[faults] if faults else None,
        clock=lambda: time[0],
        settings=Settings.parse(settings),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/api/v1/") as http:
        yield Server(app, world, app.state.book, http, time)
