"""Sending: every edit that may be sent, in order for each entity, different entities side by side.

An edit is read before it is written, is `sending` on disk before its first byte leaves, is sent once,
and is looked up where the answer was lost. What this process knows only in memory decides nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fieldboard.backends.port import (
    Answer,
    Backend,
    Entity,
    FindAnswer,
    Finding,
    LineDown,
    NotShown,
    Outcome,
    Reading,
    Row,
    Step,
    TokenRefused,
)
from fieldboard.cache.operations import StepRecord
from fieldboard.cache.outbox import Outbox
from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.instants import Instant
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.operation import LIVE, Change, Kind, Operation, OpState
from fieldboard.domain.rules import SystemRules
from fieldboard.domain.view import NEW, temporary_id
from fieldboard.sync.landing import KNOWN_AFTER_S, Landing, made_twice
from fieldboard.sync.line import Line, MustWait
from fieldboard.sync.plan import OperationDecision, Verdict, decide_all, hops
from fieldboard.sync.report import SyncSettings

AT_ONCE: Final = 4
"""How many entities are written side by side."""

TEMPORARY: Final = f"{NEW}:"
"""How the id of an entity begins that an unsent edit is to create."""

BACK_OFF_S: Final = 2.0
"""How long to wait after a 429 that does not say."""

ASK_AFTER_S: Final = 300
"""How long after the loss of its answer a create is still looked for before people are asked."""

LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class PushReport:
    """What sending has brought. `stopped` is why it ended early; `wait_until` when to go on.

    `unshown` says what the server did not show of one entity, so that its edits wait.
    """

    acked: int = 0
    stopped: LineDown | None = None
    wait_until: Instant | None = None
    unshown: str | None = None
    wrote: set[Kind] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An operation whose entities have been read: the verdict, and the requests where it is sent."""

    decision: OperationDecision
    current: Mapping[tuple[Kind, str], Entity]
    steps: tuple[Step, ...] = ()


