"""The world in FieldCamp's JSON: exactly the fields that its documents name, and no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from fieldboard.sandbox.records import (
    Address,
    Client,
    Item,
    Job,
    JobStatus,
    Priority,
    Technician,
    Visit,
    VisitStatus,
    World,
)

JOB_STATUS: dict[JobStatus, str] = {
    "draft": "draft",
    "open": "scheduled",
    "active": "in-progress",
    "done": "completed",
    "cancelled": "cancelled",
}
VISIT_STATUS: dict[VisitStatus, str] = {
    "unscheduled": "unscheduled",
    "scheduled": "scheduled",
    "travelling": "in-transit",
    "arrived": "arrived",
    "working": "in-progress",
    "paused": "paused",
    "done": "completed",
    "cancelled": "cancelled",
}
#: The words that an update may use, back to the world's.
JOB_WORDS: dict[str, JobStatus] = {word: status for status, word in JOB_STATUS.items()}
VISIT_WORDS: dict[str, VisitStatus] = {word: status for status, word in VISIT_STATUS.items()}
#: The four that the documents call supported.
SUPPORTED = ("draft", "scheduled", "in-progress", "completed")
PRIORITY: dict[Priority, str] = {
    "low": "low",
    "normal": "medium",
    "high": "high",
    "urgent": "urgent",
}
PRIORITY_WORDS: dict[str, Priority] = {
    "low": "low",
    "normal": "normal",
    "medium": "normal",
    "high": "high",
    "urgent": "urgent",
    "crucial": "urgent",
}

#: The company's own job field for the promised window: ``2026-06-04 08:00-12:00`` on its clock.
WINDOW_FIELD = "Arrival window"

#: Documented fields of a job that may be written but mean nothing here.
OPAQUE_JOB_FIELDS: dict[str, object] = {
    "isBillingDifferent": False,
    "billToClientId": "",
    "billToClientDetails": {},
    "jobFormIds": [],
    "discount": 0,
    "discountType": 1,
    "isStartTime": True,
    "isEndTime": True,
    "notesLinking": {"linkToEstimate": False, "linkToInvoice": False},
    "jobLogsTemplateId": "",
    "templateId": "",
    "templateSnapshot": {},
}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False)


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(value).encode()


def stamp(instant: datetime | None) -> str | None:
    """An instant as ``2026-05-01T09:00:00.000Z``."""
    if instant is None:
        return None
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


def address_json(address: Address) -> dict[str, object]:
    """An address; street and house number share ``street``, as in the documents' sample."""
    return {
        "street": address.street,
        "houseNumber": address.unit,
        "city": address.city,
        "state": "England",
        "country": "United Kingdom",
        "zipCode": address.postcode,
        "formattedAddress": address.one_line,
        "latitude": address.lat,
        "longitude": address.lng,
        "plusCode": "",
    }


def phone_json(number: str) -> dict[str, str]:
    """A national number with its country."""
    return {"countryCode": "+44", "number": number, "countryIdentifier": "gb"}


def item_json(item: Item, index: int) -> dict[str, object]:
    """A line of a job, the ``index``-th from 1."""
    return {
        "itemId": item.product_id,
        "id": item.id,
        "itemName": item.name,
        "description": item.description,
        "taxIds": [],
        "exemptFromTax": False,
        "quantity": item.quantity,
        "price": item.price,
        "total": round(item.price * item.quantity, 2),
        "taxAmount": 0,
        "orderIndex": index,
        "type": item.kind,
        "taxes": [],
        "action": 1,
    }


def property_json(name: str, value: str) -> dict[str, object]:
    """One of the fields that the company defined for its jobs."""
    return {
        "id": f"prop_{name.lower().replace(' ', '_')}",
        "name": name,
        "type": "Text",
        "value": value,
        "options": [],
        "isRequired": False,
        "source": "fieldDefinition",
    }


