"""Reading cache.db: the days, the queue, the jobs as last seen. Plain SQL, one connection, one thread."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from fieldboard.cache.among import AMONG, ids_json
from fieldboard.cache.connection import in_our_words, without_collecting
from fieldboard.cache.packing import fold
from fieldboard.cache.phones import PHONE_HAS, phone_parts
from fieldboard.cache.projection import kept_by_id, own_jobs
from fieldboard.cache.read_file import ReadFile
from fieldboard.cache.rows import (
    CUSTOMER,
    SHOWN_JOB,
    TECHNICIAN,
    customer_of,
    job_of,
    planned_lean,
    planned_of,
    technician_of,
)  # fmt: skip
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Asset, Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit, Visit

_V: Final = "SELECT drawn FROM visit "
_DAY: Final = 86400
UNKNOWN_JOBS: Final = """
SELECT told.job_id FROM (SELECT DISTINCT job_id FROM visit) AS told
WHERE NOT EXISTS (SELECT 1 FROM job WHERE job.id = told.job_id)
  AND EXISTS (SELECT 1 FROM visit WHERE visit.job_id = told.job_id AND visit.made_up = 0)
ORDER BY told.job_id
"""
"""All but the few that it finds are passed over by two indexes alone."""
_COUNTS: Final = """
WITH wanted (place, day, low, high) AS MATERIALIZED (
  SELECT key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
  FROM json_each(?)
)
SELECT place,
  (SELECT count(*) FROM visit WHERE start >= low AND start < high)
  + (SELECT count(*) FROM visit WHERE start >= low - 86400 AND start < low AND "end" > low)
  + (SELECT count(*) FROM visit INDEXED BY visit_long
     WHERE "end" - start > 86400 AND "end" > low AND start < low - 86400)
  + (SELECT count(*) FROM visit WHERE start IS NULL AND date = day)
