"""Who suits a job in the code dialect; its auto-route gives away everything that is pending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_assignments import CodeAssignments
from fieldboard.sandbox.fieldopt.code_check import Fields, day, object_in
from fieldboard.sandbox.fieldopt.code_find import job_at, technician_at
from fieldboard.sandbox.fieldopt.code_rows import area, areas, minutes, priority, scheduled, server_day
from fieldboard.sandbox.fieldopt.duty import busy, doing
from fieldboard.sandbox.fieldopt.replies import answer
from fieldboard.sandbox.fieldopt.suits import distance, lacks
from fieldboard.sandbox.records import Job, Technician


class CodeRouting:
    """``/routing`` and ``can-do``."""

    def __init__(self, book: Book, assignments: CodeAssignments, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock
        self._assignments = assignments

    async def can_do(self, request: Request) -> Response:
        """Whether a technician could do a job; what one is doing now does not matter."""
        job = job_at(self._book, request, "job_id")
        technician = technician_at(self._book, request, "tech_id")
        lacking, routed = lacks(job, technician), self._routed(job, technician)
        body: dict[str, object] = {
            "job_id": self._book.card(job).id,
            "technician_id": self._book.person(technician).id,
        }
        if not self._book.settings.since("0.0.7"):
            return answer(body | {"can_do": not lacking, "missing_skills": lacking})
        timely = self._timely(job, technician, self._planned(job))
        return answer(
            body
            | {
                "can_do": not lacking and routed and timely,
                "has_skill": not lacking,
                "has_route": routed,
                "has_time": timely,
                "missing_skills": lacking,
                "route_match": area(self._book, job) is not None and routed,
                "distance_miles": round(distance(self._book, job, technician), 2),
            }
        )

    async def best(self, request: Request) -> Response:
        """The nearest who is available and could do a job, also one that somebody has."""
        job = job_at(self._book, request, "job_id")
        best = self._nearest(job)
        miles = round(distance(self._book, job, best), 2) if best is not None else None
        return answer(
            {
                "job_id": self._book.card(job).id,
                "technician_id": self._book.person(best).id if best is not None else None,
                "technician_name": best.name if best is not None else None,
                "distance": miles,
                "has_match": best is not None,
            }
        )

    async def auto_route(self, request: Request) -> Response:
        """POST a day, or none: ALL pending jobs of it are given away. A ``job_id`` is not looked at."""
        given = Fields(await object_in(request), "body")
        wanted = given.take("target_date", _day)
        given.done()
        waiting = [job for job in self._book.jobs() if self._book.word(job) == "pending"]
        if wanted is not None:
            waiting = [
                job
                for job in waiting
                if (at := scheduled(self._book, job)) and server_day(self._book, at) == wanted
            ]
        waiting = [job for job in waiting if self._book.assignment(job) is None]
        waiting.sort(key=lambda job: (priority(self._book, job), self._book.card(job).id))
        left: list[dict[str, object]] = []
        for job in waiting:
            best = self._nearest(job)
            if best is None:
                number = self._book.card(job).id
                left.append({"job_id": number, "reason": "No technicians with required skills"})
            else:
                self._assignments.give(job, best)
        given_away = len(waiting) - len(left)
        return answer(
            {
                "success": True,
                "message": f"Assigned {given_away} of {len(waiting)} jobs",
                "jobs_assigned": given_away,
                "jobs_unassigned": len(left),
                "unassigned_details": left,
            }
        )

    def _nearest(self, job: Job) -> Technician | None:
        now, planned = busy(self._book), self._planned(job)
        able = [
            one
            for one in self._book.world.technicians.values()
            if one.active and doing(self._book, one, now) == "available"
            if not lacks(job, one) and self._routed(job, one) and self._timely(job, one, planned)
        ]
        return min(able, key=lambda one: distance(self._book, job, one), default=None)

    def _routed(self, job: Job, technician: Technician) -> bool:
        """Whether the area of a job, where it has one, is one of the technician's."""
        if not self._book.settings.since("0.0.7"):
            return True
        wanted = area(self._book, job)
        return wanted is None or wanted in areas(self._book, technician)

    def _timely(self, job: Job, technician: Technician, planned: Counter[str]) -> bool:
        """Whether the shift has room for a job beside what is planned; no clock is looked at."""
        hours = next(iter(technician.shift.values()), None)
        room = hours[1] - hours[0] if hours is not None else 0
        return room - planned[technician.id] >= minutes(self._book, job)

    def _planned(self, job: Job) -> Counter[str]:
        """Minutes of open work of each technician on the day of a job (today without one), or on all days."""
        book = self._book
        on = book.plan(job).day or book.world.day_of(self._clock())
        total: Counter[str] = Counter()
        for other in book.jobs():
            person_id = book.crew(other)
            if person_id is None or other is job or other.status in ("done", "cancelled"):
                continue
            if book.settings.time_all or book.plan(other).day == on:
                total[person_id] += minutes(book, other)
        return total


def _day(value: object) -> object:
    """A day, also as an instant."""
    return day(value[:10] if isinstance(value, str) else value)
