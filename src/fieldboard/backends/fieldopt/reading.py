"""From FieldOpt's JSON to the terms of the domain; what cannot be read is set aside with a reason.

Pure but for what `Known` collects. A job is its own visit: its day and the start of its slot are when, the
slot is what the customer was promised. Every text is cleaned here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from fieldboard.backends.fieldopt import wire
from fieldboard.backends.fieldopt.dialects import by_keys
from fieldboard.backends.fieldopt.rules import ASSIGNED, PENDING, WORDS, Dialect
from fieldboard.backends.fieldopt.slots import NoTime, Planned, Zones, clock_of, day_of, planned, slot_of
from fieldboard.backends.json_door import RowText, cleaned
from fieldboard.backends.port import Entity, Row, SetAside
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import CustomField, Job
from fieldboard.domain.lifecycle import plain_word
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import OPEN, Status, open_status
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from fieldboard.text import clean

_PRIORITIES: Final = {1: Priority.URGENT, 2: Priority.HIGH, 3: Priority.NORMAL, 4: Priority.LOW}
_COUNTERS: Final = frozenset(
    {"current_workload", "assigned_jobs", "completed_jobs", "updated_at", "last_location_update"}
)
"""What moves by itself in a technician's row: it is no change of the technician."""

_SHORT: Final = 300
_LONG: Final = 2000
_LINE: Final = 80
"""Characters of a description that can stand for a title."""
_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC).timestamp()
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
_EVERY_DAY: Final = range(7)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Unreadable(ValueError):
    """A row that lacks what makes it one, or holds what cannot be true; the text says what."""


@dataclass(slots=True)
class Known:
    """What a job's row does not tell by itself, and what rows have shown on the way.

    `names` finds technicians by their names, `crews` who goes to a job where its own row does not say so.
    `apart` says that no job of this server tells it. `dialect` is the dialect of the last row that told one;
    `unnamed` are jobs whose technician is named and
    not known, `silent` those that must have one by their status and show none.
    """

    zones: Zones
    names: dict[str, str | None] = field(default_factory=dict)
    crews: dict[str, str] = field(default_factory=dict)
    apart: bool = False
    dialect: Dialect | None = None
    unnamed: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)

    def name(self, technician: Technician) -> None:
        """Note a technician's name; one that two have finds nobody."""
        key = technician.name.casefold()
        self.names[key] = technician.id if self.names.get(key, technician.id) == technician.id else None


def rows_of(kind: Kind, texts: Sequence[RowText], known: Known) -> tuple[list[Row], list[SetAside]]:
    """Read rows of one kind: those that could be read, and those set aside."""
    good: list[Row] = []
    bad: list[SetAside] = []
    shape, make = _SHAPES[kind], _MAKERS[kind]
    for text in texts:
        try:
            if text.value is None:
                raise Unreadable(text.why or "not readable")
            known.dialect = by_keys(text.value) or known.dialect
            entity = make(shape.validate_python(text.value), known)
            good.append(Row(kind, entity.id, entity, _text(kind, text.value)))
        except ValidationError as wrong:
            bad.append(SetAside(kind, id_in(text.value), _says(wrong), cleaned(text)))
        except (Unreadable, NoTime, OverflowError) as wrong:
            bad.append(SetAside(kind, id_in(text.value), str(wrong), cleaned(text)))
    return good, bad


def row_of(kind: Kind, value: dict[str, Json], known: Known) -> Row:
    """Read one entity. Raises Unreadable."""
    good, bad = rows_of(kind, [RowText(value, json.dumps(value, ensure_ascii=False))], known)
    if bad:
        raise Unreadable(bad[0].why)
    return good[0]


def id_in(value: Mapping[str, Json] | None) -> str | None:
    """The id in a row; None where it has none that is one."""
    try:
        return _id((value or {}).get("id"))
    except Unreadable:
        return None


@lru_cache(maxsize=8192)
def instant_of_wire(text: str) -> Instant:
    """Seconds since the epoch of a stamp; without a zone it is UTC. Raises ValueError."""
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


