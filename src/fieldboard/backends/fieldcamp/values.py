"""FieldCamp's validated values in the terms of the domain: words, ids, addresses, items, statuses.

Every text is cleaned here, so that nothing behind this door has to.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from fieldboard.backends.fieldcamp import wire
from fieldboard.backends.fieldcamp.rules import JOBS, VISITS
from fieldboard.domain.job import CustomField, JobItem
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import OPEN, Status, open_status
from fieldboard.domain.technician import LatLng
from fieldboard.text import clean

_PRIORITIES: Final[Mapping[str, Priority]] = {
    "low": Priority.LOW,
    "normal": Priority.NORMAL,
    "medium": Priority.NORMAL,
    "high": Priority.HIGH,
    "urgent": Priority.URGENT,
    "crucial": Priority.URGENT,
}

MAX_ID: Final = 200
SHORT: Final = 300
"""Characters kept of what stands in one line: numbers, names, words."""


class Unreadable(ValueError):
    """A row that lacks what makes it one, or holds what cannot be true; the text says what."""


def id_of(row: Mapping[str, Any]) -> str:
    """The id of a row, under whichever of its names. Raises Unreadable where there is none."""
    own = row.get("id") or row.get("recordId") or row.get("_id")
    if not own:
        raise Unreadable("a row without an id")
    text = str(own)
    if len(text) > MAX_ID or not text.isprintable():
        raise Unreadable("a row whose id is no id")
    return text


def word_of(text: str | None) -> str:
    """What stands in one line, without space around it; empty for null."""
    if not text:
        return ""
    # The common case first: this is called a million times in a first sync.
    if len(text) <= SHORT and text.isascii() and text.isprintable():
        return text.strip()
    return clean(text, SHORT).strip()


def text_of(text: str | None) -> str | None:
    """Text of several lines; None for none."""
    return clean(text) if text else None


def full_name(first: str | None, last: str | None) -> str:
    """A person's name."""
    return f"{word_of(first)} {word_of(last)}".strip()


def ids_of(value: str | list[str | None] | None) -> tuple[str, ...]:
    """The ids of a list, or of a text that is one id, each once."""
    if not value:
        return ()
    if isinstance(value, str):
        return (word_of(value),) if word_of(value) else ()
    if len(value) == 1:
        word = word_of(value[0])
        return (word,) if word else ()
    return tuple(dict.fromkeys([word for one in value if (word := word_of(one))]))


@lru_cache(maxsize=256)
def status_of_job(raw: str, has_technician: bool) -> Status:
    """The status of a job by its word, and by whether somebody is on it."""
    return _staffed(JOBS.read(raw), has_technician)


@lru_cache(maxsize=256)
def status_of_visit(raw: str, has_technician: bool) -> Status:
    """The status of a visit by its word, and by whether somebody is on it."""
    return _staffed(VISITS.read(raw), has_technician)


def _staffed(status: Status, has_technician: bool) -> Status:
    if status in OPEN and status is not Status.DRAFT:
        return open_status(has_technician=has_technician)
    return status


def priority_of(word: str | None) -> Priority | None:
    """How urgent a job is; None where nobody said so in a word that is known."""
    return _PRIORITIES.get(word.strip().lower()) if word else None


def phone_of(phone: wire.WirePhone | str | None) -> str | None:
    """A telephone number, with the code of its country where it is told."""
    if not phone:
        return None
    if isinstance(phone, str):
        return word_of(phone) or None
    number = word_of(phone.get("number"))
    return f"{word_of(phone.get('countryCode'))} {number}".strip() if number else None


def site_of(address: wire.WireAddress | str | None) -> tuple[str | None, LatLng | None]:
    """An address as it is written, and where it is."""
    if not address:
        return None, None
    if isinstance(address, str):
        return word_of(address) or None, None
    place = place_of(address.get("latitude"), address.get("longitude"))
    formatted = word_of(address.get("formattedAddress"))
    if formatted:
        return formatted, place
    street = f"{word_of(address.get('houseNumber'))} {word_of(address.get('street'))}".strip()
    town = f"{word_of(address.get('state'))} {word_of(address.get('zipCode'))}".strip()
    parts = (street, word_of(address.get("city")), town, word_of(address.get("country")))
    return ", ".join(part for part in parts if part) or None, place


def place_of(lat: float | None, lng: float | None) -> LatLng | None:
    """Where something is; None for nowhere on earth."""
    # 0, 0 is what a server has that never looked the address up.
    if lat is None or lng is None or (lat == 0 and lng == 0):
        return None
    if not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        return None
    return LatLng(lat, lng)


def items_of(items: list[wire.WireItem] | None) -> tuple[JobItem, ...]:
    """The lines of the work order."""
    if not items:
        return ()
    return tuple(
        [
            JobItem(
                word_of(item.get("itemName")) or word_of(item.get("name")),
                quantity if (quantity := item.get("quantity")) is not None else 1.0,
                word_of(item.get("description")),
            )
            for item in items
        ]
    )


def fields_of(properties: list[wire.WireProperty] | None) -> tuple[CustomField, ...]:
    """The company's own fields, as they are shown."""
    if not properties:
        return ()
    return tuple(
        [
            CustomField(name, _shown(one.get("value")))
            for one in properties
            if (name := word_of(one.get("name")))
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
