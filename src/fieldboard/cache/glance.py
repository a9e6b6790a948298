"""Whether files may have been written since the last look, told without opening them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

TRUSTED_S: Final = 1.0
"""For so long files are believed to be as they were where only their times say so."""

SOON_S: Final = 1.0
"""After a change the times tell nothing for so long: two writes may bear one and the same time."""


class Glance:
    """Looks at the times, sizes and identities of files; folders tell which files are in them.

    True too often costs a real look, and comes at least once in `TRUSTED_S`. `clock` counts seconds and
    is this computer's own: it is held against the times of its files.
    """

    def __init__(self, *paths: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._paths = tuple(map(str, paths))
        self._clock = clock
        self._seen: object = None
        self._changed_at = self._true_at = -TRUSTED_S

    def may_differ(self) -> bool:
        """Whether what is in them may be other than when this was last true."""
        now, there = self._clock(), tuple(map(signs, self._paths))
        if there != self._seen:
            self._seen, self._changed_at = there, now
        elif now - self._changed_at >= SOON_S and now - self._true_at < TRUSTED_S:
            return False
        self._true_at = now
        return True


def signs(path: str | Path) -> tuple[int, int, int] | None:
    """Time, size and identity of a file or folder: what tells one state from the next. None for none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - asked many times a second: a path object costs as much again
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
