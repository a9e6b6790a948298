"""Which board windows are open, and which process syncs: locks that die with their holders."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.locks import FileLocked


class WindowLock:
    """The presence of one board window. The time of its file says when it was last in use."""

    def __init__(self, files: ProfileFiles) -> None:
        self.path = files.windows / f"{uuid.uuid4().hex}.lock"
        self._lock = FileLocked(self.path)

    def take(self) -> None:
        """Be present. Raises StorageError where the file cannot be made or locked."""
        self._lock.try_take()

    def in_use(self) -> None:
        """Somebody is at the keys of this window."""
        with suppress(OSError):
            os.utime(self.path)

    def release(self) -> None:
        """Be gone."""
        self._lock.release()
        with suppress(OSError):
            self.path.unlink()

    def __enter__(self) -> WindowLock:
        self.take()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()


class SyncLock(FileLocked):
    """Held by the one process that talks to the server: `try_take`, `release`."""

    def __init__(self, files: ProfileFiles) -> None:
        super().__init__(files.sync_lock)


def windows_open(files: ProfileFiles) -> list[Path]:
    """The lock files of the windows that are open; those left behind by a crash are swept away."""
    found: list[Path] = []
    try:
        there = sorted(files.windows.glob("*.lock"))
    except OSError:
        return found
    for path in there:
        lock = FileLocked(path)
        if not path.exists():
            continue
        if lock.try_take():
            with suppress(OSError):
                # A window that is just opening has made its file and not yet locked it.
                if time.time() - path.stat().st_mtime > 10:
                    path.unlink()
            lock.release()
        else:
            found.append(path)
    return found


def any_window(files: ProfileFiles) -> bool:
    """Whether a board window is open."""
    return bool(windows_open(files))


def last_use(windows: Iterable[Path]) -> float | None:
    """When (seconds since 1970) somebody was last at the keys of open windows; None without windows.

    `windows` are their lock files, as `windows_open` gives them.
    """
    times: list[float] = []
    for path in windows:
        with suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times, default=None)
