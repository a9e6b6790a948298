"""From FieldCamp's JSON to the terms of the domain; what cannot be read is set aside with a reason.

Pure. Times are UTC (docs.fieldcamp.ai/api-reference/resources/jobs), also where a server leaves the
zone out. Every text is cleaned here, so that nothing behind this door has to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from fieldboard.backends.fieldcamp import wire
from fieldboard.backends.fieldcamp.quick import (
    Unusual,
    fields_of,
    flag_of,
    ids_of,
    is_plain,
    items_of,
    phone_of,
    site_of,
    texts_of,
)
from fieldboard.backends.fieldcamp.rules import JOBS, VISITS
from fieldboard.backends.fieldcamp.windows import read_windows
from fieldboard.backends.json_door import RowText, cleaned
from fieldboard.backends.port import Entity, Row, SetAside
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.job import CustomField, Job, JobItem, TimeWindow
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import OPEN, Status, open_status
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.domain.visit import Visit
from fieldboard.text import clean

PRIORITIES: Final[Mapping[str, Priority]] = {
    "low": Priority.LOW,
    "normal": Priority.NORMAL,
    "medium": Priority.NORMAL,
    "high": Priority.HIGH,
    "urgent": Priority.URGENT,
    "crucial": Priority.URGENT,
}

MAX_ID: Final = 200
_SHORT: Final = 300
"""Characters kept of what stands in one line: numbers, names, words."""
_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC).timestamp()
_A_DAY: Final = len("2026-06-04")
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


class Unreadable(ValueError):
    """A row that lacks what makes it one, or holds what cannot be true; the text says what."""


class _Moment(NamedTuple):
    """A time as the wire has it: an instant, or a day without a clock time."""

    at: Instant | None
    day: date | None


_NO_MOMENT: Final = _Moment(None, None)


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs to know of a profile.

    `skill_names` maps FieldCamp's opaque skill ids to the company's words, `window_field` names the
    company's own job field with the promised windows.
    """

    zone: Zone
    skill_names: Mapping[str, str] = field(default_factory=dict)
    window_field: str | None = None

    def rows(self, kind: Kind, texts: Sequence[RowText]) -> tuple[list[Row], list[SetAside]]:
        """Read many rows of one kind: those that could be read, and those set aside."""
        good: list[Row] = []
        bad: list[SetAside] = []
        validate = _SHAPES[kind].validator.validate_python
        make = self._maker(kind)
        quick = self._quick(kind)
        for text in texts:
            value, raw, _ = text
            if quick is not None and value is not None and is_plain(raw):
                try:
                    good.append(quick(value, raw))
                    continue
                except (Unusual, ValueError, OverflowError):
                    pass  # read exactly, which also says what is wrong
            raw = cleaned(text)
            try:
                if value is None:
                    raise Unreadable(text.why or "not readable")
                good.append(_row(kind, make(validate(value)), raw, value))
            except ValidationError as wrong:
                bad.append(SetAside(kind, _id_of(text.value), _says(wrong), raw))
            except (Unreadable, OverflowError) as wrong:
                bad.append(SetAside(kind, _id_of(text.value), str(wrong), raw))
        return good, bad

    def row(self, kind: Kind, text: RowText) -> Row:
        """Read one row. Raises Unreadable."""
        good, bad = self.rows(kind, [text])
        if bad:
            raise Unreadable(bad[0].why)
        return good[0]

    def quick_job(self, row: dict[str, Json], raw: str) -> Row:
        """A job that is plain and as usual. Raises Unusual, Unreadable for what is to be read by `job`."""
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
        start, end = _span(starts, ends)
        length = None if any_time else _minutes(start.at, end.at)
        if later or any_time:
            start = end = _NO_MOMENT
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
            _status(_job_status(raw_status), crew),
            raw_status,
            PRIORITIES.get(priority.lower()) if priority else None,
            crew,
            start.at,
            end.at,
            length,
            self._windows(fields, start.at) if fields else (),
            tuple(dict.fromkeys([self.skill_names.get(one, one) for one in skills])) if skills else (),
            None,
            as_sent or None,
            kind,
            items,
            fields,
            _maybe(created),
            int(changed // 1) if _EARLIEST <= changed < _LATEST else None,
        )
        visits = get("visits")
        follow = visits.__class__ is list and bool(visits)
        return Row(Kind.JOB, own_id, job, raw, updated, changed, follow)

    def quick_visit(self, row: dict[str, Json], raw: str) -> Row:
        """A visit that is plain and as usual. Raises Unusual, Unreadable for what `visit` is to read."""
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
        start, end = _span(starts, ends)
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
            _status(_visit_status(raw_status), crew),
            raw_status,
            None,
            None,
            False,
            _maybe(created),
        )
        return Row(Kind.VISIT, own_id, visit, raw)

    def _quick(self, kind: Kind) -> Callable[[dict[str, Json], str], Row] | None:
        return {Kind.JOB: self.quick_job, Kind.VISIT: self.quick_visit}.get(kind)

    def job(self, job: wire.WireJob) -> Job:
        """A job of either dialect. Raises Unreadable."""
        crew = _ids(job.get("assignedToTeams"))
        start, end = _span(job.get("startDateTime"), job.get("endDateTime"))
        length = _minutes(start.at, end.at)
        if job.get("anyTime"):
            length = None
        if job.get("scheduleLater") or job.get("anyTime"):
            start = end = _NO_MOMENT
        raw_status = _word(job.get("jobStatus")) or _word(job.get("status"))
        items = _items(job.get("jobItems")) or _items(job.get("lineItems"))
        kind = _word(job.get("jobType")) or _word(job.get("type")) or None
        fields = _fields(job.get("properties"))
        address, place = _site(job.get("jobAddress"))
        priority = job.get("priority")
        # By position, in the order of the class: this is done a hundred thousand times.
        return Job(
            _own_id(job),
            _word(job.get("jobNumber")) or None,
            _word(job.get("title")) or (items[0].name if items else "") or kind or "",
            _word(job.get("clientId")) or None,
            None,
            _phone(job.get("jobPhone")),
            address,
            place.lat if place is not None else None,
            place.lng if place is not None else None,
            _status(_job_status(raw_status), crew),
            raw_status,
            PRIORITIES.get(priority.strip().lower()) if priority else None,
            crew,
            start.at,
            end.at,
            length,
            self._windows(fields, start.at) if fields else (),
            self._skills(job.get("skillsId")),
            None,
            _text(job.get("notes")),
            kind,
            items,
            fields,
            _maybe(job.get("createdAt")),
            _maybe(job.get("updatedAt")),
        )

    def visit(self, visit: wire.WireVisit) -> Visit:
        """A visit of the list. Raises Unreadable."""
        job_id = _word(visit.get("jobId"))
        if not job_id:
            raise Unreadable("a visit without the id of its job")
        team = visit.get("teamId")
        crew = _ids(team if team is not None else visit.get("technicianId"))
        start, end = _span(
            visit.get("scheduledStart") or visit.get("visitStartDateTime"),
            visit.get("scheduledEnd") or visit.get("visitEndDateTime"),
        )
        day = start.day
        if visit.get("anyTime") and start.at is not None:
            day = self.zone.date_of(start.at)
        if visit.get("scheduleLater"):
            day = None
        if visit.get("scheduleLater") or visit.get("anyTime"):
            start = end = _NO_MOMENT
        raw_status = _word(visit.get("visitStatus")) or _word(visit.get("status"))
        return Visit(
            id=_own_id(visit),
            job_id=job_id,
            technician_ids=crew,
            start=start.at,
            end=end.at,
            date=day,
            status=_status(_visit_status(raw_status), crew),
            raw_status=raw_status,
            created_at=_maybe(visit.get("createdAt")),
        )

    def technician(self, member: wire.WireMember) -> Technician:
        """One of the team. Raises Unreadable."""
        own_id = _own_id(member)
        name = _full_name(member.get("firstName"), member.get("lastName")) or _word(member.get("name"))
        active = member.get("isActive")
        return Technician(
            id=own_id,
            name=name or _word(member.get("email")) or own_id,
            active=active if active is not None else True,
            phone=_phone(member.get("phoneNumber")),
            role=_word(member.get("role")) or None,
        )

    def customer(self, client: wire.WireClient) -> Customer:
        """A client. Raises Unreadable."""
        own_id = _own_id(client)
        person = _full_name(client.get("firstName"), client.get("lastName"))
        name = _word(client.get("name")) or _word(client.get("companyName")) or person
        address, place = _site(client.get("propertyAddress"))
        if address is None:
            address, place = _site(client.get("billingAddress"))
        return Customer(
            id=own_id,
            name=name or _word(client.get("email")) or own_id,
            phone=_phone(client.get("phoneNumber")),
            email=_word(client.get("email")) or None,
            address=address,
            place=_place(client.get("latitude"), client.get("longitude")) or place,
        )

    def _maker(self, kind: Kind) -> Callable[[Any], Entity]:
        makers: Mapping[Kind, Callable[[Any], Entity]] = {
            Kind.JOB: self.job,
            Kind.VISIT: self.visit,
            Kind.TECHNICIAN: self.technician,
            Kind.CUSTOMER: self.customer,
        }
        return makers[kind]

    def _skills(self, ids: list[str | None] | None) -> tuple[str, ...]:
        if not ids:
            return ()
        names = self.skill_names
        return tuple(dict.fromkeys([names.get(one, one) for one in _ids(ids)]))

    def _windows(self, fields: tuple[CustomField, ...], start: Instant | None) -> tuple[TimeWindow, ...]:
        if self.window_field is None:
            return ()
        wanted = self.window_field.casefold()
        for one in fields:
            if one.name.casefold() == wanted:
                return read_windows(one.value, start, self.zone)
        return ()


