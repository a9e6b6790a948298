"""The jobs of the documented dialect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import OVER, Book
from fieldboard.sandbox.fieldopt.kinds import TYPES
from fieldboard.sandbox.fieldopt.new_job import NewJob, take_down
from fieldboard.sandbox.fieldopt.plan import Plan, clock
from fieldboard.sandbox.fieldopt.replies import (
    Body,
    answer,
    choice,
    conflict,
    day,
    dumps,
    invalid,
    json_body,
    listing,
    text,
    texts,
)
from fieldboard.sandbox.fieldopt.wiki_find import job_at
from fieldboard.sandbox.fieldopt.wiki_rows import ALL_STATUSES, JOB_STATUSES, job_row, part
from fieldboard.sandbox.records import Job

_SLOT = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


class WikiJobs:
    """``/jobs`` as documented."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock
        self._rows: dict[str, tuple[object, bytes]] = {}

    async def every(self, request: Request) -> Response:
        """All jobs that the filters let through, the oldest first: nothing is said of pages."""
        query, book = request.query_params, self._book
        wanted = day(query["scheduled_date"]) if "scheduled_date" in query else None
        status, kind = query.get("status"), query.get("type")
        if status is not None and status not in JOB_STATUSES:
            raise invalid("Invalid status")
        if kind is not None and kind not in TYPES:
            raise invalid("Invalid type")
        found = [
            job
            for job in book.jobs()
            if (kind is None or book.card(job).fields["type"] == kind)
            and (status is None or book.word(job) == status)
            and (wanted is None or book.plan(job).day == wanted)
        ]
        return listing([self.row(job) for job in found[: book.settings.list_cap or len(found)]])

    async def get(self, request: Request) -> Response:
        """One job."""
        return self._shown(job_at(self._book, request))

    async def create(self, request: Request) -> Response:
        """POST a job."""
        body = await json_body(request)
        made = NewJob(choice(body, "type", TYPES), text(body, "customer"), text(body, "address"))
        made.skills = texts(body, "skills_required")
        planned = _day(body), _slot(body)
        now = self._clock()
        job = take_down(self._book, made, now)
        self._book.set_plan(job, Plan(planned[0], *planned[1]), now)
        return self._shown(job, 201)

    async def update(self, request: Request) -> Response:
        """PATCH any of the fields, the status too."""
        job, book = job_at(self._book, request), self._book
        body = await json_body(request)
        plan, fields = book.plan(job), book.card(job).fields
        changed: dict[str, object] = {}
        if "type" in body:
            changed["type"] = choice(body, "type", TYPES)
        for name, kept in (("customer", "customer_name"), ("address", "service_address")):
            if name in body:
                changed[kept] = text(body, name)
        skills = texts(body, "skills_required") if "skills_required" in body else job.skills
        word = choice(body, "status", ALL_STATUSES) if "status" in body else None
        first, last = _slot(body) if "time_slot" in body else (plan.first, plan.last)
        after = Plan(_day(body) if "scheduled_date" in body else plan.day, first, last)
        now = self._clock()
        fields.update(changed)
        job.skills = skills
        if after != plan:
            book.set_plan(job, after, now)
        if word is not None and word != book.word(job):
            book.become(job, word, now)
        book.world.touch(job, now)
        return self._changed(job)

    async def start(self, request: Request) -> Response:
        """Somebody has begun."""
        return self._mark(request, "in_progress")

    async def complete(self, request: Request) -> Response:
        """The work is done."""
        return self._mark(request, "completed")

    async def cancel(self, request: Request) -> Response:
        """The job is off."""
        return self._mark(request, "cancelled")

    async def summary(self, _: Request) -> Response:
        """How many jobs there are of each documented status; cancelled ones only count in the total."""
        jobs = self._book.jobs()
        words = Counter(self._book.word(job) for job in jobs)
        return answer({"total_jobs": len(jobs)} | {word: words[word] for word in JOB_STATUSES})

    def _mark(self, request: Request, word: str) -> Response:
        job = job_at(self._book, request)
        before = self._book.word(job)
        if before in OVER:
            raise conflict(f"Job is already {before}")
        if before != word:
            self._book.become(job, word, self._clock())
        return self._changed(job)

    def _changed(self, job: Job) -> Response:
        if self._book.settings.answers == "nothing":
            return Response(status_code=204)
        if self._book.settings.answers == "partial":
            return answer(part(job_row(self._book, job)))
        return self._shown(job)

    def _shown(self, job: Job, status: int = 200) -> Response:
        return Response(self.row(job), status, media_type="application/json")

    def row(self, job: Job) -> bytes:
        """A job as JSON, encoded once and kept until what it shows changes."""
        book = self._book
        card = book.card(job)
        key = (card.id, job.rev, book.word(job), book.crew(job))
        known = self._rows.get(job.id)
        if known is not None and known[0] == key:
            return known[1]
        row = dumps(job_row(book, job))
        self._rows[job.id] = (key, row)
        return row


def _day(body: Body) -> date | None:
    value = body.get("scheduled_date")
    if value is None:
        return None
    return day(value)


def _slot(body: Body) -> tuple[str | None, str | None]:
    """Both ends of a ``HH:MM-HH:MM``; one over midnight is a slot too."""
    value = body.get("time_slot")
    if value is None:
        return None, None
    match = _SLOT.fullmatch(value) if isinstance(value, str) else None
    if match is None or clock(match[1]) is None or clock(match[2]) is None:
        raise invalid()
    return match[1], match[2]
