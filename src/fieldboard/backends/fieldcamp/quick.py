"""FieldCamp's JSON read in one go, where every field is of the type that the documents show.

A first sync reads a hundred thousand jobs, and hardly a row of them is unusual. What is here looks at
types and lengths and nothing else: whatever is not quite as usual is left to `reading`, which validates it
and says what is wrong with it. A row that is read here is read there to the very same value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.times import (
    NO_MOMENT,
    changed_at,
    instant_of_seconds,
    minutes_between,
    seconds_of_wire,
    span_of,
)
from fieldboard.backends.fieldcamp.values import MAX_ID, priority_of, status_of_job, status_of_visit
from fieldboard.backends.port import Row
from fieldboard.domain.job import CustomField, Job, JobItem
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.visit import Visit

LONGEST: Final = 300
"""Characters of a text that is taken here: what is longer may have to be cut."""

Get = Callable[[str], Any]

_TEXT: Final = frozenset({str, type(None)})
_FLAG: Final = frozenset({bool, type(None)})
_A_DAY: Final = len("2026-06-04")
_MOST: Final = 1 << 53
"""Whole numbers up to this one are floats as they are."""


class Unusual(Exception):
    """Not as usual: to be read the exact way."""


def is_plain(raw: str) -> bool:
    """Whether no text of a row can have anything in it that would have to be cleaned away.

    Printable ASCII without escapes; what JSON itself forbids within its texts cannot be there.
    """
    return raw.isascii() and "\\" not in raw and "\x7f" not in raw


def texts_of(get: Get, names: tuple[str, ...]) -> list[Any]:
    """Fields that are text or null or missing, without space around them; None for the latter two."""
    found = list(map(get, names))
    if not _TEXT.issuperset(map(type, found)):
        raise Unusual
    if max(map(len, filter(None, found)), default=0) > LONGEST:
        raise Unusual
    return [text and text.strip() for text in found]


def flag_of(value: object) -> bool:
    """A field that is true, false, null or missing."""
    if value.__class__ not in _FLAG:
        raise Unusual
    return value is True


def ids_of(ids: object) -> tuple[str, ...]:
    """A list of ids; empty for null."""
    if ids is None or ids == []:
        return ()
    if ids.__class__ is not list:
        raise Unusual
    found = []
    for one in ids:
        if one.__class__ is not str or len(one) > LONGEST or not (one := one.strip()):
            raise Unusual
        found.append(one)
    return tuple(found) if len(found) == 1 else tuple(dict.fromkeys(found))


def place_of(address: Mapping[str, Json]) -> tuple[float | None, float | None]:
    """Where an address is; nowhere where nobody has looked it up."""
    lat, lng = address.get("latitude"), address.get("longitude")
    if lat is None and lng is None:
        return None, None
    if lat.__class__ is not float or lng.__class__ is not float:
        raise Unusual
    if not (-90 <= lat <= 90 and -180 <= lng <= 180) or lat == lng == 0:
        raise Unusual
    return lat, lng


def site_of(address: object) -> tuple[str | None, float | None, float | None]:
    """An address that came with its formatted text, and where it is."""
    if address is None:
        return None, None, None
    if address.__class__ is not dict:
        raise Unusual
    formatted = address.get("formattedAddress")
    if formatted.__class__ is not str or len(formatted) > LONGEST or not (formatted := formatted.strip()):
        raise Unusual
    # The parts are not shown where the whole is there; but they must be such that it can be read.
    if not _TEXT.issuperset(map(type, map(address.get, _PARTS))):
        raise Unusual
    return formatted, *place_of(address)


_PARTS: Final = ("street", "houseNumber", "city", "state", "country", "zipCode")


def phone_of(phone: object) -> str | None:
    """A telephone number with the code of its country."""
    if phone is None:
        return None
    if phone.__class__ is not dict:
        raise Unusual
    code, number = phone.get("countryCode"), phone.get("number")
    if code.__class__ is not str or number.__class__ is not str or len(code) + len(number) > LONGEST:
        raise Unusual
    number = number.strip()
    return f"{code.strip()} {number}".strip() if number else None


def items_of(items: object) -> tuple[JobItem, ...]:
    """The lines of the work order."""
    if items is None or items == []:
        return ()
    if items.__class__ is not list:
        raise Unusual
    found = []
    for item in items:
        if item.__class__ is not dict:
            raise Unusual
        get = item.get
        name, other, detail = get("itemName"), get("name"), get("description")
        if (
            name.__class__ is str
            and detail.__class__ is str
            and other is None
            and len(name) + len(detail) <= LONGEST
        ):
            name, detail = name.strip(), detail.strip()
        else:
            name, other, detail = texts_of(get, _ITEM)
        quantity = item.get("quantity")
        if quantity.__class__ is int and -_MOST < quantity < _MOST:
            quantity = float(quantity)
        elif quantity.__class__ is not float:
            raise Unusual
        found.append(JobItem(name or other or "", quantity, detail or ""))
    return tuple(found)


_ITEM: Final = ("itemName", "name", "description")


def fields_of(properties: object) -> tuple[CustomField, ...]:
    """The company's own fields that hold text."""
    if properties is None or properties == []:
        return ()
    if properties.__class__ is not list:
        raise Unusual
    found = []
    for one in properties:
        if one.__class__ is not dict:
            raise Unusual
        name, value = one.get("name"), one.get("value")
        if name.__class__ is not str or value.__class__ is not str:
            raise Unusual
        if len(name) > LONGEST or len(value) > LONGEST or not (name := name.strip()):
            raise Unusual
        found.append(CustomField(name, value))
    return tuple(found)


