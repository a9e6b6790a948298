"""What a filter hides is not under the cursor, and that something is hidden can be read."""

from __future__ import annotations

import pytest

from fieldboard.domain.status import Status
from tests.tui.driver import opened
from tests.tui.world import BoardWorld


async def test_a_filter_of_the_columns_takes_the_cursor_to_the_nearest_that_shows(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.filter(columns="skill:plumbing")
        assert it.board.cursor.technician_id == "t4"
        assert it.selected is not None
        assert it.selected.technician_ids == ("t4",)
        assert "4440" not in it.says
        await it.do("unassign")
        assert [one.entity for one in await it.saved()] == [f"visit:{it.board.cursor.queue_id}"]
        assert it.visit("v4440").technician_ids == ("t1",)


async def test_where_no_column_passes_nothing_is_selected(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.filter(columns="skill:drains")
        assert it.selected is None
        await it.do("unassign")
        assert "no job is selected" in it.says
        assert await it.saved() == []


async def test_a_filter_of_the_queue_takes_the_cursor_to_a_row_that_shows(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4455")
        await it.filter(queue="prio:urgent")
        assert it.selected is not None
        assert it.selected.number in {"4471", "4468"}
        await it.filter(queue="nothing like it")
        assert it.selected is None


async def test_it_is_said_how_many_of_the_marked_the_filter_hides(world: BoardWorld) -> None:
    async with opened(world) as it:
        for visit_id in ("v4440", "v4471", "v4468"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        assert "3 marked  an act" in it.says
        await it.filter(queue="4471", columns="skill:plumbing")
        assert "3 marked, 2 hidden by the filter  an act" in it.says
        await it.filter()
        assert "3 marked  an act" in it.says


async def test_what_goes_to_a_hidden_technician_is_left_where_it_was(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.filter(columns="skill:boiler")
        await it.put_cursor_on("v4440")
        await it.command("assign 4440 dai 15:00")
        if it.board.saying.ask_again is not None:
            await it.keys("enter")
        assert it.visit("v4440").technician_ids == ("t4",)
        assert it.board.cursor.technician_id == "t1"
        assert it.selected is None


async def test_search_says_that_the_filter_hides_what_was_found(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.filter(columns="skill:plumbing")
        await it.do("search")
        await it.keys(*"4440", "enter")
        assert "4440 is hidden by the filter: f changes it" in it.says
        assert it.selected_id() != "v4440"


async def test_a_job_that_nobody_has_stays_in_the_queue_when_it_is_begun(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4471")
        await it.do("status")
        await it.keys("p")
        assert it.visit("v4471").status is Status.IN_PROGRESS
        assert it.selected_id() == "v4471"
        rows = [one.partition("│")[0] for one in it.lines()]
        assert any("4471" in one and "▶" in one for one in rows)
        await it.keys("G")
        await it.do("search")
        await it.keys(*"4471", "enter")
        assert it.selected_id() == "v4471"


async def test_search_says_why_no_pane_has_what_ended_and_nobody_had(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.command("status 4471 cancelled")
        assert it.board.view is not None
        assert it.board.view.position("v4471") is None
        await it.do("search")
        await it.keys(*"4471", "enter")
        assert "4471 is cancelled and has no technician" in it.says


async def test_broken_rules_are_walked_among_those_who_show(world: BoardWorld) -> None:
    async with opened(world) as it:
        assert it.board.day is not None
        shown: set[str] = set()
        await it.filter(columns="skill:plumbing")
        for _ in range(2 * len(it.board.day.breaking)):
            await it.do("next_conflict")
            assert it.selected is not None
            shown |= {*it.selected.technician_ids}
        assert shown == {"t4", "t8", "t12", "t16", "t20"} & shown
        assert shown
        await it.filter(columns="skill:drains")
        await it.do("next_conflict")
        assert "the filter hides whoever breaks a rule on this day: f changes it" in it.says


async def test_a_restart_with_a_filter_does_not_open_on_who_is_hidden(world: BoardWorld) -> None:
    place = {"pane": "board", "technician": "t1", "visit": "v4440", "day": None, "slot_minutes": 30,
             "filter": {"text": "", "columns": "skill:plumbing"}}  # fmt: skip
    async with opened(world, place=place) as it:
        assert it.board.cursor.technician_id == "t4"


async def test_the_title_of_the_timeline_says_what_the_columns_are_filtered_by(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.filter(columns="skill:boiler skill:electric")
        title = it.board.timeline.draw(0, 172).text
        assert "technicians · filter skill:boiler skill:electric · " in title
        short = it.board.timeline.draw(0, 68).text
        assert "filter skill:boiler … · " in short
        assert "visits" in short
        await it.keys("escape")
        assert "filter" not in it.board.timeline.draw(0, 172).text


@pytest.mark.parametrize("size", [(80, 24), (100, 24), (60, 16)])
async def test_on_the_board_alone_the_footer_says_it(world: BoardWorld, size: tuple[int, int]) -> None:
    async with opened(world, size) as it:
        await it.filter(columns="skill:boiler skill:electric")
        await it.keys("tab")
        assert it.pane == "board"
        assert "f filter skill:boiler …" in it.footer
        await it.keys("escape")
        assert "skill" not in it.footer


async def test_the_title_of_the_queue_shortens_the_filter_by_whole_conditions(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.filter(queue="prio:urgent skill:gas cust:okafor")
        queue = it.board.queue
        assert "filter prio:urgent skill:gas cust:okafor · Esc drops it" in queue.draw(0, 80).text
        assert "filter prio:urgent skill:gas …" in queue.draw(0, 54).text
        assert "filter prio:urgent …" in queue.draw(0, 38).text
        assert "filtered" in queue.draw(0, 28).text
