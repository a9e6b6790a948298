"""A limit that all processes of this computer keep together: so many requests in a sliding window.

A vendor counts by key, and several windows, commands and profiles may use one. They note in a small file
when each request goes out; whoever comes when the window is full takes the next moment that is free. The
moments are of the computer's monotonic clock, which all its processes share.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fieldboard.backends.rate import LONGEST_S, Budget
from fieldboard.clock import Clock

AHEAD: Final = 10
"""Windows for which turns may be taken ahead; that many requests never wait at once."""
LOCK_S: Final = 2.0
"""How long is waited for another process that is noting its request."""


def turn(moments: Sequence[float], now: float, most: int, window_s: float) -> tuple[float, list[float]]:
    """When the next request may go out, and the moments to keep with it.

    Within any `window_s` at most `most` moments lie. What lies many windows ahead is from before a restart
    of the computer, whose clock began anew, and counts for nothing.
    """
    kept = sorted(at for at in moments if now - window_s < at <= now + AHEAD * window_s)
    at = now if len(kept) < most else max(now, kept[-most] + window_s)
    return at, [*kept, at][-2 * most :]


class Ledger:
    """The file of moments. Where it cannot be used, each process counts its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own: list[float] = []
        self._inside = threading.Lock()

    def take(self, now: float, most: int, window_s: float) -> float:
        """Take the next turn; the moment at which it is."""
        with self._inside:
            try:
                return self._taken_from_file(now, most, window_s)
            except (OSError, TimeoutError):
                at, self._own = turn(self._own, now, most, window_s)
                return at

    def _taken_from_file(self, now: float, most: int, window_s: float) -> float:
        from filelock import FileLock

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(str(self._path.with_suffix(".lock")), mode=0o600, thread_local=False)
        with lock.acquire(timeout=LOCK_S, poll_interval=0.005):
            at, kept = turn([*self._read(), *self._own], now, most, window_s)
            self._own = []
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump(kept, file)
        return at

    def _read(self) -> list[float]:
        try:
            value = json.loads(self._path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return []
        return (
            [float(one) for one in value if isinstance(one, int | float)] if isinstance(value, list) else []
        )


def ledger_of(folder: Path, address: str) -> Ledger:
    """The ledger of a server: two keys at one server share it, so that no key's name is in any file."""
    name = re.sub(r"[^A-Za-z0-9.-]", "_", urlsplit(address).netloc or address)
    return Ledger(folder / f"requests-{name}.json")


class SharedBudget(Budget):
    """A budget of `most` requests in `window_s`, counted together with whoever has the same ledger."""

    def __init__(self, clock: Clock, *, most: int, window_s: float, ledger: Ledger | None = None) -> None:
        super().__init__(clock)
        self._monotonic = clock.monotonic
        self._most_requests, self._window_s = most, window_s
        self._ledger = ledger
        self._moments: list[float] = []

    def pace_s(self) -> float:
        """Seconds to wait before the next request; its turn is taken."""
        now = self._monotonic()
        if self._ledger is not None:
            return max(0.0, self._ledger.take(now, self._most_requests, self._window_s) - now)
        at, self._moments = turn(self._moments, now, self._most_requests, self._window_s)
        return max(0.0, at - now)

    def untold_wait_s(self) -> float:
        """Until the server's window begins anew, as its headers had it; else a whole window."""
        left = self._reset_at - self._monotonic()
        return left if 0 < left <= LONGEST_S else self._window_s
