"""The sandbox's FSM Navigator server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from starlette.applications import Starlette

from fieldboard.backends.fsmnavigator import open_fsmnavigator
from fieldboard.backends.fsmnavigator.adapter import FsmNavigator
from fieldboard.clock import FixedClock
from fieldboard.sandbox.fsmnavigator import Settings, create_app
from fieldboard.sandbox.fsmnavigator.book import Book
from fieldboard.sandbox.fsmnavigator.wire import job_json
from fieldboard.sandbox.records import Job as ServerJob
from tests.backends.synced import NOW, ZONE, Sleeper, SyncedAccount, company, synced_account

TOKEN = "fsm_test_canary"


class Line(httpx.AsyncBaseTransport):
    """The line; `spoil` says what happens to the next requests of a method."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)
        self.spoiled: list[tuple[str, str]] = []
        self.answers: list[tuple[str, Callable[[], httpx.Response]]] = []
        """What answers the next requests about one job in the server's place, by method."""
        self.date: Callable[[], datetime] | None = None
        """The server's clock, where it tells it."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.spoiled and self.spoiled[0][0] == request.method:
            how = self.spoiled.pop(0)[1]
            if how == "lost after":
                await self.inner.handle_async_request(request)
                raise httpx.ReadTimeout("no answer", request=request)
            if how == "lost before":
                raise httpx.ReadTimeout("no answer", request=request)
            if how == "down":
                raise httpx.ConnectError("no line", request=request)
            return httpx.Response(502, headers={"content-type": "text/html"}, content=b"<h1>502</h1>")
        if self.answers and self.answers[0][0] == request.method and "id" in request.url.params:
            return self.answers.pop(0)[1]()
        answer = await self.inner.handle_async_request(request)
        if self.date is not None:
            answer.headers["date"] = format_datetime(self.date(), usegmt=True)
        return answer


class SetClock(FixedClock):
    """This computer's clock, that somebody may set: `ahead` of the true one."""

    ahead = timedelta()

    def now(self) -> datetime:
        return self.true() + self.ahead

    def true(self) -> datetime:
        return super().now()


@dataclass(kw_only=True)
class Account(SyncedAccount):
    line: Line
    clock: SetClock
    camp: FsmNavigator

    @property
    def book(self) -> Book:
        book: Book = self.app.state.book
        return book

    def sent(self) -> list[tuple[str, dict[str, str], Any]]:
        """Each request about jobs that names one or writes: method, query, body."""
        pairs = zip(self.requests, self.app.state.bodies, strict=True)
        return [
            (method, {name: one[0] for name, one in parse_qs(query).items()}, body)
            for (method, path, query), body in pairs
            if path == "/api/v1/jobs" and (method != "GET" or "id=" in query)
        ]

    def writes(self) -> list[tuple[str, Any]]:
        return [(method, body) for method, _, body in self.sent() if method != "GET"]

    def rows(self) -> list[dict[str, object]]:
        """The rows of all jobs as they are now."""
        return [job_json(self.book, job) for job in self.book.jobs()]

    def job_where(self, status: str, *, staffed: bool | None = None, timed: bool = True) -> ServerJob:
        """The first job of the server in a status."""
        return next(
            job
            for job in self.book.jobs()
            if self.book.status(job) == status
            and (staffed is None or (self.book.crew(job) is not None) == staffed)
            and (not timed or self.book.scheduled(job)[1] is not None)
        )


@asynccontextmanager
async def account(
    folder: Path,
    *,
    technicians: int = 6,
    jobs: int = 120,
    synced: bool = True,
    token: str = TOKEN,
    system: dict[str, object] | None = None,
    dated: bool = False,
    **settings: str,
) -> AsyncIterator[Account]:
    """An account, and a profile whose first sync is done."""
    clock = SetClock(NOW)
    world = company(technicians, jobs)
    app = create_app(world, token=TOKEN, clock=clock.true, settings=Settings.parse(settings))
    line = Line(app)
    line.date = clock.true if dated else None
    camp = open_fsmnavigator(
        "http://127.0.0.1:9", token, zone=ZONE, transport=line, clock=clock, system=system
    )
    async with synced_account(
        Account,
        folder / "profiles" / "nav",
        camp,
        Sleeper(clock),
        synced=synced,
        app=app,
        world=world,
        line=line,
        camp=camp,
    ) as account:
        yield account
