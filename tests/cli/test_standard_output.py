"""What cannot be printed: one line says so, and what was saved, and nobody calls it a defect."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, Program

FULL = Path("/dev/full")
CLOSED = """
import os, sys
os.close(1)
os.execv(sys.executable, [sys.executable, "-m", "fieldboard", *sys.argv[1:]])
"""

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def to_a_full_disk(*words: str) -> subprocess.CompletedProcess[str]:
    with FULL.open("w") as full:
        return subprocess.run(
            [sys.executable, "-m", "fieldboard", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            text=True,
            check=False,
        )


def to_a_closed_stream(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CLOSED, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        text=True,
        check=False,
    )


WAYS = pytest.mark.parametrize(
    ("run", "why"),
    [(to_a_full_disk, "no space left on device"), (to_a_closed_stream, "standard output is closed")],
    ids=["full", "closed"],
)


@WAYS
@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    "words",
    [
        ("jobs",),
        ("jobs", "--json"),
        ("outbox", "--json"),
        ("--help",),
        ("assign", "--help"),
        ("--version",),
        ("completion", "bash"),
        ("export", "--date", "today", "--format", "csv"),
        ("sync", "--json"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_printed_is_said_in_one_line(run: Any, why: str, words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert ran.returncode == 5, ran.stderr
    assert (
        ran.stderr
        == f"fieldboard: the output could not be written ({why}); make room for it or send it elsewhere\n"
    )


@WAYS
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["words", "json"])
def test_an_edit_is_said_to_be_saved_where_it_cannot_be_printed(
    program: Program, job: dict[str, Any], run: Any, why: str, form: tuple[str, ...]
) -> None:
    ran = run("assign", job["number"], "dai", *form)
    # Done is done: a code that means "nothing was queued" would have a script make it once more.
    assert ran.returncode == 0
    (edit,) = program.json("outbox")
    assert edit["state"] == "acked"
    assert ran.stderr.count("\n") == 1
    assert f"the output could not be written ({why}), but the edit was saved" in ran.stderr
    assert edit["op_id"] in ran.stderr
    assert program.sandbox.visit(job["id"])["technicianId"]


def test_an_edit_that_waits_says_both_in_one_line(
    program: Program, job: dict[str, Any], closed_port: int
) -> None:
    program.set(base_url=f"http://127.0.0.1:{closed_port}", timeout_s=2)
    ran = to_a_full_disk("assign", job["number"], "dai", "--json")
    assert ran.returncode == 4
    assert ran.stderr.count("\n") == 1
    assert "but the edit was saved" in ran.stderr
    assert "goes out with the next sync" in ran.stderr


def test_a_reader_who_has_had_enough_changes_nothing_of_how_an_edit_ends(
    job: dict[str, Any], program: Program, closed_port: int
) -> None:
    program.set(base_url=f"http://127.0.0.1:{closed_port}", timeout_s=2)
    ends, writes = os.pipe()
    os.close(ends)
    ran = subprocess.run(
        [sys.executable, "-m", "fieldboard", "assign", job["number"], "dai", "--json"],
        stdout=writes,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        text=True,
        check=False,
    )
    os.close(writes)
    assert ran.returncode == 4
    assert ran.stderr.count("\n") == 1
    assert "could not be written" not in ran.stderr


@pytest.mark.usefixtures("program")
def test_where_no_stream_is_left_the_exit_code_tells() -> None:
    with FULL.open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "fieldboard", "jobs"],
            stdout=full,
            stderr=full,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            check=False,
        )
    assert ran.returncode == 5
