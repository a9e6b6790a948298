"""Writing the cache: only the process that syncs does it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from hashlib import sha256
from typing import Final, Protocol

from fieldboard.cache import differences
from fieldboard.cache.among import AMONG, ids_json
from fieldboard.cache.cache_file import CacheFile
from fieldboard.cache.connection import in_our_words, without_collecting
from fieldboard.cache.errors import disk_full
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.first_load import Arrived, FirstLoad
from fieldboard.cache.history import Line
from fieldboard.cache.projection import Sightings, kept_by_id, project, undrawn, vanish
from fieldboard.cache.state import STATE_FIELDS, Cursor, Run
from fieldboard.cache.storing import ChangeCount, SeenRow, Storing, store_rows
from fieldboard.cache.ulid import ulid
from fieldboard.clock import Clock
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Kind
from fieldboard.domain.status import Status

RESERVE: Final = 50 << 20
"""Bytes that pulling leaves free on the disk, so that the outbox can still be written."""

_AT_ONCE: Final = 2_000

KNOWN: Final = (
    "SELECT (SELECT count(*) FROM base WHERE kind = ?1) - (SELECT count(*) FROM base INDEXED BY base_gone "
    "WHERE gone_at IS NOT NULL AND kind = ?1)"
)
"""How many of a kind are there, from indexes alone: the rows hold the documents of a whole company."""

_OUTLIVED: Final = """
SELECT id FROM job
WHERE shown_status IN ('completed', 'closed', 'cancelled', 'skipped', 'declined', 'failed')
  AND coalesce(shown_end, shown_start, CAST(strftime('%s', date) AS INTEGER), updated_at) < ?1
  AND NOT EXISTS (
    SELECT 1 FROM visit WHERE job_id = job.id
    AND coalesce("end", start, CAST(strftime('%s', visit.date) AS INTEGER), 0) >= ?1)
"""

_SHOWN: Final = """
  SELECT job_id, start FROM visit
  WHERE queued = 1 OR (start >= ? AND start < ?)
"""
_STALE: Final = (
    "base.gone_at IS NULL AND (detail_at IS NULL OR detail_stamp IS NOT base.stamp OR detail_at < ?)"
)
_WANTS: Final = {
    Kind.TECHNICIAN: f"""
SELECT id FROM base WHERE kind = 'technician' AND ? < ? AND {_STALE} ORDER BY id LIMIT ?
""",
    Kind.CUSTOMER: f"""
SELECT job.customer_id FROM ({_SHOWN}) AS shown JOIN job ON job.id = shown.job_id
JOIN base ON base.kind = 'customer' AND base.id = job.customer_id WHERE {_STALE}
GROUP BY job.customer_id ORDER BY min(shown.start IS NULL), min(shown.start), job.customer_id LIMIT ?
""",
    Kind.JOB: f"""
SELECT shown.job_id FROM ({_SHOWN}) AS shown JOIN base ON base.kind = 'job' AND base.id = shown.job_id
WHERE {_STALE} ORDER BY shown.start IS NULL, shown.start, shown.job_id LIMIT ?
""",
}
"""What of each kind a board shows and was not read whole; the first parameters bound the time."""


class UnreadRow(Protocol):
    """A row that could not be read (`backends.port.SetAside`)."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102
    @property
    def id(self) -> str | None: ...  # noqa: D102
    @property
    def why(self) -> str: ...  # noqa: D102
    @property
    def raw(self) -> str: ...  # noqa: D102


