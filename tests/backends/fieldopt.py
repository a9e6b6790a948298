"""The sandbox's FieldOpt server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from fieldboard.backends.fieldopt import open_fieldopt
from fieldboard.backends.fieldopt.adapter import FieldOpt
from fieldboard.backends.http import Transport
from fieldboard.clock import FixedClock
from fieldboard.sandbox.fieldopt import Settings, create_app
from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import Job as ServerJob
from tests.backends.synced import NOW, ZONE, Sleeper, SyncedAccount, company, synced_account

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


@dataclass(kw_only=True)
class Account(SyncedAccount):
    line: Line
    opt: FieldOpt

    @property
    def book(self) -> Book:
        book: Book = self.app.state.book
        return book

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
    world = company(technicians, jobs)
    app = create_app(world, clock=clock.now, settings=Settings.parse(settings))
    line = Line(httpx.ASGITransport(app))
    opt = open_fieldopt(
        "http://127.0.0.1:9", zone=ZONE, transport=line, clock=clock, system=system, learned=learned
    )
    async with synced_account(
        Account,
        folder / "profiles" / "opt",
        opt,
        Sleeper(clock),
        synced=synced,
        app=app,
        world=world,
        line=line,
        opt=opt,
    ) as account:
        yield account
