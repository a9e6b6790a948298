"""Locks between processes, by filelock; a lock that is only a marker file is refused, it survives a crash."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from fieldboard.cache.errors import StorageBusy, StorageRefused, storage_error

if TYPE_CHECKING:
    from filelock import BaseFileLock


class FileLocked:
    """One lock file, held by at most one holder at a time; it dies with the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: BaseFileLock | None = None

    def try_take(self, timeout_s: float = 0.0) -> bool:
        """Take the lock, waiting at most `timeout_s`; False where another holds it.

        Raises StorageRefused where the file system has no real locks, StorageError where the file cannot
        be opened.
        """
        from filelock import FileLock, SoftFileLock, Timeout

        if self._lock is None:
            self._lock = FileLock(str(self.path), mode=0o600, thread_local=False)
        lock = self._lock
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lock.acquire(timeout=timeout_s, poll_interval=0.005)
        except Timeout:
            return False
        except OSError as error:
            raise storage_error(error, self.path) or error from error
        if isinstance(lock, SoftFileLock):
            lock.release()
            raise StorageRefused(
                f"{self.path.parent} is on a file system without real locks; "
                "set FIELDBOARD_DATA_DIR to a folder on a local disk"
            )
        return True

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock is not None and self._lock.is_locked

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self._lock is not None and self._lock.is_locked:
            self._lock.release()

    def __enter__(self) -> FileLocked:
        if not self.try_take(5.0):
            raise StorageBusy(f"{self.path} is held by another process for too long; try again")
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()
