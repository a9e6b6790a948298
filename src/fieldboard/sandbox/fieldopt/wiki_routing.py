"""Who suits a job, as documented: skills, distance, and room on the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.duty import busy, doing
from fieldboard.sandbox.fieldopt.replies import answer, id_in, json_body
from fieldboard.sandbox.fieldopt.suits import distance, lacks
from fieldboard.sandbox.fieldopt.wiki_find import job_at, job_of, limit_day, technician_at
from fieldboard.sandbox.records import Job, Technician

#: Beyond this nobody is near.
_FAR_MILES = 15.0


class WikiRouting:
    """``/routing`` and ``can-do`` as documented: both only tell, and change nothing."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock

    async def auto_route(self, request: Request) -> Response:
        """POST a job; who would be best for it."""
        return self._recommend(job_of(self._book, id_in(await json_body(request), "job_id")))

    async def best(self, request: Request) -> Response:
        """The same by GET."""
        return self._recommend(job_at(self._book, request, "job_id"))

    async def can_do(self, request: Request) -> Response:
        """Whether a technician has the skills of a job."""
        job = job_at(self._book, request, "job_id")
        technician = technician_at(self._book, request, "tech_id")
        lacking = lacks(job, technician)
        return answer(
            {
                "can_do": not lacking,
                "tech_id": self._book.person(technician).id,
                "job_id": self._book.card(job).id,
                "missing_skills": lacking,
            }
        )

    def _recommend(self, job: Job) -> Response:
        book = self._book
        loads = book.loads(limit_day(book, job, self._clock()))
        now = busy(book)
        able = [
            one
            for one in book.world.technicians.values()
            if one.active and not lacks(job, one) and doing(book, one, now) != "off_duty"
        ]
        best = max(able, key=lambda one: (self._score(job, one, loads), -book.person(one).id), default=None)
        told: object = None
        if best is not None:
            told = {
                "id": book.person(best).id,
                "name": best.name,
                "skills": list(best.skills),
                "capacity_available": loads[best.id] < best.capacity,
                "match_score": self._score(job, best, loads),
            }
        return answer({"job_id": book.card(job).id, "recommended_technician": told})

    def _score(self, job: Job, technician: Technician, loads: Counter[str]) -> float:
        near = max(0.0, 1 - distance(self._book, job, technician) / _FAR_MILES)
        free = max(0.0, 1 - loads[technician.id] / max(1, technician.capacity))
        return round(0.5 + 0.3 * near + 0.2 * free, 2)
