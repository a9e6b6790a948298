"""Technicians (read only), customers and their locations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fsmnavigator.book import Book, second
from fieldboard.sandbox.fsmnavigator.replies import (
    dumps,
    instant,
    invalid,
    listing,
    missing,
    page_of,
    single,
    wanted_id,
)
from fieldboard.sandbox.fsmnavigator.settings import Settings
from fieldboard.sandbox.fsmnavigator.wire import (
    availability,
    busy_people,
    customer_json,
    location_json,
    technician_detail_json,
    technician_json,
)
from fieldboard.sandbox.records import Client

_STATUSES = ("Active", "Inactive")
_AVAILABILITY = ("Available", "Busy", "Offline")


class People:
    """``/api/v1/technicians`` and ``/api/v1/customers``."""

    def __init__(self, book: Book, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._world = book.world
        self._settings = settings
        self._clock = clock

    async def technicians(self, request: Request) -> Response:
        """One technician by ``id``, else a page of them."""
        book, now = self._book, self._clock()
        busy = busy_people(book, now)
        one = wanted_id(request)
        if one is not None:
            person = book.technician(one)
            if person is None:
                raise missing("Technician")
            word = availability(book, person, now, busy)
            return single(dumps(technician_detail_json(book, person, word, self._settings)))
        status = _choice(request, "status", _STATUSES)
        wanted = _choice(request, "availability_status", _AVAILABILITY)
        rows = []
        for person in self._world.technicians.values():
            word = availability(book, person, now, busy)
            if (status is None or person.active is (status == "Active")) and wanted in (None, word):
                rows.append(dumps(technician_json(book, person, word)))
        return _page(request, rows)

    async def customers(self, request: Request) -> Response:
        """One customer by ``id``, its locations with ``locations=1``, else a page of all."""
        one = wanted_id(request)
        if one is not None:
            client = self._client(one)
            place = location_json(self._book, client, self._settings)
            if request.query_params.get("locations") == "1":
                return _page(request, [dumps(place)])
            row = customer_json(self._book, client)
            if request.query_params.get("include") == "locations" and self._settings.embeds:
                row["locations"] = [place]
            return single(dumps(row))
        needle = request.query_params.get("search", "").strip().casefold()
        after = instant(request.query_params.get("created_after"), "created_after")
        before = instant(request.query_params.get("created_before"), "created_before")
        places = _choice(request, "has_locations", ("1", "0"))
        rows = [
            dumps(customer_json(self._book, client))
            for client in self._world.clients.values()
            if not client.deleted and places != "0" and needle in f"{client.name} {client.email}".casefold()
            if after is None or second(client.created_at) >= after
            if before is None or second(client.created_at) <= before
        ]
        return _page(request, rows)

    def _client(self, one: int) -> Client:
        client = self._book.client(one)
        if client is None or client.deleted:
            raise missing("Customer")
        return client


def _choice(request: Request, name: str, choices: Sequence[str]) -> str | None:
    value = request.query_params.get(name)
    if value and value not in choices:
        raise invalid(f"{name} must be one of {', '.join(choices)}")
    return value or None


def _page(request: Request, rows: Sequence[bytes]) -> Response:
    page, per_page = page_of(request)
    return listing(rows[(page - 1) * per_page : page * per_page], page, per_page, len(rows))
