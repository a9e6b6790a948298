"""Damaged files: found, put aside, and what can be had of them had again.

No connection to the file may be open in this process; those of others fail and reopen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fieldboard.cache import contests, op_journal, schema
from fieldboard.cache.connection import connect, in_our_words, transaction
from fieldboard.cache.errors import StorageDamaged, storage_error
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.locks import FileLocked
from fieldboard.domain.operation import OpState

_PARTS: Final = ("", "-wal", "-shm", "-journal")
_ROWS: Final = 1 << 20
_COLUMNS: Final = (
    "seq", "op_id", "version", "group_id", "intent", "entity", "changes", "label", "warnings", "state",
    "reason",
    "undoes", "created_at", "created_by", "sent_at", "ended_at", "attempts", "ever_uncertain", "not_before",
    "noted", "chained",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Salvage:
    """What became of a damaged outbox: how many operations were read from it, and from the journal."""

    from_rows: int
    from_journal: int
    put_aside: Path | None


def damage(files: ProfileFiles, *, thorough: bool = False) -> list[Path]:
    """The files that are damaged; a check of the whole of each. `thorough` compares indexes, too.

    The outbox is always checked thoroughly. For the sync process, after the first paint.
    """
    found: list[Path] = []
    for path, wal, whole in (
        (files.cache, True, thorough),
        (files.outbox, False, True),
        (files.history, False, thorough),
    ):
        if path.exists() and path.stat().st_size and not _sound(path, wal=wal, whole=whole):
            found.append(path)
    return found


def _sound(path: Path, *, wal: bool, whole: bool) -> bool:
    try:
        with in_our_words(path), closing(connect(path, wal=wal, read_only=True)) as connection:
            check = "integrity_check" if whole else "quick_check"
            return bool(connection.execute(f"PRAGMA {check}(1)").fetchone() == ("ok",))
    except StorageDamaged:
        return False


def put_aside(files: ProfileFiles, path: Path) -> Path:
    """Move a file with all that belongs to it into the quarantine; returns where the file went."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    place = files.quarantine / f"{path.stem}-{stamp}.db"
    try:
        for part in _PARTS:
            source = path.with_name(path.name + part)
            if source.exists():
                source.replace(place.with_name(place.name + part))
    except OSError as error:
        raise storage_error(error, path) or error from error
    return place


def rebuild_cache(files: ProfileFiles) -> Path:
    """Put a damaged cache aside and begin an empty one; the next round fills it from the server."""
    with FileLocked(files.write_lock):
        place = put_aside(files, files.cache)
    schema.ensure(files, schema.CACHE, here=True)
    return place


def salvage_outbox(files: ProfileFiles) -> Salvage:
    """Put a damaged outbox aside and make a new one of the rows that can be read and of the journal.

    What only the journal knows and nothing says was never sent, is uncertain: it is looked up at the
    server before it is sent. Raises StorageError; the damaged file stays in the quarantine.
    """
    place = put_aside(files, files.outbox) if files.outbox.exists() else None
    schema.ensure(files, schema.OUTBOX, here=True)
    rows = {row["op_id"]: row for row in _readable(place)} if place else {}
    told, states, fence = _journal(files.journal)
    added = 0
    for op_id, entry in told.items():
        if op_id not in rows:
            rows[op_id] = _from_journal(entry, states.get(op_id))
            added += 1
    with closing(connect(files.outbox, wal=False)) as connection, transaction(connection, files.outbox) as db:
        for row in sorted(rows.values(), key=lambda one: one["op_id"]):
            values = [row.get(name) for name in _COLUMNS[1:]]
            marks = ", ".join("?" * len(values))
            db.execute(
                f"INSERT INTO operation ({', '.join(_COLUMNS[1:])}, born, rev) VALUES ({marks}, 1, 1)",
                values,
            )
        db.execute("UPDATE operation SET born = seq, rev = seq")
        db.execute("UPDATE meta SET value = (SELECT ifnull(max(seq), 0) FROM operation) WHERE key = 'rev'")
        db.execute("UPDATE meta SET value = ? WHERE key = 'fence'", (fence + 1,))
        if place is not None:
            _copy(place, "idmap", "temp_id, kind, server_id, at", db)
            _copy(place, "contest", contests.COLUMNS, db)
            _copy(
                place,
                "step",
                "op_id, idx, change, method, path, body, marker, says, outcome, status, why, new_id, "
                "started_at, "
                "finished_at, tries",
                db,
            )
    return Salvage(len(rows) - added, added, place)


def _from_journal(entry: dict[str, Any], state: str | None) -> dict[str, Any]:
    known = state if state in {one.value for one in OpState} else None
    if known in (None, OpState.SENDING.value, OpState.QUEUED.value):
        known = OpState.UNCERTAIN.value
    return {
        **{name: entry.get(name) for name in _COLUMNS},
        "state": known,
        "attempts": 1,
        "ever_uncertain": int(known == OpState.UNCERTAIN.value),
        "noted": 0,
        "chained": 0,
        "ended_at": entry.get("created_at") if known != OpState.UNCERTAIN.value else None,
    }


def _journal(path: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str], int]:
    told: dict[str, dict[str, Any]] = {}
    states: dict[str, str] = {}
    fence = 0
    needed = {
        "op_id",
        "version",
        "intent",
        "entity",
        "changes",
        "label",
        "warnings",
        "created_at",
        "created_by",
    }
    for entry in op_journal.read(path):
        if needed <= entry.keys():
            told[str(entry["op_id"])] = entry
        elif isinstance(entry.get("state"), str):
            states[str(entry.get("op_id"))] = entry["state"]
        elif isinstance(entry.get("fence"), int):
            fence = max(fence, entry["fence"])
    return told, states, fence


def _readable(path: Path) -> Iterator[dict[str, Any]]:
    """The operations of a damaged file, one by one: a row that cannot be read costs only itself."""
    for row in _each(path, "operation", ", ".join(_COLUMNS)):
        found = dict(zip(_COLUMNS, row, strict=True))
        with suppress(ValueError, TypeError):
            json.loads(found["changes"])
            json.loads(found["warnings"])
            OpState(found["state"])
            if found["state"] == OpState.SENDING.value:
                found["state"], found["ever_uncertain"] = OpState.UNCERTAIN.value, 1
            yield found


def _each(path: Path, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return
    with closing(connection):
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            last = connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
        except sqlite3.Error:
            last = 10_000
        for rowid in range(1, min(last, _ROWS) + 1):
            with suppress(sqlite3.Error):
                row = connection.execute(
                    f"SELECT {columns} FROM {table} WHERE rowid = ?", (rowid,)
                ).fetchone()
                if row is not None:
                    yield row


def _copy(place: Path, table: str, columns: str, db: sqlite3.Connection) -> None:
    marks = ", ".join("?" * len(columns.split(", ")))
    for row in _each(place, table, columns):
        with suppress(sqlite3.Error):
            db.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", row)
