"""From roles to colours: what a span of a dialog looks like in the theme that holds now."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fieldboard.text import cell_width
from fieldboard.tui.dialogs.spans import Line, cut
from fieldboard.tui.glyphs import UNICODE, Glyphs, ascii_twins
from fieldboard.tui.theme import DEFAULT_THEME, Palette

if TYPE_CHECKING:
    from textual.app import App

_FLAGS: Final = frozenset({"bold", "dim", "italic", "strike", "underline"})
_EXTRA: Final = {"strike": Style(strike=True), "dim": Style(dim=True)}
_QUIET: Final = frozenset({"text", "muted", "faint", "border"})


def _luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class Ink:
    """The styles of one theme for spans. `ascii_only` draws our own marks with their ASCII twins."""

    def __init__(self, palette: Palette, *, ascii_only: bool = False) -> None:
        """Draw with the palette's meanings; one that it does not have is drawn as ordinary text."""
        self.palette = palette
        self.ascii_only = ascii_only
        self._styles: dict[tuple[str, str], Style] = {}

    def style(self, role: str, ground: str = "surface") -> Style:
        """The style of a role on a ground (a meaning of the palette)."""
        key = (role, ground)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._made(role, ground)
        return style

    def _made(self, role: str, ground: str) -> Style:
        parts = role.split()
        flags = [part for part in parts if part in _FLAGS]
        names = [part for part in parts if part not in _FLAGS]
        fore = names[0] if names and names[0] in self.palette.colours else "text"
        back = names[1] if len(names) > 1 and names[1] in self.palette.colours else ground
        if back == "cursor" and (fore in _QUIET or self._alike(fore, back)):
            # What would be too faint to read on the cursor's own colour takes the colour of its text.
            fore = "cursor_text"
        style = self.palette(
            fore, back, bold="bold" in flags, italic="italic" in flags, line="underline" in flags
        )
        for flag in flags:
            style += _EXTRA.get(flag, Style.null())
        return style

    def _alike(self, one: str, other: str) -> bool:
        """Whether two meanings contrast by less than 3:1 (WCAG 2.2, 1.4.11)."""
        lighter, darker = sorted((_luminance(self.palette.hex(one)), _luminance(self.palette.hex(other))))[
            ::-1
        ]
        return (lighter + 0.05) / (darker + 0.05) < 3

    def strip(self, line: Line, width: int, ground: str = "surface") -> Strip:
        """The line in exactly `width` cells."""
        segments: list[Segment] = []
        used = 0
        for text, role in cut(line, width):
            if text:
                shown = ascii_twins(text) if self.ascii_only else text
                style = self.style(role, ground)
                words = shown.lstrip(" ")
                if words and len(words) < len(shown):
                    # A run that begins with blanks is misplaced in exported pictures: they stand alone.
                    segments.append(Segment(" " * (len(shown) - len(words)), style))
                    shown = words
                segments.append(Segment(shown, style))
                used += cell_width(text)
        if used < width:
            segments.append(Segment(" " * (width - used), self.style("", ground)))
        return Strip(segments, width)


def ink_of(app: App[Any]) -> Ink:
    """The ink of the theme that the app shows now (its `palette`; without one the default theme)."""
    palette = getattr(app, "palette", None)
    if not isinstance(palette, Palette):
        palette = default_palette()
    return Ink(palette, ascii_only=glyphs_of(app).ascii_only)


def glyphs_of(app: App[Any]) -> Glyphs:
    """The marks that the app draws with."""
    glyphs = getattr(app, "glyphs", UNICODE)
    return glyphs if isinstance(glyphs, Glyphs) else UNICODE


@lru_cache(maxsize=2)
def default_palette(*, mono: bool = False) -> Palette:
    """The palette of the theme that holds where nothing else was chosen."""
    from fieldboard.paths import theme_files
    from fieldboard.themes_file import load_theme

    return Palette(next(load_theme(path) for path in theme_files() if path.stem == DEFAULT_THEME), mono=mono)
