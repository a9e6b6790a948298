"""The command line against a real server on this computer, with a configuration and data of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldboard.cli import main
from fieldboard.clock import SystemClock
from fieldboard.domain.instants import Zone, instant_text
from fieldboard.log import close_log
from fieldboard.sandbox.serve import demo_zone

TOKEN = "a-token-of-the-tests"
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Sandbox:
    """A FieldCamp server in a process of its own, asked and changed as another dispatcher would."""

    url: str
    zone: Zone
    roster: Path

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The `data` of an answer, None for an empty one. Raises HTTPError for a refusal."""
        request = urllib.request.Request(  # noqa: S310
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            content = answer.read()
        return json.loads(content)["data"] if content else None

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/v1/jobs")["jobs"]
        return found

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/api/v1/jobs/{job_id}")["job"]
        return found

    def visits(self, job_id: str | None = None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/v1/visits")["visits"]
        return [one for one in found if job_id is None or one["jobId"] == job_id]

    def visit(self, job_id: str) -> dict[str, Any]:
        (only,) = self.visits(job_id)
        return only

    def team(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/v1/team")["team"]
        return found

    def clients(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/v1/clients")["clients"]
        return found


@dataclass
class Result:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Program:
    """fieldboard with one profile. `run` is the real entry point, in this process."""

    config: Path
    data: Path
    sandbox: Sandbox
    capsys: pytest.CaptureFixture[str]
    made: list[str] = field(default_factory=list)

    def run(self, *words: str) -> Result:
        self.capsys.readouterr()
        code = main(list(words))
        said = self.capsys.readouterr()
        return Result(code, said.out, said.err)

    def ok(self, *words: str) -> Result:
        """A command that must succeed and say nothing on standard error."""
        result = self.run(*words)
        assert (result.code, result.err) == (0, ""), (words, result)
        return result

    def json(self, *words: str) -> Any:
        return self.ok(*words, "--json").json()

    def refused(self, *words: str) -> str:
        """A command that must end with 2; its one line."""
        result = self.run(*words)
        assert result.code == 2, (words, result)
        assert result.out == ""
        assert result.err.count("\n") == 1
        return result.err

    def job(self, name: str) -> dict[str, Any]:
        """One job as `jobs --json` has it, by id or number."""
        (found,) = [one for one in self.json("jobs") if name in (one["id"], one["number"])]
        return dict(found)

    def set(self, **values: object) -> None:
        """Add keys to the profile."""
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
        text = self.config.read_text()
        for name in values:
            text = "".join(line for line in text.splitlines(True) if not line.startswith(f"{name} "))
        self.config.write_text(text + lines)

    @property
    def day(self) -> date:
        return datetime.now(self.sandbox.zone.info).date()

    @property
    def day_after(self) -> str:
        """The day that `at` means, as it is typed."""
        return (self.day + timedelta(days=1)).isoformat()

    def at(self, hour: int, minute: int = 0, days: int = 1) -> str:
        """A local time some days from today, as it is typed."""
        return f"{(self.day + timedelta(days=days)).isoformat()}T{hour:02}:{minute:02}"

    def utc(self, local: str) -> str:
        """The same as JSON has it."""
        moment = datetime.fromisoformat(local)
        return instant_text(self.sandbox.zone.at(moment.date(), moment.time()))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One server for all tests of the command line; each test works on jobs of its own."""
    zone = demo_zone(SystemClock().now())
    roster = tmp_path_factory.mktemp("sandbox") / "roster.toml"
    command = [sys.executable, "-m", "fieldboard", "sandbox", "fieldcamp", "--json"]
    command += ["--technicians", "5", "--jobs", "60", "--zone", zone, "--write-roster", str(roster)]
    environ = {**os.environ, "FIELDBOARD_SANDBOX_TOKEN": TOKEN, "PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        ready = json.loads(server.stdout.readline())
        assert ready["token"] == TOKEN
        yield Sandbox(ready["url"], Zone(zone), roster)
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _configure(folder: Path, sandbox: Sandbox) -> Path:
    config = folder / "config.toml"
    config.write_text(
        '[profiles.north.system]\nwindow_field = "Arrival window"\n'
        f'[profiles.north]\nbackend = "fieldcamp"\nbase_url = "{sandbox.url}"\n'
        f'timezone = "{sandbox.zone.name}"\ntoken_env = "NORTH_TOKEN"\n'
        f'roster = "{sandbox.roster}"\nsettle_s = 1\n'
    )
    return config


@pytest.fixture(scope="session")
def synced_data(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data after a first sync, to be copied."""
    folder = tmp_path_factory.mktemp("synced")
    config = _configure(folder, sandbox)
    command = [sys.executable, "-m", "fieldboard", "--config", str(config), "sync"]
    environ = {
        **os.environ,
        "FIELDBOARD_DATA_DIR": str(folder / "data"),
        "NORTH_TOKEN": TOKEN,
        "PYTHONPATH": str(ROOT / "src"),
    }
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return folder / "data"


@pytest.fixture
def empty(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Program]:
    """The program before its first sync."""
    config = _configure(tmp_path, sandbox)
    monkeypatch.setenv("FIELDBOARD_CONFIG", str(config))
    monkeypatch.setenv("FIELDBOARD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NORTH_TOKEN", TOKEN)
    yield Program(config, tmp_path / "data", sandbox, capsys)
    close_log()


@pytest.fixture
def program(empty: Program, synced_data: Path) -> Program:
    """The program after a first sync."""
    shutil.copytree(synced_data, empty.data)
    return empty


@pytest.fixture
def job(program: Program, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A new job at the server with one visit, without technician and time, synced."""
    client = program.sandbox.clients()[0]["id"]
    made = program.sandbox.call(
        "POST",
        "/api/v1/jobs",
        {"clientId": client, "jobNumber": f"T-{abs(hash(request.node.nodeid)) % 10**8}"},
    )["job"]
    program.sandbox.call("POST", "/api/v1/visits", {"jobId": made["id"]})
    program.ok("sync")
    return program.job(made["id"])


@pytest.fixture
def closed_port() -> int:
    """A port of this computer at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
