"""The palette, the welcome, a terminal that is too small, and what is said after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.command import CommandPalette, DiscoveryHit, Hit

from fieldboard.board.acts import ACTS
from fieldboard.tui.crash import crash_text
from fieldboard.tui.dialogs.assign_picker import AssignPicker
from fieldboard.tui.keymap import Keymap
from fieldboard.tui.palette import MOST, ActsProvider
from fieldboard.tui.theme import Palette
from fieldboard.tui.too_small import TooSmall, too_small
from fieldboard.tui.welcome import WelcomeApp
from tests.snapshots.text_screen import check_screen, screen_text
from tests.tui.dialogs import scenes, world
from tests.tui.dialogs.stage import Stage, played, settle


class Board(App[None]):
    """Runs acts by remembering them."""

    COMMANDS = {ActsProvider}  # noqa: RUF012 - Textual's own shape

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self.keymap = keymap
        self.lacks: Mapping[str, str] = scenes.LACKS
        self.ran: list[str] = []

    def run_act(self, act_id: str) -> None:
        self.ran.append(act_id)


async def hits(app: Board, query: str) -> list[Hit | DiscoveryHit]:
    provider = ActsProvider(app.screen)
    found = provider.search(query) if query else provider.discover()
    return [hit async for hit in found]


async def test_the_palette_finds_acts_and_shows_their_keys() -> None:
    app = Board(Keymap({"assign": ("A",)}))
    async with app.run_test():
        first = (await hits(app, "assign"))[0]
        assert first.text == "Assign"
        assert " A" in str(first.prompt)
        first.command()
        assert app.ran == ["assign"]


async def test_the_palette_finds_an_act_by_its_key_and_by_what_it_does() -> None:
    app = Board(Keymap())
    async with app.run_test():
        assert "Sync now" in [hit.text for hit in await hits(app, "R")]
        assert "Unassign" in [hit.text for hit in await hits(app, "back to the queue")]


async def test_the_palette_dims_what_the_system_lacks_and_says_why() -> None:
    app = Board(Keymap())
    async with app.run_test():
        note = next(hit for hit in await hits(app, "note") if hit.text == "Note")
        assert note.help == "not here: FieldCamp keeps no notes that can be written"


@pytest.mark.parametrize("query", ["", "e", "a", "t"])
async def test_the_palette_gives_no_more_hits_than_are_read(query: str) -> None:
    app = Board(Keymap())
    async with app.run_test():
        assert 0 < len(await hits(app, query)) <= MOST < len(ACTS)


async def test_the_palette_opens_and_runs_an_act() -> None:
    app = Board(Keymap())
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(CommandPalette())
        await settle(pilot)
        await pilot.press(*"unassign")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.ran == ["unassign"]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], "demo"),
        (["j", "enter"], "init"),
        (["d"], "demo"),
        (["i"], "init"),
        (["q"], None),
        (["escape"], None),
    ],
)
async def test_the_welcome_offers_demo_and_set_up(keys: list[str], answer: str | None) -> None:
    app = WelcomeApp(Path("/home/kim/.config/fieldboard/config.toml"))
    async with played(app, (80, 24), keys):
        pass
    assert app.return_value == answer


async def test_the_welcome_fits_a_small_terminal() -> None:
    async with played(WelcomeApp(), (60, 16)) as pilot:
        text = screen_text(pilot.app)
        assert "Try the demo" in text
        assert "Set it up" in text
        assert "Enter takes it" in text


class Small(App[None]):
    """Nothing but the message."""

    def compose(self) -> ComposeResult:
        yield TooSmall()


@pytest.mark.parametrize("size", [(50, 12), (30, 5), (20, 2)])
async def test_a_terminal_that_is_too_small_says_so(size: tuple[int, int]) -> None:
    async with played(Small(), size) as pilot:
        check_screen(pilot.app, f"too-small-{size[0]}x{size[1]}")


def test_what_is_too_small() -> None:
    assert too_small(59, 24)
    assert too_small(80, 15)
    assert not too_small(80, 24)


def test_a_crash_says_that_edits_are_safe_and_where_the_log_is() -> None:
    text = crash_text(
        ValueError("bad \x1b[31mthing\nhere"), Path("/data/logs/board.log"), waiting=2, profile="north"
    )
    assert "Your edits are safe" in text
    assert "2 edits wait to be sent" in text
    assert "/data/logs/board.log" in text
    assert "--profile north" in text
    assert "\x1b" not in text
    assert "ValueError: bad [31mthing" in text


def test_a_crash_with_nothing_waiting() -> None:
    text = crash_text(RuntimeError(), Path("log"))
    assert "Nothing waits to be sent" in text
    assert "RuntimeError\n" in text


async def test_without_colour_the_selection_is_reversed() -> None:
    stage = Stage(AssignPicker(world.BOILER, world.ranked, world.ZONE, day=world.DAY))
    stage.palette = Palette(stage.spec, mono=True)
    async with played(stage, (80, 24)) as pilot:
        check_screen(pilot.app, "dialog-assign-mono")
        assert "reverse" in screen_text(pilot.app)