_JOB_TEXTS: Final = (
    *("id", "recordId", "_id", "jobNumber", "title", "clientId", "jobType", "type", "jobStatus", "status"),
    *("priority", "startDateTime", "endDateTime", "createdAt", "updatedAt", "notes"),
)
_VISIT_TEXTS: Final = (
    *("id", "recordId", "_id", "jobId", "scheduledStart", "scheduledEnd", "visitStatus", "status"),
    *("createdAt", "visitStartDateTime", "visitEndDateTime"),
)


def read_job(row: dict[str, Json], raw: str, company: Company) -> Row:
    """A job that is plain and as usual. Raises Unusual, Unreadable for what is to be read exactly."""
    get = row.get
    (
        own, record, other, number, title, client, of_job, of_request, job_status, status, priority,
        starts, ends, created, updated, _,
    ) = texts_of(get, _JOB_TEXTS)  # fmt: skip
    crew = ids_of(get("assignedToTeams"))
    later, any_time = flag_of(get("scheduleLater")), flag_of(get("anyTime"))
    flag_of(get("isStartTime"))
    own_id = own or record or other
    if not own_id or len(own_id) > MAX_ID or get("lineItems") is not None or not created:
        raise Unusual
    if own_id != (get("id") or get("recordId") or get("_id")):
        raise Unusual
    if not updated or len(updated) <= _A_DAY or updated != get("updatedAt"):
        raise Unusual
    changed = seconds_of_wire(updated)
    as_sent: Any = get("notes")
    start, end = span_of(starts, ends)
    length = None if any_time else minutes_between(start.at, end.at)
    if later or any_time:
        start = end = NO_MOMENT
    raw_status = job_status or status or ""
    items = items_of(get("jobItems"))
    kind = of_job or of_request or None
    fields = fields_of(get("properties"))
    address, lat, lng = site_of(get("jobAddress"))
    skills = ids_of(get("skillsId"))
    job = Job(
        own_id,
        number or None,
        title or (items[0].name if items else "") or kind or "",
        client or None,
        None,
        phone_of(get("jobPhone")),
        address,
        lat,
        lng,
        status_of_job(raw_status, bool(crew)),
        raw_status,
        priority_of(priority),
        crew,
        start.at,
        end.at,
        length,
        company.windows(fields, start.at) if fields else (),
        company.skills(skills),
        None,
        as_sent or None,
        kind,
        items,
        fields,
        changed_at(created),
        instant_of_seconds(changed),
    )
    visits = get("visits")
    follow = visits.__class__ is list and bool(visits)
    return Row(Kind.JOB, own_id, job, raw, updated, changed, follow)


def read_visit(row: dict[str, Json], raw: str, _: Company) -> Row:
    """A visit that is plain and as usual. Raises Unusual, Unreadable for what is to be read exactly."""
    get = row.get
    own, record, other, job_id, starts, ends, visit_status, status, created, _, _ = texts_of(
        get, _VISIT_TEXTS
    )
    team, person = get("teamId"), get("technicianId")
    later, any_time = flag_of(get("scheduleLater")), flag_of(get("anyTime"))
    own_id = own or record or other
    unusual = later or any_time or not starts or not ends or get("updatedAt") is not None
    if unusual or not job_id or not own_id or len(own_id) > MAX_ID:
        raise Unusual
    if own_id != (get("id") or get("recordId") or get("_id")):
        raise Unusual
    if team is None:
        crew = ids_of([person]) if person is not None else ()
    else:
        crew = ids_of([team] if team.__class__ is str else team)
        if person.__class__ is not str and person is not None:
            raise Unusual
    start, end = span_of(starts, ends)
    raw_status = visit_status or status or ""
    visit = Visit(
        own_id,
        job_id,
        crew,
        start.at,
        end.at,
        start.day,
        None,
        False,
        status_of_visit(raw_status, bool(crew)),
        raw_status,
        None,
        None,
        False,
        changed_at(created),
    )
    return Row(Kind.VISIT, own_id, visit, raw)
