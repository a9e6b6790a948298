"""What is sent to the terminal: the cells that changed, all of them, and little else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

from fieldboard.tui.app import BoardApp
from fieldboard.tui.arrangement import Pane
from fieldboard.tui.frame import Patches, written
from fieldboard.tui.lines import LineField
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld

Cell = tuple[str, Style | None]


def cells_of(strip: Strip) -> list[Cell]:
    """Character by character; the worlds here have none of two cells."""
    return [(character, segment.style) for segment in strip for character in segment.text]


class Glass:
    """A terminal as the frames have left it; `sent` counts the cells that they wrote."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.sent = self.frames = 0

    def take(self, update: object) -> None:
        if update is None:
            return
        self.frames += 1
        if not isinstance(update, Patches):
            # A dialog has drawn over it.
            self.cells.clear()
            return
        for x, y, strip in update.runs:
            self.sent += strip.cell_length
            self.cells.update({(x + at, y): cell for at, cell in enumerate(cells_of(strip))})

    def stale(self, it: Driver) -> list[tuple[int, int]]:
        """The cells that would look otherwise if everything were drawn anew."""
        shown = dict(self.cells)
        it.board.set_look(replace(it.board.look), repaint=True)
        it.board.show_cursor(reveal=False)
        strips = it.board._compositor.render_strips(it.app.size)
        return [
            (x, y)
            for y, strip in enumerate(strips)
            for x, cell in enumerate(cells_of(strip))
            if shown.get((x, y)) != cell
        ]

    def differs(self, it: Driver) -> list[tuple[int, int]]:
        """The cells that do not show what they should."""
        strips = it.board._compositor.render_strips(it.app.size)
        return [
            (x, y)
            for y, strip in enumerate(strips)
            for x, cell in enumerate(cells_of(strip))
            if self.cells.get((x, y)) != cell
        ]


@pytest.fixture
def glass(monkeypatch: pytest.MonkeyPatch) -> Glass:
    glass = Glass()
    monkeypatch.setattr(BoardApp, "_display", lambda _app, _screen, update: glass.take(update))
    return glass


@pytest.mark.parametrize("size", [(172, 50), (80, 24)])
async def test_what_is_sent_adds_up_to_the_screen(
    world: BoardWorld, glass: Glass, size: tuple[int, int]
) -> None:
    async with opened(world, size) as it:
        assert not glass.differs(it)
        for keys in ("jjk", "lljh", "\t", "lj", "+", "]", "[", "z", "z", "v", "-", " jl"):
            await it.keys(*({"\t": "tab", " ": "space"}.get(key, key) for key in keys))
            assert not glass.differs(it), keys
        await it.keys("escape", "question_mark")
        assert it.dialog
        await it.keys("escape")
        await it.app.thread.fetch(lambda _: None)
        await it.settle()
        assert not glass.differs(it)


async def test_a_change_from_outside_and_a_drag_add_up_too(world: BoardWorld, glass: Glass) -> None:
    async with opened(world) as it:
        begin = it.place_of("v4433")
        await it.drag(begin, (begin[0] + 20, begin[1] + 2), (begin[0] + 22, begin[1] + 4), release=False)
        assert it.carrying()
        assert not glass.differs(it)
        await it.pilot.resize_terminal(140, 40)
        await it.settle()
        assert not glass.differs(it)


@pytest.mark.parametrize("zooms", [0, 1, 2])
async def test_each_minute_makes_every_late_visit_later(world: BoardWorld, glass: Glass, zooms: int) -> None:
    async with opened(world, (100, 30)) as it:
        await it.keys("tab", "tab", *["-"] * zooms)
        for _ in range(8):
            world.clock.advance(60)
            it.board.tick()
            await it.settle()
            assert not glass.stale(it)


async def test_a_visit_of_a_crew_is_marked_and_unmarked_with_all_of_them(
    world: BoardWorld, glass: Glass
) -> None:
    async with opened(world) as it:
        for visit_id in ("v4434", "v4433", "v4434"):
            await it.put_cursor_on(visit_id)
            assert not glass.stale(it), visit_id
        await it.keys("j")
        assert not glass.stale(it)


async def test_whoever_it_is_carried_over_stays_lit_while_the_world_moves(
    world: BoardWorld, glass: Glass
) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        await it.keys("space", "l")
        world.add(world.job("4999", "Tap drips", "Osei"))
        await it.app.thread.fetch(lambda _: None)
        it.board.following.after_change()
        await it.settle()
        assert (it.board.board.lit, it.board.timeline.lit) == ("t2", "t2")
        # Nor is the board scrolled away from there for another size.
        await it.keys(*"llllll")
        await it.pilot.resize_terminal(100, 40)
        await it.settle()
        assert it.board.board.lit == "t8"
        at = it.board.board.place_of("t8")
        assert at is not None
        assert 0 <= at - it.board.board.first < it.board.board.shown
        assert not glass.stale(it)