def seconds_of_wire(text: str) -> float:
    """Seconds since the epoch of a time on the wire. Raises ValueError for text that is none.

    ISO-8601 with or without fractions, with `Z`, an offset or (then it is UTC) nothing; or a count of
    seconds or milliseconds.
    """
    text = text.strip()
    if 9 <= len(text) <= 13 and text.isdecimal():
        value = float(text)
        return value / 1000 if value >= 1e11 else value
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


instant_of_wire = lru_cache(maxsize=16_384)(seconds_of_wire)


_JOB_TEXTS: Final = (
    *("id", "recordId", "_id", "jobNumber", "title", "clientId", "jobType", "type", "jobStatus", "status"),
    *("priority", "startDateTime", "endDateTime", "createdAt", "updatedAt", "notes"),
)
_VISIT_TEXTS: Final = (
    *("id", "recordId", "_id", "jobId", "scheduledStart", "scheduledEnd", "visitStatus", "status"),
    *("createdAt", "visitStartDateTime", "visitEndDateTime"),
)


def plain_json(row: Row) -> dict[str, Json]:
    """The server's own fields of a row."""
    import json

    value = json.loads(row.raw)
    return value if isinstance(value, dict) else {}


_SHAPES: Final[Mapping[Kind, TypeAdapter[Any]]] = {
    Kind.JOB: wire.JOB,
    Kind.VISIT: wire.VISIT,
    Kind.TECHNICIAN: wire.MEMBER,
    Kind.CUSTOMER: wire.CLIENT,
}


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


