"""Drives the board as a dispatcher would: in acts and gestures, not in keys and cells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from fieldboard.board.desk import Desk
from fieldboard.domain.operation import Operation
from fieldboard.domain.visit import PlannedVisit
from fieldboard.themes_file import load_themes
from fieldboard.tui.app import BoardApp
from fieldboard.tui.board_screen import BoardScreen
from fieldboard.tui.lines import LineField
from fieldboard.tui.options import BoardOptions, FirstSight
from tests.tui.world import DAY, ZONE, BoardWorld

NO_FILE = Path("no-such-folder/config.toml")


def options_for(world: BoardWorld, **given: Any) -> BoardOptions:
    """What a board over the world is told; anything may be given otherwise."""
    themes, _ = load_themes(NO_FILE)
    values: dict[str, Any] = {
        "profile": "Northgate Heating",
        "system": "FieldCamp",
        "zone": ZONE,
        "rules": world.rules,
        "themes": themes,
        "clock": world.clock,
        "ascii_only": False,
        "mono": False,
    }
    return BoardOptions(**{**values, **given})


def first_sight(world: BoardWorld) -> tuple[FirstSight, Callable[[], Desk]]:
    """What the command line reads before the board starts, and a desk that goes on with it."""
    before = world.desk()
    stamp = before.stamp()
    sight = FirstSight(before.day(DAY), before.queue(), before.state(), *before.counts())
    who = before.people.who()
    before.store.close()

    def open_desk() -> Desk:
        desk = world.desk()
        desk.take_over(sight.day, sight.queue, stamp, who)
        return desk

    return sight, open_desk


class Driver:
    """A running board, and what can be done and seen on it."""

    def __init__(self, app: BoardApp, pilot: Pilot[int], world: BoardWorld) -> None:
        self.app, self.pilot, self.world = app, pilot, world

    @property
    def board(self) -> BoardScreen:
        return self.app.board

    # Doing

    async def settle(self) -> None:
        """Wait until everything that was asked of the desk is done and on the screen."""
        for _ in range(3):
            # A board that was left answers no more: a story that waits for it is wrong, not endless.
            async with asyncio.timeout(60):
                await self.app.thread.fetch(lambda _: None)
            await self.pilot.pause()
            await self.until_true(lambda: not self.app.typed_ahead.stands)

    async def until_true(self, happens: Callable[[], bool]) -> None:
        """Wait until something is so that is on its way."""
        async with asyncio.timeout(60):
            while not happens():  # noqa: ASYNC110 - the board has no event for tests alone
                await asyncio.sleep(0.001)

    async def until(self, happens: Callable[[], bool]) -> None:
        """Wait until something is so that a timer of the board brings about."""
        async with asyncio.timeout(60):
            while not happens():
                await self.pilot.pause(0.005)
        await self.settle()

    async def keys(self, *keys: str) -> None:
        """Press keys, as Textual names them."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def do(self, *acts: str) -> None:
        """Do acts by their keys."""
        for act in acts:
            key = self.app.keymap.keys_of(act)[0]
            await self.keys(*(key if len(key) == 2 and "+" not in key else (key,)))

    async def put_cursor_on(self, visit_id: str) -> None:
        """Put the cursor on a visit of the shown day or of the queue."""
        visit = self.board.visit(visit_id)
        assert visit is not None, f"{visit_id} is not on the screen"
        self.board.following.go_to(visit)
        await self.settle()

    async def command(self, line: str) -> None:
        """Type a command on the `:` line."""
        await self.do("command_line")
        await self.keys(*_typed(line), "enter")

    async def paste(self, text: str) -> None:
        """Paste text into what has the focus, as a terminal with bracketed paste does."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def burst(self, *keys: str) -> None:
        """Press keys faster than any of them is drawn."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await self.settle()

    async def filter(self, queue: str = "", columns: str = "") -> None:
        """Type into both lines of the filter, and take it."""
        await self.do("filter")
        await self.keys("end", "ctrl+u", *_typed(queue), "shift+tab", "end", "ctrl+u", *_typed(columns))
        await self.keys("enter")

    # The mouse

    def place_of(self, visit_id: str) -> tuple[int, int]:
        """A cell of the screen on which a visit's block (or queue row) is drawn."""
        board = self.board
        for y in range(self.app.size.height):
            for x in range(self.app.size.width):
                found = board.gestures.under(x, y)
                if found is not None and found.visit is not None and found.visit.id == visit_id:
                    return x + 3, y
        raise AssertionError(f"{visit_id} is not in sight")

    def cell_of(self, technician_id: str, time: str) -> tuple[int, int]:
        """A cell of the board at a technician's time."""
        board = self.board
        hour, minute = time.split(":")
        for y in range(self.app.size.height):
            for x in range(self.app.size.width):
                found = board.gestures.under(x, y)
                if found is None or found.pane != "board" or found.technician_id != technician_id:
                    continue
                if found.instant is not None and ZONE.clock_text(found.instant) == f"{hour}:{minute}":
                    return x + 4, y
        raise AssertionError(f"{technician_id} at {time} is not in sight")

    async def drag(self, start: tuple[int, int], *way: tuple[int, int], release: bool = True) -> None:
        """Press at a cell, move over others, let go at the last."""
        await self.pilot.mouse_down(offset=start)
        for x, y in way:
            await self.pilot.hover(offset=(x, y))
            await self.settle()
        if release:
            await self.pilot.mouse_up(offset=way[-1])
            await self.settle()

    async def click(self, cell: tuple[int, int], times: int = 1) -> None:
        """Click at a cell."""
        await self.pilot.click(offset=cell, times=times)
        await self.settle()

    # Seeing

    def lines(self) -> list[str]:
        """The characters on the screen."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return [strip.text for strip in strips]

    @property
    def says(self) -> str:
        """What the two lines above the footer say."""
        return self.board.info_line.draw(0, 400).text + " | " + self.board.happened_line.draw(0, 400).text

    @property
    def header(self) -> str:
        return self.board.header.draw(0, self.app.size.width).text

    @property
    def footer(self) -> str:
        return self.board.footer.draw(0, self.app.size.width).text

    def carrying(self) -> bool:
        """Whether something is carried now."""
        return self.board.carrier.carry is not None

    def selected_id(self) -> str | None:
        """The visit under the cursor."""
        return self.selected.id if self.selected is not None else None

    @property
    def selected(self) -> PlannedVisit | None:
        return self.board.visit()

    @property
    def pane(self) -> str:
        """The pane in which the cursor is."""
        return self.board.cursor.pane

    def visit(self, visit_id: str) -> PlannedVisit:
        """A visit as it is shown now."""
        visit = self.board.visit(visit_id)
        assert visit is not None
        return visit

    async def saved(self) -> list[Operation]:
        """Every edit in the outbox."""
        return await self.app.thread.fetch(lambda desk: desk.operations())

    @property
    def dialog(self) -> str:
        """The name of the dialog on top; empty where there is none."""
        screen = self.app.screen
        return "" if screen is self.board else type(screen).__name__

    def drawn(self) -> int:
        """Lines drawn since the start, on all panes."""
        return sum(field.drawn for field in self.board.query(LineField))


def _typed(text: str) -> list[str]:
    return ["space" if one == " " else one for one in text]


@asynccontextmanager
async def opened(
    world: BoardWorld, size: tuple[int, int] = (172, 50), *, first: bool = True, **given: Any
) -> AsyncIterator[Driver]:
    """A board over the world, painted and at rest."""
    sight, open_desk = first_sight(world) if first else (None, world.desk)
    app = BoardApp(open_desk, options_for(world, poll_s=30.0, **given), sight)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot, world)
        await driver.settle()
        yield driver
