"""outbox.db: the dispatcher's edits. What is said to be saved here is on the disk."""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import Any, Final

from fieldboard.cache import op_journal, schema, undoing
from fieldboard.cache.connection import connect, data_version, in_our_words, transaction
from fieldboard.cache.errors import IllegalMove
from fieldboard.cache.fate import MOVES, TERMINAL
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.operations import (
    COLUMNS,
    STEP,
    VERSION,
    SentStep,
    StepAnswer,
    StepRecord,
    changes_text,
    operation_of,
    step_of,
)  # fmt: skip
from fieldboard.cache.ulid import ulid
from fieldboard.clock import Clock
from fieldboard.domain.instants import Instant, instant_of
from fieldboard.domain.operation import PENDING, UNDECIDED, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.view import NEW, temporary_id

_LIVE: Final = (
    f"(state IN ({', '.join(repr(one.value) for one in sorted(PENDING))}) OR "
    f"state IN ({', '.join(repr(one.value) for one in sorted(UNDECIDED))}) AND noted = 0)"
)
_SETTABLE: Final = frozenset({"reason", "not_before", "sent_at", "ever_uncertain", "noted"})
SNIPPET: Final = 200
"""Characters kept of what a server said about a request."""


class Outbox:
    """The operations of a profile. One connection, one thread; any process may add.

    Every method that writes has committed when it returns, durable against a loss of power, or raises
    StorageError and has saved nothing.
    """

    def __init__(self, files: ProfileFiles, clock: Clock, *, by: str | None = None) -> None:
        self._files, self._clock = files, clock
        self._path = schema.ensure(files, schema.OUTBOX)
        self._by = by
        try:
            self._db = connect(self._path, wal=False)
        except Exception:
            # A folder that cannot be written: what is there can still be looked at.
            self._db = connect(self._path, wal=False, read_only=True)
        self.own_writes = 0
        """Counts the commits of this object: `data_version` tells only those of others."""

    # Adding

    def add(self, draft: OperationDraft) -> Operation:
        """Save one operation."""
        return self.add_all([draft])[0]

    def add_all(self, drafts: Sequence[OperationDraft]) -> list[Operation]:
        """Save operations in one transaction; several without a group of their own become one group.

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
                draft = _with_id(draft, op_id)
                cursor = db.execute(
                    "INSERT INTO operation (op_id, version, group_id, intent, entity, changes, label, warnings, state, "
                    "reason, undoes, created_at, created_by, born, rev) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?)",
                    (op_id, VERSION, draft.group or group, draft.intent.value, draft.entity,
                     changes_text(draft.changes), draft.label, json.dumps(draft.warnings, ensure_ascii=False),
                     draft.reason, draft.undoes, at, by, rev, rev),
                )  # fmt: skip
                row = db.execute(
                    f"SELECT {COLUMNS} FROM operation WHERE seq = ?", (cursor.lastrowid,)
                ).fetchone()
                saved.append(operation_of(row))
        # After the commit: a refused edit must not come back by a salvage.
        self._tell([_entry(one) for one in saved], sync=True)
        return saved

    # Reading

    def get(self, op_id: str) -> Operation | None:
        """An operation by its id; None where there is none."""
        found = self._select("WHERE op_id = ?", (op_id,))
        return found[0] if found else None

    def live(self) -> list[Operation]:
        """What is on its way or not yet seen in a read, and what waits for a decision, in order."""
        return self._select(f"WHERE {_LIVE} ORDER BY seq")

    def all(self, since: Instant | None = None) -> list[Operation]:
        """Every operation kept, in order; `since`: those made at or after it."""
        return self._select("WHERE created_at >= ? ORDER BY seq", (since or 0,))

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
                f"FROM operation WHERE {_LIVE}"
            ).fetchone()
        return pending, undecided

    def rev(self) -> int:
        """The number of the last write."""
        with in_our_words(self._path):
            row: tuple[int] = self._db.execute("SELECT value FROM meta WHERE key = 'rev'").fetchone()
        return row[0]

    def data_version(self) -> int:
        """Changes when another connection has committed."""
        with in_our_words(self._path):
            return data_version(self._db)

    def idmap(self) -> dict[str, str]:
        """The server's ids of what was created here, by temporary id; a job's wins over its visit's."""
        known = sorted(self.ids().items(), key=lambda item: item[0][0] is Kind.JOB)
        return {temp_id: server_id for (_, temp_id), server_id in known}

    def ids(self) -> dict[tuple[Kind, str], str]:
        """The server's ids of what was created here, by kind and temporary id."""
        with in_our_words(self._path):
            rows = self._db.execute("SELECT kind, temp_id, server_id FROM idmap")
            return {(Kind(kind), temp_id): server_id for kind, temp_id, server_id in rows}

    def last_undoable(self) -> tuple[Operation, ...]:
        """The newest edit that can be taken back, with all of its group; empty where there is none."""
        with in_our_words(self._path):
            return self._by_ids(undoing.last_undoable(self._db))

    def last_redoable(self) -> tuple[Operation, ...]:
        """What was taken back last and can be done again; empty after a newer edit.

        These are the undo operations, or the edits themselves where they were cancelled before they
        were sent.
        """
        with in_our_words(self._path):
            return self._by_ids(undoing.last_redoable(self._db))

    # Sending

    def take_fence(self, holder: str) -> int:
        """Begin to send: a number that is greater than that of every sender before. `holder` is for people."""
        with self._write() as db:
            row: tuple[int] = db.execute(
                "UPDATE meta SET value = value + 1 WHERE key = 'fence' RETURNING value"
            ).fetchone()
            fence = row[0]
        self._tell([{"fence": fence, "holder": holder}], sync=False)
        return fence

    def recover(self, fence: int) -> list[Operation]:
        """What a sender before left as `sending` has an unknown outcome: returns what became uncertain."""
        with self._write() as db:
            rev = self._next_rev(db)
            left = [
                row[0]
                for row in db.execute(
                    "UPDATE operation SET state = 'uncertain', ever_uncertain = 1, fence = ?, rev = ? "
                    "WHERE state = 'sending' AND ifnull(fence, 0) < ? RETURNING op_id",
                    (fence, rev, fence),
                )
            ]
        return list(self._by_ids(left))

    def claim(self, op_id: str, fence: int) -> Operation | None:
        """Take a queued operation for sending; None where it is not queued any more or another sends.

        `sending` is on the disk before the first byte leaves.
        """
        now = self._now()
        with self._write() as db:
            (newest,) = db.execute("SELECT value FROM meta WHERE key = 'fence'").fetchone()
            if newest != fence:
                return None
            taken = db.execute(
                "UPDATE operation SET state = 'sending', attempts = attempts + 1, sent_at = coalesce(sent_at, ?), "
                "fence = ?, not_before = NULL, rev = ? WHERE op_id = ? AND state = 'queued' AND version = ?",
                (now, fence, self._next_rev(db), op_id, VERSION),
            ).rowcount
        if not taken:
            return None
        self._tell([{"op_id": op_id, "state": OpState.SENDING.value, "at": now}], sync=False)
        return self.get(op_id)

    def settle(
        self, op_id: str, fence: int | None, from_state: OpState, to_state: OpState, **values: object
    ) -> bool:
        """Move an operation on; False where it is not in `from_state`, or another sender has it.

        `values`: reason, not_before, sent_at, ever_uncertain, noted. `fence` None settles without sending.
        Raises IllegalMove for a move that the fate of operations does not know, TypeError for another value.
        """
        if from_state is not to_state and to_state not in MOVES.get(from_state, frozenset()):
            raise IllegalMove(f"an operation does not go from {from_state.value} to {to_state.value}")
        if unknown := values.keys() - _SETTABLE:
            raise TypeError(f"an operation has no {', '.join(sorted(unknown))} to settle")
        now = self._now()
        sets: dict[str, Any] = {"state": to_state.value, **values}
        if to_state is OpState.UNCERTAIN:
            sets["ever_uncertain"] = 1
        if to_state in TERMINAL:
            sets["ended_at"] = now
        with self._write() as db:
            sets["rev"] = self._next_rev(db)
            assignments = ", ".join(f"{name} = :{name}" for name in sets)
            done = db.execute(
                f"UPDATE operation SET {assignments} WHERE op_id = :_id AND state = :_from "  # noqa: S608
                "AND (:_fence IS NULL OR :_fence = (SELECT value FROM meta WHERE key = 'fence'))",
                {**sets, "_id": op_id, "_from": from_state.value, "_fence": fence},
            ).rowcount
        if done:
            self._tell([{"op_id": op_id, "state": to_state.value, "at": now}], sync=False)
        return bool(done)

    def journal_step(self, op_id: str, step: SentStep, answer: StepAnswer | None = None) -> None:
        """Keep a request: without an `answer` just before it is sent, with one when it is known.

        A step that is sent again counts its tries.
        """
        now = self._now()
        with self._write() as db:
            if answer is None:
                db.execute(
                    "INSERT INTO step (op_id, idx, change, method, path, body, marker, says, started_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (op_id, idx) DO UPDATE SET "
                    "change = excluded.change, method = excluded.method, path = excluded.path, "
                    "body = excluded.body, marker = excluded.marker, says = excluded.says, outcome = NULL, "
                    "status = NULL, why = NULL, started_at = excluded.started_at, finished_at = NULL, "
                    "tries = tries + 1",
                    (op_id, step.index, step.change, step.method, step.path,
                     json.dumps(step.body, ensure_ascii=False), step.marker, step.says, now),
                )  # fmt: skip
                return
            why = "".join(one for one in answer.why or "" if one.isprintable())[:SNIPPET] or None
            db.execute(
                "INSERT INTO step (op_id, idx, change, method, path, body, marker, says, started_at, outcome, "
                "status, why, new_id, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (op_id, idx) DO UPDATE SET outcome = excluded.outcome, status = excluded.status, "
                "why = excluded.why, new_id = coalesce(excluded.new_id, new_id), finished_at = excluded.finished_at",
                (op_id, step.index, step.change, step.method, step.path, json.dumps(step.body, ensure_ascii=False),
                 step.marker, step.says, now, str(answer.outcome), answer.status, why, answer.new_id, now),
            )  # fmt: skip

    def steps_of(self, op_id: str) -> list[StepRecord]:
        """The requests of an operation so far, in order."""
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {STEP} FROM step WHERE op_id = ? ORDER BY idx", (op_id,))  # noqa: S608
            return [step_of(row) for row in rows]

    def map_id(self, temp_id: str, kind: Kind, server_id: str) -> None:
        """The server has given an id to what was created here."""
        with self._write() as db:
            db.execute(
                "INSERT OR REPLACE INTO idmap VALUES (?, ?, ?, ?)",
                (temp_id, kind.value, server_id, self._now()),
            )
            self._next_rev(db)

    # Deciding

    def cancel(self, op_id: str) -> bool:
        """Take back what was never sent; False where it is too late.

        What was queued for something that it would have created goes with it.
        """
        now = self._now()
        with self._write() as db:
            rev = self._next_rev(db)
            sql = (
                "UPDATE operation SET state = 'cancelled', ended_at = ?, rev = ?, chained = ? WHERE op_id = ? "
                "AND state = 'queued' AND attempts = 0 AND ever_uncertain = 0"
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
            rev = self._next_rev(db)
            return sum(
                db.execute(
                    "UPDATE operation SET noted = 1, rev = ? WHERE op_id = ? AND noted = 0 AND state IN "
                    "('conflict', 'rejected', 'ask', 'duplicate', 'gone', 'superseded')",
                    (rev, one),
                ).rowcount
                for one in op_ids
            )

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
        again = self.add(
            OperationDraft(
                operation.intent,
                operation.entity.replace(made, NEW),
                tuple(replace(one, id=NEW) if one.id == made else one for one in operation.changes),
                operation.label,
                operation.warnings,
                undoes=operation.undoes,
            )
        )
        self.note([op_id])
        return again

    def purge(self, days: int = 30) -> int:
        """Forget what ended more than `days` days ago and waits for nobody; returns how many."""
        before = self._now() - days * 86400
        with self._write() as db:
            old = f"SELECT op_id FROM operation WHERE NOT {_LIVE} AND coalesce(ended_at, created_at) < {before:d}"  # noqa: S608
            db.execute(f"DELETE FROM step WHERE op_id IN ({old})")  # noqa: S608
            gone = db.execute(f"DELETE FROM operation WHERE op_id IN ({old})").rowcount  # noqa: S608
            with suppress(OSError):
                op_journal.rotate(self._files.journal)
        return gone

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
            rows = self._db.execute(f"SELECT {COLUMNS} FROM operation {where}", values)  # noqa: S608
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
        "intent": operation.intent.value, "entity": operation.entity, "changes": changes_text(operation.changes),
        "label": operation.label, "warnings": json.dumps(operation.warnings, ensure_ascii=False),
        "reason": operation.reason, "undoes": operation.undoes, "created_at": operation.created_at,
        "created_by": operation.created_by,
    }  # fmt: skip