async def test_a_click_while_something_is_carried_on_another_day_leaves_one_active_pane(
    world: BoardWorld,
) -> None:
    async with opened(world) as it:
        place = it.place_of("v4440")
        await it.keys("space", "]")
        assert it.carrying()
        await it.click(place)
        assert not it.carrying()
        panes: tuple[Pane, ...] = ("queue", "board", "timeline")
        assert [one for one in panes if it.board.pane_widget(one).active] == [it.pane]


async def test_a_step_sends_what_it_changes(world: BoardWorld, glass: Glass) -> None:
    async with opened(world) as it:
        width = it.app.size.width
        queue = it.board.queue.size.width
        before = glass.sent
        await it.keys("j")
        # The two lines of two rows, and the line about the one under the cursor.
        assert glass.sent - before <= 4 * queue + width
        await it.put_cursor_on("v4433")
        before, frames = glass.sent, glass.frames
        await it.keys("j")
        assert glass.frames == frames + 1
        column = it.board.board.widths[0]
        assert glass.sent - before <= 12 * column + 2 * width


@pytest.mark.parametrize("keys", [("l", "+"), ("l", "+", "-"), ("l", "tab", "z")])
async def test_another_layout_is_one_frame(
    world: BoardWorld, glass: Glass, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    laid_out: list[Screen[Any]] = []
    lay_out = Screen._refresh_layout

    def counted(screen: Screen[Any], size: Size | None = None, scroll: bool = False) -> None:
        laid_out.append(screen)
        lay_out(screen, size, scroll)

    async with opened(world, (200, 50)) as it:
        await it.keys(*keys[:-1])
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        frames = glass.frames
        await it.keys(keys[-1])
        # Neither what changed in the old layout, nor the new one once more for the fields' new size.
        assert len(laid_out) == glass.frames - frames == 1
        assert not glass.differs(it)


async def test_only_the_fields_that_changed_are_asked(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[LineField] = []
    render = LineField.render_lines

    def counted(field: LineField, crop: Any) -> list[Strip]:
        asked.append(field)
        return render(field, crop)

    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        monkeypatch.setattr(LineField, "render_lines", counted)
        await it.keys("j")
        # One column, the timeline and the line about the visit, each once for all its lines.
        assert len(asked) == len({*asked})
        assert len(asked) <= 3


async def test_a_mouse_that_moves_over_the_board_is_nobodys_hover(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    over: list[object] = []
    monkeypatch.setattr(BoardApp, "_set_mouse_over", lambda _app, widget, _hover: over.append(widget))
    async with opened(world) as it:
        begin = it.place_of("v4433")
        await it.drag(begin, (begin[0] + 20, begin[1] + 2), (begin[0] + 24, begin[1] + 3))
        assert over == []


STYLES = st.builds(
    Style,
    color=st.none() | st.sampled_from(["#102030", "#405060", "red", "bright_blue", "color(200)"]),
    bgcolor=st.none() | st.sampled_from(["#102030", "#aabbcc", "green", "bright_black", "color(17)"]),
    bold=st.booleans(),
    dim=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
)


@given(st.lists(st.tuples(st.none() | STYLES, st.text("ab ", min_size=1, max_size=3)), max_size=8))
def test_a_line_looks_as_it_would_with_every_style_said_in_full(
    runs: list[tuple[Style | None, str]],
) -> None:
    def seen(text: str) -> list[Any]:
        screen = pyte.Screen(30, 1)
        pyte.Stream(screen).feed(text + "after")
        return [screen.buffer[0][x] for x in range(30)]

    segments = [Segment(text, style) for style, text in runs]
    console = Console(color_system="truecolor", force_terminal=True)
    assert seen(written(Strip(segments), ColorSystem.TRUECOLOR)) == seen(Strip(segments).render(console))


def test_a_colour_that_stays_is_not_said_twice() -> None:
    line = Strip(
        [
            Segment("a", Style(color="#010203", bgcolor="#0a0b0c")),
            Segment("b", Style(color="#040506", bgcolor="#0a0b0c", bold=True)),
            Segment("c", Style(color="#040506", bgcolor="#0a0b0c")),
        ]
    )
    assert written(line, ColorSystem.TRUECOLOR) == (
        "\x1b[38;2;1;2;3;48;2;10;11;12ma\x1b[1;38;2;4;5;6mb\x1b[0;38;2;4;5;6;48;2;10;11;12mc\x1b[0m"
    )


async def test_a_frame_is_handed_over_as_one_text(world: BoardWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(world) as it:
        written: list[str] = []
        monkeypatch.setattr(it.app._driver, "write", written.append)
        monkeypatch.setattr(BoardApp, "is_headless", False)
        it.app._sync_available = True
        await it.keys("j")
        (frame,) = written
        assert frame.startswith("\x1b[?2026h\x1b[")
        assert frame.endswith("\x1b[?2026l")


async def test_a_picture_shows_the_board(world: BoardWorld) -> None:
    async with opened(world, (120, 36)) as it:
        assert "TIMELINE" in it.app.export_screenshot()
