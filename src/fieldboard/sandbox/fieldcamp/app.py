"""Puts FieldCamp's endpoints together over one world."""

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
from fieldboard.sandbox.fieldcamp.gate import Gate
from fieldboard.sandbox.fieldcamp.jobs import Jobs
from fieldboard.sandbox.fieldcamp.people import People
from fieldboard.sandbox.fieldcamp.replies import Missing, Refused, failure
from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.store import Store
from fieldboard.sandbox.fieldcamp.visits import Visits
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
    """A FieldCamp server over ``world``, which it changes.

    ``app.state.world`` is the world, ``app.state.requests`` every request as (method, path, query) and
    ``app.state.bodies`` the JSON that each brought,
    ``app.state.settings`` the switches; each step of ``app.state.warm()`` prepares some rows of the
    lists. ``clock`` gives the aware time of every stamp.
    """
    settings = settings or Settings()
    world.visit_bumps_job = settings.visit_bumps_job
    store = Store(world, clock, settings.read_lag_s)
    jobs = Jobs(store, settings, clock)
    visits = Visits(store, settings, clock)
    people = People(store, settings, clock)
    requests: list[Entry] = []
    bodies: list[object] = []

    async def refused(_: Request, error: Exception) -> Response:
        given = error if isinstance(error, Refused) else Refused(500, "Internal error")
        return failure(given, settings)

    async def empty(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        return Response(status_code=status)

    routes = [
        Route("/api/v1/jobs", jobs.list, methods=["GET"]),
        Route("/api/v1/jobs", jobs.create, methods=["POST"]),
        Route("/api/v1/jobs/{id}", jobs.read, methods=["GET"]),
        Route("/api/v1/jobs/{id}", jobs.update, methods=["PUT"]),
        Route("/api/v1/jobs/{id}", jobs.delete, methods=["DELETE"]),
        Route("/api/v1/jobs/{id}/items", jobs.items, methods=["GET"]),
        Route("/api/v1/clients", people.clients, methods=["GET"]),
        Route("/api/v1/clients", people.create, methods=["POST"]),
        Route("/api/v1/clients/{id}", people.read, methods=["GET"]),
        Route("/api/v1/clients/{id}", people.update, methods=["PUT"]),
        Route("/api/v1/clients/{id}", people.delete, methods=["DELETE"]),
        Route("/api/jobs", jobs.list_legacy, methods=["GET"]),
        Route("/api/jobs", jobs.create_legacy, methods=["POST"]),
        Route("/api/jobs/{id}", jobs.read, methods=["GET"]),
        Route("/api/jobs/{id}", jobs.update, methods=["PUT"]),
        Route("/api/jobs/{id}", jobs.delete, methods=["DELETE"]),
        Route("/api/visits", visits.list_legacy, methods=["GET"]),
        Route("/api/visits", visits.create, methods=["POST"]),
        Route("/api/visits/{id}", visits.update, methods=["PUT"]),
        Route("/api/team", people.team, methods=["GET"]),
        Route("/api/clients", people.clients_legacy, methods=["GET"]),
        Route("/api/company-info", people.company, methods=["GET"]),
    ]
    if settings.versioned:
        routes += [
            Route("/api/v1/visits", visits.list, methods=["GET"]),
            Route("/api/v1/visits", visits.create, methods=["POST"]),
            Route("/api/v1/visits/{id}", visits.update, methods=["PUT"]),
            Route("/api/v1/team", people.team, methods=["GET"]),
        ]
    middleware = [Middleware(RequestLog, requests=requests, bodies=bodies)]
    if faults is not None:
        middleware.append(Middleware(Faults, profile=faults, clock=clock))
    middleware.append(
        Middleware(Gate, token=token, settings=settings, clock=clock, latency_s=settings.latency_s)
    )
    app = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={Refused: refused, Missing: empty, HTTPException: empty},
    )
    app.state.world = world
    app.state.requests = requests
    app.state.bodies = bodies
    app.state.settings = settings
    app.state.warm = store.warm
    return app
