"""Draws a full board of what came through, and looks at every segment of it."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.strip import Strip

from fieldboard.board.desk import Desk
from fieldboard.cache.store import Store
from fieldboard.roster import Roster
from fieldboard.themes_file import load_themes
from fieldboard.tui.app import BoardApp
from fieldboard.tui.desk_messages import Fresh
from fieldboard.tui.options import BoardOptions, FirstSight
from tests.fuzz.bodies import DAY
from tests.fuzz.mutation import EVIL
from tests.fuzz.office import ZONE, Harmful, Office
from tests.tui.driver import NO_FILE

SIZE: Final = (172, 50)
SIZES: Final = (SIZE, (80, 24), (121, 37))

_UNDRAWN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EVIL: Final = Color.parse(EVIL)


class Frames:
    """A running board, headless, that is handed days and queues and is then looked at."""

    def __init__(self, app: BoardApp, office: Office) -> None:
        self._app, self._office = app, office
        self.drawn = self.segments = 0

    def draw(self) -> list[Strip]:
        """Draw all there is now, and look at it. Raises Harmful."""
        desk, board = self._office.desk, self._app.board
        pending, undecided = desk.counts()
        state = desk.state()
        fresh = Fresh(desk.day(DAY), frozenset(), desk.queue(), (), True, state, pending, undecided)
        board.showing.take(fresh)
        strips = self._strips()
        self.drawn += 1
        self.segments += look_at(strips, self._app.size.width)
        return strips

    def _strips(self) -> list[Strip]:
        screen = self._app.screen
        return list(screen._compositor.render_strips(self._app.size))

    @property
    def text(self) -> str:
        """The characters of the last frame."""
        return "\n".join(strip.text for strip in self._strips())


@asynccontextmanager
async def frames_over(office: Office, size: tuple[int, int] = SIZE) -> AsyncIterator[Frames]:
    """A board over an office."""
    themes, _ = load_themes(NO_FILE)
    options = BoardOptions(
        profile="Northgate",
        system="FieldCamp",
        zone=ZONE,
        rules=office.rules,
        themes=themes,
        clock=office.clock,
        ascii_only=False,
        mono=False,
        poll_s=3600.0,
    )

    def open_desk() -> Desk:
        return Desk(Store(office.files, ZONE, office.clock), office.rules, Roster(), ZONE, office.clock)

    desk = office.desk
    first = FirstSight(desk.day(DAY), desk.queue(), desk.state(), *desk.counts())
    app = BoardApp(open_desk, options, first)
    async with app.run_test(size=size) as pilot:
        await app.thread.fetch(lambda _: None)
        await pilot.pause()
        yield Frames(app, office)


def look_at(strips: list[Strip], width: int) -> int:
    """Raise Harmful for a line of another width, a character that acts, or an effect of markup."""
    segments = 0
    for y, strip in enumerate(strips):
        cells = 0
        for text, style, control in strip:
            segments += 1
            if control:
                raise Harmful(f"a control segment in line {y}: {control!r}")
            cells += cell_len(text)
            if not (text.isascii() and text.isprintable()):
                bad = [one for one in text if unicodedata.category(one) in _UNDRAWN]
                if bad:
                    raise Harmful(f"{bad!r} is drawn in line {y}: {text!r}")
            if style is not None:
                _no_effect(style, y, text)
        if cells != width or strip.cell_length != width:
            found = f"{cells} ({strip.cell_length})"
            raise Harmful(f"line {y} is {found} cells wide, not {width}: {strip.text!r}")
    return segments


def _no_effect(style: Style, y: int, text: str) -> None:
    if style.link or "@click" in style.meta:
        raise Harmful(f"line {y} has a link or an act in it: {text!r}")
    if _EVIL.triplet in (_triplet(style.color), _triplet(style.bgcolor)):
        raise Harmful(f"line {y} has a colour that only markup asked for: {text!r}")


def _triplet(color: Color | None) -> object:
    return color.triplet if color is not None else None
