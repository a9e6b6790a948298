"""Reads the body of a job's create or update: both dialects of the documents, checked."""

from __future__ import annotations

from datetime import datetime

from fieldboard.sandbox.fieldcamp.replies import Body, Refused, instant, text, texts
from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.wire import (
    JOB_WORDS,
    OPAQUE_JOB_FIELDS,
    PRIORITY_WORDS,
    SUPPORTED,
)
from fieldboard.sandbox.records import Item, Job, JobStatus, World

_NUMBERS = ("subTotal", "tax", "total", "discount", "discountType", "serviceDuration")
_OBJECTS = ("billToClientDetails", "templateSnapshot", "notesLinking", "jobAddress", "jobPhone")
_LISTS = ("jobFormIds", "properties")
_KEPT = (*OPAQUE_JOB_FIELDS, "subTotal", "tax", "total", "timezone", "properties", "jobAddress", "jobPhone")


def job_status(word: object, also: tuple[str, ...]) -> JobStatus | None:
    """The status that ``word`` names; 422 for any but the supported ones and ``also``."""
    if word is None:
        return None
    if not isinstance(word, str) or word not in (*SUPPORTED, *also):
        raise Refused(422, "invalid status")
    return JOB_WORDS[word]


def job_change(body: Body, world: World, settings: Settings, job: Job | None) -> dict[str, object]:
    """The known fields of ``body`` as attributes of a job; ``extra`` holds what is only kept.

    ``job`` is the one to be changed, None for a new one. Raises `Refused` for what cannot be stored.
    """
    change: dict[str, object] = {}
    _identity(body, world, settings, job, change)
    _window(body, job, change)
    if (kind := text(body, "type") or text(body, "jobType")) is not None:
        if kind not in ("one-off", "recurring"):
            raise Refused(400, "type must be one-off or recurring")
        change["kind"] = kind
    if priority := text(body, "priority"):
        change["priority"] = PRIORITY_WORDS.get(priority.lower(), "normal")
    if "notes" in body:
        change["notes"] = text(body, "notes") or ""
    if (crew := texts(body, "assignedToTeams")) is not None:
        change["crew"] = [one for one in crew if one]
    if (skills := texts(body, "skillsId")) is not None:
        names = {id_: name for name, id_ in world.skill_ids.items()}
        change["skills"] = tuple(names.get(id_, id_) for id_ in skills)
    if (lines := body.get("jobItems", body.get("lineItems"))) is not None:
        change["items"] = _items(lines, world)
    change["extra"] = _kept(body, change)
    return change


def _identity(
    body: Body, world: World, settings: Settings, job: Job | None, change: dict[str, object]
) -> None:
    """Number and client."""
    number = text(body, "jobNumber")
    if number:
        if settings.duplicate_number == "409" and any(
            one.number == number and one is not job for one in world.jobs.values()
        ):
            raise Refused(409, f"jobNumber {number} already exists")
        change["number"] = number
    elif "jobNumber" in body and job is not None:
        raise Refused(400, "jobNumber is required")
    client_id = text(body, "clientId")
    if client_id and job is not None:
        if client_id not in world.clients:
            raise Refused(400, "clientId not found")
        change["client_id"] = client_id


def _window(body: Body, job: Job | None, change: dict[str, object]) -> None:
    """The promised window and its flags."""
    for field, name in (("startDateTime", "window_start"), ("endDateTime", "window_end")):
        if field in body:
            change[name] = instant(body[field], field)
    start = change.get("window_start", job.window_start if job else None)
    end = change.get("window_end", job.window_end if job else None)
    if isinstance(start, datetime) and isinstance(end, datetime) and end <= start:
        raise Refused(400, "endDateTime must be after startDateTime")
    for field, name in (("scheduleLater", "schedule_later"), ("anyTime", "any_time")):
        if field in body:
            change[name] = bool(body[field])


def _items(value: object, world: World) -> list[Item]:
    """Lines in either dialect: ``itemName``/``price``, or ``productId``/``unitPrice``."""
    if not isinstance(value, list):
        raise Refused(400, "lineItems must be an array")
    items = []
    for line in value:
        if not isinstance(line, dict):
            raise Refused(400, "lineItems must be an array of objects")
        product = str(line.get("productId") or line.get("itemId") or "")
        name = line.get("itemName") or line.get("name") or _product_name(product, world)
        price, quantity = line.get("price", line.get("unitPrice", 0)), line.get("quantity", 1)
        if not isinstance(price, int | float) or not isinstance(quantity, int | float):
            raise Refused(400, "quantity and price must be numbers")
        id_ = str(line.get("id") or world.mint("itm"))
        note = str(line.get("description") or "")
        items.append(Item(id_, product, str(name), note, quantity, price))
    return items


def _product_name(product: str, world: World) -> str:
    """The name under which a product stands in other jobs."""
    if product:
        for job in world.jobs.values():
            for item in job.items:
                if item.product_id == product:
                    return item.name
    return "Service"


def _kept(body: Body, change: dict[str, object]) -> dict[str, object]:
    """Documented fields without a meaning here, checked for their kind; sets the duration."""
    for fields, kind, name in (
        (_NUMBERS, (int, float), "a number"),
        (_OBJECTS, (dict,), "an object"),
        (_LISTS, (list,), "an array"),
    ):
        for field in fields:
            value = body.get(field)
            if value is not None and (isinstance(value, bool) or not isinstance(value, kind)):
                raise Refused(400, f"{field} must be {name}")
    duration = body.get("serviceDuration")
    if isinstance(duration, int | float):
        change["duration_min"] = duration
    return {field: body[field] for field in _KEPT if body.get(field) is not None}
