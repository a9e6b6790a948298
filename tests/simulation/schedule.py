"""One schedule: a day drawn from a seed, played to its end, wound down and looked at."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from fieldboard.cache import schema
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.outbox_sending import OutboxSending
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.store import Store
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import LIVE, OpState
from fieldboard.sync.push import Push
from tests.simulation import clock as clocks
from tests.simulation import world as worlds
from tests.simulation.actors import SETTINGS, Others, Syncer, Window, opened
from tests.simulation.clock import SimClock
from tests.simulation.disk import PROCESS, Process, simulated
from tests.simulation.line import FAULTS, HIGH, LOW, OPERATION, FaultyLine, Weather
from tests.simulation.oracle import Broken, Oracle, on_their_way
from tests.simulation.server import Server
from tests.simulation.systems import SYSTEMS

MOST_ROUNDS: Final = 200
MOST_REQUESTS: Final = 1_500
"""More than a round makes with everything that the dispatchers of a day may have left in the queue."""
ZONE: Final = Zone("Europe/London")
OF_WRITES: Final = "of writes: "
"""How the name of a fault begins that befalls requests that write and no others."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a schedule is drawn from.

    `without` are faults that are left out, to make a case smaller; `boost` are faults with the share that
    they have instead of the one that is drawn; `settings` are what the server does for certain.
    """

    seed: int
    length_s: float | None = None
    without: tuple[str, ...] = ()
    boost: tuple[tuple[str, Any], ...] = ()
    system: str = "fieldcamp"
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass
class Outcome:
    """What came of a schedule."""

    case: Case
    trace_hash: str
    broken: Broken | None
    trace: list[str]
    edits: int
    kills: int
    rounds: int
    requests: int
    virtual_s: float
    fates: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    gaps: list[float] = field(default_factory=list)
    late_copies: int = 0
    surfaced: int = 0
    untold: int = 0
    put_back: int = 0
    wind_down_rounds: int = 0


class Schedule:
    """The parts of one schedule and what they share."""

    def __init__(self, case: Case, folder: Path, *, verbose: bool = False) -> None:
        seed = case.seed
        self.case = case
        draw = random.Random(f"{seed} plan")
        self._draw = draw
        self.clock = SimClock()
        self.zone = ZONE
        self.files = ProfileFiles(folder)
        self.weather = _weather(draw, case.without)
        world = worlds.build(random.Random(f"{seed} world"))
        self.played = SYSTEMS[case.system].drawn(draw, world, self.clock).having(**dict(case.settings))
        self.server = Server(self.played, self.clock)
        self.oracle = Oracle(self.server, self.clock, self.files, verbose=verbose)
        self.line = FaultyLine(
            self.server,
            self.clock,
            self.weather,
            random.Random(f"{seed} faults"),
            self.oracle,
            SETTINGS.settle_s,
        )
        self._stamps = random.Random(f"{seed} stamps")
        self.hot_records = frozenset(draw.sample(sorted(self.server.world.jobs), 3))
        self.hot = frozenset(map(self.played.job_id, self.hot_records))
        self.pace_s = draw.choice((6.0, 12.0, 25.0))
        self.length_s = case.length_s or draw.uniform(60, 260)
        swarm = [0.0, 0.0, 0.3, 0.9]
        self.kill_statement = draw.choice(swarm)
        self.kill_window = draw.choice([0.0, 0.0, 0.02, 0.1])
        self.kill_await = draw.choice([0.0, 0.0, 1 / 200, 1 / 40])
        self.ahead_s = random.Random(f"{seed} clock").choice((0.0, 0.0, 0.0, -600.0, 600.0))
        """How fast this computer's clock is."""
        self.creates = 1.0
        """How many times as often as usual something new is made."""
        self.hot_share = 0.5
        """The share of edits that fall on the few jobs that everybody edits."""
        self.theirs = 1.0
        """How many times as often as usual others edit."""
        self.full_share = draw.choice([0.0, 0.0, 0.05])
        self.jumps = draw.choice([0.0, 0.0, 0.0, 1 / 150])
        self.stalls = draw.choice([0.0, 0.0, 1 / 100])
        self.outages = draw.choice([0.0, 0.0, 1 / 300, 1 / 90])
        for name in ("kill_statement", "kill_window", "kill_await", "jumps", "outages", "stalls"):
            if name in case.without:
                setattr(self, name, 0.0)
        for name, share in case.boost:
            if name.startswith(OF_WRITES):
                self.weather.of_writes[name.removeprefix(OF_WRITES)] = share
            elif name in FAULTS:
                self.weather.rates[name] = share
            else:
                setattr(self if hasattr(self, name) else self.weather, name, share)
        self.oracle.lies = "types" in self.weather.rates
        self.clock.jump_s = self.ahead_s
        self.ended = asyncio.Event()
        self.synced = False
        self.kills = 0
        self.wind_down_rounds = 0
        self.edited = asyncio.Event()
        one, two = random.Random(f"{seed} window 1"), random.Random(f"{seed} window 2")
        self.windows = [Window(self, "w1", one)]
        if draw.random() < 0.5:
            self.windows.append(Window(self, "w2", two))
        self.syncer = Syncer(self, random.Random(f"{seed} scheduler"))

    def offset(self) -> float:
        """The stamp of a write by others: a skewed node, a late commit."""
        skew = self._stamps.uniform(-self.weather.skew_s, self.weather.skew_s)
        late = self._stamps.uniform(0, self.weather.late_s) if self._stamps.random() < 0.3 else 0.0
        return skew - late

    def learned(self) -> dict[str, str]:
        """What the cache knows of the server, as the profile's assembly reads it."""
        reader = CacheReader(self.files, self.zone)
        try:
            return dict(reader.learned())
        finally:
            reader.close()

    def after_round(self) -> None:
        """A round has ended: everybody looks."""
        self.synced = True
        self.oracle.look_for_hidden()
        for window in self.windows:
            window.open()
            window.look()

    async def play(self) -> None:
        """The day, the wind-down and what is looked at when all is at rest."""
        draw = self._draw
        pace = draw.choice((5.0, 15.0, 40.0)) / self.theirs
        others = [Others(self, "priya", random.Random(f"{self.case.seed} priya"), pace)]
        others.append(
            Others(self, "phone", random.Random(f"{self.case.seed} phone"), draw.choice((10.0, 30.0)))
        )
        living: list[Window | Syncer | Others] = [*self.windows, self.syncer, *others]
        tasks = [asyncio.ensure_future(one.live()) for one in living]
        tasks.append(asyncio.ensure_future(self._weather_changes()))
        syncing = tasks[len(self.windows)]
        ends = asyncio.ensure_future(asyncio.sleep(self.length_s))
        stopped = asyncio.ensure_future(self.oracle.stopped.wait())
        await asyncio.wait({ends, stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for one in tasks:
            if one.done() and not one.cancelled() and (error := one.exception()) is not None:
                self.ended.set()
                raise error
        if self.oracle.broken is None:
            await self._wind_down(syncing)
        self.ended.set()
        ends.cancel()
        stopped.cancel()
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _weather_changes(self) -> None:
        """Kills, outages, restarts of the server, refused tokens, jumps of this computer's clock."""
        rng = random.Random(f"{self.case.seed} scheduler 2")
        while not self.ended.is_set():
            await asyncio.sleep(1.0)
            now = self.clock.elapsed
            draws = [rng.random() for _ in range(5)]
            which = rng.random()
            if draws[0] < self.kill_await:
                self.syncer.kill()
            if draws[3] < self.stalls:
                self.oracle.note("stall")
                self.syncer.stall(rng.choice((3.0, 12.0, 50.0)))
            if draws[1] < self.jumps:
                self.clock.jump_s = rng.choice((-3600.0, 0.0, 3600.0))
                self.oracle.note("jump", self.clock.jump_s)
            if draws[2] < self.outages:
                span = rng.choice((5.0, 40.0, 240.0))
                if which < 0.5:
                    self.line.offline_until = now + span
                elif which < 0.8:
                    self.line.down_until = now + min(span, 40.0)
                else:
                    self.line.refused_token_until = now + min(span, 40.0)
                self.oracle.note("outage", round(which, 2), span)

    async def _wind_down(self, syncing: asyncio.Future[Any]) -> None:
        """Faults end, late copies arrive, and rounds are made until nothing moves any more."""
        oracle = self.oracle
        oracle.note("wind-down")
        self.ended.set()
        self.weather.calm()
        self.kill_statement = self.kill_await = self.jumps = self.outages = self.stalls = 0.0
        self.line.down_until = self.line.offline_until = self.line.refused_token_until = 0.0
        if self.syncer.process is not None:
            self.syncer.process.kill_at = None
        self.edited.set()
        if not await self._ends(syncing):
            oracle.fail("Q7", "a round does not end")
            return
        if not syncing.cancelled() and (error := syncing.exception()) is not None:
            raise error
        while self.line.late:
            await asyncio.wait(set(self.line.late))
        await asyncio.sleep(20)
        process = Process("last")
        PROCESS.set(process)
        with opened(self, process) as engine:
            quiet = 0
            while quiet < 2 and self.wind_down_rounds < MOST_ROUNDS:
                self.wind_down_rounds += 1
                report = await engine.round(fence=process.fence)
                oracle.note(
                    "last", report.pushed, report.pulled, report.deleted, report.pending, report.error
                )
                waits = on_their_way(engine.outbox)
                quiet = quiet + 1 if report.reached and not report.pulled and not waits else 0
                await asyncio.sleep(SETTINGS.poll_s)
            self.after_round()
            oracle.fetched()
            store = self.windows[0].store
            if oracle.broken is None and store is not None:
                oracle.at_rest_incremental(store)
            if oracle.broken is None:
                asked = self.line.requests
                await engine.round(fence=process.fence)
                self._count_idle(self.line.requests - asked)
                if not self.played.tells_by_itself() and store is not None:
                    await engine.round(fence=process.fence, patient=True)
                    self.after_round()
                    oracle.at_rest_awaited(store)
                report = await engine.round(full=True, fence=process.fence, patient=True)
                oracle.note("full", report.pulled, report.deleted, report.error)
                oracle.fetched()
                oracle.braked = report.braked
                if report.braked:
                    # The brake asks; the dispatcher's look there would say that it is meant.
                    pass
                self.after_round()
        process.reap()
        PROCESS.set(None)
        if oracle.broken is None and store is not None:
            fresh = Store(self.files, self.zone, self.clock)
            oracle.server_ids = store.outbox.idmap()
            last = self.windows[-1].store
            assert last is not None
            oracle.at_rest(store, last)
            oracle.at_rest(store, fresh)
            fresh.close()

    async def _ends(self, syncing: asyncio.Future[Any]) -> bool:
        """Whether a round ends: a slow line and a long queue make it long, not endless."""
        first = before = self.line.requests
        await asyncio.wait({syncing}, timeout=400)
        while not syncing.done() and before < self.line.requests < first + MOST_REQUESTS:
            before = self.line.requests
            await asyncio.wait({syncing}, timeout=400)
        return syncing.done()

    def _count_idle(self, requests: int) -> None:
        """Q8: a round with nothing to do costs one request a list."""
        most = self.played.idle_requests()
        if most is not None and requests > most:
            self.oracle.fail("Q8", f"a round with nothing to do made {requests} requests")

    def close(self) -> None:
        for window in self.windows:
            window.close()
        if self.syncer.process is not None:
            self.syncer.process.reap()
        self.oracle.close()


def play(case: Case, *, mutant: Callable[[], Any] | None = None, verbose: bool = False) -> Outcome:
    """Play one schedule in a folder of its own. `mutant` opens replacements for the time of it."""
    root = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - memory, as the disk of this
    folder = Path(tempfile.mkdtemp(prefix="fieldboard-sim-", dir=root))
    ulids = random.Random(f"{case.seed} ulid")
    try:
        with ExitStack() as stack:
            stack.enter_context(simulated(ulids.randbytes))
            if mutant is not None:
                stack.enter_context(mutant())
            shutil.copytree(_template(), folder / "profile")
            schedule = Schedule(case, folder / "profile", verbose=verbose)
            for module in schedule.played.chances:
                stack.enter_context(patch.object(module, "secrets", Chances(f"{case.seed} secrets")))
            stack.enter_context(_observed(schedule.oracle))
            try:
                clocks.run(schedule.clock, schedule.play())
            except clocks.Stuck as stuck:
                schedule.oracle.fail("Q7", str(stuck))
            except Broken as broken:
                schedule.oracle.broken = schedule.oracle.broken or broken
            outcome = _outcome(schedule)
            schedule.close()
            schedule.oracle._look_for_secrets()
            outcome.broken = schedule.oracle.broken
            return outcome
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def collect_rarely() -> None:
    """Made once in a process that plays many: what was imported need not be looked through for waste."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def play_seed(seed: int, *, system: str, once: bool) -> tuple[Outcome, bool]:
    """Play one seed, twice unless `once`; whether both left the same trace, of which the end is kept."""
    logging.disable(logging.CRITICAL)
    outcome = play(Case(seed, system=system))
    same = once or play(Case(seed, system=system)).trace_hash == outcome.trace_hash
    del outcome.trace[:-40]
    return outcome, same


def _outcome(schedule: Schedule) -> Outcome:
    oracle = schedule.oracle
    fates: Counter[str] = Counter()
    outbox = Outbox(schedule.files, schedule.clock)
    fates.update(one.state.value for one in outbox.all(None))
    outbox.close()
    return Outcome(
        schedule.case, oracle.trace_hash(), oracle.broken, oracle.trace, len(oracle.acknowledged),
        schedule.kills, schedule.syncer.rounds, schedule.line.requests, schedule.clock.elapsed, fates,
        Counter(schedule.line.counts), oracle.cells, oracle.moves, oracle.gaps, oracle.late_copies,
        oracle.surfaced, oracle.untold, oracle.put_back, schedule.wind_down_rounds,
    )  # fmt: skip


@contextmanager
def _observed(oracle: Oracle) -> Iterator[None]:
    """Every change of a state is told to the oracle."""
    settle, claim, recover, cancel, one = (
        OutboxSending.settle, OutboxSending.claim, OutboxSending.recover, Outbox.cancel, Push._one,
    )  # fmt: skip

    def told_settle(
        self: Any,
        op_id: str,
        fence: int | None,
        from_state: OpState,
        to_state: OpState,
        *more: Any,
        **values: Any,
    ) -> bool:
        done = settle(self, op_id, fence, from_state, to_state, *more, **values)
        if done:
            oracle.moved(op_id, from_state.value, to_state.value)
        return done

    def told_claim(self: Any, op_id: str, fence: int) -> Any:
        found = claim(self, op_id, fence)
        if found is not None:
            oracle.moved(op_id, "queued", "sending")
        return found

    def told_recover(self: Any, fence: int) -> Any:
        found = recover(self, fence)
        for one in found:
            oracle.moved(one.op_id, "sending", "uncertain")
        return found

    async def told_one(self: Any, operation: Any) -> bool:
        OPERATION.set(operation.op_id)
        return await one(self, operation)

    def told_cancel(self: Any, op_id: str) -> bool:
        done = cancel(self, op_id)
        if done:
            oracle.moved(op_id, "queued", "cancelled")
        return done

    with (
        patch.object(OutboxSending, "settle", told_settle),
        patch.object(OutboxSending, "claim", told_claim),
        patch.object(OutboxSending, "recover", told_recover),
        patch.object(Outbox, "cancel", told_cancel),
        patch.object(Push, "_one", told_one),
    ):
        yield


class Chances:
    """The module `secrets`, drawn from a seed."""

    def __init__(self, seed: str) -> None:
        self._rng = random.Random(seed)
        self.choice = self._rng.choice
        self.randbelow = self._rng.randrange


_TEMPLATES: dict[str, Path] = {}


def _template() -> Path:
    """A profile whose files are empty and of the present schema, made once."""
    if "made" not in _TEMPLATES:
        folder = Path(tempfile.mkdtemp(prefix="fieldboard-sim-empty-")) / "profile"
        files = ProfileFiles(folder)
        files.prepare()
        for one in (schema.CACHE, schema.OUTBOX, schema.HISTORY):
            schema.ensure(files, one, here=True)
        _TEMPLATES["made"] = folder
    return _TEMPLATES["made"]


def _weather(draw: random.Random, without: tuple[str, ...]) -> Weather:
    """Swarm: each fault is absent in half of the schedules, rare or frequent in the others."""
    rates = {name: draw.choice((0.0, 0.0, LOW, HIGH)) for name in FAULTS}
    weather = Weather(
        {name: rate for name, rate in rates.items() if rate and name not in without},
        replica=draw.choice((0.0, 0.0, 0.2, 0.8)),
        skew_s=draw.choice((0.0, 0.0, 1.0, 5.0)),
        late_s=draw.choice((0.0, 0.0, 10.0, 60.0)),
        kill_at_request=draw.choice((0.0, 0.0, 0.003, 0.02)),
        slow_line_s=draw.choice(((0.01, 0.1), (0.01, 0.1), (0.2, 2.0))),
    )
    for name in ("replica", "skew_s", "late_s", "kill_at_request"):
        if name in without:
            setattr(weather, name, 0.0)
    return weather


__all__ = ["LIVE", "Case", "Outcome", "Schedule", "play"]
