"""The header, the lines and the footer: what they say at every width."""

from __future__ import annotations

import pytest

from fieldboard.domain.instants import instant_of
from tests.tui.driver import opened
from tests.tui.world import NOW, BoardWorld

WIDTHS = (60, 80, 100, 120, 172, 320)
LONG = "Server disconnected without sending a response to the request that was made of it just now"


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_header_says_offline_the_age_and_the_time_at_every_width(
    world: BoardWorld, width: int
) -> None:
    world.clock.advance(3 * 60)
    world.writer.set_state(offline_since=instant_of(NOW), error=LONG)
    async with opened(world, (width, 36)) as it:
        header = it.header
        assert "○ offline · 3 min" in header
        assert "today " in header
        assert "today○" not in header
        assert header.endswith(" 10:45 ")
        assert (LONG in header) == (width == 320)
        assert f"offline: {LONG}" in it.says


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_header_says_how_old_live_is(world: BoardWorld, width: int) -> None:
    async with opened(world, (width, 36)) as it:
        assert "● live 4 s old" in it.header
        assert " today " in it.header
        await it.keys("left_square_bracket")
        assert " yesterday " in it.header
        assert "● live" in it.header
