"""Sends one edit, request by request; each outcome has its own consequence."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fieldboard.backends.port import (
    Answer,
    Finding,
    LineDown,
    Outcome,
    Step,
    TokenRefused,
)
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import LIVE, Change, Operation, OpState
from fieldboard.sync.deciding import Ready
from fieldboard.sync.doubts import TAKEN, Doubts
from fieldboard.sync.plan import OperationDecision, Verdict
from fieldboard.sync.steps import creates, step_of

BACK_OFF_S: Final = 2.0
"""How long to wait after a 429 that does not say."""

LOG: Final = logging.getLogger(__name__)


class Sending(Doubts):
    """Sends what was decided to be sent, once, and settles it by the answer."""

    async def _attempt(self, operation: Operation) -> bool:
        ready = await self._prepare(operation)
        if ready is None:
            return False
        verdict = ready.decision.verdict
        if verdict is Verdict.ALREADY:
            return self._already(operation)
        if verdict is not Verdict.SEND:
            self._settle_by(operation, ready.decision)
            return True
        if operation.state is OpState.UNCERTAIN and self._may_arrive_between(operation, ready.decision.send):
            return False
        if operation.state is OpState.UNCERTAIN and not self._outbox.settle(
            operation.op_id, self._fence, OpState.UNCERTAIN, OpState.QUEUED, not_before=None
        ):
            return False
        claimed = self._outbox.claim(operation.op_id, self._fence)
        if claimed is None:
            return self._ended(operation.op_id)
        return await self._send(replace(claimed, changes=operation.changes), ready)

    async def _send(self, operation: Operation, ready: Ready) -> bool:
        before = self._answers(operation)
        done = before if creates(operation) else []
        taken = bool(before)
        for planned in self._as_before(operation, ready.steps):
            try:
                step = await self._backend.prepare(operation, planned, done)
            except LineDown:
                self._outbox.settle(operation.op_id, self._fence, OpState.SENDING, OpState.QUEUED)
                raise
            if step is None:
                continue
            change = operation.changes[step.change]
            if not self._outbox.journal_step(operation.op_id, self._fence, step):
                return False
            self.report.wrote.add(change.kind)
            self._written |= self._keys(operation)
            answer = await self._backend.carry_out(step, change)
            LOG.info("%s step %d: %s %s", operation.op_id, step.index, answer.outcome, answer.status or "")
            if not self._outbox.journal_step(operation.op_id, self._fence, step, answer):
                # Whoever sends now has looked it up, or will: what was found so is not overwritten.
                return False
            if answer.outcome is not Outcome.DONE:
                return await self._not_done(operation, step, change, answer, begun=taken)
            done.append(answer)
            taken = True
            self._took(operation, change, answer)
        return self._acked(operation, OpState.SENDING)

    def _answers(self, operation: Operation) -> list[Answer]:
        """What the requests of an earlier attempt brought that need not be sent again."""
        return [
            Answer(Outcome.DONE, one.status, one.why, new_id=one.new_id)
            for one in self._outbox.steps_of(operation.op_id)
            if one.outcome == Outcome.DONE
        ]

    def _as_before(self, operation: Operation, steps: Sequence[Step]) -> Sequence[Step]:
        """The requests; one that creates keeps the marker under which it may already be there."""
        sent = {
            one.index: step_of(one)
            for one in self._outbox.steps_of(operation.op_id)
            # What was only asked to wait is not there; it may have to be put in other words.
            if one.outcome != Outcome.WAIT or operation.ever_uncertain
        }
        return tuple(
            before if (before := sent.get(one.index)) is not None and before.marker is not None else one
            for one in steps
        )

    def _already(self, operation: Operation) -> bool:
        """Nothing had to be sent: the server has what we want."""
        if operation.state is OpState.UNCERTAIN:
            return self._acked(operation, OpState.UNCERTAIN)
        claimed = self._outbox.claim(operation.op_id, self._fence)
        if claimed is None:
            return self._ended(operation.op_id)
        return self._acked(replace(claimed, changes=operation.changes), OpState.SENDING)

    def _acked(self, operation: Operation, before: OpState) -> bool:
        """The echo stands before the operation ends, so that no moment shows the old value."""
        self._landing.echo(operation)
        if self._outbox.settle(operation.op_id, self._fence, before, OpState.ACKED):
            self.report.acked += 1
        return True

    def _ended(self, op_id: str) -> bool:
        operation = self._outbox.get(op_id)
        return operation is None or operation.state not in LIVE

    async def _not_done(
        self, operation: Operation, step: Step, change: Change, answer: Answer, *, begun: bool
    ) -> bool:
        """A request that did not simply succeed: each outcome has its own consequence."""
        match answer.outcome:
            case Outcome.NOT_SENT | Outcome.MISCONFIGURED:
                self._requeue(operation)
                raise LineDown(answer.why or "The system could not be reached")
            case Outcome.UNAUTHORIZED:
                self._requeue(operation)
                raise TokenRefused(answer.why or "The system refuses the token")
            case Outcome.WAIT:
                until = self._line.now + round((answer.wait_s or BACK_OFF_S) + 0.5)
                self._requeue(operation, until)
                self._wait_until(until)
                raise LineDown(answer.why or "The system asks to wait")
            case Outcome.GONE:
                self._settle(operation, OpState.GONE, answer.why or "It is no longer at the server.")
                return True
            case Outcome.KEPT_OTHER:
                return await self._kept_other(operation, change)
            case Outcome.REFUSED:
                return await self._refused(operation, step, change, answer, begun=begun)
            case _:
                return await self._lost(operation)

    def _requeue(self, operation: Operation, not_before: Instant | None = None) -> None:
        self._outbox.settle(
            operation.op_id, self._fence, OpState.SENDING, OpState.QUEUED, not_before=not_before
        )

    def _wait_until(self, until: Instant) -> None:
        self.report.wait_until = max(self.report.wait_until or 0, until)

    async def _kept_other(self, operation: Operation, change: Change) -> bool:
        """The server said yes and kept something else: a read decides, not the answer."""
        self._outbox.settle(
            operation.op_id, self._fence, OpState.SENDING, OpState.UNCERTAIN, not_before=self._settled_at()
        )
        ready = await self._prepare(replace(operation, state=OpState.UNCERTAIN), fresh=True)
        if ready is None:
            return False
        if ready.decision.verdict is Verdict.ALREADY:
            return self._acked(operation, OpState.UNCERTAIN)
        kept = f"The server took the edit and kept another {change.field.replace('_', ' ')}."
        decision = OperationDecision(Verdict.CONFLICT, kept, disagreements=ready.decision.disagreements)
        self._settle_by(replace(operation, state=OpState.UNCERTAIN), decision)
        return True

    async def _refused(
        self, operation: Operation, step: Step, change: Change, answer: Answer, *, begun: bool
    ) -> bool:
        """The server says no: unless an earlier copy of ours, or somebody else, is why."""
        why = answer.why or f"The server refuses it ({answer.status})."
        if begun:
            why = f"{why} A part of the edit was carried out."
        if begun and not operation.ever_uncertain and change.field == fields.STATUS:
            # It may be refused for being there already, and a read may lag behind that.
            return await self._lost(operation)
        if operation.ever_uncertain:
            doubted = replace(answer, outcome=Outcome.UNCERTAIN)
            try:
                refused = await self._is_refused(step, change, answer)
            except LineDown:
                self._outbox.journal_step(operation.op_id, self._fence, step, doubted)
                self._doubt(operation)
                raise
            if not refused:
                kept = self._outbox.journal_step(operation.op_id, self._fence, step, doubted)
                return await self._lost(operation) if kept else False
            if change.field == fields.CREATED and not begun:
                # What the lost request made may have been there and be gone.
                why = f"{why} Whether an earlier request made it, nobody can tell."
                self._settle(operation, OpState.ASK, why)
                return True
        elif change.field == fields.CREATED:
            if answer.status == TAKEN and await self._is_ours(step, change):
                # The line has delivered it twice, and this answers the second.
                doubted = replace(answer, outcome=Outcome.UNCERTAIN)
                kept = self._outbox.journal_step(operation.op_id, self._fence, step, doubted)
                return await self._lost(operation) if kept else False
        else:
            ready = await self._try_prepare(operation)
            if ready is not None and ready.decision.verdict in (Verdict.CONFLICT, Verdict.SUPERSEDED):
                self._settle_by(operation, ready.decision)
                return True
            if ready is not None and ready.decision.verdict is Verdict.ALREADY:
                # Refused, but the server has what was wanted: that is no refusal.
                return self._acked(operation, OpState.SENDING)
        self._settle(operation, OpState.REJECTED, why)
        return True

    async def _is_refused(self, step: Step, change: Change, answer: Answer) -> bool:
        """Whether what an earlier request may have done is certainly not there, so that a no is a no."""
        if answer.status == TAKEN and change.field == fields.CREATED:
            return False
        found = await self._look_up(step, change)
        return found is not None and found.finding is Finding.UNDONE

    async def _is_ours(self, step: Step, change: Change) -> bool:
        """Whether what is there already is what was to be made, and not somebody else's of that number."""
        found = await self._look_up(step, change)
        if found is None or found.finding is not Finding.DONE or not isinstance(change.value, dict):
            return False
        job, wanted = found.rows[0].entity, change.value
        times = wanted.get(fields.TIMES)
        start = times[0] if isinstance(times, list) else None
        return isinstance(job, Job) and (job.customer_id, job.start) == (wanted.get("customer_id"), start)

    async def _lost(self, operation: Operation) -> bool:
        """The answer was lost: uncertain on disk, then looked up at once."""
        lost = self._doubt(operation)
        if await self._doubt_is_over(lost):
            return await self._attempt(lost)
        return self._ended(operation.op_id)

    def _doubt(self, operation: Operation) -> Operation:
        """From now on nobody knows what came of it, until it is looked up."""
        until = self._settled_at()
        self._outbox.settle(
            operation.op_id,
            self._fence,
            OpState.SENDING,
            OpState.UNCERTAIN,
            ever_uncertain=True,
            not_before=until,
        )
        return replace(operation, state=OpState.UNCERTAIN, ever_uncertain=True, not_before=until)
