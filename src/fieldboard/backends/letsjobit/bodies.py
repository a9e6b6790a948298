"""The JSON that LetsJobIt is sent: only what was changed, in the documents' own names. Pure.

Flags go as "1" and "0" and a priority as a text, as in the documents' example of a new visit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fieldboard.backends.letsjobit.reading import hours_of
from fieldboard.backends.letsjobit.rules import CONTACT, FLAGS, FURTHER, OPENING_HOURS, VEHICLES, Own
from fieldboard.backends.letsjobit.values import (
    Object,
    Unreadable,
    flag,
    line,
    number,
    texts,
    whole,
)
from fieldboard.backends.letsjobit.wire import Opening, openings
from fieldboard.domain.fields import OWN, with_line
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Json
from fieldboard.domain.priority import Priority, priority_of
from fieldboard.text import clean

Body = dict[str, Json]

FLAG_FIELDS: Final = frozenset(
    {
        *("inMobileApp", "inProgress", "closed", "skipped", "precedencePriorityVisit", "emailMandatory"),
        *("showItemsOnOrderSection", "hideEquipmentDetails", "hideDeliveryItemsSection", "NPSMandatory"),
        *("useStartPauseStopStyleButtonsInJobs", "closeVisitOnLastJobClose"),
    }
)
_LISTS: Final = frozenset({"required_skills", "allowed_vehicles", "subContractorIds"})
_NUMBERS: Final = frozenset({"serviceOrder", "priority", "duration"})
_PLACES: Final = frozenset({"lat", "lng"})


def driver_body(driver_id: str | None, name: str | None, *, has_one: bool) -> Body:
    """Whose visit it is. Raises ValueError where nobody knows what the driver is called.

    The name stands in the visit beside the id, so both are sent; nobody is said by hiding the visit from
    the app, as every visit has a driver's id. `has_one` says that the app shows it to somebody already.
    """
    if driver_id is None:
        return {"inMobileApp": "0"}
    if not name:
        raise ValueError(f"nobody knows what driver {driver_id} is called; name them in the roster")
    body: Body = {"driverId": driver_id, "name": name}
    if not has_one:
        body["inMobileApp"] = "1"
    return body


def day_of(value: Json, zone: Zone) -> str:
    """The day in a value of `times`; a clock time in it means its day. Raises ValueError."""
    start, _end, day = (*value, None, None, None)[:3] if isinstance(value, list) else (None, None, None)
    if isinstance(start, int) and not isinstance(start, bool):
        return zone.date_of(start).isoformat()
    if isinstance(day, str):
        return day
    raise ValueError("LetsJobIt's visits always have a day; move it to another one")


def priority_body(value: Json, own: Own, *, pressing: bool) -> Body:
    """A priority; urgent is the flag of a priority visit. `pressing` says that it is set now.

    Raises ValueError for a word that is none.
    """
    known = priority_of(value) if isinstance(value, str) else None
    if known is None:
        raise ValueError("say urgent, high, normal or low for the priority of a visit")
    if known is Priority.URGENT:
        return {"precedencePriorityVisit": "1"}
    body: Body = {"priority": str(own.number_of(known))}
    return body | ({"precedencePriorityVisit": "0"} if pressing else {})


def status_body(value: Json, flags_now: str) -> Body:
    """The flags of a status as edits compare it; `flags_now` are those that are set, with commas.

    What is skipped is so whatever else it is, and at some accounts closed besides: both are taken back
    where they stand in the way. Raises ValueError for a status that no flag says.
    """
    flags = FLAGS.get(str(value))
    if flags is None:
        raise ValueError(f"LetsJobIt has no flag that says {str(value).replace('_', ' ')}")
    now = flags_now.split(",")
    back: Body = {}
    if "skipped" in now and value != "skipped":
        back["skipped"] = "0"
        if "closed" in now:
            back["closed"] = "0"
    return {**back, **flags}


def text_body(name: str, value: Json, obs: str) -> Body:
    """A text or a list of a visit; `obs` are its notes word for word. Raises ValueError."""
    match name:
        case "notes":
            return {"obs": value if isinstance(value, str) else ""}
        case "note":
            return {"obs": with_line(obs, str(value))}
        case "phone":
            return {"contactPhone": value if isinstance(value, str) else ""}
        case "skills":
            return {"required_skills": [str(one) for one in value] if isinstance(value, list) else []}
        case _ if name.startswith(OWN):
            return _own_body(name.removeprefix(OWN), str(value or ""))
        case "duration_min":
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError("a visit's duration is a number of minutes")
            return {"duration": value * 60}
        case "sequence":
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError("a place in the order of a day is a whole number")
            return {"serviceOrder": value}
        case _:
            raise ValueError(f"LetsJobIt's API does not let {name.replace('_', ' ')} be changed")


def new_visit(
    value: Mapping[str, Json],
    erp_id: int,
    driver: tuple[str, str],
    company_id: str,
    account: tuple[Own, Zone],
) -> Body:
    """A new visit in the names of the documents.

    `value` has the keys of a `created` change, `driver` are id and name, `account` its settings and zone.
    What is to be done stands in a line of its own. Raises ValueError where something is missing or cannot
    be said.
    """
    own, zone = account
    title = _needed(value, "title", "a title")
    body: Body = {
        "id": erp_id,
        "driverId": driver[0],
        "name": driver[1],
        "inMobileApp": "1",
        "date": day_of(value.get("times"), zone),
        "docNo": _needed(value, "number", "a number"),
        "docType": str(value.get("kind") or title),
        "customer": _needed(value, "customer", "a customer"),
        "address": _needed(value, "address", "an address"),
        "city": _needed(value, "city", "a city"),
        "companyId": company_id,
        "lines": [{"actionItem": True, "description": title, "qty": 1}],
    }
    for name, ours in (("obs", "notes"), ("contactPhone", "phone"), ("territory", "territory")):
        text = value.get(ours)
        if isinstance(text, str) and text:
            body[name] = text
    if value.get("skills"):
        body |= text_body("skills", value["skills"], "")
    minutes = value.get("duration_min")
    if isinstance(minutes, int) and not isinstance(minutes, bool):
        body["duration"] = minutes * 60
    if value.get("priority") is not None:
        body |= priority_body(value["priority"], own, pressing=False)
    further = value.get("set")
    for name, text in further.items() if isinstance(further, dict) else ():
        body[name] = _further(name, str(text))
    return body


def differing(wanted: Mapping[str, Json], row: Object) -> tuple[str, ...]:
    """The names of what is not as it was wanted in a visit, as the server sent it."""
    return tuple(name for name, value in wanted.items() if not _same(name, value, row.get(name)))


def _same(name: str, wanted: Json, has: Json) -> bool:
    try:
        if name in FLAG_FIELDS:
            return flag(has, name) == flag(wanted, name)
        if name in _LISTS:
            return sorted(texts(has, name)) == sorted(texts(wanted, name))
        if name in _NUMBERS:
            return whole(has) == whole(wanted)
        if name in _PLACES:
            return number(has) == number(wanted)
        if name == "date":
            return line(has, name)[:10] == wanted
        if name == "obs":
            # What was read is clean; what was sent is word for word.
            return clean(str(has or "")) == clean(str(wanted or ""))
        if name == "lines":
            return True
        if name == "time_windows":
            return openings(has) == openings(wanted)
        return line(has, name) == line(wanted, name)
    except Unreadable:
        return False


def _needed(value: Mapping[str, Json], name: str, what: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"a new visit needs {what}")
    return text


def _own_body(name: str, text: str) -> Body:
    """A field that is edited as it is shown in details. Raises ValueError."""
    match name:
        case _ if name == CONTACT:
            return {"contactPerson": text}
        case _ if name == VEHICLES:
            return {"allowed_vehicles": [part.strip() for part in text.split(",") if part.strip()]}
        case _ if name == OPENING_HOURS:
            return {"time_windows": _windows(text)}
        case _:
            raise ValueError(f"LetsJobIt's API does not let {name} be changed")


def _windows(text: str) -> list[Json]:
    """Opening times as `08:00-13:00, 15:00-17:00`. Raises ValueError for anything else."""
    spans: list[Opening] = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        clock = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)( \(overnight\))?", part)
        hours = [int(one) for one in clock.groups()[:4]] if clock is not None else [99] * 4
        span = Opening(hours[0] * 3600 + hours[1] * 60, hours[2] * 3600 + hours[3] * 60)
        if hours_of(span) != part or not openings([_window(span)])[0]:
            raise ValueError(f"{part!r} is no opening time; write 08:00-13:00, 15:00-17:00")
        spans.append(span)
    return [_window(one) for one in spans]


def _window(span: Opening) -> Json:
    return {"earliest": span.earliest, "latest": span.latest}


def _further(name: str, text: str) -> Json:
    if name not in FURTHER:
        raise ValueError(f"LetsJobIt's API has no field {name} for a new visit that can be set")
    if name == "time_windows":
        return _windows(text)
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if name in FLAG_FIELDS:
        try:
            return "1" if flag(text, name) else "0"
        except Unreadable as wrong:
            raise ValueError(f"{wrong}; say 1 or 0") from None
    if name in _NUMBERS or name in _PLACES:
        found = number(text)
        if found is None:
            raise ValueError(f"{name} is a number")
        return int(found) if found.is_integer() and name not in _PLACES else found
    return text
