"""The assignments of the code dialect: nothing is checked but that a job has one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.cards import Assignment
from fieldboard.sandbox.fieldopt.code_check import Fields, between, id_at, ids, known, object_in, whole
from fieldboard.sandbox.fieldopt.code_find import job_named, technician_named
from fieldboard.sandbox.fieldopt.code_rows import assignment_row
from fieldboard.sandbox.fieldopt.duty import busy, doing, say, steady
from fieldboard.sandbox.fieldopt.replies import Broken, Refused, answer
from fieldboard.sandbox.records import Job, Technician


class CodeAssignments:
    """``/assignments``."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock

    async def assign(self, request: Request) -> Response:
        """POST one job to one technician, whoever that is."""
        given = Fields(await object_in(request), "body")
        number = given.take("job_id", whole, needed=True)
        to = given.take("technician_id", whole, needed=True)
        sequence = given.take("sequence", between(0))
        given.done()
        job, technician = job_named(self._book, number), technician_named(self._book, to)
        self._check_free(job)
        made = self.give(job, technician)
        made.sequence = sequence
        flips = self._book.settings.since("0.0.8")
        if flips and doing(self._book, technician, busy(self._book)) == "available":
            say(self._book, technician, "en_route")
        return answer(assignment_row(self._book, job, made), 201)

    async def reassign(self, request: Request) -> Response:
        """POST a job to somebody else: from 0.0.4 on it works only for a job that nobody has."""
        given = Fields(await object_in(request), "body")
        number = given.take("job_id", whole, needed=True)
        to = given.take("new_technician_id", whole, needed=True)
        given.done()
        job, technician = job_named(self._book, number), technician_named(self._book, to)
        if self._book.assignment(job) is not None and self._book.settings.since("0.0.4"):
            # The new row is inserted before the old one is deleted.
            raise Broken
        return answer(assignment_row(self._book, job, self.give(job, technician)))

    async def batch_assign(self, request: Request) -> Response:
        """POST several jobs to one technician; one that somebody has, or that comes twice, spoils all."""
        given = Fields(await object_in(request), "body")
        numbers = given.take("job_ids", ids, needed=True)
        to = given.take("technician_id", whole, needed=True)
        given.done()
        technician = technician_named(self._book, to)
        found, errors = self._sorted(numbers)
        if any(self._book.assignment(job) is not None for job in found) or len(set(numbers)) < len(numbers):
            raise Broken
        for job in found:
            self.give(job, technician)
        body = {"success": bool(found), "assigned": len(found), "skipped": len(errors), "errors": errors}
        return answer(body)

    async def unassign(self, request: Request) -> Response:
        """POST one job back to pending, also one that is done."""
        given = Fields(await object_in(request), "body")
        number = given.take("job_id", whole, needed=True)
        given.done()
        job = job_named(self._book, number)
        if self._book.assignment(job) is None:
            raise Refused(400, f"Job {number} is not assigned")
        self._take(job)
        return answer({"success": True, "message": f"Job {number} unassigned"})

    async def batch_unassign(self, request: Request) -> Response:
        """POST several jobs back to pending."""
        given = Fields(await object_in(request), "body")
        numbers = given.take("job_ids", ids, needed=True)
        given.done()
        found, errors = self._sorted(list(dict.fromkeys(numbers)))
        taken = [job for job in found if self._book.assignment(job) is not None]
        errors += [f"Job {self._book.card(job).id} is not assigned" for job in found if job not in taken]
        for job in taken:
            self._take(job)
        body = {"success": bool(taken), "unassigned": len(taken), "skipped": len(errors), "errors": errors}
        return answer(body)

    async def of_technician(self, request: Request) -> Response:
        """All assignments of a technician ever, in the order of their sequence, those without at the end."""
        technician = self._book.technician(id_at(request))
        rows = []
        for job in self._book.jobs():
            if technician is not None and self._book.crew(job) == technician.id:
                assignment = self._book.assignment(job)
                if assignment is not None:
                    rows.append((assignment.sequence is None, assignment.sequence or 0, assignment.id, job))
        rows.sort(key=lambda one: one[:3])
        return answer([self._row(one[3]) for one in rows])

    async def of_job(self, request: Request) -> Response:
        """The assignment of a job."""
        number = id_at(request)
        job = self._book.job(number)
        if job is None or self._book.assignment(job) is None:
            raise Refused(404, f"No assignment found for job {number}")
        return answer(self._row(job))

    def give(self, job: Job, technician: Technician) -> Assignment:
        """Give a job, whatever its status was: it is assigned now."""
        before, stamped = self._book.word(job), job.updated_at
        with steady(self._book, job):
            made = self._book.assign(job, technician, self._clock())
        if before == "assigned":
            # Its row is not written: nothing of it changes.
            job.updated_at = stamped
        if made is None:
            raise Broken
        return made

    def _take(self, job: Job) -> None:
        with steady(self._book, job):
            self._book.assign(job, None, self._clock())

    def _row(self, job: Job) -> dict[str, object]:
        assignment = self._book.assignment(job)
        if assignment is None:
            raise Broken
        return assignment_row(self._book, job, assignment)

    def _check_free(self, job: Job) -> None:
        assignment = self._book.assignment(job)
        if assignment is not None:
            number, whose = self._book.card(job).id, self._book.people[assignment.person_id].id
            raise Refused(400, f"Job {number} is already assigned to technician {whose}")

    def _sorted(self, numbers: list[int]) -> tuple[list[Job], list[str]]:
        """The jobs that are there, and what is said of the others."""
        found = [(number, self._book.job(known(number))) for number in numbers]
        errors = [f"Job {number} not found" for number, job in found if job is None]
        return [job for _, job in found if job is not None], errors
