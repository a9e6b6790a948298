"""One write of rows: what of them is new, what changed, and what that means for history and drawing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Protocol

from fieldboard import __version__
from fieldboard.cache import differences
from fieldboard.cache.among import AMONG, ids_json
from fieldboard.cache.customers import customers_of, wanted_of
from fieldboard.cache.first_load import Arrived, FirstLoad
from fieldboard.cache.history import Line
from fieldboard.cache.projection import Kept, Sightings, kept_by_id, own_jobs, project
from fieldboard.cache.rows import TECHNICIAN, customer_row, sites_of, technician_of, technician_row
from fieldboard.cache.state import Run
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit


class SeenRow(Protocol):
    """One entity as last seen at the server (`backends.port.Row`)."""

    @property
    def kind(self) -> Kind: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def entity(self) -> Technician | Customer | Job | Visit: ...  # noqa: D102
    @property
    def raw(self) -> str: ...  # noqa: D102
    @property
    def stamp(self) -> str | None: ...  # noqa: D102
    @property
    def stamp_at(self) -> float | None: ...  # noqa: D102
    @property
    def detail(self) -> str | None: ...  # noqa: D102


Refs = tuple[tuple[Kind, str], ...]


@dataclass(frozen=True, slots=True)
class ChangeCount:
    """What a write brought: how many rows it was given, which were new, changed, or look too old."""

    seen: int = 0
    new: Refs = ()
    changed: Refs = ()
    suspect: Refs = ()

    @property
    def ids(self) -> Refs:
        """All that is different now."""
        return self.new + self.changed

    def __add__(self, other: ChangeCount) -> ChangeCount:
        return ChangeCount(
            self.seen + other.seen,
            self.new + other.new,
            self.changed + other.changed,
            self.suspect + other.suspect,
        )


@dataclass(slots=True)
class Storing:
    """What a write needs to know besides its rows. `lines` are what it has to say to the history."""

    db: sqlite3.Connection
    next_rev: Callable[[sqlite3.Connection], int]
    gen: int
    now: Instant
    run: Run | None
    ours: differences.Ours
    observed: Callable[[], Mapping[str, differences.Times]]
    known_kinds: frozenset[str]
    load: FirstLoad | None = None
    arrived: Arrived | None = None
    lines: list[Line] = field(default_factory=list)
    _rev: int | None = None

    @property
    def rev(self) -> int:
        """The number of this write; none is taken for one that brings nothing new."""
        if self._rev is None:
            self._rev = self.next_rev(self.db)
        return self._rev

    def first(self, kind: Kind) -> bool:
        """Whether no walk of this kind was ever finished: then nothing is told to the history."""
        return kind.value not in self.known_kinds

    def awaits(self, row: SeenRow) -> bool:
        """Whether the visits of a job are still to come, so that none is made up for it meanwhile."""
        return self.first(Kind.VISIT) and getattr(row, "visits_follow", False)


@dataclass(slots=True)
class _Sorted:
    new: list[SeenRow] = field(default_factory=list)
    changed: list[SeenRow] = field(default_factory=list)
    suspect: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    bases: list[tuple[object, ...]] = field(default_factory=list)
    details: list[tuple[object, ...]] = field(default_factory=list)


_PUT_BASE: Final = (
    "INSERT INTO base (kind, id, raw, hash, stamp, stamp_at, seen_at, gen, suspect) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET raw = excluded.raw, "
    "hash = excluded.hash, stamp = excluded.stamp, stamp_at = excluded.stamp_at, seen_at = excluded.seen_at, "
    "gen = excluded.gen, suspect = excluded.suspect, gone_at = NULL"
)
_PUT_DETAIL: Final = (
    "UPDATE base SET detail_hash = ?, detail_stamp = ?, detail_at = ? WHERE kind = ? AND id = ?"
)
_ORDER: Final = (Kind.TECHNICIAN, Kind.CUSTOMER, Kind.JOB, Kind.VISIT)
_SALT: Final = __version__.encode()[:16]
_SALTED: Final = sha256(_SALT)
"""Copied for each row; processors have instructions for this one, so that it is faster than blake2."""
_DIGEST: Final = 16
"""Bytes that are kept of a hash."""


def store_rows(storing: Storing, rows: Sequence[SeenRow]) -> ChangeCount:
    """Write rows of any kinds; the transaction and the history are the caller's."""
    by_kind: dict[Kind, dict[str, SeenRow]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, {})[row.id] = row
    seen = Sightings()
    count = ChangeCount(len(rows))
    for kind in _ORDER:
        if kind not in by_kind:
            continue
        of_kind = _sort(storing, kind, list(by_kind[kind].values()))
        storing.db.executemany(_PUT_BASE, of_kind.bases)
        storing.db.executemany(_PUT_DETAIL, of_kind.details)
        if storing.run is not None and storing.run.full:
            storing.db.executemany(
                "UPDATE base SET gen = ?, seen_at = ? WHERE kind = ? AND id = ?",
                [(storing.gen, storing.now, kind.value, one) for one in of_kind.unchanged + of_kind.suspect],
            )
        _take(storing, kind, of_kind, seen)
        count += ChangeCount(
            0,
            tuple((kind, row.id) for row in of_kind.new),
            tuple((kind, row.id) for row in of_kind.changed),
            tuple((kind, one) for one in of_kind.suspect),
        )
    if seen:
        project(storing.db, seen, storing.rev, storing.load)
    return count


