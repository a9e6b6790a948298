"""The JSON that FieldOpt is sent: only what was changed, in the names of the dialect that it speaks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fieldboard.backends.fieldopt.rules import (
    ASSUMED_MIN,
    LONGEST_MIN,
    PRIORITIES,
    SHORTEST_MIN,
    TYPES,
    Dialect,
    known_word,
)
from fieldboard.backends.fieldopt.slots import Zones, clock_text, day_text, noon_text
from fieldboard.domain.fields import TIMES, WINDOWS, with_line
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json
from fieldboard.domain.priority import priority_of

Body = dict[str, Json]

_TEXTS: Final[Mapping[Dialect, Mapping[str, str]]] = {
    Dialect.DOCUMENTED: {"customer": "customer", "address": "address"},
    Dialect.CODE: {
        "customer": "customer_name",
        "phone": "customer_phone",
        "territory": "route_criteria",
        "notes": "notes",
    },
}
_REQUIRED: Final = frozenset({"customer", "address"})
_FURTHER: Final = frozenset(
    {"latitude", "longitude", "customer_email", "service_zip", "description", "special_instructions"}
)
"""What `--set` may say of a new job in the code dialect."""


def number_of(text: str, what: str) -> int:
    """An id as the API has it. Raises ValueError for a text that is none."""
    if not is_number(text):
        raise ValueError(f"{text!r} is no {what} of FieldOpt: its ids are whole numbers")
    return int(text)


def is_number(text: str) -> bool:
    """Whether a text can be an id of the API."""
    plain = text.strip()
    return plain.isdecimal() and len(plain) < 20 and int(plain) < 2**31


def one_of(crew: Json) -> str | None:
    """The technician of a crew. Raises ValueError for more than one."""
    names = _strings(crew)
    if len(names) > 1:
        raise ValueError("FieldOpt's jobs have one technician each")
    return names[0] if names else None


def field_body(
    dialect: Dialect, name: str, value: Json, job: Job, *, zones: Zones, notes: str | None
) -> Body:
    """One changed field of a job; `notes` are its notes word for word, as the server has them.

    Raises ValueError for what the API cannot say.
    """
    if name == TIMES:
        return times_body(dialect, value, job, zones)
    if name == WINDOWS:
        return promise_body(dialect, value, zones)
    if name == "skills":
        return {("required_skills" if dialect is Dialect.CODE else "skills_required"): [*_strings(value)]}
    if name == "kind" and dialect is Dialect.DOCUMENTED:
        return {"type": kind_of(value)}
    if dialect is Dialect.CODE:
        if name == "priority":
            return {"priority": priority_number(value)}
        if name == "duration_min":
            return {"estimated_duration": minutes_of(value)}
        if name == "note":
            return {"notes": with_line(notes, str(value))}
    theirs = _TEXTS[dialect].get(name)
    if theirs is None:
        raise ValueError(f"FieldOpt's API does not let {name.replace('_', ' ')} be changed")
    text = value if isinstance(value, str) else ""
    if not text and (dialect is Dialect.CODE or name in _REQUIRED):
        raise ValueError(f"FieldOpt's API cannot empty {name.replace('_', ' ')}")
    return {theirs: text}


def times_body(dialect: Dialect, value: Json, job: Job, zones: Zones) -> Body:
    """A day and a slot: the promise moves along with the start and keeps its length.

    Raises ValueError for a plan without a clock time, which FieldOpt cannot take back.
    """
    start, end, _ = (*value, None, None, None)[:3] if isinstance(value, list) else (None, None, None)
    if not isinstance(start, int):
        raise ValueError("FieldOpt plans by day and slot and cannot take a plan away: give a day and a start")
    length = end - start if isinstance(end, int) else (job.duration_min or ASSUMED_MIN) * MINUTE
    promised = max((one.end - one.start for one in job.windows if one.start == job.start), default=0)
    closing = start + (promised if promised and length <= promised else length)
    return slot_body(dialect, start, closing, zones, minutes=length // MINUTE)


def promise_body(dialect: Dialect, value: Json, zones: Zones) -> Body:
    """A slot, where the promise itself is changed. Raises ValueError for more than one."""
    spans = value if isinstance(value, list) else []
    start, closing = spans[0] if len(spans) == 1 and isinstance(spans[0], list) else (None, None)
    if not isinstance(start, int) or not isinstance(closing, int):
        raise ValueError("FieldOpt's jobs have one slot each")
    return slot_body(dialect, start, closing, zones, minutes=None)


def slot_body(
    dialect: Dialect, start: Instant, closing: Instant, zones: Zones, *, minutes: int | None
) -> Body:
    """A plan in the names of a dialect; a slot is less than a day long. Raises ValueError."""
    if not 0 < closing - start < 24 * 60 * MINUTE:
        raise ValueError("FieldOpt's slots end within a day of their start")
    if dialect is Dialect.DOCUMENTED:
        slot = f"{clock_text(start, zones)}-{clock_text(closing, zones)}"
        return {"scheduled_date": day_text(start, zones), "time_slot": slot}
    body: Body = {
        "scheduled_date": noon_text(start, zones),
        "time_slot_start": clock_text(start, zones),
        "time_slot_end": clock_text(closing, zones),
    }
    if minutes is not None:
        body["estimated_duration"] = minutes_of(minutes)
    return body


def minutes_of(value: Json) -> int:
    """How long a job takes, as the code dialect has it. Raises ValueError."""
    if not isinstance(value, int) or isinstance(value, bool) or not SHORTEST_MIN <= value <= LONGEST_MIN:
        raise ValueError(f"FieldOpt's jobs take {SHORTEST_MIN} to {LONGEST_MIN} minutes")
    return value


def kind_of(value: Json) -> str:
    """The type of a job in the API's own word. Raises ValueError for one that it does not have."""
    word = str(value or "").strip().lower().replace(" ", "_").replace("-", "_")
    if word not in TYPES:
        raise ValueError(f"FieldOpt has no type of job {str(value or '')!r}; it has {', '.join(TYPES)}")
    return word


