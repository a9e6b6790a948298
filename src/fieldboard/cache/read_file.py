"""The cache as a file that is read: its state, and what changed in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Final

from fieldboard.cache import schema
from fieldboard.cache.connection import WAL_RESET_BUG, connect, data_version, in_our_words, inode
from fieldboard.cache.errors import StorageReadOnly
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.locks import FileLocked
from fieldboard.cache.state import STATE_FIELDS, SyncState
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Kind
from fieldboard.domain.value_class import value_class
from fieldboard.domain.view import Echo


@value_class
class Changes:
    """What changed after a revision: ids of visits and of jobs, those that vanished too.

    `more`: there were too many visits to be named, and none is; `more_jobs`: not all jobs are. `technicians`,
    `echoes`: revisions to compare.
    """

    rev: int
    visits: tuple[str, ...]
    jobs: tuple[str, ...]
    technicians: int
    echoes: int
    more: bool
    more_jobs: bool


NAMED_JOBS: Final = 400
"""So many changed jobs are named: what is drawn of them their visits carry; a first sync has thousands."""

MEMORY_KB: Final = 4_096
"""How much of the file a reader keeps in memory: a day of 8,000 visits, which lie far apart."""

_BEYOND: Final = "SELECT 1 FROM visit WHERE rev > ?1 LIMIT 1 OFFSET ?2"
_CHANGES: Final = (
    "SELECT 'meta', key, value FROM meta UNION ALL "
    f"SELECT 'meta', 'more', EXISTS ({_BEYOND}) UNION ALL "
    "SELECT * FROM (SELECT 'visit', id, 0 FROM visit "
    f"WHERE rev > ?1 LIMIT CASE WHEN EXISTS ({_BEYOND}) THEN 0 ELSE ?3 END) UNION ALL "
    "SELECT * FROM (SELECT 'job', id, 0 FROM job WHERE rev > ?1 LIMIT ?4) UNION ALL "
    "SELECT * FROM (SELECT kind, id, 0 FROM vanished WHERE rev > ?1 LIMIT ?3)"
)
"""What changed after a revision (1): so many visits (2) are named or none, so many jobs (4), and what
vanished (3)."""


class ReadFile:
    """cache.db opened for reading. One connection, one thread."""

    def __init__(self, files: ProfileFiles, zone: Zone) -> None:
        self.zone = zone
        self._path = schema.ensure(files, schema.CACHE)
        self._lock = FileLocked(files.write_lock) if WAL_RESET_BUG else None
        self._inode = inode(self._path)
        try:
            self._db = connect(self._path, wal=True)
            self._db.execute("PRAGMA query_only=1")
        except StorageReadOnly:
            self._db = connect(self._path, wal=True, read_only=True)
        self._db.execute(f"PRAGMA cache_size=-{MEMORY_KB}")

    # The state of things

    def state(self) -> SyncState:
        """What the sync says of itself."""
        with in_our_words(self._path):
            row = self._db.execute(f"SELECT {', '.join(STATE_FIELDS)} FROM sync_state").fetchone()
        return SyncState(*row)

    def learned(self) -> dict[str, str]:
        """What the server taught about itself."""
        with in_our_words(self._path):
            return dict(self._db.execute("SELECT key, value FROM learned"))

    def set_aside_count(self) -> dict[str, int]:
        """How many rows could not be read, by kind."""
        with in_our_words(self._path):
            return dict(self._db.execute("SELECT kind, count(*) FROM set_aside GROUP BY kind"))

    def counts(self) -> Mapping[str, int]:
        """How many technicians, customers, jobs and visits are cached."""
        with in_our_words(self._path):
            return {
                kind: self._db.execute(f"SELECT count(*) FROM {kind}").fetchone()[0]
                for kind in ("technician", "customer", "job", "visit")
            }

    def echoes(self) -> list[Echo]:
        """Values of ours that the server took and that no read has shown yet."""
        with in_our_words(self._path):
            rows = self._db.execute("SELECT kind, id, field, value, op_id FROM echo ORDER BY acked_at, op_id")
            return [
                Echo(Kind(kind), one, name, json.loads(value), op_id)
                for kind, one, name, value, op_id in rows
            ]

    def rev(self) -> int:
        """The number of the last write that changed something to be seen."""
        with in_our_words(self._path):
            row: tuple[int] = self._db.execute("SELECT value FROM meta WHERE key = 'rev'").fetchone()
        return row[0]

    def data_version(self) -> int:
        """Changes when the sync has committed."""
        with in_our_words(self._path):
            return data_version(self._db)

    def changed_since(self, rev: int) -> tuple[int, list[str]]:
        """The present revision and the visits that changed or vanished after `rev`."""
        found = self.changes(rev, limit=1 << 40)
        return found.rev, list(found.visits)

    def changes(self, rev: int, limit: int = 5000, *, jobs: bool = True) -> Changes:
        """What changed after `rev`, in one small query; more visits than `limit` are not named.

        Of jobs not more than `NAMED_JOBS` are, and none without `jobs`. Whether there are more is counted
        within SQLite: names that nobody can use would be made forty times as slowly.
        """
        jobs_limit = min(limit, NAMED_JOBS)
        changed: list[str] = []
        changed_jobs: list[str] = []
        meta: dict[str, int] = {}
        with in_our_words(self._path):
            rows = self._db.execute(
                _CHANGES, (rev, limit, limit + 1, jobs_limit + 1 if jobs else 0)
            ).fetchall()
        for what, one, value in rows:
            if what == "meta":
                meta[one] = value
            else:
                (changed if what == "visit" else changed_jobs).append(one)
        more, more_jobs = meta["more"] > 0 or len(changed) > limit, len(changed_jobs) > jobs_limit
        if more:
            changed.clear()
        return Changes(
            meta["rev"], tuple(dict.fromkeys(changed)), tuple(dict.fromkeys(changed_jobs)),
            meta["technicians_rev"], meta["echo_rev"], more, more_jobs,
        )  # fmt: skip

    def replaced(self) -> bool:
        """Whether another file lies in the place of the one that is open."""
        return inode(self._path) not in (self._inode, None)

    def close(self) -> None:
        """Close the file; the last to do so moves the log into it."""
        try:
            with self._lock or nullcontext():
                self._db.close()
        except StorageReadOnly:
            # Where no lock can be taken, there is no log that could be written either.
            self._db.close()
