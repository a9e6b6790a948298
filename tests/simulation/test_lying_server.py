"""A state machine against a server that lies: hypothesis looks for the shortest story that breaks a promise.

A bounded, derandomised run by default; more and longer stories with `--hypothesis-profile=long`.
The invariants S1 to S5 hold after every rule; at the end of a story everything comes to rest.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.cache.fate import MOVES
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import (
    LIVE,
    PENDING,
    Change,
    Intent,
    Json,
    Kind,
    Operation,
    OperationDraft,
    OpState,
)
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.fieldcamp import Settings, create_app
from fieldboard.sandbox.records import Visit as ServerVisit
from fieldboard.sandbox.world import build_world
from tests.fuzz.run import scratch
from tests.sync.room import JSON, LONDON, NOW, TOKEN, Room, SetClock, Spoiler, Wire, answer_with, make_engine

ZONE: Final = Zone("Europe/London")
LIES: Final = (
    *("refused", "lost before", "lost after", "html", "html after", "half"),
    *("500", "502", "503", "429", "409", "401", "empty", "short", "applied and 500"),
)
_FORWARD: Final = ("scheduled", "travelling", "arrived", "working", "done")


class Crash(BaseException):
    """The process dies at this request."""


@dataclass
class LyingSpoiler(Spoiler):
    """Also: a list without rows or without one, an error after the effect, the death of whoever asks.

    `left_out` are the ids that lists have left out: none is left out of two lists, which nobody could tell
    from its having been deleted.
    """

    left_out: set[str] = field(default_factory=set)

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        if self.how == "empty":
            self.times -= 1
            name = request.url.path.rpartition("/")[2]
            body = json.dumps({"success": True, "data": {name: []}}).encode()
            return answer_with(200, body, JSON)
        if self.how == "short":
            self.times -= 1
            answer = await inner.handle_async_request(request)
            return answer_with(answer.status_code, self._shortened(await answer.aread()), JSON)
        if self.how == "applied and 500":
            self.times -= 1
            await inner.handle_async_request(request)
            return answer_with(500, b'{"success":false}', JSON)
        if self.how.startswith("crash"):
            self.times -= 1
            if self.how == "crash after":
                await inner.handle_async_request(request)
            raise Crash
        return await super().spoil(request, inner)

    def _shortened(self, body: bytes) -> bytes:
        value = json.loads(body)
        for rows in value["data"].values():
            if isinstance(rows, list) and (told := [one for one in rows if one["id"] not in self.left_out]):
                self.left_out.add(told[0]["id"])
                rows.remove(told[0])
        return json.dumps(value).encode()


class Counting(httpx.ASGITransport):
    """Counts the writes that the server carried out."""

    applied: Counter[tuple[str, str]]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        answer = await super().handle_async_request(request)
        if request.method != "GET" and answer.status_code == 200:
            self.applied[request.url.path, content.decode()] += 1
        return answer


class SkewedClock(SetClock):
    """This computer's clock: the server's, and how far it is off."""

    offset_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.offset_s)


class LyingServer(RuleBasedStateMachine):
    """Rules are what people, servers and computers do; the model is the server's world and our intents."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder: Path = scratch()
        self.saved: dict[str, OpState] = {}
        self.moves: dict[str, int] = {}
        self.touched: set[str] = set()
        self.left_out: set[str] = set()
        self.minute = 0

    @initialize()
    def begin(self) -> None:
        clock = SkewedClock(NOW)
        world = build_world(7, 3, 12, 5, NOW.astimezone(LONDON).date(), NOW, LONDON)
        app = create_app(world, token=TOKEN, clock=lambda: FixedClock.now(clock), settings=Settings())
        wire = Wire(app)
        wire.inner = Counting(app)
        wire.inner.applied = Counter()
        self.applied = wire.inner.applied
        files = ProfileFiles(self.folder / "north")
        files.prepare()
        backend = open_fieldcamp("http://127.0.0.1:9", TOKEN, zone=ZONE, transport=wire, clock=clock)
        slept: list[float] = []
        engine = make_engine(backend, files, ZONE, clock, slept)
        self.room = Room(files, clock, world, wire, backend, engine, engine.take_over("test"), ZONE, slept)
        self.clock = clock
        report = self.runner.run(self.room.sync(full=True))
        assert report.error is None
        self.windows = [Store(files, ZONE, clock), Store(files, ZONE, clock)]
        clock.advance(60)

    # -- our side

    @rule(window=st.integers(0, 1), nth=st.integers(0, 30), how=st.sampled_from(("assign", "move")))
    def edit(self, window: int, nth: int, how: str) -> None:
        """A dispatcher edits what a window shows."""
        store = self.windows[window]
        store.poll()
        shown = sorted(
            (
                one
                for one in store.visits()
                if not one.made_up and one.status.value in ("assigned", "unassigned")
            ),
            key=lambda one: one.id,
        )
        if not shown:
            return
        visit = shown[nth % len(shown)]
        if how == "move" and visit.start is not None:
            self._save(store, visit, fields.TIMES, self._moved(visit), Intent.RESCHEDULE)
            return
        others = sorted(set(self.room.world.technicians) - set(visit.technician_ids))
        self._save(store, visit, fields.TECHNICIANS, [others[nth % len(others)]], Intent.ASSIGN)

    def _moved(self, visit: PlannedVisit) -> Json:
        # Never the same time twice: what the server carried out can be counted.
        self.minute += 1
        assert visit.start is not None
        assert visit.end is not None
        ahead = 86_400 * 3 + self.minute * 60 - visit.start % 60
        return [visit.start + ahead, visit.end + ahead, None]

    def _save(self, store: Store, visit: PlannedVisit, name: str, wanted: Json, intent: Intent) -> None:
        change = Change(Kind.VISIT, visit.id, name, fields.value_of(visit, name), wanted)
        if change.expected == change.value:
            return
        draft = OperationDraft(intent, f"visit:{visit.id}", (change,), "an edit")
        self.saved[store.outbox.add(draft).op_id] = OpState.QUEUED

    @rule()
    def push(self) -> None:
        self._sync("push")

    @rule()
    def pull(self) -> None:
        self._sync("round")

    @rule()
    def reconcile(self) -> None:
        self._sync("full")

    def _sync(self, how: str) -> None:
        room = self.room
        try:
            if how == "push":
                self.runner.run(room.push())
            else:
                self.runner.run(room.sync(full=how == "full"))
        except Crash:
            room.restart()
        except BaseExceptionGroup:
            room.restart()
        self.clock.advance(5)

    @rule(how=st.sampled_from(("crash before", "crash after")), skip=st.sampled_from(("GET", "PUT")))
    def crash(self, how: str, skip: str) -> None:
        """The process that syncs is killed at a request; another one takes over."""
        self.room.wire.spoilers.insert(0, LyingSpoiler(how, skip, times=1))
        self._sync("round")
        self.room.restart()

    @rule()
    def restart(self) -> None:
        """Killed between rounds."""
        self.room.restart()

    @rule(seconds=st.sampled_from((1, 31, 300, 4_000)))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(seconds=st.sampled_from((-3_600, -40, 40, 3_600)))
    def clock_jump(self, seconds: int) -> None:
        """Somebody sets this computer's clock."""
        self.clock.offset_s += seconds

    # -- the server's side

    @rule(
        how=st.sampled_from(LIES),
        method=st.sampled_from(("", "GET", "PUT")),
        times=st.integers(1, 3),
        path=st.sampled_from(("", "/visits", "/jobs")),
    )
    def vendor_lie(self, how: str, method: str, times: int, path: str) -> None:
        """The next requests meet something that is not what it seems."""
        if how in ("empty", "short"):
            method = "GET"
        self.room.wire.spoilers.append(LyingSpoiler(how, method, path, times, left_out=self.left_out))

    @precondition(lambda self: self.room.wire.spoilers)
    @rule()
    def mend(self) -> None:
        self.room.mend()

    def _server_visit(self, nth: int, statuses: tuple[str, ...]) -> ServerVisit | None:
        found = sorted(
            (one for one in self.room.world.visits.values() if one.status in statuses), key=lambda one: one.id
        )
        return found[nth % len(found)] if found else None

    @rule(nth=st.integers(0, 30), how=st.sampled_from(("assign", "move")))
    def other_edit(self, nth: int, how: str) -> None:
        """Another dispatcher changes something at the server."""
        visit = self._server_visit(nth, ("scheduled",))
        if visit is None:
            return
        if how == "move" and visit.start is not None and visit.end is not None:
            visit.start += timedelta(minutes=7)
            visit.end += timedelta(minutes=7)
        else:
            visit.crew[:] = [self.room.others(*visit.crew)[nth % 2]]
        self._touch(visit)

    @rule(nth=st.integers(0, 30))
    def tech_status(self, nth: int) -> None:
        """A technician's phone goes one status on."""
        visit = self._server_visit(nth, _FORWARD[:-1])
        if visit is None or not visit.crew:
            return
        visit.status = _FORWARD[_FORWARD.index(visit.status) + 1]
        self._touch(visit)

    def _touch(self, visit: ServerVisit) -> None:
        self.touched.add(visit.id)
        self.room.world.touch_visit(visit, FixedClock.now(self.clock))

    @rule(nth=st.integers(0, 30))
    def delete(self, nth: int) -> None:
        """Another dispatcher deletes a job; its visits go with it."""
        world = self.room.world
        if len(world.jobs) < 6:
            return
        job_id = sorted(world.jobs)[nth % len(world.jobs)]
        self.touched.update(one.id for one in world.visits.values() if one.job_id == job_id)
        asked = httpx.Request(
            "DELETE", f"http://127.0.0.1:9/api/v1/jobs/{job_id}", headers={"X-API-Key": TOKEN}
        )
        answer = self.runner.run(self.room.wire.inner.handle_async_request(asked))
        assert answer.is_success

    # -- what must hold

    @invariant()
    def nothing_saved_is_missing_and_states_follow_the_graph(self) -> None:
        """S1 and S5."""
        there = {one.op_id: one.state for one in self._all()}
        for op_id, before in self.saved.items():
            assert op_id in there, f"S1: {op_id} is gone"
            after = there[op_id]
            assert after is before or after in _AFTER[before], f"S5: {op_id} went from {before} to {after}"
            self.saved[op_id] = after

    def _all(self) -> list[Operation]:
        return sorted(self.windows[0].outbox.all(None), key=lambda one: one.seq)

    @invariant()
    def windows_show_what_waits(self) -> None:
        """S2 and S4: what is on its way, or was taken and not yet read, is shown, alike in both windows."""
        pictures = []
        for store in self.windows:
            store.poll()
            pictures.append({one.id: one for one in store.visits()})
        assert pictures[0] == pictures[1]
        last: dict[tuple[str, str], tuple[Operation, Change]] = {}
        for one in self._all():
            for change in one.changes:
                if one.state in PENDING | {OpState.CONFIRMED}:
                    last[change.id, change.field] = (one, change)
        for (visit_id, name), (one, change) in last.items():
            shown = pictures[0].get(visit_id)
            if shown is None:
                continue
            value = fields.value_of(shown, name)
            if one.state in LIVE:
                assert value == change.value, f"S2: {one.op_id} is {one.state}, {value!r} is shown"
            elif one.state is OpState.ACKED and visit_id not in self.touched:
                assert value == change.value, f"S4: {one.op_id} was taken, {value!r} is shown"

    @invariant()
    def nothing_is_hidden_that_the_server_has(self) -> None:
        """S3."""
        with closing(CacheReader(self.room.files, ZONE)) as reader:
            for visit_id in self.room.world.visits:
                assert reader.own_visit(visit_id) is not None, f"S3: {visit_id} was taken away"

    @invariant()
    def nothing_is_done_twice(self) -> None:
        """Q3, as far as it can be told by the request: no move is carried out a second time."""
        for (path, content), times in self.applied.items():
            if "/visits/" in path and "scheduledStart" in content:
                assert times == 1, f"{content} was carried out {times} times"

    # -- the end

    def teardown(self) -> None:
        try:
            if hasattr(self, "windows"):
                self._come_to_rest()
        finally:
            if hasattr(self, "windows"):
                for store in self.windows:
                    store.close()
                self.room.engine.close()
                self.runner.run(self.room.backend.close())
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _come_to_rest(self) -> None:
        """Without lies: nothing waits any more, and the cache has what the server has."""
        room = self.room
        room.mend()
        self.clock.offset_s = 0.0
        for _ in range(6):
            self.clock.advance(4_000)
            self.runner.run(room.sync(full=True, patient=True))
        self.nothing_saved_is_missing_and_states_follow_the_graph()
        self.windows_show_what_waits()
        self.nothing_is_done_twice()
        waiting = [(one.op_id, one.state) for one in self._all() if one.state in PENDING]
        assert waiting == [], f"Q7: {waiting}"
        with closing(CacheReader(room.files, ZONE)) as reader:
            known = {one.id: one for one in reader.visits() if not one.made_up}
            differ = set(known) ^ set(room.world.visits)
            assert not differ, f"Q2: only one side has {sorted(differ)}"
            for visit_id, visit in room.world.visits.items():
                cached = reader.own_visit(visit_id)
                assert cached is not None
                assert [*cached.technician_ids] == visit.crew, f"Q2: {visit_id}"
                start = int(visit.start.timestamp()) if visit.start is not None else None
                assert cached.start == start or visit.status == "unscheduled", f"Q2: {visit_id}"


def _closure() -> dict[OpState, set[OpState]]:
    """Which state may follow which, in any number of steps."""
    after = {one: set(MOVES.get(one, ())) for one in OpState}
    for _ in OpState:
        for one, reached in after.items():
            after[one] = reached | {further for state in reached for further in after[state]}
    return after


_AFTER: Final = _closure()

_LONG: Final = settings.get_current_profile_name() == "long"
LyingServer.TestCase.settings = settings(
    max_examples=2_000 if _LONG else 60,
    stateful_step_count=50 if _LONG else 25,
    derandomize=not _LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestLyingServer = LyingServer.TestCase
