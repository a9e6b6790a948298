"""What a first sync keeps in memory between its lists, so that it is not read back from the file.

Visits are drawn with the facts of their jobs and customers, which that same sync has stored a moment ago.
Whatever else writes jobs or customers ends it: then all is read from the file again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from fieldboard.cache.customers import NOBODY, Whose, customers_of
from fieldboard.domain.job import Job
from fieldboard.domain.roll_up import JobPlan

MOST: Final = 100_000
"""Jobs kept at once, at about a kilobyte each; those beyond are read from the file."""


class Arrived:
    """The ids that a walk has brought into a cache which had nothing of their kind: no other is in it."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def of(self, ids: Iterable[str]) -> list[str]:
        """Those that may be in the cache."""
        return list(self._ids.intersection(ids))

    def add(self, ids: Iterable[str]) -> None:
        """These are in the cache from now on."""
        self._ids.update(ids)


class FirstLoad:
    """The customers that were asked for, and the jobs whose visits have not come yet.

    `blank` says that no visit was drawn before this began: then it knows of which jobs there are any.
    """

    def __init__(self, *, blank: bool = False) -> None:
        self._customers: dict[str, Whose] = {}
        self._jobs: dict[str, tuple[Job, JobPlan, str]] = {}
        self._drawn: Arrived | None = Arrived() if blank else None

    def drawn_of(self, job_ids: Collection[str]) -> Collection[str]:
        """Those of the jobs that visits may have been drawn of."""
        return job_ids if self._drawn is None else self._drawn.of(job_ids)

    def draws(self, job_ids: Iterable[str]) -> None:
        """Visits of these jobs are drawn now."""
        if self._drawn is not None:
            self._drawn.add(job_ids)

    def customers_of(self, db: sqlite3.Connection, wanted: Iterable[str]) -> Mapping[str, Whose]:
        """Like `customers.customers_of`, each asked for once."""
        known = self._customers
        new = [one for one in wanted if one not in known]
        if new:
            known.update(dict.fromkeys(new, NOBODY))
            known.update(customers_of(db, new))
        return known

    def keep(self, job: Job, plan: JobPlan, customer: str) -> None:
        """Remember what visits show of a job: not its notes, items and fields."""
        if len(self._jobs) < MOST or job.id in self._jobs:
            facts = Job(
                job.id, job.number, job.title, job.customer_id, job.customer, job.phone, job.address, job.lat,
                job.lng, job.status, job.raw_status, job.priority, job.technician_ids, job.start, job.end,
                job.duration_min, job.windows, job.skills, job.territory, None, job.kind, (), (),
                job.created_at, job.updated_at, job.site_id, job.site, job.actual_start, job.actual_end,
                None, job.date, job.sequence,
            )  # fmt: skip
            self._jobs[job.id] = facts, plan, customer

    def take(self, job_id: str) -> tuple[Job, JobPlan, str] | None:
        """A job that was kept, with its plan and customer as they are in the file; it is kept no longer."""
        return self._jobs.pop(job_id, None)
