"""Puts FSM Navigator's endpoints together over one world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fieldboard.sandbox.faults import FaultProfile, Faults
from fieldboard.sandbox.fsmnavigator.book import Book
from fieldboard.sandbox.fsmnavigator.gate import Gate
from fieldboard.sandbox.fsmnavigator.jobs import Jobs
from fieldboard.sandbox.fsmnavigator.people import People
from fieldboard.sandbox.fsmnavigator.replies import Refused, failure
from fieldboard.sandbox.fsmnavigator.settings import Settings
from fieldboard.sandbox.records import World
from fieldboard.sandbox.request_log import Entry, RequestLog


def utc_now() -> datetime:
    """The computer's clock."""
    return datetime.now(UTC)


def create_app(
    world: World,
    *,
    token: str,
    faults: FaultProfile | None = None,
    clock: Callable[[], datetime] = utc_now,
    settings: Settings | None = None,
) -> Starlette:
    """An FSM Navigator server over ``world``, which it changes.

    ``app.state.world`` is the world, ``app.state.book`` what this system makes of it,
    ``app.state.requests`` every request as (method, path, query) and ``app.state.bodies`` the JSON that
    each brought. ``app.state.technician_id`` gives the id of a technician as a text.
    """
    settings = settings or Settings()
    # A job is its visit here: what changes one has changed the other.
    world.visit_bumps_job = True
    book = Book(world, settings)
    jobs = Jobs(book, settings, clock)
    people = People(book, settings, clock)
    requests: list[Entry] = []
    bodies: list[object] = []

    async def refused(_: Request, error: Exception) -> Response:
        if isinstance(error, Refused):
            return failure(error)
        return failure(Refused(500, "internal_error", "Internal error"))

    async def unknown(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return Response("<!doctype html><h1>Not found</h1>", status, media_type="text/html")

    routes = [
        Route("/api/v1/jobs", jobs.get, methods=["GET"]),
        Route("/api/v1/jobs", jobs.create, methods=["POST"]),
        Route("/api/v1/jobs", jobs.update, methods=["PUT"]),
        Route("/api/v1/jobs", jobs.set_status, methods=["PATCH"]),
        Route("/api/v1/technicians", people.technicians, methods=["GET"]),
        Route("/api/v1/customers", people.customers, methods=["GET"]),
    ]
    middleware = [Middleware(RequestLog, requests=requests, bodies=bodies)]
    if faults is not None:
        middleware.append(Middleware(Faults, profile=faults, clock=clock))
    middleware.append(Middleware(Gate, token=token, settings=settings, clock=clock))
    app = Starlette(
        routes=routes, middleware=middleware, exception_handlers={Refused: refused, HTTPException: unknown}
    )

    def warm() -> Iterator[None]:
        yield from ()

    app.state.world = world
    app.state.book = book
    app.state.requests = requests
    app.state.bodies = bodies
    app.state.settings = settings
    app.state.technician_id = lambda person_id: str(book.technician_id(person_id))
    app.state.warm = warm
    return app
