"""ULIDs: ids that sort by the time at which they were made (https://github.com/ulid/spec)."""

from __future__ import annotations

import os
import threading
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_lock = threading.Lock()
_last = 0


def ulid(millis: int) -> str:
    """A new id for the moment `millis` (since 1970); within a process each sorts after the one before."""
    global _last  # noqa: PLW0603
    with _lock:
        number = (millis & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
        _last = number if number > _last else _last + 1
        number = _last
    return "".join(_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))
