"""The jobs of the code dialect: read, created, edited and deleted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_check import (
    Fields,
    between,
    clock,
    day,
    degrees,
    instant,
    object_in,
    one_of,
    sized,
    text,
    texts,
)
from fieldboard.sandbox.fieldopt.code_find import cut, job_at, page_of, queried
from fieldboard.sandbox.fieldopt.code_rows import (
    JOB_STATUSES,
    PRIORITY_WORDS,
    job_row,
    priority,
    scheduled,
    server_day,
)
from fieldboard.sandbox.fieldopt.duty import steady
from fieldboard.sandbox.fieldopt.kinds import TYPES
from fieldboard.sandbox.fieldopt.new_job import NewJob, take_down
from fieldboard.sandbox.fieldopt.plan import Plan
from fieldboard.sandbox.fieldopt.replies import Refused, answer, dumps, listing
from fieldboard.sandbox.records import Address, Job

_NAME = sized(1, 255)
#: Texts that are kept as they are written, where they are.
_OPTIONAL = (
    "customer_phone",
    "customer_email",
    "service_city",
    "service_zip",
    "route_criteria",
    "description",
    "special_instructions",
)
#: What the database says of a second job of a number.
_DUPLICATE = (
    "(asyncpg.exceptions.UniqueViolationError): duplicate key value violates unique constraint "
    '"ix_jobs_job_number"\nDETAIL:  Key (job_number)=(?) already exists.\n'
    "[SQL: INSERT INTO jobs (job_number, job_type, status) VALUES ($1, $2, $3)]"
)
_PLAIN = ("customer_name", "service_address", *_OPTIONAL)


class CodeJobs:
    """``/jobs`` but its statuses."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock
        self._rows: dict[str, tuple[object, bytes]] = {}

    async def every(self, request: Request) -> Response:
        """A part of the jobs, those last created first; among equals in no order."""
        query, book = queried(request), self._book
        wanted = query.take("scheduled_date", day) if book.settings.since("0.0.6") else None
        status = query.take("status", one_of(JOB_STATUSES))
        skip, limit = page_of(query)
        query.done()
        found = [job for job in self._on(wanted) if (status is None or book.word(job) == status)]
        loose = random.Random(f"{skip} {limit}" if book.settings.ties else "")
        keyed = [(book.card(job).created_at, loose.random(), book.card(job).id, job) for job in found]
        keyed.sort(key=lambda one: one[:2] if book.settings.ties else (one[0], one[2]), reverse=True)
        return self._listed(cut([one[3] for one in keyed], skip, limit))

    async def pending(self, request: Request) -> Response:
        """Every pending job, however many there are."""
        query = queried(request)
        wanted = query.take("scheduled_date", day)
        query.done()
        found = [job for job in self._on(wanted) if self._book.word(job) == "pending"]
        found.sort(key=lambda job: (priority(self._book, job), self._book.card(job).id))
        return self._listed(found)

    async def summary(self, request: Request) -> Response:
        """How many jobs there are of each status."""
        query = queried(request)
        wanted = query.take("target_date", day)
        query.done()
        found = self._on(wanted)
        words = Counter(self._book.word(job) for job in found)
        return answer({"total": len(found)} | {word: words[word] for word in JOB_STATUSES})

    async def get(self, request: Request) -> Response:
        """One job."""
        return self.shown(job_at(self._book, request))

    async def create(self, request: Request) -> Response:
        """POST a job; what is not known is ignored."""
        given = Fields(await object_in(request), "body")
        kind = given.take("job_type", one_of(TYPES), needed=True)
        name = given.take("customer_name", _NAME, needed=True)
        address = given.take("service_address", sized(1, 500), needed=True)
        lat = given.take("latitude", degrees(90), needed=True)
        lng = given.take("longitude", degrees(180), needed=True)
        number = given.take("job_number", sized(0, 50))
        values = self._values(given)
        given.done()
        self._check_number(number)
        now = self._clock()
        job = take_down(self._book, NewJob(kind, name, address, place=(lat, lng)), now)
        fields = self._book.card(job).fields
        fields["job_number"] = number
        fields.update(dict.fromkeys(_OPTIONAL))
        if number and not any(one.number == number for one in self._book.world.jobs.values()):
            job.number = number
        self._write(job, values, now)
        self._book.set_plan(job, self._planned(Plan(), values), now)
        return self.shown(job, 201)

    async def update(self, request: Request) -> Response:
        """PATCH some of the fields; null, the number, the type and the status are ignored."""
        job, book = job_at(self._book, request), self._book
        given = Fields(await object_in(request), "body")
        values = {
            "customer_name": given.take("customer_name", sized(0, 255)),
            "service_address": given.take("service_address", sized(0, 500)),
            "latitude": given.take("latitude", degrees(90)),
            "longitude": given.take("longitude", degrees(180)),
        }
        values |= self._values(given)
        given.done()
        now, before = self._clock(), book.plan(job)
        with steady(book, job):
            self._write(job, values, now)
            after = self._planned(before, values)
            if after != before:
                book.set_plan(job, after, now)
        book.world.touch(job, now)
        return self.shown(job)

    async def delete(self, request: Request) -> Response:
        """DELETE a job for good, unless somebody is at it or it is done."""
        job = job_at(self._book, request)
        word, number = self._book.word(job), self._book.card(job).id
        if word in ("in_progress", "completed"):
            raise Refused(400, f"Cannot delete job with status {word}")
        self._book.forget(job)
        return answer({"success": True, "message": f"Job {number} deleted"})

    def shown(self, job: Job, status: int = 200) -> Response:
        """One job as an answer."""
        return Response(self.row(job), status, media_type="application/json")

    def row(self, job: Job) -> bytes:
        """A job as JSON, encoded once and kept until what it shows changes."""
        book, card = self._book, self._book.card(job)
        assignment = book.assignment(job)
        whose = None
        if assignment is not None:
            whose = assignment.id, book.world.technicians[assignment.person_id].name
        key = (card.id, job.rev, book.word(job), whose)
        known = self._rows.get(job.id)
        if known is not None and known[0] == key:
            return known[1]
        row = dumps(job_row(book, job))
        self._rows[job.id] = (key, row)
        return row

    def _listed(self, jobs: Any) -> Response:
        return listing([self.row(job) for job in jobs])

    def _on(self, wanted: date | None) -> list[Job]:
        """The jobs of a day of the server, or all."""
        if wanted is None:
            return self._book.jobs()
        found = []
        for job in self._book.jobs():
            planned = self._book.plan(job).day
            if planned is None or abs((planned - wanted).days) > 1:
                continue
            moment = scheduled(self._book, job)
            if moment is not None and server_day(self._book, moment) == wanted:
                found.append(job)
        return found

    def _values(self, given: Fields) -> dict[str, Any]:
        """What create and update have in common."""
        zone = ZoneInfo(self._book.settings.server_zone)
        taken: dict[str, Any] = {name: given.take(name, text) for name in _OPTIONAL}
        taken["notes"] = given.take("notes", text)
        taken["required_skills"] = given.take("required_skills", texts)
        taken["priority"] = given.take("priority", between(1, 5))
        taken["scheduled_date"] = given.take("scheduled_date", instant(zone))
        taken["time_slot_start"] = given.take("time_slot_start", clock)
        taken["time_slot_end"] = given.take("time_slot_end", clock)
        taken["estimated_duration"] = given.take("estimated_duration", between(15, 480))
        return taken

    def _write(self, job: Job, values: Mapping[str, Any], now: datetime) -> None:
        """Write what is given and is not about the plan."""
        fields = self._book.card(job).fields
        for name in (*_PLAIN, "priority", "estimated_duration", "scheduled_date"):
            if values.get(name) is not None:
                fields[name] = values[name]
        if values.get("notes") is not None:
            job.notes = values["notes"]
        if values.get("required_skills") is not None:
            job.skills = values["required_skills"]
        if values.get("priority") is not None:
            job.priority = PRIORITY_WORDS[values["priority"]]
        if values.get("estimated_duration") is not None:
            job.duration_min = values["estimated_duration"]
        lat, lng = values.get("latitude"), values.get("longitude")
        if lat is not None or lng is not None:
            site = job.site
            job.site = Address(
                site.unit, site.street, site.district, site.city, site.postcode,
                site.lat if lat is None else lat, site.lng if lng is None else lng,
            )  # fmt: skip
        self._book.world.touch(job, now)

    def _planned(self, before: Plan, values: Mapping[str, Any]) -> Plan:
        """The plan after the change."""
        moment = values["scheduled_date"]
        return Plan(
            before.day if moment is None else server_day(self._book, moment),
            values["time_slot_start"] or before.first,
            values["time_slot_end"] or before.last,
        )

    def _check_number(self, number: str | None) -> None:
        """A number that is taken is answered with what the database says."""
        if number is None:
            return
        for job in self._book.jobs():
            if self._book.card(job).fields.get("job_number", job.number) == number:
                raise Refused(400, _DUPLICATE.replace("?", number))
