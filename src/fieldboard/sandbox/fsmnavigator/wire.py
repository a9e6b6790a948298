"""The world in FSM Navigator's JSON: exactly the fields that its documents name, and no other."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldboard.sandbox.fsmnavigator.book import Book, Link, second
from fieldboard.sandbox.fsmnavigator.settings import Settings
from fieldboard.sandbox.records import Client, Job, Priority, Technician

PRIORITY: dict[Priority, str] = {"low": "Low", "normal": "Medium", "high": "High", "urgent": "Urgent"}
PRIORITY_WORDS: dict[str, Priority] = {word: priority for priority, word in PRIORITY.items()}

_BUSY = frozenset({"travelling", "arrived", "working"})


def stamp(instant: datetime | None) -> str | None:
    """An instant as ``2026-02-25T09:00:00Z``."""
    return None if instant is None else second(instant).strftime("%Y-%m-%dT%H:%M:%SZ")


def site_name(client: Client) -> str:
    """What the customer's place is called."""
    return "Home" if client.kind == "person" else "Main site"


def job_json(book: Book, job: Job) -> dict[str, object]:
    """A job as lists have it: without its assets."""
    world = book.world
    client = world.clients[job.client_id]
    person = world.technicians.get(book.crew(job) or "")
    start, end = book.scheduled(job)
    visit = book.visit(job)
    return {
        "job_id": int(job.number),
        "job_title": job.title,
        "job_description": job.notes,
        "job_status": book.status(job),
        "job_priority": PRIORITY[job.priority],
        "assigned_technician_id": book.technician_id(person.id) if person is not None else None,
        "assigned_technician_name": person.name if person is not None else None,
        "customer_location_id": book.site_id(client.id),
        "customer_location_name": site_name(client),
        "customer_id": book.client_id(client.id),
        "customer_name": client.name,
        "scheduled_start": stamp(start),
        "scheduled_end": stamp(end),
        "actual_start": stamp(visit.started_at) if visit is not None else None,
        "actual_end": stamp(visit.ended_at) if visit is not None else None,
        "created_at": stamp(job.created_at),
        "updated_at": stamp(job.updated_at),
    }


def job_detail_json(book: Book, job: Job, settings: Settings) -> dict[str, object]:
    """A job by itself, with its assets where the account has that module."""
    row = job_json(book, job)
    if settings.assets:
        row["assets"] = [_asset_json(book, link) for link in book.links.get(job.id, ())]
    return row


def _asset_json(book: Book, link: Link) -> dict[str, object]:
    asset = book.assets[link.asset_id]
    return {
        "asset_id": asset.id,
        "asset_tag": asset.tag,
        "asset_name": asset.name,
        "asset_status": asset.status,
        "relationship_type": link.relation,
        "relationship_notes": link.notes,
        "linked_at": stamp(link.linked_at),
    }


def busy_people(book: Book, now: datetime) -> frozenset[str]:
    """Those who are on the road or at a customer's now."""
    today = book.world.day_of(now)
    return frozenset(
        one
        for visit in book.world.visits.values()
        if visit.status in _BUSY and visit.start is not None and book.world.day_of(visit.start) == today
        for one in visit.crew
    )


def availability(book: Book, person: Technician, now: datetime, busy: frozenset[str]) -> str:
    """What a technician is doing, in the three words of the API."""
    local = now.astimezone(book.world.zone)
    hours = person.hours(local.date())
    minute = local.hour * 60 + local.minute
    if not person.active or hours is None or not hours[0] <= minute < hours[1]:
        return "Offline"
    return "Busy" if person.id in busy else "Available"


def technician_json(book: Book, person: Technician, word: str) -> dict[str, object]:
    """A technician as lists have it."""
    hired = second(datetime.combine(book.world.today, datetime.min.time(), book.world.zone))
    return {
        "technician_id": book.technician_id(person.id),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "status": "Active" if person.active else "Inactive",
        "availability_status": word,
        "vehicle_type": "Van",
        "transport_modes": ["driving"],
        "created_at": stamp(hired - timedelta(days=400)),
        "updated_at": stamp(hired - timedelta(days=40)),
    }


def technician_detail_json(
    book: Book, person: Technician, word: str, settings: Settings
) -> dict[str, object]:
    """A technician by itself: with the skills, in one of the shapes that they may have."""
    row = technician_json(book, person, word)
    if settings.skills == "texts":
        row["skills"] = list(person.skills)
    elif settings.skills == "objects":
        row["skills"] = [
            {"skill_id": number, "skill_name": name} for number, name in enumerate(person.skills, 1)
        ]
    return row


def customer_json(book: Book, client: Client) -> dict[str, object]:
    """A customer as lists have it."""
    digits = "".join(one for one in client.phone if one.isdecimal())
    return {
        "customer_id": book.client_id(client.id),
        "customer_name": client.name,
        "customer_email": client.email,
        "customer_phone": f"+44{digits.removeprefix('0')}",
        "default_sla_hours": 24 if client.kind == "person" else 8,
        "tax_exempt": False,
        "tax_exemption_reason": None,
        "created_at": stamp(client.created_at),
        "updated_at": stamp(client.updated_at),
    }


def location_json(book: Book, client: Client, settings: Settings) -> dict[str, object]:
    """The customer's place."""
    site = client.site
    row: dict[str, object] = {
        settings.location_key: book.site_id(client.id),
        "location_name": site_name(client),
        "street": f"{site.unit}, {site.street}" if site.unit else site.street,
        "city": site.city,
        "state": "",
        "zip": site.postcode,
    }
    if settings.coordinates:
        row |= {"latitude": site.lat, "longitude": site.lng}
    return row
