"""Fetching: what changed, what is new, what is no more.

Rows are stored as they come, in batches; the cursor moves only with the end of a complete walk.
Something is taken away only when a complete clean list lacks it and a read says so, too.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from fieldboard.backends.port import (
    Backend,
    LineDown,
    Reach,
    ReadAnswer,
    Reading,
    Row,
    TellsMore,
    WalkRequest,
    WalkResult,
)
from fieldboard.cache.connection import without_collecting
from fieldboard.domain.instants import HOUR, MINUTE, Instant, parse_instant
from fieldboard.domain.operation import Kind
from fieldboard.domain.rules import SystemRules
from fieldboard.domain.status import Status
from fieldboard.sync.landing import APART_S, Landing, Walk
from fieldboard.sync.line import Line, Sleep

BATCH: Final = 4_000
"""Rows stored in one transaction."""

WALKS: Final = 4
"""How often a list that comes in several pages is walked until nothing new turns up."""

CURSOR_KEEPS: Final = 7 * 24 * HOUR
"""A cursor that was not used for longer is not trusted: everything is fetched."""

OVERLAP: Final = 2 * MINUTE
OVERLAP_MOST: Final = HOUR

BRAKE_ROWS: Final = 5
BRAKE_SHARE: Final = 0.02

READS_A_ROUND: Final = 20
"""How many missing, doubtful or unknown entities a background round reads one by one."""

RECENT_EVERY_S: Final = 30 * MINUTE
"""How often a round that nobody waits for also reads what was made lately, where the list can be parted."""

WHOLE_EVERY_S: Final = 24 * HOUR
"""How often it reads everything."""

GLANCE_S: Final = MINUTE
"""How long a job is left alone that is under way and that no list of open ones shows."""

DETAILS_A_ROUND: Final = 40
"""How many entities a round reads for what only a read by id tells; a patient one ten times as many."""

_UNLISTED: Final = frozenset({Status.EN_ROUTE, Status.ON_SITE, Status.UNKNOWN})

_NEEDED: Final = frozenset({Kind.JOB, Kind.VISIT})
"""Without these there is no board; without the names of the others it goes on."""

LOG: Final = logging.getLogger(__name__)

_NOUNS: Final = {
    Kind.TECHNICIAN: "technicians",
    Kind.CUSTOMER: "customers",
    Kind.JOB: "jobs",
    Kind.VISIT: "visits",
}


@dataclass(slots=True)
class PullReport:
    """What a round fetched. `braked` says why missing entities were kept."""

    pulled: int = 0
    deleted: int = 0
    braked: str | None = None
    server_date: Instant | None = None


@dataclass(frozen=True, slots=True)
class _Missing:
    """What a complete clean list lacks."""

    kind: Kind
    ids: tuple[str, ...]


class Pull:
    """Fetches once. `full` walks everything; `patient` also waits for the second list that it takes."""

    def __init__(
        self,
        backend: Backend,
        landing: Landing,
        rules: SystemRules,
        line: Line,
        sleep: Sleep,
        *,
        full: bool,
        patient: bool,
        wrote: frozenset[Kind] = frozenset(),
        awaited: bool = True,
        accepts: bool = False,
    ) -> None:
        self._backend = backend
        self._landing = landing
        self._rules = rules
        self._line = line
        self._sleep = sleep
        self._full = full
        self._patient = patient
        self._wrote = wrote
        self._awaited = awaited
        self._accepts = accepts
        self._reads_left = 10_000 if patient else READS_A_ROUND
        self._left: tuple[str, ...] = ()
        self.report = PullReport()

    async def run(self) -> PullReport:
        """Fetch all that may have changed. Raises LineDown; what came until then is kept."""
        missing = [found for kind in self._backend.kinds() if (found := await self._kind(kind)) is not None]
        await self._doubtful()
        await self._unknown_jobs()
        await self._moved_on()
        await self._sweep(missing)
        if self._patient:
            await self._second_lists(missing)
        self._landing.scan_for_duplicates()
        await self._confirm()
        await self._details()
        if (anew := self._landing.said_anew()) is not None:
            self.report.braked = anew
            LOG.warning("%s", anew)
        return self.report

    # -- one kind ---------------------------------------------------------------------------------

    async def _kind(self, kind: Kind) -> _Missing | None:
        """Walk one kind; the ids that a complete clean list lacks, None where no absence means a thing."""
        if not self._due(kind):
            return None
        since = None if self._full or not self._backend.by_change(kind) else self._since(kind)
        found: _Missing | None = None
        walk: Walk | None = None
        looked = False
        for left in reversed(range(WALKS)):
            walk = await self._line.ask(partial(self._walk, kind, since, last=not left, looked=looked))
            found = self._missing_of(walk)
            if walk.complete and not walk.repeats:
                if walk.may_have_slipped:
                    LOG.info("the list of %s changes faster than it can be read", kind.value)
                break
            looked = looked or (walk.complete and not walk.may_have_slipped)
            if walk.body_hash is None and not walk.complete and walk.rows == 0:
                break
        if walk is not None and not walk.complete and kind in _NEEDED:
            raise LineDown(walk.why_not or f"The list of {_NOUNS[kind]} broke off")
        return found

    async def _walk(self, kind: Kind, since: str | None, *, last: bool, looked: bool) -> Walk:
        """One walk over a kind, stored as it comes; after the `last` none is made.

        What a whole list does not show readably is not asked for by changes: it is `looked` at a second
        time, and no third.
        """
        known = None
        # What changes brought in between is not in the hash of the last whole list: a job that came and
        # went since would leave a body as it was. Without a stamp there is nothing to ask changes by.
        fed = (
            self._backend.by_change(kind)
            and not self._landing.ignores_since(kind)
            and self._landing.cursor(kind) is not None
        )
        reach = self._reach(kind)
        # What is absent may be in that list, too, and would not be seen in it.
        quiet = (
            kind not in self._wrote and not self._landing.has_echo(kind) and not self._landing.absent(kind)
        )
        if reach is Reach.WHOLE and since is None and not fed and quiet:
            known = self._landing.body_hash(kind)
        result = WalkResult()
        walk = self._landing.begin(kind, whole=since is None and reach is Reach.WHOLE)
        batch: list[Row] = []
        came: set[str] = set()
        with without_collecting():
            async for page in self._backend.walk(WalkRequest(kind, since, known, reach), result):
                walk.saw(page)
                if reach is not Reach.WHOLE:
                    came.update(row.id for row in page.rows if row.kind is kind)
                self._landing.set_aside(page.set_aside)
                batch.extend(page.rows)
                while len(batch) >= BATCH:
                    self._store(walk, batch[:BATCH])
                    del batch[:BATCH]
                    # What is still there is little now, and only of that can anything be in circles.
                    gc.collect(0)
            self._store(walk, batch)
        if result.ignored_since and since is not None:
            LOG.warning("the system does not heed what was asked of %s: it sent older ones, too", kind.value)
            self._landing.learn_ignored_since(kind)
        if result.server_date is not None:
            self.report.server_date = result.server_date
        walk.complete, walk.clean, walk.why_not = result.complete, result.clean, result.why_not
        if not result.clean:
            LOG.info("list of %s: %s", kind.value, result.why_not or "not clean")
        unread = walk.whole and walk.unreadable and not looked and self._backend.by_change(kind)
        walk.repeats = not last and (walk.may_have_slipped or unread)
        if result.complete:
            self._landing.finish(walk, result)
            if reach is Reach.RECENT and not walk.repeats:
                # When everything was read stands in the cursor.
                self._landing.reached(kind, reach.value)
            if reach is not Reach.WHOLE and (result.covers or result.covers_days):
                self._left = self._landing.left(result.covers, came, result.covers_days)
        return walk

    def _due(self, kind: Kind) -> bool:
        """Whether the list of a kind is read in this round: in one that nobody waits for, not all are."""
        every = self._rules.list_every_s.get(kind.value, 0)
        if self._awaited or self._full or not every or kind in self._wrote or self._landing.half_read(kind):
            return True
        at = self._landing.whole_at(kind)
        return at is None or self._line.now - at >= every

    def _reach(self, kind: Kind) -> Reach:
        """How far the list of a kind is read in this round."""
        whole = self._landing.whole_at(kind)
        if kind.value not in self._rules.open_lists or self._awaited or self._full or whole is None:
            return Reach.WHOLE
        if self._landing.half_read(kind):
            return Reach.WHOLE
        if self._line.now - whole >= WHOLE_EVERY_S:
            return Reach.WHOLE
        recent = max(whole, self._landing.reached_at(kind, Reach.RECENT.value))
        return Reach.RECENT if self._line.now - recent >= RECENT_EVERY_S else Reach.OPEN

    def _store(self, walk: Walk, rows: Sequence[Row]) -> None:
        if rows:
            self.report.pulled += self._landing.store(walk, rows)
        if self._landing.first or self._full:
            self._landing.progress(walk.rows, walk.total, f"Fetching {_NOUNS[walk.kind]}")

    def _since(self, kind: Kind) -> str | None:
        """From when on changes are asked for: the run before the last, less an overlap."""
        stamp = self._landing.cursor(kind)
        if stamp is None or self._landing.ignores_since(kind) or self._landing.half_read(kind):
            return None
        try:
            at = parse_instant(stamp)
        except ValueError:
            LOG.warning("the stamp of %s cannot be read as a time: everything is fetched", kind.value)
            return None
        # By when it was last read, not by its stamp: nothing may have changed for long.
        if self._line.now - self._landing.read_at(kind) > CURSOR_KEEPS:
            return None
        overlap = min(OVERLAP_MOST, max(OVERLAP, 4 * self._landing.lateness(kind)))
        return datetime.fromtimestamp(at - overlap, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    # -- what is no more --------------------------------------------------------------------------

    def _missing_of(self, walk: Walk) -> _Missing | None:
        if not walk.whole or not walk.clean or not walk.complete or walk.unchanged:
            return None
        return _Missing(walk.kind, walk.missing)

    async def _sweep(self, lists: Sequence[_Missing]) -> None:
        """Take away what is gone: jobs first, their visits go with them."""
        for missing in sorted(lists, key=lambda one: one.kind is not Kind.JOB):
            self._landing.keep_absent_only(missing.kind, missing.ids)
            await self._sweep_kind(missing)

    async def _sweep_kind(self, missing: _Missing) -> None:
        kind, ids = missing.kind, [*missing.ids]
        if not ids:
            return
        if kind is Kind.VISIT:
            ids = self._without_gone_jobs(ids)
            jobs = self._landing.jobs_of(ids)
            doubt = self._too_many(kind, ids) or not self._full
            few = self._accepts or not self._too_many(Kind.JOB, jobs)
            if jobs and doubt and few and not self.report.braked:
                # A few jobs that were deleted take many visits with them; and where the list of jobs tells
                # changes only, a deleted one shows nowhere else.
                await self._look_for_jobs(ids)
                ids = self._without_gone_jobs(ids)
        if not ids:
            return
        if self._brakes(kind, ids):
            return
        gone = []
        for entity_id in ids:
            if self._reads_left <= 0:
                break
            self._reads_left -= 1
            if await self._is_gone(kind, entity_id):
                gone.append(entity_id)
        self._take_away(kind, gone)

    def _too_many(self, kind: Kind, ids: Sequence[str]) -> bool:
        """Whether so many of a kind are missing that a mistake is likelier."""
        known = self._landing.count(kind)
        return len(ids) > max(BRAKE_ROWS, known * BRAKE_SHARE) or (len(ids) >= known > 1)

    def _without_gone_jobs(self, ids: Sequence[str]) -> list[str]:
        """Take away the visits whose jobs are gone; those that are left."""
        with_job = self._landing.visits_of_gone_jobs(ids)
        self._take_away(Kind.VISIT, with_job)
        return [one for one in ids if one not in with_job]

    async def _look_for_jobs(self, visit_ids: Sequence[str]) -> None:
        """Read the jobs of missing visits."""
        if Kind.JOB.value not in self._rules.read_by_id:
            return
        for job_id in self._landing.jobs_of(visit_ids)[: max(0, self._reads_left)]:
            await self._read_one(Kind.JOB, job_id)

    def _brakes(self, kind: Kind, ids: Sequence[str]) -> bool:
        """Whether so many are missing at once that nothing of it is believed; the report then says so."""
        if self._accepts or not self._too_many(kind, ids):
            return False
        self.report.braked = (
            f"{len(ids)} of {self._landing.count(kind)} {_NOUNS[kind]} are missing at once from the system's "
            "list: they are kept; if that is meant, fieldboard sync --accept-missing lets them go"
        )
        LOG.warning("%s", self.report.braked)
        return True

    async def _is_gone(self, kind: Kind, entity_id: str) -> bool:
        if kind.value not in self._rules.read_by_id:
            return self._landing.absent_again(kind, entity_id, self._line.now)
        answer = await self._line.ask(lambda: self._backend.read(kind, entity_id))
        if answer.reading is Reading.FAILED:
            LOG.info("%s %s is kept: %s", kind.value, entity_id, answer.why)
            return False
        if answer.reading is Reading.FOUND:
            if answer.row is not None:
                self.report.pulled += self._landing.read([answer.row])
            return False
        certain = answer.confirmed_gone and not self._landing.may_lag(kind, entity_id)
        return certain or self._landing.absent_again(kind, entity_id, self._line.now)

    def _take_away(self, kind: Kind, ids: Sequence[str]) -> None:
        if ids:
            self.report.deleted += self._landing.gone(kind, ids)

    async def _second_lists(self, lists: Sequence[_Missing]) -> None:
        """Wait until a second list can confirm what the first one lacked, and take it."""
        waiting = [one.kind for one in lists if self._landing.absent(one.kind)]
        if not waiting or self.report.braked is not None:
            return
        first = max(at for kind in waiting for at in self._landing.absent(kind).values())
        self._landing.progress(0, None, "Looking a second time for what is missing")
        await self._sleep(max(0.0, first + APART_S - self._line.now) + 1)
        self._backend.begin_round()
        again = [found for kind in waiting if (found := await self._kind(kind)) is not None]
        await self._sweep(again)

    # -- reads by id ------------------------------------------------------------------------------

    async def _doubtful(self) -> None:
        """Rows that looked older than ours, or the same age and different: a read decides."""
        for kind, entity_id in self._landing.suspects(self._reads_left):
            await self._read_one(kind, entity_id)

    async def _unknown_jobs(self) -> None:
        """Jobs that only a visit speaks of."""
        for job_id in self._landing.unknown_jobs(self._reads_left):
            await self._read_one(Kind.JOB, job_id)

    async def _moved_on(self) -> None:
        """Jobs that the lists of open ones ought to have shown, and those that no list shows."""
        found = dict.fromkeys(self._left)
        if self._rules.open_lists and not self._awaited:
            found |= dict.fromkeys(self._landing.unlisted(_UNLISTED, self._line.now - GLANCE_S))
        gone: list[str] = []
        for job_id in [*found][: max(0, self._reads_left)]:
            if await self._read_one(Kind.JOB, job_id, keep=True):
                gone.append(job_id)
        if not self._brakes(Kind.JOB, gone):
            self._take_away(Kind.JOB, gone)

    async def _details(self) -> None:
        """What only a read by id tells, of what a board is about to show."""
        most = DETAILS_A_ROUND * (10 if self._awaited else 1)
        read = self._backend.detail if isinstance(self._backend, TellsMore) else self._backend.read
        for kind in self._backend.kinds():
            lasts = self._rules.details_last_s.get(kind.value)
            if lasts is None:
                continue
            queued = kind.value in self._rules.details_queued
            wanted = self._landing.wants_detail(kind, self._line.now - lasts, most, queued=queued)
            for done, entity_id in enumerate(wanted):
                answer = await self._line.ask(partial(read, kind, entity_id))
                if answer.reading is Reading.FAILED:
                    LOG.info("the details of %s are not to be had: %s", _NOUNS[kind], answer.why)
                    break
                if answer.row is not None:
                    self.report.pulled += self._landing.read([answer.row])
                if answer.row is None or answer.row.detail is None:
                    self._landing.no_detail(kind, entity_id)
                if self._landing.first:
                    self._landing.progress(done, len(wanted), f"Reading more of the {_NOUNS[kind]}")
            most -= len(wanted)

    async def _read_one(self, kind: Kind, entity_id: str, *, keep: bool = False) -> bool:
        """Read something by its id; True where it is gone, and was here. It is taken away unless `keep`."""
        self._reads_left -= 1
        answer = await self._line.ask(lambda: self._backend.read(kind, entity_id))
        if answer.reading is Reading.FOUND and answer.row is not None:
            self.report.pulled += self._landing.read([answer.row])
        elif answer.reading is Reading.GONE and answer.confirmed_gone:
            lags = self._landing.may_lag(kind, entity_id)
            if lags and not self._landing.absent_again(kind, entity_id, self._line.now):
                return False
            if keep and self._landing.holds(kind, entity_id):
                return True
            self._landing.known_gone(kind, entity_id)
            if self._landing.holds(kind, entity_id):
                self._take_away(kind, [entity_id])
                return True
        return False

    async def _confirm(self) -> None:
        """Values of ours that no list has shown: a read by id decides what the server has."""
        self._landing.lift_old()
        asked: set[Kind] = set()
        for kind, entity_id in self._landing.unconfirmed():
            fresh = kind.value in self._rules.read_by_id or kind not in asked
            asked.add(kind)
            answer = await self._line.ask(partial(self._backend.read, kind, entity_id, fresh=fresh))
            if answer.reading is Reading.FOUND and answer.row is not None:
                self.report.pulled += self._landing.read([answer.row])
            elif answer.reading is Reading.GONE and self._is_certain(kind, entity_id, answer):
                self.report.deleted += self._landing.gone(kind, [entity_id])

    def _is_certain(self, kind: Kind, entity_id: str, answer: ReadAnswer) -> bool:
        """Whether something that ought to be there is gone, by one read or by two lists."""
        if answer.confirmed_gone and not self._landing.may_lag(kind, entity_id):
            return True
        listed = kind.value not in self._rules.read_by_id
        if not answer.confirmed_gone and not (listed and not self._landing.is_here(kind, entity_id)):
            return False
        if self._landing.is_hollow(kind, answer.listed):
            return False
        return self._landing.absent_again(kind, entity_id, self._line.now)
