"""The schema of the three files: made, checked and brought up to date.

What is checked on every start is one number (`PRAGMA user_version`). A new file is made by plain SQL, an
older one by sqlite-utils migrations in one transaction, after a copy was put aside; a process that
must not load that library (the board) lets a short one do it: ``python -m fieldboard.cache.schema FOLDER``.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fieldboard.cache import tables
from fieldboard.cache.connection import connect, in_our_words
from fieldboard.cache.errors import NewerData, StorageDamaged, StorageError
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.locks import FileLocked
from fieldboard.domain.value_class import value_class

if TYPE_CHECKING:
    from sqlite_utils import Migrations

APPLICATION_ID: Final = 0x46424431
"""Stands in the header of each file: it is ours."""


@value_class
class Schema:
    """What one file should be: the SQL of each version after the one before."""

    name: str
    wal: bool
    versions: tuple[tuple[str, str], ...]

    @property
    def current(self) -> int:
        """The version that this program writes."""
        return len(self.versions)


CACHE: Final = Schema(
    "cache",
    True,
    (
        ("001_tables", tables.CACHE),
        ("002_details", tables.CACHE_DETAILS),
        ("003_order", tables.CACHE_ORDER),
        ("004_suggested", tables.CACHE_SUGGESTED),
    ),
)
OUTBOX: Final = Schema(
    "outbox", False, (("001_tables", tables.OUTBOX), ("002_contests", tables.OUTBOX_CONTESTS))
)
HISTORY: Final = Schema("history", False, (("001_tables", tables.HISTORY),))


def ensure(files: ProfileFiles, schema: Schema, *, here: bool = False) -> Path:
    """See to it that a file is there in the current version; returns its path.

    An older one is migrated by a process of its own, unless `here`. Raises NewerData for a file of a
    newer fieldboard, StorageDamaged for one that is no database of ours, other StorageErrors where
    it cannot be made.
    """
    path = path_of(files, schema)
    version = version_of(path, schema)
    if version == schema.current:
        return path
    if version > schema.current:
        raise NewerData(
            f"{path} was written by a newer fieldboard (data version {version}, this one knows "
            f"{schema.current}); use that one"
        )
    if version == 0:
        with _lock(files, schema):
            _create(path, schema)
    elif here:
        migrate(files, schema)
    else:
        _migrate_elsewhere(files)
    return path


def path_of(files: ProfileFiles, schema: Schema) -> Path:
    """The file that a schema is for."""
    return {"cache": files.cache, "outbox": files.outbox, "history": files.history}[schema.name]


def version_of(path: Path, schema: Schema) -> int:
    """The version of a file, 0 where there is none yet. Raises StorageError."""
    with in_our_words(path):
        if not path.exists() or path.stat().st_size == 0:
            return 0
        with in_our_words(path):
            connection = connect(path, wal=schema.wal, read_only=True)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (application,) = connection.execute("PRAGMA application_id").fetchone()
        finally:
            connection.close()
    if version and application != APPLICATION_ID:
        raise StorageDamaged(f"{path} is a database of another program", path)
    return int(version)


def _lock(files: ProfileFiles, schema: Schema) -> AbstractContextManager[object]:
    # The other two are opened while the cache is being written; SQLite's own lock is enough for them.
    return FileLocked(files.write_lock) if schema.wal else nullcontext()


def _create(path: Path, schema: Schema) -> None:
    connection = connect(path, wal=schema.wal)
    try:
        with in_our_words(path):
            if schema.wal:
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    _write_all(connection, schema)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    finally:
        connection.close()


def _write_all(connection: sqlite3.Connection, schema: Schema) -> None:
    # The table in which sqlite-utils notes what was applied, so that a later migration starts after these.
    connection.execute(
        'CREATE TABLE "_sqlite_migrations" '
        '("id" INTEGER PRIMARY KEY, "migration_set" TEXT, "name" TEXT, "applied_at" TEXT)'
    )
    connection.execute(
        'CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name" '
        'ON "_sqlite_migrations" ("migration_set", "name")'
    )
    now = str(datetime.now(UTC))
    for name, text in schema.versions:
        run_script(connection, text)
        connection.execute(
            'INSERT INTO "_sqlite_migrations" (migration_set, name, applied_at) VALUES (?, ?, ?)',
            (schema.name, name, now),
        )
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={schema.current}")


def run_script(connection: sqlite3.Connection, text: str) -> None:
    """Run the statements one by one: `executescript` would commit the open transaction."""
    statement = ""
    for line in text.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def migrations(schema: Schema) -> Migrations:
    """The versions as migrations of sqlite-utils."""
    from sqlite_utils import Database, Migrations

    known = Migrations(schema.name)
    for name, text in schema.versions:

        def apply(db: Database, text: str = text) -> None:
            run_script(db.conn, text)

        known(name=name)(apply)
    return known


def migrate(files: ProfileFiles, schema: Schema) -> None:
    """Bring an older file up to date, in one transaction, after a copy was put into the quarantine."""
    from sqlite_utils import Database

    path = path_of(files, schema)
    with _lock(files, schema):
        connection = connect(path, wal=schema.wal)
        try:
            with in_our_words(path):
                (version,) = connection.execute("PRAGMA user_version").fetchone()
                if not 0 < version < schema.current:
                    return
                copy = files.quarantine / f"{schema.name}-v{version}.db"
                copy.unlink(missing_ok=True)
                connection.execute("VACUUM INTO ?", (str(copy),))
                copy.chmod(0o600)
                connection.execute("BEGIN EXCLUSIVE")
                try:
                    migrations(schema).apply(Database(connection, execute_plugins=False))
                    connection.execute(f"PRAGMA user_version={schema.current}")
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
        finally:
            connection.close()


def _migrate_elsewhere(files: ProfileFiles) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fieldboard.cache.schema", str(files.folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        says = done.stderr.strip().splitlines()
        raise StorageError(
            f"the data could not be brought up to date: {says[-1] if says else 'no reason given'}"
        )


def main(folder: str) -> int:
    """Bring all files of a profile up to date; the exit code."""
    files = ProfileFiles(Path(folder))
    try:
        for schema in (CACHE, OUTBOX, HISTORY):
            ensure(files, schema, here=True)
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
