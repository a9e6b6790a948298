"""From what the server said to what a day and the queue read: visits with the facts of their jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Final

from fieldboard.cache.among import AMONG, ids_json
from fieldboard.cache.customers import NOBODY, customers_of, wanted_of
from fieldboard.cache.first_load import FirstLoad
from fieldboard.cache.packing import DATES, NAMES, pack_names
from fieldboard.cache.rows import JOB, VISIT, SqlRow, job_of, job_row, planned_of, visit_row
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.roll_up import JobPlan, by_time, customer_shown, planned_alone, planned_visit, roll_up
from fieldboard.domain.status import Status
from fieldboard.domain.value_class import record_class, value_class
from fieldboard.domain.visit import PlannedVisit, Visit

Times = tuple[Instant | None, Instant | None]
_NEVER: Final[Times] = (None, None)

_JOB_COLUMNS: Final = (
    "id, search, number, title, customer_id, customer, phone, address, lat, lng, status, raw_status, "
    "priority, "
    'technicians, start, "end", duration, windows, skills, territory, kind, created_at, updated_at, '
    "shown_status, shown_technicians, shown_start, shown_end, date, shown_customer, rev, notes, items, "
    "fields, site_id, site, actual_start, actual_end, assets, own_date, sequence, suggested"
)


def _insert(table: str, columns: str) -> str:
    marks = ", ".join("?" * len(columns.split(", ")))
    return f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})"


def _upsert(table: str, columns: str) -> str:
    names = columns.split(", ")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {sets}"


PUT_JOB: Final = _upsert("job", _JOB_COLUMNS)
PUT_VISIT: Final = _upsert("visit", VISIT)
FIRST_JOB: Final = _insert("job", _JOB_COLUMNS)
FIRST_VISIT: Final = _insert("visit", VISIT)
"""For rows that a first load has not met before: one search of their index less than for those it has."""
_PUT_PLAN: Final = (
    "UPDATE job SET shown_status = ?, shown_technicians = ?, shown_start = ?, shown_end = ?, date = ?, "
    "rev = ? WHERE id = ?"
)
_VISITS: Final = (
    f"SELECT drawn, system_start, system_end, observed_start, observed_end FROM visit WHERE job_id IN {AMONG}"
)
_FACTS: Final = (
    JOB.replace("notes, items, fields", "NULL, NULL, NULL")
    .replace("assets", "NULL")
    .replace("suggested", "NULL")
)
UNDRAWN: Final = (
    "SELECT id FROM job WHERE NOT EXISTS (SELECT 1 FROM visit WHERE job_id = job.id) ORDER BY +rowid"
)
"""Without the plus the rows themselves would be walked through, to find them in order."""
_SHOWN: Final = "shown_status, shown_technicians, shown_start, shown_end, date, shown_customer"


@value_class
class Kept:
    """A visit as it is in the cache: as drawn, as the system tells it, and what was observed."""

    drawn: PlannedVisit
    visit: Visit
    observed: Times


@record_class
class Sightings:
    """What one write brings: jobs, visits and the observed times of visits, by id."""

    jobs: dict[str, Job] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    observed: dict[str, Times] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Jobs that have to be looked at again for another reason: a visit left, a customer was renamed."""
    awaiting: set[str] = field(default_factory=set)
    """Jobs whose visits were not read yet: none is made up for them."""

    def __bool__(self) -> bool:
        return bool(self.jobs or self.visits or self.touched)


def kept_visits(db: sqlite3.Connection, job_ids: Collection[str]) -> dict[str, list[Kept]]:
    """The visits of jobs as they are in the cache, by job id."""
    found: dict[str, list[Kept]] = {}
    if not job_ids:
        return found
    for kept in _kept(db.execute(_VISITS, (ids_json(job_ids),)).fetchall()):
        found.setdefault(kept.drawn.job_id, []).append(kept)
    return found


