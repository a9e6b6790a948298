"""Fields of edits and their values in a dispatcher's words: names for technicians, local clock times."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from fieldboard.board.plan import times_text
from fieldboard.domain import fields
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.operation import Json

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

_NAMES: Final = {
    fields.TECHNICIANS: "technician",
    fields.TIMES: "time",
    fields.CREATED: "job",
    fields.DELETED: "job",
    fields.SEQUENCE: "place in the day",
    fields.LOCATION: "position",
    fields.WINDOWS: "promise",
    "customer_id": "customer",
    "duration_min": "duration",
    "kind": "type",
}


_BEGUN_NOT: Final = "not begun"
"""Work that is assigned or waits for somebody: edits of a status do not tell these apart."""


def field_words(name: str) -> str:
    """What a field is called."""
    return _NAMES.get(name, name.removeprefix(fields.OWN).replace("_", " "))


def value_words(desk: Desk, name: str, value: Json) -> str:
    """A value in words, with the day of a time."""
    match name:
        case fields.TECHNICIANS:
            crew = value if isinstance(value, list) else []
            return " and ".join(desk.people.name_of(str(one)) for one in crew) or "nobody"
        case fields.TIMES:
            return _times(desk, value)
        case fields.WINDOWS:
            windows = value if isinstance(value, list) else []
            return " or ".join(_times(desk, one) for one in windows) or "none"
        case fields.STATUS:
            return _BEGUN_NOT if value == "open" else str(value).replace("_", " ") if value else "none"
        case fields.DELETED:
            return "deleted" if value is True else "there"
        case fields.CREATED:
            return _made(desk, value)
        case "customer_id":
            known = desk.store.customer(str(value)) if value else None
            return known.name if known is not None else str(value or "none")
        case "duration_min":
            return f"{value} min" if value else "none"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "none"
    return str(value) if value is not None and value != "" else "none"


def _times(desk: Desk, value: Json) -> str:
    start, end, day = (*value, None, None, None)[:3] if isinstance(value, list) else (None, None, None)
    if isinstance(start, int):
        return times_text(start, end if isinstance(end, int) else start + 60 * MINUTE, desk.zone)
    if isinstance(day, str):
        on = date.fromisoformat(day)
        return f"{on:%a} {on.day} {on:%b}, no time"
    return "no time"


def _made(desk: Desk, value: Json) -> str:
    if not isinstance(value, dict):
        return "none"
    name = " ".join(str(value[one]) for one in ("number", "title") if value.get(one))
    who = value_words(desk, fields.TECHNICIANS, value.get(fields.TECHNICIANS))
    return ", ".join((name or "a new one", value_words(desk, fields.TIMES, value.get(fields.TIMES)), who))
