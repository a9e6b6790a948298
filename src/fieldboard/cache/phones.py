"""Telephone numbers as they are looked for: by their digits, however either side writes them."""

from __future__ import annotations

import re
from typing import Final

LEAST: Final = 5
"""Fewer digits are not taken for a part of a telephone number."""

_WRITTEN: Final = re.compile(r"\+?[\d\s()./-]+")
_SIGNS: Final = " -()./+"


def _digits_of(column: str) -> str:
    for sign in _SIGNS:
        column = f"replace({column}, '{sign}', '')"
    return column


PHONE_HAS: Final = (
    f"EXISTS (SELECT 1 FROM json_each(?) AS wanted WHERE instr({_digits_of('phone')}, wanted.value) > 0)"
)
"""The SQL for `phone_has`; its one parameter is the list of `phone_parts` as JSON."""


def phone_parts(text: str) -> tuple[str, ...]:
    """The digits to look for where a text may be (a part of) a telephone number; empty where it is none.

    A leading 0 falls away, which numbers written for other countries do not have. Of a number that
    begins with + or 00 also what is left without one to three digits of a country.
    """
    text = text.strip()
    if _WRITTEN.fullmatch(text) is None:
        return ()
    # The zero in brackets is the one that is dialled only at home.
    digits = "".join(one for one in text.replace("(0)", "") if one.isdecimal())
    national = digits.lstrip("0")
    parts = [national]
    if text.startswith(("+", "00")):
        parts += [national[country:].lstrip("0") for country in (1, 2, 3) if len(national) - country > LEAST]
    return tuple(one for one in parts if len(one) >= LEAST)


def phone_has(phone: str | None, parts: tuple[str, ...]) -> bool:
    """Whether the digits of a telephone number have one of these parts in them."""
    digits = "".join(one for one in phone or "" if one.isdecimal())
    return any(part in digits for part in parts)