def kept_by_id(db: sqlite3.Connection, visit_ids: Iterable[str]) -> dict[str, Kept]:
    """Visits as they are in the cache, by their own id."""
    rows = db.execute(_VISITS.replace("job_id IN", "id IN"), (ids_json(visit_ids),)).fetchall()
    return {kept.drawn.id: kept for kept in _kept(rows)}


def _kept(rows: Sequence[SqlRow]) -> list[Kept]:
    return [
        Kept(drawn, _own_visit(drawn, row[1], row[2]), (row[3], row[4]))
        for drawn, row in zip(planned_of((row[0],) for row in rows), rows, strict=True)
    ]


def _own_visit(drawn: PlannedVisit, start: Instant | None, end: Instant | None) -> Visit:
    return Visit(
        drawn.id, drawn.job_id, drawn.technician_ids, drawn.start, drawn.end, drawn.date, drawn.sequence,
        drawn.estimated, drawn.status, drawn.raw_status, start, end, drawn.made_up, drawn.created_at,
    )  # fmt: skip


def own_jobs(db: sqlite3.Connection, job_ids: Iterable[str]) -> dict[str, Job]:
    """Jobs as the system keeps them, by id."""
    rows = db.execute(f"SELECT {JOB} FROM job WHERE id IN {AMONG}", (ids_json(job_ids),))
    return {row[0]: job_of(row) for row in rows}


def project(db: sqlite3.Connection, seen: Sightings, rev: int, load: FirstLoad | None = None) -> None:
    """Write the jobs and visits that were seen, and everything of them that is drawn.

    Rows that come out as they were keep their `rev`. In a first sync `load` is what it remembers.
    """
    # In the order of arrival: neighbours stay neighbours in the file.
    job_ids = dict.fromkeys((*seen.jobs, *(visit.job_id for visit in seen.visits.values()), *seen.touched))
    if not job_ids:
        return
    kept = kept_visits(db, load.drawn_of(job_ids) if load is not None else job_ids)
    jobs, plans = _stored(db, [one for one in job_ids if one not in seen.jobs], load)
    jobs.update(seen.jobs)
    wanted = wanted_of(jobs.values())
    customers = load.customers_of(db, wanted) if load is not None else customers_of(db, wanted)
    arriving: dict[str, list[Visit]] = {}
    for visit in seen.visits.values():
        arriving.setdefault(visit.job_id, []).append(visit)
    job_rows: list[SqlRow] = []
    plan_rows: list[SqlRow] = []
    visit_rows: list[SqlRow] = []
    vanished: list[str] = []
    for job_id in job_ids:
        job = jobs.get(job_id)
        old, visits = _old_and_all(kept.get(job_id), arriving.get(job_id), seen.visits)
        whose = customers.get(job.customer_id or "", NOBODY) if job else NOBODY
        name, address = whose.name, whose.address
        moved = False
        if job is not None and (placed := whose.placed(job)) is not job:
            moved, job = job_id not in seen.jobs, placed
        customer = customer_shown(job, name) if job else ""
        plan = roll_up(job, visits) if job else None
        if job is not None and plan is not None and not visits and job_id not in seen.awaiting:
            alone = planned_alone(
                job, customer=customer, address=job.address or address, job_status=plan.status
            )
            before = old.pop(job_id, None)
            if before is None or before.drawn != alone:
                visit_rows.append(visit_row(alone, _NEVER, (alone.actual_start, alone.actual_end), rev))
        if len(visits) > 1:
            visits.sort(key=by_time)
        for nth, visit in enumerate(visits, 1):
            drawn = planned_visit(
                job, visit, customer=customer, address=(job.address or address) if job else None,
                job_status=plan.status if plan else Status.UNKNOWN, nth=nth, of=len(visits),
            )  # fmt: skip
            before = old.pop(visit.id, None)
            observed = seen.observed.get(visit.id) or (before.observed if before else _NEVER)
            drawn = _with_observed(drawn, observed)
            actual = (visit.actual_start, visit.actual_end)
            if before is None or before.drawn != drawn or before.observed != observed:
                visit_rows.append(visit_row(drawn, observed, actual, rev))
        vanished += [one for one in old if one not in seen.visits]
        if job is None or plan is None:
            continue
        if job_id in seen.jobs:
            job_rows.append(job_row(job, plan, customer, rev))
            if load is not None and job_id in seen.awaiting:
                load.keep(job, plan, customer)
            elif load is not None:
                load.take(job_id)
        elif moved or plans[job_id][1] != customer:
            whole = whose.placed(own_jobs(db, [job_id])[job_id])
            job_rows.append(job_row(whole, plan, customer, rev))
        elif plans[job_id][0] != plan:
            day = plan.date.isoformat() if plan.date else None
            crew = pack_names(plan.technician_ids)
            plan_rows.append((plan.status.value, crew, plan.start, plan.end, day, rev, job_id))
    db.executemany(PUT_JOB if load is None else FIRST_JOB, job_rows)
    db.executemany(_PUT_PLAN, plan_rows)
    vanish(db, "visit", vanished, rev)
    db.executemany(PUT_VISIT if load is None else FIRST_VISIT, visit_rows)
    if load is not None:
        load.draws(row[1] for row in visit_rows)


