"""What the cache believes of each job's row, held against every row that the server ever had of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fieldboard.sync.pull import READS_A_ROUND

ROWS: Final = "SELECT id, raw, stamp_at, suspect FROM base WHERE kind = 'job' AND gone_at IS NULL"
"""What `Beliefs.look` is given of the cache."""

Held = tuple[str, str, float | None, int]
"""A job's id, its row as it came, the row's stamp, and whether it is in doubt."""


class Past:
    """Every row that the server had of each job, in their order."""

    def __init__(self) -> None:
        self._sent: dict[str, bytes] = {}
        self._rows: dict[str, list[str]] = {}

    def remember(self, rows: Mapping[str, bytes]) -> None:
        """Something was written: the rows are these now."""
        for job_id, sent in rows.items():
            if self._sent.get(job_id) != sent:
                self._sent[job_id] = sent
                self._rows.setdefault(job_id, []).append(_plain(sent))

    def places(self, job_id: str, row: str) -> tuple[int, ...]:
        """Where a row stands among those that the server had until now; more than once if it came again."""
        return tuple(at for at, one in enumerate(self._rows.get(job_id, ())) if one == row)


@dataclass(frozen=True, slots=True)
class _Belief:
    raw: str
    stamp_at: float | None
    places: tuple[int, ...]


@dataclass(slots=True)
class Beliefs:
    """Looked at before every request and after every round.

    A row that came before the one that the cache had is older, whatever its stamp says. From a list it may
    be taken where its stamp says that it is newer, or until a read by id, which is then to be made.
    """

    past: Past
    _held: dict[str, _Belief] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _doubted: dict[str, int] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)
    _looks: int = 0
    _reads: int = 0

    def told(self, job_id: str, raw: str) -> None:
        """A read by id, or the answer to a request that writes, has shown a row."""
        self._told.add((job_id, _plain(raw)))

    def asked(self, job_id: str) -> None:
        """A job was asked for by its id, whatever came of it."""
        self._asked[job_id] = self._looks
        self._reads += 1

    def look(self, rows: Sequence[Held]) -> Iterator[str]:
        """What the cache has now; says what went back without a reason."""
        self._looks += 1
        in_doubt = [job_id for job_id, _raw, _stamp_at, suspect in rows if suspect]
        self._doubted = {one: self._doubted.get(one, self._looks) for one in in_doubt}
        for job_id, raw, stamp_at, suspect in rows:
            before = self._held.get(job_id)
            if before is not None and before.raw == raw:
                continue
            row = _plain(raw) if raw else ""
            now = self._held[job_id] = _Belief(raw, stamp_at, self.past.places(job_id, row))
            if suspect or before is None or not _went_back(before, now) or (job_id, row) in self._told:
                continue
            yield (
                f"of {job_id} a list's row {now.places} of {now.stamp_at} was believed "
                f"after row {before.places} of {before.stamp_at}"
            )
        self._told.clear()

    def unread(self) -> Iterator[str]:
        """A round has reached its end; says what it left in doubt and has not asked for by id."""
        reads, self._reads = self._reads, 0
        if reads >= READS_A_ROUND:
            return  # the next round goes on
        for job_id, since in self._doubted.items():
            if self._asked.get(job_id, -1) < since:
                yield f"{job_id} is in doubt, and the round ended without a read of it by its id"


def _went_back(before: _Belief, now: _Belief) -> bool:
    if not before.places or not now.places or max(now.places) >= min(before.places):
        return False  # a row that the line has spoiled, one that came again, or a newer one
    if before.stamp_at is None or now.stamp_at is None:
        return False  # where there are no stamps, a list is believed
    return now.stamp_at <= before.stamp_at


def _plain(row: str | bytes) -> str:
    return json.dumps(json.loads(row), sort_keys=True)
