"""outbox.db: the dispatcher's edits. What is said to be saved here is on the disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from fieldboard.cache import op_journal
from fieldboard.cache.errors import IllegalMove
from fieldboard.cache.operations import (
    COLUMNS,
    VERSION,
    changes_text,
    operation_of,
)  # fmt: skip
from fieldboard.cache.outbox_deciding import OutboxDeciding
from fieldboard.cache.outbox_file import LIVE
from fieldboard.cache.ulid import ulid
from fieldboard.domain.instants import instant_of
from fieldboard.domain.operation import UNDECIDED, Operation, OperationDraft, OpState
from fieldboard.domain.view import NEW, temporary_id

_NEVER_REACHED: Final = (
    "NOT EXISTS (SELECT 1 FROM step WHERE step.op_id = operation.op_id "
    "AND ifnull(outcome, 'unknown') NOT IN ('not_sent', 'wait', 'unauthorized'))"
)
"""A request is in the journal before it is sent: without one, or with only such answers, nothing was done."""


class Outbox(OutboxDeciding):
    """The operations of a profile. One connection, one thread; any process may add.

    Every method that writes has committed when it returns, durable against a loss of power, or raises
    StorageError and has saved nothing.
    """

    # Adding

    def add(self, draft: OperationDraft) -> Operation:
        """Save one operation."""
        return self.add_all([draft])[0]

    def add_all(self, drafts: Sequence[OperationDraft], noting: Sequence[str] = ()) -> list[Operation]:
        """Save operations in one transaction; several without a group of their own become one group.

        `noting` are undecided ones of which these are the decision: note is taken of them with it.

        The id `new` in a change or an entity becomes `new:<op_id>`.
        """
        now = self._clock.now()
        at, millis = instant_of(now), int(now.timestamp() * 1000)
        ids = [ulid(millis) for _ in drafts]
        group = ulid(millis) if len(drafts) > 1 else None
        by = self._who()
        saved: list[Operation] = []
        with self._write() as db:
            rev = self._next_rev(db)
            for op_id, draft in zip(ids, drafts, strict=True):
                made = _with_id(draft, op_id)
                cursor = db.execute(
                    "INSERT INTO operation (op_id, version, group_id, intent, entity, changes, label, "
                    "warnings, state, "
                    "reason, undoes, created_at, created_by, born, rev) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)",
                    (op_id, VERSION, made.group or group, made.intent.value, made.entity,
                     changes_text(made.changes), made.label, json.dumps(made.warnings, ensure_ascii=False),
                     made.reason, made.undoes, at, by, rev, rev),
                )  # fmt: skip
                row = db.execute(
                    f"SELECT {COLUMNS} FROM operation WHERE seq = ?", (cursor.lastrowid,)
                ).fetchone()
                saved.append(operation_of(row))
            _note(db, noting, rev)
        # After the commit: a refused edit must not come back by a salvage.
        self._tell([_entry(one) for one in saved], sync=True)
        return saved

    # Deciding

    def cancel(self, op_id: str) -> bool:
        """Take back what never reached the server; False where it is too late.

        What was queued for something that it would have created goes with it.
        """
        now = self._now()
        with self._write() as db:
            rev = self._next_rev(db)
            sql = (
                "UPDATE operation SET state = 'cancelled', ended_at = ?, rev = ?, chained = ? WHERE "
                "op_id = ? "
                f"AND state = 'queued' AND ever_uncertain = 0 AND {_NEVER_REACHED}"
            )
            if not db.execute(sql, (now, rev, 0, op_id)).rowcount:
                return False
            gone = [op_id]
            made = temporary_id(op_id)
            for (other,) in db.execute(
                "SELECT op_id FROM operation WHERE state = 'queued' AND op_id <> ? "
                "AND (entity LIKE '%:' || ? OR instr(changes, ?) > 0)",
                (op_id, made, json.dumps(made)),
            ).fetchall():
                if db.execute(sql, (now, rev, 1, other)).rowcount:
                    gone.append(other)
        self._tell([{"op_id": one, "state": OpState.CANCELLED.value, "at": now} for one in gone], sync=True)
        return True

    def note(self, op_ids: Sequence[str]) -> int:
        """Somebody has taken note of undecided ends; returns of how many."""
        with self._write() as db:
            return _note(db, op_ids, self._next_rev(db))

    def retry(self, op_id: str) -> Operation:
        """Try again: one that waits goes at once, one that has ended goes on under a new id.

        Raises KeyError for an unknown id, IllegalMove for one that took effect or is being sent.
        """
        operation = self.get(op_id)
        if operation is None:
            raise KeyError(op_id)
        if operation.state is OpState.QUEUED:
            with self._write() as db:
                db.execute(
                    "UPDATE operation SET not_before = NULL, rev = ? WHERE op_id = ?",
                    (self._next_rev(db), op_id),
                )
            return replace(operation, not_before=None)
        if operation.state not in UNDECIDED | {OpState.SUPERSEDED, OpState.CANCELLED}:
            raise IllegalMove(f"an operation that is {operation.state.value} cannot be tried again")
        made = temporary_id(op_id)
        draft = OperationDraft(
            operation.intent,
            operation.entity.replace(made, NEW),
            tuple(replace(one, id=NEW) if one.id == made else one for one in operation.changes),
            operation.label,
            operation.warnings,
            undoes=operation.undoes,
        )
        return self.add_all([draft], noting=[op_id])[0]

    def purge(self, days: int = 30) -> int:
        """Forget what ended more than `days` days ago and waits for nobody; returns how many."""
        before = self._now() - days * 86400
        with self._write() as db:
            ended = f"coalesce(ended_at, created_at) < {before:d}"
            old = f"SELECT op_id FROM operation WHERE NOT {LIVE} AND {ended}"
            db.execute(f"DELETE FROM step WHERE op_id IN ({old})")
            db.execute(f"DELETE FROM contest WHERE op_id IN ({old})")
            gone = db.execute(f"DELETE FROM operation WHERE op_id IN ({old})").rowcount
            with suppress(OSError):
                op_journal.rotate(self._files.journal)
        return gone


def _note(db: sqlite3.Connection, op_ids: Sequence[str], rev: int) -> int:
    return sum(
        db.execute(
            "UPDATE operation SET noted = 1, rev = ? WHERE op_id = ? AND noted = 0 AND state IN "
            "('conflict', 'rejected', 'ask', 'duplicate', 'gone', 'superseded')",
            (rev, one),
        ).rowcount
        for one in op_ids
    )


def _with_id(draft: OperationDraft, op_id: str) -> OperationDraft:
    made = temporary_id(op_id)
    kind, _, one = draft.entity.partition(":")
    return replace(
        draft,
        entity=f"{kind}:{made}" if one == NEW else draft.entity,
        changes=tuple(replace(change, id=made) if change.id == NEW else change for change in draft.changes),
    )


def _entry(operation: Operation) -> dict[str, Any]:
    return {
        "seq": operation.seq, "op_id": operation.op_id, "version": VERSION, "group_id": operation.group,
        "intent": operation.intent.value, "entity": operation.entity,
        "changes": changes_text(operation.changes),
        "label": operation.label, "warnings": json.dumps(operation.warnings, ensure_ascii=False),
        "reason": operation.reason, "undoes": operation.undoes, "created_at": operation.created_at,
        "created_by": operation.created_by,
    }  # fmt: skip
