"""From FieldCamp's JSON to the terms of the domain; what cannot be read is set aside with a reason.

Pure. Rows that are as usual are read in one go (`quick`), all others are validated and read exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from fieldboard.backends.fieldcamp import quick, wire
from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.times import (
    NO_MOMENT,
    changed_at,
    instant_of_wire,
    minutes_between,
    span_of,
)
from fieldboard.backends.fieldcamp.values import (
    SHORT,
    Unreadable,
    fields_of,
    full_name,
    id_of,
    ids_of,
    items_of,
    phone_of,
    place_of,
    priority_of,
    site_of,
    status_of_job,
    status_of_visit,
    text_of,
    word_of,
)
from fieldboard.backends.json_door import RowText, cleaned
from fieldboard.backends.port import Entity, Row, SetAside
from fieldboard.domain.customer import Customer
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit
from fieldboard.text import clean


def rows_of(kind: Kind, texts: Sequence[RowText], company: Company) -> tuple[list[Row], list[SetAside]]:
    """Read many rows of one kind: those that could be read, and those set aside."""
    good: list[Row] = []
    bad: list[SetAside] = []
    validate, make = _SHAPES[kind].validator.validate_python, _MAKERS[kind]
    quickly = _QUICK.get(kind)
    for text in texts:
        value, raw, _ = text
        if quickly is not None and value is not None and quick.is_plain(raw):
            try:
                good.append(quickly(value, raw, company))
                continue
            except (quick.Unusual, ValueError, OverflowError):
                pass  # read exactly, which also says what is wrong
        raw = cleaned(text)
        try:
            if value is None:
                raise Unreadable(text.why or "not readable")
            good.append(_row(kind, make(validate(value), company), raw, value))
        except ValidationError as wrong:
            bad.append(SetAside(kind, _id_if_any(text.value), _says(wrong), raw))
        except (Unreadable, OverflowError) as wrong:
            bad.append(SetAside(kind, _id_if_any(text.value), str(wrong), raw))
    return good, bad


def row_of(kind: Kind, text: RowText, company: Company) -> Row:
    """Read one row. Raises Unreadable."""
    good, bad = rows_of(kind, [text], company)
    if bad:
        raise Unreadable(bad[0].why)
    return good[0]


def job_of(job: wire.WireJob, company: Company) -> Job:
    """A job of either dialect. Raises Unreadable."""
    crew = ids_of(job.get("assignedToTeams"))
    start, end = span_of(job.get("startDateTime"), job.get("endDateTime"))
    length = minutes_between(start.at, end.at)
    if job.get("anyTime"):
        length = None
    if job.get("scheduleLater") or job.get("anyTime"):
        start = end = NO_MOMENT
    raw_status = word_of(job.get("jobStatus")) or word_of(job.get("status"))
    items = items_of(job.get("jobItems")) or items_of(job.get("lineItems"))
    kind = word_of(job.get("jobType")) or word_of(job.get("type")) or None
    fields = fields_of(job.get("properties"))
    address, place = site_of(job.get("jobAddress"))
    # By position, in the order of the class: this is done a hundred thousand times.
    return Job(
        id_of(job),
        word_of(job.get("jobNumber")) or None,
        word_of(job.get("title")) or (items[0].name if items else "") or kind or "",
        word_of(job.get("clientId")) or None,
        None,
        phone_of(job.get("jobPhone")),
        address,
        place.lat if place is not None else None,
        place.lng if place is not None else None,
        status_of_job(raw_status, bool(crew)),
        raw_status,
        priority_of(job.get("priority")),
        crew,
        start.at,
        end.at,
        length,
        company.windows(fields, start.at) if fields else (),
        company.skills(ids_of(job.get("skillsId"))),
        None,
        text_of(job.get("notes")),
        kind,
        items,
        fields,
        changed_at(job.get("createdAt")),
        changed_at(job.get("updatedAt")),
    )


def visit_of(visit: wire.WireVisit, company: Company) -> Visit:
    """A visit of the list. Raises Unreadable."""
    job_id = word_of(visit.get("jobId"))
    if not job_id:
        raise Unreadable("a visit without the id of its job")
    team = visit.get("teamId")
    crew = ids_of(team if team is not None else visit.get("technicianId"))
    start, end = span_of(
        visit.get("scheduledStart") or visit.get("visitStartDateTime"),
        visit.get("scheduledEnd") or visit.get("visitEndDateTime"),
    )
    day = start.day
    if visit.get("anyTime") and start.at is not None:
        day = company.zone.date_of(start.at)
    if visit.get("scheduleLater"):
        day = None
    if visit.get("scheduleLater") or visit.get("anyTime"):
        start = end = NO_MOMENT
    raw_status = word_of(visit.get("visitStatus")) or word_of(visit.get("status"))
    return Visit(
        id=id_of(visit),
        job_id=job_id,
        technician_ids=crew,
        start=start.at,
        end=end.at,
        date=day,
        status=status_of_visit(raw_status, bool(crew)),
        raw_status=raw_status,
        created_at=changed_at(visit.get("createdAt")),
    )


def technician_of(member: wire.WireMember, _: Company) -> Technician:
    """One of the team. Raises Unreadable."""
    own_id = id_of(member)
    name = full_name(member.get("firstName"), member.get("lastName")) or word_of(member.get("name"))
    active = member.get("isActive")
    return Technician(
        id=own_id,
        name=name or word_of(member.get("email")) or own_id,
        active=active if active is not None else True,
        phone=phone_of(member.get("phoneNumber")),
        role=word_of(member.get("role")) or None,
    )


def customer_of(client: wire.WireClient, _: Company) -> Customer:
    """A client. Raises Unreadable."""
    own_id = id_of(client)
    person = full_name(client.get("firstName"), client.get("lastName"))
    name = word_of(client.get("name")) or word_of(client.get("companyName")) or person
    address, place = site_of(client.get("propertyAddress"))
    if address is None:
        address, place = site_of(client.get("billingAddress"))
    return Customer(
        id=own_id,
        name=name or word_of(client.get("email")) or own_id,
        phone=phone_of(client.get("phoneNumber")),
        email=word_of(client.get("email")) or None,
        address=address,
        place=place_of(client.get("latitude"), client.get("longitude")) or place,
    )


_QUICK: Final[Mapping[Kind, Callable[[dict[str, Json], str, Company], Row]]] = {
    Kind.JOB: quick.read_job,
    Kind.VISIT: quick.read_visit,
}

_MAKERS: Final[Mapping[Kind, Callable[[Any, Company], Entity]]] = {
    Kind.JOB: job_of,
    Kind.VISIT: visit_of,
    Kind.TECHNICIAN: technician_of,
    Kind.CUSTOMER: customer_of,
}

_SHAPES: Final[Mapping[Kind, TypeAdapter[Any]]] = {
    Kind.JOB: wire.JOB,
    Kind.VISIT: wire.VISIT,
    Kind.TECHNICIAN: wire.MEMBER,
    Kind.CUSTOMER: wire.CLIENT,
}


def plain_json(row: Row) -> dict[str, Json]:
    """The server's own fields of a row."""
    import json

    value = json.loads(row.raw)
    return value if isinstance(value, dict) else {}


def _row(kind: Kind, entity: Entity, raw: str, value: Mapping[str, Json]) -> Row:
    # A job names its visits without their ids: they are in a list of their own.
    follow = kind is Kind.JOB and isinstance(visits := value.get("visits"), list) and bool(visits)
    stamp = value.get("updatedAt")
    if not isinstance(stamp, str) or not stamp:
        return Row(kind, entity.id, entity, raw, visits_follow=follow)
    try:
        stamp_at = instant_of_wire(stamp)
    except (ValueError, OverflowError):
        return Row(kind, entity.id, entity, raw, visits_follow=follow)
    return Row(kind, entity.id, entity, raw, stamp, stamp_at, follow)


def _id_if_any(row: Mapping[str, Json] | None) -> str | None:
    try:
        return id_of(row or {})
    except Unreadable:
        return None


def _says(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"] if not isinstance(part, int)) or "the row"
    return clean(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}", SHORT)
