"""Values in a compact text form that is fast to split, and back, each distinct text parsed once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from sys import intern
from typing import Final, TypeVar

from fieldboard.domain.job import TimeWindow
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status

_SEPARATOR: Final = "\x1f"
_KEPT: Final = 65_536

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _Parsed(dict[_Key, _Value]):
    """What was parsed before; forgotten as a whole when it grows too large."""

    def __missing__(self, key: _Key) -> _Value:
        if len(self) >= _KEPT:
            self.clear()
        value = self.parse(key)
        self[key] = value
        return value

    def parse(self, key: _Key) -> _Value:
        raise KeyError(key)


class _Names(_Parsed[str, tuple[str, ...]]):
    def parse(self, key: str) -> tuple[str, ...]:
        return tuple(map(intern, key.split(_SEPARATOR))) if key else ()


class _Windows(_Parsed[str, tuple[TimeWindow, ...]]):
    def parse(self, key: str) -> tuple[TimeWindow, ...]:
        if not key:
            return ()
        spans = (span.split(":") for span in key.split(","))
        return tuple(TimeWindow(int(start), int(end)) for start, end in spans)


class _Dates(_Parsed["str | None", "date | None"]):
    def parse(self, key: str | None) -> date | None:
        return date.fromisoformat(key) if key is not None else None


NAMES: Final = _Names()
"""Packed names to a tuple of interned names."""

WINDOWS: Final = _Windows()
"""Packed windows to a tuple of them."""

DATES: Final = _Dates()
"""ISO dates (or None) to dates."""

STATUSES: Final[dict[str, Status]] = {status.value: status for status in Status}
PRIORITIES: Final[dict[int | None, Priority | None]] = {None: None, **{one.value: one for one in Priority}}
FLAGS: Final = (False, True)


def pack_names(names: Sequence[str]) -> str:
    """Names as one text, '' for none."""
    if not names:
        return ""
    if len(names) == 1:
        return names[0].replace(_SEPARATOR, " ")
    return _SEPARATOR.join(name.replace(_SEPARATOR, " ") for name in names)


def pack_windows(windows: Sequence[TimeWindow]) -> str:
    """Windows as one text, '' for none."""
    if not windows:
        return ""
    return ",".join(f"{window.start}:{window.end}" for window in windows)


def fold(text: str) -> str:
    """The text as it is searched: case ignored."""
    return text.casefold()
