"""history.db: what changed, when, by whom if known; append-only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from typing import Final

from fieldboard.cache import schema
from fieldboard.cache.connection import connect, in_our_words, transaction
from fieldboard.cache.files import ProfileFiles
from fieldboard.clock import Clock
from fieldboard.domain.fields import DELETED
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.operation import Json
from fieldboard.domain.value_class import value_class

OURS: Final = "ours"
SYSTEM: Final = "system"
OBSERVED_START: Final = "observed_start"
OBSERVED_END: Final = "observed_end"

_COLUMNS = "at, seen_at, job_id, entity, field, old, new, by, source, reason"


@value_class
class Line:
    """One changed field. `at` is None where the system does not say when; `source` is ours or system."""

    at: Instant | None
    seen_at: Instant
    job_id: str | None
    entity: str
    field: str
    old: Json
    new: Json
    by: str | None = None
    source: str = SYSTEM
    reason: str | None = None


class History:
    """The history of a profile. One connection, one thread; opened when first used."""

    def __init__(self, files: ProfileFiles, clock: Clock) -> None:
        self._files, self._clock = files, clock
        self._path = files.history
        self._connection: sqlite3.Connection | None = None

    def append(self, lines: Sequence[Line]) -> int:
        """Add lines; returns how many. One that repeats the newest line of its field is left out.

        So a run that was killed between history and cache may be done again. Raises StorageError.
        """
        if not lines:
            return 0
        connection = self._open()
        added = 0
        with transaction(connection, self._path):
            for line in lines:
                old, new = _text(line.old), _text(line.new)
                last = connection.execute(
                    "SELECT old, new FROM line WHERE entity = ? AND field = ? ORDER BY seq DESC LIMIT 1",
                    (line.entity, line.field),
                ).fetchone()
                if last == (old, new) and old != new:
                    continue
                connection.execute(
                    f"INSERT INTO line ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (line.at, line.seen_at, line.job_id, line.entity, line.field, old, new, line.by,
                    line.source,
                     line.reason),
                )  # fmt: skip
                added += 1
        return added

    def of_job(self, job_id: str) -> list[Line]:
        """The lines of a job and its visits, oldest first."""
        return self._lines("WHERE job_id = ? ORDER BY seq", (job_id,))

    def deleted_jobs(self) -> dict[str, str]:
        """What jobs that were deleted were called (number and title), by their ids."""
        lines = self._lines("WHERE field = ? AND entity LIKE 'job:%' ORDER BY seq", (DELETED,))
        return {
            line.entity.partition(":")[2]: line.old
            for line in lines
            if isinstance(line.old, str) and line.old
        }

    def of_entity(self, entity: str) -> list[Line]:
        """The lines of one entity (`visit:<id>`), oldest first."""
        return self._lines("WHERE entity = ? ORDER BY seq", (entity,))

    def of_day(self, day: date, zone: Zone) -> list[Line]:
        """What was seen to change on a local day, oldest first."""
        return self._lines("WHERE seen_at >= ? AND seen_at < ? ORDER BY seen_at, seq", zone.day_bounds(day))

    def all(self) -> list[Line]:
        """Every line, oldest first."""
        return self._lines("ORDER BY seq", ())

    def observed(self) -> dict[str, tuple[Instant | None, Instant | None]]:
        """The actual times that were observed, by visit id: the newest of each."""
        found: dict[str, tuple[Instant | None, Instant | None]] = {}
        with in_our_words(self._path):
            rows = self._open().execute(
                "SELECT entity, field, new FROM line WHERE field IN (?, ?) ORDER BY seq",
                (OBSERVED_START, OBSERVED_END),
            )
            for entity, field, new in rows:
                visit_id = entity.partition(":")[2]
                start, end = found.get(visit_id, (None, None))
                value = json.loads(new)
                found[visit_id] = (value, end) if field == OBSERVED_START else (start, value)
        return found

    def purge(self, days: int = 400) -> int:
        """Forget what was seen more than `days` days ago; returns how many lines that were."""
        before = instant_of(self._clock.now()) - days * 86400
        connection = self._open()
        with transaction(connection, self._path):
            return connection.execute("DELETE FROM line WHERE seen_at < ?", (before,)).rowcount

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lines(self, where: str, values: Sequence[object]) -> list[Line]:
        with in_our_words(self._path):
            connection = self._open()
            with closing(connection.execute(f"SELECT {_COLUMNS} FROM line {where}", values)) as rows:
                return [_line(row) for row in rows]

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            schema.ensure(self._files, schema.HISTORY)
            self._connection = connect(self._path, wal=False)
        return self._connection


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _line(row: Iterable[object]) -> Line:
    at, seen_at, job_id, entity, field, old, new, by, source, reason = row
    assert isinstance(seen_at, int) and isinstance(old, str) and isinstance(new, str)  # noqa: S101, PT018
    return Line(
        at if isinstance(at, int) else None, seen_at, job_id if isinstance(job_id, str) else None,
        str(entity),
        str(field), json.loads(old), json.loads(new), by if isinstance(by, str) else None, str(source),
        reason if isinstance(reason, str) else None,
    )  # fmt: skip
