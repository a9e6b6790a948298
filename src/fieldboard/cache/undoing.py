"""Which edit `undo` takes back and which one `redo` does again: read from the outbox alone.

So it holds over restarts and over several windows. Two events count: an operation was made (`born`), an
operation was cancelled before it was sent (its last `rev`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import Final

_DEAD: Final = "('cancelled', 'rejected', 'conflict', 'gone', 'superseded')"
_EFFECT: Final = "('queued', 'sending', 'uncertain', 'acked', 'confirmed')"

_UNDOABLE: Final = f"""
  one.intent <> 'undo' AND one.state IN {_EFFECT} AND NOT EXISTS (
    SELECT 1 FROM operation later
    WHERE later.undoes = one.op_id AND later.intent = 'undo' AND later.state NOT IN {_DEAD})
"""

_REDOABLE: Final = f"""
  (one.intent = 'undo' AND one.state IN {_EFFECT}
   OR one.intent NOT IN ('undo', 'redo') AND one.state = 'cancelled' AND one.chained = 0)
  AND NOT EXISTS (
    SELECT 1 FROM operation later
    WHERE later.undoes = one.op_id AND later.intent = 'redo' AND later.state NOT IN {_DEAD})
"""

_WHEN: Final = "CASE one.state WHEN 'cancelled' THEN one.rev ELSE one.born END"


def last_undoable(db: sqlite3.Connection, past: Collection[str] = ()) -> list[str]:
    """The ids of the newest edit that has an effect and was not taken back, with all of its group.

    `past` are edits that are left out.
    """
    found = db.execute(
        f"SELECT op_id, group_id FROM operation one WHERE {_UNDOABLE} "
        "AND op_id NOT IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT 1",
        (json.dumps([*past]),),
    ).fetchone()
    return _with_group(db, found, _UNDOABLE)


def last_redoable(db: sqlite3.Connection) -> list[str]:
    """The ids of what was taken back last, unless an edit was made since, with all of its group."""
    newest = db.execute(
        f"SELECT op_id, group_id, {_WHEN} AS at FROM operation one WHERE {_REDOABLE} "
        "ORDER BY at DESC, seq DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        return []
    (edited,) = db.execute(
        "SELECT coalesce(max(born), 0) FROM operation WHERE intent NOT IN ('undo', 'redo')"
    ).fetchone()
    return _with_group(db, newest[:2], _REDOABLE) if edited < newest[2] else []


def _with_group(db: sqlite3.Connection, found: tuple[str, str | None] | None, where: str) -> list[str]:
    if found is None:
        return []
    op_id, group = found
    if group is None:
        return [op_id]
    rows = db.execute(
        f"SELECT op_id FROM operation one WHERE one.group_id = ? AND {where} ORDER BY seq", (group,)
    )
    return [row[0] for row in rows]
