"""Theme files: what colour each meaning has. Read and checked here, painted elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from fieldboard.domain.value_class import value_class
from fieldboard.paths import theme_files, user_theme_files
from fieldboard.tomlfile import ConfigError, Section, TomlFile

if TYPE_CHECKING:
    from pathlib import Path

STATUSES: Final = (
    *("assigned", "en_route", "on_site", "in_progress", "on_hold", "completed"),
    *("cancelled", "unassigned", "draft", "closed", "failed", "unknown"),
)
"""The statuses that have colours of their own: an edge, a block and the text on it."""

COLOURS: Final = (
    *("background", "surface", "panel", "border", "off_shift", "text", "muted", "faint"),
    *("accent", "accent_text", "cursor", "cursor_text", "selection", "now"),
    *("ok", "warn", "error", "info", "pending", "travel"),
    *(f"status_{status}{part}" for status in STATUSES for part in ("", "_bg", "_text")),
    *("late", "late_bg", "ghost", "ghost_bg"),
    *("priority_urgent", "priority_high", "priority_normal", "priority_low"),
)
"""Every meaning that has a colour."""

_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@value_class
class ThemeSpec:
    """One theme: `colours` gives every meaning of `COLOURS` a colour, ``#rrggbb`` in lower case."""

    name: str
    dark: bool
    colours: Mapping[str, str]


def load_theme(path: Path, base: ThemeSpec | None = None) -> ThemeSpec:
    """Read a theme file; what it leaves out comes from `base`, where there is one.

    Raises ConfigError, naming file, line and nearest name, for anything wrong in it.
    """
    root = TomlFile.read(path, "the theme").root
    root.only(("name", "dark", "colours"))
    name = root.text("name") or path.stem
    if not _NAME.fullmatch(name):
        raise root.fail("name", f"name is {name!r}; use letters, digits, - and _")
    table = root.section("colours")
    given = _colours(table) if table is not None else {}
    colours = {**(base.colours if base is not None else {}), **given}
    lacking = [meaning for meaning in COLOURS if meaning not in colours]
    if lacking:
        raise root.fail("colours", f"no colour for {', '.join(lacking)}; add them under [colours]")
    return ThemeSpec(name, root.flag("dark", True), MappingProxyType(colours))


class Themes(Mapping[str, ThemeSpec]):
    """Themes by name. One that comes with fieldboard is named like its file, and read when asked for."""

    def __init__(self, files: Mapping[str, Path], own: Mapping[str, ThemeSpec]) -> None:
        self._files = files
        self._read: dict[str, ThemeSpec] = dict(own)
        self._names = tuple(dict.fromkeys((*files, *own)))

    def __getitem__(self, name: str) -> ThemeSpec:
        if name not in self._read:
            self._read[name] = load_theme(self._files[name])
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def load_themes(config: Path) -> tuple[Themes, tuple[ConfigError, ...]]:
    """All themes by name: those that come with fieldboard, then the user's own (`themes/` beside `config`).

    A user's theme needs to name only the colours that differ from the dark or the light one, and replaces
    one of the same name. Those with an error are left out; the errors are returned.
    """
    shipped = {path.stem: path for path in theme_files()}
    own: dict[str, ThemeSpec] = {}
    errors: list[ConfigError] = []
    for path in user_theme_files(config):
        try:
            ground = shipped.get(
                "dark" if TomlFile.read(path, "the theme").root.flag("dark", True) else "light"
            )
            theme = load_theme(path, load_theme(ground) if ground is not None else None)
        except ConfigError as error:
            errors.append(error)
        else:
            own[theme.name] = theme
    return Themes(shipped, own), tuple(errors)


def _colours(table: Section) -> dict[str, str]:
    table.only(COLOURS)
    colours: dict[str, str] = {}
    for meaning in table.data:
        value = table.text(meaning) or ""
        if not _HEX.fullmatch(value):
            raise table.fail(meaning, f"{meaning} is {value!r}, which is no colour; write it like #1b2f4b")
        colours[meaning] = value.lower()
    return colours
