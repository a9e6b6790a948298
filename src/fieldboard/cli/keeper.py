"""Keeps a sync process running for a board: starts it, replaces it when it dies, and says why it cannot."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fieldboard.paths import private_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fieldboard.cli.lifeline import Lifeline
    from fieldboard.clock import Clock

RESTARTS: Final = 5
WITHIN_SECONDS: Final = 300.0


class SyncKeeper:
    """The sync process of one window.

    Each window starts one; a lock elects which of them works, and the others end at once. Where the
    one at work dies with its window, the next window to look starts another. A process that fails is
    replaced at most five times in five minutes.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        clock: Clock,
        said: Path,
        somebody_syncs: Callable[[], bool],
        *,
        lifeline: Lifeline | None = None,
    ) -> None:
        """`command` starts the process; what it says goes to the file `said`.

        With a `lifeline` it ends with this process; else it first sends what waits.
        """
        self._command, self._environ, self._clock, self._said = list(command), dict(environ), clock, said
        self._somebody_syncs, self._lifeline = somebody_syncs, lifeline
        self._process: subprocess.Popen[bytes] | None = None
        self._failed: deque[float] = deque(maxlen=RESTARTS)
        self._trouble: str | None = None

    @property
    def trouble(self) -> str | None:
        """Why there is no sync; None if all is well."""
        return self._trouble

    def start(self) -> None:
        """Start the process; call after the first paint, so that it takes nothing from the start."""
        try:
            with private_file(self._said).open("ab") as said:
                self._process = self._started(said.fileno())
        except OSError as wrong:
            self._trouble = f"the sync process cannot be started: {wrong.strerror}"

    def _started(self, said: int) -> subprocess.Popen[bytes]:
        # A Ctrl+C in the terminal is for the board alone: a session of its own.
        nowhere = subprocess.DEVNULL
        if self._lifeline is not None:
            return self._lifeline.start(
                self._command, self._environ, stdout=nowhere, stderr=said, new_session=True
            )
        return subprocess.Popen(
            self._command,
            env=self._environ,
            stdin=nowhere,
            stdout=nowhere,
            stderr=said,
            start_new_session=True,
        )

    def check(self) -> None:
        """Replace the process if none works any more; call about once a second."""
        if self._trouble is not None or self._process is None:
            return
        code = self._process.poll()
        if code is None:
            return
        if code == 0:
            if not self._somebody_syncs():
                self.start()
            return
        now = self._clock.monotonic()
        self._failed.append(now)
        if len(self._failed) == RESTARTS and now - self._failed[0] < WITHIN_SECONDS:
            self._trouble = (
                f"sync failed {RESTARTS} times in {WITHIN_SECONDS / 60:.0f} min: {self._last_words()}"
            )
            return
        self.start()

    def _last_words(self) -> str:
        try:
            lines = self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1].removeprefix("fieldboard: ") if lines else f"see {self._said}"

    def wait(self, seconds: float) -> None:
        """Wait for the process, which ends by itself once no window is open; then end it."""
        if self._process is None:
            return
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)


def sync_command(config: Path, profile: str, *, tied: bool = False) -> list[str]:
    """The command that starts the sync process of a profile; `tied` to its standard input."""
    return [
        sys.executable,
        "-m",
        "fieldboard",
        "--config",
        str(config),
        "--profile",
        profile,
        "sync-service",
        *(["--until-stdin-ends"] if tied else []),
    ]
