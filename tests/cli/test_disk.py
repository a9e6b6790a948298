"""When this computer would not let it be saved: exit code 5, one line, and nothing half done."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fieldboard.cache import cache_file, outbox_file
from fieldboard.cache.connection import connect
from tests.cli.conftest import ROOT, Program
from tests.terminal import Terminal

WORDS = ("assign", "dai")


def no_room(file: str) -> Any:
    """A way to open files of which one has no room for another page."""

    def opened(path: Path, **options: bool) -> sqlite3.Connection:
        connection = connect(path, **options)
        if path.name == file:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages}")
        return connection

    return opened


def one_line(text: str) -> bool:
    return text.startswith("fieldboard: ") and text.count("\n") == 1 and "Traceback" not in text


def test_a_full_disk_refuses_an_edit_and_keeps_those_before(
    program: Program, job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.ok("assign", job["number"], "dai", "--offline")
    before = program.json("outbox")
    with monkeypatch.context() as full:
        full.setattr(outbox_file, "connect", no_room("outbox.db"))
        # Edits fit into what is left of a page; then one does not, and it is the first that is not there.
        result, hour = None, 0
        for hour in range(1, 24):
            result = program.run("assign", job["number"], "ben", "--start", program.at(hour), "--offline")
            if result.code:
                break
        assert result is not None
        assert result.code == 5
        assert result.out == ""
        assert one_line(result.err)
        assert "nothing was saved" in result.err
        saved = program.json("outbox")
    assert len(before) <= len(saved) == len(before) + hour - 1
    assert program.json("outbox") == saved
    again = program.json("assign", job["number"], "ben", "--start", program.at(hour), "--offline")
    assert again["state"] == "queued"
    assert program.json("sync")["pending"] == 0


def test_a_full_disk_stops_fetching_and_keeps_what_was_fetched(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = program.json("jobs")
    for number in range(40):
        program.sandbox.call(
            "POST",
            "/api/v1/jobs",
            {"clientId": program.sandbox.clients()[0]["id"], "jobNumber": f"F-{number}-{os.getpid()}"},
        )
    with monkeypatch.context() as full:
        full.setattr(cache_file, "connect", no_room("cache.db"))
        result = program.run("sync")
        assert result.code == 5
        assert one_line(result.err)
        assert "no space left" in result.err
    assert program.json("jobs") == before
    program.ok("sync")
    assert len(program.json("jobs")) >= len(before) + 40


@pytest.mark.parametrize("name", ["cache.db", "outbox.db", "history.db"])
def test_data_of_a_newer_program_are_left_alone(program: Program, job: dict[str, Any], name: str) -> None:
    program.ok("assign", job["number"], "dai", "--offline")
    file = program.data / "profiles" / "north" / name
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version=99")
    kept = file.read_bytes()
    for words in (("assign", job["number"], "ben"), ("sync",)):
        result = program.run(*words)
        assert result.code == 5, (words, result)
        assert one_line(result.err)
        assert "newer fieldboard" in result.err
    assert file.read_bytes() == kept


@pytest.mark.parametrize("name", ["cache.db", "outbox.db"])
def test_a_board_does_not_open_on_a_damaged_file(program: Program, name: str) -> None:
    file = program.data / "profiles" / "north" / name
    rubbish = b"this is no database" * 400
    file.write_bytes(rubbish)
    environ = {key: value for key, value in os.environ.items() if key.startswith(("FIELDBOARD_", "NORTH_"))}
    with Terminal.fieldboard("board", environ={**environ, "PYTHONPATH": str(ROOT / "src")}) as terminal:
        terminal.wait_for(lambda screen: "is damaged" in screen.replace("\n", ""))
        assert terminal.wait() == 5
        assert "Traceback" not in terminal.text()
    assert file.read_bytes() == rubbish


@pytest.fixture
def read_only(program: Program, job: dict[str, Any]) -> Iterator[Program]:
    """The data in a folder in which nothing may be written."""
    program.ok("assign", job["number"], "dai", "--offline")
    folder = Path(tempfile.mkdtemp(prefix="fieldboard-test-"))
    shutil.copytree(program.data, folder / "data")
    shutil.copy(program.config, folder / "config.toml")
    shutil.copy(program.sandbox.roster, folder / "roster.toml")
    text = (
        (folder / "config.toml").read_text().replace(str(program.sandbox.roster), str(folder / "roster.toml"))
    )
    (folder / "config.toml").write_text(text)
    everything = (folder, *folder.rglob("*"))
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    program.data, program.config = folder / "data", folder / "config.toml"
    yield program
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(folder)


UNPRIVILEGED = """
import ctypes, os, sys
if os.getuid() == 0:
    # PR_CAPBSET_DROP of CAP_DAC_OVERRIDE: from the next program on, permissions hold for root, too.
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "fieldboard", *sys.argv[1:]])
"""


def test_a_folder_that_cannot_be_written_is_shown_and_takes_no_edit(
    read_only: Program, job: dict[str, Any]
) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {
            **os.environ,
            "FIELDBOARD_CONFIG": str(read_only.config),
            "FIELDBOARD_DATA_DIR": str(read_only.data),
            "PYTHONPATH": str(ROOT / "src"),
        }
        return subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED, *words],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    shown = run("jobs", "--json")
    assert (shown.stderr, shown.returncode) == ("", 0)
    assert job["number"] in shown.stdout
    for words in (("assign", job["number"], "ben"), ("assign", job["number"], "ben", "--offline"), ("sync",)):
        result = run(*words)
        assert result.returncode == 5, (words, result)
        assert one_line(result.stderr)
        assert "cannot be" in result.stderr
    waiting = run("outbox", "--json")
    assert waiting.returncode == 0
    assert waiting.stdout.count('"op_id"') == 1