def title_of(kind: str, description: str | None) -> str:
    """What a job is called, which has no title: how it is described in a line, else its type in words."""
    line = _word((description or "").strip().partition("\n")[0])
    if 0 < len(line) <= _LINE:
        return line
    words = " ".join(kind.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def plan_of(job: wire.WireJob, zones: Zones) -> Planned:
    """When a job is. Raises NoTime."""
    first, last = clock_of(job.get("time_slot_start")), clock_of(job.get("time_slot_end"))
    if first is None and last is None:
        first, last = slot_of(job.get("time_slot"))
    return planned(day_of(job.get("scheduled_date"), zones), first, last, _minutes(job), zones)


def _job(job: wire.WireJob, known: Known) -> Job:
    own_id = _id(job.get("id"))
    raw_status = _word(job.get("status"))
    who = _crew(own_id, raw_status, job, known)
    kind = _word(job.get("type")) or _word(job.get("job_type"))
    title = title_of(kind, job.get("description"))
    plan = plan_of(job, known.zones)
    place = _place(job.get("latitude"), job.get("longitude"))
    pressing = job.get("priority")
    return Job(
        id=own_id,
        number=_word(job.get("job_number")) or own_id,
        title=title,
        customer=_word(job.get("customer")) or _word(job.get("customer_name")) or None,
        phone=_word(job.get("customer_phone")) or None,
        address=_address(job),
        lat=place.lat if place is not None else None,
        lng=place.lng if place is not None else None,
        status=status_of(raw_status, has_technician=who is not None),
        raw_status=raw_status,
        priority=_PRIORITIES.get(round(pressing), Priority.LOW) if pressing is not None else None,
        technician_ids=(who,) if who is not None else (),
        start=plan.start,
        end=plan.end,
        duration_min=_minutes(job),
        windows=plan.windows,
        skills=_texts(job.get("skills_required")) or _texts(job.get("required_skills")),
        territory=_word(job.get("route_criteria")) or None,
        notes=clean(job.get("notes") or "") or None,
        kind=kind or None,
        fields=_fields(job, title, who),
        created_at=_maybe(job.get("created_at")),
        updated_at=_maybe(job.get("updated_at")),
        actual_start=_maybe(job.get("started_at")),
        actual_end=_maybe(job.get("completed_at")),
        date=plan.day,
    )


def _fields(job: wire.WireJob, title: str, who: str | None) -> tuple[CustomField, ...]:
    said = [
        (
            "Description",
            more if (more := clean(job.get("description") or "", _LONG).strip()) != title else "",
        ),
        ("Special instructions", clean(job.get("special_instructions") or "", _LONG).strip()),
        ("Status and assignment", disagreement(_word(job.get("status")), who)),
    ]
    return tuple(CustomField(name, text) for name, text in said if text)


def disagreement(raw_status: str, who: str | None) -> str:
    """In what way a status and an assignment disagree, which the servers keep apart; '' where they agree."""
    word = plain_word(raw_status)
    if word == PENDING and who is not None:
        return "disagree: the job is pending, and has a technician"
    if word == ASSIGNED and who is None:
        return "disagree: the job is called assigned, and has no technician"
    if word == "inprogress" and who is None:
        return "disagree: the job is in progress, and has no technician"
    return ""


def _crew(own_id: str, raw_status: str, job: wire.WireJob, known: Known) -> str | None:
    told = _word(job.get("assigned_tech_id"))
    if told:
        return told
    one = job.get("assigned_technician")
    if isinstance(one, dict):
        inner = one.get("id", one.get("technician_id"))
        one = inner if inner is not None else one.get("name")
    name = one if isinstance(one, str) else None
    if isinstance(one, int) and not isinstance(one, bool):
        return str(one)
    if name is not None and name.strip().isdecimal():
        return name.strip()
    name = _word(name) or _word(job.get("assigned_tech_name"))
    if name:
        found = known.names.get(name.casefold()) or known.crews.get(own_id)
        if found is None:
            known.unnamed.add(own_id)
        return found
    if own_id in known.crews:
        return known.crews[own_id]
    given = known.apart or plain_word(raw_status) in (ASSIGNED, "inprogress")
    if given and "assigned_tech_id" not in job:
        known.silent.add(own_id)
    return None


def _technician(one: wire.WireTechnician, known: Known) -> Technician:
    own_id = _id(one.get("id"))
    word = _word(one.get("status"))
    first, last = _shift(one.get("shift_start")), _shift(one.get("shift_end"))
    shift = (
        dict.fromkeys(_EVERY_DAY, WallSpan(first, last)) if first is not None and last is not None else None
    )
    most = one.get("capacity") if one.get("capacity") is not None else one.get("max_jobs_per_day")
    found = Technician(
        id=own_id,
        name=_word(one.get("name")) or own_id,
        status=word or None,
        active=one.get("is_active") is not False,
        skills=_texts(one.get("skills")),
        skills_known=one.get("skills") is not None,
        shift=shift,
        capacity=round(most) if most is not None and 0 <= most < 1000 else None,
        home=_place(one.get("home_latitude"), one.get("home_longitude")),
        territory=", ".join(_texts(one.get("assigned_routes"))) or None,
        phone=_word(one.get("phone")) or None,
        position=_place(one.get("current_latitude"), one.get("current_longitude")),
    )
    known.name(found)
    return found


_SHAPES: Final[Mapping[Kind, TypeAdapter[Any]]] = {Kind.JOB: wire.JOB, Kind.TECHNICIAN: wire.TECHNICIAN}
_MAKERS: Final[Mapping[Kind, Callable[[Any, Known], Entity]]] = {
    Kind.JOB: _job,
    Kind.TECHNICIAN: _technician,
}


def _text(kind: Kind, value: Mapping[str, Json]) -> str:
    """One text for what a list and a read by id show of the same state: keys in order, no spaces."""
    told = {**value}
    if kind is Kind.TECHNICIAN:
        told = {name: one for name, one in value.items() if name not in _COUNTERS}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return cleaned(RowText(told, text))


def _id(value: object) -> str:
    if value is None or isinstance(value, bool) or value == "":
        raise Unreadable("a row without an id")
    text = str(value)
    if _ID.fullmatch(text) is None:
        raise Unreadable("a row whose id is no id")
    return text


def _says(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"] if not isinstance(part, int)) or "the row"
    return clean(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}", _SHORT)


def _word(text: str | None) -> str:
    return " ".join(clean(text, _SHORT).split()) if text else ""


def _maybe(text: str | None) -> Instant | None:
    if not text or not text.strip():
        return None
    try:
        return instant_of_wire(text)
    except (ValueError, OverflowError):
        return None


def _texts(values: Sequence[object] | str | None) -> tuple[str, ...]:
    found: list[str] = []
    for one in values.split(",") if isinstance(values, str) else values or ():
        named = one.get("name") if isinstance(one, dict) else one
        if isinstance(named, str) and _word(named):
            found.append(_word(named))
    return tuple(dict.fromkeys(found))


def _minutes(job: wire.WireJob) -> int | None:
    minutes = job.get("estimated_duration")
    return round(minutes) if minutes is not None and 0 < minutes < 60 * 24 * 7 else None


def _shift(text: str | None) -> time | None:
    try:
        return clock_of(text)
    except NoTime:
        return None


def _address(job: wire.WireJob) -> str | None:
    """The address in one line; the code dialect has the town beside it."""
    street = _word(job.get("address")) or _word(job.get("service_address"))
    town = f"{_word(job.get('service_city'))} {_word(job.get('service_zip'))}".strip()
    parts = [street] if town and town.casefold() in street.casefold() else [street, town]
    return ", ".join(part for part in parts if part) or None


def _place(lat: float | None, lng: float | None) -> LatLng | None:
    # 0, 0 is what a server has that never looked the address up.
    if lat is None or lng is None or (lat == 0 and lng == 0):
        return None
    if not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        return None
    return LatLng(lat, lng)


def plain_json(row: Row) -> dict[str, Json]:
    """The server's own fields of an entity."""
    value = json.loads(row.raw)
    return value if isinstance(value, dict) else {}
