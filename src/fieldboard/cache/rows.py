"""Rows of cache.db ⇄ values of the domain. The day and the queue are read without parsing any JSON."""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable, Sequence
from datetime import time
from functools import partial
from json.encoder import encode_basestring as quoted
from math import isfinite
from sys import intern
from typing import Any, Final

from fieldboard.cache.packing import (
    DATES,
    FLAGS,
    NAMES,
    PRIORITIES,
    STATUSES,
    WINDOWS,
    fold,
    pack_names,
    pack_windows,
)  # fmt: skip
from fieldboard.domain.customer import Customer, Site
from fieldboard.domain.job import Asset, CustomField, Job, JobItem, Suggested
from fieldboard.domain.roll_up import JobPlan, queue_order
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.technician import Absence, LatLng, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit

SqlRow = tuple[Any, ...]
"""A row as sqlite3 gives it."""

_WORDS: Final = {status: status.value for status in Status}

_json_text = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_FORM: Final = 2
"""The oldest form of marshal that knows floats in binary: every Python reads it."""

_plan = partial(tuple.__new__, PlannedVisit)


def draw(visit: PlannedVisit) -> bytes:
    """A visit as one value, from which it is read back several times faster than from thirty columns.

    cache.db is written and read on one computer and may be rebuilt: marshal is good enough for it.
    """
    (
        one, job, crew, start, end, day, sequence, estimated, status, raw, began, ended, observed, made_up,
        number, title, customer, address, priority, duration, promised, skills, lat, lng, territory,
        job_status, created, nth, of, mark,
    ) = visit  # fmt: skip
    return marshal.dumps(
        (
            one, job, pack_names(crew), start, end, day.isoformat() if day is not None else None, sequence,
            estimated, _WORDS[status], raw, began, ended, observed, made_up, number, title, customer, address,
            int(priority) if priority is not None else None, duration, pack_windows(promised),
            pack_names(skills),
            lat, lng, territory, _WORDS[job_status], created, nth, of, mark,
        ),
        _FORM,
    )  # fmt: skip


def planned_of(rows: Iterable[tuple[bytes]]) -> list[PlannedVisit]:
    """Rows of the one column `drawn` as visits; the texts that repeat in a day are kept in memory once."""
    shared: dict[Any, Any] = {}
    share = shared.setdefault
    names, windows, dates, statuses, priorities = NAMES, WINDOWS, DATES, STATUSES, PRIORITIES
    plan, read = _plan, marshal.loads
    found: list[PlannedVisit] = []
    add = found.append
    for (drawn,) in rows:
        (
            one, job, crew, start, end, day, sequence, estimated, status, raw, began, ended, observed,
            made_up,
            number, title, customer, address, priority, duration, promised, skills, lat, lng, territory,
            job_status, created, nth, of, mark,
        ) = read(drawn)  # fmt: skip
        planned = (
            one, job, names[crew], share(start, start), share(end, end), dates[day], sequence, estimated,
            statuses[status], share(raw, raw), began, ended, observed, made_up, number, share(title, title),
            share(customer, customer), share(address, address), priorities[priority], duration,
            windows[promised], names[skills], lat, lng, territory, statuses[job_status], created, nth, of,
            mark,
        )  # fmt: skip
        add(plan(planned))
    return found


def planned_lean(rows: Iterable[tuple[bytes]]) -> list[PlannedVisit]:
    """Like `planned_of`, for a hundred thousand rows: what repeats is kept in memory once."""
    shared: dict[Any, Any] = {}
    share = shared.setdefault
    moment = dict[Any, Any]().setdefault
    # Of promises what was parsed is shared: their texts, kept to find it by, would cost what it saves.
    names, windows, dates, statuses, priorities = NAMES, WINDOWS.parse, DATES, STATUSES, PRIORITIES
    plan, read = _plan, marshal.loads
    found: list[PlannedVisit] = []
    add = found.append
    for (drawn,) in rows:
        (
            one, job, crew, start, end, day, sequence, estimated, status, raw, began, ended, observed,
            made_up,
            number, title, customer, address, priority, duration, promised, skills, lat, lng, territory,
            job_status, created, nth, of, mark,
        ) = read(drawn)  # fmt: skip
        planned = (
            one, one if job == one else job, names[crew], start, end, dates[day], sequence, estimated,
            statuses[status], intern(raw), began, ended, observed, made_up, number, share(title, title),
            share(customer, customer), share(address, address), priorities[priority], duration,
            share(spans := windows(promised), spans) if promised else (), names[skills],
            share(lat, lat), share(lng, lng), share(territory, territory),
            statuses[job_status], moment(created, created), nth, of, mark,
        )  # fmt: skip
        add(plan(planned))
    return found