FROM wanted
"""


class CacheReader(ReadFile):
    """The cache as last seen, without edits that wait. Raises StorageError from every method."""

    # Visits

    def day(self, day: date) -> list[PlannedVisit]:
        """The visits that touch a local day, by start; those with only a date come last."""
        low, high = self.zone.day_bounds(day)
        with in_our_words(self._path):
            db = self._db
            rows = db.execute(
                _V + 'INDEXED BY visit_long WHERE "end" - start > 86400 AND "end" > ? AND start < ?',
                (low, low - _DAY),
            ).fetchall()
            rows += db.execute(
                _V + 'WHERE start >= ? AND start < ? AND "end" > ? ORDER BY start', (low - _DAY, low, low)
            ).fetchall()
            rows += db.execute(_V + "WHERE start >= ? AND start < ? ORDER BY start", (low, high)).fetchall()
            rows += db.execute(
                _V + "WHERE start IS NULL AND date = ? ORDER BY sequence IS NULL, sequence, id",
                (day.isoformat(),),
            ).fetchall()
        with without_collecting():
            return planned_of(rows)

    def counts_by_day(self, first: date, last: date) -> dict[date, int]:
        """How many visits `day` would give for each day from `first` to `last`; days without are missing."""
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        bounds = [[day.isoformat(), *self.zone.day_bounds(day)] for day in days]
        with in_our_words(self._path):
            rows = self._db.execute(_COUNTS, (json.dumps(bounds),)).fetchall()
        return {days[at]: count for at, count in rows if count}

    def queue(self) -> list[PlannedVisit]:
        """All that waits, of any day: by priority, promise and age, drafts last."""
        with in_our_words(self._path):
            rows = self._db.execute(_V + "WHERE queued = 1 ORDER BY urgency, promise, created_at, id")
            with without_collecting():
                return planned_lean(rows)

    def planned(self, visit_ids: Iterable[str]) -> list[PlannedVisit]:
        """Visits by their ids; one that is not there is left out."""
        with in_our_words(self._path):
            rows = self._db.execute(_V + f"WHERE id IN {AMONG}", (ids_json(visit_ids),))
            return planned_of(rows)

    def planned_between(self, after: int, rev: int) -> list[PlannedVisit]:
        """The visits last written after one revision and up to another: they lie side by side in an index."""
        with in_our_words(self._path):
            return planned_of(self._db.execute(_V + "WHERE rev > ? AND rev <= ?", (after, rev)))

    def planned_of_job(self, job_id: str) -> list[PlannedVisit]:
        """The visits of a job by time; the made-up one where it has none."""
        return self.planned_of_jobs([job_id]).get(job_id, [])

    def planned_of_jobs(self, job_ids: Iterable[str]) -> dict[str, list[PlannedVisit]]:
        """The visits of jobs by time, by job id."""
        found: dict[str, list[PlannedVisit]] = {}
        with in_our_words(self._path):
            rows = self._db.execute(
                _V + f"WHERE job_id IN {AMONG} ORDER BY job_id, nth", (ids_json(job_ids),)
            )
            for visit in planned_of(rows):
                found.setdefault(visit.job_id, []).append(visit)
        return found

    def visits(self) -> Iterator[PlannedVisit]:
        """Every cached visit by time."""
        with in_our_words(self._path):
            rows = self._db.execute(_V + "ORDER BY start IS NULL, coalesce(start, 0), date, id")
            while part := rows.fetchmany(1000):
                yield from planned_of(part)

    def visit_ids(self) -> dict[str, tuple[str, ...]]:
        """The ids of the visits of every job, by time."""
        found: dict[str, list[str]] = {}
        with in_our_words(self._path):
            for job_id, one in self._db.execute("SELECT job_id, id FROM visit ORDER BY job_id, nth"):
                found.setdefault(job_id, []).append(one)
        return {job_id: tuple(ids) for job_id, ids in found.items()}

    def unknown_jobs(self) -> list[str]:
        """Jobs that visits speak of and that were never seen."""
        with in_our_words(self._path):
            rows = self._db.execute(UNKNOWN_JOBS)
            return [row[0] for row in rows]

    def search(self, text: str, limit: int, near: Instant = 0) -> list[PlannedVisit]:
        """Visits of jobs with `text` in number, title, customer, address or phone; case ignored.

        Of a telephone number the digits count. Of all cached days: first what is open or within a
        day of `near`, and of that what is nearest to it.
        """
        if not text.strip():
            return []
        parts = phone_parts(text)
        by_phone = f"OR {PHONE_HAS} " if parts else ""
        with in_our_words(self._path):
            rows = self._db.execute(
                _V
                + "WHERE job_id IN (SELECT id FROM job WHERE instr(search, ?) > 0 "
                + by_phone
                + ") ORDER BY ended AND (start IS NULL OR abs(start - ?) > 86400), start IS NULL, "
                "abs(start - ?), id LIMIT ?",
                (fold(text.strip()), *([json.dumps(parts)] if parts else []), near, near, limit),
            )
            return planned_of(rows)

    # Jobs, technicians, customers

    def job(self, job_id: str) -> Job | None:
        """A job as its visits make it; None for an unknown one."""
        return self.jobs_by_id([job_id]).get(job_id)

    def jobs_by_id(self, job_ids: Iterable[str]) -> dict[str, Job]:
        """Jobs as their visits make them, by id."""
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {SHOWN_JOB} FROM job WHERE id IN {AMONG}", (ids_json(job_ids),))
            return {row[0]: job_of(row) for row in rows}

    def own_jobs(self, job_ids: Iterable[str]) -> dict[str, Job]:
        """Jobs as the system itself keeps them, by id."""
        with in_our_words(self._path):
            return own_jobs(self._db, job_ids)

    def own_job(self, job_id: str) -> Job | None:
        """A job as the system itself keeps it: what an edit is compared with."""
        return self.own_jobs([job_id]).get(job_id)

    def own_visit(self, visit_id: str) -> Visit | None:
        """A visit as the system itself keeps it."""
        with in_our_words(self._path):
            kept = kept_by_id(self._db, [visit_id]).get(visit_id)
        return kept.visit if kept else None

    def job_by_number(self, text: str) -> list[Job]:
        """The jobs with this number."""
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {SHOWN_JOB} FROM job WHERE number = ? ORDER BY id", (text,))
            return [job_of(row) for row in rows]

    def jobs_noted(self, customer_id: str, line: str) -> list[Job]:
        """The jobs of a customer whose notes have this line."""
        with in_our_words(self._path):
            rows = self._db.execute(
                f"SELECT {SHOWN_JOB} FROM job WHERE customer_id = ? AND instr(notes, ?) > 0 ORDER BY id",
                (customer_id, line),
            )
            found = [job_of(row) for row in rows]
        return [job for job in found if line in (job.notes or "").splitlines()]

    def jobs_alike(self, job: Job) -> list[Job]:
        """The jobs of the same customer, place and kind, the job itself too."""
        with in_our_words(self._path):
            rows = self._db.execute(
                f"SELECT {SHOWN_JOB} FROM job WHERE customer = ? AND address = ? AND kind = ? ORDER BY id",
                (job.customer, job.address, job.kind),
            )
            return [job_of(row) for row in rows]

    def numbers(self) -> list[str]:
        """The numbers of all cached jobs."""
        with in_our_words(self._path):
            rows = self._db.execute("SELECT number FROM job WHERE number IS NOT NULL")
            return [row[0] for row in rows]

    def jobs(
        self,
        *,
        day: date | None = None,
        status: Status | None = None,
        unassigned: bool = False,
        search: str | None = None,
    ) -> Iterator[Job]:
        """Cached jobs, narrowed by what is given; `search` also looks into notes."""
        where, values = ["1"], []
        if day is not None:
            low, high = self.zone.day_bounds(day)
            where.append("(shown_start >= ? AND shown_start < ? OR shown_start IS NULL AND date = ?)")
            values += [low, high, day.isoformat()]
        if status is not None:
            where.append("shown_status = ?")
            values.append(status.value)
        if unassigned:
            where.append("shown_technicians = ''")
        wanted = fold(search.strip()) if search else ""
        with in_our_words(self._path):
            rows = self._db.execute(
                f"SELECT {SHOWN_JOB}, search FROM job WHERE {' AND '.join(where)} ORDER BY number, id",
                values,
            )
            while part := rows.fetchmany(500):
                for row in part:
                    if not wanted or wanted in row[-1] or wanted in fold(row[22] or ""):
                        yield job_of(row)

    def assets(self) -> list[Asset]:
        """The assets that jobs are known to be linked with, each once, by id."""
        found: dict[str, Asset] = {}
        with in_our_words(self._path):
            for (linked,) in self._db.execute("SELECT assets FROM job WHERE assets IS NOT NULL"):
                found.update((one[0], Asset(*one)) for one in json.loads(linked))
        return [found[one] for one in sorted(found)]

    def is_placed(self, customer: str, address: str) -> bool:
        """Whether a job of this customer at this address is known to lie somewhere."""
        with in_our_words(self._path):
            row = self._db.execute(
                "SELECT 1 FROM job WHERE shown_customer = ? AND address = ? AND lat IS NOT NULL LIMIT 1",
                (customer, address),
            ).fetchone()
        return row is not None

    def technicians(self) -> list[Technician]:
        """All technicians by name, inactive ones too."""
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {TECHNICIAN} FROM technician ORDER BY name, id")
            return [technician_of(row) for row in rows]

    def customers(self, text: str, limit: int) -> list[Customer]:
        """Customers with `text` in name, address or phone, by name."""
        with in_our_words(self._path):
            rows = self._db.execute(
                f"SELECT {CUSTOMER} FROM customer WHERE instr(folded, ?) > 0 ORDER BY name, id LIMIT ?",
                (fold(text.strip()), limit),
            )
            return [customer_of(row) for row in rows]

    def customers_by_id(self, ids: Iterable[str]) -> dict[str, Customer]:
        """Customers by id."""
        with in_our_words(self._path):
            rows = self._db.execute(f"SELECT {CUSTOMER} FROM customer WHERE id IN {AMONG}", (ids_json(ids),))
            return {row[0]: customer_of(row) for row in rows}

    def customer(self, customer_id: str) -> Customer | None:
        """A customer by id."""
        return self.customers_by_id([customer_id]).get(customer_id)

    def raw(self, kind: Kind, entity_id: str) -> str | None:
        """What the server sent, cleaned; None for what it never sent or has removed."""
        with in_our_words(self._path):
            row: Sequence[str] | None = self._db.execute(
                "SELECT raw FROM base WHERE kind = ? AND id = ? AND gone_at IS NULL", (kind.value, entity_id)
            ).fetchone()
        return row[0] if row else None
