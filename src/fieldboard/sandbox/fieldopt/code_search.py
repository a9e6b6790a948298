"""The search of the code dialect, which the releases have from 0.0.7 on."""

from __future__ import annotations

import re
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_check import between, day, one_of, text, whole
from fieldboard.sandbox.fieldopt.code_find import queried
from fieldboard.sandbox.fieldopt.code_jobs import CodeJobs
from fieldboard.sandbox.fieldopt.code_rows import JOB_STATUSES, area, priority, scheduled, server_day
from fieldboard.sandbox.fieldopt.kinds import TYPES
from fieldboard.sandbox.fieldopt.replies import listing
from fieldboard.sandbox.records import Job


class CodeSearch:
    """``/jobs/search/query``."""

    def __init__(self, book: Book, jobs: CodeJobs) -> None:
        self._book = book
        self._jobs = jobs

    async def query(self, request: Request) -> Response:
        """The jobs that fit, the latest day first and undated ones before them; the rest is cut off."""
        query, book = queried(request), self._book
        first, last = query.take("date_from", day), query.take("date_to", day)
        number, technician = query.take("job_id", whole), query.take("tech_id", whole)
        wanted = query.take("job_number", text), query.take("customer_name", text)
        status = query.take("status", one_of(JOB_STATUSES))
        kind, route = query.take("job_type", one_of(TYPES)), query.take("route_criteria", text)
        limit = query.take("limit", between(1, 1000)) or 200
        query.done()
        patterns = [_like(one) for one in wanted]
        found: list[tuple[bool, int, int, int, Job]] = []
        for job in book.jobs():
            card, moment = book.card(job), scheduled(book, job)
            on = server_day(book, moment) if moment is not None else None
            shown = card.fields.get("job_number", job.number), self._customer(job)
            assignment = book.assignment(job)
            if (
                _within(on, first, last)
                and number in (None, card.id)
                and status in (None, book.word(job))
                and kind in (None, card.fields["type"])
                and route in (None, area(book, job))
                and all(
                    like is None or like.search(str(one or ""))
                    for like, one in zip(patterns, shown, strict=True)
                )
                and (
                    technician is None
                    or (assignment is not None and book.people[assignment.person_id].id == technician)
                )
            ):
                found.append(
                    (on is not None, -on.toordinal() if on else 0, priority(book, job), card.id, job)
                )
        found.sort(key=lambda one: one[:4])
        return listing([self._jobs.row(one[4]) for one in found[:limit]])

    def _customer(self, job: Job) -> object:
        fields = self._book.card(job).fields
        return fields.get("customer_name", self._book.world.clients[job.client_id].name)


def _within(on: date | None, first: date | None, last: date | None) -> bool:
    """Whether a day is in the span; without a day a job is in no span."""
    if first is None and last is None:
        return True
    return on is not None and (first is None or on >= first) and (last is None or on <= last)


def _like(needle: str | None) -> re.Pattern[str] | None:
    """A part of a text in any case; ``%`` stands for anything and ``_`` for any character."""
    if needle is None:
        return None
    parts = (".*" if one == "%" else "." if one == "_" else re.escape(one) for one in needle)
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
