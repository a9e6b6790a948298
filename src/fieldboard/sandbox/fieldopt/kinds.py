"""FieldOpt's six types of job, for the kinds of work of the world."""

from __future__ import annotations

from typing import Final

TYPES: Final = ("install", "repair", "maintenance", "disconnect", "service_change", "inspection")

#: Words of a title and the type that they make a job, the first that fits.
_WORDS: Final = (
    ("install", "install"),
    ("quote", "inspection"),
    ("survey", "inspection"),
    ("certificate", "inspection"),
    ("report", "inspection"),
    ("check", "inspection"),
    ("gas smell", "disconnect"),
    ("stopcock", "disconnect"),
    ("thermostat", "service_change"),
    ("weather curve", "service_change"),
    ("service", "maintenance"),
    ("clean", "maintenance"),
    ("bleed", "maintenance"),
    ("flush", "maintenance"),
    ("jetting", "maintenance"),
    ("reseal", "maintenance"),
    ("replacement", "install"),
    ("swap", "install"),
    ("fitted", "install"),
    ("outside tap", "install"),
    ("charger", "install"),
    ("full heating", "install"),
    ("refit", "install"),
)


def type_of(title: str) -> str:
    """The type of a job of that title; what is no other is a repair."""
    lower = title.casefold()
    return next((kind for word, kind in _WORDS if word in lower), "repair")
