"""When the server, the token, the configuration or the disk is not as it should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.cli.conftest import ROOT, TOKEN, Program


def one_line(text: str) -> bool:
    return text.startswith("fieldboard: ") and text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize(
    ("word", "hint"), [("asign", 'did you mean "assign"?'), ("bogus", 'there is no command "bogus" (')]
)
def test_a_command_that_does_not_exist_names_only_one_that_is_near(
    program: Program, word: str, hint: str
) -> None:
    assert hint in program.refused(word)


def test_a_server_that_is_down_keeps_the_queue(
    program: Program, job: dict[str, Any], closed_port: int
) -> None:
    url = program.sandbox.url
    program.set(base_url=f"http://127.0.0.1:{closed_port}", timeout_s=2)
    result = program.run("assign", job["number"], "dai", "--json")
    assert result.code == 4
    assert result.json()["state"] == "queued"
    assert one_line(result.err)
    assert "kept" in result.err
    synced = program.run("sync", "--json")
    assert synced.code == 4
    assert synced.json()["error"]
    assert synced.json()["pending"] == 1
    assert one_line(synced.err)
    assert program.json("visits", "--date", "today")
    program.set(base_url=url)
    assert program.json("sync")["pushed"] == 1
    assert program.sandbox.visit(job["id"])["technicianId"]


def test_a_refused_token_is_one_line_and_keeps_the_queue(
    program: Program, job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NORTH_TOKEN", "not-the-token")
    synced = program.run("sync", "--json")
    assert synced.code == 4
    assert "token" in synced.json()["error"]
    assert one_line(synced.err)
    assert "not-the-token" not in synced.err + synced.out
    result = program.run("assign", job["number"], "dai", "--json")
    assert (result.code, result.json()["state"]) == (4, "queued")
    assert "token" in result.err
    monkeypatch.setenv("NORTH_TOKEN", TOKEN)
    assert program.json("sync")["pushed"] == 1


def test_no_token_at_all_is_wrong_usage_and_queues_nothing(
    program: Program, job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NORTH_TOKEN")
    assert "NORTH_TOKEN" in program.refused("assign", job["number"], "dai")
    assert program.json("outbox") == []
    synced = program.run("sync", "--json")
    assert synced.code == 2
    assert "NORTH_TOKEN" in synced.json()["error"]
    assert one_line(synced.err)
    assert program.json("assign", job["number"], "dai", "--offline")["state"] == "queued"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ([sys.executable, "-c", "import sys; sys.exit(3)"], "failed (exit 3)"),
        ([sys.executable, "-c", "pass"], "printed nothing"),
        (["/no/such/command"], "cannot be started"),
    ],
)
def test_a_token_command_that_gives_none_is_wrong_usage(
    program: Program, monkeypatch: pytest.MonkeyPatch, command: list[str], says: str
) -> None:
    monkeypatch.delenv("NORTH_TOKEN")
    program.set(token_command=command)
    result = program.run("sync")
    assert result.code == 2
    assert says in result.err
    assert one_line(result.err)


def test_a_token_command_gives_the_token(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTH_TOKEN")
    program.set(token_command=[sys.executable, "-c", f"print({TOKEN!r})"])
    program.ok("sync")
    kept = [path for path in program.data.rglob("*") if path.is_file()]
    assert program.data / "logs" / "cli.log" in kept
    for path in kept:
        assert TOKEN.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('bakend = "x"', "backend"),
        ('timezone = "Europe/Lundon"', "Europe/London"),
        ("timeout_s = true", "timeout_s"),
        ('base_url = "http://example.com"', "https"),
    ],
)
def test_a_typo_in_the_configuration_names_file_line_and_what_to_do(
    program: Program, line: str, says: str
) -> None:
    name = line.partition(" ")[0]
    kept = [one for one in program.config.read_text().splitlines() if not one.startswith(f"{name} ")]
    program.config.write_text("\n".join([*kept, line, ""]))
    said = program.refused("jobs")
    assert str(program.config) in said
    assert str(len(kept) + 1) in said
    assert says in said


@pytest.mark.parametrize(
    ("line", "says"),
    [('asign = "a"', "did you mean 'assign'?"), ('assign = "ctrl+alt+foo"', "is no key")],
)
def test_a_typo_in_the_keys_names_file_line_and_the_nearest(program: Program, line: str, says: str) -> None:
    text = program.config.read_text().rstrip("\n")
    program.config.write_text(f"{text}\n[keys]\n{line}\n")
    said = program.refused("jobs")
    assert f"line {text.count(chr(10)) + 3}" in said
    assert says in said


def test_create_names_the_options_that_are_missing(program: Program) -> None:
    assert "needs --title and --customer" in program.refused("create", "--priority", "high")


def test_a_choice_that_is_missing_is_told_on_one_line(program: Program) -> None:
    assert "ics, csv, json, svg, txt" in program.refused("export", "--date", "today")


def test_a_certificate_file_that_is_none_queues_nothing(program: Program, job: dict[str, Any]) -> None:
    program.set(ca_file="none.pem")
    assert "ca_file" in program.refused("assign", job["number"], "dai")
    assert program.json("outbox") == []
    assert program.run("doctor", "--json").code == 2


def test_a_wrong_key_of_the_system_table_is_an_error(program: Program) -> None:
    text = program.config.read_text()
    program.config.write_text(text.replace("window_field", "window_feild"))
    assert "window_field" in program.refused("create", "--title", "x")


def test_without_a_configuration_every_command_names_init(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIELDBOARD_CONFIG", str(tmp_path / "none.toml"))
    assert program.refused("jobs").endswith('; make one with "fieldboard init"\n')


@pytest.mark.parametrize("command", ["init", "login", "board", "demo"])
def test_what_needs_a_person_says_so_without_one(program: Program, command: str) -> None:
    said = program.refused(command)
    assert said.startswith("fieldboard: ")


@pytest.mark.parametrize("name", ["outbox.db", "cache.db"])
def test_a_damaged_file_is_five_until_a_sync_has_put_it_aside(
    program: Program, job: dict[str, Any], name: str
) -> None:
    program.ok("assign", job["number"], "dai", "--offline")
    file = program.data / "profiles" / "north" / name
    file.write_bytes(b"this is no database" * 400)
    result = program.run("assign", job["number"], "ben")
    assert result.code == 5
    assert one_line(result.err)
    document = program.run("doctor", "--json")
    assert document.code == 5
    assert str(file) in document.json()["checks"][0]["says"]
    report = program.json("sync")
    assert (report["pending"], report["error"]) == (0, None)
    assert program.sandbox.visit(job["id"])["technicianId"]
    assert any((file.parent / "quarantine").iterdir())
    assert program.job(job["id"])["technician_ids"]


def test_doctor_is_well_with_a_well_account(program: Program) -> None:
    document = program.json("doctor")
    assert document["ok"] is True
    names = {one["name"] for one in document["checks"]}
    assert {"configuration", "roster", "address", "token", "clock", "cache"} <= names
    assert document["lacks"]["note"]
    before = program.sandbox.jobs()
    assert "cannot reorder" in program.ok("doctor").out
    assert program.sandbox.jobs() == before


def test_doctor_prints_its_document_also_when_something_is_wrong(
    program: Program, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    roster = program.config.with_name("roster.toml")
    roster.write_text('[[technician]]\nname = "Dai Evanss"\nskills = ["gas"]\n')
    program.set(roster="roster.toml")
    result = program.run("doctor", "--json")
    assert result.code == 2
    (entry,) = [one for one in result.json()["checks"] if one["name"] == "roster entries"]
    assert entry["ok"] is False
    assert "roster.toml:1" in entry["says"]
    assert "Dai Evans" in entry["says"]
    roster.write_text('[[technician]]\nname = "Dai Evans"\nskill = ["gas"]\n')
    wrong = program.run("doctor", "--json")
    assert wrong.code == 2
    assert wrong.json()["ok"] is False
    assert one_line(wrong.err)
    roster.write_text('[[technician]]\nname = "Dai Evans"\n')
    monkeypatch.setenv("NORTH_TOKEN", "not-the-token")
    refused = program.run("doctor", "--json")
    assert refused.code == 4
    assert {one["name"]: one["ok"] for one in refused.json()["checks"]}["token"] is False
    program.set(base_url=f"http://127.0.0.1:{closed_port}", timeout_s=2)
    away = program.run("doctor", "--json")
    assert away.code == 4
    assert {one["name"]: one["ok"] for one in away.json()["checks"]}["address"] is False
    program.config.write_text("profiles = 3\n")
    broken = program.run("doctor", "--json")
    assert broken.code == 2
    assert broken.json()["profile"] is None


def test_a_cache_that_was_never_filled_is_called_empty_whatever_was_tried(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIELDBOARD_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("NORTH_TOKEN", "not-the-token")
    assert program.run("sync").code == 4
    (cache,) = [one for one in program.run("doctor", "--json").json()["checks"] if one["name"] == "cache"]
    assert cache["ok"] is None
    assert "empty; run: fieldboard sync" in cache["says"]
    assert "401" in cache["says"]
    assert "no jobs yet; run: fieldboard sync" in program.ok("jobs").out
    assert "no such job is cached" in program.ok("jobs", "--unassigned").out


def test_the_bundle_for_support_holds_no_secret_and_no_customer(
    program: Program, job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.ok("assign", job["number"], "dai")
    program.ok("sync")
    customers = {one["customer"] for one in program.json("jobs")} - {None}
    monkeypatch.setenv("NORTH_TOKEN", TOKEN)
    file = program.data / "bundle.zip"
    program.ok("doctor", "--bundle", str(file))
    assert file.stat().st_mode & 0o077 == 0
    with ZipFile(file) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"versions.json", "profile.json", "doctor.json", "sync.json", "counts.json"} <= set(parts)
    assert any(name.startswith("logs/") for name in parts)
    everything = "\n".join(parts.values())
    assert TOKEN not in everything
    assert job["number"] not in everything
    for customer in customers:
        assert customer not in everything
    assert sum(json.loads(parts["counts.json"])["edits"].values()) == 1


def test_purge_keeps_what_is_open_or_ahead(program: Program) -> None:
    before = program.json("jobs")
    done = program.json("purge", "--days", "2", "--history-days", "0")
    assert set(done) == {"jobs", "history", "edits"}
    after = program.json("jobs")
    gone = {one["id"] for one in before} - {one["id"] for one in after}
    assert len(gone) == done["jobs"] > 0
    assert {one["status"] for one in before if one["id"] in gone} <= {"completed", "closed", "cancelled"}
    assert program.json("history") == []
    assert "nothing has changed" in program.ok("history").out


SCREEN = ("textual",)
"""What no command without a screen may load. (httpx brings Rich along, for a command of its own.)"""

NEVER_TO_READ = (
    *SCREEN,
    "rich",
    "httpx",
    "pydantic",
    "sqlite_utils",
    "icalendar",
    "starlette",
    "uvicorn",
    "asyncio",
)


def loaded(*words: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    script = (
        "import sys\nfrom fieldboard.cli import main\n"
        f"code = main({list(words)!r})\n"
        "print(code, *sorted(sys.modules), file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    code, *modules = ran.stderr.splitlines()[-1].split()
    assert code == "0", ran.stderr
    return {name.partition(".")[0] for name in modules}


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("words", "never"),
    [
        (("--help",), (*NEVER_TO_READ, "sqlite3")),
        (("--version",), (*NEVER_TO_READ, "sqlite3")),
        (("assign", "--help"), (*NEVER_TO_READ, "sqlite3")),
        (("jobs", "--json"), NEVER_TO_READ),
        (("visits", "--date", "today"), NEVER_TO_READ),
        (("technicians",), NEVER_TO_READ),
        (("outbox", "--json"), NEVER_TO_READ),
        (("history",), NEVER_TO_READ),
        (("export", "--date", "today", "--format", "svg"), NEVER_TO_READ),
        (("sync",), SCREEN),
        (("doctor",), SCREEN),
    ],
)
def test_a_command_loads_only_what_it_needs(words: tuple[str, ...], never: tuple[str, ...]) -> None:
    assert loaded(*words).isdisjoint(never)


def test_an_edit_without_a_screen_loads_no_screen(job: dict[str, Any]) -> None:
    assert loaded("assign", job["number"], "dai").isdisjoint(SCREEN)


def test_output_survives_a_terminal_that_knows_only_ascii(program: Program) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "fieldboard", "jobs", "--json"],
        capture_output=True,
        check=True,
        cwd=ROOT / "src",
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert json.loads(ran.stdout.decode("ascii")) == program.json("jobs")
    table = subprocess.run(
        [sys.executable, "-m", "fieldboard", "jobs"],
        capture_output=True,
        check=True,
        cwd=ROOT / "src",
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert table.stderr == b""
