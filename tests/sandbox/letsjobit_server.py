"""A LetsJobIt server of these tests, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from fieldboard.sandbox.letsjobit import Settings, create_app
from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.records import Job, World
from tests.sandbox.conftest import NOW, TOKEN, make_world

Row = dict[str, Any]

#: The visit of the documents' list, whole.
DOCUMENTED: Row = {
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


@dataclass
class Server:
    """A server in this process, its world, its clock, and a client with the key."""

    app: Starlette
    world: World
    http: httpx.AsyncClient
    time: list[datetime]

    @property
    def book(self) -> Book:
        book: Book = self.app.state.book
        return book

    def pass_time(self, seconds: float) -> datetime:
        """Move the server's clock."""
        self.time[0] += timedelta(seconds=seconds)
        return self.time[0]

    async def get(self, path: str = "", **query: str) -> Any:
        """The body of a GET that must succeed."""
        answer = await self.http.get(f"/api/v2/visits{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def all(self, **query: str) -> list[Row]:
        """Every visit that the filters let through, page by page as the documents say."""
        rows: list[Row] = []
        while True:
            body = await self.get(**query, pagination=str(len(rows)))
            rows += body["data"]
            if int(body["meta"]["remainingRecords"]) == 0:
                return rows
            assert body["meta"]["nextStart"] == len(rows)

    async def one(self, key: str) -> Row:
        """A visit by its internal id."""
        rows: list[Row] = (await self.get(_id=key))["data"]
        assert len(rows) == 1
        return rows[0]

    async def first(self, **where: object) -> Row:
        """The first visit of today whose fields are these."""
        rows = await self.all(date=self.world.today.isoformat())
        return next(row for row in rows if all(row.get(name) == value for name, value in where.items()))

    async def put(self, key: str, **fields: object) -> Any:
        """The meta of a PUT that must succeed."""
        answer = await self.http.put(f"/api/v2/visits/{key}", json=fields)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"] is None
        return answer.json()["meta"]

    async def post(self, *visits: object) -> Any:
        """The meta of a POST that must be heard."""
        answer = await self.http.post("/api/v2/visits", json=list(visits))
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"] is None
        return answer.json()["meta"]

    def job(self, row: Row) -> Job:
        """The world's job of a visit."""
        return self.book.by_key[row["_id"]]


@asynccontextmanager
async def serving(
    technicians: int = 23, jobs: int = 400, change: Callable[[World], None] | None = None, **settings: str
) -> AsyncIterator[Server]:
    """A server over a small world with short signatures, with ``settings`` as on the command line."""
    world, time = make_world(technicians, jobs), [NOW]
    if change is not None:
        change(world)
    app = create_app(
        world,
        token=TOKEN,
        clock=lambda: time[0],
        settings=Settings.parse({"signature_size": "40", "rate_limit": "100000"} | settings),
    )
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://s", headers=headers) as http:
        yield Server(app, world, http, time)
