"""While a first sync runs, the board takes what it brings seldom: each look takes time from the keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from textual.message import Message

from fieldboard.cache import store
from fieldboard.domain.visit import Visit
from fieldboard.tui.desk_messages import Changed, Counted
from fieldboard.tui.desk_thread import FIRST_POLL_S, LOOKS_TAKE, POLL_S, DeskThread
from tests.tui.driver import opened
from tests.tui.world import DAY, BoardWorld


def looks_in(seconds: float, world: BoardWorld, *, took: float = 0.0) -> int:
    """How often a desk's thread looks in that time, where the last look took so long."""
    desk = world.desk()
    thread = DeskThread(world.desk, lambda _: True)
    thread._took = took
    looks = 0
    for _ in range(round(seconds / POLL_S)):
        looks += thread.due(desk)
        world.clock.advance(POLL_S)
    desk.store.close()
    return looks


@contextmanager
def looking(world: BoardWorld) -> Iterator[tuple[Callable[[], object], DeskThread, list[Message]]]:
    """A way to let a desk's thread look, the thread, and what it posts; it has looked at the day once."""
    desk = world.desk()
    posted: list[Message] = []

    def post(message: Message) -> bool:
        posted.append(message)
        return True

    thread = DeskThread(world.desk, post)
    thread._day = desk.day(DAY)
    thread._look(desk)
    yield lambda: thread._look(desk), thread, posted
    desk.store.close()


def work_of(technician_id: str, world: BoardWorld) -> list[Visit]:
    """The visits that one technician has alone."""
    return [
        one for one in world.entities if isinstance(one, Visit) and one.technician_ids == (technician_id,)
    ]


async def test_looks_are_rare_until_everything_was_fetched_once(world: BoardWorld) -> None:
    world.writer.set_state(last_full_finished=None)
    assert looks_in(10, world) == 10 / FIRST_POLL_S


async def test_afterwards_every_tick_looks(world: BoardWorld) -> None:
    async with opened(world) as it:
        desk = world.desk()
        ticks = [it.app.thread.due(desk) for _ in range(5)]
        desk.store.close()
        assert all(ticks)


async def test_looks_that_take_long_are_rarer_still(world: BoardWorld) -> None:
    world.writer.set_state(last_full_finished=None)
    assert looks_in(20, world, took=0.2) == 20 / (0.2 / LOOKS_TAKE)


async def test_more_news_than_is_named_changes_only_the_columns_that_differ(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MANY", 1)
    with looking(world) as (look, _, posted):
        posted.clear()
        mine = work_of("t3", world)
        assert len(mine) > 2
        world.add(*(replace(one, raw_status="on its way") for one in mine))
        look()
    (message,) = posted
    assert isinstance(message, Changed)
    assert not message.fresh.everything
    assert message.fresh.changed == {"t3"}


async def test_conflicts_are_not_counted_while_each_look_brings_more(world: BoardWorld) -> None:
    world.writer.set_state(last_full_finished=None)
    with looking(world) as (look, thread, posted):
        world.add(replace(work_of("t3", world)[0], raw_status="on its way"))
        look()
        thread._count()
        assert not any(isinstance(one, Counted) for one in posted)
        look()
        thread._count()
    assert isinstance(posted[-1], Counted)
