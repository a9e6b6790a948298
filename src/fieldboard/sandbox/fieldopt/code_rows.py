"""The world in the JSON that FieldOpt's releases answer with; the older ones lack some fields."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.cards import Assignment
from fieldboard.sandbox.fieldopt.duty import Busy, doing
from fieldboard.sandbox.fieldopt.settings import Settings
from fieldboard.sandbox.records import Job, Priority, Technician
from fieldboard.sandbox.streets import DISTRICTS

JOB_STATUSES = ("pending", "assigned", "in_progress", "completed", "cancelled", "on_hold")
TECHNICIAN_STATUSES = ("available", "on_job", "en_route", "on_break", "off_duty")
PRIORITY: dict[Priority, int] = {"urgent": 1, "high": 2, "normal": 3, "low": 4}
PRIORITY_WORDS: dict[int, Priority] = {1: "urgent", 2: "high", 3: "normal", 4: "low", 5: "low"}
_TERRITORY = {one.name: one.territory for one in DISTRICTS}
#: Fields of rows by the release that they came with.
_SINCE: dict[str, str] = {
    "assigned_tech_id": "0.0.6",
    "assigned_tech_name": "0.0.6",
    "assigned_jobs": "0.0.6",
    "completed_jobs": "0.0.6",
    "route_criteria": "0.0.7",
    "assigned_routes": "0.0.7",
    "estimated_arrival": "0.0.8",
    "actual_duration_minutes": "0.0.8",
}


def of_release(settings: Settings, row: Mapping[str, object]) -> dict[str, object]:
    """A row with the fields that the release has."""
    return {name: value for name, value in row.items() if settings.since(_SINCE.get(name, ""))}


def utc(moment: datetime | None) -> str | None:
    """An instant that a client wrote, as ``2026-11-22T08:00:00Z``; microseconds where there are any."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def stamp(book: Book, moment: datetime | None) -> str | None:
    """An instant that the server wrote: off by its zone, as it takes its own time for local twice."""
    if moment is None:
        return None
    shift = moment.astimezone(ZoneInfo(book.settings.server_zone)).utcoffset()
    return utc(moment - shift if shift is not None else moment)


def scheduled(book: Book, job: Job) -> datetime | None:
    """``scheduled_date``: what was written, else eight o'clock UTC of the day."""
    day, written = book.plan(job).day, book.card(job).fields.get("scheduled_date")
    if day is None:
        return None
    if isinstance(written, datetime) and server_day(book, written) == day:
        return written
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


def server_day(book: Book, moment: datetime) -> date:
    """The day in which the server's process finds an instant."""
    return moment.astimezone(ZoneInfo(book.settings.server_zone)).date()


def priority(book: Book, job: Job) -> int:
    """1 is the most urgent of 5."""
    written = book.card(job).fields.get("priority")
    if isinstance(written, int) and PRIORITY_WORDS.get(written) == job.priority:
        return written
    return PRIORITY[job.priority]


def area(book: Book, job: Job) -> str | None:
    """``route_criteria``: one job in three must be done by somebody of its area."""
    card = book.card(job)
    known = _TERRITORY.get(job.site.district) if card.id % 3 == 0 else None
    found = card.fields.get("route_criteria", known)
    return found if isinstance(found, str) else None


def areas(book: Book, technician: Technician) -> list[str]:
    """``assigned_routes`` of a technician."""
    found = book.person(technician).fields.get("assigned_routes")
    if isinstance(found, tuple):
        return [str(one) for one in found]
    return list(dict.fromkeys(one for one in (technician.territory, "Centre") if one))


def minutes(book: Book, job: Job) -> int:
    """``estimated_duration``."""
    written = book.card(job).fields.get("estimated_duration")
    return written if isinstance(written, int) else max(15, min(480, round(job.duration_min)))


