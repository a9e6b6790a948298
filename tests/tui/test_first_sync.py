"""While a first sync runs, the board takes what it brings seldom: each look takes time from the keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.message import Message

from fieldboard.cache import store
from fieldboard.domain.visit import Visit
from fieldboard.tui.desk_thread import FIRST_POLL_S, LOOKS_TAKE, POLL_S, Changed, Counted, DeskThread
from tests.tui.driver import opened
from tests.tui.world import DAY, BoardWorld


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


async def test_looks_that_take_long_are_rarer_still(tmp_path: Path) -> None:
    world = BoardWorld(tmp_path)
    world.writer.set_state(last_full_finished=None)
    desk = world.desk()
    thread = DeskThread(world.desk, lambda _: True)
    thread._took = 0.2
    looks = 0
    for _ in range(round(20 / POLL_S)):
        looks += thread.due(desk)
        world.clock.advance(POLL_S)
    desk.store.close()
    world.close()
    assert looks == 20 / (0.2 / LOOKS_TAKE)


async def test_more_news_than_is_named_changes_only_the_columns_that_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MANY", 1)
    world = BoardWorld(tmp_path)
    desk = world.desk()
    posted: list[Message] = []

    def post(message: Message) -> bool:
        posted.append(message)
        return True

    thread = DeskThread(world.desk, post)
    thread._day = desk.day(DAY)
    thread._look(desk)
    posted.clear()
    mine = [one for one in world.entities if isinstance(one, Visit) and one.technician_ids == ("t3",)]
    assert len(mine) > 2
    world.add(*(replace(one, raw_status="on its way") for one in mine))
    thread._look(desk)
    desk.store.close()
    world.close()
    (message,) = posted
    assert isinstance(message, Changed)
    assert not message.fresh.everything
    assert message.fresh.changed == {"t3"}


async def test_conflicts_are_not_counted_while_each_look_brings_more(tmp_path: Path) -> None:
    world = BoardWorld(tmp_path)
    world.writer.set_state(last_full_finished=None)
    desk = world.desk()
    posted: list[Message] = []

    def post(message: Message) -> bool:
        posted.append(message)
        return True

    thread = DeskThread(world.desk, post)
    thread._day = desk.day(DAY)
    thread._look(desk)
    visit = next(one for one in world.entities if isinstance(one, Visit) and one.technician_ids == ("t3",))
    world.add(replace(visit, raw_status="on its way"))
    thread._look(desk)
    thread._count()
    assert not any(isinstance(one, Counted) for one in posted)
    thread._look(desk)
    thread._count()
    assert isinstance(posted[-1], Counted)
    desk.store.close()
    world.close()
