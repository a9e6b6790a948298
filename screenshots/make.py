"""Draws the pictures of the README from the demo world, always the same ones.

Run it in a work tree with the development tools: `python screenshots/make.py [NAME …]`. The sandbox and
the sync run in this process, on Thursday 4 June 2026 at 10:42 in London.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import httpx

from fieldboard import roster as rosters
from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.rules import fieldcamp_rules
from fieldboard.backends.letsjobit import open_letsjobit
from fieldboard.backends.letsjobit.rules import letsjobit_rules
from fieldboard.backends.port import Backend
from fieldboard.board.desk import Desk
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.clock import FixedClock
from fieldboard.domain.instants import Zone
from fieldboard.domain.rules import SystemRules
from fieldboard.sandbox import fieldcamp, letsjobit
from fieldboard.sandbox.roster_file import roster_toml
from fieldboard.sandbox.world import (
    DEFAULT_DAYS,
    DEFAULT_JOBS,
    DEFAULT_SEED,
    DEFAULT_TECHNICIANS,
    build_world,
)
from fieldboard.sync.errand import sync_once
from fieldboard.sync.report import SyncSettings
from fieldboard.themes_file import load_themes
from fieldboard.tui.app import BoardApp
from fieldboard.tui.options import BoardOptions, FirstSight

HERE: Final = Path(__file__).resolve().parent
NOW: Final = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
ZONE: Final = Zone("Europe/London")
SYSTEM: Final = {"window_field": "Arrival window"}
TOKEN: Final = "screenshots"  # noqa: S105 - opens a server inside this process

Story = Callable[["Drawn"], Awaitable[None]]


class Drawn:
    """The board under a story: keys are pressed, and what they start is waited for."""

    def __init__(self, app: BoardApp, pilot: object) -> None:
        self.app, self._pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self._pilot.press(key)  # type: ignore[attr-defined]
            await self.rest()

    async def rest(self) -> None:
        """Wait until the desk's thread has answered everything and the screen is drawn."""
        for _ in range(400):
            await self._pilot.pause()  # type: ignore[attr-defined]
            if not self.app.thread.pending:
                break
            await asyncio.sleep(0.005)
        await self._pilot.pause()  # type: ignore[attr-defined]


async def day(board: Drawn) -> None:
    """The whole day, as it is when the board opens."""
    await board.rest()


async def assign(board: Drawn) -> None:
    """The most urgent job, and who could do it."""
    await board.press("a")


async def drag(board: Drawn) -> None:
    """A job of the queue carried to a technician and a time, with the preview of what that would do."""
    await board.press("j", "space", "right", "right", "down", "down")


async def details(board: Drawn) -> None:
    """Everything about one job."""
    await board.press("enter")


async def offline(board: Drawn) -> None:
    """Yesterday, reviewed without a line, with an edit that waits."""
    await board.press("a", "enter", "left_square_bracket")


async def order(board: Drawn) -> None:
    """A visit of the second technician moved one place earlier in the order of the day."""
    await board.press("tab", "right", *["down"] * 8, "<")


async def small(board: Drawn) -> None:
    """The board pane in a terminal of 80×24."""
    await board.press("tab")


@dataclass(frozen=True)
class Scene:
    """One picture: how large, in which theme, after which story."""

    story: Story
    columns: int = 172
    rows: int = 50
    theme: str = "dark"
    offline: bool = False
    in_order: bool = False
    """Whether LetsJobIt is shown, which keeps an order and no clock times."""


SCENES: Final = {
    "day": Scene(day),
    "assign": Scene(assign, 140, 44),
    "drag": Scene(drag, 140, 44),
    "offline": Scene(offline, 140, 44, offline=True),
    "details": Scene(details, 120, 40),
    "order": Scene(order, 140, 44, in_order=True),
    "light": Scene(day, 140, 44, theme="light"),
    "small": Scene(small, 80, 24),
}


async def sync(folder: Path, *, in_order: bool) -> rosters.Roster:
    """Fill a profile from the sandbox's world; its roster."""
    world = build_world(
        DEFAULT_SEED, DEFAULT_TECHNICIANS, DEFAULT_JOBS, DEFAULT_DAYS, NOW.date(), NOW, ZoneInfo(ZONE.name)
    )
    server = (letsjobit if in_order else fieldcamp).create_app(world, token=TOKEN, clock=lambda: NOW)
    told = roster_toml(world, server.state.technician_id) if in_order else roster_toml(world)
    (folder / "roster.toml").write_text(told, encoding="utf-8")
    roster = rosters.load(folder / "roster.toml")
    clock = FixedClock(NOW)
    files = ProfileFiles(folder / "profile")
    files.prepare()
    line = httpx.ASGITransport(server)

    def open_backend() -> Backend:
        if in_order:
            people = {one.id: one.name or one.id for one in roster.technicians if one.id}
            return open_letsjobit(
                "http://127.0.0.1", TOKEN, zone=ZONE, people=people, transport=line, clock=clock
            )
        return open_fieldcamp(
            "http://127.0.0.1",
            TOKEN,
            zone=ZONE,
            skill_names=roster.skill_names,
            system=SYSTEM,
            transport=line,
            clock=clock,
        )

    settings = SyncSettings("demo", 20, 30, 20)
    rules = rules_of(in_order=in_order)
    report = await sync_once(open_backend, files, rules, ZONE, clock, settings, full=True)
    if report.error is not None:
        raise RuntimeError(report.error)
    return roster


def rules_of(*, in_order: bool) -> SystemRules:
    """The rules of the system that is shown."""
    return letsjobit_rules() if in_order else fieldcamp_rules(SYSTEM)


async def draw(scene: Scene) -> str:
    """The picture of a scene as SVG, without links to foreign fonts."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        roster = await sync(folder, in_order=scene.in_order)
        clock = FixedClock(NOW.replace(second=4) if not scene.offline else NOW.replace(minute=58))
        rules = rules_of(in_order=scene.in_order)

        def open_desk() -> Desk:
            return Desk(Store(ProfileFiles(folder / "profile"), ZONE, clock), rules, roster, ZONE, clock)

        desk = open_desk()
        first = FirstSight(desk.day(desk.today()), desk.queue(), desk.state(), *desk.counts())
        desk.store.close()
        options = BoardOptions(
            profile="Northgate Heating",
            system=rules.title,
            zone=ZONE,
            rules=rules,
            themes=load_themes(folder / "config.toml")[0],
            clock=clock,
            theme=scene.theme,
            offline=scene.offline,
            ascii_only=False,
            mono=False,
            poll_s=0.02,
        )
        app = BoardApp(open_desk, options, first)
        async with app.run_test(size=(scene.columns, scene.rows)) as pilot:
            board = Drawn(app, pilot)
            await board.rest()
            await scene.story(board)
            await board.rest()
            return plain(app.export_screenshot(title="fieldboard"))


def plain(svg: str) -> str:
    """The picture with the reader's own monospace font: no link leaves it, and no id is by chance."""
    # Without it some viewers drop the spaces at the edges of a piece of text.
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")
    svg = re.sub(r"terminal-\d+-", "t-", svg)
    return re.sub(r"[ \t]+\n", "\n", svg)


async def main(names: list[str]) -> None:
    """Draw the named scenes, or all."""
    for name in names or SCENES:
        (HERE / f"{name}.svg").write_text(await draw(SCENES[name]), encoding="utf-8")
        sys.stdout.write(f"{name}.svg\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
