"""`fieldboard demo`: a board that can be worked with, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.program.stage import LIMIT_S, SOURCE, Board, children, eventually, runs


@contextmanager
def another(folder: Path, begun: Callable[[], object] = lambda: None) -> Iterator[Board]:
    """A demo whose temporary folder is this one, drawn; `begun` is called when it has been started."""
    environ = {"PYTHONPATH": str(SOURCE), "TMPDIR": str(folder), "HOME": str(folder)}
    with Board(["demo", "--technicians", "6", "--jobs", "120"], environ=environ) as board:
        begun()
        board.ready()
        yield board


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Board]:
    with another(tmp_path) as board:
        board.header_says("live")
        board.wait_for(lambda _: board.named() is not None, LIMIT_S)
        yield board


def test_it_opens_on_a_day_and_an_edit_arrives_at_its_server(demo: Board, tmp_path: Path) -> None:
    screen = demo.text()
    assert "Northgate Heating" in screen
    assert "today" in screen
    assert "Amara Diallo" in screen
    number = demo.number
    demo.assign_to_the_best()
    eventually(lambda: technicians(demo, tmp_path, number), "the server knows who goes")


def test_leaving_leaves_nothing_behind(demo: Board, tmp_path: Path) -> None:
    started = descendants(demo.process.pid)
    assert len(started) >= 2
    assert list(tmp_path.glob("fieldboard-demo-*"))
    assert demo.leave() == 0
    eventually(lambda: not any(map(runs, started)), "what it started has ended")
    assert list(tmp_path.glob("fieldboard-demo-*")) == []


def test_what_a_killed_demo_started_ends_by_itself_and_the_next_sweeps_its_folder(
    demo: Board, tmp_path: Path
) -> None:
    started = descendants(demo.process.pid)
    assert len(started) >= 2
    demo.kill()
    try:
        eventually(lambda: not any(map(runs, started)), "what it started has ended", limit=20)
    finally:
        end(started)
    (left,) = tmp_path.glob("fieldboard-demo-*")
    with another(tmp_path) as board:
        assert not left.exists()
        assert board.leave() == 0
    assert list(tmp_path.glob("fieldboard-demo-*")) == []


def test_a_demo_begun_while_another_dies_leaves_nothing_of_either(demo: Board, tmp_path: Path) -> None:
    syncing, started = demo.sync_process(), descendants(demo.process.pid)
    os.kill(syncing, signal.SIGSTOP)
    demo.kill()
    (left,) = tmp_path.glob("fieldboard-demo-*")
    try:
        with another(tmp_path, begun=lambda: os.kill(syncing, signal.SIGCONT)) as board:
            assert not runs(syncing)
            assert not left.exists()
            assert board.leave() == 0
    finally:
        end(started)
    assert list(tmp_path.glob("fieldboard-demo-*")) == []


def test_a_closed_terminal_leaves_nothing_behind(demo: Board, tmp_path: Path) -> None:
    started = descendants(demo.process.pid)
    # As the kernel does it where a shell is closed with its window.
    os.kill(demo.process.pid, signal.SIGCONT)
    os.kill(demo.process.pid, signal.SIGHUP)
    demo.wait(30)
    eventually(lambda: not any(map(runs, started)), "what it started has ended")
    assert list(tmp_path.glob("fieldboard-demo-*")) == []


def test_a_demo_that_is_continued_reads_its_terminal_with_one_thread(demo: Board) -> None:
    tasks = Path(f"/proc/{demo.process.pid}/task")
    before = len([*tasks.iterdir()])
    os.kill(demo.process.pid, signal.SIGSTOP)
    os.kill(demo.process.pid, signal.SIGCONT)
    demo.press("?")
    demo.wait_for("find by key")
    demo.press("escape", "escape")
    eventually(lambda: len([*tasks.iterdir()]) <= before, "no more threads than before")
    assert demo.leave() == 0


def end(processes: list[int]) -> None:
    """End what should have ended."""
    for pid in filter(runs, processes):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """All processes that were started from here on."""
    found = children(pid)
    return found + [one for child in found for one in descendants(child)]


def technicians(demo: Board, folder: Path, number: str) -> list[str]:
    """Who is on a job, as the demo's own server says."""
    (config,) = folder.glob("fieldboard-demo-*/config.toml")
    found = re.search(r'base_url = "([^"]+)"', config.read_text("utf-8"))
    assert found is not None
    token = next(
        value
        for pid in children(demo.process.pid)
        for name, _, value in (
            pair.partition("=") for pair in Path(f"/proc/{pid}/environ").read_text().split("\0")
        )
        if name == "FIELDBOARD_SANDBOX_TOKEN"
    )
    request = urllib.request.Request(  # noqa: S310 - loopback
        found[1] + "/api/v1/jobs", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        jobs = json.load(answer)["data"]["jobs"]
    (job,) = [one for one in jobs if one["jobNumber"] == number]
    crew: list[str] = job.get("assignedToTeams", [])
    return crew
