"""What a round costs: rows that it writes, statements that it makes, bodies that it parses. Never times."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from fieldboard.backends.port import Row
from fieldboard.sync.landing import Walk
from tests.sync.room import Room, Spoiler, room_with


@contextmanager
def rows_written(room: Room) -> Iterator[Counter[str]]:
    """How many rows of cache.db change meanwhile, by the table."""
    db = room.engine.landing._writer._db
    written: Counter[str] = Counter()
    said: list[tuple[str, int]] = []
    db.set_trace_callback(lambda text: said.append((text, db.total_changes)))
    began = db.total_changes
    try:
        yield written
    finally:
        db.set_trace_callback(None)
        written["all"] = db.total_changes - began
        ends = [*(changes for _text, changes in said[1:]), db.total_changes]
        for (text, before), after in zip(said, ends, strict=True):
            if after != before:
                written[_table(text)] += after - before


def _table(statement: str) -> str:
    words = statement.replace("INSERT OR REPLACE", "INSERT").split()
    return words[1] if words[0] == "UPDATE" else words[2]


async def test_a_quiet_round_writes_only_how_far_it_read(tmp_path: Path) -> None:
    async with room_with(tmp_path) as room:
        await room.sync()
        room.clock.advance(20)
        with rows_written(room) as written:
            report = await room.sync()
        assert report.pulled == 0
        # A cursor and a walk's number for each of the four kinds, and when the round began and ended.
        assert written == {"all": 10, "cursor": 4, "meta": 4, "sync_state": 2}


@pytest.mark.parametrize("broken", [False, True])
async def test_nobody_looks_for_circles_among_the_rows_of_a_walk(tmp_path: Path, broken: bool) -> None:
    async with room_with(tmp_path) as room:
        seen: list[bool] = []
        store = room.engine.landing.store

        def watched(walk: Walk, rows: Sequence[Row]) -> int:
            seen.append(gc.isenabled())
            return store(walk, rows)

        room.engine.landing.store = watched  # type: ignore[method-assign]
        if broken:
            room.wire.spoilers.append(Spoiler("half", path="visits"))
        report = await room.sync()
        assert report.reached is not broken
        assert seen
        assert not any(seen)
        assert gc.isenabled()
