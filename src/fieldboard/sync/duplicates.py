"""Looks for what an edit of ours created twice: the line delivered its request a second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.instants import HOUR, MINUTE, Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Kind, Operation, OpState
from fieldboard.domain.view import temporary_id
from fieldboard.sync.keeping import Keeping, value_or_none

COPY_S: Final = 5 * MINUTE
"""How long after a request a second copy of it may still arrive at the server."""

COPIES_TURN_UP_S: Final = HOUR
"""How long after a request a copy that bears no mark is looked for."""

DUPLICATES_KEPT: Final = 30 * 24 * HOUR


class Duplicates(Keeping):
    """Second copies of what was created here."""

    def scan_for_duplicates(self) -> None:
        """Edits that created something which is at the server twice: a copy came late.

        A request that the line delivered a second time after we were told yes shows itself only so.
        """
        since = self._now - DUPLICATES_KEPT
        for operation in self._outbox.all(since):
            if operation.state not in (OpState.ACKED, OpState.CONFIRMED) or operation.noted:
                continue
            made = next((one for one in operation.changes if one.field == fields.CREATED), None)
            own = self._outbox.ids().get((made.kind, temporary_id(operation.op_id))) if made else None
            if made is None or own is None:
                continue
            copies = self._copies_of_job(operation, own)
            if made.kind is Kind.VISIT:
                copies = self._copies_of_visit(operation, made, own)
            if copies:
                self._outbox.settle(
                    operation.op_id,
                    None,
                    operation.state,
                    OpState.DUPLICATE,
                    [made_twice(made, [own, *copies], self._now)],
                    reason=f"The {made.kind.value} is at the server twice: {own} and {', '.join(copies)}.",
                )

    def _copies_of_job(self, operation: Operation, own: str) -> list[str]:
        """Jobs that bear the mark under which ours was sent: as their number, or in a line of their notes."""
        steps = self._outbox.steps_of(operation.op_id)
        marks = {mark for one in steps if (mark := (one.marker or "").partition("\n")[0])}
        job = self._reader.own_job(own)
        customer = job.customer_id if job is not None else None
        found = {one.id for mark in marks for one in self._reader.job_by_number(mark)}
        if customer is not None:
            found |= {one.id for mark in marks for one in self._reader.jobs_noted(customer, mark)}
        if job is not None and job.created_at is None:
            found |= self._alike(operation, job)
        return sorted(found - {own})

    def _alike(self, operation: Operation, own: Job) -> set[str]:
        """Jobs that are in all as ours was sent, where a system keeps neither a mark nor when it was made."""
        made = next((one.value for one in operation.changes if one.field == fields.CREATED), None)
        if self._now - (operation.sent_at or 0) > COPIES_TURN_UP_S or not isinstance(made, dict):
            return set()
        mine = {*self._outbox.idmap().values()}
        return {
            one.id
            for one in self._reader.jobs_alike(own)
            if one.id not in mine and value_or_none(one, fields.TIMES) == made.get(fields.TIMES)
        }

    def _copies_of_visit(self, operation: Operation, made: Change, own: str) -> list[str]:
        """Visits that nobody here made, and that are in all as ours was sent, at about the same time."""
        value = made.value if isinstance(made.value, dict) else {}
        there = self._reader.planned_of_job(self._id(str(value.get("job_id", ""))))
        mine = {*self._outbox.idmap().values()}
        born = next((one.created_at for one in there if one.id == own), operation.sent_at) or 0
        return [
            one.id
            for one in there
            if one.id not in mine
            and not one.made_up
            and abs((one.created_at or 0) - born) <= COPY_S
            and value_or_none(one, fields.TIMES) == value.get(fields.TIMES)
            and value_or_none(one, fields.TECHNICIANS) == (value.get(fields.TECHNICIANS) or [])
        ]


def made_twice(change: Change, ids: Sequence[str], seen_at: Instant) -> Contest:
    """What somebody has to decide about something that is at the server more than once."""
    return Contest(
        change.kind, change.id, change.field, change.expected, change.value, [*ids], seen_at=seen_at
    )
