"""A stage for the whole program: a sandbox process, a profile on disk, boards in terminals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from fieldboard.sandbox.world import demo_zone
from tests.terminal import Terminal

SOURCE: Final = Path(__file__).parents[2] / "src"
TOKEN: Final = "a-token-for-tests"
ZONE: Final = demo_zone(datetime.now(UTC))
LIMIT_S: Final = 40.0

Fact = TypeVar("Fact")


def eventually(fact: Callable[[], Fact], says: str, limit: float = LIMIT_S) -> Fact:
    """Ask until the answer is true; the answer. Raises AssertionError."""
    end = time.monotonic() + limit
    while True:
        found = fact()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"it never came to this: {says}")
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def command_of(pid: int) -> list[str]:
    """What a process was started with; nothing where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    return state_of(pid) not in (None, "Z")


def state_of(pid: int) -> str | None:
    """The kernel's letter for what a process is doing; None where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


class Server:
    """The sandbox as a process. What it is asked here goes over HTTP."""

    def __init__(self, folder: Path, *, technicians: int = 6, jobs: int = 120) -> None:
        self._roster = folder / "roster.toml"
        self._size = ("--technicians", str(technicians), "--jobs", str(jobs))
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start, at the same address as before."""
        command = [
            *(sys.executable, "-m", "fieldboard", "sandbox", "fieldcamp", "--json", "--zone", ZONE),
            *("--port", str(self.port), *self._size, "--write-roster", str(self._roster)),
        ]
        environ = {**os.environ, "PYTHONPATH": str(SOURCE), "FIELDBOARD_SANDBOX_TOKEN": TOKEN}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True)
        assert self._process.stdout is not None
        self.url = json.loads(self._process.stdout.readline())["url"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self) -> None:
        """End, as a server that is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def ask(self, path: str, token: str = TOKEN) -> Any:
        """The data of one answer."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path, headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)["data"]

    def job(self, number: str) -> dict[str, Any]:
        """A job by its number, as the server has it."""
        (job,) = [one for one in self.ask("/api/v1/jobs")["jobs"] if one["jobNumber"] == number]
        found: dict[str, Any] = job
        return found

    def visits(self, number: str) -> list[dict[str, Any]]:
        """The visits of a job, as the server has them."""
        job = self.job(number)
        return [one for one in self.ask("/api/v1/visits")["visits"] if one["jobId"] == job["id"]]

    def technicians_of(self, number: str) -> set[str]:
        """Who is on a job or on one of its visits, as the server has it."""
        visits = {one.get("technicianId") for one in self.visits(number)}
        return {one for one in (*self.job(number).get("assignedToTeams", ()), *visits) if one}

    def technician(self, name: str) -> str:
        """The id of a technician by first name."""
        (found,) = [one["id"] for one in self.ask("/api/v1/team")["team"] if one["firstName"] == name]
        return str(found)


class Profile:
    """A configuration and a data folder, with the program to run on them."""

    def __init__(self, folder: Path, server: Server, *, token: str = TOKEN) -> None:
        self.folder, self.server = folder, server
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[profiles.north]\nbackend = "fieldcamp"\nbase_url = "{server.url}"\ntimezone = "{ZONE}"\n'
            'roster = "roster.toml"\npoll_s = 1\ntimeout_s = 5\nsettle_s = 1\ntoken_env = "NORTH_TOKEN"\n',
            encoding="utf-8",
        )
        self.environ = {
            "PYTHONPATH": str(SOURCE),
            "FIELDBOARD_DATA_DIR": str(folder / "data"),
            "NORTH_TOKEN": token,
            "HOME": str(folder),
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command that draws nothing."""
        return subprocess.run(
            [sys.executable, "-m", "fieldboard", "--config", str(self.config), *words],
            env={"PATH": os.environ["PATH"], **self.environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def sync(self) -> None:
        """Fill the cache."""
        done = self.run("sync", "--json")
        assert done.returncode == 0, done.stderr

    def outbox(self) -> list[dict[str, Any]]:
        """Every edit, as the command line lists it."""
        listed: list[dict[str, Any]] = json.loads(self.run("outbox", "--json").stdout)
        return listed

    def board(self, *words: str, **options: Any) -> Board:
        """Open a board; the caller closes it."""
        environ = {**self.environ, **options.pop("environ", {})}
        return Board(["--config", str(self.config), "board", *words], environ=environ, **options)


class Board(Terminal):
    """A board in a terminal."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        columns: int = 172,
        rows: int = 50,
        environ: dict[str, str] | None = None,
    ) -> None:
        super().__init__(
            [sys.executable, "-m", "fieldboard", *words], columns=columns, rows=rows, environ=environ
        )

    def ready(self) -> str:
        """Wait until all is drawn; the screen."""
        self.wait_for("QUEUE", LIMIT_S)
        self.settle(0.3)
        return self.text()

    def shows(self, *texts: str) -> str:
        """Wait until all of these are on the screen at once; the screen."""
        return self.wait_for(lambda screen: all(text in screen for text in texts), LIMIT_S)

    @property
    def lines(self) -> str:
        """The lines below the panes: what is under the cursor, what happened, the keys."""
        return "\n".join(self.text().split("\n")[-3:])

    @property
    def header(self) -> str:
        """The first line."""
        return self.text().split("\n")[0]

    def header_says(self, text: str) -> None:
        """Wait until the first line says a text."""
        self.wait_for(lambda screen: text in screen.split("\n")[0], LIMIT_S)

    @property
    def number(self) -> str:
        """The number of the job under the cursor, as the line above the footer names it."""
        for line in self.lines.split("\n"):
            if found := re.match(r"\W*(?:\S )?(\d{4}) ", line):
                return found[1]
        raise AssertionError(f"no job is named under:\n{self.text()}")

    def go_to(self, number: str) -> None:
        """Put the cursor on a job by searching it."""
        self.press("/")
        self.send(number)
        self.shows(number)
        self.settle()
        self.press("enter")
        self.wait_for(lambda _: self.named() == number, LIMIT_S)

    def named(self) -> str | None:
        """The same; None where no job is under the cursor."""
        try:
            return self.number
        except AssertionError:
            return None

    def assign_to_the_best(self) -> None:
        """The two keys for the job under the cursor; a third where even the best breaks a rule."""
        self.press("a")
        self.shows("Enter assigns")
        self.press("enter")
        if "Enter again" in self.text():
            self.press("enter")

    def confirm(self) -> None:
        """Enter, and once more where a rule would be broken."""
        self.press("enter")
        if "MOVE" in self.lines or "does it all the same" in self.lines:
            self.press("enter")

    def sync_process(self) -> int:
        """The process that syncs for this board."""
        return eventually(
            lambda: next((pid for pid in children(self.process.pid) if "sync-service" in command_of(pid)), 0),
            "a sync process runs",
        )

    def kill(self) -> None:
        """End it as a loss of power would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def leave(self) -> int:
        """Press q; the exit code."""
        self.send("q")
        return self.wait(30)
