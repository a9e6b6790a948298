"""Requests whose answer was lost: they are looked up, and never sent again before they have settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from fieldboard.backends.port import (
    Answer,
    FindAnswer,
    Finding,
    LineDown,
    NotShown,
    Outcome,
    Step,
    TokenRefused,
)
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import Change, Operation, OpState
from fieldboard.sync.deciding import TEMPORARY, Deciding
from fieldboard.sync.landing import made_twice
from fieldboard.sync.line import MustWait
from fieldboard.sync.steps import step_of

ASK_AFTER_S: Final = 300
"""How long after the loss of its answer a create is still looked for before people are asked."""

TAKEN: Final = 409
"""What a server answers to a create of something that it has already."""

_WHOLE: Final = frozenset({fields.CREATED, fields.DELETED})
"""What stands for the whole of an entity, and undoes no newer value of a field."""


@dataclass(frozen=True, slots=True)
class _Late:
    """An edit whose lost request was found done, perhaps by somebody else: until when it may yet arrive.

    `names` are the fields of the edit, `name` is the one that the request is about.
    """

    op_id: str
    keys: frozenset[str]
    names: frozenset[str]
    name: str
    until: Instant


class Doubts(Deciding):
    """Looks up what became of a request."""

    _late: list[_Late] | None = None

    @property
    def _settle_s(self) -> int:
        return round(self._settings.settle_s + 0.5)

    def _settled_at(self) -> Instant:
        return self._line.now + self._settle_s

    async def _doubt_is_over(self, operation: Operation) -> bool:
        """Whether the operation may go on: its lost request is found, or can no longer take effect."""
        journal = self._outbox.steps_of(operation.op_id)
        last = max(journal, key=lambda one: (one.started_at, one.index), default=None)
        if last is None or last.outcome not in (None, Outcome.UNCERTAIN, Outcome.KEPT_OTHER):
            return True
        step = step_of(last)
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
        # What cannot be made because it is there already, and is not found, would be refused again.
        taken = last.status == TAKEN
        if (found.finding is Finding.UNDONE and not taken) or change.field != fields.CREATED:
            return settled
        if settled and self._line.now - until > ASK_AFTER_S:
            said = [last.why if taken else None, found.why]
            why = ", and ".join(one for one in said if one)
            self._settle(operation, OpState.ASK, why or "Nobody can tell whether it was created.")
        return False

    def _may_arrive_after(self, operation: Operation) -> bool:
        """Whether a request of an older edit of the same fields may still take effect, after this one's.

        Its answer was lost, and what it wanted was found at the server: that may be somebody else's doing,
        and the request be on its way.
        """
        names = frozenset(one.field for one in operation.changes) - _WHOLE
        near = [one for one in self._still_late() if one.op_id != operation.op_id and one.names & names]
        return any(one.keys & self._keys(operation) for one in near)

    def _may_arrive_between(self, operation: Operation, send: Sequence[int]) -> bool:
        """Whether an edit has itself such a request, for a field of which more is to be sent."""
        names = frozenset(operation.changes[index].field for index in send) - _WHOLE
        return any(one.op_id == operation.op_id and one.name in names for one in self._still_late())

    def _still_late(self) -> list[_Late]:
        if self._late is None:
            found = self._outbox.found_since(self._line.now - self._settle_s)
            self._late = [late for one in found for late in self._late_of(one)]
        return [one for one in self._late if self._line.now < one.until]

    def _late_of(self, operation: Operation) -> list[_Late]:
        """Its requests that were found done and may still arrive; none of before the clock was put back."""
        names = frozenset(one.field for one in operation.changes) - _WHOLE
        keys, most = self._keys(operation), self._settled_at()
        found = []
        for one in self._outbox.steps_of(operation.op_id):
            if one.outcome != Outcome.DONE or one.status is not None or one.finished_at is None:
                continue
            until = min(one.started_at + round(self._settings.timeout_s), one.finished_at) + self._settle_s
            until = min(until, operation.not_before or until)
            if until <= most:
                name = operation.changes[one.change].field
                found.append(_Late(operation.op_id, keys, names, name, until))
        return found

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
        if self._outbox.journal_step(operation.op_id, self._fence, step, answer):
            self._took(operation, change, answer)
            if self._late is not None:
                self._late += self._late_of(operation)
