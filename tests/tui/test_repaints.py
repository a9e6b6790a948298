"""A key costs what it changes: the lines that are drawn again are counted."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Region
from textual.strip import Strip

from fieldboard.board import column
from fieldboard.board.column import Column
from fieldboard.domain.job import Job
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit, Visit
from fieldboard.tui.ink import Ink
from fieldboard.tui.panes import column_art, look, timeline_art
from fieldboard.tui.panes.column_art import ColumnArt, FreeRow, Grid
from fieldboard.tui.panes.visit_art import Placed, draw_visit
from fieldboard.tui.theme import Palette
from tests.tui.driver import opened
from tests.tui.world import BoardWorld, at


async def test_a_step_in_the_queue_draws_two_rows_and_the_lines(world: BoardWorld) -> None:
    async with opened(world) as it:
        before = it.drawn()
        await it.keys("j")
        # Two lines of the row that is left, two of the one that is entered, and the line about it.
        assert it.drawn() - before <= 5


async def test_a_step_on_the_board_draws_two_blocks_and_two_timeline_rows(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        before = it.drawn()
        await it.keys("j")
        assert it.selected is not None
        assert it.selected.id == "v4440"
        assert it.drawn() - before <= 2 + 4 + 1 + 2


async def test_a_step_to_the_next_column_draws_heads_blocks_rows(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        before = it.drawn()
        await it.keys("l")
        assert it.drawn() - before <= 6 + 2 + 4 + 2 + 2


async def test_a_change_from_outside_draws_its_column_and_row_only(world: BoardWorld) -> None:
    async with opened(world) as it:
        before = {view.place: view.drawn for view in it.board.board._views}
        world.add(world.visit("4437", ("t2",), "15:00", "16:00", Status.ASSIGNED))
        await it.settle()
        after = {view.place: view.drawn for view in it.board.board._views}
        assert after[1] > before[1]
        assert {place for place in after if after[place] != before[place]} == {1}


@pytest.mark.parametrize("technicians", [50, 400])
async def test_the_number_of_technicians_does_not_show(tmp_path: Path, technicians: int) -> None:
    world = BoardWorld(tmp_path / "many", technicians=technicians, each=8)
    async with opened(world, (200, 50)) as it:
        await it.put_cursor_on("v4433")
        before = it.drawn()
        await it.keys("j")
        assert it.drawn() - before <= 9
        await it.keys("tab")
        before = it.drawn()
        await it.keys("j")
        # The timeline's rows, two columns' heads and blocks, and the line; no more for 400 than for 50.
        assert it.drawn() - before <= 2 + 6 + 10 + 1
    world.close()


async def test_at_rest_nothing_is_drawn(world: BoardWorld) -> None:
    async with opened(world) as it:
        before = it.drawn()
        it.board.tick()
        await it.settle()
        assert it.drawn() == before
        world.clock.advance(1)
        it.board.tick()
        await it.settle()
        # The age in the header.
        assert it.drawn() - before == 1


async def test_a_change_of_a_row_of_the_queue_draws_that_row(world: BoardWorld) -> None:
    async with opened(world) as it:
        assert it.board.view is not None
        queue, row = it.board.queue, it.board.view.rows[2]
        (job,) = (one for one in world.entities if isinstance(one, Job) and one.id == row.job_id)
        before = queue.drawn
        world.add(replace(job, title="Something else"))
        await it.settle()
        assert "Something else" in "".join(it.lines())
        # Two lines of the row, and the title with n of N above all.
        assert queue.drawn - before == 4


async def test_a_promise_in_the_queue_reads_as_it_stands_now(world: BoardWorld) -> None:
    async with opened(world) as it:
        queue = it.board.queue
        world.clock.advance(3 * 3600)
        before = queue.drawn
        it.board.tick()
        await it.settle()
        assert queue.drawn > before
        shown = it.lines()
        queue.touch()
        await it.settle()
        assert it.lines() == shown
        before = queue.drawn
        world.clock.advance(60)
        it.board.tick()
        await it.settle()
        assert queue.drawn - before <= 4


async def test_a_change_of_a_visit_draws_its_lines_of_the_column_alone(world: BoardWorld) -> None:
    async with opened(world) as it:
        (view,) = (one for one in it.board.board._views if one.place == 1)
        before = view.drawn
        world.add(world.visit("4437", ("t2",), "15:00", "16:00", Status.ASSIGNED))
        await it.settle()
        # The head, the rows that the visit leaves and takes, and the drives there; not all thirty.
        assert 0 < view.drawn - before <= 12


async def test_a_carried_step_and_what_it_means_are_drawn_together(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the computer is: the desk answers within this.
    monkeypatch.setattr("fieldboard.tui.carrier.HOLD_S", 20.0)
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        await it.keys("space")
        line = it.board.info_line
        for key in ("l", "j", "k", "h"):
            before = line.drawn
            await it.keys(key)
            assert line.drawn - before == 1


async def test_a_step_does_not_wait_for_a_busy_desk(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        await it.keys("space")
        before, busy = it.board.board.ghost, threading.Event()
        it.app.thread.ask(lambda _: busy.wait(20))
        try:
            await it.pilot.press("l")
            while it.board.board.ghost == before:
                await it.pilot.pause()
        finally:
            busy.set()


async def test_a_column_that_stays_in_sight_is_laid_out_once_a_width(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[tuple[str, int]] = []

    def lay_out(column: Column, grid: Grid, width: int) -> ColumnArt:
        laid.append((column.technician.id, width))
        return column_art.lay_out(column, grid, width)

    monkeypatch.setattr("fieldboard.tui.panes.kept_columns.lay_out", lay_out)
    world = BoardWorld(tmp_path / "many", technicians=40, each=8)
    async with opened(world, (200, 50)) as it:
        board = it.board.board
        assert len({*board.widths}) == 2
        for columns in (1, 1, 1, -1, -1, -1):
            board.scroll_by(columns)
            await it.settle()
        assert len(laid) == len({*laid})
    world.close()


async def test_columns_that_pass_by_are_not_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[tuple[str, int]] = []

    def draw_row(art: ColumnArt, row: int, *given: Any, **named: Any) -> Strip:
        rows.append((art.column.technician.id, row))
        return column_art.draw_row(art, row, *given, **named)

    monkeypatch.setattr("fieldboard.tui.panes.columns.draw_row", draw_row)
    world = BoardWorld(tmp_path / "many", technicians=40, each=8)
    async with opened(world, (200, 50)) as it:
        board, height = it.board.board, it.board.board.body_height
        gutter = board._gutter.drawn
        for _ in range(board.shown):
            board.scroll_by(1)
            await it.settle()
        rows.clear()
        heads = sum(view.drawn for view in board._views)
        board.scroll_by(1)
        await it.settle()
        assert sum(view.drawn for view in board._views) - heads == board.shown * (height + board.head)
        # The one that comes in, the one that has another width now; of the others the row of now.
        assert len(rows) <= 2 * height + board.shown
        # The hours stand still: only which columns these are is said anew.
        assert board._gutter.drawn - gutter == (board.shown + 1) * board.head
    world.close()


async def test_free_rows_are_drawn_once_for_all_columns(tmp_path: Path) -> None:
    world = BoardWorld(tmp_path / "many", technicians=40, each=2)
    async with opened(world, (200, 50)) as it:
        board = it.board.board
        free = sum(isinstance(one, FreeRow) for one in board.kept.alike)
        board.scroll_by(20)
        await it.settle()
        shown = [board.art(board.columns[board.first + place]) for place in range(board.shown)]
        strips = {id(strip) for art in shown for row, strip in art.strips.items() if row not in art.by_row}
        drawn = sum(1 for art in shown for row in art.strips if row >= 0 and row not in art.by_row)
        assert drawn > 4 * (len(strips) - board.shown * board.head)
        assert sum(isinstance(one, FreeRow) for one in board.kept.alike) - free < 20
    world.close()


async def test_a_step_over_a_timeline_row_draws_the_bars_that_look_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[str] = []

    def draw_bar(cells: Any, visit: PlannedVisit, *given: Any, **named: Any) -> range:
        bars.append(visit.id)
        return drawn(cells, visit, *given, **named)

    drawn = timeline_art._draw_bar
    monkeypatch.setattr(timeline_art, "_draw_bar", draw_bar)
    world = BoardWorld(tmp_path / "many", technicians=40, each=8)
    async with opened(world, (200, 50)) as it:
        assert it.board.day is not None
        column = max(it.board.day.columns, key=lambda one: len(one.given))
        # What has begun is drawn up to now, whatever lies below it.
        first, second, *others = [visit.id for visit in column.visits if visit.actual_start is None]
        assert others
        await it.put_cursor_on(first)
        bars.clear()
        await it.keys("j")
        assert it.selected_id() == second
        assert second in bars
        assert not {*bars} & {*others}
    world.close()


async def test_colours_are_mixed_once_for_all_visits_of_a_kind(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed: list[tuple[object, ...]] = []
    made = look._made

    def counted(status: Status, mark: str, late: bool, palette: Palette) -> look.Tint:
        mixed.append((status, mark, late))
        return made(status, mark, late, palette)

    monkeypatch.setattr(look, "_made", counted)
    async with opened(world) as it:
        it.board.board.scroll_by(3)
        await it.settle()
        assert it.board.day is not None
        assert len(mixed) == len({*mixed}) < it.board.day.visits_count / 4


async def test_what_comes_back_into_sight_tells_how_late_it_is_now(tmp_path: Path) -> None:
    world = BoardWorld(tmp_path / "many", technicians=40, each=8)
    async with opened(world, (200, 50)) as it:
        board = it.board.board
        board.scroll_by(20)
        await it.settle()
        world.clock.advance(7 * 60)
        it.board.tick()
        board.scroll_by(-20)
        await it.settle()
        shown = it.lines()
        board.kept.clear()
        board.touch()
        await it.settle()
        assert it.lines() == shown
    world.close()


async def test_a_visit_that_looks_as_it_did_is_not_painted_again(world: BoardWorld) -> None:
    async with opened(world) as it:
        (view,) = (one for one in it.board.board._views if one.place == 1)
        before = view.drawn
        # By less than half a slot: it stays on its rows, none of which tells its times.
        world.add(world.visit("4437", ("t2",), "12:35", "14:05", Status.ASSIGNED))
        await it.settle()
        assert it.board.day is not None
        assert (block := it.board.day.block("v4437")) is not None
        assert block.visit.start == at("12:35")
        assert view.drawn == before


async def test_a_visit_that_moves_is_drawn_from_what_was_drawn(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, int]] = []

    def counted(ink: Ink, one: Placed, row: int, *given: Any, **named: Any) -> None:
        drawn.append((one.visit.id, row))
        draw_visit(ink, one, row, *given, **named)

    monkeypatch.setattr(column_art, "draw_visit", counted)
    async with opened(world) as it:
        drawn.clear()
        world.add(world.visit("4437", ("t2",), "13:00", "14:30", Status.ASSIGNED))
        await it.settle()
        assert "4437" in "".join(it.lines())
        assert drawn == []


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("12:35", "14:05", Status.ASSIGNED),
        ("12:30", "14:00", Status.EN_ROUTE),
        ("12:00", "14:30", Status.ASSIGNED),
        ("10:20", "11:00", Status.ASSIGNED),
        ("12:30", "14:00", Status.CANCELLED),
    ],
)
@pytest.mark.parametrize("cursor", ["v4437", "v4420", "v4434"])
async def test_a_change_leaves_the_picture_that_a_fresh_board_shows(
    world: BoardWorld, start: str, end: str, status: Status, cursor: str
) -> None:
    async with opened(world) as it:
        await it.put_cursor_on(cursor)
        world.add(world.visit("4437", ("t2",), start, end, status))
        world.add(world.visit("4434", ("t6",), "11:30", "13:30", status))
        await it.settle()
        board = it.board.board
        shown = [view.render_lines(Region(0, 0, *view.size)) for view in board._views]
        board.kept.clear(rows=True)
        board.touch()
        await it.settle()
        assert [view.render_lines(Region(0, 0, *view.size)) for view in board._views] == shown


async def test_what_changes_is_checked_once_whether_for_the_screen_or_for_the_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy the computer is: the frame is out within this.
    monkeypatch.setattr("fieldboard.tui.desk_thread.SEEN_S", 20.0)
    checked: list[str] = []
    check = column._checked

    def counted(who: Technician, *given: Any) -> Any:
        checked.append(who.id)
        return check(who, *given)

    monkeypatch.setattr(column, "_checked", counted)
    world = BoardWorld(tmp_path / "many", technicians=40, each=8)
    async with opened(world, (200, 50)) as it:
        day = it.board.day
        assert day is not None
        visits = [one for one in world.entities if isinstance(one, Visit) and one.id in day.where]
        checked.clear()
        world.add(*(replace(one, start=(one.start or 0) + 300, end=(one.end or 0) + 300) for one in visits))
        it.app.thread.ask(lambda _: None)
        await it.until(lambda: it.board.day is not day and it.board.day is not None and it.board.day.counted)
        assert sorted(checked) == sorted(one.technician.id for one in day.columns if one.given)
    world.close()
