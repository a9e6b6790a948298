"""The twenty-one calls that FieldOpt's wiki documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.routing import Route

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.wiki_assignments import WikiAssignments
from fieldboard.sandbox.fieldopt.wiki_jobs import WikiJobs
from fieldboard.sandbox.fieldopt.wiki_people import WikiPeople
from fieldboard.sandbox.fieldopt.wiki_routing import WikiRouting
from fieldboard.sandbox.records import Job

BASE = "/api/v1"
#: A job as the JSON of its row.
Row = Callable[[Job], bytes]


def wiki_routes(book: Book, clock: Callable[[], datetime]) -> tuple[list[Route], Row]:
    """The routes of the documented dialect, and what makes a job's row."""
    people, jobs = WikiPeople(book, clock), WikiJobs(book, clock)
    assignments, routing = WikiAssignments(book, clock), WikiRouting(book, clock)
    calls = (
        ("GET", "/technicians/", people.every),
        ("POST", "/technicians/", people.create),
        ("GET", "/technicians/{id}", people.get),
        ("PATCH", "/technicians/{id}/status", people.set_status),
        ("PATCH", "/technicians/{id}/location", people.set_place),
        ("GET", "/jobs/", jobs.every),
        ("POST", "/jobs/", jobs.create),
        ("GET", "/jobs/summary", jobs.summary),
        ("GET", "/jobs/{id}", jobs.get),
        ("PATCH", "/jobs/{id}", jobs.update),
        ("POST", "/jobs/{id}/start", jobs.start),
        ("POST", "/jobs/{id}/complete", jobs.complete),
        ("POST", "/jobs/{id}/cancel", jobs.cancel),
        ("GET", "/jobs/{job_id}/can-do/{tech_id}", routing.can_do),
        ("POST", "/assignments/", assignments.assign),
        ("POST", "/assignments/batch-assign", assignments.batch_assign),
        ("POST", "/assignments/batch-unassign", assignments.batch_unassign),
        ("POST", "/assignments/unassign", assignments.unassign),
        ("POST", "/assignments/reassign", assignments.reassign),
        ("GET", "/assignments/technician/{id}", assignments.of_technician),
        ("GET", "/assignments/job/{id}", assignments.of_job),
        ("POST", "/routing/auto-route", routing.auto_route),
        ("GET", "/routing/best-tech/{job_id}", routing.best),
    )
    return [Route(BASE + path, call, methods=[method]) for method, path, call in calls], jobs.row