def digest(row: SeenRow) -> bytes:
    """Tells one sighting of an entity from another; another version of this program reads anew."""
    entity = row.entity
    if isinstance(entity, Job):
        # An adapter may take these from other rows than the job's own.
        own = f"\0{entity.customer}\0{entity.phone}\0{entity.address}\0{entity.technician_ids}"
    elif isinstance(entity, Visit):
        own = f"\0{entity.technician_ids}\0{entity.status}\0{entity.job_id}"
    else:
        own = ""
    return _hash(row.raw + own)


def _hash(text: str) -> bytes:
    made = _SALTED.copy()
    made.update(text.encode("utf-8", "replace"))
    return made.digest()[:_DIGEST]


def _known(storing: Storing, kind: Kind, ids: list[str]) -> Mapping[str, tuple[Any, ...]]:
    """What was last seen of entities, by id: hash, stamp, whether it is suspect, since when gone, detail."""
    run = storing.run
    if storing.arrived is not None and run is not None and run.kind == kind.value:
        ids = storing.arrived.of(ids)
    if not ids:
        return {}
    rows = storing.db.execute(
        "SELECT id, hash, stamp_at, suspect, gone_at, detail_hash FROM base "
        f"WHERE kind = ? AND id IN {AMONG}",
        (kind.value, ids_json(ids)),
    )
    return {row[0]: row[1:] for row in rows}


def _sort(storing: Storing, kind: Kind, rows: list[SeenRow]) -> _Sorted:
    known = _known(storing, kind, [row.id for row in rows])
    found = _Sorted()
    listed = storing.run is not None
    for row in rows:
        new = digest(row)
        before = known.get(row.id)
        doubtful = False
        told = None
        if row.detail is not None:
            told = _hash(row.detail)
            found.details.append((told, row.stamp, storing.now, kind.value, row.id))
        if before is not None and before[3] is None:
            old, stamp_at, was_suspect, _, detail = before
            if old == new and not (was_suspect and not listed) and told in (None, detail):
                found.unchanged.append(row.id)
                continue
            if listed and stamp_at is not None and row.stamp_at is not None and old != b"":
                if row.stamp_at < stamp_at and not was_suspect:
                    found.suspect.append(row.id)
                    continue
                # Another list settles no doubt: the next walk may see another part of the server.
                doubtful = row.stamp_at <= stamp_at
        (found.new if before is None or before[3] is not None else found.changed).append(row)
        found.bases.append(
            (
                kind.value,
                row.id,
                row.raw,
                new,
                row.stamp,
                row.stamp_at,
                storing.now,
                storing.gen,
                int(doubtful),
            )
        )
    storing.db.executemany(
        "UPDATE base SET suspect = 1 WHERE kind = ? AND id = ?", [(kind.value, one) for one in found.suspect]
    )
    return found


def _take(storing: Storing, kind: Kind, found: _Sorted, seen: Sightings) -> None:
    if not found.new and not found.changed:
        return
    if kind is Kind.TECHNICIAN:
        _take_technicians(storing, found)
    elif kind is Kind.CUSTOMER:
        _take_customers(storing, found, seen)
    elif kind is Kind.JOB:
        _take_jobs(storing, found, seen)
    else:
        _take_visits(storing, found, seen)


