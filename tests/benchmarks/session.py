"""One run of the real program in a pseudo-terminal, and what is asked of it."""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import Sample
from tests.benchmarks.processes import children, core_time, memory_mb, runs
from tests.benchmarks.worlds import ZONE, Place
from tests.terminal import KEYS, Terminal

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = Path(__file__).parent / "programs"

PAINTED: Final = (b"QUEUE", b"BOARD", b"TIMELINE", b"Amara")
"""What stands on the screen when the board does: each pane, and the first technician."""

FOCUSED: Final = re.compile(rb"\x1b\[1;4;[0-9;]*m(?:QUEUE|BOARD|TIMELINE)")
"""The title of a pane when the keys go to it: bold and underlined."""

LATE_S: Final = 2.0
"""How long an answer is waited for."""


def environ() -> dict[str, str]:
    """How the program finds its own source and ours."""
    return {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))), "HOME": tempfile.gettempdir()}


def program(name: str, *arguments: str) -> list[str]:
    """The command that runs one of the programs beside this file."""
    return [sys.executable, "-m", f"tests.benchmarks.programs.{name}", *arguments]


class Session:
    """The board on a copy of a profile. Use it as a context."""

    def __init__(
        self,
        place: Place,
        *,
        columns: int = 200,
        rows: int = 50,
        offline: bool = True,
        extra: dict[str, str] | None = None,
        profile_to: Path | None = None,
        painted: Iterable[bytes] = PAINTED,
        fresh: bool = True,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fieldboard-bench-"))
        self.place = place.copied_to(self._folder / "p") if fresh else place
        words = ["--config", str(self.place.config), "board"]
        words += ["--offline"] if offline else []
        command = [sys.executable, "-m", "fieldboard", *words]
        if profile_to is not None:
            command = program("profiled", str(profile_to), *words)
        self._dice = random.Random(7)
        self.terminal = Terminal(
            command,
            columns=columns,
            rows=rows,
            environ={**environ(), **self.place.environ, **(extra or {})},
            emulate=False,
        )
        self.terminal.kept = bytearray()
        try:
            self.start_s = self.terminal.shows_bytes([*painted])
        except BaseException:
            self.close()
            raise
        self.terminal.kept = None
        self.pid = self.terminal.process.pid

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the board and the sync beside it, and drop its profile."""
        pid = self.terminal.process.pid
        syncing = children(pid) if runs(pid) else []
        if self.terminal.process.poll() is None:
            self.terminal.send("q")
            with suppress(subprocess.TimeoutExpired):
                self.terminal.wait(10)
        self.terminal.close()
        # It ends a little later, and makes the folder anew for its last lock where that is gone.
        limit = time.monotonic() + 30
        while any(map(runs, syncing)) and time.monotonic() < limit:
            time.sleep(0.05)
        shutil.rmtree(self._folder, ignore_errors=True)

    def calm(self, quiet: float = 0.4, limit: float = 8.0) -> None:
        """Wait until the board has settled."""
        self.terminal.settle(quiet, limit)

    def press(self, *keys: str) -> None:
        """Press keys without measuring."""
        for key in keys:
            self.terminal.burst_after(KEYS.get(key, key), limit=0.5)

    def sample(self, text: str, *, limit: float = 1.0, quiet: float = 0.03) -> Sample:
        """Send what a key or the mouse sends, and wait for its frames."""
        before = core_time(self.pid)
        first, last, frames, written = self.terminal.burst_after(text, quiet=quiet, limit=limit)
        spent = core_time(self.pid).since(before)
        return Sample(first, last, frames, written, spent.waited, spent.on)

    def keys(self, keys: Iterable[str], **options: float) -> list[Sample]:
        """Press keys one by one, at random distances, each measured."""
        samples: list[Sample] = []
        for key in keys:
            time.sleep(self._dice.uniform(0.005, 0.035))
            samples.append(self.sample(KEYS.get(key, key), **options))
        return samples

    def panes(self, times: int) -> list[float]:
        """Go from pane to pane; seconds until each was on the screen, `LATE_S` where it never was."""
        return [self.pane() for _ in range(times)]

    def pane(self) -> float:
        """Go to the next pane, at a random moment: seconds until the frame in which its title is marked.

        Frames that the sync causes meanwhile are not taken for it.
        """
        time.sleep(self._dice.uniform(0.005, 0.035))
        took = self.terminal.answer_after("\t", FOCUSED, limit=LATE_S)
        return LATE_S if math.isnan(took) else took

    def memory_mb(self) -> float:
        """Memory of the board process."""
        return memory_mb(self.pid)


class Changes:
    """The second process that writes to the cache."""

    def __init__(self, place: Place) -> None:
        self.process = subprocess.Popen(
            program("changes", str(place.folder), ZONE.name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environ(), "TZ": "UTC"},
            text=True,
        )
        self._read()

    def _read(self) -> dict[str, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the process that changes the cache has ended")
        said: dict[str, float] = json.loads(line)
        return said

    def make(self, count: int, first: int) -> float:
        """Change `count` visits; when it was done, as time.perf_counter counts."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{count} {first}\n")
        self.process.stdin.flush()
        return self._read()["ended"]

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> Changes:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
