"""Walks over whole lists or what changed in them: what came, and how far it was read."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from fieldboard.backends.port import Page, Row, SetAside, WalkResult
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.state import Run
from fieldboard.clock import Clock
from fieldboard.domain.instants import HOUR, Instant, Zone
from fieldboard.domain.operation import Kind
from fieldboard.domain.status import Status
from fieldboard.sync.absence import Absences
from fieldboard.sync.anew import Anew

LATENESS_KEPT: Final = 7 * 24 * HOUR
IGNORED_KEPT: Final = 24 * HOUR


@dataclass(slots=True)
class Walk:
    """One walk as it goes: how much came, and what is worth remembering of it.

    `missing` is what a complete clean walk did not show although the cache has it, `repeats` whether the
    same is read once more, because rows may have slipped from one page to another.
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
    unreadable: bool = False
    repeats: bool = False
    why_not: str | None = None

    def saw(self, page: Page) -> None:
        """Note a page of it."""
        self.total = page.total if page.total is not None else self.total
        self.unchanged = self.unchanged or page.unchanged
        self.body_hash = page.body_hash if page.body_hash is not None else self.body_hash
        self.unreadable = self.unreadable or bool(page.set_aside)

    @property
    def may_have_slipped(self) -> bool:
        """Whether rows may have moved between its pages: one body is one snapshot, several are not."""
        return self.body_hash is None and self.fresh and (self.clean or self.total is not None)


class Walks(Absences, Anew):
    """The walks of an engine: their rows are stored as they come, the cursor moves at their end."""

    def __init__(
        self, files: ProfileFiles, outbox: Outbox, zone: Zone, clock: Clock, read_by_id: AbstractSet[str]
    ) -> None:
        super().__init__(files, outbox, zone, clock, read_by_id)
        self._visits_changed = True

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
        if cursor is not None:
            self.watch(rows)
        count = self._writer.store(rows, walk.run)
        walk.rows += sum(row.kind is walk.kind for row in rows)
        walk.fresh = walk.fresh or bool(count.ids)
        self._visits_changed = self._visits_changed or (walk.kind is Kind.VISIT and bool(count.ids))
        self.sighted(rows)
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
        """End a complete walk: the cursor moves with it.

        Not with one that is still to be repeated: should the repetition fail, the next round asks from
        before it. After the first walk of all, before which there is nothing, the next is whole again.
        """
        stamp = walk.stamp
        if result.server_date is not None:
            self.told_offset_s = float(result.server_date - self._now)
        if stamp is not None and walk.newest is not None and result.server_date is not None:
            # A stamp from the future would hide what comes until then.
            stamp = stamp if walk.newest <= result.server_date + 1 else None
        if walk.lateness:
            self._note_lateness(walk.kind, walk.lateness)
        if walk.whole and walk.clean and not walk.unchanged:
            walk.missing = tuple(self._writer.missing(walk.run))
        if walk.repeats and not walk.run.first:
            return
        if walk.repeats:
            self._keep(f"half_read.{walk.kind.value}", {"at": self._now})
        # A body that lacks something is read again until that is settled.
        whole_hash = None if walk.missing else walk.body_hash
        self._writer.finish_walk(
            walk.run,
            complete=True,
            clean=result.clean,
            stamp=stamp,
            body_hash=whole_hash if walk.whole else self.body_hash(walk.kind),
        )
        if walk.whole and not walk.repeats and self.half_read(walk.kind):
            self._keep(f"half_read.{walk.kind.value}", {})

    def half_read(self, kind: Kind) -> bool:
        """Whether a list was read for the first time, rows may have slipped, and it was not read again."""
        return self._own(f"half_read.{kind.value}") is not None

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

    # -- what is read in parts

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

    def left(
        self, covers: AbstractSet[Status], came: AbstractSet[str], days: AbstractSet[date] = frozenset()
    ) -> tuple[str, ...]:
        """The jobs that are in one of these statuses or on one of these days here, and did not come.

        Those for which edits of ours wait come first.
        """
        found = dict.fromkeys((*self._writer.unseen(covers, came), *self._writer.unseen_on(days, came)))
        if not found:
            return ()
        awaited = {self._id(one.id) for edit in self._outbox.live() for one in edit.changes}
        return tuple(sorted(found, key=lambda one: one not in awaited))

    def unlisted(self, statuses: AbstractSet[Status], before: Instant) -> tuple[str, ...]:
        """The jobs in one of these statuses that nothing has shown since a moment."""
        return tuple(self._writer.seen_before(statuses, before))

    def wants_detail(self, kind: Kind, before: Instant, most: int, *, queued: bool = False) -> list[str]:
        """What is shown from yesterday to tomorrow, or queued, and was not read by id since `before`.

        With `queued` only what is queued.
        """
        if most <= 0:
            return []
        if queued:
            return self._writer.wants_detail(kind, (0, 0), before, most)
        today = self._zone.date_of(self._now)
        first, last = (self._zone.day_bounds(today + timedelta(days=days))[0] for days in (-1, 2))
        return self._writer.wants_detail(kind, (first, last), before, most)

    def no_detail(self, kind: Kind, entity_id: str) -> None:
        """A read by id told nothing more."""
        self._writer.no_detail(kind, entity_id)


def _seconds(stamp: str | None) -> float | None:
    if stamp is None:
        return None
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None