def _own_id(row: Mapping[str, Any]) -> str:
    own = row.get("id") or row.get("recordId") or row.get("_id")
    if not own:
        raise Unreadable("a row without an id")
    text = str(own)
    if len(text) > MAX_ID or not text.isprintable():
        raise Unreadable("a row whose id is no id")
    return text


def _id_of(row: Mapping[str, Json] | None) -> str | None:
    try:
        return _own_id(row or {})
    except Unreadable:
        return None


def _says(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"] if not isinstance(part, int)) or "the row"
    return clean(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}", _SHORT)


def _word(text: str | None) -> str:
    if not text:
        return ""
    # The common case first: this is called a million times in a first sync.
    if len(text) <= _SHORT and text.isascii() and text.isprintable():
        return text.strip()
    return clean(text, _SHORT).strip()


def _text(text: str | None) -> str | None:
    return clean(text) if text else None


def _full_name(first: str | None, last: str | None) -> str:
    return f"{_word(first)} {_word(last)}".strip()


def _ids(value: str | list[str | None] | None) -> tuple[str, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        return (_word(value),) if _word(value) else ()
    if len(value) == 1:
        word = _word(value[0])
        return (word,) if word else ()
    return tuple(dict.fromkeys([word for one in value if (word := _word(one))]))


_job_status = lru_cache(maxsize=256)(JOBS.read)
_visit_status = lru_cache(maxsize=256)(VISITS.read)


def _status(status: Status, crew: tuple[str, ...]) -> Status:
    return open_status(has_technician=bool(crew)) if status in OPEN and status is not Status.DRAFT else status


def _span(start: str | None, end: str | None) -> tuple[_Moment, _Moment]:
    begin, finish = _moment(start), _moment(end)
    # An end before the start says nothing of when it ends.
    if begin.at is None or finish.at is None or finish.at <= begin.at:
        finish = _NO_MOMENT
    return begin, finish


@lru_cache(maxsize=16_384)
def _moment(text: str | None) -> _Moment:
    text = text.strip() if text else ""
    if not text:
        return _NO_MOMENT
    try:
        if len(text) == 10 and "-" in text:
            return _Moment(None, date.fromisoformat(text))
        at = seconds_of_wire(text)
    except (ValueError, OverflowError):
        raise Unreadable(f"{clean(text, 40)!r} is no time") from None
    if not _EARLIEST <= at < _LATEST:
        raise Unreadable(f"{clean(text, 40)!r} is no time of this age")
    return _Moment(int(at // 1), None)


def _maybe(text: str | None) -> Instant | None:
    """When a row was made or changed; None where that is no time."""
    text = text.strip() if text else ""
    if not text or (len(text) == 10 and "-" in text):
        return None
    try:
        # Remembered: the stamp of the row is the same text.
        at = instant_of_wire(text)
    except (ValueError, OverflowError):
        return None
    return int(at // 1) if _EARLIEST <= at < _LATEST else None


def _minutes(start: Instant | None, end: Instant | None) -> int | None:
    return (end - start) // 60 if start is not None and end is not None and end - start >= 60 else None


def _phone(phone: wire.WirePhone | str | None) -> str | None:
    if not phone:
        return None
    if isinstance(phone, str):
        return _word(phone) or None
    number = _word(phone.get("number"))
    return f"{_word(phone.get('countryCode'))} {number}".strip() if number else None


def _site(address: wire.WireAddress | str | None) -> tuple[str | None, LatLng | None]:
    if not address:
        return None, None
    if isinstance(address, str):
        return _word(address) or None, None
    place = _place(address.get("latitude"), address.get("longitude"))
    formatted = _word(address.get("formattedAddress"))
    if formatted:
        return formatted, place
    street = f"{_word(address.get('houseNumber'))} {_word(address.get('street'))}".strip()
    town = f"{_word(address.get('state'))} {_word(address.get('zipCode'))}".strip()
    parts = (street, _word(address.get("city")), town, _word(address.get("country")))
    return ", ".join(part for part in parts if part) or None, place


def _place(lat: float | None, lng: float | None) -> LatLng | None:
    # 0, 0 is what a server has that never looked the address up.
    if lat is None or lng is None or (lat == 0 and lng == 0):
        return None
    if not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        return None
    return LatLng(lat, lng)


def _items(items: list[wire.WireItem] | None) -> tuple[JobItem, ...]:
    if not items:
        return ()
    return tuple(
        [
            JobItem(
                _word(item.get("itemName")) or _word(item.get("name")),
                quantity if (quantity := item.get("quantity")) is not None else 1.0,
                _word(item.get("description")),
            )
            for item in items
        ]
    )


def _fields(properties: list[wire.WireProperty] | None) -> tuple[CustomField, ...]:
    if not properties:
        return ()
    return tuple(
        [
            CustomField(name, _shown(one.get("value")))
            for one in properties
            if (name := _word(one.get("name")))
        ]
    )


def _shown(value: object) -> str:
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value)
    return clean(str(value))
