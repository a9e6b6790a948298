"""The sandbox's LetsJobIt server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from starlette.applications import Starlette

from fieldboard.backends.letsjobit import open_letsjobit
from fieldboard.backends.letsjobit.adapter import LetsJobIt
from fieldboard.board.desk import Desk
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.roster import Roster
from fieldboard.sandbox.letsjobit import Settings, create_app
from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.letsjobit.wire import visit_json
from fieldboard.sandbox.records import Job as ServerJob
from tests.backends.synced import NOW, TODAY, ZONE, Sleeper, SyncedAccount, company, synced_account
from tests.sandbox.letsjobit_server import DOCUMENTED

TOKEN = "ljt_test_canary"

EXAMPLE = DOCUMENTED
"""The visit of the documents' list example, with its lost brackets and comma put back."""


class Line(httpx.AsyncBaseTransport):
    """The line; `spoiled` says what happens to the next requests of a method."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)
        self.spoiled: list[tuple[str, str]] = []
        self.headers: list[httpx.Headers] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        if self.spoiled and self.spoiled[0][0] == request.method:
            how = self.spoiled.pop(0)[1]
            if how == "lost after":
                await self.inner.handle_async_request(request)
                raise httpx.ReadTimeout("no answer", request=request)
            if how == "lost before":
                raise httpx.ReadTimeout("no answer", request=request)
            if how == "down":
                raise httpx.ConnectError("no line", request=request)
            if how == "pass":
                return await self.inner.handle_async_request(request)
            status, _, body = how.partition(" ")
            kind = "text/html" if body.startswith("<") else "application/json"
            headers = {"content-type": kind}
            if status == "429":
                headers |= {"X-RateLimit-Remaining": "0", "X-Rate-Limit-Reset": "4"}
            return httpx.Response(int(status), headers=headers, stream=httpx.ByteStream(body.encode()))
        return await self.inner.handle_async_request(request)


@dataclass(kw_only=True)
class Account(SyncedAccount):
    line: Line
    jobit: LetsJobIt

    @property
    def book(self) -> Book:
        book: Book = self.app.state.book
        return book

    def sent(self) -> list[tuple[str, str, Any]]:
        """Each request: method, path with its filters, body; `pagination=0` left out."""
        found = []
        for (method, path, query), body in zip(self.requests, self.app.state.bodies, strict=True):
            asked = "&".join(one for one in query.split("&") if one and one != "pagination=0")
            found.append((method, path.removeprefix("/api/v2") + (f"?{asked}" if asked else ""), body))
        return found

    def writes(self) -> list[tuple[str, str, Any]]:
        return [one for one in self.sent() if one[0] != "GET"]

    def asked(self) -> list[dict[str, str]]:
        """The filters of each list that was read."""
        return [
            {name: one[0] for name, one in parse_qs(query).items() if name != "pagination"}
            for method, path, query in self.requests
            if method == "GET" and path == "/api/v2/visits"
        ]

    def cards(self) -> list[tuple[ServerJob, Card]]:
        return list(self.book.rows())

    def row(self, visit_id: str) -> dict[str, Any]:
        """A visit as the server has it."""
        job = self.book.by_key[visit_id]
        return visit_json(self.book, job, self.book.card(job))

    def write(self, card: Card, **written: Any) -> None:
        """Somebody else writes fields of a visit."""
        card.written |= written
        card.edition += 1

    def where(self, **wanted: Any) -> Card:
        """The first visit at the server whose card is so."""
        return next(
            card
            for _, card in self.cards()
            if all(getattr(card, name) == value for name, value in wanted.items())
        )

    def waiting(self, day: date | None = None) -> Card:
        """A visit of today or another day that a driver has and has not begun."""
        return self.where(
            day=(day or TODAY).isoformat(), in_app=True, closed=False, skipped=False, in_progress=False
        )

    def desk(self, store: Store) -> Desk:
        return Desk(store, self.jobit.rules, Roster(), ZONE, self.clock)


@asynccontextmanager
async def account(
    folder: Path,
    *,
    technicians: int = 6,
    jobs: int = 120,
    synced: bool = True,
    token: str = TOKEN,
    system: Mapping[str, object] | None = None,
    people: Mapping[str, str] | None = None,
    **settings: str,
) -> AsyncIterator[Account]:
    """An account, and a profile whose first sync is done."""
    clock = FixedClock(NOW)
    world = company(technicians, jobs)
    app = create_app(
        world, token=TOKEN, clock=clock.now, settings=Settings.parse({"signature_size": "300", **settings})
    )
    line = Line(app)
    sleep = Sleeper(clock)
    jobit = open_letsjobit(
        "http://127.0.0.1:9",
        token,
        zone=ZONE,
        transport=line,
        clock=clock,
        system=system,
        people=people,
        sleep=sleep,
    )
    async with synced_account(
        Account,
        folder / "profiles" / "ljt",
        jobit,
        sleep,
        synced=synced,
        app=app,
        world=world,
        line=line,
        jobit=jobit,
    ) as account:
        yield account
