"""Connections to the files of a profile: one a thread, explicit transactions, errors in our words."""

from __future__ import annotations

import gc
import sqlite3
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from fieldboard import paths
from fieldboard.cache.errors import StorageDamaged, storage_error
from fieldboard.cache.locks import FileLocked

WAL_RESET_BUG: Final = sqlite3.sqlite_version_info < (3, 51, 3)
"""Below 3.51.3 two connections that write or checkpoint a WAL at once may corrupt it: one lock for all."""

BUSY_MS: Final = 5_000
NO_AUTOCHECKPOINT: Final = "PRAGMA wal_autocheckpoint=0"


@contextmanager
def in_our_words(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the system about `path`, as the errors of `cache.errors`."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        ours = storage_error(error, path)
        if ours is None:
            raise
        raise ours from error
    except UnicodeDecodeError as error:
        raise StorageDamaged(f"{path} is damaged ({error.reason})", path) from error


def connect(path: Path, *, wal: bool, read_only: bool = False) -> sqlite3.Connection:
    """Open a file. The connection belongs to the thread that uses it first.

    `wal` files are durable against a crash of the process, others (journal_mode=TRUNCATE, FULL) also
    against a loss of power. `read_only` opens what is there, also in a folder that cannot be written.
    Raises StorageError.
    """
    with in_our_words(path):
        if read_only:
            connection = _open_reading(path)
        else:
            # Only where it is missing: closing a plain descriptor would drop the locks of open connections.
            if not path.exists():
                paths.private_file(path)
            connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            connection.execute("PRAGMA mmap_size=0")
            if wal:
                if WAL_RESET_BUG:
                    connection.execute(NO_AUTOCHECKPOINT)
                connection.execute("PRAGMA synchronous=NORMAL")
            else:
                if not read_only:
                    connection.execute("PRAGMA journal_mode=TRUNCATE")
                connection.execute("PRAGMA synchronous=FULL")
        except BaseException:
            connection.close()
            raise
        return connection


def _open_reading(path: Path) -> sqlite3.Connection:
    name = f"file:{urllib.parse.quote(str(path))}"
    error: sqlite3.Error | None = None
    # A folder that cannot be written has no room for the -shm file: read what the last checkpoint left.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{name}?{mode}", timeout=BUSY_MS / 1000, isolation_level=None, uri=True)
        try:
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        except sqlite3.OperationalError as caught:
            connection.close()
            error = caught
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    assert error is not None  # noqa: S101
    raise error


@contextmanager
def transaction(
    connection: sqlite3.Connection, path: Path, lock: FileLocked | None = None
) -> Iterator[sqlite3.Connection]:
    """One write transaction, committed at the end; any failure leaves none open.

    `lock` is held around it, commit included. Raises StorageError; nothing was saved then.
    """
    with lock or nullcontext(), in_our_words(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when another connection has committed."""
    row: tuple[int] = connection.execute("PRAGMA data_version").fetchone()
    return row[0]


def inode(path: Path) -> int | None:
    """Which file lies at `path`; None for none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


@contextmanager
def without_collecting() -> Iterator[None]:
    """Many small values are made that all stay: looking for cycles among them is waste."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