def _take_technicians(storing: Storing, found: _Sorted) -> None:
    db = storing.db
    rows = [*found.new, *found.changed]
    listed = ids_json(row.id for row in found.changed)
    old = {
        row[0]: technician_of(row)
        for row in db.execute(f"SELECT {TECHNICIAN} FROM technician WHERE id IN {AMONG}", (listed,))
    }
    values = []
    for row in rows:
        entity = row.entity
        if isinstance(entity, Technician):
            if row.detail is None and row.id in old and not entity.skills_known:
                before = old[row.id]
                entity = replace(entity, skills=before.skills, skills_known=before.skills_known)
            values.append(technician_row(entity))
            if not storing.first(Kind.TECHNICIAN) and row.id in old:
                storing.lines += differences.technician_lines(old[row.id], entity, storing.now)
    marks = ", ".join("?" * len(TECHNICIAN.split(", ")))
    db.executemany(f"INSERT OR REPLACE INTO technician ({TECHNICIAN}) VALUES ({marks})", values)
    db.execute("UPDATE meta SET value = ? WHERE key = 'technicians_rev'", (storing.rev,))


def _take_customers(storing: Storing, found: _Sorted, seen: Sightings) -> None:
    listed = ids_json(row.id for row in found.changed if row.detail is None)
    sites = {
        one: sites_of(text)
        for one, text in storing.db.execute(
            f"SELECT id, sites FROM customer WHERE sites IS NOT NULL AND id IN {AMONG}", (listed,)
        )
    }
    rows = [
        customer_row(replace(entity, sites=sites[row.id]) if row.id in sites else entity)
        for row in (*found.new, *found.changed)
        if isinstance(entity := row.entity, Customer)
    ]
    storing.db.executemany("INSERT OR REPLACE INTO customer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    seen.touched.update(
        row[0]
        for row in storing.db.execute(
            f"SELECT id FROM job WHERE customer_id IN {AMONG}",
            (ids_json(row[0] for row in rows),),
        )
    )


def _take_jobs(storing: Storing, found: _Sorted, seen: Sightings) -> None:
    first = storing.first(Kind.JOB)
    old = own_jobs(storing.db, (row.id for row in found.changed)) if not first else {}
    alone = _without_visits(storing.db, old) if old else frozenset()
    jobs = [one for row in (*found.new, *found.changed) if isinstance(one := row.entity, Job)]
    whose = customers_of(storing.db, wanted_of(one for one in jobs if one.site_id is not None))
    for row in (*found.new, *found.changed):
        entity = row.entity
        if not isinstance(entity, Job):
            continue
        if entity.customer_id is not None and entity.customer_id in whose:
            entity = whose[entity.customer_id].placed(entity)
        if row.detail is None and entity.assets is None and row.id in old:
            entity = replace(entity, assets=old[row.id].assets)
        if row.detail is None and not entity.technician_ids and row.id in old:
            entity = replace(entity, suggested=old[row.id].suggested)
        seen.jobs[row.id] = entity
        if first and storing.awaits(row):
            seen.awaiting.add(row.id)
        if first:
            continue
        if row.id in old:
            storing.lines += differences.job_lines(
                old[row.id], entity, storing.now, storing.ours, alone=row.id in alone
            )
        else:
            storing.lines.append(
                differences.born(
                    Kind.JOB, row.id, row.id, entity.title, seen_at=storing.now, ours=storing.ours
                )
            )


def _take_visits(storing: Storing, found: _Sorted, seen: Sightings) -> None:
    first = storing.first(Kind.VISIT)
    # Made-up visits have the ids of jobs, never those of visits: what is found here is real.
    old: Mapping[str, Kept] = (
        kept_by_id(storing.db, (row.id for row in found.changed)) if found.changed else {}
    )
    # A rebuilt cache meets all visits as new ones: what was once observed of them is in the history.
    remembered = storing.observed() if first else {}
    for row in (*found.new, *found.changed):
        entity = row.entity
        if not isinstance(entity, Visit):
            continue
        seen.visits[row.id] = entity
        before = old.get(row.id)
        if before is None:
            if row.id in remembered:
                seen.observed[row.id] = remembered[row.id]
            if not first:
                storing.lines.append(
                    differences.born(
                        Kind.VISIT, row.id, entity.job_id, row.id, seen_at=storing.now, ours=storing.ours
                    )
                )
            continue
        if before.visit.job_id != entity.job_id:
            seen.touched.add(before.visit.job_id)
        if first:
            seen.observed[row.id] = before.observed
            continue
        after = differences.observed(before.visit, entity, before.observed, storing.now)
        seen.observed[row.id] = after
        storing.lines += differences.visit_lines(before.visit, entity, storing.now, storing.ours)
        storing.lines += differences.observed_lines(entity, before.observed, after, storing.now)


def _without_visits(db: sqlite3.Connection, job_ids: Iterable[str]) -> frozenset[str]:
    rows = db.execute(
        f"SELECT job_id FROM visit WHERE made_up = 1 AND job_id IN {AMONG}", (ids_json(job_ids),)
    )
    return frozenset(row[0] for row in rows)
