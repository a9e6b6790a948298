"""Contests ⇄ rows of outbox.db."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from fieldboard.domain.contest import Contest
from fieldboard.domain.operation import Kind

COLUMNS: Final = "op_id, kind, id, field, base, mine, theirs, by, at, seen_at"


def keep(db: sqlite3.Connection, op_id: str, contests: Sequence[Contest]) -> None:
    """Write down what an operation met, in place of what it met before."""
    db.execute("DELETE FROM contest WHERE op_id = ?", (op_id,))
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    db.executemany(
        f"INSERT INTO contest ({COLUMNS}) VALUES ({marks})",
        [
            (
                op_id,
                one.kind.value,
                one.id,
                one.field,
                *(json.dumps(value, ensure_ascii=False) for value in (one.base, one.mine, one.theirs)),
                one.by,
                one.at,
                one.seen_at,
            )
            for one in contests
        ],
    )


def of(db: sqlite3.Connection, op_id: str) -> tuple[Contest, ...]:
    """What an operation met, in the order in which it was written."""
    rows = db.execute(f"SELECT {COLUMNS} FROM contest WHERE op_id = ? ORDER BY rowid", (op_id,))
    return tuple(
        Contest(Kind(kind), one, field, json.loads(base), json.loads(mine), json.loads(theirs), by, at, seen)
        for _, kind, one, field, base, mine, theirs, by, at, seen in rows
    )
