"""The fields that a write may carry, in all the forms that the documents show, as they are read back.

What is no such field, or only comes in answers, is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date

from fieldboard.sandbox.letsjobit.replies import Body, Refused

#: What a new visit must have.
REQUIRED = ("driverId", "date", "id", "docNo", "customer", "address", "city", "companyId")
FLAG_FIELDS = ("confirmClose", "inProgress", "closed", "skipped")
_DAY_S = 86_400
_LONGEST_S = 366 * _DAY_S
_YEARS = (1970, 2199)
_EXTRA_TYPES = ("text", "date", "number", "email", "color", "range", "select")

Reader = Callable[[object, str], object]


def fields_of(body: Body) -> dict[str, object]:
    """The documented fields of ``body``; raises `Refused` for a value of a wrong type."""
    return {name: read(body[name], name) for name, read in _READERS.items() if name in body}


def erp_id_of(body: Body) -> int:
    """The company's own id of a visit: a number below 2⁵³, which may come as a text."""
    value = body.get("id")
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise Refused(400, "id must be a number")
    return value


def lacking(body: Body) -> str | None:
    """The first required field that is not there, or empty."""
    return next((name for name in REQUIRED if body.get(name) in (None, "")), None)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise Refused(400, f"{name} must be a string")
    return value


def _site(value: object, name: str) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value, name)


def _day(value: object, name: str) -> str:
    try:
        if len(_text(value, name)) != 10:
            raise ValueError
        day = date.fromisoformat(str(value))
        if not _YEARS[0] <= day.year <= _YEARS[1]:
            raise ValueError
        return day.isoformat()
    except ValueError:
        raise Refused(400, f'{name} must be in "YYYY-MM-DD" format') from None


def _number(value: object, name: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Refused(400, f"{name} must be a number")
    return value


def _place(value: object, name: str) -> int | float | None:
    return None if value is None else _number(value, name)


def _whole(value: object, name: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(400, f"{name} must be an integer")
    return value


def _seconds(value: object, name: str) -> int | float:
    number = _number(value, name)
    if not 0 <= number <= _LONGEST_S:
        raise Refused(400, f"{name} cannot be {number}")
    return number


def _priority(value: object, name: str) -> str:
    number = _whole(value, name)
    if not 1 <= number <= 10:
        raise Refused(400, f"{name} must be from 1 to 10")
    return str(number)


def _flag(value: object, name: str) -> bool:
    # A set would take True for 1, but not tell a list.
    for known, meaning in ((1, True), (0, False), ("1", True), ("0", False)):
        if value == known:
            return meaning
    raise Refused(400, f"{name} must be 0 or 1")


def _texts(value: object, name: str) -> list[str]:
    if value is None:
        return []
    return [_text(one, name) for one in _list(value, name)]


def _names(value: object, name: str) -> list[str] | None:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return _texts(value, name) or None


def _windows(value: object, name: str) -> list[dict[str, object]] | None:
    if value is None:
        return None
    found: list[dict[str, object]] = []
    for one in _list(value, name):
        window = _object(one, name)
        span = {end: _seconds(window.get(end), f"{name}.{end}") for end in ("earliest", "latest")}
        if max(span.values()) > _DAY_S:
            raise Refused(400, f"{name} must be seconds from midnight")
        found.append(dict(span))
    return found


def _lines(value: object, name: str) -> list[dict[str, object]] | None:
    if value is None:
        return None
    found = []
    for one in _list(value, name):
        line = _object(one, name)
        for required in ("actionItem", "description"):
            if required not in line:
                raise Refused(400, f"{name}.{required} is required")
        found.append(
            {part: read(line[part], f"{name}.{part}") for part, read in _LINE.items() if part in line}
        )
    return found


def _extras(value: object, name: str) -> list[dict[str, object]]:
    found = []
    for one in _list(value, name):
        extra = _object(one, name)
        for required in ("type", "caption", "name"):
            _text(extra.get(required), f"{name}.{required}")
        if extra["type"] not in _EXTRA_TYPES:
            raise Refused(400, f"{name}.type must be one of {', '.join(_EXTRA_TYPES)}")
        found.append({part: extra[part] for part in _EXTRA if part in extra})
    return found


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise Refused(400, f"{name} must be an array")
    return value


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Refused(400, f"{name} must be an array of objects")
    return value


_LINE: dict[str, Reader] = {
    "actionItem": _flag,
    "allowRebrand": _flag,
    "brand": _text,
    "brandId": _whole,
    "description": _text,
    "extraData": _extras,
    "hasBatch": _flag,
    "hasReturn": _flag,
    "id": _number,
    "itemId": _number,
    "jobType": _text,
    "location": _text,
    "model": _text,
    "modelId": _number,
    "qty": _number,
    "serialNr": _text,
    "serialNrId": _number,
}
_EXTRA = (
    "type", "caption", "description", "value", "required", "readonly", "options_values", "options_default",
    "max", "min", "name", "pattern", "step",
)  # fmt: skip
_READERS: dict[str, Reader] = {
    "driverId": _text,
    "name": _text,
    "date": _day,
    "docType": _text,
    "docNo": _text,
    "serviceOrder": _whole,
    "customer": _text,
    "siteId": _site,
    "lat": _place,
    "lng": _place,
    "site": _text,
    "address": _text,
    "postCode": _text,
    "city": _text,
    "obs": _text,
    "contactPerson": _text,
    "contactPhone": _text,
    "emailMandatory": _flag,
    "priority": _priority,
    "showItemsOnOrderSection": _flag,
    "hideEquipmentDetails": _flag,
    "hideDeliveryItemsSection": _flag,
    "signeeName": _text,
    "signeeEmail": _text,
    "subContractorIds": _names,
    "territory": _text,
    "useStartPauseStopStyleButtonsInJobs": _flag,
    "inMobileApp": _flag,
    "NPSMandatory": _flag,
    "precedencePriorityVisit": _flag,
    "closeVisitOnLastJobClose": _flag,
    "country": _text,
    "companyId": _text,
    "time_windows": _windows,
    "required_skills": _texts,
    "allowed_vehicles": _texts,
    "confirmClose": _flag,
    "inProgress": _flag,
    "closed": _flag,
    "skipped": _flag,
    "duration": _seconds,
    "lines": _lines,
}
