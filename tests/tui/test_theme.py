"""What a palette makes of a theme."""

from __future__ import annotations

import pytest

from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.status import Status
from fieldboard.themes_file import load_themes
from fieldboard.tui.glyphs import UNICODE
from fieldboard.tui.panes.look import Look, tint_of
from fieldboard.tui.theme import READ_FROM, Palette, contrast
from tests.tui.dialogs.world import BOILER
from tests.tui.driver import NO_FILE
from tests.tui.world import NOW

THEMES = load_themes(NO_FILE)[0]
WRITTEN = (
    *("text", "muted", "faint", "accent", "ok", "warn", "error", "info", "pending", "now", "late", "travel"),
    *("priority_urgent", "priority_high", "priority_normal", "priority_low"),
)


@pytest.mark.parametrize("theme", THEMES)
def test_everything_written_where_the_cursor_is_can_be_read(theme: str) -> None:
    palette = Palette(THEMES[theme])
    for meaning in WRITTEN:
        style = palette(meaning, "cursor")
        assert style.color is not None
        assert style.bgcolor is not None
        ratio = contrast(style.color.name, style.bgcolor.name)
        assert ratio >= READ_FROM, f"{meaning}: {ratio:.1f}"


def test_a_colour_that_can_be_read_there_stays() -> None:
    palette = Palette(THEMES["dark"])
    style = palette("warn", "cursor").color
    assert style is not None
    assert style.name == palette.hex("warn")


@pytest.mark.parametrize("theme", THEMES)
def test_names_on_blocks_and_what_is_faint_can_be_read(theme: str) -> None:
    palette = Palette(THEMES[theme])
    look = Look(palette, UNICODE, Zone("Europe/London"), instant_of(NOW))
    for status in Status:
        tint = tint_of(BOILER._replace(status=status, start=None, end=None, mark=""), look)
        assert contrast(palette.hex(tint.quiet), palette.hex(tint.ground)) >= READ_FROM, status
    for ground in ("surface", "background", "panel", "off_shift"):
        assert contrast(palette.hex("faint"), palette.hex(ground)) >= READ_FROM
