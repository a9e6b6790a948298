"""What a demo leaves, and what it must not take away. The demo itself runs in tests/program."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fieldboard.cli.demo import OWNER, PREFIX, bring_themes, remove, sweep
from fieldboard.cli.lifeline import is_held
from fieldboard.themes_file import load_themes
from tests.cli.conftest import ROOT
from tests.program.stage import eventually, runs


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


LATE = """
import sys, time
from pathlib import Path
sys.stdin.read()
until, files = time.monotonic() + 1, Path(sys.argv[1]) / "data"
while time.monotonic() < until:
    files.mkdir(parents=True, exist_ok=True)
    (files / "outbox.db").write_text("late")
"""
STARTER = """
import os, subprocess, sys
from pathlib import Path
from fieldboard.cli.lifeline import Lifeline
lifeline, folder = Lifeline(), Path(sys.argv[1])
(folder / "owner.pid").write_text(str(os.getpid()))
lifeline.lock(folder / "owner.pid")
child = lifeline.start(
    [sys.executable, "-c", sys.argv[2], str(folder)], dict(os.environ), stdout=subprocess.DEVNULL, stderr=2
)
print(child.pid, flush=True)
sys.stdin.read()
"""


@contextmanager
def killed_while_its_child_runs(folder: Path, child: str) -> Iterator[int]:
    """Somebody who has started a child, and was then killed; the child's number."""
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder), child],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert starter.stdout is not None
    number = int(starter.stdout.readline())
    assert is_held(folder / OWNER)
    starter.kill()
    starter.communicate()
    yield number


needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="a lock cannot be handed on there")


@needs_locks
def test_a_folder_is_removed_when_nothing_writes_to_it_any_more(tmp_path: Path) -> None:
    demo = left_behind(tmp_path, "killed", None)
    with killed_while_its_child_runs(demo, LATE) as child:
        sweep(tmp_path)
        eventually(lambda: not runs(child), "it writes no more")
        assert [*tmp_path.iterdir()] == []


@needs_locks
def test_a_folder_in_which_something_goes_on_running_is_left_to_a_later_demo(tmp_path: Path) -> None:
    demo = left_behind(tmp_path, "killed", None)
    with killed_while_its_child_runs(demo, "import signal; signal.pause()") as child:
        try:
            remove(demo, patience_s=0)
            assert (demo / OWNER).exists()
            assert (demo / "config.toml").exists()
        finally:
            os.kill(child, signal.SIGKILL)
        sweep(tmp_path)
        assert [*tmp_path.iterdir()] == []


def test_a_folder_that_cannot_be_emptied_is_not_taken_for_one_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = left_behind(tmp_path, "killed", ended_process())
    (killed / "data").mkdir()
    with monkeypatch.context() as stuck:
        stuck.setattr(shutil, "rmtree", lambda *_, **__: None)
        sweep(tmp_path)
    assert (killed / OWNER).exists()
    sweep(tmp_path)
    assert not killed.exists()


def test_the_users_own_themes_are_there_in_the_demo(tmp_path: Path) -> None:
    home, demo = tmp_path / "home", tmp_path / "demo"
    demo.mkdir()
    bring_themes(home / "config.toml", demo)
    assert [*demo.iterdir()] == []
    (home / "themes").mkdir(parents=True)
    (home / "themes" / "mine.toml").write_text("[colours]\naccent = '#ffffff'\n")
    bring_themes(home / "config.toml", demo)
    assert load_themes(demo / "config.toml")[0]["mine"].colours["accent"] == "#ffffff"
