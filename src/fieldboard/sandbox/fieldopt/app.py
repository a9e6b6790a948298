"""Puts FieldOpt's endpoints together over one world, in one of its dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fieldboard.sandbox.faults import FaultProfile, Faults
from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code import code_routes
from fieldboard.sandbox.fieldopt.gate import Gate
from fieldboard.sandbox.fieldopt.moving import Moving
from fieldboard.sandbox.fieldopt.openapi import described
from fieldboard.sandbox.fieldopt.replies import Broken, Refused, answer, failure
from fieldboard.sandbox.fieldopt.settings import Settings
from fieldboard.sandbox.fieldopt.spoil import spoiled
from fieldboard.sandbox.fieldopt.wiki import BASE, wiki_routes
from fieldboard.sandbox.records import World
from fieldboard.sandbox.request_log import Entry, RequestLog


def utc_now() -> datetime:
    """The computer's clock."""
    return datetime.now(UTC)


def create_app(
    world: World,
    *,
    token: str | None = None,
    faults: FaultProfile | None = None,
    clock: Callable[[], datetime] = utc_now,
    settings: Settings | None = None,
) -> Starlette:
    """A FieldOpt server over ``world``, which it changes: each job keeps one visit, and that one person.

    ``token`` is only asked for with the setting ``auth``. ``app.state.world`` is the world,
    ``app.state.book`` what this system makes of it, ``app.state.requests`` every request as (method, path,
    query) and ``app.state.bodies`` the JSON that each brought. ``app.state.technician_id`` and
    ``app.state.job_id`` give the id of a technician and a job of the world as a text,
    ``app.state.token`` is the token that is needed, ``app.state.reset`` loses the database, and
    ``app.state.live`` makes what moves the world from a moment on.
    """
    settings = settings or Settings()
    # A job is its visit here: what changes one has changed the other.
    world.visit_bumps_job = True
    book = Book(world, settings, clock())
    requests: list[Entry] = []
    bodies: list[object] = []
    needed = (token or "") if settings.auth else None

    async def refused(_: Request, error: Exception) -> Response:
        return failure(error) if isinstance(error, Refused) else broken()

    async def failed(_: Request, __: Exception) -> Response:
        return broken()

    async def unknown(_: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return broken()
        response = answer({"detail": error.detail}, error.status_code)
        response.headers.update(error.headers or {})
        return response

    def broken() -> Response:
        if settings.dialect == "code":
            return PlainTextResponse("Internal Server Error", 500)
        return answer({"detail": "Internal server error"}, 500)

    def reset() -> None:
        book.restart(clock())

    code = settings.dialect == "code"
    routes, row = code_routes(book, clock, reset) if code else wiki_routes(book, clock)
    if settings.types != "documented":
        spoilt = ((route.path, spoiled(route.endpoint, settings.types), route.methods) for route in routes)
        routes = [Route(path, call, methods=sorted(methods or ())) for path, call, methods in spoilt]
    for route in routes:
        if route.methods is not None:
            # Nobody has written one.
            route.methods.discard("HEAD")
    document = described(settings, routes, BASE)

    async def openapi(_: Request) -> Response:
        return answer(document)

    if settings.openapi:
        routes.append(Route("/openapi.json", openapi, methods=["GET"]))
    middleware = [Middleware(RequestLog, requests=requests, bodies=bodies)]
    if faults is not None:
        middleware.append(Middleware(Faults, profile=faults, clock=clock))
    middleware.append(Middleware(Gate, token=needed, settings=settings, lose=reset, broken=broken))
    app = Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={Refused: refused, Broken: failed, HTTPException: unknown},
    )

    def warm() -> Iterator[None]:
        for count, job in enumerate(book.jobs()):
            if job.id in world.jobs:
                row(job)
            if count % 50 == 0:
                yield

    app.state.world = world
    app.state.book = book
    app.state.requests = requests
    app.state.bodies = bodies
    app.state.settings = settings
    app.state.technician_id = lambda person_id: str(book.people[person_id].id)
    app.state.job_id = lambda job_id: str(book.card(world.jobs[job_id]).id)
    app.state.live = lambda now: Moving(book, now)
    app.state.token = needed
    app.state.reset = reset
    app.state.warm = warm
    return app
