"""What the process that sends does to the outbox: every step is on the disk before the next one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from fieldboard.cache import contests as kept
from fieldboard.cache.connection import in_our_words
from fieldboard.cache.errors import IllegalMove
from fieldboard.cache.fate import MOVES, TERMINAL
from fieldboard.cache.operations import (
    STEP,
    VERSION,
    SentStep,
    StepAnswer,
    StepRecord,
    step_of,
)  # fmt: skip
from fieldboard.cache.outbox_file import OutboxFile
from fieldboard.domain.contest import Contest
from fieldboard.domain.operation import Kind, Operation, OpState

_SETTABLE: Final = frozenset({"reason", "not_before", "sent_at", "ever_uncertain", "noted"})
SNIPPET: Final = 200
"""Characters kept of what a server said about a request."""


class OutboxSending(OutboxFile):
    """Claims operations under a fence and settles them along the graph of `cache.fate`."""

    # Sending

    def take_fence(self, holder: str) -> int:
        """Begin to send: a number greater than that of every sender before. `holder` is for people."""
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
                "UPDATE operation SET state = 'sending', attempts = attempts + 1, sent_at = "
                "coalesce(sent_at, ?), "
                "fence = ?, not_before = NULL, rev = ? WHERE op_id = ? AND state = 'queued' AND version = ?",
                (now, fence, self._next_rev(db), op_id, VERSION),
            ).rowcount
        if not taken:
            return None
        self._tell([{"op_id": op_id, "state": OpState.SENDING.value, "at": now}], sync=False)
        return self.get(op_id)

    def settle(
        self,
        op_id: str,
        fence: int | None,
        from_state: OpState,
        to_state: OpState,
        contests: Sequence[Contest] = (),
        **values: object,
    ) -> bool:
        """Move an operation on; False where it is not in `from_state`, or another sender has it.

        `contests` is what it met there, kept for whoever decides.
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
                f"UPDATE operation SET {assignments} WHERE op_id = :_id AND state = :_from "
                "AND (:_fence IS NULL OR :_fence = (SELECT value FROM meta WHERE key = 'fence'))",
                {**sets, "_id": op_id, "_from": from_state.value, "_fence": fence},
            ).rowcount
            if done and contests:
                kept.keep(db, op_id, contests)
        if done:
            self._tell([{"op_id": op_id, "state": to_state.value, "at": now}], sync=False)
        return bool(done)

    def journal_step(
        self, op_id: str, fence: int | None, step: SentStep, answer: StepAnswer | None = None
    ) -> bool:
        """Keep a request: without an `answer` just before it is sent, with one when it is known.

        False where another sends since: what it has found out is newer, and a request that begins must
        not be sent. `fence` None is for whoever does not send. A step that is sent again counts its tries.
        """
        now = self._now()
        body = json.dumps(step.body, ensure_ascii=False)
        with self._write() as db:
            (newest,) = db.execute("SELECT value FROM meta WHERE key = 'fence'").fetchone()
            if fence is not None and newest != fence:
                return False
            if answer is None:
                (last,) = db.execute("SELECT max(started_at) FROM step WHERE op_id = ?", (op_id,)).fetchone()
                began = now if last is None else max(now, last + 1)
                db.execute(
                    "INSERT INTO step (op_id, idx, change, method, path, body, marker, says, started_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (op_id, idx) DO UPDATE SET "
                    "change = excluded.change, method = excluded.method, path = excluded.path, "
                    "body = excluded.body, marker = excluded.marker, says = excluded.says, outcome = NULL, "
                    "status = NULL, why = NULL, started_at = excluded.started_at, finished_at = NULL, "
                    "tries = tries + 1",
                    (op_id, step.index, step.change, step.method, step.path, body, step.marker, step.says,
                     began),
                )  # fmt: skip
                return True
            why = "".join(one for one in answer.why or "" if one.isprintable())[:SNIPPET] or None
            db.execute(
                "INSERT INTO step (op_id, idx, change, method, path, body, marker, says, started_at, "
                "outcome, "
                "status, why, new_id, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (op_id, idx) DO UPDATE SET outcome = excluded.outcome, status = "
                "excluded.status, "
                "why = excluded.why, new_id = coalesce(excluded.new_id, new_id), finished_at = "
                "excluded.finished_at",
                (op_id, step.index, step.change, step.method, step.path, body, step.marker, step.says, now,
                 str(answer.outcome), answer.status, why, answer.new_id, now),
            )  # fmt: skip
            return True

    def steps_of(self, op_id: str) -> list[StepRecord]:
        """The requests of an operation so far, in order."""
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {STEP} FROM step WHERE op_id = ? ORDER BY idx", (op_id,))
            return [step_of(row) for row in rows]

    def map_id(self, temp_id: str, kind: Kind, server_id: str) -> None:
        """The server has given an id to what was created here."""
        with self._write() as db:
            db.execute(
                "INSERT OR REPLACE INTO idmap VALUES (?, ?, ?, ?)",
                (temp_id, kind.value, server_id, self._now()),
            )
            self._next_rev(db)