JOB: Final = (
    "id, number, title, customer_id, customer, phone, address, lat, lng, status, raw_status, priority, "
    'technicians, start, "end", duration, windows, skills, territory, kind, created_at, updated_at, '
    "notes, items, fields, site_id, site, actual_start, actual_end, assets, own_date, sequence, suggested"
)
"""The columns of a job as the system keeps it."""

SHOWN_JOB: Final = (
    "id, number, title, customer_id, nullif(shown_customer, ''), phone, address, lat, lng, shown_status, "
    "raw_status, priority, shown_technicians, shown_start, shown_end, duration, windows, skills, territory, "
    "kind, created_at, updated_at, notes, items, fields, site_id, site, actual_start, actual_end, assets, "
    "own_date, sequence, suggested"
)
"""The same, rolled up from its visits."""


def job_of(row: Sequence[Any]) -> Job:
    """A row of `JOB` or `SHOWN_JOB` as a job."""
    return Job(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], STATUSES[row[9]], row[10],
        PRIORITIES[row[11]], NAMES[row[12]], row[13], row[14], row[15], WINDOWS[row[16]], NAMES[row[17]],
        row[18],
        row[22], row[19],
        tuple(JobItem(*item) for item in json.loads(row[23])) if row[23] else (),
        tuple(CustomField(*one) for one in json.loads(row[24])) if row[24] else (),
        row[20], row[21], row[25], row[26], row[27], row[28],
        tuple(Asset(*one) for one in json.loads(row[29])) if row[29] is not None else None,
        DATES[row[30]], row[31], Suggested(*json.loads(row[32])) if row[32] is not None else None,
    )  # fmt: skip


def _rows_text(rows: Sequence[tuple[Any, ...]]) -> str:
    """Tuples of texts and numbers as JSON, in a third of the encoder's time for so little."""
    return f"[{', '.join([f'[{_values_text(row)}]' for row in rows])}]"


def _values_text(row: tuple[Any, ...]) -> str:
    return ", ".join(
        [
            quoted(one)
            if one.__class__ is str
            else repr(one)
            if one.__class__ is float and isfinite(one)
            else _json_text(one)
            for one in row
        ]
    )


def job_row(job: Job, plan: JobPlan, customer: str, rev: int) -> SqlRow:
    """A job as the values of table `job`, in the order of its columns."""
    search = fold("\n".join(filter(None, (job.number, job.title, customer, job.address, job.phone))))
    crew = pack_names(job.technician_ids)
    return (
        job.id, search, job.number, job.title, job.customer_id, job.customer, job.phone, job.address, job.lat,
        job.lng, _WORDS[job.status], job.raw_status, int(job.priority) if job.priority is not None else None,
        crew, job.start, job.end, job.duration_min, pack_windows(job.windows),
        pack_names(job.skills), job.territory, job.kind, job.created_at, job.updated_at, _WORDS[plan.status],
        crew if plan.technician_ids is job.technician_ids else pack_names(plan.technician_ids),
        plan.start, plan.end, plan.date.isoformat() if plan.date else None,
        customer, rev, job.notes,
        _rows_text(job.items) if job.items else None,
        _rows_text(job.fields) if job.fields else None,
        job.site_id, job.site, job.actual_start, job.actual_end,
        _json_text(job.assets) if job.assets is not None else None,
        job.date.isoformat() if job.date is not None else None, job.sequence,
        _json_text(job.suggested) if job.suggested is not None else None,
    )  # fmt: skip


