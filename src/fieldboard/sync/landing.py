"""Where what was read lands: base rows, echoes that end, edits that are confirmed by it.

One object serves one engine. It knows nothing of requests; it stores what they brought and answers
what the next decision needs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fieldboard.backends.port import Page, Row, SetAside, WalkResult
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.state import Run, SyncState
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import Clock
from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.instants import HOUR, MINUTE, Instant, Zone, instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind, Operation, OpState
from fieldboard.domain.status import Status
from fieldboard.domain.view import NEW, temporary_id
from fieldboard.domain.visit import PlannedVisit, Visit
from fieldboard.sync.report import RoundReport

OWN: Final = "sync."
"""How the names of facts begin that the sync itself keeps beside those of the adapter."""

LATENESS_KEPT: Final = 7 * 24 * HOUR
IGNORED_KEPT: Final = 24 * HOUR

APART_S: Final = 30
"""How far apart two lists must be before both of them lacking something means that it is gone."""

ECHO_LASTS_S: Final = 120
"""After this any read decides what a field is that we have written."""

LAG_S: Final = 60
"""How long a list may lag behind an edit that its server took."""

NEW_S: Final = 60.0
"""How long something counts as created just now, whose clock ever said so."""

KNOWN_AFTER_S: Final = 16.0
"""How far apart two reads by id must be before both not knowing something new means that it is gone."""

COPY_S: Final = 5 * MINUTE
"""How long after a request a second copy of it may still arrive at the server."""

DUPLICATES_KEPT: Final = 30 * 24 * HOUR

LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Walk:
    """One walk as it goes: how much came, and what is worth remembering of it.

    `missing` is what a complete clean walk did not show although the cache has it.
    """

    kind: Kind
    whole: bool
    run: Run
    rows: int = 0
    total: int | None = None
    fresh: bool = False
    clean: bool = False
    unchanged: bool = False
    body_hash: str | None = None
    newest: float | None = None
    stamp: str | None = None
    lateness: float = 0.0
    complete: bool = False
    missing: tuple[str, ...] = ()
    why_not: str | None = None

    def saw(self, page: Page) -> None:
        """Note a page of it."""
        self.total = page.total if page.total is not None else self.total
        self.unchanged = self.unchanged or page.unchanged
        self.body_hash = page.body_hash if page.body_hash is not None else self.body_hash

    @property
    def may_have_slipped(self) -> bool:
        """Whether rows may have moved between its pages: one body is one snapshot, several are not."""
        return self.body_hash is None and self.fresh and (self.clean or self.total is not None)


class Landing:
    """The writing side of the cache, for one engine. Raises StorageError from whatever stores."""

    def __init__(
        self, files: ProfileFiles, outbox: Outbox, zone: Zone, clock: Clock, read_by_id: AbstractSet[str]
    ) -> None:
        self._outbox = outbox
        self._read_by_id = read_by_id
        self._zone = zone
        self._clock = clock
        self._writer = CacheWriter(files, zone, clock)
        self._reader = CacheReader(files, zone)
        self._facts = dict(self._reader.learned())
        self._gone: set[tuple[Kind, str]] = set()
        self._visits_changed = True

    def close(self) -> None:
        """Close the files."""
        self._reader.close()
        self._writer.close()

    @property
    def _now(self) -> Instant:
        return instant_of(self._clock.now())

    # -- rounds -----------------------------------------------------------------------------------

    @property
    def first(self) -> bool:
        """Whether nothing was ever fetched whole."""
        return self.state().last_full_finished is None

    def state(self) -> SyncState:
        """What was last said about the sync."""
        return self._reader.state()

    def begin_round(self, started: Instant, pid: int) -> None:
        """Say that a round is under way; jobs that a broken first one left undrawn are drawn."""
        self._writer.draw_waiting()
        self._writer.set_state(last_round_started=started, syncer_pid=pid)

    def follow_clock(self, seconds: int) -> None:
        """This computer's clock was set by so much: what waits for an instant goes with it."""
        until = self.state().wait_until
        if until is not None:
            self._writer.set_state(wait_until=until + seconds)
        for kind in Kind:
            self._keep(f"absent.{kind.value}", {one: at + seconds for one, at in self.absent(kind).items()})

    def progress(self, done: int, total: int | None, says: str) -> None:
        """Say how far a long fetch is."""
        self._writer.set_state(progress_done=done, progress_total=total, progress_says=says)

    def end_round(
        self, report: RoundReport, *, full: bool, fetched: bool, server_offset_s: float | None
    ) -> None:
        """Say what came of a round."""
        state = self.state()
        said: dict[str, object] = {
            "last_round_finished": report.finished_at,
            "error": report.error,
            "wait_until": report.retry_at,
            "progress_done": None,
            "progress_total": None,
            "progress_says": None,
        }
        if report.reached:
            said |= {"last_ok": report.finished_at, "offline_since": None}
            if fetched and (full or state.last_full_finished is None):
                said["last_full_finished"] = report.finished_at
            if not fetched:
                said["error"] = state.error if state.offline_since is None else None
        elif state.offline_since is None:
            said["offline_since"] = report.finished_at
        if server_offset_s is not None:
            said["server_offset_s"] = server_offset_s
        self._writer.set_state(**said)
        self._writer.checkpoint()

    def learn(self, facts: Mapping[str, str]) -> None:
        """Keep what the server taught the adapter, and our own facts beside it."""
        wanted = {name: value for name, value in self._facts.items() if name.startswith(OWN)}
        wanted |= {name: value for name, value in facts.items() if not name.startswith(OWN)}
        if wanted != self._reader.learned():
            self._writer.learn(wanted)
        self._facts = wanted

    # -- walks ------------------------------------------------------------------------------------

    def cursor(self, kind: Kind) -> str | None:
        """The stamp from which on changes are asked for: that of the run before the last."""
        cursor = self._writer.cursor(kind)
        if cursor is None or cursor.full_at is None:
            return None
        return cursor.previous_stamp or cursor.stamp

    def read_at(self, kind: Kind) -> Instant:
        """When changes of a kind were last read to the end; 0 for never."""
        cursor = self._writer.cursor(kind)
        return cursor.finished_at if cursor is not None else 0

    def body_hash(self, kind: Kind) -> str | None:
        """The hash of the list as it was last stored."""
        cursor = self._writer.cursor(kind)
        return cursor.body_hash if cursor is not None else None

    def begin(self, kind: Kind, *, whole: bool) -> Walk:
        """Begin a walk."""
        return Walk(kind, whole, self._writer.begin_run(kind, whole))

    def store(self, walk: Walk, rows: Sequence[Row]) -> int:
        """Store a batch of a walk; returns how many entities are new or changed."""
        cursor = self._writer.cursor(walk.kind)
        high = _seconds(cursor.stamp) if cursor is not None else None
        count = self._writer.store(rows, walk.run)
        walk.rows += len(rows)
        walk.fresh = walk.fresh or bool(count.ids)
        self._visits_changed = self._visits_changed or (walk.kind is Kind.VISIT and bool(count.ids))
        different = {one for _kind, one in count.ids}
        for row in rows:
            if row.stamp_at is None:
                continue
            if walk.newest is None or row.stamp_at > walk.newest:
                walk.newest, walk.stamp = row.stamp_at, row.stamp
            if high is not None and not walk.whole and row.id in different and row.stamp_at < high:
                walk.lateness = max(walk.lateness, high - row.stamp_at)
        self._shown(rows, decides=walk.kind.value not in self._read_by_id)
        return len(different)

    def finish(self, walk: Walk, result: WalkResult) -> None:
        """End a complete walk: the cursor moves with it."""
        stamp = walk.stamp
        if stamp is not None and walk.newest is not None and result.server_date is not None:
            # A stamp from the future would hide what comes until then.
            stamp = stamp if walk.newest <= result.server_date + 1 else None
        if walk.lateness:
            self._note_lateness(walk.kind, walk.lateness)
        if walk.whole and walk.clean and not walk.unchanged:
            walk.missing = tuple(self._writer.missing(walk.run))
        # A body that lacks something is read again until that is settled.
        whole_hash = None if walk.missing else walk.body_hash
        self._writer.finish_walk(
            walk.run,
            complete=True,
            clean=result.clean,
            stamp=stamp,
            body_hash=whole_hash if walk.whole else self.body_hash(walk.kind),
        )

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Keep rows that could not be read, to be counted and shown."""
        if rows:
            self._writer.set_aside(rows)

    def lateness(self, kind: Kind) -> int:
        """The worst of the last days, in seconds: how far below the newest stamp a change turned up."""
        said = self._own(f"lateness.{kind.value}")
        if said is None or self._now - said.get("at", 0) > LATENESS_KEPT:
            return 0
        return int(said.get("worst", 0))

    def _note_lateness(self, kind: Kind, seconds: float) -> None:
        if seconds >= self.lateness(kind):
            self._keep(f"lateness.{kind.value}", {"worst": int(seconds) + 1, "at": self._now})

    def ignores_since(self, kind: Kind) -> bool:
        """Whether the system lately sent everything although it was asked for changes."""
        said = self._own(f"ignores_since.{kind.value}")
        return said is not None and self._now - said.get("at", 0) < IGNORED_KEPT

    def learn_ignored_since(self, kind: Kind) -> None:
        """The system sent everything although it was asked for changes: do not ask so for a day."""
        self._keep(f"ignores_since.{kind.value}", {"at": self._now})

    def suspects(self, most: int) -> list[tuple[Kind, str]]:
        """What has to be read by id because a list showed it older than it was."""
        found = [(kind, one) for kind in (Kind.JOB, Kind.CUSTOMER) for one in self._writer.suspects(kind)]
        return found[: max(0, most)]

    def unknown_jobs(self, most: int) -> list[str]:
        """Jobs that visits speak of and no list has shown."""
        if not self._visits_changed:
            return []
        found = [one for one in self._reader.unknown_jobs() if (Kind.JOB, one) not in self._gone]
        self._visits_changed = bool(found)
        return found[: max(0, most)]

    # -- what is read in parts ---------------------------------------------------------------------

    def whole_at(self, kind: Kind) -> Instant | None:
        """When the whole list of a kind was last read."""
        cursor = self._writer.cursor(kind)
        return cursor.full_at if cursor is not None else None

    def reached(self, kind: Kind, reach: str) -> None:
        """Note that a part of a list was read."""
        self._keep(f"reached.{reach}.{kind.value}", {"at": self._now})

    def reached_at(self, kind: Kind, reach: str) -> Instant:
        """When such a part was last read; 0 for never."""
        return int((self._own(f"reached.{reach}.{kind.value}") or {}).get("at", 0))

    def left(self, covers: AbstractSet[Status], came: AbstractSet[str]) -> tuple[str, ...]:
        """The jobs that are in one of these statuses here, and did not come with those that are."""
        return tuple(self._writer.unseen(covers, came))

    def unlisted(self, statuses: AbstractSet[Status], before: Instant) -> tuple[str, ...]:
        """The jobs in one of these statuses that nothing has shown since a moment."""
        return tuple(self._writer.seen_before(statuses, before))

    def wants_detail(self, kind: Kind, before: Instant, most: int) -> list[str]:
        """What is shown from yesterday to tomorrow, or queued, and was not read by id since `before`."""
        if most <= 0:
            return []
        today = self._zone.date_of(self._now)
        first, last = (self._zone.day_bounds(today + timedelta(days=days))[0] for days in (-1, 2))
        return self._writer.wants_detail(kind, (first, last), before, most)

    def no_detail(self, kind: Kind, entity_id: str) -> None:
        """A read by id told nothing more."""
        self._writer.no_detail(kind, entity_id)

    # -- what is no more --------------------------------------------------------------------------

    def count(self, kind: Kind) -> int:
        """How many of a kind the server had when last seen."""
        return self._writer.known(kind)

    def jobs(self) -> int:
        """How many jobs there are."""
        return self._writer.known(Kind.JOB)

    def holds(self, kind: Kind, entity_id: str) -> bool:
        """Whether the cache shows the entity."""
        return kind is Kind.JOB and self._reader.job(entity_id) is not None

    def visits_of_gone_jobs(self, ids: Sequence[str]) -> list[str]:
        """Those of the visits whose job is known to be gone; one that is not shown any more went with it."""
        shown = {visit.id: visit.job_id for visit in self._reader.planned(ids)}
        return [one for one in ids if one not in shown or (Kind.JOB, shown[one]) in self._gone]

    def job_of_visit(self, visit_id: str) -> str | None:
        """The job of a visit, as far as the cache knows."""
        found = self._reader.planned([visit_id])
        return found[0].job_id if found else None

    def may_lag(self, kind: Kind, entity_id: str) -> bool:
        """Whether an entity is so new that a server which lags behind itself may not know it yet."""
        return self.lag_left(kind, entity_id) > 0

    def lag_left(self, kind: Kind, entity_id: str) -> float:
        """For how many seconds more something may be too new for every part of the server to know it."""
        if kind is not Kind.JOB or self._deleted_by_us(kind, entity_id):
            return 0.0
        job = self._reader.job(entity_id)
        if job is None or job.created_at is None:
            ours = job is None and entity_id in self._outbox.idmap().values()
            return NEW_S if ours else 0.0
        there = self._now + (self.state().server_offset_s or 0)
        return max(0.0, NEW_S - abs(there - job.created_at))

    def _deleted_by_us(self, kind: Kind, entity_id: str) -> bool:
        """Whether the server said yes to our deletion: that it is gone is then no lag."""
        return any(
            operation.state is OpState.ACKED
            and any(
                change.field == fields.DELETED and change.kind is kind and self._id(change.id) == entity_id
                for change in operation.changes
            )
            for operation in self._outbox.live()
        )

    def absent(self, kind: Kind) -> Mapping[str, Instant]:
        """What complete clean lists lacked, each since when."""
        return {one: int(at) for one, at in (self._own(f"absent.{kind.value}") or {}).items()}

    def absent_again(self, kind: Kind, entity_id: str, now: Instant) -> bool:
        """Note that a list lacks something; True where another did so long enough before."""
        absent = dict(self.absent(kind))
        since = absent[entity_id] = min(absent.get(entity_id, now), now)
        self._keep(f"absent.{kind.value}", absent)
        return now - since >= APART_S

    def keep_absent_only(self, kind: Kind, ids: Sequence[str]) -> None:
        """What the newest list shows again is not absent."""
        absent = self.absent(kind)
        left = {one: at for one, at in absent.items() if one in set(ids)}
        if left != absent:
            self._keep(f"absent.{kind.value}", left)

    def known_gone(self, kind: Kind, entity_id: str) -> None:
        """A read said that something does not exist."""
        self._gone.add((kind, entity_id))

    def gone_by_read(self, kind: Kind, entity_id: str) -> None:
        """A read said so while an edit waited for it: taken away once its edits are settled."""
        self._gone.add((kind, entity_id))

    def gone(self, kind: Kind, ids: Sequence[str]) -> int:
        """Take away what is confirmed to be gone; what edits still wait for stays. Returns how many."""
        waited_for = {
            (change.kind, change.id)
            for operation in self._outbox.live()
            if operation.state in (OpState.QUEUED, OpState.SENDING, OpState.UNCERTAIN)
            for change in operation.changes
            if change.field != fields.DELETED
        }
        free = [one for one in ids if (kind, one) not in waited_for]
        self._gone |= {(kind, one) for one in ids}
        if free:
            self._writer.mark_gone(kind, free)
            self._confirm_gone(kind, set(free))
            self.keep_absent_only(kind, [one for one in self.absent(kind) if one not in set(free)])
        return len(free)

    # -- reads and answers ------------------------------------------------------------------------

    def read(self, rows: Sequence[Row]) -> int:
        """Store what was read one by one: it is how things are, and ends echoes."""
        count = self._writer.store(rows)
        self._gone -= {(row.kind, row.id) for row in rows}
        self._shown(rows, decides=True)
        return len(count.ids)

    def answered(self, rows: Sequence[Row]) -> None:
        """Store what came back from a request that wrote: no echo ends by it."""
        self._writer.store(rows)

    # -- echoes -----------------------------------------------------------------------------------

    def echo(self, operation: Operation) -> None:
        """The server took the operation: its values are shown until a read shows them."""
        ids = {
            change.id: known
            for change in operation.changes
            if (known := self.server_id(change.id)) is not None
        }
        self._writer.put_echo(operation, ids)

    def lift_old(self) -> None:
        """End the echoes of confirmed edits once no server can lag behind them any more."""
        echoes = self._writer.echoes()
        if not echoes:
            return
        acked = {one.op_id for one in self._outbox.live() if one.state is OpState.ACKED}
        for echo, at in echoes:
            if echo.op_id not in acked and not 0 <= self._now - at < LAG_S:
                self._writer.lift_echo(kind=echo.kind, entity_id=echo.id, field=echo.field)

    def has_echo(self, kind: Kind) -> bool:
        """Whether a value of ours of this kind waits for a read."""
        return any(echo.kind is kind for echo, _at in self._writer.echoes())

    def unconfirmed(self) -> list[tuple[Kind, str]]:
        """The entities whose values of ours no read has shown yet."""
        acked = [one for one in self._outbox.live() if one.state is OpState.ACKED]
        ids = {one.op_id for one in acked}
        waiting = [(echo.kind, echo.id) for echo, _at in self._writer.echoes() if echo.op_id in ids]
        for operation in acked:
            waiting.extend((one.kind, self._id(one.id)) for one in operation.changes)
        return list(dict.fromkeys(one for one in waiting if not one[1].startswith(f"{NEW}:")))

    def server_id(self, temporary: str) -> str | None:
        """What the server calls something that an edit has created; None while it is not there."""
        return self._outbox.idmap().get(temporary)

    def _shown(self, rows: Sequence[Row], *, decides: bool) -> None:
        """End the echoes that a read has answered, and confirm the edits that have none left.

        A read that `decides` ends an echo also by showing another value: one by id, or the list of a
        kind that cannot be read by id. Where such a list still shows what was before our edit, it
        may only lag behind.
        """
        echoes = self._writer.echoes()
        told: set[tuple[Kind, str, str]] = set()
        acked = [one for one in self._outbox.live() if one.state is OpState.ACKED]
        if not echoes and not acked:
            return
        seen = {(row.kind, row.id): row.entity for row in rows}
        for echo, at in echoes:
            entity = seen.get((echo.kind, echo.id))
            if not isinstance(entity, Job | Visit):
                continue
            value = _value(entity, echo.field)
            # One from the future is from before this computer's clock was put back.
            age = self._now - at if self._now >= at else ECHO_LASTS_S
            if fields.shows(entity, echo.field, echo.value):
                # Another server may still lag behind the one that showed it.
                told.add((echo.kind, echo.id, echo.field))
                over = age >= LAG_S
            elif decides or echo.kind.value not in self._read_by_id:
                over = age >= LAG_S or value != self._before(echo.op_id, echo.id, echo.field)
            else:
                over = age >= ECHO_LASTS_S
            if over:
                self._writer.lift_echo(kind=echo.kind, entity_id=echo.id, field=echo.field)
        self._confirm(acked, set(seen), told)

    def _before(self, op_id: str, entity_id: str, name: str) -> Json:
        """What the dispatcher had seen before the edit."""
        operation = self._outbox.get(op_id)
        for change in operation.changes if operation is not None else ():
            if change.field == name and self._id(change.id) == entity_id:
                return change.expected
        return None

    def _confirm(
        self,
        acked: Sequence[Operation],
        seen: set[tuple[Kind, str]],
        told: set[tuple[Kind, str, str]],
    ) -> None:
        left = {
            echo.op_id for echo, _at in self._writer.echoes() if (echo.kind, echo.id, echo.field) not in told
        }
        for operation in acked:
            if operation.op_id in left:
                continue
            if all(self._is_shown(change, seen) for change in operation.changes):
                self._outbox.settle(operation.op_id, None, OpState.ACKED, OpState.CONFIRMED)

    def _is_shown(self, change: Change, seen: set[tuple[Kind, str]]) -> bool:
        """Whether the reads said what there is to say about a change that left no echo."""
        if change.field == fields.DELETED:
            return False
        if change.field == fields.CREATED:
            return (change.kind, self._id(change.id)) in seen
        return True

    def _confirm_gone(self, kind: Kind, ids: set[str]) -> None:
        """What the server took from us of something that is gone will never be shown by a read."""
        for operation in self._outbox.live():
            about = [one for one in operation.changes if one.kind is kind and self._id(one.id) in ids]
            if operation.state is not OpState.ACKED or not about:
                continue
            says = operation.reason
            if any(one.field != fields.DELETED for one in about):
                says = f"The {kind.value} was removed at the server since."
            self._outbox.settle(operation.op_id, None, OpState.ACKED, OpState.CONFIRMED, reason=says)

    def _id(self, entity_id: str) -> str:
        return self.server_id(entity_id) or entity_id

    def scan_for_duplicates(self) -> None:
        """Edits that created something which is at the server twice: a copy came late.

        A request that the line delivered a second time after we were told yes shows itself only so.
        """
        since = self._now - DUPLICATES_KEPT
        for operation in self._outbox.all(since):
            if operation.state not in (OpState.ACKED, OpState.CONFIRMED) or operation.noted:
                continue
            made = next((one for one in operation.changes if one.field == fields.CREATED), None)
            own = self._outbox.ids().get((made.kind, temporary_id(operation.op_id))) if made else None
            if made is None or own is None:
                continue
            copies = self._copies_of_job(operation, own)
            if made.kind is Kind.VISIT:
                copies = self._copies_of_visit(operation, made, own)
            if copies:
                self._outbox.settle(
                    operation.op_id,
                    None,
                    operation.state,
                    OpState.DUPLICATE,
                    [made_twice(made, [own, *copies], self._now)],
                    reason=f"The {made.kind.value} is at the server twice: {own} and {', '.join(copies)}.",
                )

    def _copies_of_job(self, operation: Operation, own: str) -> list[str]:
        markers = {one.marker for one in self._outbox.steps_of(operation.op_id)} - {None}
        return sorted(
            one.id for marker in markers for one in self._reader.job_by_number(str(marker)) if one.id != own
        )

    def _copies_of_visit(self, operation: Operation, made: Change, own: str) -> list[str]:
        """Visits that nobody here made, and that are in all as ours was sent, at about the same time."""
        value = made.value if isinstance(made.value, dict) else {}
        there = self._reader.planned_of_job(self._id(str(value.get("job_id", ""))))
        mine = {*self._outbox.idmap().values()}
        born = next((one.created_at for one in there if one.id == own), operation.sent_at) or 0
        return [
            one.id
            for one in there
            if one.id not in mine
            and not one.made_up
            and abs((one.created_at or 0) - born) <= COPY_S
            and _value(one, fields.TIMES) == value.get(fields.TIMES)
            and _value(one, fields.TECHNICIANS) == (value.get(fields.TECHNICIANS) or [])
        ]

    # -- house ------------------------------------------------------------------------------------

    def retain(self) -> None:
        """Drop what is too old to be looked at."""
        self._writer.retain(self._zone.date_of(self._now))
        self._writer.history.purge()
        self._outbox.purge()
        self._writer.checkpoint()

    # -- facts of our own -------------------------------------------------------------------------

    def _own(self, name: str) -> dict[str, int] | None:
        said = self._facts.get(OWN + name)
        if said is None:
            return None
        found = json.loads(said)
        return found if isinstance(found, dict) else None

    def _keep(self, name: str, value: Mapping[str, int]) -> None:
        if value:
            self._facts[OWN + name] = json.dumps(value, sort_keys=True)
        else:
            self._facts.pop(OWN + name, None)
        self._writer.learn(self._facts)


def made_twice(change: Change, ids: Sequence[str], seen_at: Instant) -> Contest:
    """What somebody has to decide about something that is at the server more than once."""
    return Contest(
        change.kind, change.id, change.field, change.expected, change.value, [*ids], seen_at=seen_at
    )


def note_trouble(files: ProfileFiles, zone: Zone, clock: Clock, says: str) -> None:
    """Say on the board why there is no sync, where no engine could be opened. Raises StorageError."""
    now = instant_of(clock.now())
    writer = CacheWriter(files, zone, clock)
    reader = CacheReader(files, zone)
    try:
        since = reader.state().offline_since
        writer.set_state(error=says, offline_since=now if since is None else since, last_round_finished=now)
    finally:
        reader.close()
        writer.close()


def _value(entity: Job | Visit | PlannedVisit, name: str) -> Json:
    try:
        return fields.value_of(entity, name)
    except KeyError:
        return None


def _seconds(stamp: str | None) -> float | None:
    from datetime import datetime

    if stamp is None:
        return None
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None