def _old_and_all(
    kept: Sequence[Kept] | None, arriving: list[Visit] | None, seen: Mapping[str, Visit]
) -> tuple[dict[str, Kept], list[Visit]]:
    """The visits of a job that are drawn, by id, and its own ones: those that stay, and those that come."""
    visits = arriving or []
    if not kept:
        return {}, visits
    stay = [one.visit for one in kept if not one.visit.made_up and one.visit.id not in seen]
    return {one.drawn.id: one for one in kept}, stay + visits


def undrawn(db: sqlite3.Connection) -> list[str]:
    """The jobs that nothing is drawn of."""
    rows = db.execute(UNDRAWN)
    return [row[0] for row in rows]


def vanish(db: sqlite3.Connection, kind: str, ids: Sequence[str], rev: int) -> None:
    """Take rows of `visit` or `job` away and note it for the boards."""
    db.executemany(f"DELETE FROM {kind} WHERE id = ?", [(one,) for one in ids])
    db.executemany("INSERT OR REPLACE INTO vanished VALUES (?, ?, ?)", [(kind, one, rev) for one in ids])


def _with_observed(drawn: PlannedVisit, observed: Times) -> PlannedVisit:
    start = drawn.actual_start if drawn.actual_start is not None else observed[0]
    end = drawn.actual_end if drawn.actual_end is not None else observed[1]
    if start == drawn.actual_start and end == drawn.actual_end:
        return drawn
    return drawn._replace(actual_start=start, actual_end=end, observed=True)


def _stored(
    db: sqlite3.Connection, job_ids: Iterable[str], load: FirstLoad | None
) -> tuple[dict[str, Job], dict[str, tuple[JobPlan, str]]]:
    """Jobs without their notes, items and fields, which no visit shows; their plans and customers."""
    jobs: dict[str, Job] = {}
    plans: dict[str, tuple[JobPlan, str]] = {}
    asked: list[str] = []
    for job_id in job_ids:
        kept = load.take(job_id) if load is not None else None
        if kept is None:
            asked.append(job_id)
        else:
            jobs[job_id], plans[job_id] = kept[0], (kept[1], kept[2])
    if not asked:
        return jobs, plans
    rows = db.execute(f"SELECT {_FACTS}, {_SHOWN} FROM job WHERE id IN {AMONG}", (ids_json(asked),))
    for row in rows.fetchall():
        status, crew, start, end, day, customer = row[-6:]
        jobs[row[0]] = job_of(row)
        plans[row[0]] = (JobPlan(Status(status), NAMES[crew], start, end, DATES[day]), customer)
    return jobs, plans
