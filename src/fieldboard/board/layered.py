"""A mapping of which a change alters a little: the rest is not copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT: Final = 256
"""Changes that are kept beside a mapping before both become one: each change copies those before it."""


class Layered(Mapping[Key, Value]):
    """A mapping that is never changed; `changed` gives another one, at the price of the change."""

    __slots__ = ("_base", "_length", "_over")

    def __init__(self, base: Mapping[Key, Value]) -> None:
        self._base = base
        self._over: dict[Key, Value | None] = {}
        self._length = len(base)

    def changed(self, changes: Mapping[Key, Value | None]) -> Layered[Key, Value]:
        """The mapping with these values instead of its own; None takes a key out."""
        over = {**self._over, **changes}
        if len(over) > KEPT:
            whole = {**self._base, **over}
            return Layered({key: value for key, value in whole.items() if value is not None})
        new: Layered[Key, Value] = Layered(self._base)
        new._over = over
        new._length = self._length
        for key, value in changes.items():
            new._length += (value is not None) - (key in self)
        return new

    def __getitem__(self, key: Key) -> Value:
        if key in self._over:
            value = self._over[key]
            if value is None:
                raise KeyError(key)
            return value
        return self._base[key]

    def __contains__(self, key: object) -> bool:
        return self._over[key] is not None if key in self._over else key in self._base

    def __iter__(self) -> Iterator[Key]:
        yield from (key for key in self._base if key not in self._over)
        yield from (key for key, value in self._over.items() if value is not None)

    def __len__(self) -> int:
        return self._length
