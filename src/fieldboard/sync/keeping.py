"""What all of the landing stands on: the files, the facts of our own, the ids of what was made here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.state import SyncState
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import Clock
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit, Visit

OWN: Final = "sync."
"""How the names of facts begin that the sync itself keeps beside those of the adapter."""


class Keeping:
    """The files that a landing writes. Raises StorageError from whatever stores."""

    def __init__(
        self, files: ProfileFiles, outbox: Outbox, zone: Zone, clock: Clock, read_by_id: AbstractSet[str]
    ) -> None:
        self._outbox = outbox
        self._read_by_id = read_by_id
        self._zone = zone
        self._clock = clock
        self._writer = CacheWriter(files, zone, clock)
        self._reader = CacheReader(files, zone)
        self._facts = dict(self._reader.learned())
        self._gone: set[tuple[Kind, str]] = set()

    def close(self) -> None:
        """Close the files."""
        self._reader.close()
        self._writer.close()

    @property
    def _now(self) -> Instant:
        return instant_of(self._clock.now())

    def state(self) -> SyncState:
        """What was last said about the sync."""
        return self._reader.state()

    def learn(self, facts: Mapping[str, str]) -> None:
        """Keep what the server taught the adapter, and our own facts beside it."""
        wanted = {name: value for name, value in self._facts.items() if name.startswith(OWN)}
        wanted |= {name: value for name, value in facts.items() if not name.startswith(OWN)}
        self._writer.learn(wanted)
        self._facts = wanted

    def server_id(self, temporary: str) -> str | None:
        """What the server calls something that an edit has created; None while it is not there."""
        return self._outbox.idmap().get(temporary)

    def _id(self, entity_id: str) -> str:
        return self.server_id(entity_id) or entity_id

    def job_of_visit(self, visit_id: str) -> str | None:
        """The job of a visit, as far as the cache knows."""
        found = self._reader.planned([visit_id])
        return found[0].job_id if found else None

    def _own(self, name: str) -> dict[str, int] | None:
        said = self._facts.get(OWN + name)
        if said is None:
            return None
        found = json.loads(said)
        return found if isinstance(found, dict) else None

    def _keep(self, name: str, value: Mapping[str, int]) -> None:
        if value:
            self._facts[OWN + name] = json.dumps(value, sort_keys=True)
        else:
            self._facts.pop(OWN + name, None)
        self._writer.learn(self._facts)


def value_or_none(entity: Job | Visit | PlannedVisit | Technician, name: str) -> Json:
    """The value of a field; None where an entity of its kind has no such field."""
    try:
        return fields.value_of(entity, name)
    except KeyError:
        return None
