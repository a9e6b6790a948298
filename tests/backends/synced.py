"""What the test accounts of all systems share: a server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from fieldboard.backends.port import Backend
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import build_world
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport, SyncSettings

ZONE = Zone("Europe/London")
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
TODAY = date(2026, 6, 4)

A = TypeVar("A", bound="SyncedAccount")


@dataclass(kw_only=True)
class SyncedAccount:
    """A server, its world, and what a profile of ours knows of it."""

    app: Starlette
    world: World
    engine: Engine
    files: ProfileFiles
    clock: FixedClock
    fence: int
    slept: list[float]

    @property
    def requests(self) -> list[tuple[str, str, str]]:
        """Each request: method, path, query."""
        found: list[tuple[str, str, str]] = self.app.state.requests
        return found

    def forget(self) -> None:
        """Begin a new log of requests."""
        self.app.state.requests.clear()
        self.app.state.bodies.clear()

    async def sync(self, *, full: bool = False, patient: bool = False) -> RoundReport:
        return await self.engine.round(full, fence=self.fence, patient=patient)

    def store(self) -> Store:
        return Store(self.files, ZONE, self.clock)

    @contextmanager
    def _read(self) -> Iterator[Store]:
        store = self.store()
        try:
            yield store
        finally:
            store.close()

    def cached(self, job_id: str) -> Job:
        with self._read() as store:
            found = store.job(job_id)
        assert found is not None
        return found

    def has(self, job_id: str) -> bool:
        with self._read() as store:
            return store.job(job_id) is not None

    def person(self, technician_id: str) -> Technician:
        with self._read() as store:
            return next(one for one in store.technicians() if one.id == technician_id)

    def planned(self, job_id: str) -> PlannedVisit:
        with self._read() as store:
            return store.planned_of_job(job_id)[0]

    def edit(
        self,
        job_id: str,
        *wanted: tuple[str, Json],
        intent: Intent = Intent.EDIT,
        reason: str | None = None,
    ) -> str:
        """Save an edit, based on what the cache has."""
        job = self.cached(job_id)
        changes = [
            Change(Kind.JOB, job_id, name, fields.value_of(job, name), value) for name, value in wanted
        ]
        return self.add(intent, *changes, reason=reason)

    def add(self, intent: Intent, *changes: Change, reason: str | None = None) -> str:
        draft = OperationDraft(intent, f"job:{changes[0].id}", changes, "an edit", reason=reason)
        return self.engine.outbox.add(draft).op_id

    def op(self, op_id: str) -> Operation:
        found = self.engine.outbox.get(op_id)
        assert found is not None
        return found

    def state(self, op_id: str) -> OpState:
        return self.op(op_id).state


class Sleeper:
    """A sleep that moves a clock, and notes how long."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(seconds)
            self.clock.advance(seconds)


def company(technicians: int, jobs: int) -> World:
    """The company that every system's server has, on a Thursday morning."""
    return build_world(7, technicians, jobs, 20, TODAY, NOW, ZoneInfo(ZONE.name))


@asynccontextmanager
async def synced_account(
    kind: type[A],
    folder: Path,
    backend: Backend,
    sleep: Sleeper,
    *,
    synced: bool,
    app: Starlette,
    world: World,
    **own: Any,
) -> AsyncIterator[A]:
    """An account with its profile in this folder, once its first sync is done, if that is wanted.

    `own` is what only this kind of account has.
    """
    files = ProfileFiles(folder)
    files.prepare()
    settings = SyncSettings(folder.name, timeout_s=20, settle_s=30, poll_s=20)
    engine = Engine(backend, files, backend.rules, ZONE, sleep.clock, settings, sleep=sleep)
    try:
        account = kind(
            app=app,
            world=world,
            engine=engine,
            files=files,
            clock=sleep.clock,
            fence=engine.take_over("test"),
            slept=sleep.slept,
            **own,
        )
        if synced:
            report = await account.sync(full=True, patient=True)
            assert report.error is None
            account.forget()
        yield account
    finally:
        engine.close()
        await backend.close()
