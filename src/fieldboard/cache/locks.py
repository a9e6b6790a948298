"""Locks between processes, by filelock; a lock that is only a marker file is refused, it survives a crash."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

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
        filelock = _filelock()
        if self._lock is None:
            self._lock = filelock.FileLock(str(self.path), mode=0o600, thread_local=False)
        lock = self._lock
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                lock.acquire(timeout=timeout_s, poll_interval=0.005)
        except filelock.Timeout:
            return False
        except OSError as error:
            raise storage_error(error, self.path) or error from error
        if _is_marker(lock):
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


def _filelock() -> Any:
    """The library, without `secrets`: that brings OpenSSL, 3 MB, for the names of marker files alone."""
    if "filelock" not in sys.modules and "secrets" not in sys.modules:
        late = sys.modules["secrets"] = _Late("secrets")
        try:
            return import_module("filelock")
        finally:
            late.give_way()
    return import_module("filelock")


class _Late(ModuleType):
    """Stands for a module until somebody asks for something in it."""

    def give_way(self) -> None:
        """Have whoever imports the module from now on get the real one."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def __getattr__(self, name: str) -> Any:
        self.give_way()
        return getattr(import_module(self.__name__), name)


def _is_marker(lock: BaseFileLock) -> bool:
    """Whether a lock is only a marker file; filelock makes one of its own where the system has no locks."""
    # By name: the class itself is loaded only where it is needed.
    return any(one.__name__ == "SoftFileLock" for one in type(lock).__mro__)
