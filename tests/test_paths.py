from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from fieldboard import paths


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_configuration_is_where_the_nearest_says(tmp_path: Path) -> None:
    named = {"FIELDBOARD_CONFIG": str(tmp_path / "env.toml")}
    assert paths.config_file(tmp_path / "option.toml", named) == tmp_path / "option.toml"
    assert paths.config_file(None, named) == tmp_path / "env.toml"
    standard = paths.config_file(None, {})
    assert standard.parts[-2:] == ("fieldboard", "config.toml")
    assert standard.is_relative_to(os.environ["XDG_CONFIG_HOME"])


def test_the_data_folder_is_where_the_nearest_says(tmp_path: Path) -> None:
    assert paths.data_dir({"FIELDBOARD_DATA_DIR": str(tmp_path)}) == tmp_path
    assert paths.data_dir({"FIELDBOARD_DATA_DIR": "relative"}) == Path.cwd() / "relative"
    assert paths.data_dir({}) == Path(os.environ["XDG_DATA_HOME"]) / "fieldboard"


@pytest.mark.parametrize(
    "name", ["north", "Zürich Süd", "../../etc", "a/b", "a\\b", ".", "..", ".hidden", "C:x"]
)
def test_a_profile_of_any_name_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    folder = paths.profile_dir(tmp_path, name)
    assert folder.parent == tmp_path / "profiles"
    assert not set(folder.name) & set('/\\:*?"<>|')
    assert not folder.name.startswith(".")


def test_profiles_do_not_share_a_folder(tmp_path: Path) -> None:
    names = ["a.b", "a/b", "a%2Fb", "a b", "a_b", ".a", "%2Ea"]
    assert len({paths.profile_dir(tmp_path, name) for name in names}) == len(names)


def test_folders_and_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = paths.private_dir(tmp_path / "data" / "profiles" / "north")
        file = paths.private_file(folder / "outbox.db")
        with paths.private():
            (folder / "other").write_text("x")
        (folder / "after").write_text("x")
    finally:
        os.umask(before)
    assert [mode(part) for part in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3
    assert mode(file) == mode(folder / "other") == 0o600
    assert mode(folder / "after") == 0o666


def test_what_was_open_is_closed_and_kept(tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "data" / "file"
    folder.mkdir()
    file.write_text("kept")
    folder.chmod(0o755)
    file.chmod(0o644)
    paths.private_dir(folder)
    paths.private_file(file)
    assert (mode(folder), mode(file), file.read_text()) == (0o700, 0o600, "kept")


def test_a_folder_that_is_everybodys_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    paths.private_dir(tmp_path)
    assert mode(tmp_path) == 0o1777


def test_themes_are_found_and_the_users_own_lie_beside_the_configuration(tmp_path: Path) -> None:
    names = [file.stem for file in paths.theme_files()]
    assert {"dark", "light", "high-contrast", "colour-blind"} <= set(names)
    config = tmp_path / "config.toml"
    assert paths.user_theme_files(config) == ()
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").touch()
    assert paths.user_theme_files(config) == (tmp_path / "themes" / "mine.toml",)
