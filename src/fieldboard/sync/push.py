"""Sending: every edit that may be sent, in order for each entity, different entities side by side.

An edit is read before it is written, is `sending` on disk before its first byte leaves, is sent once,
and is looked up where the answer was lost. What this process knows only in memory decides nothing.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final

from fieldboard.backends.port import (
    Backend,
    LineDown,
    NotShown,
    TokenRefused,
)
from fieldboard.cache.outbox import Outbox
from fieldboard.domain import fields
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import LIVE, Change, Operation, OpState
from fieldboard.domain.rules import SystemRules
from fieldboard.sync.deciding import TEMPORARY, PushReport
from fieldboard.sync.landing import Landing
from fieldboard.sync.line import Line, MustWait
from fieldboard.sync.report import SyncSettings
from fieldboard.sync.sending import Sending
from fieldboard.sync.steps import creates

AT_ONCE: Final = 4
"""How many entities are written side by side."""

LOG: Final = logging.getLogger(__name__)

_ASKED: Final = (OpState.ASK, OpState.DUPLICATE)
"""A person says what became of a create; once they gave it up, nothing waits for it any more."""


class Push(Sending):
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
        super().__init__(backend, outbox, landing, rules=rules, settings=settings, line=line, fence=fence)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._halted = False

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
        if not uncertain and self._may_arrive_after(resolved):
            return False
        if uncertain and not await self._doubt_is_over(resolved):
            return self._ended(operation.op_id)
        return await self._attempt(resolved)

    def _resolved(self, operation: Operation) -> Operation | bool:
        """The operation with the ids that the server gave to what earlier edits created.

        A bool where it cannot go on: False waits for the create, True ended with it.
        """
        operation = replace(operation, changes=tuple(self._with_job(one) for one in operation.changes))
        if operation.state is OpState.UNCERTAIN and creates(operation):
            return operation
        changes = []
        for change in operation.changes:
            job = _job_of_new(change)
            if job.startswith(TEMPORARY):
                return self._without_create(operation, job.removeprefix(TEMPORARY))
            if change.field == fields.CREATED or not change.id.startswith(TEMPORARY):
                changes.append(change)
                continue
            known = self._landing.server_id(change.id)
            if known is None:
                return self._without_create(operation, change.id.removeprefix(TEMPORARY))
            changes.append(replace(change, id=known))
        return replace(operation, changes=tuple(changes))

    def _with_job(self, change: Change) -> Change:
        """A change; of a visit that is to be made, with the id that the server gave to its job."""
        job = _job_of_new(change)
        known = self._landing.server_id(job) if job.startswith(TEMPORARY) else None
        if known is None or not isinstance(change.value, dict):
            return change
        return replace(change, value={**change.value, "job_id": known})

    def _without_create(self, operation: Operation, create_id: str) -> bool:
        create = self._outbox.get(create_id)
        if create is not None and (create.state in LIVE or (create.state in _ASKED and not create.noted)):
            return False
        self._settle(operation, OpState.GONE, "The job that it belongs to was never created.")
        return True


def _job_of_new(change: Change) -> str:
    """The job of a visit that is to be made; empty for any other change."""
    if change.field != fields.CREATED or not isinstance(change.value, dict):
        return ""
    return str(change.value.get("job_id") or "")
