"""The world in the JSON of FieldOpt's wiki: exactly the fields that it names, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.cards import Assignment
from fieldboard.sandbox.fieldopt.duty import Busy, doing
from fieldboard.sandbox.fieldopt.replies import second
from fieldboard.sandbox.records import Job, Technician

JOB_STATUSES = ("pending", "assigned", "in_progress", "completed", "failed")
#: What PATCH takes: cancelled is a status too, as ``/cancel`` sets it.
ALL_STATUSES = (*JOB_STATUSES, "cancelled")
TECHNICIAN_STATUSES = ("available", "on_break", "assigned", "off_duty")


def technician_row(book: Book, technician: Technician, load: int, now: Busy) -> dict[str, object]:
    """A technician; ``load`` is how many open jobs the day has for one, ``now`` who is busy."""
    return {
        "id": book.person(technician).id,
        "name": technician.name,
        "status": doing(book, technician, now),
        "phone": technician.phone,
        "skills": list(technician.skills),
        "capacity": technician.capacity,
        "current_workload": load,
    }


def job_row(book: Book, job: Job) -> dict[str, object]:
    """A job."""
    plan, fields = book.plan(job), book.card(job).fields
    return {
        "id": book.card(job).id,
        "type": fields["type"],
        "customer": fields.get("customer_name", book.world.clients[job.client_id].name),
        "address": fields.get("service_address", f"{job.site.street}, {job.site.city} {job.site.postcode}"),
        "skills_required": list(job.skills),
        "status": book.word(job),
        "scheduled_date": plan.day.isoformat() if plan.day is not None else None,
        "time_slot": plan.slot,
        "assigned_technician": _assigned(book, job),
    }


def assignment_row(book: Book, job: Job, assignment: Assignment, *, with_id: bool) -> dict[str, object]:
    """Who goes to a job; the list of a technician shows no id."""
    row: dict[str, object] = {"id": assignment.id} if with_id else {}
    return row | {
        "job_id": book.card(job).id,
        "technician_id": book.people[assignment.person_id].id,
        "assigned_at": second(assignment.assigned_at),
    }


def part(row: Mapping[str, object]) -> dict[str, object]:
    """The least that tells which entity it is and how it stands."""
    return {name: row[name] for name in ("id", "status")}


def _assigned(book: Book, job: Job) -> object:
    assignment = book.assignment(job)
    if assignment is None:
        return None
    technician = book.world.technicians[assignment.person_id]
    number = book.person(technician).id
    match book.settings.assigned_as:
        case "name":
            return technician.name
        case "object":
            return {"id": number, "name": technician.name}
    return number
