"""What a dispatcher does is no news to them: it shows at once, and the cursor is on it."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from fieldboard.domain.operation import Kind, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.view import temporary_id
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld, at


async def create(it: Driver, title: str, customer: str) -> None:
    """Type a new job into the form."""
    await it.do("create")
    await it.keys(*("space" if one == " " else one for one in title), "tab")
    await it.keys(*customer, "down", "enter", "ctrl+s")
    assert it.dialog == ""


async def test_a_created_job_shows_at_once_under_the_cursor(world: BoardWorld) -> None:
    async with opened(world) as it:
        await create(it, "Frozen pipe", "Nakamura")
        assert it.pane == "queue"
        assert it.selected is not None
        assert it.selected.title == "Frozen pipe"
        assert "Frozen pipe" in it.says
        assert "u takes it back" in it.says
        assert not it.board.view or not it.board.view.announced
        assert " new" not in it.board.queue.draw(0, 54).text


async def test_from_the_board_too_the_cursor_goes_to_the_created_job(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("create")
        await it.keys(*"Survey", "tab", *"Nakamura", "down", "enter")
        await it.keys("ctrl+s")
        while it.board.saying.ask_again is not None:
            await it.keys("enter")
        assert it.selected is not None
        assert it.selected.title == "Survey"


async def test_the_created_job_keeps_the_cursor_when_the_server_names_it(world: BoardWorld) -> None:
    async with opened(world) as it:
        await create(it, "Frozen pipe", "Nakamura")
        (op,) = await it.saved()
        desk = world.desk()
        outbox = desk.store.outbox
        job = world.job("4701", "Frozen pipe", "Nakamura", id="server-job")
        world.add(job, replace(world.waiting(job), id="server-visit", job_id="server-job"))
        fence = outbox.take_fence("test")
        outbox.claim(op.op_id, fence)
        outbox.map_id(temporary_id(op.op_id), Kind.JOB, "server-job")
        outbox.settle(op.op_id, fence, OpState.SENDING, OpState.ACKED)
        outbox.settle(op.op_id, fence, OpState.ACKED, OpState.CONFIRMED)
        desk.store.close()
        await it.settle()
        assert it.selected is not None
        assert it.selected.id == "server-visit"
        assert it.board.view is not None
        assert it.board.view.announced == ()


async def test_a_job_that_is_taken_back_into_the_queue_is_not_new(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("a", "enter")
        if it.dialog:
            await it.keys("enter")
        assert it.board.view is not None
        assert it.board.view.position("v4471") is None
        await it.do("undo")
        assert it.board.view.announced == ()
        assert it.selected is not None
        assert it.selected.id == "v4471"
        assert "new urgent" not in it.says
        assert "now in the queue" in it.says


async def test_w_brings_the_new_urgent_job_into_sight(world: BoardWorld) -> None:
    async with opened(world, (120, 30)) as it:
        await it.keys("G")
        chosen = it.selected
        job = world.job("4600", "Burst pipe", "Okonkwo", priority=Priority.URGENT)
        world.add(job, world.waiting(job))
        await it.settle()
        await it.keys("w")
        assert it.selected == chosen
        assert any("4600" in line for line in it.lines()[:-3])


async def test_a_new_job_starts_with_the_slot_under_the_cursor(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        free = at("16:45")
        it.board.move_to(replace(it.board.cursor, visit_id=None, at=free))
        await it.do("create")
        assert it.app.screen.query_one("#field-start", Input).value == "16:45"
        await it.keys("escape")
        await it.put_cursor_on("v4440")
        await it.do("create")
        assert it.app.screen.query_one("#field-start", Input).value == ""
