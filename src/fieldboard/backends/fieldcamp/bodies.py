"""The JSON that FieldCamp is sent: only what was changed, in the documents' own names. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from fieldboard.domain.fields import TECHNICIANS, TIMES
from fieldboard.domain.instants import Instant, to_utc
from fieldboard.domain.operation import Json

Body = dict[str, Json]

_PRIORITIES: Final = frozenset({"low", "normal", "high", "urgent"})


def wire_time(instant: Instant) -> str:
    """An instant as FieldCamp's documents write it: UTC, with milliseconds and `Z`."""
    return to_utc(instant).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def texts(value: Json) -> list[str]:
    """A list of texts; a single one counts as a list of one."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]


def span(value: Json) -> tuple[Instant | None, Instant | None]:
    """Start and end of a `times` value. Raises ValueError for a day without a clock time."""
    start, end, day = (*value, None, None, None)[:3] if isinstance(value, list) else (None, None, None)
    if not isinstance(start, int):
        if day is not None:
            raise ValueError("FieldCamp's API plans by clock times: give a start, not only a day")
        return None, None
    return start, end if isinstance(end, int) else None


def visit_times(value: Json) -> Body:
    """The times of a visit; a visit without times is sent as null."""
    start, end = span(value)
    if start is None:
        return {"scheduledStart": None, "scheduledEnd": None}
    body: Body = {"scheduledStart": wire_time(start)}
    if end is not None:
        body["scheduledEnd"] = wire_time(end)
    return body


def job_times(value: Json, *, was_later: bool = False) -> Body:
    """The window of a job. `was_later` says that it was marked as not to be scheduled yet."""
    start, end = span(value)
    if start is None:
        return {"startDateTime": None, "endDateTime": None}
    body: Body = {"startDateTime": wire_time(start)}
    if end is not None:
        body["endDateTime"] = wire_time(end)
    if was_later:
        body["scheduleLater"] = False
    return body


def visit_crew(value: Json, *, crews: bool) -> Body:
    """Who goes. `crews` says that this account's visits carry a `teamId` list.

    Raises ValueError for several people where the account takes one.
    """
    crew = texts(value)
    if len(crew) > 1:
        if not crews:
            raise ValueError("FieldCamp's API takes one technician a visit")
        return {"teamId": [*crew]}
    return {"technicianId": crew[0] if crew else None}


def new_visit(job_id: str, crew: Json, times: Json, *, crews: bool = False) -> Body:
    """A visit of a job that has none."""
    return {
        "jobId": job_id,
        **(visit_times(times) if span(times)[0] is not None else {}),
        **(visit_crew(crew, crews=crews) if texts(crew) else {}),
    }


def new_job(value: Mapping[str, Json], skill_ids: Mapping[str, str], timezone: str) -> Body:
    """A one-off job in the names of the documents' example.

    `value` has the keys of a `created` change, `skill_ids` maps the company's words to FieldCamp's
    ids. Raises ValueError where something is missing or cannot be said.
    """
    number, customer = value.get("number"), value.get("customer_id")
    if not isinstance(number, str) or not number:
        raise ValueError("a new job needs a number, by which it is found again")
    if not isinstance(customer, str) or not customer:
        raise ValueError("a new FieldCamp job needs a customer")
    kind = value.get("kind") or "one-off"
    if kind == "recurring":
        raise ValueError("FieldCamp does not document how a recurring job is made; make it in FieldCamp")
    start, end = span(value.get(TIMES))
    body: Body = {
        "type": kind,
        "status": "draft" if value.get("status") == "draft" else "scheduled",
        "jobNumber": number,
        "clientId": customer,
        "assignedToTeams": [*texts(value.get(TECHNICIANS))],
    }
    if start is not None:
        body["startDateTime"] = wire_time(start)
        if end is not None:
            body["endDateTime"] = wire_time(end)
        body["timezone"] = timezone
    else:
        body["scheduleLater"] = True
    title = value.get("title")
    if isinstance(title, str) and title:
        body["title"] = title
        body["lineItems"] = [{"itemName": title, "quantity": 1, "unitPrice": 0}]
    priority = value.get("priority")
    if isinstance(priority, str) and priority in _PRIORITIES:
        body["priority"] = priority
    if texts(value.get("skills")):
        body["skillsId"] = [skill_ids.get(one, one) for one in texts(value.get("skills"))]
    address, city = value.get("address"), value.get("city")
    if isinstance(address, str) and address:
        body["jobAddress"] = site(address, city if isinstance(city, str) else "")
    phone = value.get("phone")
    if isinstance(phone, str) and phone:
        body["jobPhone"] = telephone(phone)
    notes = value.get("notes")
    if isinstance(notes, str) and notes:
        body["notes"] = notes
    further = value.get("set")
    if isinstance(further, dict):
        body.update(further)
    return body


def job_field(name: str, value: Json, raw: Mapping[str, Json], skill_ids: Mapping[str, str]) -> Body:
    """One changed field of a job; `raw` is the job as the server has it now.

    Raises ValueError for a field that FieldCamp cannot change.
    """
    text = value if isinstance(value, str) else ""
    match name:
        case "title":
            return _title(text, raw)
        case "customer_id" if text:
            return {"clientId": text}
        case "phone":
            return {"jobPhone": telephone(text)}
        case "address":
            return {"jobAddress": site(text, "")}
        case "priority" if text in _PRIORITIES:
            return {"priority": text}
        case "skills":
            return {"skillsId": [skill_ids.get(one, one) for one in texts(value)]}
        case _:
            raise ValueError(f"FieldCamp's API does not let {name.replace('_', ' ')} be changed so")


def site(address: str, city: str) -> Body:
    """An address that people wrote as one text. All parts, so that none of the old one stays."""
    whole = address if not city or city.casefold() in address.casefold() else f"{address}, {city}"
    return {
        "street": address,
        "houseNumber": "",
        "city": city,
        "state": "",
        "country": "",
        "zipCode": "",
        "formattedAddress": whole,
    }


def telephone(text: str) -> Body:
    """A phone number; the country code is what stands before the first space after a `+`."""
    code, _, number = text.strip().partition(" ")
    if code.startswith("+") and number and len(code) <= 5:
        return {"countryCode": code, "number": number.strip()}
    return {"countryCode": "", "number": text.strip()}


def _title(title: str, raw: Mapping[str, Json]) -> Body:
    if not title:
        raise ValueError("a job's title cannot be empty")
    if isinstance(raw.get("title"), str) and raw["title"]:
        return {"title": title}
    # Without a title of its own a job is called after its first line. Lists are sent whole: FieldCamp
    # does not document how it merges them.
    items = raw.get("jobItems")
    lines: Sequence[Json] = items if isinstance(items, list) else []
    if lines and isinstance(lines[0], dict):
        return {"jobItems": [{**lines[0], "itemName": title}, *lines[1:]]}
    return {"jobItems": [{"itemName": title, "quantity": 1, "price": 0, "type": "Service"}]}
