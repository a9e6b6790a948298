"""The sandbox's FSM Navigator server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette

from fieldboard.backends.fsmnavigator import open_fsmnavigator
from fieldboard.backends.fsmnavigator.adapter import FsmNavigator
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.fsmnavigator import Settings, create_app
from fieldboard.sandbox.fsmnavigator.book import Book
from fieldboard.sandbox.fsmnavigator.wire import job_json
from fieldboard.sandbox.records import Job as ServerJob
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport, SyncSettings

ZONE = Zone("Europe/London")
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
TOKEN = "fsm_test_canary"
SETTINGS = SyncSettings("nav", timeout_s=20, settle_s=30, poll_s=20)


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


@dataclass
class Account:
    app: Starlette
    world: World
    line: Line
    clock: SetClock
    camp: FsmNavigator
    engine: Engine
    files: ProfileFiles
    fence: int
    slept: list[float] = field(default_factory=list)

    @property
    def book(self) -> Book:
        book: Book = self.app.state.book
        return book

    @property
    def requests(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = self.app.state.requests
        return found

    def forget(self) -> None:
        """Begin a new log of requests."""
        self.app.state.requests.clear()
        self.app.state.bodies.clear()

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

    async def sync(self, *, full: bool = False, patient: bool = False) -> RoundReport:
        return await self.engine.round(full, fence=self.fence, patient=patient)

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

    def store(self) -> Store:
        return Store(self.files, ZONE, self.clock)

    def cached(self, number: str) -> Job:
        store = self.store()
        try:
            found = store.job(number)
            assert found is not None
            return found
        finally:
            store.close()

    def planned(self, number: str) -> PlannedVisit:
        store = self.store()
        try:
            return store.planned_of_job(number)[0]
        finally:
            store.close()

    def edit(self, number: str, *wanted: tuple[str, Json], intent: Intent = Intent.EDIT) -> str:
        """Save an edit, based on what the cache has."""
        job = self.cached(number)
        changes = tuple(
            Change(Kind.JOB, number, name, fields.value_of(job, name), value) for name, value in wanted
        )
        return self.engine.outbox.add(OperationDraft(intent, f"job:{number}", changes, "an edit")).op_id

    def op(self, op_id: str) -> Operation:
        found = self.engine.outbox.get(op_id)
        assert found is not None
        return found

    def state(self, op_id: str) -> OpState:
        return self.op(op_id).state


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
    world = build_world(7, technicians, jobs, 20, date(2026, 6, 4), NOW, ZoneInfo(ZONE.name))
    app = create_app(world, token=TOKEN, clock=clock.true, settings=Settings.parse(settings))
    line = Line(app)
    line.date = clock.true if dated else None
    camp = open_fsmnavigator(
        "http://127.0.0.1:9", token, zone=ZONE, transport=line, clock=clock, system=system
    )
    files = ProfileFiles(folder / "profiles" / "nav")
    files.prepare()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    engine = Engine(camp, files, camp.rules, ZONE, clock, SETTINGS, sleep=sleep)
    made = Account(app, world, line, clock, camp, engine, files, engine.take_over("test"), slept)
    try:
        if synced:
            report = await made.sync(full=True, patient=True)
            assert report.error is None
            made.forget()
        yield made
    finally:
        engine.close()
        await camp.close()
