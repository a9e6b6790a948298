"""One account of any system: its sandbox in this process, and a profile of ours that syncs with it."""

from __future__ import annotations

import atexit
import json
import pickle
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from fieldboard.backends.port import Backend
from fieldboard.board.desk import Desk
from fieldboard.board.plan import Plan
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.domain.fields import value_of
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Operation, OpState
from fieldboard.domain.visit import PlannedVisit
from fieldboard.roster import Roster
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport, SyncSettings
from tests.conformance.systems import System
from tests.simulation.clock import START, SimClock
from tests.simulation.systems.played import TOKEN, Facts, Played, Ref

ZONE = Zone("Europe/London")
SETTINGS = SyncSettings("tested", timeout_s=20, settle_s=30, poll_s=20)

Spoil = Callable[[httpx.Request, httpx.ASGITransport], Awaitable[httpx.Response | None]]
"""What meets a request in the server's place; None lets it pass."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived at the server's door."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


class Line(httpx.AsyncBaseTransport):
    """Every request is written down; `spoil` may answer in the server's place."""

    def __init__(self, played: Played) -> None:
        self.inner = httpx.ASGITransport(played.app)
        self.asked: list[Asked] = []
        self.spoil: Spoil | None = None
        self._clock = played.clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Write it down and let it meet what it meets."""
        content = await request.aread()
        try:
            body = json.loads(content) if content else None
        except ValueError:
            body = content
        self.asked.append(Asked(request.method, request.url.path, {**request.url.params}, body))
        # As long as the documents' limits want it, so that nobody has to wait for a turn.
        self._clock.elapsed += 1.1
        answer = await self.spoil(request, self.inner) if self.spoil is not None else None
        if answer is None:
            answer = await self.inner.handle_async_request(request)
        answer.headers.setdefault("date", format_datetime(self._clock.true_now(), usegmt=True))
        return answer


def answers(
    status: int, body: object = b"", content_type: str = "application/json", **headers: str
) -> httpx.Response:
    """An answer that did not come from the server."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {
        "content-type": content_type,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return httpx.Response(status, headers=names, stream=httpx.ByteStream(content))


@dataclass
class Account:
    """A profile and its server."""

    system: System
    played: Played
    clock: SimClock
    line: Line
    backend: Backend
    engine: Engine
    files: ProfileFiles
    fence: int
    slept: list[float] = field(default_factory=list)

    # -- the server

    @property
    def facts(self) -> dict[Ref, Facts]:
        """What the server has, in the words in which edits compare."""
        return self.played.facts()

    def writes(self) -> list[Asked]:
        """The requests that wrote, since `forget`."""
        return [one for one in self.line.asked if one.method != "GET"]

    def forget(self) -> None:
        """Begin a new log."""
        self.line.asked.clear()

    # -- our side

    async def sync(self, *, full: bool = False, patient: bool = True) -> RoundReport:
        """One round that somebody waits for; in the background where not `patient`."""
        return await self.engine.round(full, fence=self.fence, patient=patient)

    def store(self) -> Store:
        """The cache with the edits laid over it."""
        return Store(self.files, ZONE, self.clock)

    def desk(self) -> Desk:
        """A board's desk; close its store."""
        return Desk(self.store(), self.backend.rules, Roster(), ZONE, self.clock)

    def cached(self) -> dict[Ref, Facts]:
        """What the cache has of the server, in the words in which edits compare."""
        found: dict[Ref, Facts] = {}
        with closing(self.store()) as store:
            names = self.played.fields
            for job in [*store.reader.jobs()]:
                own = store.reader.own_job(job.id)
                assert own is not None
                found["job", job.id] = {one: value_of(own, one) for one in names["job"]}
            for visit in [*store.reader.visits()] if "visit" in names else []:
                kept = store.reader.own_visit(visit.id)
                if kept is not None:
                    found["visit", visit.id] = {one: value_of(kept, one) for one in names["visit"]}
        return found

    def differing(self) -> dict[Ref, tuple[Facts | None, Facts | None]]:
        """What is not in the cache as the server has it: (server, cache)."""
        here = self.cached()
        there = {
            ref: {one: facts[one] for one in self.played.fields[ref[0]]} for ref, facts in self.facts.items()
        }
        return {
            ref: (there.get(ref), here.get(ref))
            for ref in here.keys() | there.keys()
            if here.get(ref) != there.get(ref)
        }

    def visits(self, desk: Desk) -> list[PlannedVisit]:
        """All visits that are shown, by their ids."""
        return sorted(desk.store.visits(), key=lambda one: one.id)

    def commit(self, plan: Plan, desk: Desk) -> list[Operation]:
        """Save a plan as the board does."""
        assert plan.refusal is None, plan.refusal
        return [*desk.commit(plan)]

    def op(self, op_id: str) -> Operation:
        """An edit as it stands."""
        found = self.engine.outbox.get(op_id)
        assert found is not None
        return found

    def states(self, ops: Sequence[Operation]) -> list[OpState]:
        """How edits stand."""
        return [self.op(one.op_id).state for one in ops]


