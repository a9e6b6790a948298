"""Why something could not be saved or read, in one sentence each (the command line's exit code 5)."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import ClassVar


class StorageError(Exception):
    """This computer would not let it be saved or read. The text is one sentence for people."""

    exit_code: ClassVar[int] = 5


class StorageRefused(StorageError):
    """A place where SQLite and locks cannot be trusted (a network share), or that cannot be made."""


class StorageFull(StorageError):
    """No space left on the device."""


class StorageReadOnly(StorageError):
    """The folder or the file may not be written."""


class StorageDamaged(StorageError):
    """A file is not what it should be; `path` is the file."""

    def __init__(self, says: str, path: Path | None = None) -> None:
        self.path = path
        super().__init__(says)


class StorageBusy(StorageError):
    """Another process holds the file for longer than is waited for."""


class NewerData(StorageError):
    """The data were written by a newer fieldboard."""


class IllegalMove(ValueError):
    """An operation was asked to go from one state to another that may not follow it."""


_FULL = frozenset({sqlite3.SQLITE_FULL})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN})
_DAMAGED = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FORMAT}
)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})


def storage_error(error: sqlite3.Error | OSError, path: Path) -> StorageError | None:
    """What an error of SQLite or of the system means for a file; None where it is a defect of ours."""
    if isinstance(error, OSError):
        return _of_system(error, path)
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _FULL:
        return disk_full(path)
    if primary in _READ_ONLY:
        return StorageReadOnly(
            f"{path} cannot be written; check the permissions of the folder and of the file"
        )
    if primary in _DAMAGED:
        return StorageDamaged(f"{path} is damaged ({error}); `fieldboard doctor` says what can be done", path)
    if primary in _BUSY:
        return StorageBusy(f"{path} is held by another process for too long; try again")
    return None


def disk_full(path: Path) -> StorageFull:
    """The error for a disk without space."""
    return StorageFull(f"no space left for {path}; nothing was saved; free some and try again")


def _of_system(error: OSError, path: Path) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return disk_full(path)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageReadOnly(
            f"{path} cannot be written; check the permissions of the folder and of the file"
        )
    return StorageRefused(f"{path} cannot be used: {error.strerror or error}")