class CacheWriter(CacheFile):
    """The one writer of cache.db. One connection, one thread.

    Raises StorageError from every method where the disk would not let it be saved; nothing was saved then.
    """

    _load: FirstLoad | None = None

    def __init__(self, files: ProfileFiles, zone: Zone, clock: Clock) -> None:
        super().__init__(files, zone, clock)
        self._arrived: dict[Kind, Arrived] = {}
        """What the walks have brought that began with nothing of their kind, by the kind."""
        self._version: int | None = None
        """SQLite's own number for what others have written to the file (PRAGMA data_version)."""

    # Walks

    def begin_run(self, kind: Kind, full: bool) -> Run:
        """Begin a walk over a kind. Raises StorageFull where the disk has no room to spare."""
        with in_our_words(self._path):
            space = os.statvfs(self.files.folder) if hasattr(os, "statvfs") else None
        if space is not None and space.f_bavail * space.f_frsize < RESERVE:
            raise disk_full(self.files.folder)
        now = self._now()
        with self._write() as db:
            gen = db.execute(
                "UPDATE meta SET value = value + 1 WHERE key = 'gen' RETURNING value"
            ).fetchone()[0]
            known = db.execute("SELECT full_at FROM cursor WHERE kind = ?", (kind.value,)).fetchone()
            first = known is None or known[0] is None
            there = db.execute("SELECT 1 FROM base WHERE kind = ? LIMIT 1", (kind.value,)).fetchone()
            self._load = self._alone(db, self._load)
        run = Run(kind.value, ulid(now * 1000), gen, full, first, now, first and there is None)
        self._arrived.pop(kind, None)
        if run.fresh:
            self._arrived[kind] = Arrived()
        return run

    def store(self, rows: Sequence[SeenRow], run: Run | None = None) -> ChangeCount:
        """Save rows in one transaction, of several pages at will.

        Without a `run` they were read one by one: they are taken as they are. In a run a row that looks
        older than ours is not taken but marked as suspect, to be read by id (`suspects`); if nobody does,
        it is taken the next time. One of our stamp and of other content is taken and marked. What is
        marked stays so until it is read by id, or comes with a newer stamp.
        """
        load, self._load = self._load_of(run), None
        with without_collecting(), self._write() as db:
            load = self._alone(db, load)
            count = self._store(db, rows, run, load)
        # Only what is in the file is remembered.
        self._load = load
        self._remember(rows)
        self._tidy_log()
        return count

    def finish_walk(
        self,
        run: Run,
        *,
        complete: bool,
        clean: bool = True,
        stamp: str | None = None,
        body_hash: str | None = None,
        rows: Sequence[SeenRow] = (),
    ) -> ChangeCount:
        """Save the last `rows` and, where the walk was `complete`, the cursor, in one transaction.

        `stamp` is the newest seen (None keeps the one before). A walk that was not `clean` does not
        remember the hash of its body, so that the next one reads it again.
        """
        now = self._now()
        first_jobs: int | None = None
        load, self._load = self._load_of(run), None
        with self._write() as db:
            load = self._alone(db, load)
            count = self._store(db, rows, run, load) if rows else ChangeCount()
            if complete:
                db.execute(
                    "INSERT INTO cursor VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind) DO UPDATE SET "
                    "previous_stamp = coalesce(stamp, excluded.stamp), stamp = coalesce(excluded.stamp, "
                    "stamp), "
                    "run_id = excluded.run_id, finished_at = excluded.finished_at, "
                    "full_at = coalesce(excluded.full_at, full_at), body_hash = excluded.body_hash",
                    (run.kind, stamp, stamp, run.run_id, now, now if run.full or run.first else None,
                     body_hash if clean else None),
                )  # fmt: skip
                if run.first and run.kind == Kind.VISIT.value:
                    self._draw_undrawn(db)
                if run.first and run.kind == Kind.JOB.value:
                    (first_jobs,) = db.execute("SELECT count(*) FROM job").fetchone()
        self._load = load if run.kind == Kind.JOB.value else None
        self._remember(rows)
        if complete:
            self._arrived.pop(Kind(run.kind), None)
        if first_jobs is not None:
            self.history.append([Line(None, now, None, "profile", "first_sync", None, first_jobs)])
        self._tidy_log()
        return count

    def draw_waiting(self) -> None:
        """Make up visits for the jobs whose own ones a first sync did not get to."""
        with in_our_words(self._path):
            if self.cursor(Kind.VISIT) is not None or not undrawn(self._db):
                return
        self._load = None
        with self._write() as db:
            self._draw_undrawn(db)

    def cursor(self, kind: Kind) -> Cursor | None:
        """How far a kind was read; None where no walk of it was finished."""
        with in_our_words(self._path):
            row = self._db.execute(
                "SELECT kind, stamp, previous_stamp, run_id, finished_at, full_at, body_hash FROM cursor "
                "WHERE kind = ?",
                (kind.value,),
            ).fetchone()
        return Cursor(*row) if row else None

    def missing(self, run: Run) -> list[str]:
        """What a finished full walk did not see, and the server so may have removed."""
        if run.fresh:
            return []  # whatever there is came in it
        with in_our_words(self._path):
            rows = self._db.execute(
                "SELECT id FROM base WHERE kind = ? AND gen < ? AND gone_at IS NULL ORDER BY id",
                (run.kind, run.gen),
            )
            return [row[0] for row in rows]

    def known(self, kind: Kind) -> int:
        """How many entities of a kind the server had when last seen."""
        with in_our_words(self._path):
            row: tuple[int] = self._db.execute(KNOWN, (kind.value,)).fetchone()
        return row[0]

    def suspects(self, kind: Kind) -> list[str]:
        """What has to be read by id: a list showed it older than it was, or changed without a new stamp."""
        with in_our_words(self._path):
            rows = self._db.execute(
                "SELECT id FROM base WHERE kind = ? AND suspect = 1 ORDER BY id", (kind.value,)
            )
            return [row[0] for row in rows]

    def unseen(self, statuses: Collection[Status], seen: Collection[str]) -> list[str]:
        """The jobs in one of these statuses, as the system itself keeps them, that are not among `seen`."""
        words = ids_json(one.value for one in statuses)
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT id FROM job WHERE status IN {AMONG} ORDER BY id", (words,))
            return [row[0] for row in rows if row[0] not in seen]

    def unseen_on(self, days: Collection[date], seen: Collection[str]) -> list[str]:
        """The jobs without a clock time on one of these days that are not among `seen`."""
        listed = ids_json(day.isoformat() for day in days)
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT id FROM job WHERE date IN {AMONG} ORDER BY id", (listed,))
            return [row[0] for row in rows if row[0] not in seen]

    def seen_before(self, statuses: Collection[Status], moment: int) -> list[str]:
        """The jobs in one of these statuses that nothing has shown since a moment, the oldest first."""
        words = ids_json(one.value for one in statuses)
        with in_our_words(self._path):
            rows = self._db.execute(
                "SELECT job.id FROM job JOIN base ON base.kind = 'job' AND base.id = job.id "
                f"WHERE status IN {AMONG} AND max(seen_at, coalesce(detail_at, 0)) < ? ORDER BY seen_at",
                (words, moment),
            )
            return [row[0] for row in rows]

    def wants_detail(self, kind: Kind, span: tuple[int, int], before: int, most: int) -> list[str]:
        """What a board shows within `span`, or in its queue, and of which not everything was read.

        That is: never by id, not since its stamp changed, or before the moment `before`. What comes first
        on the board comes first.
        """
        with in_our_words(self._path):
            rows = self._db.execute(_WANTS[kind], (*span, before, most))
            return [row[0] for row in rows]

    def no_detail(self, kind: Kind, entity_id: str) -> None:
        """A read by id brought nothing more: it is not asked for again at once."""
        now = self._now()
        with self._write() as db:
            db.execute(
                "UPDATE base SET detail_stamp = stamp, detail_at = ? WHERE kind = ? AND id = ?",
                (now, kind.value, entity_id),
            )

    def mark_gone(self, kind: Kind, ids: Sequence[str]) -> None:
        """The server has these no more: take them away."""
        if not ids:
            return
        now = self._now()
        self._load = None
        listed = ids_json(ids)
        lines: list[Line] = []
        ours = self._ours()
        with self._write() as db:
            rev = self._next_rev(db)
            there = [
                row[0]
                for row in db.execute(
                    f"SELECT id FROM base WHERE kind = ? AND gone_at IS NULL AND id IN {AMONG}",
                    (kind.value, listed),
                )
            ]
            jobs = {one: one for one in there} if kind is Kind.JOB else {}
            if kind is Kind.VISIT:
                jobs = {one: kept.visit.job_id for one, kept in kept_by_id(db, there).items()}
            # Visits that went with their job are not told beside it.
            told = there if kind is not Kind.VISIT else [one for one in there if one in jobs]
            called = self._called(db, there) if kind is Kind.JOB else {}
            lines += [
                differences.removed(kind, one, jobs.get(one), called.get(one, False), now, ours)
                for one in told
            ]
            self.history.append(lines)
            db.executemany(
                "UPDATE base SET gone_at = ?, suspect = 0 WHERE kind = ? AND id = ?",
                [(now, kind.value, one) for one in there],
            )
            db.execute(f"DELETE FROM echo WHERE kind = ? AND id IN {AMONG}", (kind.value, listed))
            self._take_away(db, kind, there, jobs, rev)

    def _called(self, db: sqlite3.Connection, jobs: list[str]) -> dict[str, str]:
        """Number and title of jobs, by which they are found when they are gone."""
        rows = db.execute(f"SELECT id, number, title FROM job WHERE id IN {AMONG}", (ids_json(jobs),))
        named = {one: " ".join(part for part in (number, title) if part) for one, number, title in rows}
        return {one: name for one, name in named.items() if name}

    def _take_away(
        self, db: sqlite3.Connection, kind: Kind, ids: list[str], jobs: Mapping[str, str], rev: int
    ) -> None:
        if kind is Kind.JOB:
            visits = [
                row[0]
                for row in db.execute(f"SELECT id FROM visit WHERE job_id IN {AMONG}", (ids_json(ids),))
            ]
            vanish(db, "visit", visits, rev)
            vanish(db, "job", ids, rev)
            # Should the job come back, its visits must be taken for new.
            db.executemany(
                "UPDATE base SET hash = x'' WHERE kind = 'visit' AND id = ?", [(one,) for one in visits]
            )
            db.execute("UPDATE cursor SET body_hash = NULL WHERE kind = 'visit'")
        elif kind is Kind.VISIT:
            vanish(db, "visit", ids, rev)
            project(db, Sightings(touched=set(jobs.values())), rev)
        else:
            db.execute(f"DELETE FROM {kind.value} WHERE id IN {AMONG}", (ids_json(ids),))
            if kind is Kind.TECHNICIAN:
                db.execute("UPDATE meta SET value = ? WHERE key = 'technicians_rev'", (rev,))

    # What else the sync keeps

    def set_aside(self, rows: Sequence[UnreadRow]) -> None:
        """Keep rows that could not be read, to be counted and shown."""
        now = self._now()
        with self._write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?)",
                [(row.kind.value, row.id or _digest(row.raw), row.why, row.raw, now) for row in rows],
            )

    def learn(self, facts: Mapping[str, str]) -> None:
        """Keep what the server taught about itself; what is not named any more is forgotten.

        What is there already as it is wanted is not written again.
        """
        with in_our_words(self._path):
            there = dict(self._db.execute("SELECT key, value FROM learned"))
        news = sorted((key, value) for key, value in facts.items() if there.get(key) != value)
        over = sorted(there.keys() - facts.keys())
        if not news and not over:
            return
        with self._write() as db:
            db.executemany("DELETE FROM learned WHERE key = ?", [(key,) for key in over])
            db.executemany("INSERT OR REPLACE INTO learned VALUES (?, ?)", news)

    def set_state(self, **values: object) -> None:
        """Change fields of `SyncState`. Raises TypeError for a name that it does not have."""
        unknown = values.keys() - set(STATE_FIELDS)
        if unknown:
            raise TypeError(f"sync_state has no {', '.join(sorted(unknown))}")
        sets = ", ".join(f"{name} = ?" for name in values)
        with self._write() as db:
            db.execute(f"UPDATE sync_state SET {sets}", tuple(values.values()))

    def retain(self, today: date, back_days: int = 90) -> int:
        """Forget ended jobs whose last day is more than `back_days` before `today`; returns how many.

        What lies ahead, and what is still open, stays. Rows that the server removed are forgotten after
        a week, what vanished once every board knows.
        """
        self._load = None
        edge = self.zone.nearest(date.fromordinal(today.toordinal() - back_days), time())
        now = self._now()
        with self._write() as db:
            db.execute("DELETE FROM base WHERE gone_at IS NOT NULL AND gone_at < ?", (now - 7 * 86400,))
            rev = self._next_rev(db)
            db.execute("DELETE FROM vanished WHERE rev < ?", (rev - 10_000,))
            old = [
                row[0]
                for row in db.execute(
                    _OUTLIVED,
                    (edge,),
                )
            ]
            listed = ids_json(old)
            visits = [
                row[0] for row in db.execute(f"SELECT id FROM visit WHERE job_id IN {AMONG}", (listed,))
            ]
            db.executemany("UPDATE base SET raw = '' WHERE kind = 'job' AND id = ?", [(one,) for one in old])
            vanish(db, "visit", visits, rev)
            vanish(db, "job", old, rev)
        return len(old)

    # Within

    def _draw_undrawn(self, db: sqlite3.Connection) -> None:
        rev, waiting = self._next_rev(db), undrawn(db)
        for at in range(0, len(waiting), _AT_ONCE):
            project(db, Sightings(touched=set(waiting[at : at + _AT_ONCE])), rev)

    def _load_of(self, run: Run | None) -> FirstLoad | None:
        """What this write may remember: jobs of the first walk, until their visits have come."""
        if run is None or not run.first or run.kind not in (Kind.JOB.value, Kind.VISIT.value):
            return None
        if self._load is not None or run.kind != Kind.JOB.value:
            return self._load
        with in_our_words(self._path):
            drawn = self._db.execute("SELECT 1 FROM visit LIMIT 1").fetchone()
        return FirstLoad(blank=drawn is None)

    def _alone(self, db: sqlite3.Connection, load: FirstLoad | None) -> FirstLoad | None:
        """What is remembered of the file, forgotten where somebody else has written to it since.

        A process that was stopped, and lost its lock meanwhile, goes on with what it had fetched.
        """
        (version,) = db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._arrived.clear()
            return None
        return load

    def _remember(self, rows: Sequence[SeenRow]) -> None:
        for kind, arrived in self._arrived.items():
            arrived.add([row.id for row in rows if row.kind is kind])

    def _store(
        self, db: sqlite3.Connection, rows: Sequence[SeenRow], run: Run | None, load: FirstLoad | None
    ) -> ChangeCount:
        (gen,) = db.execute("SELECT value FROM meta WHERE key = 'gen'").fetchone()
        known = frozenset(row[0] for row in db.execute("SELECT kind FROM cursor WHERE full_at IS NOT NULL"))
        storing = Storing(
            db,
            self._next_rev,
            run.gen if run else gen,
            self._now(),
            run,
            self._ours(),
            self._remembered,
            known,
            load,
            self._arrived.get(Kind(run.kind)) if run is not None else None,
        )
        count = store_rows(storing, rows)
        # Before the commit: a line that is written twice is known by its neighbour, a lost one by nothing.
        self.history.append(storing.lines)
        return count


def _digest(raw: str) -> str:
    return sha256(raw.encode("utf-8", "replace")).hexdigest()[:16]
