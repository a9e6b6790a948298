"""The outbox as a file: opened, read, written in transactions; who adds and who sends build on it."""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, Final

from fieldboard.cache import op_journal, schema, undoing
from fieldboard.cache.connection import connect, data_version, in_our_words, inode, transaction
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.glance import Glance
from fieldboard.cache.operations import (
    COLUMNS,
    operation_of,
)  # fmt: skip
from fieldboard.clock import Clock
from fieldboard.domain.instants import Instant, instant_of
from fieldboard.domain.operation import PENDING, UNDECIDED, Kind, Operation

LIVE: Final = (
    f"(state IN ({', '.join(repr(one.value) for one in sorted(PENDING))}) OR "
    f"state IN ({', '.join(repr(one.value) for one in sorted(UNDECIDED))}) AND noted = 0)"
)


class OutboxFile:
    """The operations of a profile, to be read. One connection, one thread."""

    def __init__(self, files: ProfileFiles, clock: Clock, *, by: str | None = None) -> None:
        self._files, self._clock = files, clock
        self._path = schema.ensure(files, schema.OUTBOX)
        self._by = by
        self._open()
        self.own_writes = 0
        """Counts the commits of this object: `data_version` tells only those of others."""

    def _open(self) -> None:
        self._inode = inode(self._path)
        # Before the first question, so that nothing written since is taken for known.
        self._glance = Glance(self._path, self._files.outbox_log)
        self._version = 0
        try:
            self._db = connect(self._path, wal=False)
        except Exception:
            # A folder that cannot be written: what is there can still be looked at.
            self._db = connect(self._path, wal=False, read_only=True)

    def replaced(self) -> bool:
        """Whether another file lies in the place of the one that is open."""
        return inode(self._path) not in (self._inode, None)

    def reopen(self) -> None:
        """Close the file and open what lies in its place."""
        self._db.close()
        schema.ensure(self._files, schema.OUTBOX)
        self._open()

    # Reading

    def get(self, op_id: str) -> Operation | None:
        """An operation by its id; None where there is none."""
        found = self._select("WHERE op_id = ?", (op_id,))
        return found[0] if found else None

    def live(self) -> list[Operation]:
        """What is on its way or not yet seen in a read, and what waits for a decision, in order."""
        return self._select(f"WHERE {LIVE} ORDER BY seq")

    def all(self, since: Instant | None = None) -> list[Operation]:
        """Every operation kept, in order; `since`: those made at or after it."""
        return self._select("WHERE created_at >= ? ORDER BY seq", (since or 0,))

    def taken_since(self, since: Instant) -> list[Operation]:
        """The operations that the server took and no read has shown, or not before a moment; in order."""
        where = "WHERE state = 'acked' OR (state = 'confirmed' AND ended_at >= ?) ORDER BY seq"
        return self._select(where, (since,))

    def found_since(self, since: Instant) -> list[Operation]:
        """The operations of which a lost request was found done, not before a moment; in order."""
        where = (
            "WHERE op_id IN (SELECT op_id FROM step WHERE outcome = 'done' AND status IS NULL "
            "AND finished_at >= ?) ORDER BY seq"
        )
        return self._select(where, (since,))

    def changed_since(self, rev: int) -> tuple[int, list[Operation]]:
        """The present revision and the operations that changed after `rev`."""
        now = self.rev()
        return now, self._select("WHERE rev > ? ORDER BY seq", (rev,))

    def counts(self) -> tuple[int, int]:
        """How many are pending, and how many wait for a decision."""
        with in_our_words(self._path):
            pending, undecided = self._db.execute(
                "SELECT count(*) FILTER (WHERE state IN ('queued', 'sending', 'uncertain', 'acked')), "
                "count(*) FILTER (WHERE state NOT IN ('queued', 'sending', 'uncertain', 'acked')) "
                f"FROM operation WHERE {LIVE}"
            ).fetchone()
        return pending, undecided

    def rev(self) -> int:
        """The number of the last write."""
        with in_our_words(self._path):
            row: tuple[int] = self._db.execute("SELECT value FROM meta WHERE key = 'rev'").fetchone()
        return row[0]

    def data_version(self) -> int:
        """Changes when another connection has committed.

        SQLite asks for locks and reads a page to tell: where the files bear their old times, what it told
        last is still so.
        """
        if self._glance.may_differ():
            with in_our_words(self._path):
                self._version = data_version(self._db)
        return self._version

    def idmap(self) -> dict[str, str]:
        """The server's ids of what was created here, by temporary id; a job's wins over its visit's."""
        known = sorted(self.ids().items(), key=lambda item: item[0][0] is Kind.JOB)
        return {temp_id: server_id for (_, temp_id), server_id in known}

    def ids(self) -> dict[tuple[Kind, str], str]:
        """The server's ids of what was created here, by kind and temporary id."""
        with in_our_words(self._path):
            rows = self._db.execute("SELECT kind, temp_id, server_id FROM idmap")
            return {(Kind(kind), temp_id): server_id for kind, temp_id, server_id in rows}

    def last_undoable(self, past: Collection[str] = ()) -> tuple[Operation, ...]:
        """The newest edit that has an effect, with all of its group; empty where there is none but `past`."""
        with in_our_words(self._path):
            return self._by_ids(undoing.last_undoable(self._db, past))

    def last_redoable(self) -> tuple[Operation, ...]:
        """What was taken back last and can be done again; empty after a newer edit.

        These are the undo operations, or the edits themselves where they were cancelled before they
        were sent.
        """
        with in_our_words(self._path):
            return self._by_ids(undoing.last_redoable(self._db))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # Within

    def _write(self) -> AbstractContextManager[sqlite3.Connection]:
        self.own_writes += 1
        return transaction(self._db, self._path)

    def _now(self) -> Instant:
        return instant_of(self._clock.now())

    def _who(self) -> str:
        if self._by is None:
            try:
                self._by = getpass.getuser()
            except (OSError, KeyError, ImportError):
                self._by = ""
        return self._by

    def _next_rev(self, db: sqlite3.Connection) -> int:
        row: tuple[int] = db.execute(
            "UPDATE meta SET value = value + 1 WHERE key = 'rev' RETURNING value"
        ).fetchone()
        return row[0]

    def _select(self, where: str, values: Sequence[object] = ()) -> list[Operation]:
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {COLUMNS} FROM operation {where}", values)
            return [operation_of(row) for row in rows]

    def _by_ids(self, op_ids: Sequence[str]) -> tuple[Operation, ...]:
        if not op_ids:
            return ()
        return tuple(
            self._select(
                "WHERE op_id IN (SELECT value FROM json_each(?)) ORDER BY seq", (json.dumps(op_ids),)
            )
        )

    def _tell(self, entries: Sequence[Mapping[str, Any]], *, sync: bool) -> None:
        # The operation is saved already: a copy that cannot be written must not unsay that.
        with suppress(OSError):
            op_journal.append(self._files.journal, entries, sync=sync)