def job_row(book: Book, job: Job) -> dict[str, object]:
    """A job."""
    card, visit, plan = book.card(job), book.visit(job), book.plan(job)
    fields, client, site = card.fields, book.world.clients[job.client_id], job.site
    assignment = book.assignment(job)
    technician = book.world.technicians[assignment.person_id] if assignment is not None else None
    row: dict[str, object] = {
        "id": card.id,
        "job_number": fields.get("job_number", job.number),
        "job_type": fields["type"],
        "status": book.word(job),
        "customer_name": fields.get("customer_name", client.name),
        "customer_phone": fields.get("customer_phone", job.phone or None),
        "customer_email": fields.get("customer_email", client.email or None),
        "service_address": fields.get(
            "service_address", f"{site.unit}, {site.street}" if site.unit else site.street
        ),
        "service_city": fields.get("service_city", site.city or None),
        "service_zip": fields.get("service_zip", site.postcode or None),
        "latitude": site.lat,
        "longitude": site.lng,
        "required_skills": list(job.skills),
        "route_criteria": area(book, job),
        "priority": priority(book, job),
        "scheduled_date": utc(scheduled(book, job)),
        "time_slot_start": plan.first,
        "time_slot_end": plan.last,
        "estimated_duration": minutes(book, job),
        "description": fields.get("description", job.title),
        "notes": job.notes or None,
        "special_instructions": fields.get("special_instructions"),
        "created_at": stamp(book, card.created_at),
        "updated_at": stamp(book, job.updated_at),
        "started_at": stamp(book, (visit.started_at if visit is not None else None) or card.started_at),
        "completed_at": stamp(book, (visit.ended_at if visit is not None else None) or card.completed_at),
        "assigned_tech_id": book.person(technician).id if technician is not None else None,
        "assigned_tech_name": technician.name if technician is not None else None,
        "estimated_arrival": None,
        "actual_duration_minutes": _drawn(card.id, assignment, minutes(book, job)),
    }
    return of_release(book.settings, row)


def technician_row(book: Book, technician: Technician, now: Busy, counts: Counts) -> dict[str, object]:
    """A technician; ``now`` tells who is busy, ``counts`` how many jobs each has."""
    person = book.person(technician)
    fields, hours = person.fields, next(iter(technician.shift.values()), None)
    lat, lng = person.place or (None, None)
    row: dict[str, object] = {
        "id": person.id,
        "name": technician.name,
        "employee_id": fields.get("employee_id", f"T-{person.id:03d}"),
        "phone": technician.phone or None,
        "email": technician.email or None,
        "status": doing(book, technician, now),
        "is_active": technician.active,
        "current_latitude": lat,
        "current_longitude": lng,
        "last_location_update": stamp(book, person.place_at),
        "home_latitude": technician.home[0],
        "home_longitude": technician.home[1],
        "home_address": fields.get("home_address"),
        "skills": list(technician.skills),
        "assigned_routes": areas(book, technician),
        "shift_start": fields.get("shift_start", _clock(hours[0]) if hours is not None else None),
        "shift_end": fields.get("shift_end", _clock(hours[1]) if hours is not None else None),
        "max_jobs_per_day": technician.capacity,
        "created_at": stamp(book, person.created_at),
        "updated_at": stamp(book, person.updated_at),
        "assigned_jobs": counts.open[technician.id],
        "completed_jobs": counts.done[technician.id],
    }
    return of_release(book.settings, row)


def assignment_row(book: Book, job: Job, assignment: Assignment) -> dict[str, object]:
    """Who goes to a job."""
    at = stamp(book, assignment.assigned_at)
    return {
        "id": assignment.id,
        "job_id": book.card(job).id,
        "technician_id": book.people[assignment.person_id].id,
        "assigned_at": at,
        "sequence": assignment.sequence,
        "estimated_travel_time": None,
        "estimated_distance": None,
        "estimated_arrival": None,
        "created_at": at,
        "updated_at": at,
    }


class Counts:
    """How many jobs each technician has, over all days: the open ones, cancelled too, and the completed."""

    def __init__(self, book: Book) -> None:
        self.open: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        for job in book.jobs():
            person_id = book.crew(job)
            if person_id is not None:
                (self.done if book.word(job) == "completed" else self.open)[person_id] += 1


def _drawn(number: int, assignment: Assignment | None, planned: int) -> int | None:
    """``actual_duration_minutes``: a draw of the moment of assigning, no measurement."""
    if assignment is None:
        return None
    return round(planned * random.Random(f"{number} {assignment.id}").uniform(0.6, 1.7))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
