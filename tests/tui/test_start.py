"""The start costs one frame: what it takes is counted, not timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldboard.domain.instants import instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.visit import Visit
from fieldboard.tui.app import BoardApp
from fieldboard.tui.desk_thread import DeskThread
from fieldboard.tui.lines import LineField
from tests.tui.driver import opened
from tests.tui.world import NOW, BoardWorld


async def test_no_line_of_the_first_screen_is_drawn_twice(world: BoardWorld) -> None:
    async with opened(world) as it:
        shown = [field for field in it.board.query(LineField) if field.display]
        assert len(shown) > 8
        # Every column in sight is there from the first layout on, and what the desk's own thread then finds
        # to be the same is not drawn anew. How many conflicts there are is counted after the first frame.
        counting = (it.board.timeline, it.board.footer)
        again = {field: field.drawn - field.size.height for field in shown}
        assert {field for field, lines in again.items() if lines > 0} <= {*counting}
        assert max(again.values()) <= 1


async def test_what_is_out_of_sight_is_not_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeskThread, "_count", lambda _: None)
    world = BoardWorld(tmp_path / "many", technicians=80, each=8)
    async with opened(world, (200, 50)) as it:
        day, board, timeline = it.board.day, it.board.board, it.board.timeline
        assert day is not None
        in_sight = board.shown + timeline.page
        assert sum(column.laid for column in day.columns if column.given) <= in_sight
        assert not day.counted
        await it.keys("right_square_bracket")
        other = it.board.day
        assert other is not None
        assert other is not day
        assert sum(column.laid for column in other.columns if column.given) <= in_sight
    world.close()


async def test_the_broken_rules_are_counted_when_nobody_asks_for_anything(world: BoardWorld) -> None:
    async with opened(world) as it:
        day = it.board.day
        assert day is not None
        assert day.counted
        assert f"broken rules {day.broken}" in it.footer


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


async def test_without_colour_the_ground_behind_the_panes_has_none_either(world: BoardWorld) -> None:
    async with opened(world, (250, 50), mono=True) as it:
        strips = it.app.screen._compositor.render_strips(it.app.size)
        styles = {segment.style for strip in strips for segment in strip}
        assert {style.bgcolor for style in styles if style is not None} == {None}


async def test_nobody_is_called_free_of_whom_nothing_was_read(world: BoardWorld) -> None:
    for kind in (Kind.VISIT, Kind.JOB):
        known = [one.id for one in world.entities if isinstance(one, Job if kind is Kind.JOB else Visit)]
        world.writer.mark_gone(kind, known)
    world.writer.set_state(last_ok=None, last_full_finished=None, error="the server cannot be reached")
    async with opened(world) as it:
        await it.keys("tab")
        drawn = "\n".join(it.lines())
        assert "not read yet" in drawn
        assert "free" not in drawn
        assert "not read yet" in it.says
        world.writer.set_state(last_ok=instant_of(NOW), error=None)
        await it.until(lambda: "free" in "\n".join(it.lines()))
        assert "not read yet" not in "\n".join(it.lines())
