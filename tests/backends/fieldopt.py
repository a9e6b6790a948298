"""The sandbox's FieldOpt server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette

from fieldboard.backends.fieldopt import open_fieldopt
from fieldboard.backends.fieldopt.adapter import FieldOpt
from fieldboard.backends.http import Transport
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.fieldopt import Settings, create_app
from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import Job as ServerJob
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport, SyncSettings

ZONE = Zone("Europe/London")
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
SETTINGS = SyncSettings("opt", timeout_s=20, settle_s=30, poll_s=20)
API = "/api/v1"


class Line(httpx.AsyncBaseTransport):
    """The line; `spoiled` and `answers` are for the next requests that write and whose path ends so.

    `before_answer` is what happens before a made-up answer is given.
    """

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.spoiled: list[tuple[str, str]] = []
        self.answers: list[tuple[str, httpx.Response]] = []
        self.before_answer: Callable[[], object] = lambda: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "GET":
            return await self.inner.handle_async_request(request)
        for place, (ending, answer) in enumerate(self.answers):
            if path.endswith(ending):
                del self.answers[place]
                self.before_answer()
                return httpx.Response(
                    answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
                )
        for place, (ending, how) in enumerate(self.spoiled):
            if path.endswith(ending):
                del self.spoiled[place]
                if how == "lost after":
                    await self.inner.handle_async_request(request)
                    raise httpx.ReadTimeout("no answer", request=request)
                if how == "lost before":
                    raise httpx.ReadTimeout("no answer", request=request)
                raise httpx.ConnectError("no line", request=request)
        return await self.inner.handle_async_request(request)


@dataclass
class Account:
    app: Starlette
    world: World
    line: Line
    clock: FixedClock
    opt: FieldOpt
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

    def writes(self) -> list[tuple[str, str, Any]]:
        """Each request that writes: method, path without the API's own part, body."""
        pairs = zip(self.requests, self.app.state.bodies, strict=True)
        return [
            (method, path.removeprefix(API) + (f"?{query}" if query else ""), body)
            for (method, path, query), body in pairs
            if method != "GET"
        ]

    def reads(self) -> list[str]:
        """Each request that reads, with its query."""
        return [
            path.removeprefix(API) + (f"?{query}" if query else "")
            for method, path, query in self.requests
            if method == "GET"
        ]

    async def sync(self, *, full: bool = False, patient: bool = False) -> RoundReport:
        return await self.engine.round(full, fence=self.fence, patient=patient)

    def job_where(self, word: str, *, staffed: bool | None = None, slotted: bool = True) -> ServerJob:
        """The first job of the server in a status."""
        return next(
            job
            for job in self.book.jobs()
            if self.book.word(job) == word
            and (staffed is None or (self.book.crew(job) is not None) == staffed)
            and (
                not slotted or (self.book.plan(job).day is not None and self.book.plan(job).slot is not None)
            )
        )

    def id_of(self, job: ServerJob) -> str:
        return str(self.book.card(job).id)

    def technician_id(self, nth: int) -> str:
        """The id of the nth technician who works here."""
        active = [one for one in self.world.technicians.values() if one.active]
        return str(self.book.person(active[nth]).id)

    def store(self) -> Store:
        return Store(self.files, ZONE, self.clock)

    def cached(self, job_id: str) -> Job:
        store = self.store()
        try:
            found = store.job(job_id)
            assert found is not None
            return found
        finally:
            store.close()

    def person(self, technician_id: str) -> Technician:
        store = self.store()
        try:
            return next(one for one in store.technicians() if one.id == technician_id)
        finally:
            store.close()

    def planned(self, job_id: str) -> PlannedVisit:
        store = self.store()
        try:
            return store.planned_of_job(job_id)[0]
        finally:
            store.close()

    def edit(
        self,
        job_id: str,
        *wanted: tuple[str, Json],
        intent: Intent = Intent.EDIT,
        reason: str | None = None,
    ) -> str:
        """Save an edit, based on what the cache has."""
        job = self.cached(job_id)
        changes = tuple(
            Change(Kind.JOB, job_id, name, fields.value_of(job, name), value) for name, value in wanted
        )
        draft = OperationDraft(intent, f"job:{job_id}", changes, "an edit", reason=reason)
        return self.engine.outbox.add(draft).op_id

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
    system: dict[str, object] | None = None,
    learned: dict[str, str] | None = None,
    **settings: str,
) -> AsyncIterator[Account]:
    """A server, and a profile whose first sync is done."""
    clock = FixedClock(NOW)
    world = build_world(7, technicians, jobs, 20, date(2026, 6, 4), NOW, ZoneInfo(ZONE.name))
    app = create_app(world, clock=clock.now, settings=Settings.parse(settings))
    line = Line(httpx.ASGITransport(app))
    opt = open_fieldopt(
        "http://127.0.0.1:9", zone=ZONE, transport=line, clock=clock, system=system, learned=learned
    )
    files = ProfileFiles(folder / "profiles" / "opt")
    files.prepare()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    engine = Engine(opt, files, opt.rules, ZONE, clock, SETTINGS, sleep=sleep)
    made = Account(app, world, line, clock, opt, engine, files, engine.take_over("test"), slept)
    try:
        if synced:
            report = await made.sync(full=True, patient=True)
            assert report.error is None
            made.forget()
        yield made
    finally:
        engine.close()
        await opt.close()
