"""The statuses of jobs in the code dialect: a table of moves, and three shorthands with their own ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_check import Fields, object_in, one_of, text
from fieldboard.sandbox.fieldopt.code_find import job_at
from fieldboard.sandbox.fieldopt.code_jobs import CodeJobs
from fieldboard.sandbox.fieldopt.code_rows import JOB_STATUSES
from fieldboard.sandbox.fieldopt.duty import steady
from fieldboard.sandbox.fieldopt.replies import Broken, Refused
from fieldboard.sandbox.records import Job

MOVES: dict[str, tuple[str, ...]] = {
    "pending": ("assigned", "cancelled", "on_hold"),
    "assigned": ("in_progress", "pending", "cancelled", "on_hold"),
    "in_progress": ("completed", "on_hold", "cancelled"),
    "on_hold": ("pending", "assigned", "cancelled"),
    "completed": (),
    "cancelled": (),
}


class CodeStatuses:
    """``/jobs/{id}/status``, ``start``, ``complete`` and ``cancel``. None touches the assignment."""

    def __init__(self, book: Book, jobs: CodeJobs, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._jobs = jobs
        self._clock = clock

    async def set(self, request: Request) -> Response:
        """PATCH the status; a reason is taken and forgotten."""
        job = job_at(self._book, request)
        given = Fields(await object_in(request), "body")
        word = given.take("status", one_of(JOB_STATUSES), needed=True)
        given.take("reason", text)
        given.done()
        return self._move(job, word)

    async def start(self, request: Request) -> Response:
        """Somebody has begun."""
        return self._move(job_at(self._book, request), "in_progress")

    async def complete(self, request: Request) -> Response:
        """The work is done."""
        return self._move(job_at(self._book, request), "completed")

    async def cancel(self, request: Request) -> Response:
        """The job is off; the reason in the query is written under the notes. Twice is too much for it."""
        job, reason = job_at(self._book, request), request.query_params.get("reason")
        if "cancelled" not in MOVES.get(self._book.word(job), ()):
            raise Broken
        if reason:
            at = self._clock().astimezone(UTC).replace(tzinfo=None).isoformat()
            job.notes = f"{job.notes}\n[CANCELLED {at}]: {reason}"
        return self._move(job, "cancelled")

    def _move(self, job: Job, word: str) -> Response:
        before, now = self._book.word(job), self._clock()
        if word not in MOVES.get(before, ()):
            was, to = before.upper(), word.upper()
            raise Refused(400, f"Invalid state transition from JobStatus.{was} to JobStatus.{to}")
        with steady(self._book, job):
            self._book.become(job, word, now)
        self._book.world.touch(job, now)
        return self._jobs.shown(job)
