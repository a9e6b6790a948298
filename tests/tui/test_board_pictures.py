"""What the board looks like, as text, at the sizes that are promised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft, OpState
from fieldboard.domain.status import Status
from fieldboard.text import cell_width
from tests.snapshots.text_screen import check_screen
from tests.tui.driver import opened
from tests.tui.world import BoardWorld, at, keep_by_order

SIZES = [(80, 24), (120, 36), (200, 50)]
STATES = {
    "queue": (),
    "board": ("tab",),
    "timeline": ("tab", "tab"),
    "timeline-full": ("tab", "tab", "z"),
    "carry": ("tab", "j", "space", "l", "j"),
    "fine": ("tab", "plus"),
    "past": ("tab", "left_square_bracket"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_the_board_looks_so(world: BoardWorld, state: str, size: tuple[int, int]) -> None:
    async with opened(world, size) as it:
        await it.keys(*STATES[state])
        check_screen(it.app, f"board-{state}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
async def test_in_other_themes(world: BoardWorld, theme: str) -> None:
    async with opened(world, (120, 36), theme=theme) as it:
        check_screen(it.app, f"board-{theme}")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_day_that_is_kept_as_an_order(world: BoardWorld, size: tuple[int, int]) -> None:
    """Saturday: three visits of Ben Fischer one after the other, each with `~` before its times."""
    keep_by_order(world)
    async with opened(world, size) as it:
        await it.do("next_day", "next_day")
        await it.put_cursor_on("r2")
        assert "~" in it.says
        check_screen(it.app, f"board-ordered-{size[0]}x{size[1]}")


async def test_without_colour_and_in_ascii(world: BoardWorld) -> None:
    async with opened(world, (120, 36), mono=True, ascii_only=True) as it:
        await it.keys("tab")
        check_screen(it.app, "board-mono-ascii")
        for strip in it.app.screen._compositor.render_strips(it.app.size):
            for segment in strip:
                assert segment.style is None or segment.style.color is None


async def test_offline_says_how_old_it_is(world: BoardWorld) -> None:
    world.clock.advance(3 * 3600)
    async with opened(world, (120, 36), offline=True) as it:
        assert "offline by choice 3 h old" in it.header or "offline" in it.header
        await it.put_cursor_on("v4433")
        await it.do("unassign")
        assert "kept, sent when the line is back" in it.says
        check_screen(it.app, "board-offline")


async def test_an_empty_cache_says_what_it_waits_for(tmp_path: Path) -> None:
    world = BoardWorld(tmp_path / "empty", technicians=0, queue=0)
    world.writer.set_state(last_ok=None, last_full_finished=None, error="the server cannot be reached")
    async with opened(world, (120, 36)) as it:
        text = "\n".join(it.lines())
        assert "Waiting for FieldCamp: the server cannot be reached" in text
        check_screen(it.app, "board-empty")
    world.close()


async def test_a_first_sync_shows_how_far_it_is(world: BoardWorld) -> None:
    world.writer.set_state(progress_done=1200, progress_total=4000, progress_says="jobs", last_ok=None)
    async with opened(world) as it:
        assert "1 200 of 4 000" in it.header


async def test_hostile_text_stays_in_its_cells(world: BoardWorld) -> None:
    texts = (
        "\x1b[31mred\x1b[0m",
        "[bold]no[/bold]",
        "\u202eevil",
        "漢字カナ" * 20,
        "👩‍👩‍👧‍👦" * 9,
        "e\u0301" * 50,
        "x" * 9000,
    )
    for number, text in enumerate(texts):
        job = world.job(str(4700 + number), text, text, address=text)
        world.add(
            job,
            world.visit(job.number or "", ("t1",), f"{8 + number}:00", f"{9 + number}:30", Status.ASSIGNED),
        )
    for size in SIZES:
        async with opened(world, size) as it:
            for keys in (("tab",), ("j",), ("tab",), ("z",)):
                await it.keys(*keys)
                for line in it.lines():
                    assert cell_width(line) == size[0]
                    assert "\x1b" not in line
                    assert "\u202e" not in line


async def test_a_refused_edit_is_marked_and_can_be_sent_again(world: BoardWorld) -> None:
    desk = world.desk()
    (op,) = desk.store.outbox.add_all(
        [
            OperationDraft(
                Intent.UNASSIGN,
                "visit:v4433",
                (Change(Kind.VISIT, "v4433", "technicians", ["t1"], []),),
                "4433 back",
            )
        ]
    )
    fence = desk.store.outbox.take_fence("test")
    desk.store.outbox.claim(op.op_id, fence)
    desk.store.outbox.settle(op.op_id, fence, OpState.SENDING, OpState.REJECTED, reason="not allowed")
    desk.store.close()
    async with opened(world) as it:
        assert "⚑ 1 to decide" in it.header
        await it.put_cursor_on("v4433")
        assert "refused by the system" in it.says
        await it.command("retry")
        again = [one for one in await it.saved() if one.state is OpState.QUEUED]
        assert [one.entity for one in again] == ["visit:v4433"]


async def test_the_place_is_remembered(world: BoardWorld) -> None:
    kept: dict[str, object] = {}
    async with opened(world, remember=kept.update) as it:
        await it.put_cursor_on("v4441")
        await it.keys("tab", "minus")
        await it.command("sort age")
        it.board.remembering.now()
        await it.settle()
    assert json.loads(json.dumps(kept)) == kept
    async with opened(world, place=kept) as it:
        assert it.pane == "timeline"
        assert it.selected is not None
        assert it.selected.id == "v4441"
        assert it.board.timeline.hours == 24
        assert it.board.view is not None
        assert it.board.view.board.order.value == "age"


async def test_without_a_first_sight_the_board_reads_for_itself(world: BoardWorld) -> None:
    async with opened(world, first=False) as it:
        assert it.selected is not None
        assert it.selected.number == "4471"
        assert it.board.board.shown


async def test_the_minute_moves_the_line_of_now(world: BoardWorld) -> None:
    async with opened(world) as it:
        world.clock.advance(30 * 60)
        it.board.tick()
        await it.settle()
        assert any("11:12" in line for line in it.lines()[1:])
        assert it.visit("v4418").end == at("11:00")
        assert any("runs 12 min over" in line for line in it.lines())
