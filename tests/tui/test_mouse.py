"""What the mouse does; every gesture has a key that does the same."""

from __future__ import annotations

import pytest
from textual import events

from fieldboard.domain.status import ENDED
from fieldboard.tui import gestures
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld, at


async def test_a_click_selects_in_all_panes(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.click(it.place_of("v4420"))
        assert it.selected is not None
        assert it.selected.id == "v4420"
        assert it.board.timeline.selected == "v4420"
        assert it.pane == "board"


async def test_a_double_click_opens_the_details(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.click(it.place_of("v4420"), times=2)
        assert it.dialog == "DetailsDialog"


async def test_dragging_from_the_queue_assigns_and_schedules(world: BoardWorld) -> None:
    async with opened(world) as it:
        target = it.cell_of("t4", "15:30")
        await it.drag(it.place_of("v4452"), (80, 10), target, release=False)
        assert "ASSIGN" in it.says
        assert "Dai Evans 15:30–16:30" in it.says
        assert it.board.board.ghost is not None
        assert it.board.board.ghost[0] == "t4"
        assert await it.saved() == []
        await it.pilot.mouse_up(offset=target)
        await it.settle()
        if it.carrying():
            await it.keys("enter")
        visit = it.visit("v4452")
        assert (visit.technician_ids, visit.start) == (("t4",), at("15:30"))


async def test_dragging_within_the_board_moves(world: BoardWorld) -> None:
    async with opened(world) as it:
        start = it.place_of("v4437")
        x, y = it.cell_of("t2", "15:00")
        await it.drag(start, (x, y - 1), (x, y))
        assert it.visit("v4437").start == at("15:00")
        assert it.visit("v4437").end == at("16:30")


async def test_a_drop_that_breaks_a_rule_waits_for_enter(world: BoardWorld) -> None:
    async with opened(world) as it:
        x, y = it.cell_of("t1", "14:00")
        await it.drag(it.place_of("v4437"), (x, y - 1), (x, y))
        assert await it.saved() == []
        assert "Enter again does it all the same" in it.says
        await it.keys("escape")
        assert not it.carrying()
        assert it.visit("v4437").technician_ids == ("t2",)


async def test_dragging_the_lower_edge_makes_it_longer(world: BoardWorld) -> None:
    async with opened(world) as it:
        x, _ = it.place_of("v4440")
        last = max(
            row
            for row in range(50)
            if (found := it.board.gestures.under(x, row)) and found.visit and found.visit.id == "v4440"
        )
        await it.drag((x, last), (x, last + 1), (x, last + 2))
        assert "v4440" not in it.says
        assert it.visit("v4440").start == at("13:30")
        assert it.visit("v4440").end == at("16:30")


async def test_dragging_to_the_queue_unassigns(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.drag(it.place_of("v4440"), (60, 20), (10, 20), release=False)
        assert "UNASSIGN" in it.says
        await it.pilot.mouse_up(offset=(10, 20))
        await it.settle()
        assert it.visit("v4440").technician_ids == ()


async def test_dragging_in_the_timeline_moves_in_time(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("tab", "tab", "z")
        x, y = it.place_of("v4441")
        await it.drag((x, y), (x + 8, y), (x + 13, y))
        moved = it.visit("v4441")
        assert moved.technician_ids == ("t4",)
        assert moved.start is not None
        assert moved.start > at("13:30")
        assert moved.start % 900 == 0


async def test_escape_cancels_a_drag(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.drag(it.place_of("v4440"), (60, 20), (80, 20), release=False)
        await it.keys("escape")
        assert not it.carrying()
        await it.pilot.mouse_up(offset=(80, 20))
        await it.settle()
        assert await it.saved() == []


async def test_losing_the_focus_cancels_a_drag(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.drag(it.place_of("v4440"), (60, 20), (80, 20), release=False)
        it.app.post_message(events.AppBlur())
        await it.settle()
        assert not it.carrying()


async def test_the_wheel_scrolls_and_leaves_the_cursor(world: BoardWorld) -> None:
    async with opened(world, (172, 40)) as it:
        before = it.selected
        x, y = it.cell_of("t3", "11:00")
        await it.pilot._post_mouse_events([events.MouseScrollDown], offset=(x, y))
        await it.settle()
        assert it.board.board.top > 0
        await it.pilot._post_mouse_events([events.MouseScrollDown], offset=(x, y), shift=True)
        await it.settle()
        assert it.board.board.first == 1
        assert it.selected == before


async def test_the_footer_and_the_header_can_be_clicked(world: BoardWorld) -> None:
    async with opened(world) as it:
        first, last, act = next(span for span in it.board.footer._spans if span[2] == "help")
        assert act == "help"
        await it.click(((first + last) // 2, 49))
        assert it.dialog == "HelpDialog"
        await it.keys("escape", "escape")
        header = it.header
        for sign, says in (("‹", "yesterday"), ("›", "today"), ("›", "tomorrow"), ("tomorrow", "today")):
            await it.click((it.header.index(sign), 0))
            assert f" {says} " in it.header
        await it.click((header.index("June"), 0))
        assert it.dialog == "DateDialog"


async def test_the_words_of_the_titles_can_be_clicked(world: BoardWorld) -> None:
    async with opened(world) as it:
        queue, timeline = it.board.queue.region, it.board.timeline.region

        def title(word: str) -> tuple[int, int]:
            y = queue.y if "by" in word else timeline.y
            return it.lines()[y].index(word), y

        await it.click(title("by urgency"))
        assert it.dialog == "SortDialog"
        await it.keys("escape")
        await it.click(title("+ -"))
        assert it.board.timeline.hours == 8
        await it.click(title("-"))
        assert it.board.timeline.hours == 12
        x, y = title(it.board.look.glyphs.conflict)
        await it.click((x + 2, y))
        assert it.board.day is not None
        assert it.selected_id() in it.board.day.breaking
        await it.filter(queue="4471")
        await it.click((queue.right - 3, queue.y))
        assert it.dialog == "FilterDialog"


def footer_cell(it: Driver, word: str) -> tuple[int, int]:
    """A cell of the footer on a word."""
    return it.footer.index(word), it.app.size.height - 1


@pytest.mark.parametrize("width", [80, 120, 172])
async def test_a_drop_that_breaks_a_rule_is_settled_with_the_mouse_alone(
    world: BoardWorld, width: int
) -> None:
    async with opened(world, (width, 50)) as it:
        await it.keys("tab")
        for word, crew in (("puts it back", ("t2",)), ("again does it", ("t1",))):
            x, y = it.cell_of("t1", "14:00")
            await it.drag(it.place_of("v4437"), (x, y - 1), (x, y))
            assert "Enter again does it all the same" in it.footer
            asked, below = (it.lines()[at] for at in (-3, -2))
            assert "SURE?" in asked
            # A narrow terminal tells the broken rule in the line below.
            assert "overlap" in (below if width == 80 else asked)
            assert any("Enter again" in line for line in it.lines()[:-1])
            await it.click(footer_cell(it, word))
            assert not it.carrying()
            assert it.visit("v4437").technician_ids == crew


async def test_what_waits_for_a_second_enter_can_be_dragged_on_or_dropped_by_a_click(
    world: BoardWorld,
) -> None:
    async with opened(world) as it:
        x, y = it.cell_of("t1", "14:00")
        await it.drag(it.place_of("v4437"), (x, y - 1), (x, y))
        assert it.carrying()
        x, y = it.cell_of("t4", "15:30")
        await it.drag(it.cell_of("t1", "14:00"), (x, y - 1), (x, y))
        if it.carrying():
            await it.click(footer_cell(it, "again does it"))
        assert it.visit("v4437").technician_ids == ("t4",)
        x, y = it.cell_of("t1", "14:00")
        await it.drag(it.place_of("v4437"), (x, y - 1), (x, y))
        await it.click(it.cell_of("t5", "16:00"))
        assert not it.carrying()
        assert it.visit("v4437").technician_ids == ("t4",)


async def test_the_right_button_puts_back(world: BoardWorld) -> None:
    async with opened(world) as it:
        x, y = it.cell_of("t1", "14:00")
        await it.drag(it.place_of("v4437"), (x, y - 1), (x, y))
        await it.pilot._post_mouse_events([events.MouseDown], offset=(x, y), button=3)
        await it.settle()
        assert not it.carrying()
        assert not await it.saved()


async def test_a_block_of_two_rows_is_moved_by_any_of_its_cells(world: BoardWorld) -> None:
    async with opened(world) as it:
        x, y = it.place_of("v4433")
        await it.drag((x, y + 1), (60, y + 1), (10, 20), release=False)
        assert "UNASSIGN" in it.says
        await it.pilot.mouse_up(offset=(10, 20))
        await it.settle()
        assert it.visit("v4433").technician_ids == ()


async def test_an_edge_dragged_sideways_moves_the_visit(world: BoardWorld) -> None:
    async with opened(world) as it:
        x, _ = it.place_of("v4440")
        rows = [
            row
            for row in range(50)
            if (found := it.board.gestures.under(x, row)) and found.visit and found.visit.id == "v4440"
        ]
        left, _ = it.cell_of("t4", "15:30")
        for edge in (rows[0], rows[-1]):
            await it.drag((x, edge), (x + 3, edge), (left, edge), release=False)
            assert "RESIZE" not in it.says
            assert "Dai Evans" in it.says
            await it.keys("escape")
        # One that began downwards becomes a move over another column, as long as it was.
        await it.drag((x, rows[-1]), (x, rows[-1] + 2), (left, rows[-1] + 2), release=False)
        assert "RESIZE" not in it.says
        carried = it.board.carrier.carry
        assert carried is not None
        assert carried.end - carried.start == 2 * 3600
        await it.keys("escape")


def _pointing(it: Driver, technician_id: str, row: int) -> tuple[int, int]:
    """A cell of the last column of the screen, at a row of the board."""
    x = it.app.size.width - 1
    found = it.board.gestures.under(x, row)
    assert found is not None
    assert found.technician_id == technician_id
    return x, row


async def test_a_release_at_the_edge_does_what_the_line_said(world: BoardWorld) -> None:
    async with opened(world, (120, 36)) as it:
        board = it.board.board
        first = board.first
        there = it.board.gestures.under(it.app.size.width - 1, board.region.bottom - 3)
        assert there is not None
        assert there.technician_id is not None
        cell = _pointing(it, there.technician_id, board.region.bottom - 3)
        await it.drag(it.place_of("v4452"), (80, cell[1]), cell, release=False)
        said = it.board.carrier.carry
        assert said is not None
        assert said.technician_id == there.technician_id
        await it.pilot.mouse_up(offset=cell)
        await it.settle()
        assert board.first == first
        if it.carrying():
            await it.keys("enter")
        visit = it.visit("v4452")
        assert (visit.technician_ids, visit.start) == ((said.technician_id,), said.start)


async def test_a_drag_that_rests_at_the_edge_scrolls_and_says_where_it_is_then(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(world, (120, 36)) as it:
        board = it.board.board
        y = board.region.bottom - 3
        x = it.app.size.width - 1
        before = it.board.gestures.under(x, y)
        assert before is not None
        monkeypatch.setattr(gestures, "REST_S", 0.001)
        monkeypatch.setattr(gestures, "AGAIN_S", 60.0)
        await it.drag(it.place_of("v4452"), (80, y), (x, y), release=False)
        await it.until(lambda: board.first == 1)
        after = it.board.gestures.under(x, y)
        carried = it.board.carrier.carry
        assert after is not None
        assert carried is not None
        assert before.technician_id != after.technician_id == carried.technician_id
        # And back again over the hours at the left of the columns.
        await it.pilot.hover(offset=(board.region.x + 1, y))
        await it.until(lambda: board.first == 0)
        assert "stays in the queue" in it.says


async def test_nothing_scrolls_after_escape_though_the_button_is_held(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(world, (120, 36)) as it:
        board = it.board.board
        monkeypatch.setattr(gestures, "REST_S", 0.001)
        monkeypatch.setattr(gestures, "AGAIN_S", 60.0)
        y = board.region.bottom - 3
        await it.drag(it.place_of("v4452"), (80, y), (it.app.size.width - 1, y), release=False)
        await it.until(lambda: board.first > 0)
        await it.keys("escape")
        assert board.first == 0
        it.board.gestures._scroll()  # what its timer does in a moment
        assert board.first == 0


async def test_a_bar_dragged_along_the_first_row_of_the_timeline_stays_in_its_row(world: BoardWorld) -> None:
    async with opened(world, (120, 36)) as it:
        timeline = it.board.timeline
        await it.keys("tab", "tab", *["down"] * 8)
        x, y = next(
            (x, timeline.region.y + 2)
            for x in range(it.app.size.width)
            if (found := it.board.gestures.under(x, timeline.region.y + 2))
            and found.visit
            and found.visit.status not in ENDED
        )
        found = it.board.gestures.under(x, y)
        assert found is not None
        assert found.visit is not None
        top = timeline.top
        assert top > 0
        await it.drag((x + 2, y), (x + 7, y), (x + 10, y), release=False)
        assert timeline.top == top
        carried = it.board.carrier.carry
        assert carried is not None
        assert carried.technician_id == found.technician_id
        await it.keys("escape")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_drag_that_ends_in_the_queue_leaves_the_job_there(
    world: BoardWorld, size: tuple[int, int]
) -> None:
    async with opened(world, size) as it:
        x, y = it.place_of("v4452")
        await it.drag((x, y), (x, y - 2), (x, y - 4), release=False)
        assert "stays in the queue" in it.says
        await it.pilot.mouse_up(offset=(x, y - 4))
        await it.settle()
        assert not it.carrying()
        assert await it.saved() == []
        assert it.visit("v4452").technician_ids == ()


async def test_a_visit_let_go_where_nothing_takes_it_stays(world: BoardWorld) -> None:
    async with opened(world) as it:
        board, timeline = it.board.board, it.board.timeline
        nowhere = [
            (board.region.x + 1, board.region.y + 10),
            (timeline.region.x + 40, timeline.region.y),
            (timeline.region.x + 40, timeline.region.y + 1),
            (60, 0),
        ]
        before = it.visit("v4440")
        for cell in nowhere:
            await it.drag(it.place_of("v4440"), (60, 20), cell, release=False)
            assert "stays where it is" in it.says
            assert board.ghost is None
            await it.pilot.mouse_up(offset=cell)
            await it.settle()
            assert not it.carrying()
            assert await it.saved() == []
            assert it.visit("v4440") == before
        # On the way to a column it is only passing.
        target = it.cell_of("t2", "15:00")
        await it.drag(it.place_of("v4440"), (60, 20), nowhere[0], target, release=False)
        assert "Ben Fischer" in it.says
        await it.keys("escape")


async def test_the_line_that_asks_for_a_second_enter_can_be_clicked(world: BoardWorld) -> None:
    async with opened(world) as it:
        x, y = it.cell_of("t1", "14:00")
        await it.drag(it.place_of("v4437"), (x, y - 1), (x, y))
        assert it.carrying()
        region = it.board.info_line.region
        await it.click((region.right - 10, region.y))
        assert not it.carrying()
        assert it.visit("v4437").technician_ids == ("t1",)
