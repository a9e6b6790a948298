"""LetsJobIt's values in whichever of their types they come: flags, texts, numbers, days, ids.

Flags are true/false, 1/0 and "1"/"0" there, numbers may be texts and ids numbers. What can be none of
these makes a row unreadable, or, where little hangs on it, counts as not told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Final

from fieldboard.domain.operation import Json
from fieldboard.text import clean

SHORT: Final = 300
"""Characters of a text of one line."""

Object = Mapping[str, Json]

_TRUE: Final = frozenset({"1", "1.0", "true", "yes"})
_FALSE: Final = frozenset({"", "0", "0.0", "false", "no"})


class Unreadable(ValueError):
    """A row that lacks what makes it one, or holds what cannot be true; the text says what."""


def flag(value: Json, name: str) -> bool:
    """A flag in any of its forms; null and the empty text are false. Raises Unreadable for anything else."""
    if value is None:
        return False
    if isinstance(value, bool | int | float):
        if value in (0, 1):
            return bool(value)
    elif isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    raise Unreadable(f"{name}: neither yes nor no")


def line(value: Json, name: str) -> str:
    """A text of one line, also where it comes as a number; '' for null. Raises Unreadable."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable(f"{name}: not a text")
    return " ".join(clean(str(value), SHORT).split())


def paragraphs(value: Json, name: str) -> str:
    """A text of several lines; '' for null. Raises Unreadable."""
    if value is None or isinstance(value, str):
        return clean(value or "")
    return line(value, name)


def whole(value: Json) -> int | None:
    """A whole number, also where it comes as a text; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.removeprefix("-").isdecimal() and len(text) <= 18 else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if abs(value) < 1e18 else None


def number(value: Json) -> float | None:
    """A number, also where it comes as a text; None for anything else."""
    if isinstance(value, str):
        try:
            found = float(value.strip())
        except ValueError:
            return None
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    else:
        found = float(value)
    return found if math.isfinite(found) else None


def texts(value: Json, name: str) -> tuple[str, ...]:
    """Texts as a list, as one text with commas, or null. Raises Unreadable."""
    if value is None:
        return ()
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise Unreadable(f"{name}: not a list of texts")
    return tuple(dict.fromkeys(text for one in parts if (text := line(one, name))))


def day(value: Json, name: str) -> date | None:
    """A day, also with a time behind it; None for null and ''. Raises Unreadable."""
    text = line(value, name)
    if not text:
        return None
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        raise Unreadable(f"{name}: {text[:40]!r} is no day") from None
    if not 1971 <= found.year < 2200:
        raise Unreadable(f"{name}: {text[:40]!r} is no day of this age")
    return found


def identity(value: Json, name: str) -> str:
    """An id as text. Raises Unreadable where there is none."""
    text = line(value, name)
    if not text:
        raise Unreadable(f"a row without {name}")
    if len(text) > 64 or " " in text:
        raise Unreadable(f"{name}: no id")
    return text


def is_on(value: Json) -> bool:
    """Whether a flag is set; one that says nothing is not."""
    try:
        return flag(value, "")
    except Unreadable:
        return False
