"""One round: send what may be sent, fetch what may have changed, say what came of it."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Final

from fieldboard.backends.port import Backend, LineDown, TokenRefused
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.clock import Clock, SteadyClock
from fieldboard.domain.instants import MINUTE, Instant, Zone, instant_of
from fieldboard.domain.operation import LIVE, OpState
from fieldboard.domain.rules import SystemRules
from fieldboard.sync.deciding import PushReport
from fieldboard.sync.landing import Landing
from fieldboard.sync.line import Line, MustWait, Sleep
from fieldboard.sync.pull import Pull, PullReport
from fieldboard.sync.push import Push
from fieldboard.sync.report import RoundReport, SyncSettings

JUMP_S: Final = 2
"""Seconds by which the wall clock may part from the monotonic one before it counts as set."""

AFTER_JUMP_S: Final = 5 * MINUTE
"""After the clock was set nothing waits longer than this, whatever was asked for before."""

LOG: Final = logging.getLogger(__name__)


class Engine:
    """Syncs one profile with one system. Belongs to one thread; whoever uses it holds the sync lock.

    `sleep` is how it waits between tries. Raises StorageError from every method that stores.
    """

    def __init__(  # noqa: PLR0917 - a backend and the parts of a profile, as everybody orders them
        self,
        backend: Backend,
        files: ProfileFiles,
        rules: SystemRules,
        zone: Zone,
        clock: Clock,
        settings: SyncSettings,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._backend = backend
        self._given = rules
        self._opened_with = backend.rules
        self._clock = steady = SteadyClock(clock)
        self._settings = settings
        self._sleep = sleep
        self._push: Push | None = None
        self.outbox = Outbox(files, steady)
        try:
            self.landing = Landing(files, self.outbox, zone, steady, rules.read_by_id)
        except BaseException:
            self.outbox.close()
            raise
        known = self.landing.drift()
        if known is not None:
            steady.drift_s = known

    def close(self) -> None:
        """Close the files; the backend is its owner's to close."""
        self.landing.close()
        self.outbox.close()

    def take_over(self, holder: str) -> int:
        """Become the one who sends: whatever was under way elsewhere is uncertain from now on.

        Returns the fence under which this holder may change operations.
        """
        fence = self.outbox.take_fence(holder)
        until = self._now + round(self._settings.settle_s + 0.5)
        for operation in self.outbox.recover(fence):
            LOG.warning("%s was being sent when its process ended: it is looked up", operation.op_id)
            self.outbox.settle(operation.op_id, fence, OpState.UNCERTAIN, OpState.UNCERTAIN, not_before=until)
        if self.landing.drift() is None and self.landing.clock_was_put_back:
            # By how much nobody can tell: what waits waits no longer than it may after a jump.
            self._shift(0, fence)
        return fence

    def has_work(self) -> bool:
        """Whether something waits to be sent or looked up."""
        return any(one.state in LIVE for one in self.outbox.live())

    @property
    def is_writing(self) -> bool:
        """Whether an edit may be under way at this moment."""
        return self._push is not None

    def halt(self) -> None:
        """Begin nothing more; what is being sent is not broken off."""
        if self._push is not None:
            self._push.halt()

    async def push_only(self, *, fence: int) -> RoundReport:
        """Send what may be sent, fetch nothing."""
        return await self._guarded(fence, full=False, patient=True, fetch=False)

    async def round(
        self, full: bool = False, *, fence: int, patient: bool = False, accepts: bool = False
    ) -> RoundReport:
        """Send, then fetch. `full` also notices what was deleted.

        `patient` is for somebody who waits for this very round: it tries at once, waits up to a
        minute where the system asks for it, and takes the second list that a deletion may need.
        `accepts` says that somebody has looked: however much is missing may be gone.
        """
        return await self._guarded(fence, full=full, patient=patient, fetch=True, accepts=accepts)

    @property
    def _now(self) -> Instant:
        return instant_of(self._clock.now())

    async def _guarded(
        self, fence: int, *, full: bool, patient: bool, fetch: bool, accepts: bool = False
    ) -> RoundReport:
        self._follow_clock(fence)
        started = self._now
        line = Line(self._clock, self._sleep)
        push, pull = PushReport(), PullReport()
        trouble: LineDown | None = None
        self.landing.begin_round(started, os.getpid())
        try:
            await self._obey(line)
            self._backend.begin_round()
            push = await self._send(line, fence)
            if push.stopped is not None and (not fetch or isinstance(push.stopped, TokenRefused | MustWait)):
                raise push.stopped
            if fetch:
                pull = await self._pull(line, full=full, patient=patient, push=push, accepts=accepts)
                if push.stopped is not None:
                    again = await self._send(line, fence)
                    push.acked += again.acked
                    if again.stopped is not None:
                        raise again.stopped
        except LineDown as down:
            trouble = down
            LOG.info("round ended early: %s", down)
        self.landing.learn(self._backend.learned)
        return self._report(started, push, pull, trouble, full=full and fetch, fetched=fetch)

    @property
    def _rules(self) -> SystemRules:
        """What the system can do: as it was given, until the server teaches the adapter otherwise."""
        taught = self._backend.rules
        return self._given if taught == self._opened_with else taught

    def _follow_clock(self, fence: int) -> None:
        """Where this computer's clock was set, what waits for an instant waits as long as it would have."""
        moved = round(self._clock.jumped_s)
        if abs(moved) >= JUMP_S:
            self._clock.follow()
            self._shift(moved, fence)
        self.landing.remember_drift(self._clock.drift_s)

    def _shift(self, seconds: int, fence: int) -> None:
        """Move what waits for an instant; a second time after a kill must not make it wait for hours."""
        most = self._now + AFTER_JUMP_S
        for operation in self.outbox.live():
            if operation.state in LIVE and operation.not_before is not None:
                state, until = operation.state, min(operation.not_before + seconds, most)
                self.outbox.settle(operation.op_id, fence, state, state, not_before=until)
        self.landing.follow_clock(seconds, most)

    async def _obey(self, line: Line) -> None:
        """A wait that the system asked for before this round still binds."""
        until = self.landing.state().wait_until
        if until is not None and until > self._now:
            await line.wait(until - self._now, "The system has asked to wait")

    async def _send(self, line: Line, fence: int) -> PushReport:
        self._push = Push(
            self._backend,
            self.outbox,
            self.landing,
            rules=self._rules,
            settings=self._settings,
            line=line,
            fence=fence,
        )
        try:
            return await self._push.run()
        finally:
            self._push = None

    async def _pull(
        self, line: Line, *, full: bool, patient: bool, push: PushReport, accepts: bool
    ) -> PullReport:
        pull = Pull(
            self._backend,
            self.landing,
            self._rules,
            line,
            self._sleep,
            full=full,
            patient=full and patient,
            wrote=frozenset(push.wrote),
            awaited=patient,
            accepts=accepts,
        )
        try:
            return await pull.run()
        except LineDown as down:
            down.add_note(f"{pull.report.pulled} entities were stored before")
            raise

    def _report(
        self,
        started: Instant,
        push: PushReport,
        pull: PullReport,
        trouble: LineDown | None,
        *,
        full: bool,
        fetched: bool,
    ) -> RoundReport:
        finished = self._now
        retry_at = trouble.until if isinstance(trouble, MustWait) else None
        pending, undecided = self.outbox.counts()
        report = RoundReport(
            profile=self._settings.profile,
            pushed=push.acked,
            pulled=pull.pulled,
            deleted=pull.deleted,
            pending=pending,
            undecided=undecided,
            started_at=started,
            finished_at=finished,
            error=str(trouble) if trouble is not None else pull.braked or push.unshown,
            reached=trouble is None,
            token_refused=isinstance(trouble, TokenRefused),
            braked=pull.braked is not None,
            retry_at=retry_at,
        )
        offset = None if pull.server_date is None else float(pull.server_date - started)
        self.landing.end_round(report, full=full, fetched=fetched, server_offset_s=offset)
        return report
