"""No key waits for a disk: SQL runs on the desk's thread alone, and a step of the cursor needs none."""

from __future__ import annotations

import sqlite3
import threading
from typing import ClassVar

import pytest

from tests.tui.driver import opened
from tests.tui.world import BoardWorld


class Watched(sqlite3.Connection):
    """A connection that remembers on which thread it was asked what."""

    said: ClassVar[list[tuple[int, str]]] = []

    def execute(self, sql: str, *given: object) -> sqlite3.Cursor:
        self.said.append((threading.get_ident(), sql))
        return super().execute(sql, *given)  # type: ignore[arg-type]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Every statement from now on, with its thread."""
    real = sqlite3.connect
    monkeypatch.setattr(Watched, "said", [])
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "factory": Watched}))
    return Watched.said


async def test_steps_of_the_cursor_read_nothing(world: BoardWorld, statements: list[tuple[int, str]]) -> None:
    async with opened(world) as it:
        await it.keys("l")
        statements.clear()
        here = threading.get_ident()
        for key in ("j", "l", "h", "k", "tab", "j", "l", "tab", "j"):
            await it.pilot.press(key)
        assert [sql for thread, sql in statements if thread == here] == []
        asked = [sql for _, sql in statements if not sql.startswith("PRAGMA data_version")]
        assert asked == []


async def test_acts_read_and_write_on_the_desks_thread_alone(
    world: BoardWorld, statements: list[tuple[int, str]]
) -> None:
    async with opened(world) as it:
        here = threading.get_ident()
        statements.clear()
        await it.keys("a", "enter", "u", "right_square_bracket")
        assert statements
        assert {sql for thread, sql in statements if thread == here} == set()
