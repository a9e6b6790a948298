"""Setting up by questions in a terminal, a reader that has had enough, a sync process beside a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.windows import SyncLock, WindowLock
from fieldboard.cli.completion import completion
from fieldboard.config import load
from tests.cli.conftest import ROOT, TOKEN, Program, Sandbox
from tests.terminal import Terminal


def terminal(tmp_path: Path, *words: str, **environ: str) -> Terminal:
    given = {
        "PYTHONPATH": str(ROOT / "src"),
        "FIELDBOARD_CONFIG": str(tmp_path / "config.toml"),
        "FIELDBOARD_DATA_DIR": str(tmp_path / "data"),
        **environ,
    }
    return Terminal.fieldboard(*words, environ=given, columns=100)


def test_init_asks_saves_and_makes_a_test_call(sandbox: Sandbox, tmp_path: Path) -> None:
    shown = terminal(tmp_path, "init", NORTH_TOKEN=TOKEN)
    for question, answer in (
        ("Name of the profile", "north west"),
        ("Which system", "fieldcamp"),
        ("Address", sandbox.url),
        ("Time zone", "Europe/Vienna"),
        ("Variable that will hold the token", "NORTH_TOKEN"),
    ):
        shown.wait_for(question)
        shown.send(f"{answer}\r")
    shown.wait_for("It answers: 5 technicians")
    assert shown.process.wait(10) == 0
    config = load(tmp_path / "config.toml")
    profile = config.profiles["north west"]
    assert (profile.base_url, profile.timezone) == (sandbox.url, "Europe/Vienna")
    assert config.default_profile == "north west"
    assert (tmp_path / "config.toml").stat().st_mode & 0o077 == 0
    assert TOKEN not in (tmp_path / "config.toml").read_text()


def test_init_asks_again_where_an_answer_is_wrong_and_writes_nothing_before_the_last(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    shown = terminal(tmp_path, "init")
    for question, answer in (
        ("Name of the profile", "north"),
        ("Which system", "fieldcamp"),
        ("Address", sandbox.url),
        ("Time zone", "Europe/Lundon"),
        ("did you mean 'Europe/London'?", "Europe/London"),
        ("Variable that will hold the token", "not a name"),
        ("put the token into a variable", "NORTH_TOKEN"),
    ):
        shown.wait_for(question)
        assert not (tmp_path / "config.toml").exists()
        shown.send(f"{answer}\r")
    shown.wait_for("No token yet")
    # A way that this computer does not have is not shown.
    assert ("fieldboard login" in shown.text()) == (find_spec("keyring") is not None)
    assert shown.process.wait(10) == 0
    assert load(tmp_path / "config.toml").profiles["north"].timezone == "Europe/London"


def test_login_without_a_keyring_names_the_other_ways(program: Program) -> None:
    said = program.refused("login")
    assert "token_env" in said
    assert "token_command" in said


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed(program: Program, shell: str) -> None:
    assert completion.name == "completion"
    assert "fieldboard" in program.ok("completion", shell).out


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    "words", [("profiles",), ("jobs",), ("jobs", "--json"), ("export", "--date", "today", "--format", "csv")]
)
def test_a_reader_that_has_had_enough_is_no_error(words: tuple[str, ...]) -> None:
    # A pipe whose reading end is closed already: the first write fails, however short it is.
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-m", "fieldboard", *words],
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=ROOT / "src",
        check=False,
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_running_sync_process_does_the_work_of_commands(
    program: Program, job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.set(poll_s=60)
    files = ProfileFiles(program.data / "profiles" / "north")
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with WindowLock(files):
        service = subprocess.Popen(
            [sys.executable, "-m", "fieldboard", "sync-service"], env=environ, cwd=ROOT / "src"
        )
        try:
            lock = SyncLock(files)
            while lock.try_take():
                lock.release()
                assert service.poll() is None
            # It has a token of its own: the command needs none.
            monkeypatch.delenv("NORTH_TOKEN")
            operation = program.json("assign", job["number"], "dai")
            assert operation["state"] in ("acked", "confirmed")
            assert program.sandbox.visit(job["id"])["technicianId"]
            report = program.json("sync")
            assert (report["pending"], report["error"]) == (0, None)
            assert not lock.try_take()
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(20)


HOSTILE = "\x1b[31mred\x1b]0;title\x07 \u202egnp.exe\u202c [bold]x[/bold] \u0007 ﷽ 👩‍👩‍👧"


def test_hostile_text_is_printed_harmless(program: Program) -> None:
    client = program.sandbox.clients()[1]
    program.sandbox.call("PUT", f"/api/v1/clients/{client['id']}", {"name": HOSTILE})
    program.ok("sync")
    outputs = [
        program.ok("jobs").out,
        program.ok("visits").out,
        program.ok("export", "--date", "today", "--format", "txt").out,
        program.ok("export", "--date", "today", "--format", "svg").out,
        json.dumps(program.json("jobs"), ensure_ascii=False),
    ]
    for output in outputs:
        assert not set(output) & set("\x1b\x07\u202e\u202c\u200d\u2066")
    program.sandbox.call("PUT", f"/api/v1/clients/{client['id']}", {"name": client["name"]})
