"""What the configuration says of the look and the keys of the board: the themes to choose from, lost keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.acts import ACTS
from fieldboard.board.keys import keymap
from fieldboard.cli.failure import Failure
from fieldboard.themes_file import load_themes
from fieldboard.tomlfile import ConfigError, TomlFile, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fieldboard.config import Config
    from fieldboard.themes_file import ThemeSpec


def themes_for(
    path: Path, loaded: Config, theme: str | None = None
) -> tuple[Mapping[str, ThemeSpec], Sequence[ConfigError]]:
    """The themes by name, and what is wrong with others; `theme` is one that was asked for by name.

    Raises Failure where the chosen one is none. One that the configuration names and that cannot be read is
    among the wrong ones: the board opens without it and says so.
    """
    themes, wrong = load_themes(path)
    if theme is not None and theme not in themes:
        own = [error for error in wrong if f"{theme}.toml" in str(error)]
        raise Failure(str(own[0]) if own else f"there is no theme {theme!r}; {nearest(theme, themes)}")
    chosen = loaded.ui.theme
    if chosen is not None and chosen not in themes and not wrong:
        line = TomlFile.read(path, "the configuration").line_of(("ui", "theme"))
        raise Failure(f"{path}, line {line}: there is no theme {chosen!r}; {nearest(chosen, themes)}")
    return themes, wrong


def keyless(loaded: Config) -> list[str]:
    """Acts whose last key the user gave to another act, without saying that they should have none."""
    if not loaded.keys:
        return []
    keys = keymap(loaded.keys)
    lost = [act.title for act in ACTS if act.keys and not keys.keys(act.id) and act.id not in loaded.keys]
    return [f"no key left for {', '.join(lost)}; give it one in [keys], or use the : line"] if lost else []