def _custom_fields(world: World, job: Job) -> list[tuple[str, str]]:
    """Name and value; FieldCamp has no promised window, so the company defined one of its own."""
    if job.promise is None:
        return job.fields
    first, last = (end.astimezone(world.zone) for end in job.promise)
    return [(WINDOW_FIELD, f"{first:%Y-%m-%d %H:%M}-{last:%H:%M}"), *job.fields]


def job_json(world: World, job: Job) -> dict[str, object]:
    """A job with its embedded visits, which have no id and name a crew instead of a technician."""
    net = round(sum(item.price * item.quantity for item in job.items), 2)
    tax = round(net * 0.2, 2)
    extra = job.extra
    opaque = {**OPAQUE_JOB_FIELDS, **extra} if extra else OPAQUE_JOB_FIELDS
    return {
        "clientId": job.client_id,
        "jobNumber": job.number,
        "isBillingDifferent": opaque["isBillingDifferent"],
        "billToClientId": opaque["billToClientId"] or job.client_id,
        "billToClientDetails": opaque["billToClientDetails"],
        "jobAddress": extra.get("jobAddress") or address_json(job.site),
        "jobPhone": extra.get("jobPhone") or phone_json(job.phone),
        "assignedToTeams": job.crew,
        "jobType": job.kind,
        "startDateTime": stamp(job.window_start),
        "endDateTime": stamp(job.window_end),
        "scheduleLater": job.schedule_later,
        "anyTime": job.any_time,
        "serviceDuration": job.duration_min,
        "jobFormIds": opaque["jobFormIds"],
        "subTotal": extra.get("subTotal", net),
        "tax": extra.get("tax", tax),
        "total": extra.get("total", round(net + tax, 2)),
        "discount": opaque["discount"],
        "discountType": opaque["discountType"],
        "jobStatus": JOB_STATUS[job.status],
        "jobItems": [item_json(item, index) for index, item in enumerate(job.items, 1)],
        "timezone": extra.get("timezone") or world.zone.key,
        "properties": extra.get("properties")
        or [property_json(name, value) for name, value in _custom_fields(world, job)],
        "isStartTime": opaque["isStartTime"],
        "isEndTime": opaque["isEndTime"],
        "skillsId": [world.skill_ids.get(skill, skill) for skill in job.skills],
        "priority": PRIORITY[job.priority],
        "notesLinking": opaque["notesLinking"],
        "jobLogsTemplateId": opaque["jobLogsTemplateId"],
        "templateId": opaque["templateId"],
        "templateSnapshot": opaque["templateSnapshot"],
        "visits": [
            {
                "visitStartDateTime": stamp(visit.start),
                "visitEndDateTime": stamp(visit.end),
                "teamId": visit.crew,
                "visitStatus": VISIT_STATUS[visit.status],
            }
            for visit in job.visits
        ],
        "id": job.id,
        "recordId": job.id,
        "createdAt": stamp(job.created_at),
        "updatedAt": stamp(job.updated_at),
    }


def visit_json(visit: Visit) -> dict[str, object]:
    """A visit by itself: one technician, and no ``updatedAt``."""
    return {
        "jobId": visit.job_id,
        "scheduledStart": stamp(visit.start),
        "scheduledEnd": stamp(visit.end),
        "technicianId": visit.crew[0] if visit.crew else None,
        "id": visit.id,
        "visitStatus": VISIT_STATUS[visit.status],
        "createdAt": stamp(visit.created_at),
    }


def technician_json(person: Technician) -> dict[str, object]:
    """A member of the team."""
    return {
        "id": person.id,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "role": "Technician",
        "isActive": person.active,
    }


def client_json(client: Client) -> dict[str, object]:
    """A customer; the place on the map is that of the property."""
    extra = client.extra
    return {
        "id": client.id,
        "name": client.name,
        "email": client.email,
        "phoneNumber": extra.get("phoneNumber") or phone_json(client.phone),
        "billingAddress": extra.get("billingAddress") or address_json(client.billing),
        "propertyAddress": extra.get("propertyAddress") or address_json(client.site),
        "latitude": client.site.lat,
        "longitude": client.site.lng,
        "createdAt": stamp(client.created_at),
        "updatedAt": stamp(client.updated_at),
    }
