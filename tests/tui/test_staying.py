"""The cursor stays with the work: no other visit slips under it, and what is selected is in sight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldboard.domain.operation import OpState
from fieldboard.domain.status import Status
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld, at


def in_sight(it: Driver, visit_id: str) -> bool:
    """Whether a visit is drawn in the columns or in the queue."""
    try:
        it.place_of(visit_id)
    except AssertionError:
        return False
    return True


async def test_unassigning_twice_takes_one_visit(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign", "unassign")
        assert [one.entity for one in await it.saved()] == ["visit:v4440"]
        assert it.pane == "board"
        assert it.selected_id() is None
        assert it.board.cursor.technician_id == "t1"
        await it.do("undo")
        assert it.selected_id() == "v4440"


async def test_from_the_free_place_the_arrows_lead_to_its_neighbours(world: BoardWorld) -> None:
    for act, neighbour in (("up", "v4418"), ("down", "v4440")):
        async with opened(world) as it:
            await it.put_cursor_on("v4433")
            await it.do("unassign", act)
            assert it.selected is not None
            assert it.selected.id == neighbour
            await it.do("undo")


async def test_the_unassigned_job_is_the_one_chosen_in_the_queue(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        await it.keys("shift+tab")
        assert it.pane == "queue"
        assert it.selected is not None
        assert it.selected.id == "v4440"


async def test_undo_says_where_the_visit_went_and_that_redo_goes_back(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        assert "u takes it back" in it.says
        await it.do("undo")
        assert "now Amara Diallo 13:30–15:30" in it.says
        assert "U does it again" in it.says
        assert "takes it back" not in it.says
        await it.do("redo")
        assert "now in the queue" in it.says
        assert "u takes it back" in it.says


async def test_undo_again_goes_past_what_cannot_be_taken_back(world: BoardWorld) -> None:
    lifecycle = world.rules.visit_lifecycle
    moves = {Status.ASSIGNED: frozenset({Status.COMPLETED})}
    world.rules = replace(world.rules, visit_lifecycle=replace(lifecycle, moves=moves))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        await it.put_cursor_on("v4437")
        await it.command("status completed")
        (_, completed) = await it.saved()
        with world.looked_at() as desk:
            outbox = desk.store.outbox
            fence = outbox.take_fence("test")
            assert outbox.claim(completed.op_id, fence) is not None
            assert outbox.settle(completed.op_id, fence, OpState.SENDING, OpState.ACKED)
        await it.settle()
        await it.do("undo")
        assert "no way back from completed to open" in it.says
        assert "u again goes past it to 4440 back to the queue" in it.says
        assert it.visit("v4440").technician_ids == ()
        await it.do("undo")
        assert "taken back: 4440 back to the queue · 4437 completed stays" in it.says
        assert it.visit("v4440").technician_ids == ("t1",)


async def test_undo_brings_the_board_to_where_the_visit_is(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", *"quentin")
        while it.board.carrier.carry is not None:
            await it.keys("enter")
        assert it.visit("v4440").technician_ids == ("t17",)
        assert in_sight(it, "v4440")
        await it.do("undo")
        assert it.board.cursor.technician_id == "t1"
        assert in_sight(it, "v4440")
        await it.do("redo")
        assert it.board.cursor.technician_id == "t17"
        assert in_sight(it, "v4440")


@pytest.mark.parametrize("size", [(80, 24), (120, 30)])
async def test_a_restart_opens_with_the_selection_in_sight(world: BoardWorld, size: tuple[int, int]) -> None:
    place = {"pane": "board", "technician": "t1", "visit": "v4401", "day": None, "slot_minutes": 30}
    async with opened(world, size, place=place) as it:
        assert it.selected is not None
        assert it.selected.id == "v4401"
        assert it.selected.start == at("07:10")
        assert in_sight(it, "v4401")


async def test_escape_clears_what_was_typed_then_puts_back_and_scrolls_back(world: BoardWorld) -> None:
    async with opened(world, (120, 30)) as it:
        await it.put_cursor_on("v4440")
        before = it.board.board.first, it.board.board.top
        await it.keys("space", "0", "3")
        assert "03:00–05:00" in it.says
        assert it.board.board.top < before[1]
        assert "Esc clears what is typed" in it.footer
        await it.keys("escape")
        assert "13:30–15:30" in it.says
        assert it.carrying()
        await it.keys("escape")
        assert not it.carrying()
        assert (it.board.board.first, it.board.board.top) == before
        assert in_sight(it, "v4440")


async def test_escape_goes_back_to_the_day_from_which_it_was_carried(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "right_square_bracket", "escape")
        assert "today" in it.header
        assert it.selected is not None
        assert it.selected.id == "v4440"


async def test_a_status_that_is_taken_back_says_the_status_and_not_the_place(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("status")
        await it.keys("p")
        await it.do("undo")
        assert "taken back" in it.says
        assert "now assigned" in it.says


async def test_offline_what_was_never_sent_is_taken_back_without_a_word_of_sending(world: BoardWorld) -> None:
    async with opened(world, offline=True) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        assert "kept, sent when the line is back" in it.says
        await it.do("undo")
        assert "taken back" in it.says
        assert "sent when" not in it.says
