"""Counts the keys of a row's value: fewer than its text has means that one came twice.

Where earlier rows held objects is remembered, so that hardly a row has to be gone through whole.
"""

from __future__ import annotations

from typing import Any, Final

Holders = dict[str, "Holders"]
"""Under which keys earlier rows had objects, or lists of them; the same for these."""
MOST_HOLDERS: Final = 32
"""More than that in one object are not remembered: its keys are made up."""


def at_least(value: dict[str, Any], holders: Holders) -> int:
    """How many keys there are in an object, and in what it holds where earlier rows held something."""
    count = len(value)
    for name, within in holders.items():
        one = value.get(name)
        if one.__class__ is dict:
            count += at_least(one, within) if within else len(one)
        elif one.__class__ is list:
            for inner in one:
                if inner.__class__ is dict:
                    count += at_least(inner, within) if within else len(inner)
    return count


def keys_of(value: dict[str, Any], holders: Holders) -> int:
    """How many keys there are in an object and in what it holds; where they are is noted."""
    count = len(value)
    for name, one in value.items():
        within = holders.get(name)
        inside: Holders = {} if within is None else within
        found = 0
        if one.__class__ is dict:
            found = keys_of(one, inside)
        elif one.__class__ is list:
            found = _keys_in(one, inside)
        if found and within is None and len(holders) < MOST_HOLDERS:
            holders[name] = inside
        count += found
    return count


def _keys_in(values: list[Any], holders: Holders) -> int:
    count = 0
    for inner in values:
        if inner.__class__ is dict:
            count += keys_of(inner, holders)
        elif inner.__class__ is list:
            count += _keys_in(inner, {})
    return count
