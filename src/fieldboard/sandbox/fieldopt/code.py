"""The calls that FieldOpt's public releases answer, each release those that it has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_assignments import CodeAssignments
from fieldboard.sandbox.fieldopt.code_jobs import CodeJobs
from fieldboard.sandbox.fieldopt.code_people import CodePeople
from fieldboard.sandbox.fieldopt.code_routing import CodeRouting
from fieldboard.sandbox.fieldopt.code_search import CodeSearch
from fieldboard.sandbox.fieldopt.code_statuses import CodeStatuses
from fieldboard.sandbox.fieldopt.openapi import VERSIONS
from fieldboard.sandbox.fieldopt.replies import Refused, answer
from fieldboard.sandbox.fieldopt.wiki import BASE, Row


def code_routes(
    book: Book, clock: Callable[[], datetime], reset: Callable[[], None]
) -> tuple[list[Route], Row]:
    """The routes of the code dialect in the release of the settings, and what makes a job's row."""
    people, jobs = CodePeople(book, clock), CodeJobs(book, clock)
    statuses, search = CodeStatuses(book, jobs, clock), CodeSearch(book, jobs)
    assignments = CodeAssignments(book, clock)
    routing, simulation = CodeRouting(book, assignments, clock), Simulation(book, reset)
    calls = [
        ("0.0.3", "GET", "/technicians/", people.every),
        ("0.0.3", "POST", "/technicians/", people.create),
        ("0.0.3", "GET", "/technicians/available", people.available),
        ("0.0.3", "GET", "/technicians/{id}", people.get),
        ("0.0.3", "PATCH", "/technicians/{id}", people.update),
        ("0.0.3", "DELETE", "/technicians/{id}", people.delete),
        ("0.0.3", "PATCH", "/technicians/{id}/status", people.set_status),
        ("0.0.3", "PATCH", "/technicians/{id}/location", people.set_place),
        ("0.0.3", "GET", "/technicians/{id}/workload", people.workload),
        ("0.0.3", "GET", "/jobs/", jobs.every),
        ("0.0.3", "POST", "/jobs/", jobs.create),
        ("0.0.3", "GET", "/jobs/pending", jobs.pending),
        ("0.0.3", "GET", "/jobs/summary", jobs.summary),
        ("0.0.7", "GET", "/jobs/search/query", search.query),
        ("0.0.3", "GET", "/jobs/{id}", jobs.get),
        ("0.0.3", "PATCH", "/jobs/{id}", jobs.update),
        ("0.0.3", "DELETE", "/jobs/{id}", jobs.delete),
        ("0.0.3", "PATCH", "/jobs/{id}/status", statuses.set),
        ("0.0.3", "POST", "/jobs/{id}/start", statuses.start),
        ("0.0.3", "POST", "/jobs/{id}/complete", statuses.complete),
        ("0.0.3", "POST", "/jobs/{id}/cancel", statuses.cancel),
        ("0.0.3", "GET", "/jobs/{job_id}/can-do/{tech_id}", routing.can_do),
        ("0.0.3", "POST", "/assignments/", assignments.assign),
        ("0.0.3", "GET", "/assignments/technician/{id}", assignments.of_technician),
        ("0.0.3", "GET", "/assignments/job/{id}", assignments.of_job),
        ("0.0.3", "POST", "/assignments/unassign", assignments.unassign),
        ("0.0.3", "POST", "/assignments/reassign", assignments.reassign),
        ("0.0.6", "POST", "/assignments/batch-assign", assignments.batch_assign),
        ("0.0.6", "POST", "/assignments/batch-unassign", assignments.batch_unassign),
        ("0.0.3", "POST", "/routing/auto-route", routing.auto_route),
        ("0.0.3", "GET", "/routing/best-tech/{job_id}", routing.best),
        ("0.0.8", "GET", "/simulation/status", simulation.status),
        *(("0.0.8", "POST", f"/simulation/{act}", simulation.act) for act in simulation.ACTS),
    ]
    settings = book.settings
    routes = [
        Route(BASE + path, call, methods=[method])
        for since, method, path, call in calls
        if settings.since(since)
    ]

    async def health(_: Request) -> Response:
        version = VERSIONS.get(settings.version, settings.version)
        return answer({"status": "healthy", "version": version})

    return [*routes, Route("/health", health, methods=["GET"])], jobs.row


class Simulation:
    """``/simulation``: told of in every release from 0.0.8 on, played only by a demo server."""

    ACTS = ("start", "pause", "resume", "stop", "speed")

    def __init__(self, book: Book, reset: Callable[[], None]) -> None:
        self._book = book
        self._reset = reset
        self._state = "idle"

    async def status(self, _: Request) -> Response:
        """What it is doing."""
        return answer({"status": self._state})

    async def act(self, request: Request) -> Response:
        """POST one of its acts; to start it is to lose the whole database."""
        if not self._book.settings.demo:
            raise Refused(404, "Not found")
        name = request.url.path.rpartition("/")[2]
        if name == "start":
            self._reset()
        self._state = {"pause": "paused", "stop": "idle"}.get(name, "running")
        return answer({"status": self._state})
