"""The start costs one frame: what it takes is counted, not timed."""

from __future__ import annotations

import pytest

from fieldboard.tui.app import BoardApp
from fieldboard.tui.lines import LineField
from tests.tui.driver import opened
from tests.tui.world import BoardWorld


async def test_no_line_of_the_first_screen_is_drawn_twice(world: BoardWorld) -> None:
    async with opened(world) as it:
        shown = [field for field in it.board.query(LineField) if field.display]
        assert len(shown) > 8
        # Every column in sight is there from the first layout on, and what the desk's own thread then finds
        # to be the same is not drawn anew.
        assert [field for field in shown if field.drawn > field.size.height] == []


async def test_the_styles_are_worked_out_once(world: BoardWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[str] = []
    real = BoardApp.refresh_css

    def refresh_css(app: BoardApp, animate: bool = True) -> None:
        worked_out.append(app.theme)
        real(app, animate)

    monkeypatch.setattr(BoardApp, "refresh_css", refresh_css)
    async with opened(world) as it:
        assert worked_out == []
        it.app.set_theme("light")
        await it.settle()
        assert worked_out == ["fieldboard-light"]
