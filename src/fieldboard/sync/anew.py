"""A server that was set up anew: its ids begin again, and stand for other things than before.

Edits of what had these ids are not sent to the newcomers. They stay in the outbox, ended as gone, for
somebody to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fieldboard.backends.port import Row
from fieldboard.domain import fields
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind, OpState
from fieldboard.domain.visit import Visit
from fieldboard.sync.keeping import Keeping

SAMPLED: Final = 5
"""Rows of a batch that are compared besides those for which an edit waits."""

_QUARTER_S: Final = 900
_ENOUGH: Final = 3
"""So many undated jobs of other customers at other places, and most of those looked at: renumbered."""


def is_another(before: Job, now: Job) -> bool:
    """Whether a job that has the id of one seen before is another job.

    Told by when it was created; a server whose clock went to another zone shows all of these shifted alike.
    Where the system does not say, one of another customer, place and kind is another.
    """
    same = (before.customer, before.address, before.kind) == (now.customer, now.address, now.kind)
    if before.created_at is not None and now.created_at is not None:
        shift = abs(now.created_at - before.created_at)
        return shift > 1 and not (same and shift % _QUARTER_S == 0)
    pairs = ((before.customer, now.customer), (before.address, now.address), (before.kind, now.kind))
    return all(old and new and old != new for old, new in pairs)


def is_elsewhere(before: Job, now: Job) -> bool:
    """Whether a job is now another customer's at another place: told of several, they were renumbered."""
    pairs = ((before.customer, now.customer), (before.address, now.address))
    return all(old and new and old != new for old, new in pairs)


def is_another_visit(before: Visit, now: Visit) -> bool:
    """Whether a visit that has the id of one seen before is another visit; told as of jobs."""
    if before.created_at is None or now.created_at is None:
        return False
    shift = abs(now.created_at - before.created_at)
    return shift > 1 and not (before.job_id == now.job_id and shift % _QUARTER_S == 0)


class Anew(Keeping):
    """Notices it while rows come in, before they take the place of those that were there."""

    anew: bool = False
    """Whether that was noticed since the last time somebody said so."""

    def watch(self, rows: Sequence[Row]) -> None:
        """Look whether the rows are of what the cache has under their ids; end the edits of what is not."""
        waiting: dict[str, list[str]] = {}
        for operation in self._outbox.live():
            if operation.state in (OpState.QUEUED, OpState.UNCERTAIN):
                for change in operation.changes:
                    if change.kind in (Kind.JOB, Kind.VISIT) and change.field != fields.CREATED:
                        waiting.setdefault(self._id(change.id), []).append(operation.op_id)
        for row in rows:
            if row.kind is Kind.VISIT and row.id in waiting and isinstance(row.entity, Visit):
                seen = self._reader.own_visit(row.id)
                if seen is not None and is_another_visit(seen, row.entity):
                    self.anew = True
                    for op_id in waiting[row.id]:
                        self._end(op_id, row.id)
        jobs = [(row.id, row.entity) for row in rows if isinstance(row.entity, Job)]
        known: list[tuple[Job, Job]] = []
        for at, (job_id, job) in enumerate(jobs):
            if at < SAMPLED or job_id in waiting:
                before = self._reader.job(job_id)
                known += [(before, job)] if before is not None else []
        undated = [pair for pair in known if pair[0].created_at is None or pair[1].created_at is None]
        moved = sum(is_elsewhere(*pair) for pair in undated)
        renumbered = moved >= _ENOUGH and 2 * moved > len(undated)
        self.anew = self.anew or renumbered
        for before, job in known:
            if not is_another(before, job) and not (renumbered and is_elsewhere(before, job)):
                continue
            if before.created_at is not None:
                self.anew = True
            for op_id in waiting.get(job.id, ()):
                self._end(op_id, job.id)

    def said_anew(self) -> str | None:
        """A sentence for people, once, where a server was set up anew."""
        if not self.anew:
            return None
        self.anew = False
        return (
            "The server was set up anew: its ids are those of other jobs now. "
            "Edits of the old ones are kept to be looked at, and not sent"
        )

    def _end(self, op_id: str, entity_id: str) -> None:
        operation = self._outbox.get(op_id)
        if operation is None or operation.state not in (OpState.QUEUED, OpState.UNCERTAIN):
            return
        why = f"The server was set up anew: {entity_id} is something else there now."
        self._outbox.settle(op_id, None, operation.state, OpState.GONE, reason=why)
