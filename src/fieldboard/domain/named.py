"""Named tuples as `typing` has them, without what it makes of the types of their fields."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    # Of each field's type typing compiles what nobody asks for: thirty classes that are imported before
    # the first frame cost a fiftieth of the time until the board stands.

    class _Named(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            notes = body["__annotations__"]
            given = [body[one] for one in notes if one in body]
            made = namedtuple(name, notes, defaults=given, module=body["__module__"])
            made.__annotations__ = notes
            for key, value in body.items():
                if key not in notes and key not in _OF_THE_CLASS:
                    setattr(made, key, value)
            return made

    _OF_THE_CLASS = frozenset({"__module__", "__annotations__"})

    class NamedTuple(metaclass=_Named):
        """What a class of named fields is written under; it is a tuple, and nothing else."""


__all__ = ["NamedTuple"]
