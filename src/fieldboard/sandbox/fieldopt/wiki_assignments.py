"""The assignments of the documented dialect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import OVER, Book
from fieldboard.sandbox.fieldopt.cards import Assignment
from fieldboard.sandbox.fieldopt.replies import (
    Refused,
    answer,
    conflict,
    dumps,
    id_in,
    ids_in,
    json_body,
    listing,
    missing,
)
from fieldboard.sandbox.fieldopt.wiki_find import job_at, job_of, limit_day, technician_at, technician_of
from fieldboard.sandbox.fieldopt.wiki_rows import assignment_row
from fieldboard.sandbox.records import Job, Technician

FULL = "Technician already has maximum capacity"


class WikiAssignments:
    """``/assignments`` as documented: at most one for a job."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock

    async def assign(self, request: Request) -> Response:
        """POST one job to one technician."""
        body = await json_body(request)
        number, to = id_in(body, "job_id"), id_in(body, "technician_id")
        job, technician = job_of(self._book, number), technician_of(self._book, to)
        self._check_free(job)
        self._check_room(job, technician)
        return answer(self._row(job, self._give(job, technician)), 201)

    async def batch_assign(self, request: Request) -> Response:
        """POST several jobs to one technician; those that cannot be given are left out, or all are."""
        body = await json_body(request)
        numbers, to = ids_in(body, "job_ids"), id_in(body, "technician_id")
        technician = technician_of(self._book, to)
        if self._book.settings.batch == "whole":
            self._check_all(numbers, technician)
        done: list[dict[str, object]] = []
        for number in numbers:
            try:
                job = job_of(self._book, number)
                self._check_free(job)
                self._check_room(job, technician)
            except Refused:
                continue
            self._give(job, technician)
            done.append({"job_id": number, "technician_id": to})
        return answer({"assigned_count": len(done), "assignments": done}, 201)

    async def unassign(self, request: Request) -> Response:
        """POST one job back to the queue."""
        job = job_of(self._book, id_in(await json_body(request), "job_id"))
        self._take(job)
        return Response(status_code=204)

    async def batch_unassign(self, request: Request) -> Response:
        """POST several jobs back to the queue."""
        numbers = ids_in(await json_body(request), "job_ids")
        if self._book.settings.batch == "whole":
            for number in numbers:
                self._check_taken(job_of(self._book, number))
        for number in dict.fromkeys(numbers):
            try:
                self._take(job_of(self._book, number))
            except Refused:
                continue
        return Response(status_code=204)

    async def reassign(self, request: Request) -> Response:
        """POST a job from one technician to another."""
        body = await json_body(request)
        number, to = id_in(body, "job_id"), id_in(body, "new_technician_id")
        job, technician = job_of(self._book, number), technician_of(self._book, to)
        before = self._check_taken(job)
        if before.person_id == technician.id:
            return answer(self._row(job, before))
        self._check_room(job, technician)
        return answer(self._row(job, self._give(job, technician)))

    async def of_technician(self, request: Request) -> Response:
        """All assignments of a technician, those of ended jobs too."""
        technician, rows = technician_at(self._book, request), []
        for job in self._book.jobs():
            if self._book.crew(job) == technician.id:
                assignment = self._book.assignment(job)
                if assignment is not None:
                    rows.append(assignment_row(self._book, job, assignment, with_id=False))
        return listing([dumps(row) for row in rows])

    async def of_job(self, request: Request) -> Response:
        """The assignment of a job."""
        job = job_at(self._book, request)
        assignment = self._book.assignment(job)
        if assignment is None:
            raise missing("Assignment")
        return answer(self._row(job, assignment))

    def _row(self, job: Job, assignment: Assignment) -> dict[str, object]:
        return assignment_row(self._book, job, assignment, with_id=True)

    def _give(self, job: Job, technician: Technician) -> Assignment:
        made = self._book.assign(job, technician, self._clock())
        if made is None:
            raise missing("Assignment")
        return made

    def _take(self, job: Job) -> None:
        self._check_taken(job)
        self._book.assign(job, None, self._clock())

    def _check_free(self, job: Job) -> None:
        word = self._book.word(job)
        if word in OVER:
            raise conflict(f"Job is already {word}")
        if self._book.assignment(job) is not None:
            raise conflict("Job is already assigned")

    def _check_taken(self, job: Job) -> Assignment:
        word = self._book.word(job)
        if word in OVER:
            raise conflict(f"Job is already {word}")
        assignment = self._book.assignment(job)
        if assignment is None:
            raise missing("Assignment")
        return assignment

    def _check_room(self, job: Job, technician: Technician, more: int = 0) -> None:
        if self._book.settings.capacity == "off":
            return
        loads = self._book.loads(limit_day(self._book, job, self._clock()))
        if loads[technician.id] + more >= technician.capacity:
            raise conflict(FULL)

    def _check_all(self, numbers: list[int], technician: Technician) -> None:
        """Refuse a batch of which not everything can be done."""
        on: dict[object, int] = {}
        for number in numbers:
            job = job_of(self._book, number)
            self._check_free(job)
            day = limit_day(self._book, job, self._clock())
            self._check_room(job, technician, on.get(day, 0))
            on[day] = on.get(day, 0) + 1
