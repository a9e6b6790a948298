"""The sync process of a profile: elected by a lock, it repeats rounds while a window is open.

It ends when no window is left, after it has sent what is queued. A kill at any moment loses nothing:
what it was sending is found `sending` by the next one and looked up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from fieldboard.backends.port import Backend
from fieldboard.cache.errors import StorageDamaged, StorageError
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.glance import Glance, signs
from fieldboard.cache.salvage import damage
from fieldboard.cache.windows import SyncLock, any_window, last_use, windows_open
from fieldboard.clock import Clock
from fieldboard.domain.instants import HOUR, MINUTE, Instant, Zone, instant_of
from fieldboard.domain.rules import SystemRules
from fieldboard.sync.engine import Engine
from fieldboard.sync.errand import (
    OpenBackend,
    answer_file,
    poke_file,
    read_json,
    request_file,
    write_whole,
)
from fieldboard.sync.landing import note_trouble
from fieldboard.sync.mending import mend
from fieldboard.sync.report import RoundReport, SyncSettings
from fieldboard.sync.resting import Rest

TICK_S: Final = 0.2
"""How often it glances at the files by which edits and requests come."""

WINDOWS_EVERY: Final = 5
"""At every so many looks it also tries which windows are open: one may have died without a word."""

STAND_BY: Final = 3
"""So many ticks lie between two tries to take over from another process."""

IDLE_TIMES: Final = 6
"""How much rarer rounds are when nobody has used a window lately."""

IN_USE_S: Final = 5 * MINUTE
"""A window that gave no sign for this long is open, but not in use."""

CONFIRM_AFTER: Final = 0.25
"""After an edit was sent the next round comes after this part of the usual pause."""

FULL_AT_START_S: Final = HOUR
FULL_EVERY_S: Final = 15 * MINUTE
FULL_EVERY_LARGE_S: Final = HOUR
LARGE: Final = 5_000
"""Jobs beyond which a full round is made hourly."""

RETRY_FIRST_S: Final = 2.0
RETRY_MOST_S: Final = 60.0
RETRY_BY_EDIT_S: Final = 5.0
"""While the line is down, an edit tries it at once, but not more often than this."""

DRAIN_S: Final = 30.0
"""How long it goes on sending after the last window has closed."""

JUMP_S: Final = 30.0
"""A wall clock that went another way than the monotonic one by this much: everything is read again."""

DAY_S: Final = 24 * HOUR

LOG: Final = logging.getLogger(__name__)


async def serve(  # noqa: PLR0917 - the parts of a profile, as everybody orders them
    open_backend: OpenBackend,
    files: ProfileFiles,
    rules: SystemRules,
    zone: Zone,
    clock: Clock,
    settings: SyncSettings,
    *,
    tick_s: float = TICK_S,
) -> bool:
    """Sync the profile until no window is open.

    Where another process does it already, this one stands by: it takes over when that one is gone.
    False where it never had to. SIGTERM and SIGINT end it: what is being sent is waited for, nothing
    more is begun. Raises StorageError.
    """
    service = Service(open_backend, files, rules, zone, clock, settings, tick_s=tick_s)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(sign, service.stop)
    lock = SyncLock(files)
    while not lock.try_take():
        if service.stopped or not any_window(files):
            return False
        await service.stand_by()
    try:
        await service.run()
    finally:
        lock.release()
    return True


class Service:
    """The loop. Whoever runs it holds the sync lock."""

    def __init__(  # noqa: PLR0917 - the parts of a profile, as everybody orders them
        self,
        open_backend: OpenBackend,
        files: ProfileFiles,
        rules: SystemRules,
        zone: Zone,
        clock: Clock,
        settings: SyncSettings,
        *,
        tick_s: float = TICK_S,
    ) -> None:
        self._open_backend = open_backend
        self._files = files
        self._rules = rules
        self._zone = zone
        self._clock = clock
        self._settings = settings
        self._rest = Rest(tick_s)
        asked_in = (request_file(files), poke_file(files), files.outbox, files.outbox_log)
        self._asked = Glance(*asked_in, clock=clock.monotonic)
        self._engine: Engine | None = None
        self._backend: Backend | None = None
        self._fence = 0
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._failures = 0
        self._last_try = -RETRY_BY_EDIT_S
        self._next_round = 0.0
        self._not_before: Instant | None = None
        self._want_full = False
        self._drift = self._wall_less_monotonic()
        self._edits_seen: int | None = None
        self._poke_seen = self._poke()
        self._answered: object = None
        self._begun = False
        self._checked = False
        self._retained: float | None = None
        self._looks = 0
        self._windows: list[Path] = []
        self._windows_folder: object = None

    def stop(self) -> None:
        """End soon and cleanly: nothing new is begun."""
        self._rest.end()
        if self._engine is not None:
            self._engine.halt()

    @property
    def stopped(self) -> bool:
        """Whether it was told to end."""
        return self._rest.over

    async def stand_by(self) -> None:
        """Wait, as one that another process leaves nothing to do."""
        await self._rest.ticks(STAND_BY)

    async def run(self) -> None:
        """Repeat rounds until stopped or no window is open."""
        try:
            while not self.stopped:
                self._see_windows()
                if self._windows:
                    await self._step()
                elif await self._drained():
                    return
                else:
                    # A window that opens makes its file before it locks it: its lock is tried again.
                    self._windows_folder = None
                await self._rest.until(self._is_due)
        finally:
            await self._close()

    def _see_windows(self) -> None:
        # Trying the lock of every window is most of what a look around costs.
        folder = signs(self._files.windows)
        if folder != self._windows_folder or self._looks % WINDOWS_EVERY == 0:
            self._windows_folder = folder
            self._windows = windows_open(self._files)
        self._looks += 1

    def _is_due(self) -> bool:
        return self._asked.may_differ() or self._clock.monotonic() >= self._next_round

    # -- one look around --------------------------------------------------------------------------

    async def _step(self) -> None:
        """Do what is due now, if anything."""
        now = self._clock.monotonic()
        self._notice_clock_jump()
        self._notice_use()
        request = self._request()
        poked = self._poked()
        if request is not None or poked or now >= self._next_round:
            if not await self._ready(asked=request is not None or poked):
                return
            await self._round(request)
        elif self._edited() and self._may_try_for_edit(now) and await self._ready(asked=True):
            await self._send()

    def _may_try_for_edit(self, now: float) -> bool:
        if self._not_before is not None and instant_of(self._clock.now()) < self._not_before:
            return False
        return self._failures == 0 or now - self._last_try >= RETRY_BY_EDIT_S

    async def _ready(self, *, asked: bool) -> bool:
        """Have an open backend and engine; after a refused token, one with the token as it is now."""
        if self._engine is not None:
            return True
        if not asked and self._clock.monotonic() < self._next_round:
            return False
        try:
            self._backend = self._open_backend()
        except Exception as error:
            # Whatever the token's source says: it is shown, and tried again.
            LOG.warning("the system cannot be opened: %s", error)
            self._failed(str(error))
            note_trouble(self._files, self._zone, self._clock, str(error))
            return False
        try:
            self._engine = Engine(
                self._backend, self._files, self._rules, self._zone, self._clock, self._settings
            )
            self._fence = self._engine.take_over(f"sync process {os.getpid()}")
        except StorageError as error:
            await self._not_stored(error)
            return False
        self._edits_seen = None
        return True

    async def _round(self, request: dict[str, object] | None) -> None:
        assert self._engine is not None  # noqa: S101
        asked_full = request is not None and request.get("full") is True
        full = asked_full or self._want_full or self._full_is_due()
        accepts = request is not None and request.get("accepts") is True
        self._last_try = self._clock.monotonic()
        self._begun = True
        self._edits_seen = self._engine.outbox.data_version()
        report = await self._unless_stopped(
            self._engine.round(full, fence=self._fence, patient=request is not None, accepts=accepts)
        )
        if report is None:
            return
        if request is not None:
            self._answer(request, report)
        if report.reached:
            self._want_full = self._want_full and not full
            self._keep_house(self._engine)
        await self._after(report)
        if not self._checked:
            await self._check()

    async def _send(self) -> None:
        assert self._engine is not None  # noqa: S101
        self._last_try = self._clock.monotonic()
        report = await self._unless_stopped(self._engine.push_only(fence=self._fence))
        if report is not None and not report.reached:
            await self._after(report)
        elif report is not None and report.pushed:
            # Not at once: several edits in a row are confirmed by one read.
            soon = self._clock.monotonic() + self._settings.poll_s * CONFIRM_AFTER
            self._next_round = min(self._next_round, soon)

    async def _unless_stopped(self, work: Coroutine[None, None, RoundReport]) -> RoundReport | None:
        """Await a round; a stop lets a request that writes end, and breaks off everything else.

        What this computer does not let be stored ends the round, too: it is tried again later.
        """
        task = asyncio.create_task(work)
        stopped = asyncio.ensure_future(self._rest.ended())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                assert self._engine is not None  # noqa: S101
                if self._engine.is_writing:
                    await asyncio.wait({task}, timeout=self._settings.timeout_s)
                if not task.done():
                    task.cancel()
            try:
                return await task
            except asyncio.CancelledError:
                return None
            except StorageError as error:
                await self._not_stored(error)
                return None
        finally:
            stopped.cancel()

    async def _not_stored(self, error: StorageError) -> None:
        """This computer would not let it be stored: look whether a file is damaged, and try later."""
        LOG.warning("the round could not be stored: %s", error)
        self._failed(str(error))
        await self._close()
        if isinstance(error, StorageDamaged) and mend(self._files):
            self._next_round = self._clock.monotonic()

    # -- when -------------------------------------------------------------------------------------

    async def _after(self, report: RoundReport) -> None:
        """Say when the next round is due."""
        now = self._clock.monotonic()
        self._not_before = report.retry_at
        if report.reached:
            self._failures = 0
            times = 1 if self._in_use() else IDLE_TIMES
            self._next_round = now + self._settings.poll_s * times
            return
        self._failed(report.error)
        if report.retry_at is not None:
            self._next_round = now + max(1.0, report.retry_at - instant_of(self._clock.now()))
        if report.token_refused:
            self._next_round = now + RETRY_MOST_S
            await self._close()

    def _failed(self, error: str | None) -> None:
        pause = min(RETRY_MOST_S, RETRY_FIRST_S * 2 ** min(self._failures, 10))
        self._failures += 1
        self._next_round = self._clock.monotonic() + pause * self._jitter.uniform(0.5, 1.0)
        LOG.info("the next round is tried in about %d s: %s", pause, error)

    def _in_use(self) -> bool:
        used = last_use(self._windows)
        return used is not None and self._clock.now().timestamp() - used < IN_USE_S

    def _notice_use(self) -> None:
        """Somebody is at the keys again: what was put off until later is due now."""
        if self._failures == 0 and self._begun and self._in_use():
            self._next_round = min(self._next_round, self._last_try + self._settings.poll_s)

    def _full_is_due(self) -> bool:
        assert self._engine is not None  # noqa: S101
        last = self._engine.landing.state().last_full_finished
        if last is None:
            return True
        age = instant_of(self._clock.now()) - last
        every = FULL_EVERY_LARGE_S if self._engine.landing.jobs() > LARGE else FULL_EVERY_S
        return age >= (every if self._begun else FULL_AT_START_S)

    def _notice_clock_jump(self) -> None:
        drift = self._wall_less_monotonic()
        if abs(drift - self._drift) > JUMP_S:
            LOG.warning("this computer's clock jumped by %d s: everything is read again", drift - self._drift)
            self._want_full = True
            self._next_round = min(self._next_round, self._clock.monotonic())
        self._drift = drift

    def _wall_less_monotonic(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    # -- what others ask for ----------------------------------------------------------------------

    def _edited(self) -> bool:
        """Whether somebody has written to the outbox since, and something waits in it."""
        if self._engine is None:
            return False
        version = self._engine.outbox.data_version()
        if version == self._edits_seen:
            return False
        self._edits_seen = version
        return self._engine.has_work()

    def _poke(self) -> int:
        try:
            return poke_file(self._files).stat().st_mtime_ns
        except OSError:
            return 0

    def _poked(self) -> bool:
        seen, self._poke_seen = self._poke_seen, self._poke()
        return seen != self._poke_seen

    def _request(self) -> dict[str, object] | None:
        request = read_json(request_file(self._files))
        if request is None or request.get("id") == self._answered:
            return None
        return request

    def _answer(self, request: dict[str, object], report: RoundReport) -> None:
        self._answered = request.get("id")
        write_whole(answer_file(self._files), json.dumps({"id": request.get("id"), "report": asdict(report)}))
        request_file(self._files).unlink(missing_ok=True)

    # -- start, house, end ------------------------------------------------------------------------

    def _keep_house(self, engine: Engine) -> None:
        """Once a day what is old is dropped."""
        now = self._clock.monotonic()
        if self._retained is None or now - self._retained >= DAY_S:
            self._retained = now
            engine.landing.retain()

    async def _check(self) -> None:
        """Once, after the first round, when the board has long been painted: are the files sound?"""
        self._checked = True
        if damage(self._files):
            await self._close()
            mend(self._files)
            self._next_round = self._clock.monotonic()

    async def _drained(self) -> bool:
        """Nobody looks any more: send what is queued, for a while. False where a window came back."""
        deadline = self._clock.monotonic() + DRAIN_S
        while not self.stopped and await self._ready(asked=True):
            assert self._engine is not None  # noqa: S101
            if not self._engine.has_work():
                break
            report = await self._unless_stopped(self._engine.push_only(fence=self._fence))
            if any_window(self._files):
                return False
            if report is None or not report.reached or self._clock.monotonic() > deadline:
                break
            if self._engine.has_work():
                await self._rest.ticks()
        return not any_window(self._files)

    async def _close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._backend is not None:
            await self._backend.close()
            self._backend = None
