"""The sandbox's LetsJobIt server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette

from fieldboard.backends.letsjobit import open_letsjobit
from fieldboard.backends.letsjobit.adapter import LetsJobIt
from fieldboard.board.desk import Desk
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.visit import PlannedVisit
from fieldboard.roster import Roster
from fieldboard.sandbox.letsjobit import Settings, create_app
from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.letsjobit.wire import visit_json
from fieldboard.sandbox.records import Job as ServerJob
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport, SyncSettings

ZONE = Zone("Europe/London")
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
TODAY = date(2026, 6, 4)
TOKEN = "ljt_test_canary"
SETTINGS = SyncSettings("ljt", timeout_s=20, settle_s=30, poll_s=20)

EXAMPLE: dict[str, Any] = {
    "_id": "yKQhJZ9B7PTT85kWc",
    "driverId": "FEn9BJz93svSNPx7p",
    "name": "Liam",
    "date": "2020-03-31",
    "totalJobs": 1,
    "id": 10816703,
    "docType": "CALL OUT",
    "docNo": "H-017623",
    "serviceOrder": 3,
    "customer": "The Green Sleeve",
    "siteId": "30101308",
    "lat": 57.000000,
    "lng": -2.000000,
    "site": "The Green Sleeve",
    "address": "999 West High Street",
    "postCode": "AB51 3QR",
    "city": "INVERURIE",
    "obs": "Contact Info: The Green Sleeve, John: 01999999999 \r\n AQUARIUS TONE7/3 2001 - Side of the shop"
    "\r\nAccess 9am - 5.30pm\r\nNo parking onsite ",
    "contactPerson": "John",
    "contactPhone": "01999999999",
    "emailMandatory": True,
    "priority": "3",
    "showItemsOnOrderSection": True,
    "hideEquipmentDetails": False,
    "hideDeliveryItemsSection": False,
    "signeeName": "John",
    "signeeEmail": "",
    "subContractorIds": ["My Subcontractor"],
    "territory": "AB-Aberdeen",
    "useStartPauseStopStyleButtonsInJobs": True,
    "inMobileApp": True,
    "NPSMandatory": True,
    "precedencePriorityVisit": False,
    "closeVisitOnLastJobClose": False,
    "country": "GB",
    "companyId": "LPeaJNaLQT6RqcFdt",
    "time_windows": [{"earliest": 30600, "latest": 64800}],
    "required_skills": ["Hot water technician"],
    "allowed_vehicles": [],
    "confirmClose": True,
    "inProgress": False,
    "closed": True,
    "skipped": False,
    "geocoding": None,
    "showDiscountAndBonusOnItemsOnOrder": False,
    "duration": 2100,
    "createdAt": "2020-03-09 15:48:17",
    "createdUser": "API",
    "hasChangesToSync": False,
    "modifieddAt": "2020-03-24 15:45:38",
    "modifyUser": "2pjP3L3S8JtZhLPoN",
    "servicing": False,
    "signeeRating": "5",
    "signature": "/9j/4AAQSkZJRgABAQEAAAAAA...",
    "appClientVersion": "1.7.163",
    "closeDate": "2020-03-24 15:45",
    "skippedReasonId": "",
}
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


@dataclass
class Account:
    app: Starlette
    world: World
    line: Line
    clock: FixedClock
    jobit: LetsJobIt
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

    async def sync(self, *, full: bool = False, patient: bool = False) -> RoundReport:
        return await self.engine.round(full, fence=self.fence, patient=patient)

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

    def store(self) -> Store:
        return Store(self.files, ZONE, self.clock)

    def desk(self, store: Store) -> Desk:
        return Desk(store, self.jobit.rules, Roster(), ZONE, self.clock)

    def cached(self, visit_id: str) -> Job:
        store = self.store()
        try:
            found = store.job(visit_id)
            assert found is not None
            return found
        finally:
            store.close()

    def has(self, visit_id: str) -> bool:
        store = self.store()
        try:
            return store.job(visit_id) is not None
        finally:
            store.close()

    def planned(self, visit_id: str) -> PlannedVisit:
        store = self.store()
        try:
            return store.planned_of_job(visit_id)[0]
        finally:
            store.close()

    def edit(self, visit_id: str, *wanted: tuple[str, Json], intent: Intent = Intent.EDIT) -> str:
        """Save an edit, based on what the cache has."""
        job = self.cached(visit_id)
        changes = tuple(
            Change(Kind.JOB, visit_id, name, fields.value_of(job, name), value) for name, value in wanted
        )
        return self.add(intent, *changes)

    def add(self, intent: Intent, *changes: Change) -> str:
        return self.engine.outbox.add(
            OperationDraft(intent, f"job:{changes[0].id}", changes, "an edit")
        ).op_id

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
    system: Mapping[str, object] | None = None,
    people: Mapping[str, str] | None = None,
    **settings: str,
) -> AsyncIterator[Account]:
    """An account, and a profile whose first sync is done."""
    clock = FixedClock(NOW)
    world = build_world(7, technicians, jobs, 20, TODAY, NOW, ZoneInfo(ZONE.name))
    app = create_app(
        world, token=TOKEN, clock=clock.now, settings=Settings.parse({"signature_size": "300", **settings})
    )
    line = Line(app)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds > 0:
            slept.append(seconds)
            clock.advance(seconds)

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
    files = ProfileFiles(folder / "profiles" / "ljt")
    files.prepare()
    engine = Engine(jobit, files, jobit.rules, ZONE, clock, SETTINGS, sleep=sleep)
    made = Account(app, world, line, clock, jobit, engine, files, engine.take_over("test"), slept)
    try:
        if synced:
            report = await made.sync(full=True, patient=True)
            assert report.error is None
            made.forget()
        yield made
    finally:
        engine.close()
        await jobit.close()
