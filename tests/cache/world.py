"""A small world for the tests of the cache: rows as an adapter would give them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.store import Store
from fieldboard.cache.storing import ChangeCount
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import FixedClock
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit

ZONE = Zone("Europe/London")
DAY = date(2026, 6, 4)
NOW = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)


def at(text: str) -> int:
    """A local time of the zone as an instant, `2026-06-04T14:00`."""
    return instant_of(datetime.fromisoformat(text).replace(tzinfo=ZONE.info))


@dataclass(frozen=True, slots=True)
class SeenEntity:
    """A row as `backends.port.Row` has it."""

    kind: Kind
    id: str
    entity: Technician | Customer | Job | Visit
    raw: str
    stamp: str | None = None
    stamp_at: float | None = None
    detail: str | None = None
    visits_follow: bool = False


def seen(entity: Technician | Customer | Job | Visit, stamp_at: float | None = None) -> SeenEntity:
    kind = Kind(type(entity).__name__.lower())
    stamp = str(stamp_at) if stamp_at is not None else None
    return SeenEntity(kind, entity.id, entity, json.dumps({"told": repr(entity)}), stamp, stamp_at)


def job(number: int, **values: object) -> Job:
    base = Job(
        id=f"j{number}",
        number=str(4400 + number),
        title="Boiler service",
        customer_id="c1",
        address="1 High Street",
        status=Status.ASSIGNED,
        raw_status="scheduled",
        priority=Priority.NORMAL,
        duration_min=60,
        created_at=1_700_000_000 + number,
    )
    return replace(base, **values)  # type: ignore[arg-type]


def visit(number: int, **values: object) -> Visit:
    base = Visit(
        id=f"v{number}",
        job_id=f"j{number}",
        technician_ids=("t1",),
        start=at("2026-06-04T10:00"),
        end=at("2026-06-04T11:00"),
        status=Status.ASSIGNED,
        raw_status="scheduled",
    )
    return replace(base, **values)  # type: ignore[arg-type]


class World:
    """The files of a profile with a writer, and readers when asked for."""

    def __init__(self, folder: Path) -> None:
        self.files = ProfileFiles(folder)
        self.files.prepare()
        self.clock = FixedClock(NOW)
        self.writer = CacheWriter(self.files, ZONE, self.clock)
        self._readers: list[CacheReader | Store | Outbox] = []

    def first_sync(self, *entities: Technician | Customer | Job | Visit) -> None:
        for kind in Kind:
            run = self.writer.begin_run(kind, full=True)
            rows = [seen(one) for one in entities if type(one).__name__.lower() == kind.value]
            self.writer.finish_walk(run, complete=True, rows=rows)

    def store(self, *entities: Technician | Customer | Job | Visit) -> ChangeCount:
        return self.writer.store([seen(one) for one in entities])

    def reader(self) -> CacheReader:
        reader = CacheReader(self.files, ZONE)
        self._readers.append(reader)
        return reader

    def shown(self) -> Store:
        store = Store(self.files, ZONE, self.clock)
        self._readers.append(store)
        return store

    def outbox(self, by: str = "pat") -> Outbox:
        outbox = Outbox(self.files, self.clock, by=by)
        self._readers.append(outbox)
        return outbox

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
        self.writer.close()
