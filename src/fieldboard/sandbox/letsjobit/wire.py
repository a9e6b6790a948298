"""A visit in LetsJobIt's JSON: exactly the fields that its documents name, typed as their examples are."""

from __future__ import annotations

import random
import string
from functools import lru_cache

from fieldboard.sandbox.letsjobit import scenery
from fieldboard.sandbox.letsjobit.book import COMPANY_ID, Book, local
from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.letsjobit.settings import Settings
from fieldboard.sandbox.records import Job

STAMP, MINUTE = "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"
APP_VERSION = "1.7.163"
_BASE64 = string.ascii_letters + string.digits + "+/"
_FORMS = ("bool", "number", "text")


def visit_json(book: Book, job: Job, card: Card) -> dict[str, object]:
    """A visit without its signature."""
    row = _written(book, job, card) if card.plain else _decorated(book, job, card)
    row |= card.written
    row["totalJobs"] = _total_jobs(row.get("lines"))
    return row


def doc_no(job: Job, card: Card) -> str:
    """The document number of a visit."""
    return str(card.written.get("docNo", _number(job.number)))


def encoded_forms(row: dict[str, object], settings: Settings) -> dict[str, object]:
    """The row with its flags in the form that the settings want."""
    if settings.booleans == "bool":
        return row
    flags = [name for name, value in row.items() if isinstance(value, bool)]
    found = dict(row)
    for place, name in enumerate(flags):
        form = _FORMS[place % 3] if settings.booleans == "mixed" else settings.booleans
        if form != "bool":
            found[name] = int(bool(row[name])) if form == "number" else str(int(bool(row[name])))
    return found


@lru_cache(maxsize=64)
def signature(turn: int, size: int) -> bytes:
    """A drawing of ``size`` characters, one of a few."""
    head = "/9j/4AAQSkZJRgABAQEAAAAAA"
    rest = random.Random(f"signature {turn}").choices(_BASE64, k=max(0, size - len(head)))
    return (head + "".join(rest))[:size].encode()


def _decorated(book: Book, job: Job, card: Card) -> dict[str, object]:
    """A visit of the company's own."""
    world = book.world
    client, turn = world.clients[job.client_id], card.turn
    site = job.site
    name, phone = scenery.contact(job, client, turn)
    signed = card.signed
    row: dict[str, object] = {
        "_id": card.key,
        "driverId": card.driver_id,
        "name": card.driver_name,
        "date": card.day,
        "totalJobs": 0,
        "id": card.erp_id,
        "docType": scenery.doc_type(job),
        "docNo": _number(job.number),
    }
    if card.order is not None:
        row["serviceOrder"] = card.order
    row |= {
        "customer": client.name,
        "siteId": book.site_id(client.id),
        "lat": site.lat,
        "lng": site.lng,
        "site": client.name if client.kind != "person" else site.unit,
        "address": f"{site.unit}, {site.street}" if site.unit else site.street,
        "postCode": site.postcode,
        "city": site.city,
        "obs": scenery.observations(job, client, turn),
        "contactPerson": name,
        "contactPhone": phone,
        "emailMandatory": True,
        "priority": card.priority,
        "showItemsOnOrderSection": True,
        "hideEquipmentDetails": False,
        "hideDeliveryItemsSection": False,
        "signeeName": name if signed else "",
        "signeeEmail": client.email if signed and turn % 3 == 0 else "",
        "subContractorIds": scenery.subcontractors(turn),
        "territory": scenery.territory(job),
        "useStartPauseStopStyleButtonsInJobs": True,
        "inMobileApp": card.in_app,
        "NPSMandatory": turn % 2 == 0,
        "precedencePriorityVisit": card.precedence,
        "closeVisitOnLastJobClose": False,
        "country": "GB",
        "companyId": COMPANY_ID,
        "time_windows": scenery.time_windows(world, job, client, turn),
        "required_skills": list(job.skills),
        "allowed_vehicles": scenery.vehicles(turn),
    }
    row |= _flags(card)
    row |= {
        "geocoding": None,
        "showDiscountAndBonusOnItemsOnOrder": False,
        "duration": round(job.duration_min * 60),
        "createdAt": local(job.created_at, world, STAMP),
        "createdUser": "API",
        "hasChangesToSync": card.in_progress and turn % 5 == 0,
    }
    row |= _stamps(book, card)
    row["signeeRating"] = scenery.score(turn) if signed else 0
    if signed:
        row["appClientVersion"] = APP_VERSION
    row |= _close(book, job, card)
    row["skippedReasonId"] = scenery.skip_reason(turn) if card.skipped else ""
    lines = scenery.lines(job, turn)
    if lines is not None:
        row["lines"] = lines
    return row


def _written(book: Book, job: Job, card: Card) -> dict[str, object]:
    """A visit that came by a write: what goes without saying, to be laid over by what was said."""
    row: dict[str, object] = {
        "_id": card.key,
        "driverId": card.driver_id,
        "name": card.driver_name,
        "date": card.day,
        "totalJobs": 0,
        "id": card.erp_id,
        "priority": card.priority,
        "inMobileApp": card.in_app,
        "precedencePriorityVisit": card.precedence,
    }
    if card.order is not None:
        row["serviceOrder"] = card.order
    row |= _flags(card)
    row |= {
        "geocoding": None,
        "subContractorIds": None,
        "createdAt": local(job.created_at, book.world, STAMP),
        "createdUser": "API",
        "hasChangesToSync": False,
    }
    row |= _stamps(book, card)
    row |= {"signeeRating": 0, "skippedReasonId": scenery.skip_reason(card.turn) if card.skipped else ""}
    return row | _close(book, job, card)


def _flags(card: Card) -> dict[str, object]:
    return {
        "confirmClose": card.confirmed,
        "inProgress": card.in_progress,
        "closed": card.closed,
        "skipped": card.skipped,
    }


def _stamps(book: Book, card: Card) -> dict[str, object]:
    return {
        "modifieddAt": local(card.changed_at, book.world, STAMP),
        "modifyUser": card.modified_by,
        "servicing": card.servicing,
    }


def _close(book: Book, job: Job, card: Card) -> dict[str, object]:
    ended = job.visits[0].ended_at or job.updated_at
    return {"closeDate": local(ended, book.world, MINUTE)} if card.closed else {}


def _number(number: str) -> str:
    """The number of a document of the company's own."""
    head, dash, part = number.partition("-")
    return f"H-{head:0>6}{dash}{part}"


def _total_jobs(lines: object) -> int:
    """How many lines are jobs; a visit without lines is one."""
    if not isinstance(lines, list):
        return 1
    return sum(isinstance(line, dict) and line.get("actionItem") is True for line in lines)
