"""An app with nothing but one dialog on it, and what was chosen in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from fieldboard.paths import theme_files
from fieldboard.themes_file import load_theme
from fieldboard.tui.glyphs import UNICODE, Glyphs
from fieldboard.tui.theme import Palette, textual_theme


class Stage(App[None]):
    """Shows the dialog at once; `answers` collects what it gives."""

    COMMAND_PALETTE_BINDING = "ctrl+backslash"

    def __init__(self, dialog: Screen[Any], theme: str = "dark", glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        spec = next(load_theme(path) for path in theme_files() if path.stem == theme)
        self.palette = Palette(spec)
        self.glyphs = glyphs
        self.spec = spec
        self.dialog = dialog
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        theme = textual_theme(self.spec)
        self.register_theme(theme)
        self.theme = theme.name
        self.animation_level = "none"
        self.push_screen(self.dialog, self.answers.append)


@asynccontextmanager
async def played(app: App[Any], size: tuple[int, int], keys: Sequence[str] = ()) -> AsyncIterator[Pilot[Any]]:
    """The app on a terminal of this size, after these keys and the work that they started."""
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until nothing is under way."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
