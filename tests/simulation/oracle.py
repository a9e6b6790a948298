"""What must hold: watched at every step, and asked of everything at rest.

The oracle sees what no client can: the server's history of who wrote what when. Names of the invariants
are those of the table in README.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from fieldboard.backends.port import Step
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.store import Store
from fieldboard.domain import fields as names
from fieldboard.domain.fields import value_of
from fieldboard.domain.operation import LIVE, PENDING, Change, Kind, Operation, OpState
from fieldboard.domain.view import temporary_id
from tests.simulation import beliefs
from tests.simulation.beliefs import Beliefs
from tests.simulation.clock import SimClock
from tests.simulation.disk import Process
from tests.simulation.server import TOKEN, Facts, Ref, Server, Write
from tests.simulation.systems.played import Played

GRAPH: Final = {
    None: {"queued"},
    "queued": {"sending", "rejected", "conflict", "superseded", "gone", "cancelled", "duplicate", "ask"},
    "sending": {
        "acked", "uncertain", "queued", "rejected", "conflict", "superseded", "gone", "duplicate", "ask",
    },
    "uncertain": {"acked", "queued", "conflict", "superseded", "ask", "gone", "duplicate", "uncertain"},
    "acked": {"confirmed", "duplicate", "superseded", "conflict", "gone"},
    "ask": {"acked", "queued", "duplicate"},
    "confirmed": {"duplicate"},
    "duplicate": {"acked", "confirmed"},
}  # fmt: skip
"""The fate of an edit, written down a second time."""

_PARTLY: Final = "part of the edit was carried out"
"""What the reason of an edit says whose first requests were carried out, and not the last."""

STALE_S: Final = 100.0
"""No edit is decided by a value that the server last had so long ago."""

MISSED_S: Final = 30.0
"""What was made so long before must be found by a look-up."""

GAP_S: Final = 10.0
"""What stood for less long may have changed between a read and the write that follows it."""

UNSEEN_S: Final = 120.0
"""A foreign value that stood this long at the server must have been seen before it is overwritten."""


_OURS: Final = temporary_id("")
"""How an id begins that stands for what is still to be made."""


Sight = dict[tuple[Kind, str], dict[str, tuple[object, object]]]
"""What was seen of a job and its visits: each field as the server had it, and as it was shown."""


class Broken(Exception):
    """An invariant does not hold. `name` is its name."""

    def __init__(self, name: str, says: str) -> None:
        self.name = name
        super().__init__(name, says)

    def __str__(self) -> str:
        return ": ".join(map(str, self.args))


@dataclass
class _InFlight:
    process: Process | None
    op_id: str | None
    entity: str | None
    method: str
    path: str
    known: bool = False
    """It is on the disk that the server has done it: somebody else has looked it up."""


@dataclass
class Oracle:
    """Watches one schedule. `tell` what happens; it raises `Broken` through the schedule by `broken`."""

    server: Server
    clock: SimClock
    files: ProfileFiles
    trace: list[str] = field(default_factory=list)
    broken: Broken | None = None
    beliefs: Beliefs = field(init=False)
    acknowledged: dict[str, Operation] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    acked_at: dict[str, float] = field(default_factory=dict)
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    in_flight: list[_InFlight] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    late_copies: int = 0
    surfaced: int = 0
    untold: int = 0
    overwrote: int = 0
    checks: int = 0
    reads: dict[tuple[object, Kind, str], tuple[object, float]] = field(default_factory=dict)
    seen: dict[tuple[Kind, str], list[tuple[object, float]]] = field(default_factory=dict)
    put_back: int = 0
    unlooked: set[str] = field(default_factory=set)
    heard: dict[tuple[str, Ref, str], float] = field(default_factory=dict)
    answered: set[tuple[str, str]] = field(default_factory=set)
    braked: bool = False
    """Whether so much is missing that it is kept until somebody has looked."""
    lies: bool = False
    """Whether lists come empty that are not: then a look-up proves nothing."""
    fence: int = 0
    _digest: object = None
    _seen: int = 0
    blocked: dict[tuple[str, str | None], float] = field(default_factory=dict)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    verbose: bool = False
    _observer: sqlite3.Connection | None = None
    _outbox_rev: int = -1
    _known: dict[str, Operation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.beliefs = Beliefs(self.server.past)

    @property
    def played(self) -> Played:
        """The system that is played."""
        return self.server.played

    # -- the trace

    def note(self, *what: object) -> None:
        line = f"{self.clock.elapsed:.3f} " + " ".join(
            hashlib.blake2b(one, digest_size=4).hexdigest() if isinstance(one, bytes) else str(one)
            for one in what
        )
        self.trace.append(line)
        if self.verbose:
            print(line)  # noqa: T201

    def trace_hash(self) -> str:
        return hashlib.blake2b("\n".join(self.trace).encode(), digest_size=12).hexdigest()

    def fail(self, name: str, says: str) -> None:
        """Keep the first thing that does not hold, and let the schedule end."""
        if self.broken is None:
            self.note("BROKEN", name, says)
            self.broken = Broken(name, says)
            self.stopped.set()

    # -- requests

    def request(self, process: Process, method: str, path: str, query: str) -> None:
        """A request leaves. S6: what the cursor leaves out is applied already."""
        self.look_at_beliefs()
        tiers = (None, self.played.tier(method, path, query))
        early = max(self.blocked.get((process.name, one), 0.0) for one in tiers) - self.clock.elapsed
        if early > 0.6:
            self.fail("Q8", f"{method} {path} was asked {early:.1f} s too early")
        since = self.played.since(path, query) if method == "GET" else None
        if since is None:
            return
        known = self._stamps()
        for job_id, stamp in self.played.stamps().items():
            if stamp <= since and known.get(job_id, -1.0) < stamp - 0.0015:
                self.fail("S6", f"{job_id} of {stamp} lies before the cursor {since} and was not applied")

    def _stamps(self) -> dict[str, float]:
        rows = self._look("SELECT id, stamp_at FROM base WHERE kind = 'job' AND stamp_at IS NOT NULL")
        return dict(rows)

    def _look(self, sql: str) -> list[tuple[Any, ...]]:
        if self._observer is None:
            self._observer = sqlite3.connect(
                f"file:{self.files.cache}?mode=ro", uri=True, isolation_level=None
            )
        return self._observer.execute(sql).fetchall()

    def says(self, op_id: str | None, path: str, content: bytes) -> None:
        """A request that writes says this. Q4: it names nothing by an id that only we know."""
        if _OURS in unquote(path) or _OURS.encode() in content:
            self.fail("Q4", f"{op_id} names by our own id what the server is to have under another: {path}")

    def sent(self, process: Process | None, op_id: str | None, method: str, path: str, query: str) -> object:
        """A request that writes leaves. S7: no other is under way for the same entity."""
        entity = self.played.entity(method, path, query)
        one = _InFlight(process, op_id, entity, method, path)
        for other in self.in_flight:
            if (
                other.entity == entity
                and other.process is not None
                and other.process.alive
                and not other.process.zombie
                and entity is not None
            ):
                self.fail("S7", f"{op_id} and {other.op_id} are both under way for {entity}")
        # Who was stopped within a request, and lost the fence, says on what it had begun to say.
        old = process is not None and process.fence < self.fence
        if op_id is not None and op_id in self.unlooked and not old:
            self.fail("Q6", f"{op_id} lost an answer, and sends again without having looked what came of it")
        self.in_flight.append(one)
        return one

    def lost(self, process: Process, op_id: str | None) -> None:
        """A request of an edit had no answer that says what came of it."""
        # What one hears who has lost the fence was lost when it was taken, and may be looked up by now.
        if op_id is not None and process.fence >= self.fence:
            self.unlooked.add(op_id)

    def took_over(self, process: Process) -> None:
        """A process sends from now on: to it, what others have under way has no answer."""
        self.fence = max(self.fence, process.fence)
        self.unlooked.update(one.op_id for one in self.in_flight if one.op_id is not None and not one.known)

    def looked(self, op_id: str | None) -> None:
        """The server was asked about an edit, or about what it changes."""
        self.unlooked.discard(op_id or "")

    def heard_yes(self, operation: Operation, change: Change, step: Step) -> None:
        """It is on the disk that the server said yes to a request of a change."""
        self.heard.setdefault((operation.op_id, self._ref(change), change.field), self.clock.elapsed)
        self.answered.add((operation.op_id, _request(change, step)))
        for one in self.in_flight:
            same = (one.op_id, one.method) == (operation.op_id, step.method)
            one.known = one.known or (same and one.path.endswith(step.path))

    def begins(self, operation: Operation, change: Change, step: Step) -> None:
        """A request is about to be sent. Q3: nothing is made again of which it is known that it is there."""
        if not self.played.at_once or change.field in (names.STATUS, names.DELETED):
            return  # somebody may have gone the way back in between; what is gone is not made more so
        if (operation.op_id, _request(change, step)) in self.answered:
            self.fail("Q3", f"{operation.op_id} had its yes, and sends {step.says or step.path} again")

    def ended(self, token: object) -> None:
        assert isinstance(token, _InFlight)
        self.in_flight.remove(token)

    def wait_until(self, process: Process, elapsed: float, tier: str | None) -> None:
        """The server was heard to ask for no request (of a tier) before this. Q8 holds us to it."""
        key = (process.name, tier)
        self.blocked[key] = max(self.blocked.get(key, 0.0), elapsed)

    def was_read(self, kind: Kind, entity_id: str, entity: object) -> None:
        """The engine has read an entity in the task that now runs."""
        self.reads[(asyncio.current_task(), kind, entity_id)] = (entity, self.clock.elapsed)
        self.seen.setdefault((kind, entity_id), []).append((entity, self.clock.elapsed))

    def is_to_be_sent(self, operation: Operation, change: Change, *, follows: bool) -> None:
        """Q6: an edit is read before it is written, and what was read is what the dispatcher saw."""
        if change.field == names.DELETED:
            self._is_to_be_deleted(operation, change)
        if change.field in (names.CREATED, names.DELETED) or follows:
            return
        if self.played.job_follows(change):
            return
        found = self.reads.get((asyncio.current_task(), change.kind, change.id))
        if found is None:
            self.fail("Q6", f"{operation.op_id} writes {change.field} of {change.id} without having read it")
            return
        entity, _at = found
        try:
            value = value_of(entity, change.field)  # type: ignore[arg-type]
        except (KeyError, AttributeError):
            return
        ref, since = self._ref(change), self.clock.elapsed - STALE_S
        known = change.field in self.played.fields.get(change.kind.value, ())
        if known and not self.server.had(ref, change.field, value, since):
            self.fail("Q6", f"{operation.op_id} goes by {value!r} of {ref}, which is {STALE_S:.0f} s old")
        if value not in (change.expected, change.value) and change.field != names.STATUS:
            written = self.server.values((change.kind.value, change.id), change.field)
            if any(one.op_id == operation.op_id and one.new == value for one in written):
                return  # half of the way of this very edit
            if self.played.may_be_half_way(operation, change, value):
                return
            self.fail(
                "Q6", f"{operation.op_id} overwrites {value!r}, but the dispatcher saw {change.expected!r}"
            )

    def shows(self, store: Store, job_id: str) -> Sight:
        """What a window shows, and has from the server, of a job that is about to be deleted."""
        sight: Sight = {}
        shown = store.planned_of_job(job_id)
        refs: list[tuple[Kind, str]] = [(Kind.JOB, job_id)]
        refs += [(Kind.VISIT, one.id) for one in shown if not one.made_up]
        for kind, entity_id in refs:
            base = (
                self._known_of(store, (kind.value, entity_id)) if kind.value in self.played.fields else None
            )
            entity = (
                store.job(entity_id) if kind is Kind.JOB else next(iter(store.planned([entity_id])), None)
            )
            if base is None or entity is None:
                continue
            sight[(kind, entity_id)] = {one: (value, value_of(entity, one)) for one, value in base.items()}
        # What a status does to other statuses is the server's own doing.
        mine = [one for one in store.operations() if one.state in PENDING]
        if any(c.field == names.STATUS and (c.kind, c.id) in sight for one in mine for c in one.changes):
            sight = {ref: {n: v for n, v in has.items() if n != names.STATUS} for ref, has in sight.items()}
        return sight

    def _is_to_be_deleted(self, operation: Operation, change: Change) -> None:
        """Q6: a deletion is an overwrite of all that was read and that somebody else has changed since."""
        task = asyncio.current_task()
        if (task, change.kind, change.id) not in self.reads:
            self.fail("Q6", f"{operation.op_id} deletes {change.id} without having read it")
        sight = self.sights.get((operation.op_id, change.id))
        if not sight or any(op_id == operation.op_id for op_id, _ in self.answered):
            return
        had_visits = any(kind is Kind.VISIT for kind, _ in sight)
        for (of, kind, entity_id), (entity, _at) in self.reads.items():
            ref: Ref = (kind.value, entity_id)
            if of is not task or change.id not in (entity_id, getattr(entity, "job_id", None)):
                continue
            has = sight.get((kind, entity_id))
            if (
                has is None
                and had_visits
                and any(w.author != "ours" for w in self.server.values(ref, names.CREATED))
            ):
                self.fail("Q6", f"{operation.op_id} deletes {change.id} with {entity_id}, which came since")
            for name, known in (has or {}).items():
                if name == names.SEQUENCE:
                    continue  # a visit's place moves with every other one of its day
                value = value_of(entity, name)  # type: ignore[arg-type]
                made = [w for w in self.server.values(ref, name) if w.new == value]
                if value not in known and made and made[-1].author != "ours":
                    self.fail(
                        "Q6",
                        f"{operation.op_id} deletes {change.id} over {name} {value!r}; seen was {known!r}",
                    )

    # -- what the server wrote

    def look_at_history(self) -> None:
        """Q6 by the server's own account: what stood there long enough is not overwritten unseen."""
        history = self.server.history
        while self._seen < len(history):
            one = history[self._seen]
            self._seen += 1
            if one.author != "ours" or one.op_id is None or one.field in (names.CREATED, names.DELETED):
                continue
            operation = self.acknowledged.get(one.op_id)
            if operation is None:
                continue
            mine = [
                change
                for change in operation.changes
                if change.field == one.field and self._ref(change) == one.ref and change.value == one.new
            ]
            if not mine:
                continue
            if one.copy:
                self.late_copies += 1
                continue
            before = [w for w in self.server.values(one.ref, one.field) if w.at <= one.at and w is not one]
            last = before[-1] if before else None
            if last is None or last.author == "ours" or last.new != one.old or one.old == mine[0].expected:
                continue
            if one.field == names.STATUS:
                continue
            self.overwrote += 1
            age = one.at - last.at
            self.gaps.append(age)
            if age > UNSEEN_S:
                self.fail("Q6", f"{one.op_id} overwrote {one.old!r} of {one.ref}, {age:.0f} s old and unseen")

    # -- states

    def saved(self, operation: Operation) -> None:
        """The dispatcher was told that it is saved."""
        self.acknowledged[operation.op_id] = operation
        self.note("saved", operation.op_id, operation.intent, operation.entity)

    def moved(self, op_id: str, before: str | None, after: str) -> None:
        """S5: states only move along the graph."""
        self.moves[(before or "new", after)] += 1
        self.note("state", op_id, before, after)
        if before != after and after not in GRAPH.get(before, set()):
            self.fail("S5", f"{op_id} went from {before} to {after}")
        if after == "acked":
            self.acked_at[op_id] = self.clock.elapsed
        self.states[op_id] = after

    # -- the view

    def look(self, store: Store, name: str) -> None:
        """S2, S4 by one window; the store has just been polled."""
        self.checks += 1
        self.look_at_history()
        operations = self._operations(store)
        ids = store.outbox.idmap()
        last: dict[tuple[str, str, str], Operation] = {}
        jobs_touched: Counter[str] = Counter()
        for one in operations:
            self.acknowledged.setdefault(one.op_id, one)
            if one.state in PENDING:
                jobs_touched.update({self._job_of(one)})
            for change in one.changes:
                if one.state in PENDING | {OpState.CONFIRMED}:
                    last[(change.kind.value, ids.get(change.id, change.id), change.field)] = one
        for (kind, entity_id, name_of_field), one in last.items():
            if name_of_field in (names.CREATED, names.DELETED) or entity_id.startswith("new:"):
                continue
            if jobs_touched[self._job_of(one)] > (1 if one.state in PENDING else 0):
                continue
            change = next(
                c for c in one.changes if c.field == name_of_field and ids.get(c.id, c.id) == entity_id
            )
            shown = self._shown(store, kind, entity_id, name_of_field)
            if shown is _NOTHING or shown == change.value:
                continue
            if one.state in LIVE:
                self.fail("S2", f"{name}: {one.op_id} is {one.state}, but {shown!r} is shown for {change}")
            elif not self._changed_since(one, change, entity_id):
                self.fail("S4", f"{name}: {one.op_id} is {one.state}, but {shown!r} is shown for {change}")

    def _operations(self, store: Store) -> list[Operation]:
        """All edits in their order; only those that changed are read."""
        rev, changed = store.outbox.changed_since(self._outbox_rev)
        self._outbox_rev = rev
        self._known.update((one.op_id, one) for one in changed)
        return sorted(self._known.values(), key=lambda one: one.seq)

    def look_for_lost(self, store: Store) -> None:
        """S1: what was said to be saved is there."""
        there = {one.op_id for one in store.outbox.all(None)}
        for op_id in self.acknowledged.keys() - there:
            self.fail("S1", f"{op_id} was saved and is not in the outbox")

    def _job_of(self, one: Operation) -> str:
        ref = one.changes[0].id if one.changes else ""
        facts = self.server.facts.get(("visit", ref))
        return str(facts["job_id"]) if facts is not None else ref

    def _changed_since(self, one: Operation, change: Change, entity_id: str) -> bool:
        """Whether the server's own value was ever another since the edit took effect."""
        ref: Ref = (change.kind.value, entity_id)
        if change.field not in self.played.fields.get(change.kind.value, ()):
            return True
        if self.server.facts.get(ref, {}).get(change.field) != change.value:
            return True
        acked = self.acked_at.get(one.op_id, 0.0)
        return any(
            w.at >= acked - 60 and w.new != change.value for w in self.server.values(ref, change.field)
        )

    def _shown(self, store: Store, kind: str, entity_id: str, name: str) -> object:
        if kind == "job":
            job = store.job(entity_id)
            if job is None:
                return _NOTHING
            if name not in (names.TECHNICIANS, names.TIMES, names.STATUS):
                return value_of(job, name)
            # A job that has visits shows the sum of them; one that is its own visit shows what it has.
            found = store.planned_of_job(entity_id) if name in self.played.fields["job"] else []
            return value_of(found[0], name) if found and "visit" not in self.played.fields else _NOTHING
        found = store.planned([entity_id])
        return value_of(found[0], name) if found else _NOTHING

    def look_for_hidden(self) -> None:
        """S3: nothing is hidden that the server has and always had."""
        for kind, entity_id in self._look("SELECT kind, id FROM base WHERE gone_at IS NOT NULL"):
            ref = (str(kind), str(entity_id))
            if ref in self.server.facts:
                self.fail("S3", f"{ref} was taken away, and the server has it")

    def look_at_beliefs(self) -> None:
        """S10: no list puts back what the cache has of a job unless its stamp says that it is newer."""
        for says in self.beliefs.look(self._look(beliefs.ROWS)):
            self.fail("S10", says)

    def fetched(self) -> None:
        """A round has fetched all that it wanted. S10: what lists left in doubt was read by id."""
        self.look_at_beliefs()
        for says in self.beliefs.unread():
            self.fail("S10", says)

    # -- at rest

    def at_rest_incremental(self, store: Store) -> None:
        """Q1, Q7: nothing waits, and what was not deleted is as the server has it."""
        for one in on_their_way(store.outbox):
            self.fail("Q7", f"{one.op_id} ({one.intent}) is still {one.state}")
        self._compare(store, "Q1", whole=False, awaited=self.played.tells_by_itself())

    def at_rest_awaited(self, store: Store) -> None:
        """Q1 after a round that somebody waited for."""
        self._compare(store, "Q1", whole=False)

    def at_rest(self, store: Store, other: Store) -> None:
        """Q2 to Q6, Q9, S8 after a full round."""
        self.look_at_history()
        self.look_for_lost(store)
        self._compare(store, "Q2", whole=True)
        self._look_at_fates(store)
        self._look_at_order(store)
        mine, theirs = _picture(store), _picture(other)
        if mine != theirs:
            self.fail("Q9", f"the windows differ: {_difference(mine, theirs)}")
        self._look_for_secrets()

    def _compare(self, store: Store, name: str, *, whole: bool, awaited: bool = True) -> None:
        """The cache against the server; where not `awaited`, only what such a round must have brought."""
        facts = self.server.facts
        for ref, has in facts.items():
            known = self._known_of(store, ref)
            if not awaited and not self.played.is_told(has, known or {}):
                continue
            if known is None:
                self.fail(name, f"{ref} is at the server and not in the cache")
                continue
            for one, value in known.items():
                if value != has[one]:
                    self.fail(name, f"{one} of {ref} is {has[one]!r} at the server, {value!r} in the cache")
        if not whole:
            return
        for kind in self.played.fields:
            for entity_id, _ in self._look(
                f"SELECT id, 0 FROM base WHERE kind = '{kind}' AND gone_at IS NULL"  # noqa: S608
            ):
                if (kind, entity_id) not in facts and not self.braked:
                    self.fail(name, f"{kind} {entity_id} is in the cache, and the server has it no more")
        for job_id, row in self.played.rows().items():
            raw = store.reader.raw(Kind.JOB, job_id)
            if raw is None or json.loads(raw) != row:
                self.fail(name, f"{job_id} is not word for word what the server has")

    def _known_of(self, store: Store, ref: Ref) -> Facts | None:
        """What the cache has of an entity."""
        kind, entity_id = ref
        if kind == "visit":
            visit = store.reader.own_visit(entity_id)
            return (
                {one: value_of(visit, one) for one in self.played.fields[kind]} if visit is not None else None
            )
        job = store.reader.own_jobs([entity_id]).get(entity_id)
        return {one: value_of(job, one) for one in self.played.fields[kind]} if job is not None else None

    def _look_at_fates(self, store: Store) -> None:
        """Q3, Q4: what was said of each edit is true."""
        ids = store.outbox.idmap()
        for one in store.outbox.all(None):
            if one.state not in PENDING | {OpState.CONFIRMED, OpState.CANCELLED} and not one.reason:
                self.fail("Q3", f"{one.op_id} ended as {one.state} without a reason")
            mine = [w for w in self.server.history if w.op_id == one.op_id and w.author == "ours"]
            if one.state is OpState.CANCELLED and mine:
                self.fail("Q3", f"{one.op_id} is cancelled and was carried out")
            for change in one.changes:
                self._look_at_change(one, change, ids, mine)
            refs: list[Ref] = [(change.kind.value, ids.get(change.id, change.id)) for change in one.changes]
            # An edit of several ends where one of them is gone.
            if one.state is OpState.GONE and refs and all(ref in self.server.facts for ref in refs):
                self.fail("Q4", f"{one.op_id} was called gone, and the server has {refs}: {one.reason}")

    def _look_at_change(self, one: Operation, change: Change, ids: dict[str, str], mine: list[Write]) -> None:
        if change.field == names.CREATED:
            self._look_at_create(one, change, mine)
            return
        ref: Ref = (change.kind.value, ids.get(change.id, change.id))
        effects = [w for w in mine if w.ref == ref and w.field == change.field]
        done = [w for w in effects if not w.copy and w.old != w.new and w.new == change.value]
        told_no = one.state in (OpState.REJECTED, OpState.CONFLICT)
        partly = _PARTLY in (one.reason or "") or "kept another" in (one.reason or "")
        if told_no and done and not partly:
            self.fail("Q4", f"{one.op_id} was called {one.state}, but it was carried out: {done[0]}")
        if one.state is OpState.CONFIRMED:
            if change.field == names.DELETED:
                if ref in self.server.facts:
                    self.fail("Q4", f"{one.op_id} was confirmed, and {ref} is still there")
            elif change.field in self.played.fields.get(change.kind.value, ()) and not self.server.had(
                ref, change.field, change.value, 0
            ):
                self.fail("Q4", f"{one.op_id} was confirmed, and {ref} never had {change.value!r}")
        if change.field != names.STATUS:
            for first, second in pairwise(done):
                self._look_at_repeat(one, change, first, second)

    def _look_at_repeat(self, one: Operation, change: Change, first: Write, second: Write) -> None:
        """An edit took effect twice: somebody changed the field in between, and we had not seen ours there.

        Where they put back what was there before, no read tells that from an edit that never arrived. A copy
        of an older edit of ours that the line held back for longer than the settle time is like somebody.
        Nor could we know what they did after the second request had left.
        """
        heard = self.heard.get((one.op_id, first.ref, change.field))
        between = [w for w in self.server.values(first.ref, first.field) if first.at <= w.at <= second.at]
        theirs = [w for w in between if w.author != "ours" or (w.copy and w.op_id != one.op_id)]
        if not theirs:
            self.fail("Q3", f"{one.op_id} was carried out twice: {first} and {second}")
            return
        if heard is not None and first.at <= heard < second.at and second.sent - theirs[-1].at > GAP_S:
            self.fail("Q3", f"{one.op_id} had its yes at {heard:.1f}, and was carried out again: {second}")
        for entity, at in self.seen.get((change.kind, first.ref[1]), ()):
            if first.at <= at <= second.at and value_of(entity, change.field) == change.value:  # type: ignore[arg-type]
                self.fail("Q3", f"{one.op_id} was seen carried out at {at:.1f}, and then came {second}")
        self.put_back += 1

    def _look_at_create(self, one: Operation, change: Change, mine: list[Write]) -> None:
        made = [w for w in mine if w.field == names.CREATED and w.ref[0] == change.kind.value]
        if one.state is OpState.CONFIRMED and not made:
            self.fail("Q4", f"{one.op_id} was confirmed, and nothing was created")
        # A job that was made, and somebody else's before its technician was told: the reason says so much.
        if one.state in (OpState.REJECTED, OpState.CONFLICT) and made and _PARTLY not in (one.reason or ""):
            self.fail("Q4", f"{one.op_id} was called {one.state}, and {made[0].ref} was created")
        if len(made) > 1 and one.state not in (OpState.DUPLICATE, OpState.ASK) and not one.noted:
            left = [w for w in made if w.ref in self.server.facts and not self._was_taken_over(w)]
            if len(left) > 1:
                self.fail("Q3", f"{one.op_id} ({one.state}) made {[w.ref for w in made]}, and nobody is told")
        if len(made) > 1:
            self.surfaced += 1
            self._look_at_second(one, [w for w in made if not w.copy])

    def _look_at_second(self, one: Operation, made: list[Write]) -> None:
        """What was made is not made again as long as it is there, and as it was made."""
        for first, second in pairwise(made):
            touched = any(
                w.ref == first.ref and w.author != "ours" and w.at < second.at for w in self.server.history
            )
            if second.at - first.at > MISSED_S and not touched and not self.lies:
                self.fail("Q3", f"{one.op_id} made {first.ref} at {first.at:.1f}, and then made {second.ref}")

    def _was_taken_over(self, made: Write) -> bool:
        """Whether somebody else has changed what was made twice, where nothing bears a mark of ours.

        Such a copy cannot be told from something of theirs.
        """
        if made.ref[0] not in self.played.unmarked or (made.ref[0] == "visit" and not made.copy):
            return False
        taken = any(w.ref == made.ref and w.author != "ours" for w in self.server.history)
        self.untold += taken
        return taken

    def _look_at_order(self, store: Store) -> None:
        """Q5: edits of a field take effect in the order in which they were made."""
        ids = store.outbox.idmap()
        first: dict[tuple[Ref, str], list[tuple[int, float, str]]] = {}
        seqs = {one.op_id: one.seq for one in store.outbox.all(None)}
        changes = {
            (one.op_id, (c.kind.value, ids.get(c.id, c.id)), c.field, json.dumps(c.value))
            for one in store.outbox.all(None)
            for c in one.changes
        }
        for w in self.server.history:
            if w.author != "ours" or w.op_id not in seqs or w.copy or w.old == w.new:
                continue
            if (w.op_id, w.ref, w.field, json.dumps(w.new)) in changes:
                first.setdefault((w.ref, w.field), []).append((seqs[w.op_id], w.at, w.op_id))
        for key, entries in first.items():
            for before, after in pairwise(entries):
                if before[0] > after[0]:
                    self.fail("Q5", f"{key}: {after[2]} took effect after {before[2]}, which is newer")

    def _look_for_secrets(self) -> None:
        secret = TOKEN.encode()
        for path in Path(self.files.folder).rglob("*"):
            if path.is_file() and secret in path.read_bytes():
                self.fail("S8", f"the token is in {path.name}")

    def _ref(self, change: Change) -> Ref:
        return (change.kind.value, self.server_ids.get(change.id, change.id))

    server_ids: dict[str, str] = field(default_factory=dict)
    sights: dict[tuple[str, str], Sight] = field(default_factory=dict)
    """What was seen of the jobs that edits delete, by the edit and the job."""

    def close(self) -> None:
        if self._observer is not None:
            self._observer.close()


