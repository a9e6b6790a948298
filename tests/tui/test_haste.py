"""Keys that come faster than a dialog opens or closes, as from a held key or a slow line."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld

NAMES = {"escape": None, "enter": "\r", "question_mark": "?", "colon": ":", "slash": "/"}


async def hurried(it: Driver, *keys: str) -> None:
    """Let the keys arrive all at once, then wait until all is done."""
    for key in keys:
        it.app.post_message(events.Key(key, NAMES.get(key, key)))
    await it.settle()
    await it.settle()


@pytest.mark.parametrize(
    "opener", ["a", "s", "e", "d", "enter", "question_mark", "y", "f", "S", "H", "colon"]
)
async def test_a_dialog_that_is_closed_again_and_again_closes_nothing_else(
    world: BoardWorld, opener: str
) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        await it.keys(opener)
        assert it.dialog
        await hurried(it, *["escape"] * 6)
        assert it.dialog == ""
        assert it.app.is_running
        assert it.app.screen_stack == [it.board]
        assert not await it.saved()


async def test_enter_held_down_in_the_picker_assigns_once(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4452")
        await it.keys("a")
        await hurried(it, "enter", "enter", "enter")
        assert it.app.is_running
        assert [one.entity for one in await it.saved()] == ["visit:v4452"]
        assert it.board in it.app.screen_stack
