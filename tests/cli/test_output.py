"""Tables for people: as wide as one can read, whatever one text is like."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from fieldboard.cli.output import LONGEST, print_table
from tests.cli.conftest import ROOT, Program
from tests.terminal import Terminal


@pytest.fixture
def long_title(program: Program, job: dict[str, Any]) -> str:
    """The title, of 2,000 characters, of a job that waits to be made; another was moved."""
    title = f"Boiler {job['number']} " + "leaking " * 250
    customer = program.sandbox.clients()[0]["id"]
    program.ok("assign", job["number"], "dai", "--start", program.at(12))
    program.ok("sync")
    program.ok(
        *("create", "--title", title, "--customer", customer, "--offline"),
        *("--start", program.at(10), "--end", program.at(11), "--technician", "dai"),
    )
    return title.strip()


TABLES = [("outbox",), ("jobs",), ("visits",), ("history",), ("technicians",)]


def test_one_long_title_pads_no_other_row(program: Program, long_title: str) -> None:
    for words in TABLES:
        lines = program.ok(*words).out.splitlines()
        assert max(map(len, lines)) < 7 * (LONGEST + 2), words
    for words in (("outbox",), ("jobs",), ("visits",)):
        shown = program.ok(*words).out
        assert long_title[: LONGEST // 2] in shown, words
        assert long_title[:LONGEST] not in shown, words
    assert any((job["title"] or "").startswith(long_title[: 4 * LONGEST]) for job in program.json("jobs"))
    for edit in program.json("outbox"):
        assert edit["op_id"] in program.ok("outbox").out


@pytest.mark.usefixtures("long_title")
@pytest.mark.parametrize("words", TABLES, ids=" ".join)
def test_a_table_is_as_wide_as_its_terminal(program: Program, words: tuple[str, ...]) -> None:
    environ = {key: value for key, value in os.environ.items() if key.startswith(("FIELDBOARD_", "NORTH_"))}
    environ["PYTHONPATH"] = str(ROOT / "src")
    command = [sys.executable, "-m", "fieldboard", *words]
    with Terminal(command, columns=160, environ=environ, emulate=False) as terminal:
        terminal.kept = bytearray()
        assert terminal.wait() == 0
        lines = terminal.kept.decode().splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 160
    plain = program.ok(*words).out.splitlines()
    assert len(lines) == len(plain)


def test_what_names_a_row_and_what_says_what_to_do_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    name, says = "op-" + "1" * 100, "set the variable " * 20
    print_table(("OP", "WHAT", "WHY"), [(name, "x" * 100, says)], "nothing", whole=("WHY",))
    head, row = capsys.readouterr().out.splitlines()
    assert row == f"{name}  {'x' * (LONGEST - 1)}…  {says.strip()}"
    assert head.index("WHAT") == row.index("x")


def test_a_small_terminal_cuts_no_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    rows = [("4471", "2026-06-04 14:00", "Okafor " * 4, "Boiler leaking " * 4)]
    print_table(("NUMBER", "START", "CUSTOMER", "TITLE"), rows, "nothing")
    _, row = capsys.readouterr().out.splitlines()
    assert row == "4471    2026-06-04 14:00  Okafor Okafor O…  Boiler leaking …"
