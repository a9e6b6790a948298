"""Puts LetsJobIt's endpoints together over one world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fieldboard.sandbox.faults import FaultProfile, Faults
from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.letsjobit.gate import Gate
from fieldboard.sandbox.letsjobit.live import Road
from fieldboard.sandbox.letsjobit.replies import Refused, failure
from fieldboard.sandbox.letsjobit.settings import Settings
from fieldboard.sandbox.letsjobit.visits import Visits
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
    """A LetsJobIt server over ``world``, which it changes: at once into one of one visit a job.

    ``app.state.world`` is the world, ``app.state.book`` what this system makes of it,
    ``app.state.requests`` every request as (method, path, query) and ``app.state.bodies`` the JSON that
    each brought. ``app.state.technician_id`` gives the id of a technician as a driver, ``app.state.live``
    what moves the world from an instant on; each step of ``app.state.warm()`` prepares some rows.
    """
    settings = settings or Settings()
    # A job is its visit here: what changes one has changed the other.
    world.visit_bumps_job = True
    book = Book(world, settings)
    visits = Visits(book, settings, clock)
    requests: list[Entry] = []
    bodies: list[object] = []

    async def refused(_: Request, error: Exception) -> Response:
        given = error if isinstance(error, Refused) else Refused(500, "Internal error")
        return failure(given, settings)

    async def unknown(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return Response("<!doctype html><h1>Not found</h1>", status, media_type="text/html")

    routes = [
        Route("/api/v2/visits", visits.list, methods=["GET"]),
        Route("/api/v2/visits", visits.add, methods=["POST"]),
        Route("/api/v2/visits/{id}", visits.read, methods=["GET"]),
        Route("/api/v2/visits/{id}", visits.update, methods=["PUT"]),
        Route("/api/v2/visits/{id}", visits.delete, methods=["DELETE"]),
    ]
    middleware = [Middleware(RequestLog, requests=requests, bodies=bodies)]
    if faults is not None:
        middleware.append(Middleware(Faults, profile=faults, clock=clock))
    middleware.append(Middleware(Gate, token=token, settings=settings, clock=clock))
    app = Starlette(
        routes=routes, middleware=middleware, exception_handlers={Refused: refused, HTTPException: unknown}
    )
    app.state.world = world
    app.state.book = book
    app.state.requests = requests
    app.state.bodies = bodies
    app.state.settings = settings
    app.state.live = lambda started: Road(book, settings, started)
    app.state.technician_id = book.driver_id
    app.state.warm = visits.warm
    return app
