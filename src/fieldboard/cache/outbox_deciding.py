"""What is decided about edits, and what there is to decide from: each decision is one transaction."""

from __future__ import annotations

from typing import Final

from fieldboard.cache import contests
from fieldboard.cache.connection import in_our_words
from fieldboard.cache.errors import IllegalMove
from fieldboard.cache.outbox_sending import OutboxSending
from fieldboard.domain.contest import Contest
from fieldboard.domain.operation import Kind, OpState
from fieldboard.domain.view import temporary_id

_DONE: Final = "done"
"""The outcome of a request that was carried out (`backends.port.Outcome`)."""


class OutboxDeciding(OutboxSending):
    """Decisions about creates whose outcome only a person knows."""

    def again(self, op_id: str) -> None:
        """What may have been created was not: it is sent once more, under the same mark.

        Raises IllegalMove where nobody is asked about it.
        """
        with self._write() as db:
            if not db.execute(
                "UPDATE operation SET state = 'queued', reason = NULL, not_before = NULL, ended_at = NULL, "
                "noted = 0, rev = ? WHERE op_id = ? AND state = 'ask'",
                (self._next_rev(db), op_id),
            ).rowcount:
                raise IllegalMove(f"nobody asks whether {op_id} was carried out")
        self._tell([{"op_id": op_id, "state": OpState.QUEUED.value, "at": self._now()}], sync=False)

    def found(self, op_id: str, kind: Kind, server_id: str) -> None:
        """What may have been created is there, under this id; what is left of the edit goes out.

        Of something that is there more than once, this is the one that counts. Raises IllegalMove where
        neither is asked.
        """
        now = self._now()
        with self._write() as db:
            row = db.execute("SELECT state FROM operation WHERE op_id = ?", (op_id,)).fetchone()
            if row is None or row[0] not in (OpState.ASK.value, OpState.DUPLICATE.value):
                raise IllegalMove(f"nobody asks where {op_id} is")
            lost = db.execute(
                "SELECT idx FROM step WHERE op_id = ? AND ifnull(outcome, '') <> ? ORDER BY idx LIMIT 1",
                (op_id, _DONE),
            ).fetchone()
            if lost is not None:
                db.execute(
                    "UPDATE step SET outcome = ?, why = 'found by a person', finished_at = ?, "
                    "new_id = CASE WHEN idx = (SELECT min(idx) FROM step WHERE op_id = ?) THEN ? ELSE new_id "
                    "END WHERE op_id = ? AND idx = ?",
                    (_DONE, now, op_id, server_id, op_id, lost[0]),
                )
            db.execute(
                "INSERT OR REPLACE INTO idmap VALUES (?, ?, ?, ?)",
                (temporary_id(op_id), kind.value, server_id, now),
            )
            # Where no request is open there is nothing more to send.
            state = OpState.QUEUED if lost is not None else OpState.ACKED
            db.execute(
                "UPDATE operation SET state = ?, reason = NULL, not_before = NULL, ended_at = NULL, "
                "noted = 1, rev = ? WHERE op_id = ?",
                (state.value, self._next_rev(db), op_id),
            )
        self._tell([{"op_id": op_id, "state": state.value, "at": now}], sync=False)

    def contests_of(self, op_id: str) -> tuple[Contest, ...]:
        """The fields on which an operation met another value, as they were when it ended."""
        with in_our_words(self._path):
            return contests.of(self._db, op_id)
