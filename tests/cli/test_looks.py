"""Themes and keys of a configuration: what cannot be used is named, by the board and by `doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldboard import config
from fieldboard.cli.failure import Failure
from fieldboard.cli.looks import keyless, themes_for
from tests.cli.conftest import Program

PROFILE = '[profiles.north]\nbackend = "fieldcamp"\nbase_url = "http://127.0.0.1:1"\n'


def _configured(folder: Path, more: str = "", theme: str | None = None) -> Path:
    path = folder / "config.toml"
    path.write_text(PROFILE + more)
    if theme is not None:
        (folder / "themes").mkdir()
        (folder / "themes" / "mine.toml").write_text(theme)
    return path


@pytest.mark.parametrize(
    "text", ["[colours]\naccnt = '#ffffff'\n", "[colours]\naccent = 'red'\n", "[colours\n"]
)
def test_a_theme_of_ones_own_with_a_mistake_is_answered_with_the_mistake(tmp_path: Path, text: str) -> None:
    path = _configured(tmp_path, theme=text)
    loaded = config.load(path)
    with pytest.raises(Failure, match=r"mine\.toml, line \d"):
        themes_for(path, loaded, "mine")
    with pytest.raises(Failure, match="did you mean 'dark'"):
        themes_for(path, loaded, "darkk")
    themes, wrong = themes_for(path, loaded)
    assert "dark" in themes
    assert "mine.toml" in str(wrong[0])


def test_an_act_that_lost_its_key_is_named(tmp_path: Path) -> None:
    path = _configured(tmp_path, '\n[keys]\nsync = ["q"]\n')
    assert "no key left for Leave" in keyless(config.load(path))[0]
    path.write_text(PROFILE + '\n[keys]\nsync = ["q"]\nquit = []\n')
    assert keyless(config.load(path)) == []


def test_doctor_says_what_the_board_says_of_themes_and_keys(program: Program) -> None:
    whole = program.config.read_text()
    for more, name, says in (
        ('\n[ui]\ntheme = "darkk"\n', "theme", "did you mean 'dark'"),
        ('\n[keys]\nsync = ["q"]\n', "keys", "no key left for Leave"),
    ):
        program.config.write_text(whole + more)
        result = program.run("doctor", "--json")
        assert result.code == 2
        (found,) = [one for one in result.json()["checks"] if one["name"] == name]
        assert found["ok"] is False
        assert says in found["says"]
    program.config.write_text(whole)
    (program.config.parent / "themes").mkdir()
    (program.config.parent / "themes" / "mine.toml").write_text("[colours]\naccnt = '#ffffff'\n")
    (found,) = [one for one in program.run("doctor", "--json").json()["checks"] if one["name"] == "theme"]
    assert "did you mean 'accent'" in found["says"]