def on_their_way(outbox: Outbox) -> list[Operation]:
    """The edits that are pending and wait for no person.

    What was made for something of which a person has to say whether it is there waits for that, and so
    does what was made later for the same entity.
    """
    asked = {
        temporary_id(one.op_id) for one in outbox.all(None) if one.state in (OpState.ASK, OpState.DUPLICATE)
    }
    behind: set[str] = set()
    found = []
    for one in outbox.live():
        mine = {change.id for change in one.changes}
        # A visit of a job that is still to be made has the job's id in what it is made of.
        made_of = [change.value for change in one.changes if isinstance(change.value, dict)]
        mine |= {str(value["job_id"]) for value in made_of if "job_id" in value}
        if mine & asked:
            behind |= mine
        elif one.state in PENDING and not mine & behind:
            found.append(one)
    return found


def _request(change: Change, step: Step) -> str:
    """What tells a request of an edit from its others; one that creates is known by its number."""
    if change.field == names.CREATED:
        return str(step.index)
    return json.dumps([step.method, step.path, step.body], sort_keys=True)


class _Nothing:
    pass


_NOTHING: Final = _Nothing()


def _picture(store: Store) -> dict[str, object]:
    """All that a window shows."""
    found: dict[str, object] = {f"v:{one.id}": one for one in store.visits()}
    found.update({f"j:{one.id}": one for one in store.jobs()})
    return found


def _difference(mine: dict[str, object], theirs: dict[str, object]) -> str:
    keys = [key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)]
    key = min(keys)
    return f"{key}: {mine.get(key)} and {theirs.get(key)}"


__all__ = ["Broken", "Oracle", "temporary_id"]
