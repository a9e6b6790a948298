"""From FSM Navigator's JSON to the terms of the domain; what cannot be read is set aside with a reason.

Pure. Times are UTC, also where a server leaves the zone out. Every text is cleaned here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from fieldboard.backends.fsmnavigator import wire
from fieldboard.backends.fsmnavigator.rules import WORDS
from fieldboard.backends.json_door import RowText, cleaned
from fieldboard.backends.port import Entity, Row, SetAside
from fieldboard.domain.customer import Customer, Site
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Asset, CustomField, Job
from fieldboard.domain.lifecycle import plain_word
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import OPEN, Status, open_status
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.text import clean

PRIORITY_WORDS: Final[Mapping[str, Priority]] = {
    "urgent": Priority.URGENT,
    "high": Priority.HIGH,
    "medium": Priority.NORMAL,
    "low": Priority.LOW,
}
AVAILABLE: Final[Mapping[str, str]] = {"available": "available", "busy": "busy", "offline": "offline"}
"""The three words of the API; the web application has more of them, which are shown as they are."""

ID_NAMES: Final[Mapping[Kind, str]] = {
    Kind.JOB: "job_id",
    Kind.TECHNICIAN: "technician_id",
    Kind.CUSTOMER: "customer_id",
}
ONLY_BY_ID: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.JOB: frozenset({"assets"}),
    Kind.CUSTOMER: frozenset({"locations"}),
}
"""What only a read by its id tells of an entity; of a technician all that lists are not known to have."""
_TECHNICIAN_ROW: Final = frozenset(
    {
        "technician_id", "first_name", "last_name", "status", "availability_status", "vehicle_type",
        "transport_modes", "created_at", "updated_at",
    }
)  # fmt: skip

_SHORT: Final = 300
_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC).timestamp()
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
_SKILL_NAMES: Final = ("name", "skill_name", "skill", "title")


class Unreadable(ValueError):
    """A row that lacks what makes it one, or holds what cannot be true; the text says what."""


def rows_of(kind: Kind, texts: Sequence[RowText], *, by_id: bool = False) -> tuple[list[Row], list[SetAside]]:
    """Read rows of one kind: those that could be read, and those set aside.

    `by_id` says that they were read one by one, and so tell everything.
    """
    good: list[Row] = []
    bad: list[SetAside] = []
    shape, make = _SHAPES[kind], _MAKERS[kind]
    for text in texts:
        raw = cleaned(text)
        try:
            if text.value is None:
                raise Unreadable(text.why or "not readable")
            entity = make(shape.validate_python(text.value), by_id)
            good.append(_row(kind, entity, text.value, by_id=by_id))
        except ValidationError as wrong:
            bad.append(SetAside(kind, id_of(kind, text.value), _says(wrong), raw))
        except (Unreadable, OverflowError) as wrong:
            bad.append(SetAside(kind, id_of(kind, text.value), str(wrong), raw))
    return good, bad


def row_of(kind: Kind, value: dict[str, Json]) -> Row:
    """Read one entity that was asked for by its id. Raises Unreadable."""
    text = RowText(value, json.dumps(value, ensure_ascii=False))
    good, bad = rows_of(kind, [text], by_id=True)
    if bad:
        raise Unreadable(bad[0].why)
    return good[0]


def id_of(kind: Kind, value: Mapping[str, Json] | None) -> str | None:
    """The id in a row; None where it has none that is one."""
    try:
        return _id((value or {}).get(ID_NAMES[kind]))
    except Unreadable:
        return None


@lru_cache(maxsize=8192)
def instant_of_wire(text: str) -> Instant:
    """Seconds since the epoch of a time on the wire; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    at = moment.timestamp()
    if not _EARLIEST <= at < _LATEST:
        raise ValueError(f"{text!r} is no time of this age")
    return int(at // 1)


def status_of(raw: str, *, has_technician: bool) -> Status:
    """The status that a word means: who is on a job decides between the open ones, not the word."""
    status = WORDS.get(plain_word(raw), Status.UNKNOWN)
    return open_status(has_technician=has_technician) if status in OPEN else status


def sites_of(locations: Sequence[wire.WireLocation] | None) -> tuple[Site, ...]:
    """The places of a customer that have an id."""
    found: list[Site] = []
    for one in locations or ():
        site_id = one.get("location_id") or one.get("customer_location_id") or one.get("id")
        if site_id:
            name = _word(one.get("location_name")) or _word(one.get("name"))
            found.append(Site(_word(site_id), name, _address(one), _place(one)))
    return tuple(found)


def locations_in(value: Json) -> tuple[Site, ...]:
    """The places in a list of them; those that cannot be read are left out."""
    found: list[Site] = []
    for one in value if isinstance(value, list) else ():
        try:
            found += sites_of(wire.LOCATIONS.validate_python([one]))
        except ValidationError:
            continue
    return tuple(found)


def _job(job: wire.WireJob, by_id: bool) -> Job:
    own_id = _id(job.get("job_id"))
    who = _word(job.get("assigned_technician_id"))
    raw_status = _word(job.get("job_status"))
    start, end = _moment(job.get("scheduled_start")), _moment(job.get("scheduled_end"))
    if start is None or end is None or end <= start:
        end = None
    began, ended = _maybe(job.get("actual_start")), _maybe(job.get("actual_end"))
    pressing = _word(job.get("job_priority"))
    known = PRIORITY_WORDS.get(pressing.lower())
    fields = (CustomField("Priority", pressing),) if pressing and known is None else ()
    return Job(
        id=own_id,
        number=own_id,
        title=_word(job.get("job_title")),
        customer_id=_word(job.get("customer_id")) or None,
        customer=_word(job.get("customer_name")) or None,
        status=status_of(raw_status, has_technician=bool(who)),
        raw_status=raw_status,
        priority=known if known is not None or not pressing else Priority.NORMAL,
        technician_ids=(who,) if who else (),
        start=start,
        end=end,
        duration_min=(end - start) // 60 if start is not None and end is not None else None,
        notes=clean(job.get("job_description") or "") or None,
        fields=fields,
        created_at=_maybe(job.get("created_at")),
        updated_at=_maybe(job.get("updated_at")),
        site_id=_word(job.get("customer_location_id")) or None,
        site=_word(job.get("customer_location_name")) or None,
        actual_start=began,
        actual_end=ended,
        assets=_assets(job.get("assets")) if by_id else None,
    )


def _assets(assets: Sequence[wire.WireAsset] | None) -> tuple[Asset, ...]:
    return tuple(
        Asset(
            _word(one.get("asset_id")),
            _word(one.get("asset_tag")),
            _word(one.get("asset_name")),
            _word(one.get("asset_status")),
            _word(one.get("relationship_type")),
            clean(one.get("relationship_notes") or ""),
        )
        for one in assets or ()
        if one.get("asset_id")
    )


def _technician(one: wire.WireTechnician, by_id: bool) -> Technician:
    own_id = _id(one.get("technician_id"))
    name = f"{_word(one.get('first_name'))} {_word(one.get('last_name'))}".strip()
    doing = _word(one.get("availability_status"))
    skills = one.get("skills")
    told = by_id and isinstance(skills, list)
    return Technician(
        id=own_id,
        name=name or own_id,
        status=AVAILABLE.get(doing.lower(), doing) or None,
        active=_word(one.get("status")).lower() in ("active", ""),
        skills=_skills(skills) if told and skills else (),
        skills_known=told,
    )


def _customer(one: wire.WireCustomer, by_id: bool) -> Customer:  # noqa: ARG001
    own_id = _id(one.get("customer_id"))
    return Customer(
        id=own_id,
        name=_word(one.get("customer_name")) or own_id,
        phone=_word(one.get("customer_phone")) or _word(one.get("contact_phone")) or None,
        email=_word(one.get("customer_email")) or _word(one.get("contact_email")) or None,
        sites=sites_of(one.get("locations")),
    )


_SHAPES: Final[Mapping[Kind, TypeAdapter[Any]]] = {
    Kind.JOB: wire.JOB,
    Kind.TECHNICIAN: wire.TECHNICIAN,
    Kind.CUSTOMER: wire.CUSTOMER,
}
_MAKERS: Final[Mapping[Kind, Callable[[Any, bool], Entity]]] = {
    Kind.JOB: _job,
    Kind.TECHNICIAN: _technician,
    Kind.CUSTOMER: _customer,
}


def _row(kind: Kind, entity: Entity, value: Mapping[str, Json], *, by_id: bool) -> Row:
    if kind is Kind.TECHNICIAN:
        told = {name: one for name, one in value.items() if name in _TECHNICIAN_ROW}
    else:
        told = {name: one for name, one in value.items() if name not in ONLY_BY_ID[kind]}
    # One text for what a list and a read by id show of the same state: keys in order, no spaces.
    raw = _text(told)
    detail = _text({name: one for name, one in value.items() if name not in told}) if by_id else None
    stamp = value.get("updated_at")
    if not isinstance(stamp, str) or not stamp:
        return Row(kind, entity.id, entity, raw, detail=detail)
    try:
        stamp_at = float(instant_of_wire(stamp))
    except (ValueError, OverflowError):
        return Row(kind, entity.id, entity, raw, detail=detail)
    return Row(kind, entity.id, entity, raw, stamp, stamp_at, detail=detail)


def _text(value: Mapping[str, Json]) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return cleaned(RowText({**value}, text))


def _id(value: object) -> str:
    if value is None or isinstance(value, bool) or value == "":
        raise Unreadable("a row without an id")
    text = str(value)
    if len(text) > 40 or not text.isprintable() or " " in text:
        raise Unreadable("a row whose id is no id")
    return text


def _says(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"] if not isinstance(part, int)) or "the row"
    return clean(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}", _SHORT)


def _word(text: str | None) -> str:
    if not text:
        return ""
    if len(text) <= _SHORT and text.isascii() and text.isprintable():
        return text.strip()
    return " ".join(clean(text, _SHORT).split())


def _moment(text: str | None) -> Instant | None:
    if not text or not text.strip():
        return None
    try:
        return instant_of_wire(text)
    except (ValueError, OverflowError):
        raise Unreadable(f"{clean(text, 40)!r} is no time") from None


def _maybe(text: str | None) -> Instant | None:
    try:
        return _moment(text)
    except Unreadable:
        return None


def _skills(skills: Sequence[object]) -> tuple[str, ...]:
    found: list[str] = []
    for one in skills:
        named: object = one
        if isinstance(one, dict):
            named = next((one[name] for name in _SKILL_NAMES if isinstance(one.get(name), str)), None)
        if isinstance(named, str) and _word(named):
            found.append(_word(named))
    return tuple(dict.fromkeys(found))


def _address(one: wire.WireLocation) -> str | None:
    street = _word(one.get("street")) or _word(one.get("street_address")) or _word(one.get("address"))
    code = _word(one.get("zip")) or _word(one.get("zip_code")) or _word(one.get("postal_code"))
    town = f"{_word(one.get('state'))} {code}".strip()
    return ", ".join(part for part in (street, _word(one.get("city")), town) if part) or None


def _place(one: wire.WireLocation) -> LatLng | None:
    lat = one.get("latitude") if one.get("latitude") is not None else one.get("lat")
    lng = one.get("longitude") if one.get("longitude") is not None else one.get("lng")
    # 0, 0 is what a server has that never looked the address up.
    if lat is None or lng is None or (lat == 0 and lng == 0):
        return None
    if not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        return None
    return LatLng(lat, lng)


def plain_json(row: Row) -> dict[str, Json]:
    """The server's own fields of an entity, with what only a read by its id has told."""
    value = json.loads(row.raw)
    if row.detail is not None:
        value |= json.loads(row.detail)
    return value if isinstance(value, dict) else {}