@asynccontextmanager
async def account(
    system: System,
    folder: Path,
    *,
    technicians: int = 5,
    jobs: int = 60,
    synced: bool = True,
    token: str = TOKEN,
    **settings: Any,
) -> AsyncIterator[Account]:
    """An account of a small company on a Thursday morning, and a profile whose first sync is done."""
    clock = SimClock()
    files = ProfileFiles(folder / "profiles" / "tested")
    known: Mapping[str, str] = {}
    if synced:
        kept = await _synced(system, technicians, jobs, tuple(sorted(settings.items())))
        shutil.copytree(kept.folder, files.folder)
        known, clock.elapsed = kept.learned, kept.elapsed + 60
    else:
        files.prepare()
    async with _opened(system, files, clock, _world(technicians, jobs), known, token, settings) as made:
        yield made


@dataclass(frozen=True, slots=True)
class _Synced:
    folder: Path
    learned: Mapping[str, str]
    elapsed: float


_KEPT: dict[tuple[object, ...], _Synced] = {}


async def _synced(
    system: System, technicians: int, jobs: int, settings: tuple[tuple[str, Any], ...]
) -> _Synced:
    """The files of a profile after its first sync, made once for all tests that begin there."""
    key = (system.name, technicians, jobs, settings)
    if key not in _KEPT:
        clock = SimClock()
        files = ProfileFiles(Path(mkdtemp(prefix="fieldboard-conformance-")) / "tested")
        files.prepare()
        world = _world(technicians, jobs)
        async with _opened(system, files, clock, world, {}, TOKEN, dict(settings)) as made:
            report = await made.sync(full=True)
            assert report.error is None, report.error
            learned = dict(made.backend.learned)
        _KEPT[key] = _Synced(files.folder, learned, clock.elapsed)
        atexit.register(shutil.rmtree, files.folder.parent, ignore_errors=True)
    return _KEPT[key]


@cache
def _packed(technicians: int, jobs: int) -> bytes:
    return pickle.dumps(build_world(7, technicians, jobs, 20, START.date(), START, ZoneInfo(ZONE.name)))


def _world(technicians: int, jobs: int) -> World:
    world = pickle.loads(_packed(technicians, jobs))  # noqa: S301 - written by this very process
    assert isinstance(world, World)
    return world


@asynccontextmanager
async def _opened(  # noqa: PLR0917 - the parts of an account
    system: System,
    files: ProfileFiles,
    clock: SimClock,
    world: World,
    learned: Mapping[str, str],
    token: str,
    settings: Mapping[str, Any],
) -> AsyncIterator[Account]:
    played = system.serve(world, clock, **settings)
    line = Line(played)
    backend = played.open(line, ZONE, learned, token=token)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.elapsed += seconds

    engine = Engine(backend, files, backend.rules, ZONE, clock, SETTINGS, sleep=sleep)
    try:
        yield Account(system, played, clock, line, backend, engine, files, engine.take_over("test"), slept)
    finally:
        engine.close()
        await backend.close()
