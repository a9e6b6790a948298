"""A profile on a disk, a FieldCamp server in this process, and a line between them that can be spoiled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import httpx
from starlette.applications import Starlette

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.adapter import FieldCamp
from fieldboard.backends.fieldcamp.rules import FIELDCAMP
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.visit import Visit
from fieldboard.sandbox.fieldcamp import Settings, create_app
from fieldboard.sandbox.records import Visit as ServerVisit
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport, SyncSettings

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
TOKEN = "fc_live_canary_7f3a"
SETTINGS = SyncSettings("north", timeout_s=20, settle_s=30, poll_s=20)


class Spoils(Protocol):
    """Something that may befall a request."""

    def fits(self, request: httpx.Request, /) -> bool: ...

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport, /) -> httpx.Response: ...


class Wire(httpx.AsyncBaseTransport):
    """The line. `spoilers` are asked in order for each request: the first that fits spoils it once."""

    def __init__(self, app: Starlette) -> None:
        self.inner = httpx.ASGITransport(app)
        self.spoilers: list[Spoils] = []
        self.requests: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append((request.method, request.url.path))
        for spoiler in self.spoilers:
            if spoiler.fits(request):
                return await spoiler.spoil(request, self.inner)
        return await self.inner.handle_async_request(request)

    def writes(self) -> list[tuple[str, str]]:
        """What was asked for with a method that writes."""
        return [one for one in self.requests if one[0] != "GET"]


@dataclass
class Spoiler:
    """What happens to the next `times` requests of a method whose path contains a text."""

    how: str
    method: str = ""
    path: str = ""
    times: int = 1_000
    headers: dict[str, str] = field(default_factory=dict)

    def fits(self, request: httpx.Request) -> bool:
        if self.times <= 0 or (self.method and request.method != self.method):
            return False
        return self.path in request.url.path

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        self.times -= 1
        match self.how:
            case "refused":
                raise httpx.ConnectError("connection refused", request=request)
            case "lost before":
                raise httpx.ReadTimeout("no answer", request=request)
            case "lost after":
                await inner.handle_async_request(request)
                raise httpx.ReadTimeout("no answer", request=request)
            case "html after":
                await inner.handle_async_request(request)
                return answer_with(200, b"<html>portal</html>", {"content-type": "text/html"})
            case "html":
                return answer_with(200, b"<html>portal</html>", {"content-type": "text/html"})
            case "half":
                answer = await inner.handle_async_request(request)
                body = await answer.aread()
                return answer_with(200, body[: len(body) // 2], JSON)
            case _:
                return answer_with(int(self.how), b'{"success":false,"error":"no"}', {**JSON, **self.headers})


JSON = {"content-type": "application/json"}


def answer_with(status: int, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """An answer whose body is still on the line."""
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


class SetClock(FixedClock):
    """The clock of a computer on which somebody sets the time. `origin` is its boot."""

    boot: int | None = 1

    def set_by(self, seconds: float) -> None:
        """Set the time; how long something took is not touched by it."""
        self._instant += timedelta(seconds=seconds)

    def origin(self) -> int | None:
        return self.boot


@dataclass
class Room:
    """Everything that a story needs."""

    files: ProfileFiles
    clock: SetClock
    world: World
    wire: Wire
    backend: FieldCamp
    engine: Engine
    fence: int

    zone: Zone = field(default_factory=lambda: Zone("Europe/London"))
    slept: list[float] = field(default_factory=list)

    @property
    def now(self) -> Instant:
        return instant_of(self.clock.now())

    @property
    def outbox(self) -> Outbox:
        return self.engine.outbox

    async def sync(self, *, full: bool = False, patient: bool = False, accepts: bool = False) -> RoundReport:
        return await self.engine.round(full, fence=self.fence, patient=patient, accepts=accepts)

    async def push(self) -> RoundReport:
        return await self.engine.push_only(fence=self.fence)

    def spoil(
        self, how: str, method: str = "", path: str = "", times: int = 1_000, **headers: str
    ) -> Spoiler:
        spoiler = Spoiler(how, method, path, times, headers)
        self.wire.spoilers.append(spoiler)
        return spoiler

    def mend(self) -> None:
        self.wire.spoilers.clear()

    # -- the server's side

    def open_visit(self, nth: int = 0) -> ServerVisit:
        """A scheduled visit of one technician, the only one of its job, still to come."""
        found = [
            visit
            for visit in self.world.visits.values()
            if visit.status == "scheduled"
            and len(visit.crew) == 1
            and visit.start is not None
            and visit.start > NOW
            and len(self.world.jobs[visit.job_id].visits) == 1
        ]
        return found[nth]

    def others(self, *taken: str) -> list[str]:
        """Technicians besides those named."""
        return [one for one in self.world.technicians if one not in taken]

    # -- our side

    def visit(self, visit_id: str) -> Visit:
        """A visit as the cache has it from the server."""
        reader = CacheReader(self.files, self.zone)
        try:
            found = reader.own_visit(visit_id)
            assert found is not None
            return found
        finally:
            reader.close()

    def has_job(self, job_id: str) -> bool:
        reader = CacheReader(self.files, self.zone)
        try:
            return reader.job(job_id) is not None
        finally:
            reader.close()

    def counts(self) -> dict[str, int]:
        reader = CacheReader(self.files, self.zone)
        try:
            return dict(reader.counts())
        finally:
            reader.close()

    def edit(self, kind: Kind, entity_id: str, name: str, seen: Json, wanted: Json, *, intent: Intent) -> str:
        """Save an edit, and return its id."""
        change = Change(kind, entity_id, name, seen, wanted)
        draft = OperationDraft(intent, f"{kind.value}:{entity_id}", (change,), "an edit")
        return self.outbox.add(draft).op_id

    def assign(self, visit_id: str, technician: str) -> str:
        """Save an assignment, based on what the cache has."""
        seen = fields.value_of(self.visit(visit_id), fields.TECHNICIANS)
        return self.edit(Kind.VISIT, visit_id, fields.TECHNICIANS, seen, [technician], intent=Intent.ASSIGN)

    def move(self, visit_id: str, minutes: int) -> str:
        """Save a move in time, based on what the cache has."""
        visit = self.visit(visit_id)
        assert visit.start is not None
        assert visit.end is not None
        wanted: Json = [visit.start + minutes * 60, visit.end + minutes * 60, None]
        seen = fields.value_of(visit, fields.TIMES)
        return self.edit(Kind.VISIT, visit_id, fields.TIMES, seen, wanted, intent=Intent.RESCHEDULE)

    def op(self, op_id: str) -> Operation:
        found = self.outbox.get(op_id)
        assert found is not None
        return found

    def state(self, op_id: str) -> OpState:
        return self.op(op_id).state

    async def reopen(self) -> None:
        """A new process: a new adapter too, which remembers nothing."""
        self.engine.close()
        await self.backend.close()
        self.backend = open_fieldcamp(
            "http://127.0.0.1:9", TOKEN, zone=self.zone, transport=self.wire, clock=self.clock
        )
        self.engine = make_engine(self.backend, self.files, self.zone, self.clock, self.slept)
        self.fence = self.engine.take_over("test")

    def restart(self) -> None:
        """Another process takes over, as after a kill of the one before."""
        self.engine.close()
        self.engine = make_engine(self.backend, self.files, self.zone, self.clock, self.slept)
        self.fence = self.engine.take_over("test")


def new_job(room: Room, number: str | None = None) -> OperationDraft:
    """An edit that makes a job, under a number where one is given."""
    client = next(iter(room.world.clients))
    value: dict[str, Json] = {
        "title": "Boiler service",
        "customer_id": client,
        "times": [room.now + 7200, room.now + 10800, None],
        "technicians": [],
    }
    if number is not None:
        value["number"] = number
    return OperationDraft(
        Intent.CREATE, "job:new", (Change(Kind.JOB, "new", fields.CREATED, None, value),), "a new job"
    )


def unnamed(world: World, job_id: str | None, now: datetime) -> None:
    """The job as a server makes it that takes no title with a new one."""
    job = world.jobs[job_id or ""]
    job.title = ""
    job.items.clear()
    world.touch(job, now)


def make_engine(
    backend: FieldCamp, files: ProfileFiles, zone: Zone, clock: FixedClock, slept: list[float]
) -> Engine:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    return Engine(backend, files, FIELDCAMP, zone, clock, SETTINGS, sleep=sleep)


@asynccontextmanager
async def room_with(
    folder: Path, *, technicians: int = 5, jobs: int = 60, first_sync: bool = True, **settings: str
) -> AsyncIterator[Room]:
    """A room over a small company; its first sync is done."""
    clock = SetClock(NOW)
    world = build_world(7, technicians, jobs, 20, NOW.astimezone(LONDON).date(), NOW, LONDON)
    app = create_app(world, token=TOKEN, clock=clock.now, settings=Settings.parse(settings))
    wire = Wire(app)
    zone = Zone("Europe/London")
    files = ProfileFiles(folder / "profiles" / "north")
    files.prepare()
    backend = open_fieldcamp("http://127.0.0.1:9", TOKEN, zone=zone, transport=wire, clock=clock)
    slept: list[float] = []
    engine = make_engine(backend, files, zone, clock, slept)
    room = Room(files, clock, world, wire, backend, engine, engine.take_over("test"), zone, slept)
    try:
        if first_sync:
            report = await room.sync(full=True)
            assert report.error is None
            clock.advance(60)
            wire.requests.clear()
        yield room
    finally:
        room.engine.close()
        await room.backend.close()
