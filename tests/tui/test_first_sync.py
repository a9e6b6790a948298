"""While a first sync runs, the board takes what it brings seldom: each look takes time from the keys."""

from __future__ import annotations

from pathlib import Path

from fieldboard.tui.desk_thread import FIRST_POLL_S, POLL_S, DeskThread
from tests.tui.driver import opened
from tests.tui.world import BoardWorld


async def test_looks_are_rare_until_everything_was_fetched_once(tmp_path: Path) -> None:
    world = BoardWorld(tmp_path)
    world.writer.set_state(last_full_finished=None)
    desk = world.desk()
    thread = DeskThread(world.desk, lambda _: True)
    looks = 0
    for _ in range(round(10 / POLL_S)):
        looks += thread.due(desk)
        world.clock.advance(POLL_S)
    desk.store.close()
    world.close()
    assert looks == 10 / FIRST_POLL_S


async def test_afterwards_every_tick_looks(world: BoardWorld) -> None:
    async with opened(world) as it:
        desk = world.desk()
        ticks = [it.app.thread.due(desk) for _ in range(5)]
        desk.store.close()
        assert all(ticks)
