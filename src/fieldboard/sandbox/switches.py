"""The switches of a server as ``KEY=VALUE`` texts: what its documents leave open, resolved one way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

S = TypeVar("S")


class BadSetting(ValueError):
    """A switch that does not exist, or a value that it does not take."""


def parse(cls: type[S], given: Mapping[str, str], positive: frozenset[str] = frozenset()) -> S:
    """An object of the dataclass ``cls`` from texts; ``positive`` are the numbers that are at least 1.

    Raises `BadSetting` naming what is possible.
    """
    known = {entry.name: entry for entry in fields(cls)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, text in given.items():
        entry = known.get(key)
        if entry is None:
            raise BadSetting(f"no setting {key!r}; there are {', '.join(sorted(known))}")
        values[key] = _convert(key, str(entry.type), text.strip(), positive)
    return cls(**values)


def _convert(key: str, kind: str, text: str, positive: frozenset[str]) -> object:
    """``text`` as a value of the annotated type ``kind``."""
    if kind == "str":
        return text
    if kind == "bool":
        if text.lower() in ("true", "yes", "on", "1"):
            return True
        if text.lower() in ("false", "no", "off", "0"):
            return False
        raise BadSetting(f"{key} is true or false, not {text!r}")
    if kind in ("int", "float"):
        try:
            number = float(text) if kind == "float" else int(text)
        except ValueError:
            raise BadSetting(f"{key} is a number, not {text!r}") from None
        if not 0 <= number <= 1e9 or (key in positive and number < 1):
            raise BadSetting(f"{key} cannot be {text}")
        return number
    choices = [part.strip("\"' ") for part in kind.removeprefix("Literal[").rstrip("]").split(",")]
    if text not in choices:
        raise BadSetting(f"{key} is one of {', '.join(choices)}, not {text!r}")
    return text
