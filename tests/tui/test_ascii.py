"""In ASCII nothing of ours is drawn that a terminal without UTF-8 could not show."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from textual.app import App

from fieldboard.tui.glyphs import ASCII
from tests.tui.dialogs.scenes import SCENES
from tests.tui.dialogs.stage import Stage, played
from tests.tui.driver import opened
from tests.tui.world import BoardWorld

PLACES = {
    "queue": (),
    "board": ("tab",),
    "timeline": ("tab", "tab"),
    "carried": ("tab", "j", "space", "j", "j"),
    "marked": ("v", "v"),
    "another day": ("tab", "right_square_bracket"),
    "an act": ("tab", "j", "x"),
    "palette": ("ctrl+p", "s"),
    "nothing found": ("slash", *"xyzzy"),
}


def ours(app: App[Any]) -> set[str]:
    """What is on the screen beyond ASCII, letters and numbers of what people wrote aside."""
    strips = app.screen._compositor.render_strips(app.size)
    characters = {one for strip in strips for one in strip.text if not one.isascii()}
    return {one for one in characters if unicodedata.category(one)[0] not in "LMN"}


@pytest.mark.parametrize("size", [(80, 24), (172, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("place", PLACES)
async def test_the_board(world: BoardWorld, place: str, size: tuple[int, int]) -> None:
    async with opened(world, size, ascii_only=True) as it:
        await it.keys(*PLACES[place])
        await it.app.workers.wait_for_complete()
        await it.settle()
        assert ours(it.app) == set()


@pytest.mark.parametrize("name", SCENES)
async def test_dialogs(name: str) -> None:
    make, keys = SCENES[name]
    async with played(Stage(make(), glyphs=ASCII), (80, 24), keys) as pilot:
        assert ours(pilot.app) == set()
