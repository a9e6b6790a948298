"""The sandbox as a program that listens on this computer."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from fieldboard.sandbox.serve import SYSTEMS, PortTaken, SandboxError, _listen, run

_PROGRAM = """
import sys
from fieldboard.sandbox.serve import run
run("fieldcamp", technicians=3, jobs=20, live=True, roster_file=sys.argv[1],
    on_ready=lambda url, token: print(url, token, flush=True))
print("ended", flush=True)
"""


def refuse(url: str, token: str) -> None:
    pytest.fail(f"it started at {url} with {token}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_answers_and_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    roster = tmp_path / "roster.toml"
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(roster)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        url, token = process.stdout.readline().split()
        assert url.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=url, trust_env=False) as http:
            assert http.get("/api/v1/jobs").status_code == 401
            answer = http.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
            assert len(answer.json()["data"]["jobs"]) >= 20
        assert len(tomllib.loads(roster.read_text("utf-8"))["technician"]) == 3
        os.kill(process.pid, number)
        assert process.stdout.read() == "ended\n"
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_the_roster_speaks_of_technicians_as_the_served_system_does(tmp_path: Path) -> None:
    program = _PROGRAM.replace('"fieldcamp"', '"letsjobit"')
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "roster.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        url, token = process.stdout.readline().split()
        with httpx.Client(base_url=url, trust_env=False) as http:
            answer = http.get("/api/v2/visits", headers={"Authorization": f"Bearer {token}"})
            rows = answer.json()["data"]
        roster = tomllib.loads((tmp_path / "roster.toml").read_text("utf-8"))
        assert len(rows) >= 20
        assert {row["driverId"] for row in rows} <= {entry["id"] for entry in roster["technician"]}
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_a_taken_port_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is taken"):
            run("fieldcamp", port=port, on_ready=refuse)


def test_what_does_not_exist_is_named_with_what_does() -> None:
    with pytest.raises(SandboxError, match='no sandbox of "servicetitan"; there is fieldcamp'):
        run("servicetitan", on_ready=refuse)
    with pytest.raises(SandboxError, match="there are slow, flaky, down, ratelimited"):
        run("fieldcamp", faults="bad", on_ready=refuse)
    with pytest.raises(SandboxError, match="no IANA time zone"):
        run("fieldcamp", zone="Mars/Olympus", on_ready=refuse)
    with pytest.raises(SandboxError, match="no setting"):
        run("fieldcamp", technicians=1, jobs=1, settings={"x": "y"}, on_ready=refuse)
    assert {"fieldcamp", "fsmnavigator", "letsjobit", "fieldopt"} <= set(SYSTEMS)


def test_a_cut_answer_is_cut_on_the_line(tmp_path: Path) -> None:
    program = _PROGRAM.replace("live=True", 'faults="cut"')
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "roster.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        url, token = process.stdout.readline().split()
        with httpx.Client(base_url=url, trust_env=False) as http, pytest.raises(httpx.RemoteProtocolError):
            http.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize("dialect", ["wiki", "code"])
def test_a_system_without_tokens_says_so_on_the_line(tmp_path: Path, dialect: str) -> None:
    command = [
        sys.executable,
        "-m",
        "fieldboard",
        "sandbox",
        "fieldopt",
        "--jobs",
        "20",
        "--technicians",
        "3",
    ]
    command += ["--json", "--live", "--write-roster", str(tmp_path / "roster.toml")]
    command += ["--set", "dialect=code"] if dialect == "code" else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        said = json.loads(process.stdout.readline())
        assert list(said) == ["url", "token"]
        assert said["token"] is None
        with httpx.Client(base_url=said["url"], trust_env=False) as http:
            rows = http.get("/api/v1/jobs/").json()
            assert len(rows) >= 20
            assert ("job_type" in rows[0]) is (dialect == "code")
        roster = tomllib.loads((tmp_path / "roster.toml").read_text("utf-8"))
        assert [one["id"] for one in roster["technician"]] == ["1", "2", "3"]
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


async def test_an_answer_does_not_wait_for_a_fuller_packet() -> None:
    at_once: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        at_once.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = _listen(0)
    async with await asyncio.start_server(answer, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await asyncio.wait_for(at_once, 10) == 1
        writer.close()
        await writer.wait_closed()
