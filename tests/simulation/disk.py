"""Processes that can be killed at any statement, and connections that count statements.

A killed process does nothing more: each of its connections refuses every further statement, and what
was not committed is rolled back when the files are closed under it.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from unittest.mock import patch

from fieldboard.cache import cache_file, read_file
from fieldboard.cache import connection as connection_module
from fieldboard.cache import ulid as ulid_module

PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)
"""Whose code is running."""


class Killed(BaseException):
    """SIGKILL: nothing may catch it."""


class Process:
    """One process of ours: a window or a syncer. `kill_at` is the statement at which it dies."""

    def __init__(self, name: str, *, kill_at: int | None = None, after: bool = False) -> None:
        self.name = name
        self.alive = True
        self.statements = 0
        self.kill_at = kill_at
        self.after = after
        self.connections: list[Connection] = []
        self.fence = 0
        self.zombie = False
        self.resumes: asyncio.Event | None = None
        """Set while it is stopped: it goes on when this is set."""

    def check(self) -> None:
        """Raise Killed where the process is dead."""
        if not self.alive:
            raise Killed(self.name)

    def before_statement(self) -> None:
        self.check()
        self.statements += 1
        if self.statements == self.kill_at and not self.after:
            self.reap()
            raise Killed(f"{self.name} before statement {self.statements}")

    def after_statement(self) -> None:
        if self.statements == self.kill_at and self.after:
            self.reap()
            raise Killed(f"{self.name} after statement {self.statements}")

    def reap(self) -> None:
        """It is dead: its files are closed as the system closes them, what was not committed is undone."""
        self.alive = False
        for connection in [*self.connections]:
            connection.drop()
        self.connections.clear()


IN_MEMORY: Final = {
    "PRAGMA synchronous=NORMAL": "PRAGMA synchronous=OFF",
    "PRAGMA synchronous=FULL": "PRAGMA synchronous=OFF",
    "PRAGMA journal_mode=TRUNCATE": "PRAGMA journal_mode=MEMORY",
}
"""What is said to a file whose disk is memory, and whose writers only ever die by `Connection.drop`."""

_CURSORS: Final = 64


class Connection(sqlite3.Connection):
    """A connection that belongs to a process. Its disk is memory, so nothing is ever flushed."""

    owner: Process | None = None

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._cursors: list[weakref.ref[sqlite3.Cursor]] = []

    def drop(self) -> None:
        """Its process has died: no statement goes on, no lock is kept."""
        for one in self._cursors:
            cursor = one()
            if cursor is not None:
                cursor.close()
        if self.in_transaction:
            sqlite3.Connection.execute(self, "ROLLBACK")
        sqlite3.Connection.close(self)

    def close(self) -> None:
        super().close()
        if self.owner is not None and self in self.owner.connections:
            self.owner.connections.remove(self)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        sql = IN_MEMORY.get(sql, sql)
        owner = self.owner
        if owner is None:
            return super().execute(sql, parameters)
        owner.before_statement()
        found = super().execute(sql, parameters)
        if found.description is not None:
            self._keep(found)
        owner.after_statement()
        return found

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        """Remember what may be read on; what nobody holds any more is forgotten."""
        if len(self._cursors) >= _CURSORS:
            self._cursors = [one for one in self._cursors if one() is not None]
        self._cursors.append(weakref.ref(cursor))

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        owner = self.owner
        if owner is None:
            return super().executemany(sql, parameters)
        owner.before_statement()
        found = super().executemany(sql, parameters)
        owner.after_statement()
        return found


class _Sqlite:
    """The module sqlite3 with connections of ours."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    def connect(self, *args: Any, **named: Any) -> sqlite3.Connection:
        made = sqlite3.connect(*args, **named, factory=Connection)
        owner = PROCESS.get()
        if owner is not None:
            owner.check()
            made.owner = owner
            owner.connections.append(made)
        return made


class _Os:
    """What ulids need of the system, drawn from a seed."""

    def __init__(self, draw: Any) -> None:
        self.urandom: Final = draw


@contextmanager
def simulated(draw: Any) -> Iterator[None]:
    """Connections and random bytes of the simulation while this lasts; `draw(n)` gives n bytes."""
    replaced: Mapping[tuple[Any, str], Any] = {
        (connection_module, "sqlite3"): _Sqlite(),
        (ulid_module, "os"): _Os(draw),
        (ulid_module, "_last"): 0,
        # One thread writes at a time: the lock between the writers of processes is never waited for.
        (cache_file, "WAL_RESET_BUG"): False,
        (read_file, "WAL_RESET_BUG"): False,
    }
    patches = [patch.object(place, name, value) for (place, name), value in replaced.items()]
    for one in patches:
        one.start()
    collects = gc.isenabled()
    # A schedule is over before its cycles fill the memory: they are collected between two.
    gc.disable()
    try:
        yield
    finally:
        for one in reversed(patches):
            one.stop()
        if collects:
            gc.enable()