class Push:
    """Sends what is queued. One object serves one round."""

    def __init__(
        self,
        backend: Backend,
        outbox: Outbox,
        landing: Landing,
        *,
        rules: SystemRules,
        settings: SyncSettings,
        line: Line,
        fence: int,
    ) -> None:
        self._backend = backend
        self._outbox = outbox
        self._landing = landing
        self._lifecycles = {
            Kind.JOB: rules.job_lifecycle, Kind.VISIT: rules.visit_lifecycle, Kind.TECHNICIAN: Lifecycle(),
        }  # fmt: skip
        self._rules = rules
        self._settings = settings
        self._line = line
        self._fence = fence
        self._places = asyncio.Semaphore(AT_ONCE)
        self._written: set[str] = set()
        self._halted = False
        self.report = PushReport()

    async def run(self) -> PushReport:
        """Send all that may be sent. Never raises for the line: the report says why it ended."""
        while True:
            self.report.stopped = None
            self.report.wait_until = None
            until = await self._pass()
            if until is None or self._halted or isinstance(self._stopped(), TokenRefused):
                return self.report
            try:
                await self._line.wait(until - self._line.now, "The system asks to wait")
            except MustWait as wait:
                self.report.stopped = wait
                return self.report

    def _stopped(self) -> LineDown | None:
        return self.report.stopped

    def halt(self) -> None:
        """Begin nothing more."""
        self._halted = True

    async def _pass(self) -> Instant | None:
        """Try everything once; returns when to try again, where the system asks to wait."""
        try:
            await self._all_in_turn()
        except BaseExceptionGroup as several:
            # One is enough to say: they are of one disk.
            raise several.exceptions[0] from several
        return self.report.wait_until

    async def _all_in_turn(self) -> None:
        last: dict[str, asyncio.Task[bool]] = {}
        async with asyncio.TaskGroup() as group:
            for operation in sorted(self._outbox.live(), key=lambda one: one.seq):
                if operation.state not in (OpState.QUEUED, OpState.UNCERTAIN):
                    continue
                keys = self._keys(operation)
                before = {last[key] for key in keys if key in last}
                task = group.create_task(self._in_turn(operation, before))
                last.update(dict.fromkeys(keys, task))

    def _keys(self, operation: Operation) -> frozenset[str]:
        """What the operation touches: nothing else that touches one of these may be under way."""
        keys = {operation.entity, *(f"{one.kind.value}:{one.id}" for one in operation.changes)}
        for one in operation.changes:
            # What was created here is touched under its first id and under the server's.
            own = self._landing.server_id(one.id) or one.id
            keys.add(f"{one.kind.value}:{own}")
            if one.kind is Kind.VISIT and (job := self._landing.job_of_visit(own)):
                keys.add(f"job:{job}")
            if one.field == fields.CREATED:
                keys.add(f"job:{temporary_id(operation.op_id)}")
        return frozenset(keys)

    async def _in_turn(self, operation: Operation, before: set[asyncio.Task[bool]]) -> bool:
        """Wait for those before it, then try; says whether those behind it may go on."""
        if before and not all(await asyncio.gather(*before)):
            return False
        async with self._places:
            if self._stopped() is not None or self._halted:
                return False
            try:
                return await self._one(operation)
            except NotShown as unshown:
                # This one waits; what concerns others goes on.
                LOG.info("%s waits: %s", operation.op_id, unshown)
                self.report.unshown = str(unshown)
                return False
            except LineDown as down:
                LOG.info("sending stopped: %s", down)
                if self._stopped() is None or isinstance(down, TokenRefused):
                    self.report.stopped = down
                return False

    async def _one(self, operation: Operation) -> bool:
        """Settle one operation if that can be done now; says whether it no longer blocks others."""
        now = self._line.now
        uncertain = operation.state is OpState.UNCERTAIN
        if not uncertain and operation.not_before is not None and operation.not_before > now:
            self._wait_until(operation.not_before)
            return False
        resolved = self._resolved(operation)
        if isinstance(resolved, bool):
            return resolved
        if uncertain and not await self._doubt_is_over(resolved):
            return self._ended(operation.op_id)
        return await self._attempt(resolved)

    def _ended(self, op_id: str) -> bool:
        operation = self._outbox.get(op_id)
        return operation is None or operation.state not in LIVE

    def _resolved(self, operation: Operation) -> Operation | bool:
        """The operation with the ids that the server gave to what earlier edits created.

        A bool where it cannot go on: False waits for the create, True ended with it.
        """
        if operation.state is OpState.UNCERTAIN and _creates(operation):
            return operation
        changes = []
        for change in operation.changes:
            if change.field == fields.CREATED or not change.id.startswith(TEMPORARY):
                changes.append(change)
                continue
            known = self._landing.server_id(change.id)
            if known is None:
                return self._without_create(operation, change.id.removeprefix(TEMPORARY))
            changes.append(replace(change, id=known))
        return replace(operation, changes=tuple(changes))

    def _without_create(self, operation: Operation, create_id: str) -> bool:
        create = self._outbox.get(create_id)
        if create is not None and (create.state in LIVE or (create.state in _ASKED and not create.noted)):
            return False
        self._settle(operation, OpState.GONE, "The job that it belongs to was never created.")
        return True

    # -- reading and deciding ---------------------------------------------------------------------

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
        if operation.state is OpState.UNCERTAIN and not self._outbox.settle(
            operation.op_id, self._fence, OpState.UNCERTAIN, OpState.QUEUED, not_before=None
        ):
            return False
        claimed = self._outbox.claim(operation.op_id, self._fence)
        if claimed is None:
            return self._ended(operation.op_id)
        return await self._send(replace(claimed, changes=operation.changes), ready)

    async def _prepare(self, operation: Operation, *, fresh: bool = False) -> _Ready | None:
        """Read what the operation changes and decide. None where that cannot be told yet."""
        current: dict[tuple[Kind, str], Entity] = {}
        keys = self._keys(operation)
        for kind, entity_id in dict.fromkeys((one.kind, one.id) for one in operation.changes):
            if entity_id.startswith(TEMPORARY):
                continue
            row = await self._read(kind, entity_id, fresh=fresh or not self._written.isdisjoint(keys))
            if isinstance(row, Row):
                current[(kind, entity_id)] = row.entity
            elif not row:
                return None
        changes, journal = operation.changes, self._outbox.steps_of(operation.op_id)
        written = {
            index: hops(
                change,
                self._lifecycles.get(change.kind, self._lifecycles[Kind.JOB]),
                has_technician=_staffed(current.get((change.kind, change.id))),
            )
            for index, change in enumerate(changes)
            if journal
        }
        decision = decide_all(
            changes,
            current,
            ever_uncertain=operation.ever_uncertain or any(one.outcome == Outcome.DONE for one in journal),
            lifecycles=self._lifecycles,
            written=written,
            carried_out=_carried_out(changes, journal, self._rules),
            half_way=_half_way(changes, journal, self._rules),
        )
        if decision.verdict is Verdict.ALREADY and journal:
            left = await self._left(operation, current)
            if left:
                return _Ready(replace(decision, verdict=Verdict.SEND), current, left)
        if decision.verdict is not Verdict.SEND:
            return _Ready(decision, current)
        part = replace(operation, changes=tuple(changes[index] for index in decision.send))
        try:
            planned = await self._backend.steps(part, current)
        except ValueError as refused:
            return _Ready(OperationDecision(Verdict.REJECTED, str(refused)), current)
        steps = tuple(replace(one, change=decision.send[one.change]) for one in planned)
        if _creates(operation):
            self._remember_made(operation, journal)
            done = {one.index for one in journal if one.outcome == Outcome.DONE}
            steps = tuple(one for one in steps if one.index not in done)
            if not steps:
                return _Ready(OperationDecision(Verdict.ALREADY), current)
        return _Ready(decision, current, steps)

    async def _left(
        self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]
    ) -> tuple[Step, ...]:
        """What is still to be sent of an edit that was begun, although its values are at the server."""
        of = [index for index, one in enumerate(operation.changes) if one.field in self._rules.follows_up]
        if not of:
            return ()
        part = replace(operation, changes=tuple(operation.changes[index] for index in of))
        try:
            planned = await self._backend.steps(part, current)
        except ValueError:
            return ()
        return tuple(replace(one, change=of[one.change]) for one in planned)

    async def _read(
        self, kind: Kind, entity_id: str, *, fresh: bool = False, again: bool = False
    ) -> Row | bool:
        """The entity as it is now; True where it is gone for certain, False where only a list lacks it."""
        answer = await self._line.ask(lambda: self._backend.read(kind, entity_id, fresh=fresh))
        if answer.reading is Reading.FAILED:
            raise NotShown(answer.why or "The system did not answer a question about one entity")
        if answer.reading is Reading.FOUND and answer.row is not None:
            self._landing.read([answer.row])
            return answer.row
        if not answer.confirmed_gone:
            return await self._absent(kind, entity_id)
        if not again and self._landing.may_lag(kind, entity_id):
            await self._until_known(kind, entity_id)
            return await self._read(kind, entity_id, fresh=True, again=True)
        self._landing.gone_by_read(kind, entity_id)
        return True

    async def _absent(self, kind: Kind, entity_id: str) -> bool:
        """Whether something that one list lacks is gone: by its job, or by a second list later."""
        job = self._landing.job_of_visit(entity_id) if kind is Kind.VISIT else None
        if job is not None and await self._job_is_gone(job):
            self._landing.gone_by_read(kind, entity_id)
            return True
        return self._landing.absent_again(kind, entity_id, self._line.now)

    async def _job_is_gone(self, job: str) -> bool:
        if not await self._reads_gone(job):
            return False
        if self._landing.may_lag(Kind.JOB, job):
            await self._until_known(Kind.JOB, job)
            return await self._reads_gone(job)
        return True

    async def _reads_gone(self, job: str) -> bool:
        answer = await self._line.ask(lambda: self._backend.read(Kind.JOB, job, fresh=True))
        return answer.reading is Reading.GONE and answer.confirmed_gone

    async def _until_known(self, kind: Kind, entity_id: str) -> None:
        """Wait until every part of the server must know what was created just now."""
        left = min(self._landing.lag_left(kind, entity_id), KNOWN_AFTER_S)
        await self._line.wait(left, "The system may not know yet what was created just now")

    # -- sending ----------------------------------------------------------------------------------

    async def _send(self, operation: Operation, ready: _Ready) -> bool:
        before = self._answers(operation)
        done = before if _creates(operation) else []
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
            self._outbox.journal_step(operation.op_id, step, None)
            self.report.wrote.add(change.kind)
            self._written |= self._keys(operation)
            answer = await self._backend.carry_out(step, change)
            self._outbox.journal_step(operation.op_id, step, answer)
            LOG.info("%s step %d: %s %s", operation.op_id, step.index, answer.outcome, answer.status or "")
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
        sent = {one.index: _step(one) for one in self._outbox.steps_of(operation.op_id)}
        return tuple(
            before if (before := sent.get(one.index)) is not None and before.marker is not None else one
            for one in steps
        )

    def _took(self, operation: Operation, change: Change, answer: Answer) -> None:
        """Keep what the server said yes to."""
        if change.field == fields.CREATED and answer.new_id is not None:
            self._outbox.map_id(temporary_id(operation.op_id), change.kind, answer.new_id)
        rows = [*([answer.row] if answer.row is not None else []), *answer.extra]
        if rows:
            self._landing.answered(rows)

    def _remember_made(self, operation: Operation, journal: Sequence[StepRecord]) -> None:
        """The ids that the server gave to what was created, where the process that heard them died."""
        for one in journal:
            change = operation.changes[one.change]
            if one.new_id is not None and change.field == fields.CREATED:
                self._outbox.map_id(temporary_id(operation.op_id), change.kind, one.new_id)

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
            found = await self._look_up(step, change)
            if found is None or found.finding is Finding.UNKNOWN:
                return await self._lost(operation)
            if found.finding is not Finding.UNDONE:
                return await self._lost(operation)
        elif change.field != fields.CREATED:
            ready = await self._try_prepare(operation)
            if ready is not None and ready.decision.verdict in (Verdict.CONFLICT, Verdict.SUPERSEDED):
                self._settle_by(operation, ready.decision)
                return True
            if ready is not None and ready.decision.verdict is Verdict.ALREADY:
                # Refused, but the server has what was wanted: that is no refusal.
                return self._acked(operation, OpState.SENDING)
        self._settle(operation, OpState.REJECTED, why)
        return True

    async def _try_prepare(self, operation: Operation) -> _Ready | None:
        """Read once more to explain a refusal; a failing read explains nothing and changes nothing."""
        try:
            return await self._prepare(operation, fresh=True)
        except LineDown:
            return None

    # -- lost answers -----------------------------------------------------------------------------

    def _settled_at(self) -> Instant:
        return self._line.now + round(self._settings.settle_s + 0.5)

    async def _lost(self, operation: Operation) -> bool:
        """The answer was lost: uncertain on disk, then looked up at once."""
        self._outbox.settle(
            operation.op_id,
            self._fence,
            OpState.SENDING,
            OpState.UNCERTAIN,
            ever_uncertain=True,
            not_before=self._settled_at(),
        )
        lost = replace(operation, state=OpState.UNCERTAIN, ever_uncertain=True, not_before=self._settled_at())
        if await self._doubt_is_over(lost):
            return await self._attempt(lost)
        return self._ended(operation.op_id)

    async def _doubt_is_over(self, operation: Operation) -> bool:
        """Whether the operation may go on: its lost request is found, or can no longer take effect."""
        journal = self._outbox.steps_of(operation.op_id)
        last = max(journal, key=lambda one: (one.started_at, one.index), default=None)
        if last is None or last.outcome not in (None, Outcome.UNCERTAIN, Outcome.KEPT_OTHER):
            return True
        step = _step(last)
        change = self._change(operation, step)
        found = await self._look_up(step, change)
        if found is None:
            raise LineDown("An edit whose answer was lost could not be looked up")
        if found.finding is Finding.SEVERAL:
            several = made_twice(change, [one.id for one in found.rows], self._line.now)
            why = found.why or "It is at the server more than once."
            self._settle(operation, OpState.DUPLICATE, why, [several])
            return False
        if found.finding is Finding.DONE:
            self._found(operation, step, change, found)
            return True
        until = operation.not_before
        if until is None or until > self._settled_at():
            # Whoever lost the answer died before it could say when, or the clock was put back since.
            until = self._settled_at()
            self._outbox.settle(
                operation.op_id, self._fence, OpState.UNCERTAIN, OpState.UNCERTAIN, not_before=until
            )
        settled = until <= self._line.now
        if found.finding is Finding.UNDONE or change.field != fields.CREATED:
            return settled
        if settled and self._line.now - until > ASK_AFTER_S:
            self._settle(operation, OpState.ASK, found.why or "Nobody can tell whether it was created.")
        return False

    def _change(self, operation: Operation, step: Step) -> Change:
        change = operation.changes[step.change]
        known = self._landing.server_id(change.id) if change.id.startswith(TEMPORARY) else None
        return change if known is None else replace(change, id=known)

    async def _look_up(self, step: Step, change: Change) -> FindAnswer | None:
        try:
            return await self._line.ask(lambda: self._backend.find_out(step, change))
        except (TokenRefused, MustWait, NotShown):
            raise
        except LineDown:
            return None

    def _found(self, operation: Operation, step: Step, change: Change, found: FindAnswer) -> None:
        """Write down that the lost request was carried out after all."""
        row = found.rows[0] if found.rows else None
        new_id = row.id if row is not None and change.field == fields.CREATED else None
        answer = Answer(Outcome.DONE, row=row, new_id=new_id, why="found by looking it up")
        self._outbox.journal_step(operation.op_id, step, answer)
        self._took(operation, change, answer)

    # -- ends -------------------------------------------------------------------------------------

    def _settle_by(self, operation: Operation, decision: OperationDecision) -> None:
        state = _STATES[decision.verdict]
        if state is OpState.REJECTED and (operation.state is OpState.UNCERTAIN or operation.ever_uncertain):
            # It may have been carried out: that is not called refused.
            state = OpState.SUPERSEDED
        now = self._line.now
        self._settle(
            operation, state, decision.reason or "", [one.contest(now) for one in decision.disagreements]
        )

    def _settle(
        self, operation: Operation, state: OpState, reason: str, contests: Sequence[Contest] = ()
    ) -> None:
        self._outbox.settle(operation.op_id, self._fence, operation.state, state, contests, reason=reason)


