"""Before an edit is sent: what it changes is read, and what was read decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fieldboard.backends.port import (
    Answer,
    Backend,
    Entity,
    LineDown,
    NotShown,
    Outcome,
    Reading,
    ReadOtherwise,
    Row,
    Step,
    TellsVisits,
)
from fieldboard.cache.operations import StepRecord
from fieldboard.cache.outbox import Outbox
from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.instants import Instant
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.operation import PENDING, Change, Kind, Operation, OpState
from fieldboard.domain.picture import renamed
from fieldboard.domain.rules import SystemRules
from fieldboard.domain.view import NEW, temporary_id
from fieldboard.sync.landing import KNOWN_AFTER_S, Landing
from fieldboard.sync.line import Line
from fieldboard.sync.plan import OperationDecision, Verdict, decide_all, hops
from fieldboard.sync.report import SyncSettings
from fieldboard.sync.steps import carried_out, creates, half_way, staffed

TEMPORARY: Final = f"{NEW}:"
"""How the id of an entity begins that an unsent edit is to create."""

_GO_ON: Final = PENDING | {OpState.CONFIRMED}

_STATES: Final = {
    Verdict.CONFLICT: OpState.CONFLICT,
    Verdict.SUPERSEDED: OpState.SUPERSEDED,
    Verdict.REJECTED: OpState.REJECTED,
    Verdict.GONE: OpState.GONE,
}


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
class Ready:
    """An operation whose entities have been read: the verdict, and the requests where it is sent."""

    decision: OperationDecision
    current: Mapping[tuple[Kind, str], Entity]
    steps: tuple[Step, ...] = ()


class Deciding:
    """Reads what an edit changes, decides, and ends the edits that are not sent."""

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
        self._written: set[str] = set()
        self.report = PushReport()

    def _keys(self, operation: Operation) -> frozenset[str]:
        """What the operation touches: nothing else that touches one of these may be under way."""
        keys = {f"{one.kind.value}:{one.id}" for one in operation.changes}
        asked = 0
        for one in operation.changes:
            # What was created here is touched under its first id and under the server's.
            own = self._landing.server_id(one.id) or one.id
            keys.add(f"{one.kind.value}:{own}")
            if one.kind is Kind.VISIT and (job := self._landing.job_of_visit(own)):
                keys.add(f"job:{job}")
            if one.field == fields.CREATED:
                keys.add(f"job:{temporary_id(operation.op_id)}")
                of = str(one.value.get("job_id") or "") if isinstance(one.value, dict) else ""
                if of:
                    keys |= {f"job:{of}", f"job:{self._landing.server_id(of) or of}"}
            elif one.id.startswith(TEMPORARY):
                # The job of a visit that is still to be made stands in the edit that makes it. Where people
                # are asked whether it was made, its edits wait, and not what concerns its job.
                made_by = self._outbox.get(one.id.removeprefix(TEMPORARY))
                if made_by is not None and made_by.state in _GO_ON:
                    keys |= self._keys(made_by)
                else:
                    asked += own == one.id
        if asked < len(operation.changes):
            # An edit may name the job, and be about nothing but a visit of which people are asked.
            keys.add(operation.entity)
        return frozenset(keys)

    async def _prepare(self, operation: Operation, *, fresh: bool = False) -> Ready | None:
        """Read what the operation changes and decide. None where that cannot be told yet."""
        try:
            return await self._read_and_decide(operation, fresh=fresh)
        except ReadOtherwise:
            # The later list decides. Where that is overtaken, too, the edit waits for the next round.
            return await self._read_and_decide(operation, fresh=fresh)

    async def _read_and_decide(self, operation: Operation, *, fresh: bool) -> Ready | None:
        current: dict[tuple[Kind, str], Entity] = {}
        keys = self._keys(operation)
        for kind, entity_id in dict.fromkeys((one.kind, one.id) for one in operation.changes):
            if entity_id.startswith(TEMPORARY):
                continue
            again = fresh or not self._written.isdisjoint(keys)
            row = await self._read(kind, entity_id, fresh=again)
            if isinstance(row, Row):
                current[(kind, entity_id)] = row.entity
            elif not row:
                return None
            if isinstance(row, Row) and any(_compares(one, entity_id) for one in operation.changes):
                current |= await self._visits_of(entity_id, fresh=again)
        changes = tuple(self._by_server_ids(one) for one in operation.changes)
        journal = self._outbox.steps_of(operation.op_id)
        written = {
            index: hops(
                change,
                self._lifecycles.get(change.kind, self._lifecycles[Kind.JOB]),
                has_technician=staffed(current.get((change.kind, change.id))),
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
            carried_out=carried_out(changes, journal, self._rules),
            half_way=half_way(changes, journal, self._rules),
        )
        if decision.verdict is Verdict.ALREADY and journal:
            left = await self._left(operation, current)
            if left:
                return Ready(replace(decision, verdict=Verdict.SEND), current, left)
        if decision.verdict is not Verdict.SEND:
            return Ready(decision, current)
        part = replace(operation, changes=tuple(changes[index] for index in decision.send))
        try:
            planned = await self._backend.steps(part, current)
        except ValueError as refused:
            return Ready(OperationDecision(Verdict.REJECTED, str(refused)), current)
        steps = tuple(replace(one, change=decision.send[one.change]) for one in planned)
        if creates(operation):
            self._remember_made(operation, journal)
            done = {one.index for one in journal if one.outcome == Outcome.DONE}
            steps = tuple(one for one in steps if one.index not in done)
            if not steps:
                return Ready(OperationDecision(Verdict.ALREADY), current)
        return Ready(decision, current, steps)

    async def _visits_of(self, job_id: str, *, fresh: bool) -> Mapping[tuple[Kind, str], Entity]:
        """The visits of a job that is to be deleted, where the system keeps them apart."""
        backend = self._backend
        if not isinstance(backend, TellsVisits):
            return {}
        tells: TellsVisits = backend
        rows = await self._line.ask(lambda: tells.visits_of(job_id, fresh=fresh))
        self._landing.read(rows)
        return {(row.kind, row.id): row.entity for row in rows}

    def _by_server_ids(self, change: Change) -> Change:
        """A deletion whose picture of the job names what was made here as the server does."""
        if change.field != fields.DELETED or not isinstance(change.expected, dict):
            return change
        known = renamed(change.expected, lambda one: self._landing.server_id(one) or one)
        return replace(change, expected=known)

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
        """The entity as it is now; True where it is gone for certain, False where that cannot be told yet."""
        answer = await self._line.ask(lambda: self._backend.read(kind, entity_id, fresh=fresh))
        if answer.reading is Reading.FAILED:
            raise NotShown(answer.why or "The system did not answer a question about one entity")
        if answer.reading is Reading.FOUND and answer.row is not None:
            self._landing.read([answer.row])
            return answer.row
        if not answer.confirmed_gone:
            return await self._absent(kind, entity_id, answer.listed)
        if self._landing.may_lag(kind, entity_id):
            if again:
                return False
            await self._until_known(kind, entity_id)
            return await self._read(kind, entity_id, fresh=True, again=True)
        self._landing.gone_by_read(kind, entity_id)
        return True

    async def _absent(self, kind: Kind, entity_id: str, listed: int | None) -> bool:
        """Whether something that one list lacks is gone: by its job, or by a second list later."""
        job = self._landing.job_of_visit(entity_id) if kind is Kind.VISIT else None
        if job is not None and await self._job_is_gone(job):
            self._landing.gone_by_read(kind, entity_id)
            return True
        if self._landing.is_hollow(kind, listed) or self._landing.may_lag(kind, entity_id):
            return False
        return self._landing.absent_again(kind, entity_id, self._line.now)

    async def _job_is_gone(self, job: str) -> bool:
        if not await self._reads_gone(job):
            return False
        if self._landing.may_lag(Kind.JOB, job):
            await self._until_known(Kind.JOB, job)
            return await self._reads_gone(job) and not self._landing.may_lag(Kind.JOB, job)
        return True

    async def _reads_gone(self, job: str) -> bool:
        answer = await self._line.ask(lambda: self._backend.read(Kind.JOB, job, fresh=True))
        return answer.reading is Reading.GONE and answer.confirmed_gone

    async def _until_known(self, kind: Kind, entity_id: str) -> None:
        """Wait until every part of the server must know what was created just now."""
        left = min(self._landing.lag_left(kind, entity_id), KNOWN_AFTER_S)
        await self._line.wait(left, "The system may not know yet what was created just now")

    async def _try_prepare(self, operation: Operation) -> Ready | None:
        """Read once more to explain a refusal; a failing read explains nothing and changes nothing."""
        try:
            return await self._prepare(operation, fresh=True)
        except LineDown:
            return None

    def _remember_made(self, operation: Operation, journal: Sequence[StepRecord]) -> None:
        """The ids that the server gave to what was created, where the process that heard them died."""
        for one in journal:
            change = operation.changes[one.change]
            if one.new_id is not None and change.field == fields.CREATED:
                self._outbox.map_id(temporary_id(operation.op_id), change.kind, one.new_id)

    def _took(self, operation: Operation, change: Change, answer: Answer) -> None:
        """Keep what the server said yes to."""
        if change.field == fields.CREATED and answer.new_id is not None:
            self._outbox.map_id(temporary_id(operation.op_id), change.kind, answer.new_id)
        rows = [*([answer.row] if answer.row is not None else []), *answer.extra]
        if rows:
            self._landing.answered(rows)

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


def _compares(change: Change, job_id: str) -> bool:
    """Whether a change deletes a job of which the dispatcher saw something."""
    return change.field == fields.DELETED and change.id == job_id and isinstance(change.expected, dict)
