"""The Team and Clients resources, and the company's own settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldcamp.replies import (
    Body,
    Missing,
    Refused,
    instant,
    json_body,
    listing,
    success,
    text,
)
from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.store import Store
from fieldboard.sandbox.fieldcamp.wire import dumps, technician_json
from fieldboard.sandbox.records import Address, Client, whole_millisecond
from fieldboard.sandbox.streets import CITY, DISTRICTS

_NESTED = ("phoneNumber", "billingAddress", "propertyAddress")


class People:
    """The endpoints of team, clients and company."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._world = store.world
        self._settings = settings
        self._clock = clock

    async def team(self, _: Request) -> Response:
        """GET everybody who can be sent."""
        return success(team=dumps([technician_json(one) for one in self._world.technicians.values()]))

    async def company(self, _: Request) -> Response:
        """GET the tenant's settings."""
        settings = {"name": self._world.company, "timezone": self._world.zone.key}
        return success(company=dumps(settings))

    async def clients(self, request: Request) -> Response:
        """GET the clients that ``search`` and ``since`` let through."""
        return listing("clients", self._filtered(request), request, self._settings)

    async def clients_legacy(self, request: Request) -> Response:
        """GET every client: the frozen route knows no filters."""
        rows = (row for _, row in self._store.clients.visible())
        return listing("clients", rows, request, self._settings)

    async def create(self, request: Request) -> Response:
        """POST a client."""
        body = await json_body(request)
        name = text(body, "name")
        if not name:
            raise Refused(400, "name is required")
        now = whole_millisecond(self._clock())
        centre = DISTRICTS[0]
        site = Address("", "", "", CITY, "", centre.lat, centre.lng)
        client = Client(self._world.mint("cli"), name, "person", "", "", site, site, now, now)
        _change(client, body)
        self._store.clients.before_write(None, client.id)
        self._world.clients[client.id] = client
        return success(clientId=client.id, client=self._store.clients.row(client))

    async def read(self, request: Request) -> Response:
        """GET one client; also one that was deleted, as its jobs still point at it."""
        id_ = request.path_params["id"]
        row = self._store.clients.visible_one(self._world.clients.get(id_), id_)
        if row is None:
            raise Missing
        return success(client=row)

    async def update(self, request: Request) -> Response:
        """PUT the fields to change."""
        client = self._found(request)
        body = await json_body(request)
        self._store.clients.before_write(client, client.id)
        _change(client, body)
        self._stamp(client)
        # A job can be searched by its client's name, but shows nothing of it.
        return success(client=self._store.clients.row(client))

    async def delete(self, request: Request) -> Response:
        """DELETE softly: the client is no longer listed."""
        client = self._found(request)
        self._store.clients.before_write(client, client.id)
        client.deleted = True
        self._stamp(client)
        return Response(status_code=200)

    def _found(self, request: Request) -> Client:
        """The client of the path that is not deleted."""
        client = self._world.clients.get(request.path_params["id"])
        if client is None or client.deleted:
            raise Missing
        return client

    def _stamp(self, client: Client) -> None:
        """Record that ``client`` changed."""
        client.rev += 1
        client.updated_at = whole_millisecond(self._clock())

    def _filtered(self, request: Request) -> Iterator[bytes]:
        """The rows of clients changed after ``since`` whose name, mail or phone has ``search``."""
        since = instant(request.query_params.get("since"), "since")
        needle = request.query_params.get("search", "").strip().casefold()
        for client, row in self._store.clients.visible():
            if since is not None and client.updated_at <= since:
                continue
            if needle and not any(
                needle in field.casefold() for field in (client.name, client.email, client.phone)
            ):
                continue
            yield row


def _change(client: Client, body: Body) -> None:
    """Write the given fields."""
    name, email = text(body, "name"), text(body, "email")
    nested = {field: body[field] for field in _NESTED if body.get(field) is not None}
    for field, value in nested.items():
        if not isinstance(value, dict):
            raise Refused(400, f"{field} must be an object")
    client.name = name or client.name
    client.email = email if email is not None else client.email
    client.extra = {**client.extra, **nested}
