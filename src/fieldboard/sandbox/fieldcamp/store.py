"""Answers of the server, encoded once and kept until what they show changes.

With a read lag, whoever reads sees a written record as it was before, for so long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from fieldboard.sandbox.fieldcamp.wire import client_json, dumps, job_json, visit_json
from fieldboard.sandbox.records import Client, Job, Visit, World

Record = TypeVar("Record", Job, Visit, Client)


class Shelf(Generic[Record]):
    """The encoded rows of one collection."""

    def __init__(
        self,
        records: Callable[[], Iterable[Record]],
        encode: Callable[[Record], object],
        clock: Callable[[], datetime],
        lag_s: float,
    ) -> None:
        self._records: Callable[[], Iterable[Record]] = records
        self._encode: Callable[[Record], object] = encode
        self._clock = clock
        self._lag = timedelta(seconds=lag_s)
        self._rows: dict[str, tuple[int, bytes]] = {}
        #: What a written record still looks like to readers, and until when; None is not there yet.
        self._shadows: dict[str, tuple[datetime, Record | None, bytes]] = {}

    def row(self, record: Record) -> bytes:
        """``record`` as it is now."""
        known = self._rows.get(record.id)
        if known is not None and known[0] == record.rev:
            return known[1]
        encoded = dumps(self._encode(record))
        self._rows[record.id] = (record.rev, encoded)
        return encoded

    def before_write(self, record: Record | None, id_: str) -> None:
        """Keep what readers shall go on seeing of ``id_``: ``record``, or nothing if it is new."""
        if self._lag and id_ not in self._current_shadows():
            seen = None if record is None else replace(record)
            bytes_ = b"" if record is None else self.row(record)
            self._shadows[id_] = (self._clock() + self._lag, seen, bytes_)

    def visible(self) -> Iterator[tuple[Record, bytes]]:
        """Every record with its row, as readers see them."""
        shadows = self._current_shadows()
        if not shadows:
            rows = self._rows
            for record in self._records():
                known = rows.get(record.id)
                if known is not None and known[0] == record.rev:
                    yield record, known[1]
                else:
                    yield record, self.row(record)
            return
        listed = set()
        for record in self._records():
            listed.add(record.id)
            if record.id not in shadows:
                yield record, self.row(record)
                continue
            _, seen, encoded = shadows[record.id]
            if seen is not None:
                yield seen, encoded
        for id_, (_, seen, encoded) in shadows.items():
            if id_ not in listed and seen is not None:
                yield seen, encoded

    def visible_one(self, record: Record | None, id_: str) -> bytes | None:
        """The row of ``id_`` as readers see it; None if there is none to be seen."""
        shadow = self._current_shadows().get(id_)
        if shadow is not None:
            return shadow[2] or None
        return None if record is None else self.row(record)

    def warm(self) -> Iterator[None]:
        """Encode every row, pausing after every few hundred."""
        for count, record in enumerate(list(self._records())):
            self.row(record)
            if count % 200 == 0:
                yield

    def forget(self, id_: str) -> None:
        """Drop the row of a deleted record."""
        self._rows.pop(id_, None)

    def _current_shadows(self) -> dict[str, tuple[datetime, Record | None, bytes]]:
        """The shadows whose time is not over."""
        if self._shadows:
            now = self._clock()
            for id_ in [id_ for id_, shadow in self._shadows.items() if shadow[0] <= now]:
                del self._shadows[id_]
        return self._shadows


class Store:
    """The three collections of one server that change."""

    def __init__(self, world: World, clock: Callable[[], datetime], lag_s: float) -> None:
        self.world = world
        self.jobs: Shelf[Job] = Shelf(world.jobs.values, lambda job: job_json(world, job), clock, lag_s)
        self.visits: Shelf[Visit] = Shelf(world.visits.values, visit_json, clock, lag_s)
        self.clients: Shelf[Client] = Shelf(
            lambda: (client for client in world.clients.values() if not client.deleted),
            client_json,
            clock,
            lag_s,
        )

    def warm(self) -> Iterator[None]:
        """Encode every row ahead of the first list, pausing after every few hundred."""
        for shelf in (self.jobs, self.visits, self.clients):
            yield from shelf.warm()

    def before_job_write(self, job: Job) -> None:
        """What readers see of a job and its visits stays for the lag."""
        self.jobs.before_write(job, job.id)
        for visit in job.visits:
            self.visits.before_write(visit, visit.id)
