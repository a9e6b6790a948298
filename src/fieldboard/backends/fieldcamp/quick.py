"""FieldCamp's JSON read in one go, where every field is of the type that the documents show.

A first sync reads a hundred thousand jobs, and hardly a row of them is unusual. What is here looks at
types and lengths and nothing else: whatever is not quite as usual is left to `reading`, which validates it
and says what is wrong with it. A row that is read here is read there to the very same value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fieldboard.domain.job import CustomField, JobItem
from fieldboard.domain.operation import Json

LONGEST: Final = 300
"""Characters of a text that is taken here: what is longer may have to be cut."""

Get = Callable[[str], Any]

_TEXT: Final = frozenset({str, type(None)})
_FLAG: Final = frozenset({bool, type(None)})
_MOST: Final = 1 << 53
"""Whole numbers up to this one are floats as they are."""


class Unusual(Exception):
    """Not as usual: to be read the exact way."""


def is_plain(raw: str) -> bool:
    """Whether no text of a row can have anything in it that would have to be cleaned away.

    Printable ASCII without escapes; what JSON itself forbids within its texts cannot be there.
    """
    return raw.isascii() and "\\" not in raw and "\x7f" not in raw


def texts_of(get: Get, names: tuple[str, ...]) -> list[Any]:
    """Fields that are text or null or missing, without space around them; None for the latter two."""
    found = list(map(get, names))
    if not _TEXT.issuperset(map(type, found)):
        raise Unusual
    if max(map(len, filter(None, found)), default=0) > LONGEST:
        raise Unusual
    return [text and text.strip() for text in found]


def flag_of(value: object) -> bool:
    """A field that is true, false, null or missing."""
    if value.__class__ not in _FLAG:
        raise Unusual
    return value is True


def ids_of(ids: object) -> tuple[str, ...]:
    """A list of ids; empty for null."""
    if ids is None or ids == []:
        return ()
    if ids.__class__ is not list:
        raise Unusual
    found = []
    for one in ids:
        if one.__class__ is not str or len(one) > LONGEST or not (one := one.strip()):
            raise Unusual
        found.append(one)
    return tuple(found) if len(found) == 1 else tuple(dict.fromkeys(found))


def place_of(address: Mapping[str, Json]) -> tuple[float | None, float | None]:
    """Where an address is; nowhere where nobody has looked it up."""
    lat, lng = address.get("latitude"), address.get("longitude")
    if lat is None and lng is None:
        return None, None
    if lat.__class__ is not float or lng.__class__ is not float:
        raise Unusual
    if not (-90 <= lat <= 90 and -180 <= lng <= 180) or lat == lng == 0:
        raise Unusual
    return lat, lng


def site_of(address: object) -> tuple[str | None, float | None, float | None]:
    """An address that came with its formatted text, and where it is."""
    if address is None:
        return None, None, None
    if address.__class__ is not dict:
        raise Unusual
    formatted = address.get("formattedAddress")
    if formatted.__class__ is not str or len(formatted) > LONGEST or not (formatted := formatted.strip()):
        raise Unusual
    # The parts are not shown where the whole is there; but they must be such that it can be read.
    if not _TEXT.issuperset(map(type, map(address.get, _PARTS))):
        raise Unusual
    return formatted, *place_of(address)


_PARTS: Final = ("street", "houseNumber", "city", "state", "country", "zipCode")


def phone_of(phone: object) -> str | None:
    """A telephone number with the code of its country."""
    if phone is None:
        return None
    if phone.__class__ is not dict:
        raise Unusual
    code, number = phone.get("countryCode"), phone.get("number")
    if code.__class__ is not str or number.__class__ is not str or len(code) + len(number) > LONGEST:
        raise Unusual
    number = number.strip()
    return f"{code.strip()} {number}".strip() if number else None


def items_of(items: object) -> tuple[JobItem, ...]:
    """The lines of the work order."""
    if items is None or items == []:
        return ()
    if items.__class__ is not list:
        raise Unusual
    found = []
    for item in items:
        if item.__class__ is not dict:
            raise Unusual
        get = item.get
        name, other, detail = get("itemName"), get("name"), get("description")
        if (
            name.__class__ is str
            and detail.__class__ is str
            and other is None
            and len(name) + len(detail) <= LONGEST
        ):
            name, detail = name.strip(), detail.strip()
        else:
            name, other, detail = texts_of(get, _ITEM)
        quantity = item.get("quantity")
        if quantity.__class__ is int and -_MOST < quantity < _MOST:
            quantity = float(quantity)
        elif quantity.__class__ is not float:
            raise Unusual
        found.append(JobItem(name or other or "", quantity, detail or ""))
    return tuple(found)


_ITEM: Final = ("itemName", "name", "description")


def fields_of(properties: object) -> tuple[CustomField, ...]:
    """The company's own fields that hold text."""
    if properties is None or properties == []:
        return ()
    if properties.__class__ is not list:
        raise Unusual
    found = []
    for one in properties:
        if one.__class__ is not dict:
            raise Unusual
        name, value = one.get("name"), one.get("value")
        if name.__class__ is not str or value.__class__ is not str:
            raise Unusual
        if len(name) > LONGEST or len(value) > LONGEST or not (name := name.strip()):
            raise Unusual
        found.append(CustomField(name, value))
    return tuple(found)
