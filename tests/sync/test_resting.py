"""Waiting by the timers of the loop, with an end that nobody misses."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from fieldboard.sync.resting import Rest

LONG_S: Final = 3600.0
PATIENCE_S: Final = 20.0


async def test_it_asks_at_each_tick_and_goes_on_once_it_is_told_so() -> None:
    answers = [False, False, True, True]
    await asyncio.wait_for(Rest(0.001).until(lambda: answers.pop(0)), PATIENCE_S)
    assert answers == [True]


async def test_its_end_wakes_whoever_waits_and_whoever_comes_later() -> None:
    rest = Rest(LONG_S)
    waits = [asyncio.ensure_future(rest.until(lambda: False)), asyncio.ensure_future(rest.ended())]
    await asyncio.sleep(0)
    assert not rest.over
    rest.end()
    rest.end()
    await asyncio.wait_for(asyncio.gather(*waits), PATIENCE_S)
    await asyncio.wait_for(rest.ticks(2), PATIENCE_S)
    assert rest.over


async def test_what_goes_wrong_in_asking_is_told_to_who_waits() -> None:
    def due() -> bool:
        raise ValueError("cannot be told")

    with pytest.raises(ValueError, match="cannot be told"):
        await asyncio.wait_for(Rest(0.001).until(due), PATIENCE_S)


async def test_who_was_broken_off_leaves_nothing_behind_that_asks_on() -> None:
    rest, asked = Rest(0.001), asyncio.Event()

    def due() -> bool:
        asked.set()
        return False

    waits = asyncio.ensure_future(rest.until(due))
    await asyncio.wait_for(asked.wait(), PATIENCE_S)
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
    asked.clear()
    await rest.ticks(5)
    assert not asked.is_set()
