"""What a demo leaves, and what it must not take away. The demo itself runs in tests/program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fieldboard.cli.demo import OWNER, PREFIX, bring_themes, sweep
from fieldboard.themes_file import load_themes


def left_behind(folder: Path, name: str, owner: int | None) -> Path:
    demo = folder / (PREFIX + name)
    demo.mkdir()
    (demo / "config.toml").write_text("", encoding="utf-8")
    if owner is not None:
        (demo / OWNER).write_text(str(owner), encoding="ascii")
    return demo


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_next_demo_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    killed = left_behind(tmp_path, "killed", ended_process())
    sweep(tmp_path)
    assert not killed.exists()


def test_a_demo_that_runs_and_one_that_was_kept_stay(tmp_path: Path) -> None:
    running = left_behind(tmp_path, "running", os.getpid())
    kept = left_behind(tmp_path, "kept", None)
    sweep(tmp_path)
    assert running.exists()
    assert kept.exists()


def test_the_users_own_themes_are_there_in_the_demo(tmp_path: Path) -> None:
    home, demo = tmp_path / "home", tmp_path / "demo"
    demo.mkdir()
    bring_themes(home / "config.toml", demo)
    assert [*demo.iterdir()] == []
    (home / "themes").mkdir(parents=True)
    (home / "themes" / "mine.toml").write_text("[colours]\naccent = '#ffffff'\n")
    bring_themes(home / "config.toml", demo)
    assert load_themes(demo / "config.toml")[0]["mine"].colours["accent"] == "#ffffff"
