"""The cache as a file that is written: transactions, revisions, whose edit a change is, checkpoints."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from fieldboard.cache import differences, schema
from fieldboard.cache.connection import WAL_RESET_BUG, connect, in_our_words, transaction
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.history import History
from fieldboard.cache.locks import FileLocked
from fieldboard.cache.outbox import Outbox
from fieldboard.clock import Clock
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.operation import Json, Kind, Operation
from fieldboard.domain.view import Echo, server_id

MEMORY_KB: Final = 65_536
"""How much of the file the writer keeps in memory: the indexes of a first sync."""

WAL_LIMIT: Final = 32 << 20
"""Bytes to which the log is cut once it has been moved into the file."""

CHECKPOINT_ROWS: Final = 50_000
"""Rows written between two checkpoints of a long walk."""


class CacheFile:
    """cache.db opened for writing. One connection, one thread."""

    def __init__(self, files: ProfileFiles, zone: Zone, clock: Clock) -> None:
        self.files, self.zone = files, zone
        self._clock = clock
        self._path = schema.ensure(files, schema.CACHE, here=True)
        self._lock = FileLocked(files.write_lock) if WAL_RESET_BUG else None
        self._db = connect(self._path, wal=True)
        self._db.execute(f"PRAGMA cache_size=-{MEMORY_KB}")
        self._db.execute(f"PRAGMA journal_size_limit={WAL_LIMIT}")
        self._checkpointed = 0
        self.history = History(files, clock)
        self._outbox: Outbox | None = None
        self._observed: Mapping[str, differences.Times] | None = None

    def checkpoint(self) -> None:
        """Move the log into the file, as far as readers allow."""
        with self._lock or nullcontext(), in_our_words(self._path):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._checkpointed = self._db.total_changes

    def close(self) -> None:
        """Checkpoint and close the files."""
        with self._lock or nullcontext():
            self._db.close()
        self.history.close()
        if self._outbox is not None:
            self._outbox.close()

    # Within

    def _write(self) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self._db, self._path, self._lock)

    def _now(self) -> Instant:
        return instant_of(self._clock.now())

    def _next_rev(self, db: sqlite3.Connection) -> int:
        row: tuple[int] = db.execute(
            "UPDATE meta SET value = value + 1 WHERE key = 'rev' RETURNING value"
        ).fetchone()
        return row[0]

    def _remembered(self) -> Mapping[str, differences.Times]:
        if self._observed is None:
            self._observed = self.history.observed()
        return self._observed

    def _ours(self) -> differences.Ours:
        """Knows our edits: those that are echoed and those that are on their way. Looked up when needed."""
        edits: dict[tuple[str, str, str], list[tuple[str, str, Instant]]] | None = None

        def ours(kind: Kind, entity_id: str, field: str, value: Json) -> tuple[str, Instant] | None:
            nonlocal edits
            if edits is None:
                edits = self._edits()
            wanted = json_text(value)
            for text, by, at in edits.get((kind.value, entity_id, field), ()):
                if text == wanted or field == fields.CREATED:
                    return by, at
            return None

        return ours

    def _edits(self) -> dict[tuple[str, str, str], list[tuple[str, str, Instant]]]:
        found: dict[tuple[str, str, str], list[tuple[str, str, Instant]]] = {}
        for kind, one, field, value, by, at in self._db.execute(
            "SELECT kind, id, field, value, by, acked_at FROM echo"
        ):
            found.setdefault((kind, one, field), []).append((value, by, at))
        if self._outbox is None:
            self._outbox = Outbox(self.files, self._clock)
        ids = self._outbox.ids()
        for operation in self._outbox.live():
            for change in operation.changes:
                key = (change.kind.value, server_id(ids, change.kind, change.id), change.field)
                found.setdefault(key, []).append(
                    (json_text(change.value), operation.created_by, operation.sent_at or operation.created_at)
                )
        return found

    def _tidy_log(self) -> None:
        if self._db.total_changes - self._checkpointed > CHECKPOINT_ROWS:
            self.checkpoint()

    # Echoes

    def put_echo(self, operation: Operation, ids: Mapping[str, str] | None = None) -> None:
        """The server took the operation: show its values until a read shows them; a newer one replaces."""
        known = ids or {}
        rows = [
            (change.kind.value, known.get(change.id, change.id), change.field, json_text(change.value),
             json_text(change.expected), operation.op_id, operation.created_by, self._now())
            for change in operation.changes
            if change.field not in (fields.CREATED, fields.DELETED)
        ]  # fmt: skip
        with self._write() as db:
            db.executemany("INSERT OR REPLACE INTO echo VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'echo_rev'")

    def lift_echo(
        self, op_id: str | None = None, *, kind: Kind | None = None, entity_id: str | None = None,
        field: str | None = None,
    ) -> int:  # fmt: skip
        """A read has shown what the field is: the echo of an operation, or of a field, ends. How many."""
        with self._write() as db:
            gone = db.execute(
                "DELETE FROM echo WHERE (?1 IS NULL OR op_id = ?1) AND (?2 IS NULL OR kind = ?2) "
                "AND (?3 IS NULL OR id = ?3) AND (?4 IS NULL OR field = ?4)",
                (op_id, kind.value if kind else None, entity_id, field),
            ).rowcount
            if gone:
                db.execute("UPDATE meta SET value = value + 1 WHERE key = 'echo_rev'")
        return gone

    def shift_echoes(self, seconds: int) -> None:
        """This computer's clock was set by so much: the echoes are as old as they were."""
        with self._write() as db:
            db.execute("UPDATE echo SET acked_at = min(acked_at + ?, ?)", (seconds, self._now()))

    def echoes(self) -> list[tuple[Echo, Instant]]:
        """The echoes, each with when the server took it."""
        with in_our_words(self._path):
            rows = self._db.execute(
                "SELECT kind, id, field, value, op_id, acked_at FROM echo ORDER BY acked_at"
            )
            return [
                (Echo(Kind(kind), one, field, json.loads(value), op_id), at)
                for kind, one, field, value, op_id, at in rows
            ]


def json_text(value: Json) -> str:
    """A value as the text that is stored and compared."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