VISIT: Final = (
    'id, job_id, start, "end", date, sequence, nth, made_up, ended, queued, urgency, promise, created_at, '
    "system_start, system_end, observed_start, observed_end, rev, drawn"
)
"""The columns of table `visit`."""


def visit_row(
    visit: PlannedVisit,
    observed: tuple[int | None, int | None],
    actual: tuple[int | None, int | None],
    rev: int,
) -> SqlRow:
    """A visit as the values of table `visit`; `actual` as the system says."""
    _, urgency, promise, _, _, _ = order = queue_order(visit)
    return (
        visit.id, visit.job_id, visit.start, visit.end,
        visit.date.isoformat() if visit.date is not None else None,
        visit.sequence, visit.nth, visit.made_up, visit.status in ENDED, visit.queued,
        urgency + 10 * order[0],
        promise, visit.created_at, *actual, *observed, rev, draw(visit),
    )  # fmt: skip


TECHNICIAN: Final = (
    "id, name, status, since, active, skills, skills_known, shift, breaks, absences, capacity, home_lat, "
    "home_lng, territory, phone, lat, lng, role"
)


def technician_of(row: Sequence[Any]) -> Technician:
    """A row of `TECHNICIAN` as a technician."""
    shift = (
        {int(day): _span(text) for day, text in json.loads(row[7]).items()} if row[7] is not None else None
    )
    return Technician(
        id=row[0], name=row[1], status=row[2], since=row[3], active=FLAGS[row[4]], skills=NAMES[row[5]],
        skills_known=FLAGS[row[6]], shift=shift, breaks=tuple(_span(text) for text in NAMES[row[8] or ""]),
        absences=tuple(Absence(*one) for one in json.loads(row[9])) if row[9] else (), capacity=row[10],
        home=LatLng(row[11], row[12]) if row[11] is not None else None, territory=row[13], phone=row[14],
        position=LatLng(row[15], row[16]) if row[15] is not None else None, role=row[17],
    )  # fmt: skip


def technician_row(one: Technician) -> SqlRow:
    """A technician as the values of table `technician`."""
    shift = None
    if one.shift is not None:
        shift = json.dumps({str(day): _span_text(span) for day, span in sorted(one.shift.items())})
    return (
        one.id, one.name, one.status, one.since, int(one.active), pack_names(one.skills),
        int(one.skills_known),
        shift, pack_names([_span_text(span) for span in one.breaks]) or None,
        json.dumps(one.absences, ensure_ascii=False) if one.absences else None, one.capacity,
        *(one.home or (None, None)), one.territory, one.phone, *(one.position or (None, None)), one.role,
    )  # fmt: skip


def _span(text: str) -> WallSpan:
    start, end = text.split("-")
    return WallSpan(time.fromisoformat(start), time.fromisoformat(end))


def _span_text(span: WallSpan) -> str:
    return f"{span.start.isoformat()}-{span.end.isoformat()}"


CUSTOMER: Final = "id, name, phone, email, address, lat, lng, sites"


def customer_of(row: Sequence[Any]) -> Customer:
    """A row of `CUSTOMER` as a customer."""
    place = LatLng(row[5], row[6]) if row[5] is not None and row[6] is not None else None
    return Customer(row[0], row[1], row[2], row[3], row[4], place, sites_of(row[7]))


def sites_of(text: str | None) -> tuple[Site, ...]:
    """The column `sites` as sites."""
    if not text:
        return ()
    return tuple(
        Site(one, name, address, LatLng(*place) if place is not None else None)
        for one, name, address, place in json.loads(text)
    )


def customer_row(one: Customer) -> SqlRow:
    """A customer as the values of table `customer`."""
    places = [site.address for site in one.sites]
    folded = fold("\n".join(filter(None, (one.name, one.address, one.phone, *places))))
    sites = _json_text(one.sites) if one.sites else None
    return (one.id, one.name, one.phone, one.email, one.address, *(one.place or (None, None)), folded, sites)
