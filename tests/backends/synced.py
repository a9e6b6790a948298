"""What the test accounts of all systems share: a server in this process, and a profile that syncs with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from starlette.applications import Starlette

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
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import RoundReport

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
    slept: list[float] = field(default_factory=list)

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


def sleeper(clock: FixedClock, slept: list[float]) -> Callable[[float], Awaitable[None]]:
    """A sleep that moves `clock`, and notes in `slept` how long."""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds)

    return sleep


@asynccontextmanager
async def first_synced(account: A, close: Callable[[], Awaitable[None]], *, synced: bool) -> AsyncIterator[A]:
    """The account once its first sync is done, if it is wanted; closed at the end."""
    try:
        if synced:
            report = await account.sync(full=True, patient=True)
            assert report.error is None
            account.forget()
        yield account
    finally:
        account.engine.close()
        await close()
