"""What the kernel knows of a process: memory, time on a core, time waiting for one. Linux."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CoreTime:
    """Seconds that all threads of a process were on a core, and that its main thread waited for one."""

    on: float
    waited: float

    def since(self, before: CoreTime) -> CoreTime:
        """What was added after `before`."""
        return CoreTime(self.on - before.on, self.waited - before.waited)


def core_time(pid: int) -> CoreTime:
    """The time of a process so far."""
    on = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            on += int((task / "schedstat").read_text().split()[0])
        except OSError:
            continue  # a thread that has just ended
    waited = int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1])
    return CoreTime(on / 1e9, waited / 1e9)


def memory_mb(pid: int) -> float:
    """Memory that the process has for itself or shares, in MB (10**6 bytes; VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return float("nan")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def load() -> float:
    """Processes that wanted a core over the last minute."""
    return os.getloadavg()[0]
