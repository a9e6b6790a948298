"""From a theme file's meanings to Textual's theme and to the styles that the panes draw with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rich.color import Color
from rich.style import Style

from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.themes_file import STATUSES, ThemeSpec

if TYPE_CHECKING:
    from textual.theme import Theme

DEFAULT_THEME: Final = "dark"

_LIKE: Final = {Status.SKIPPED: "cancelled", Status.DECLINED: "cancelled"}

# Without colour, what stands out is bold, what stands back is dim, and where the cursor is, is reversed.
_MONO_BOLD: Final = frozenset({"accent", "cursor_text", "now", "error", "late", "priority_urgent", "ghost"})
_MONO_DIM: Final = frozenset({"muted", "faint", "travel", "border", "off_shift"})
_MONO_REVERSE: Final = frozenset({"cursor"})
_MONO_UNDERLINE: Final = frozenset({"selection"})


@lru_cache(maxsize=2048)
def _style(
    fg: str | None, bg: str | None, *, bold: bool, dim: bool, italic: bool, underline: bool, reverse: bool
) -> Style:
    return Style(
        color=Color.parse(fg) if fg else None,
        bgcolor=Color.parse(bg) if bg else None,
        bold=bold or None,
        dim=dim or None,
        italic=italic or None,
        underline=underline or None,
        reverse=reverse or None,
    )


@lru_cache(maxsize=1024)
def blend(one: str, other: str, share: float) -> str:
    """The colour `share` of the way from `one` to `other` (both ``#rrggbb``)."""
    parts = [
        round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


READ_FROM: Final = 4.5
"""The least contrast of a mark or a word, https://www.w3.org/TR/WCAG21/#contrast-minimum."""


@lru_cache(maxsize=1024)
def contrast(one: str, other: str) -> float:
    """The contrast of two colours (``#rrggbb``), from 1 to 21.

    https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Palette:
    """The styles of one theme, by meaning. Two palettes of the same theme are equal.

    Call it with the meaning of the text and of the ground: `palette("muted", "panel")`. A meaning may
    also be `#rrggbb`, and `mix("late_bg", "cursor", 0.3)` makes one. With `mono` no colour at all is
    given out: bold, dim, underlined and reversed text carry what letters and shapes already say.
    """

    __slots__ = ("_cache", "colours", "mono", "name", "tints")

    def __init__(self, spec: ThemeSpec, *, mono: bool = False) -> None:
        self.name = spec.name
        self.mono = mono
        self.colours: Mapping[str, str] = spec.colours
        self._cache: dict[tuple[str, str, bool, bool, bool], Style] = {}
        self.tints: dict[object, Any] = {}
        """What its owner has mixed of this palette's colours, and wants again with every line."""

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Palette)
            and self.mono == other.mono
            and dict(self.colours) == dict(other.colours)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.mono))

    def __call__(
        self, fg: str, bg: str = "background", *, bold: bool = False, italic: bool = False, line: bool = False
    ) -> Style:
        """The style of text that means `fg` on ground that means `bg`."""
        key = (fg, bg, bold, italic, line)
        style = self._cache.get(key)
        if style is None:
            style = self._cache[key] = self._made(*key)
        return style

    def _made(self, fg: str, bg: str, bold: bool, italic: bool, line: bool) -> Style:
        if not self.mono:
            return _style(
                self.hex(self._read(fg, bg)),
                self.hex(bg),
                bold=bold,
                dim=False,
                italic=italic,
                underline=line,
                reverse=False,
            )
        reverse = bg in _MONO_REVERSE
        return _style(
            None,
            None,
            bold=bold or fg in _MONO_BOLD,
            dim=fg in _MONO_DIM and not reverse,
            italic=italic,
            underline=line or bg in _MONO_UNDERLINE,
            reverse=reverse,
        )

    def _read(self, fg: str, bg: str) -> str:
        """The meaning whose colour can be read where the cursor is: a bright cursor swallows bright text."""
        if bg != "cursor" or fg.startswith("#"):
            return fg
        ways = (fg, *(blend(self.hex(fg), self.hex("cursor_text"), part / 8) for part in range(1, 8)))
        read = (one for one in ways if contrast(self.hex(one), self.hex(bg)) >= READ_FROM)
        return next(read, "cursor_text")

    def blank(self, meaning: str) -> Style:
        """The style of cells without text on a ground; without colour they have none."""
        return _style(
            None,
            None if self.mono else self.hex(meaning),
            bold=False, dim=False, italic=False, underline=False, reverse=False,
        )  # fmt: skip

    def hex(self, meaning: str) -> str:
        """The colour of a meaning; a colour stays what it is."""
        return meaning if meaning.startswith("#") else self.colours[meaning]

    def quieter(self, text: str, ground: str, share: float) -> str:
        """A text at most `share` of the way to its ground, as far as it can still be read there."""
        parts = (share * step / 8 for step in range(8, 0, -1))
        ways = (self.mix(text, ground, part) for part in parts)
        return next((one for one in ways if contrast(self.hex(one), self.hex(ground)) >= READ_FROM), text)

    def mix(self, one: str, other: str, share: float) -> str:
        """A ground `share` of the way from one meaning to another; without colour it is the first."""
        return one if self.mono else blend(self.hex(one), self.hex(other), share)


def status_meaning(status: Status) -> str:
    """The stem of the meanings of a status: `status_<word>`, with `_bg` and `_text` after it."""
    word = _LIKE.get(status, status.value)
    return f"status_{word if word in STATUSES else 'unknown'}"


def priority_meaning(priority: Priority | None) -> str:
    """The meaning of a priority's mark."""
    return f"priority_{priority.word if priority is not None else 'normal'}"


def textual_theme(spec: ThemeSpec) -> Theme:
    """The theme for Textual's own widgets, with every meaning as a variable (`$cursor-text`)."""
    from textual.theme import Theme

    c = spec.colours
    variables = {name.replace("_", "-"): value for name, value in c.items()}
    variables.update(
        {
            "border-blurred": c["border"],
            "block-cursor-background": c["cursor"],
            "block-cursor-foreground": c["cursor_text"],
            "input-cursor-background": c["text"],
            "input-cursor-foreground": c["background"],
            "input-selection-background": c["selection"],
            "text-muted": c["muted"],
            "text-disabled": c["faint"],
        }
    )
    return Theme(
        name=f"fieldboard-{spec.name}",
        primary=c["accent"],
        secondary=c["info"],
        warning=c["warn"],
        error=c["error"],
        success=c["ok"],
        accent=c["accent"],
        foreground=c["text"],
        background=c["background"],
        surface=c["surface"],
        panel=c["panel"],
        dark=spec.dark,
        variables=variables,
    )