_ASKED: Final = (OpState.ASK, OpState.DUPLICATE)
"""A person says what became of a create; once they gave it up, nothing waits for it any more."""

_AROUND: Final = frozenset({"PATCH", "GET"})
"""Requests that stand around the one that carries a field."""

_STATES: Final = {
    Verdict.CONFLICT: OpState.CONFLICT,
    Verdict.SUPERSEDED: OpState.SUPERSEDED,
    Verdict.REJECTED: OpState.REJECTED,
    Verdict.GONE: OpState.GONE,
}


def _step(record: StepRecord) -> Step:
    """A request as it was sent."""
    return Step(
        record.index, record.change, record.method, record.path, record.body, record.marker, record.says
    )


def _carried_out(
    changes: Sequence[Change], journal: Sequence[StepRecord], rules: SystemRules
) -> frozenset[int]:
    """The changes that the server has said yes to, whatever became of the requests that follow them.

    What goes in one request (`SystemRules.one_request`) was carried out together; of a technician each
    change has its own. A status may take several: it is left out. Of the fields that `follows_up` names,
    moves of the status before or after it carry nothing, and neither does a request that goes half the way.
    """
    done = [
        changes[one.change]
        for one in journal
        if one.outcome == Outcome.DONE
        and not (changes[one.change].field in rules.follows_up and one.method in _AROUND)
        and not _goes_half_way(changes[one.change], one, rules)
    ]
    together = rules.one_request
    return frozenset(
        index
        for index, change in enumerate(changes)
        if change.field not in (fields.STATUS, fields.CREATED, fields.DELETED)
        and any(
            (one.kind, one.id) == (change.kind, change.id)
            and one.field not in (fields.STATUS, fields.CREATED)
            and (one.field in together) == (change.field in together)
            for one in done
        )
    )


def _half_way(changes: Sequence[Change], journal: Sequence[StepRecord], rules: SystemRules) -> frozenset[int]:
    """The changes that took a job from one technician and have perhaps not given it to the other yet."""
    return frozenset(one.change for one in journal if _goes_half_way(changes[one.change], one, rules))


def _goes_half_way(change: Change, record: StepRecord, rules: SystemRules) -> bool:
    return record.path in rules.half_way and change.field == fields.TECHNICIANS and bool(change.value)


def _creates(operation: Operation) -> bool:
    return any(change.field == fields.CREATED for change in operation.changes)


def _staffed(entity: Entity | None) -> bool:
    return bool(getattr(entity, "technician_ids", ()))
