"""Who acts: our dispatchers at their windows, the process that syncs, and everybody else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from fieldboard.backends.port import Outcome, Row, TellsVisits
from fieldboard.board import planning
from fieldboard.board.committing import CannotCommit
from fieldboard.board.desk import Desk
from fieldboard.board.plan import Plan
from fieldboard.cache.store import Store
from fieldboard.cache.windows import SyncLock
from fieldboard.domain import fields as names
from fieldboard.domain.operation import UNDECIDED, Kind, OpState
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.roster import Roster
from fieldboard.sync.engine import Engine
from fieldboard.sync.report import SyncSettings
from tests.simulation.disk import PROCESS, Process
from tests.simulation.line import OPERATION
from tests.simulation.server import Server

if TYPE_CHECKING:
    from tests.simulation.schedule import Schedule

SETTINGS: Final = SyncSettings("sim", timeout_s=20, settle_s=30, poll_s=20)


class Window:
    """A dispatcher of ours at a board: the real desk over the real files."""

    def __init__(self, sim: Schedule, name: str, rng: random.Random) -> None:
        self._sim = sim
        self.name = name
        self._rng = rng
        self._count = 0
        self.process = Process(name)
        self.store: Store | None = None
        self.desk: Desk | None = None

    async def live(self) -> None:
        """Work until the day is over; a killed window is opened again."""
        sim, rng = self._sim, self._rng
        while not sim.ended.is_set():
            await asyncio.sleep(rng.expovariate(1 / sim.pace_s))
            if sim.ended.is_set() or not sim.synced:
                continue
            self._in_process(self._turn)
        self._in_process(self._look)

    def look(self) -> None:
        """Poll and let the oracle look at what is shown."""
        if self.store is not None and self.process.alive:
            self._in_process(self._look)

    def open(self) -> None:
        """Open the files."""
        if self.store is None:
            self._in_process(self._open)

    def _open(self) -> None:
        sim = self._sim
        self.store = Store(sim.files, sim.zone, sim.clock)
        self.store.outbox._by = self.name
        self.desk = Desk(self.store, sim.played.rules, Roster(), sim.zone, sim.clock)

    def _in_process(self, what: Callable[[], None]) -> None:
        token = PROCESS.set(self.process)
        try:
            what()
        except BaseException:
            if self.process.alive:
                raise
            self._sim.oracle.note("killed", self.name)
            self._sim.kills += 1
            self.close()
            self.process = Process(self.name)
        finally:
            PROCESS.reset(token)

    def close(self) -> None:
        """The window is gone."""
        self.process.reap()
        self.store = self.desk = None

    def _look(self) -> None:
        if self.store is None:
            self._open()
        assert self.store is not None
        assert self.desk is not None
        # Through the desk, as a window does: what only the store has seen its days would never show.
        self.desk.poll()
        self._sim.oracle.server_ids = self.store.outbox.idmap()
        self._sim.oracle.look(self.store, self.name)

    def _turn(self) -> None:
        rng = self._rng
        if self.store is None:
            self._open()
        if rng.random() < self._sim.kill_window:
            self.process.kill_at = self.process.statements + rng.randint(1, 14)
            self.process.after = rng.random() < 0.5
        self._look()
        for _ in range(rng.choices((1, 2, 3), (0.75, 0.18, 0.07))[0]):
            self._act()
        self._look()

    def _act(self) -> None:
        desk, rng = self.desk, self._rng
        assert desk is not None
        desk.poll()
        plan = self._plan(desk)
        if plan is None or plan.refusal is not None:
            return
        oracle = self._sim.oracle
        deleted = [c.id for draft in plan.drafts for c in draft.changes if c.field == names.DELETED]
        sights = {one: oracle.shows(desk.store, one) for one in deleted}
        try:
            saved = desk.commit(plan)
        except CannotCommit:
            return
        for one in saved:
            found = {c.id for c in one.changes if c.field == names.DELETED}
            oracle.sights.update(((one.op_id, job), sights[job]) for job in sorted(found & sights.keys()))
            if one.state is OpState.QUEUED:
                oracle.saved(one)
        if rng.random() < 0.8:
            self._sim.edited.set()

    def _plan(self, desk: Desk) -> Plan | None:
        rng, store = self._rng, desk.store
        new = self._sim.creates
        acts = {one: n * (new if one in ("create", "add") else 1) for one, n in self._sim.played.acts.items()}
        act = rng.choices([*acts], [*acts.values()])[0]
        visits = sorted(store.visits(), key=lambda one: one.id)
        hot = [one for one in visits if one.job_id in self._sim.hot]
        chosen = hot if hot and rng.random() < self._sim.hot_share + 0.1 else visits
        visit = rng.choice(chosen) if chosen else None
        someone = rng.choice(self._sim.played.technicians())
        start = desk.now() // 900 * 900 + rng.randint(1, 30) * 900
        if act in ("assign", "times", "move", "unassign") and visit is not None and visit.status in ENDED:
            return None
        match act:
            case "undo":
                return planning.plan_undo(desk)
            case "redo":
                return planning.plan_redo(desk)
            case "decide":
                return self._decide(desk)
            case "create":
                return self._create(desk, someone, start)
        if visit is None:
            return None
        return self._about(desk, act, visit, someone, start)

    def _about(self, desk: Desk, act: str, visit: PlannedVisit, someone: str, start: int) -> Plan | None:
        rng = self._rng
        job = desk.store.job(visit.job_id)
        match act:
            case "assign":
                timed = visit.start is None and rng.random() < 0.7
                return planning.plan_assign(desk, visit, someone, start if timed else None)
            case "times":
                return planning.plan_reschedule(desk, visit, start, start + 900 * rng.randint(2, 8))
            case "move":
                return planning.plan_move(desk, visit, someone, start)
            case "unassign":
                return planning.plan_unassign(desk, visit)
            case "reorder":
                return planning.plan_shift(desk, visit, rng.choice((-2, -1, 1, 2)))
            case "status":
                choices = planning.status_choices(desk, visit)
                return planning.plan_status(desk, visit, rng.choice(choices).status) if choices else None
        if job is None:
            return None
        match act:
            case "edit":
                return planning.plan_edit(desk, job, self._sim.played.changes(rng))
            case "delete":
                return planning.plan_delete(desk, job)
            case _:
                return planning.plan_visit_add(desk, job, start, start + 3600, someone)

    def _create(self, desk: Desk, someone: str, start: int) -> Plan:
        self._count += 1
        number = f"5{self._count:03}-{self.name}"
        values = self._sim.played.new_job(self._rng, number, someone, start)
        return planning.plan_create(desk, values)

    def _decide(self, desk: Desk) -> Plan | None:
        waiting = [one for one in desk.store.outbox.live() if one.state in UNDECIDED]
        if not waiting:
            return None
        one = self._rng.choice(waiting)
        if self._rng.random() < 0.5:
            return planning.plan_retry(desk, one)
        return planning.plan_undo(desk, one)


class Syncer:
    """The process that syncs, and the next one when it has died. It holds the real lock."""

    def __init__(self, sim: Schedule, rng: random.Random) -> None:
        self._sim = sim
        self._rng = rng
        self._count = 0
        self.process: Process | None = None
        self.task: asyncio.Task[None] | None = None
        self._failures = 0
        self.rounds = 0
        self.stalled = asyncio.Event()
        self._left: list[asyncio.Task[None]] = []
        self._lock: SyncLock | None = None

    async def live(self) -> None:
        """Sync until the day is over, one process after the other."""
        sim, rng = self._sim, self._rng
        while not sim.ended.is_set():
            self._count += 1
            process = Process(f"syncer-{self._count}")
            if rng.random() < sim.kill_statement:
                process.kill_at = int(rng.expovariate(1 / 250)) + 1
                process.after = rng.random() < 0.5
            self.process = process
            self.task = asyncio.ensure_future(self._run(process))
            stalled = asyncio.ensure_future(self.stalled.wait())
            try:
                await asyncio.wait({self.task, stalled}, return_when=asyncio.FIRST_COMPLETED)
                stalled.cancel()
                if self.stalled.is_set() and not self.task.done():
                    self.stalled.clear()
                    self._left.append(self.task)
                    continue
                await self.task
            except asyncio.CancelledError:
                if process.alive:
                    raise
            except BaseException:
                # What a dead process still raises is nothing but its death.
                if process.alive:
                    raise
            if sim.ended.is_set():
                break
            sim.oracle.note("died", process.name, process.statements)
            sim.kills += 1
            await asyncio.sleep(rng.choice((0.2, 1.0, 4.0, 25.0)))

    def stall(self, seconds: float) -> None:
        """SIGSTOP, and the lock is lost; later it goes on as if nothing had happened."""
        process = self.process
        if process is None or not process.alive or self._lock is None or process.zombie:
            return
        process.zombie, process.resumes = True, asyncio.Event()
        process.kill_at = None
        asyncio.get_running_loop().call_later(seconds, process.resumes.set)
        self._lock.release()
        self.stalled.set()

    def kill(self) -> None:
        """SIGKILL, wherever it waits just now."""
        if self.process is not None and self.process.alive and self.task is not None and not self.task.done():
            self.process.reap()
            self.task.cancel()

    async def _run(self, process: Process) -> None:
        PROCESS.set(process)
        sim = self._sim
        lock = SyncLock(sim.files)
        self._lock = None  # what waits for the lock cannot lose it
        while not lock.try_take():
            if sim.oracle.stopped.is_set():
                return
            await wait(sim.oracle.stopped, 0.5)
        self._lock = lock
        try:
            await self._serve(process)
        except BaseException:
            if not process.zombie:
                raise
        finally:
            if not process.zombie:
                lock.release()
            process.reap()

    async def _serve(self, process: Process) -> None:
        sim, rng = self._sim, self._rng
        with opened(sim, process) as engine:
            full_next = False
            pause = 0.0
            while not sim.ended.is_set() and not process.zombie:
                if pause:
                    sim.edited.clear()
                    await wait(sim.edited, pause)
                edited = sim.edited.is_set()
                first = engine.landing.first
                full = first or full_next
                whole = full or not edited or rng.random() >= 0.7
                if not whole:
                    report = await engine.push_only(fence=process.fence)
                    pause = SETTINGS.poll_s / 4 if report.pushed else pause
                else:
                    report = await engine.round(full, fence=process.fence, patient=full and not first)
                    full_next = rng.random() < sim.full_share
                    pause = SETTINGS.poll_s
                self.rounds += 1
                sim.oracle.note("round", report.pushed, report.pulled, report.deleted, report.error)
                sim.after_round()
                if whole and report.reached and not process.zombie:
                    sim.oracle.fetched()
                if report.reached:
                    self._failures = 0
                else:
                    self._failures += 1
                    pause = min(60.0, 2.0 * 2 ** min(self._failures, 5)) * rng.uniform(0.5, 1.0)
                    if report.retry_at is not None:
                        pause = max(1.0, report.retry_at - sim.clock.now().timestamp())


class opened:  # noqa: N801 - a context manager reads as a word
    """An engine of a process, watched."""

    def __init__(self, sim: Schedule, process: Process) -> None:
        self._sim = sim
        self._process = process

    def __enter__(self) -> Engine:
        sim, process = self._sim, self._process
        backend = sim.played.open(sim.line, sim.zone, sim.learned())
        rules = sim.played.rules
        self.engine = Engine(backend, sim.files, rules, sim.zone, sim.clock, SETTINGS)
        self.engine.outbox._by = process.name
        process.fence = self.engine.take_over(process.name)
        sim.oracle.took_over(process)
        watch(sim, self.engine, backend, process)
        return self.engine

    def __exit__(self, *exc: object) -> None:
        if self._process.alive:
            self.engine.close()


def watch(sim: Schedule, engine: Engine, backend: Any, process: Process) -> None:
    """Tell the oracle what the engine reads and sends, and which edit a request belongs to."""
    oracle, outbox = sim.oracle, engine.outbox
    journal_step, read, carry_out, find_out = (
        outbox.journal_step, backend.read, backend.carry_out, backend.find_out,
    )  # fmt: skip
    claim = outbox.claim

    def noted_step(op_id: str, fence: int | None, step: Any, answer: Any = None) -> bool:
        if answer is None:
            OPERATION.set(op_id)
        kept = journal_step(op_id, fence, step, answer)
        operation = outbox.get(op_id)
        if not kept or operation is None:
            return kept
        if answer is None and process.fence < oracle.fence:
            oracle.fail("S7", f"{process.name} begins a request of {op_id} under an old fence")
        elif answer is None:
            oracle.begins(operation, operation.changes[step.change], step)
        elif answer.outcome == "done":
            oracle.heard_yes(operation, operation.changes[step.change], step)
        return kept

    def noted_claim(op_id: str, fence: int) -> Any:
        claimed = claim(op_id, fence)
        if claimed is not None and process.fence < oracle.fence:
            oracle.fail("S7", f"{process.name} claims {op_id} under the old fence {process.fence}")
        return claimed

    def noted_rows(*rows: Row | None) -> None:
        for row in rows:
            if row is not None and row.kind is Kind.JOB:
                oracle.beliefs.told(row.id, row.raw)

    async def noted_read(kind: Any, entity_id: str, *, fresh: bool = False) -> Any:
        answer = await read(kind, entity_id, fresh=fresh)
        noted_rows(answer.row)
        if kind is Kind.JOB:
            oracle.beliefs.asked(entity_id)
        if answer.row is not None:
            oracle.was_read(kind, entity_id, answer.row.entity)
            oracle.looked(OPERATION.get())
        return answer

    async def noted_carry_out(step: Any, change: Any) -> Any:
        operation = outbox.get(OPERATION.get() or "")
        if operation is not None:
            oracle.is_to_be_sent(operation, change, follows=sim.played.follows(step, change))
        answer = await carry_out(step, change)
        noted_rows(answer.row, *answer.extra)
        oracle.cells[("sending", f"request {answer.outcome}")] += 1
        if answer.outcome is Outcome.DONE and operation is not None:
            # The adapter has looked by itself.
            oracle.unlooked.discard(operation.op_id)
        return answer

    async def noted_find_out(step: Any, change: Any) -> Any:
        found = await find_out(step, change)
        oracle.looked(OPERATION.get())
        oracle.cells[("uncertain", f"lookup {found.finding}")] += 1
        return found

    outbox.journal_step = noted_step  # type: ignore[method-assign]
    outbox.claim = noted_claim  # type: ignore[method-assign]
    backend.read, backend.carry_out, backend.find_out = noted_read, noted_carry_out, noted_find_out
    if isinstance(backend, TellsVisits):
        visits_of = backend.visits_of

        async def noted_visits_of(job_id: str, *, fresh: bool = False) -> Any:
            rows = await visits_of(job_id, fresh=fresh)
            for row in rows:
                oracle.was_read(Kind.VISIT, row.id, row.entity)
            return rows

        backend.visits_of = noted_visits_of  # type: ignore[method-assign]


class Others:
    """Other dispatchers and technicians on their phones. Their lines are good."""

    def __init__(self, sim: Schedule, name: str, rng: random.Random, pace_s: float) -> None:
        self._sim = sim
        self._name = name
        self._rng = rng
        self._pace_s = pace_s
        self._count = 0

    async def live(self) -> None:
        """Edit now and then until the day is over."""
        while not self._sim.ended.is_set():
            await asyncio.sleep(self._rng.expovariate(1 / self._pace_s))
            if not self._sim.ended.is_set() and self._sim.clock.elapsed > self._sim.line.down_until:
                played = self._sim.played
                (played.walks if self._name == "phone" else played.edits)(self, self._rng)

    def ask(self, method: str, path: str, body: Any) -> None:
        """Make a request over a good line."""
        sim = self._sim
        status = sim.server.edit(self._name, method, path, body, sim.offset())
        said = sorted(body.items()) if isinstance(body, Mapping) else body
        sim.oracle.note(self._name, method, path, said, status)

    def does(self, what: str, act: Callable[[datetime], None]) -> None:
        """Do something in the vendor's own application."""
        sim = self._sim
        sim.server.outside(self._name, act, sim.offset())
        sim.oracle.note(self._name, what)

    def number(self) -> str:
        """A number of theirs for a new job."""
        self._count += 1
        return f"6{self._count:03}"

    def soon(self) -> int:
        """An instant within the next hours, on a quarter of an hour."""
        now = int(self._sim.clock.true_now().timestamp())
        return now // 900 * 900 + self._rng.randint(1, 30) * 900

    def some(self, found: Sequence[Any]) -> list[Any]:
        """What is to be chosen from: often one of the few that everybody edits."""
        records = sorted(found, key=lambda one: one.id)
        hot = [one for one in records if getattr(one, "job_id", one.id) in self._sim.hot_records]
        return hot if hot and self._rng.random() < self._sim.hot_share else records


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


__all__ = ["Others", "Server", "Status", "Syncer", "Window", "opened"]