def priority_number(value: Json) -> int:
    """A priority as the code dialect counts it. Raises ValueError."""
    known = priority_of(value) if isinstance(value, str) else None
    if known is None:
        raise ValueError("FieldOpt's jobs always have a priority: urgent, high, normal or low")
    return PRIORITIES[known]


def new_job(dialect: Dialect, value: Mapping[str, Json], zones: Zones, mark: str | None) -> Body:
    """A job in the names of a dialect. `value` has the keys of a `created` change.

    `mark` is the number by which it is found again, where the dialect has numbers. Raises ValueError where
    something is missing or cannot be said.
    """
    customer, address = _text(value, "customer"), _text(value, "address")
    kind = kind_of(value.get("kind"))
    skills: list[Json] = [*_strings(value.get("skills"))]
    code = dialect is Dialect.CODE
    body: Body = (
        {"customer_name": customer, "service_address": address, "job_type": kind, "required_skills": skills}
        if code
        else {"type": kind, "customer": customer, "address": address}
    )
    times, minutes = value.get(TIMES), value.get("duration_min")
    start, end = (times[0], times[1]) if isinstance(times, list) and len(times) > 1 else (None, None)
    if isinstance(start, int) and isinstance(end, int):
        length = minutes if isinstance(minutes, int) else min((end - start) // MINUTE, LONGEST_MIN)
        body |= slot_body(dialect, start, end, zones, minutes=max(SHORTEST_MIN, length))
    if not code:
        body["skills_required"] = skills
        if _pairs(value):
            raise ValueError("FieldOpt's documented API has no further fields for a new job")
        return body
    for name, theirs in (("phone", "customer_phone"), ("city", "service_city"), ("notes", "notes")):
        if isinstance(value.get(name), str):
            body[theirs] = value[name]
    if isinstance(value.get("territory"), str):
        body["route_criteria"] = value["territory"]
    if value.get("priority") is not None:
        body["priority"] = priority_number(value["priority"])
    if mark is not None:
        body["job_number"] = mark
    for name, said in _pairs(value).items():
        body[name] = _further(name, str(said or ""))
    return body


def holds(body: Mapping[str, Json], row: Mapping[str, Json]) -> bool:
    """Whether a job, as the server sent it, is as a body wanted it."""
    return not differing(body, row)


def differing(body: Mapping[str, Json], row: Mapping[str, Json]) -> tuple[str, ...]:
    """The names of what is not as it was wanted; what a row does not tell is left out."""
    return tuple(name for name, value in body.items() if name in row and not _same(name, value, row[name]))


def _same(name: str, wanted: Json, has: Json) -> bool:
    if name == "scheduled_date":
        return str(has or "")[:10] == str(wanted or "")[:10]
    if name == "status":
        return known_word(str(has or "")) == known_word(str(wanted or ""))
    if isinstance(wanted, list):
        return isinstance(has, list) and [str(one) for one in has] == [str(one) for one in wanted]
    if isinstance(wanted, int | float) and isinstance(has, int | float):
        return abs(wanted - has) < 1e-6
    return " ".join(str(has or "").split()) == " ".join(str(wanted or "").split())


def _pairs(value: Mapping[str, Json]) -> dict[str, Json]:
    further = value.get("set")
    return further if isinstance(further, dict) else {}


def _further(name: str, text: str) -> Json:
    if name not in _FURTHER:
        raise ValueError(f"FieldOpt's API has no field {name}; it has {', '.join(sorted(_FURTHER))}")
    if name not in ("latitude", "longitude"):
        return text
    try:
        degrees = float(text)
    except ValueError:
        raise ValueError(f"{name} is in degrees, like 51.5") from None
    if not abs(degrees) <= (90 if name == "latitude" else 180):
        raise ValueError(f"{name} is in degrees, like 51.5")
    return degrees


def _text(value: Mapping[str, Json], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"a new job needs {name}")
    return text


def _strings(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
