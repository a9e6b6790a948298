from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fieldboard import themes_file
from fieldboard.paths import theme_files
from fieldboard.themes_file import COLOURS, STATUSES, ThemeSpec, load_theme, load_themes
from fieldboard.tomlfile import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from fieldboard.themes_file import ThemeSpec

THEMES = {theme.name: theme for theme in map(load_theme, theme_files())}
GROUNDS = ("background", "surface", "panel")
BLOCKS = (*(f"status_{status}_bg" for status in STATUSES), "late_bg", "ghost_bg")


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pairs() -> list[tuple[str, str]]:
    """What is written on what."""
    found = [
        (f"status_{status}{part}", f"status_{status}_bg") for status in STATUSES for part in ("", "_text")
    ]
    found += [(text, block) for block in BLOCKS for text in ("text", "muted")]
    found += [
        ("late", "late_bg"),
        ("ghost", "ghost_bg"),
        ("accent_text", "accent"),
        ("cursor_text", "cursor"),
    ]
    found += [("text", "selection")]
    said = ("text", "muted", "accent", "ok", "warn", "error", "info", "pending", "now")
    urgency = ("priority_urgent", "priority_high", "priority_normal", "priority_low")
    return found + [(text, ground) for ground in GROUNDS for text in (*said, *urgency)]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_everything_written_can_be_read(theme: ThemeSpec) -> None:
    least = 7.0 if theme.name == "high-contrast" else 4.5
    weak = {
        f"{text} on {ground}": round(ratio, 2)
        for text, ground in pairs()
        if (ratio := contrast(theme.colours[text], theme.colours[ground])) < least
    }
    assert weak == {}
    assert all(contrast(theme.colours["faint"], theme.colours[ground]) >= 3 for ground in GROUNDS)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_a_theme_names_every_meaning_and_is_as_dark_as_it_says(theme: ThemeSpec) -> None:
    assert set(theme.colours) == set(COLOURS)
    assert (luminance(theme.colours["background"]) < 0.2) is theme.dark


def test_the_themes_that_come_with_it() -> None:
    assert set(THEMES) == {"dark", "light", "high-contrast", "colour-blind"}
    assert [theme.name for theme in THEMES.values() if not theme.dark] == ["light"]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "themes").mkdir()
    return tmp_path / "themes" / "mine.toml"


def test_a_users_theme_says_only_what_differs(tmp_path: Path, mine: Path) -> None:
    mine.write_text('name = "mine"\ndark = false\n[colours]\naccent = "#ABCDEF"\n')
    themes, errors = load_themes(tmp_path / "config.toml")
    assert errors == ()
    assert themes["mine"].colours == {**THEMES["light"].colours, "accent": "#abcdef"}
    assert set(themes) == {*THEMES, "mine"}


def test_a_users_theme_may_replace_one_of_ours(tmp_path: Path, mine: Path) -> None:
    mine.write_text('name = "dark"\n[colours]\naccent = "#ffffff"\n')
    assert load_themes(tmp_path / "config.toml")[0]["dark"].colours["accent"] == "#ffffff"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[colours]\nacent = "#ffffff"', 2, "unknown key 'acent' in [colours]; did you mean 'accent'?"),
        ('[colours]\n\naccent = "red"', 3, "accent is 'red', which is no colour"),
        ('[colours]\naccent = "#fff"', 2, "which is no colour"),
        ("[colours]\naccent = 3", 2, "accent must be text in quotes, not a number"),
        ('[colors]\naccent = "#ffffff"', 1, "did you mean 'colours'?"),
        ('dark = "no"', 1, "dark must be true or false"),
        ('name = "my theme"', 1, "use letters, digits"),
        ("[colours", 1, "not valid TOML"),
    ],
)
def test_a_wrong_theme_is_named_and_the_others_stay(
    tmp_path: Path, mine: Path, text: str, line: int, said: str
) -> None:
    mine.write_text(text)
    themes, errors = load_themes(tmp_path / "config.toml")
    assert set(themes) == set(THEMES)
    (error,) = errors
    assert str(error).startswith(f"{mine}, line {line}: ")
    assert said in str(error)


def test_a_theme_without_a_base_must_name_every_colour(mine: Path) -> None:
    mine.write_text('[colours]\naccent = "#ffffff"\n')
    with pytest.raises(ConfigError, match="no colour for background, surface"):
        load_theme(mine)


def test_only_the_theme_that_is_drawn_with_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = themes_file.load_theme

    def watched(path: Path, base: ThemeSpec | None = None) -> ThemeSpec:
        read.append(path.stem)
        return real(path, base)

    monkeypatch.setattr(themes_file, "load_theme", watched)
    themes, _ = load_themes(tmp_path / "config.toml")
    assert {"dark", "light", "high-contrast"} <= set(themes)
    assert read == []
    assert themes["light"].name == "light"
    assert themes["light"].name == "light"
    assert read == ["light"]


def test_each_theme_that_comes_along_is_named_like_its_file(tmp_path: Path) -> None:
    themes, _ = load_themes(tmp_path / "config.toml")
    assert [theme.name for theme in themes.values()] == list(themes)
