"""Whole scenes as pictures: what a colleague would see over the dispatcher's shoulder.

Each docstring says what one should see. The baselines are SVG files in `__snapshots__/test_scenes`; the
company is that of `tests.tui.world`, on Thursday 4 June 2026 at 10:42 in London.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fieldboard.tui.app import BoardApp
from tests.tui.driver import Driver, first_sight, options_for
from tests.tui.world import BoardWorld

Compare = Callable[..., bool]
Story = Callable[[Driver], Awaitable[None]]


class Scene:
    """Draws a board over a world, after a story, and compares the picture."""

    def __init__(self, world: BoardWorld, compare: Compare) -> None:
        self.world, self._compare = world, compare

    def __call__(self, size: tuple[int, int], story: Story | None = None, **options: Any) -> bool:
        """Whether the picture is the one that was kept."""
        world = self.world
        sight, open_desk = first_sight(world)
        app = BoardApp(open_desk, options_for(world, poll_s=30.0, **options), sight)

        async def play(pilot: Pilot[int]) -> None:
            driver = Driver(app, pilot, world)
            await driver.settle()
            if story is not None:
                await story(driver)
                await driver.settle()

        return self._compare(app, terminal_size=size, run_before=play)


@pytest.fixture
def scene(world: BoardWorld, snap_compare: Compare) -> Scene:
    return Scene(world, snap_compare)


@pytest.fixture
def nothing_yet(tmp_path: Path, snap_compare: Compare) -> Iterator[Scene]:
    """A profile whose system has never answered."""
    empty = BoardWorld(tmp_path / "empty", technicians=0, queue=0)
    empty.writer.set_state(last_ok=None, last_full_finished=None, error="the server cannot be reached")
    yield Scene(empty, snap_compare)
    empty.close()


def keys(*names: str) -> Story:
    """Press keys."""

    async def story(it: Driver) -> None:
        await it.keys(*names)

    return story


# The board at the promised sizes


def test_the_queue_fills_a_small_terminal(scene: Scene) -> None:
    """80×24: nine jobs, two lines each, the most urgent first and selected; "by 12:00" and "by 12:30" red;
    header with the day and live, one line about the selected job, the keys below."""
    assert scene((80, 24))


def test_the_board_fills_a_small_terminal(scene: Scene) -> None:
    """80×24: three or four technicians with their heads, the hours from the first visit, 4418 under way
    and 4415 running over in red, the line of now beside 10:42."""
    assert scene((80, 24), keys("tab"))


def test_the_timeline_fills_a_small_terminal(scene: Scene) -> None:
    """80×24: twenty technicians with a bar a visit, planned and below it actual, the now-line upright."""
    assert scene((80, 24), keys("tab", "tab"))


def test_three_panes_side_by_side(scene: Scene) -> None:
    """120×36: queue left, four columns, the timeline docked below with its n of N."""
    assert scene((120, 36))


def test_a_large_terminal(scene: Scene) -> None:
    """200×50: queue with skills and distances, eight columns, eight or more rows of the timeline; the
    overlap 4428/4431 side by side, 4415 over its end, travel between visits, the shift's end shaded."""
    assert scene((200, 50), keys("tab"))


# Themes


def test_light(scene: Scene) -> None:
    """The same on a light ground; done is green, late red, to come blue, each with a dark text."""
    assert scene((120, 36), keys("tab"), theme="light")


def test_high_contrast(scene: Scene) -> None:
    """Black ground, white text, edges in full colours; nothing that matters is grey."""
    assert scene((120, 36), keys("tab"), theme="high-contrast")


def test_colour_blind(scene: Scene) -> None:
    """Blue, orange and yellow in place of green and red; the glyphs say the same as the colours."""
    assert scene((120, 36), keys("tab"), theme="colour-blind")


def test_without_colour(scene: Scene) -> None:
    """No colour at all: the selection reversed, states told by their glyphs, late by `+25` and its words."""
    assert scene((120, 36), keys("tab"), mono=True)


# Planning


def test_the_assign_picker(scene: Scene) -> None:
    """4471 above; ranked technicians with time, drive, load and reasons, the unsuitable below; the best is
    selected and explained at the foot."""
    assert scene((100, 30), keys("a"))


def test_dragging_shows_where_it_would_land(scene: Scene) -> None:
    """4471 held by the mouse over Dai Evans: a dashed block with its times in his column, his head lit, the
    line says ASSIGN with name and time and what a release would break."""

    async def story(it: Driver) -> None:
        start = it.place_of("v4471")
        await it.drag(start, (start[0] + 20, start[1]), it.cell_of("t4", "11:00"), release=False)

    assert scene((140, 40), story)


def test_a_carried_visit_breaks_a_rule(scene: Scene) -> None:
    """4433 carried by keys over 4440: the dashed block is red, the line says MOVE and which visit it
    overlaps, and that Enter twice drops it; the footer names the keys of carrying."""

    async def story(it: Driver) -> None:
        await it.put_cursor_on("v4433")
        await it.keys("space", "j", "j", "j", "j")

    assert scene((120, 36), story)


def test_several_are_marked(scene: Scene) -> None:
    """Three rows of the queue with the mark of the marked; the line says 3 marked."""
    assert scene((80, 24), keys("v", "v", "v"))


def test_a_conflict_is_selected(scene: Scene) -> None:
    """`!` was pressed: the visit is selected on board and timeline, the line names the broken rule."""
    assert scene((120, 36), keys("!"))


# Reading


def test_the_details_of_a_job(scene: Scene) -> None:
    """4471 with customer, phone, site, promised window, skills, length, its visit; keys at the foot."""
    assert scene((100, 30), keys("enter"))


def test_a_past_day_reviewed_offline(scene: Scene) -> None:
    """Wednesday, yesterday: visits done with planned and actual times; the header says offline by choice
    and three hours old; no line of now."""
    scene.world.clock.advance(3 * 3600)
    assert scene((120, 36), keys("tab", "left_square_bracket"), offline=True)


def test_nothing_was_read_yet(nothing_yet: Scene) -> None:
    """An empty board that says what it waits for, and why."""
    assert nothing_yet((80, 24))


def test_the_first_sync_under_way(scene: Scene) -> None:
    """What has come so far, and in the header a bar with 1 200 of 4 000 jobs."""
    scene.world.writer.set_state(
        progress_done=1200, progress_total=4000, progress_says="jobs", last_ok=None, last_full_finished=None
    )
    assert scene((120, 30))


# Finding acts


def test_the_help(scene: Scene) -> None:
    """Acts by group with the keys that hold now, a line to search in, n of N."""
    assert scene((80, 24), keys("?"))


def test_the_palette(scene: Scene) -> None:
    """`undo` typed; the acts that match, with their keys and what they do."""

    async def story(it: Driver) -> None:
        await it.keys("ctrl+p")
        it.app.screen.query_one(Input).cursor_blink = False
        await it.keys(*"undo")
        await it.app.workers.wait_for_complete()

    assert scene((80, 24), story)


def test_the_command_line_completes(scene: Scene) -> None:
    """`assign 4471 da` typed over the footer, Dai Evans offered above it."""
    assert scene((80, 24), keys("colon", *"assign", "space", *"4471", "space", *"da"))
