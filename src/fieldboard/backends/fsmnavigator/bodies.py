"""The JSON that FSM Navigator is sent: only what was changed, in the documents' own names. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from fieldboard.backends.fsmnavigator.reading import instant_of_wire
from fieldboard.backends.fsmnavigator.rules import PRIORITIES, RELATIONS
from fieldboard.domain.fields import TECHNICIANS, TIMES, with_line
from fieldboard.domain.instants import Instant, instant_text
from fieldboard.domain.operation import Json
from fieldboard.domain.priority import priority_of
from fieldboard.text import clean

Body = dict[str, Json]


def number_of(text: str, what: str) -> int:
    """An id as the API has it. Raises ValueError for a text that is none."""
    if not text.strip().isdecimal() or len(text.strip()) > 18:
        raise ValueError(f"{text!r} is no {what} of FSM Navigator: its ids are whole numbers")
    return int(text)


def field_body(name: str, value: Json, text: str | None) -> Body:
    """One changed field of a job; `text` is the job's description word for word, as the server has it.

    Raises ValueError for what the API cannot say.
    """
    match name:
        case "technicians":
            crew = _texts(value)
            if len(crew) > 1:
                raise ValueError("FSM Navigator's jobs have one technician each")
            return {"assigned_technician_id": number_of(crew[0], "technician") if crew else None}
        case "times":
            return times_body(value)
        case "title":
            if not isinstance(value, str) or not value.strip():
                raise ValueError("a job's title cannot be empty")
            return {"job_title": value}
        case "notes":
            return {"job_description": value if isinstance(value, str) else ""}
        case "note":
            return {"job_description": with_line(text, str(value))}
        case "priority":
            return {"job_priority": priority_word(value)}
        case "assets":
            return {"asset_ids": [number_of(one, "asset") for one in _texts(value)]}
        case _:
            raise ValueError(f"FSM Navigator's API does not let {name.replace('_', ' ')} be changed")


def times_body(value: Json) -> Body:
    """Start and end, always both. Raises ValueError for a day without a clock time."""
    start, end, day = (*value, None, None, None)[:3] if isinstance(value, list) else (None, None, None)
    if not isinstance(start, int):
        if day is not None:
            raise ValueError("FSM Navigator plans by clock times: give a start, not only a day")
        return {"scheduled_start": None, "scheduled_end": None}
    return {
        "scheduled_start": instant_text(start),
        "scheduled_end": instant_text(end) if isinstance(end, int) else None,
    }


def priority_word(value: Json) -> str:
    """A priority in the API's exact spelling. Raises ValueError."""
    known = priority_of(value) if isinstance(value, str) else None
    if known is None:
        raise ValueError("FSM Navigator's jobs always have a priority: urgent, high, normal or low")
    return PRIORITIES[known]


def new_job(value: Mapping[str, Json], location: str, marker: str | None) -> Body:
    """A job in the names of the documents.

    `value` has the keys of a `created` change, `location` is the id of the place; `marker` is a line by
    which the job is found again. Raises ValueError where something is missing or cannot be said.
    """
    title = value.get("title")
    if not isinstance(title, str) or not title.strip():
        raise ValueError("a new job needs a title")
    body: Body = {"job_title": title, "customer_location_id": number_of(location, "location")}
    notes = value.get("notes")
    text = notes if isinstance(notes, str) and notes else None
    if marker is not None:
        text = with_line(text, marker)
    if text:
        body["job_description"] = text
    if value.get("priority") is not None:
        body["job_priority"] = priority_word(value["priority"])
    crew = _texts(value.get(TECHNICIANS))
    if crew:
        body |= field_body(TECHNICIANS, [*crew], None)
    times = value.get(TIMES)
    if isinstance(times, list):
        body |= {name: one for name, one in times_body(times).items() if one is not None}
    further = value.get("set")
    for name, said in further.items() if isinstance(further, dict) else ():
        body |= _further(name, str(said or ""))
    return body


def holds(wanted: Mapping[str, Json], row: Mapping[str, Json]) -> bool:
    """Whether a job, as the server sent it, is as a body wanted it."""
    return not differing(wanted, row)


def differing(wanted: Mapping[str, Json], row: Mapping[str, Json]) -> tuple[str, ...]:
    """The names of what is not as it was wanted."""
    return tuple(name for name, value in wanted.items() if not _same(name, value, row))


def _same(name: str, value: Json, row: Mapping[str, Json]) -> bool:
    if name == "asset_ids":
        assets = row.get("assets")
        linked = {
            str(one.get("asset_id"))
            for one in (assets if isinstance(assets, list) else ())
            if isinstance(one, dict)
        }
        # Unknown and deleted assets are skipped without a word: what is linked is among the wanted.
        return isinstance(value, list) and linked <= {str(one) for one in value}
    has = row.get(name)
    if name in ("scheduled_start", "scheduled_end"):
        return _instant(has) == _instant(value)
    if name == "job_description":
        # What was read is clean; what was sent is word for word.
        return clean(str(has or "")) == clean(str(value or ""))
    return str(has) == str(value) if has is not None and value is not None else has is value


def _further(name: str, text: str) -> Body:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if name == "asset_ids":
        return {"asset_ids": [number_of(part, "asset") for part in parts]}
    if name == "asset_relationship_type":
        if text not in RELATIONS:
            raise ValueError(f"asset_relationship_type is one of {', '.join(RELATIONS)}")
        return {"asset_relationship_type": text}
    raise ValueError(f"FSM Navigator's API has no field {name} for a new job")


def _instant(value: Json) -> Instant | None:
    if not isinstance(value, str):
        return None
    try:
        return instant_of_wire(value)
    except (ValueError, OverflowError):
        return None


def _texts(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
