"""What one run of the benchmarks knows: its worlds, how thorough it is, and its floors."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import Sample, Timing, median
from tests.benchmarks.processes import core_time, memory_mb
from tests.benchmarks.session import Session, environ, program
from tests.benchmarks.worlds import Place, World, build
from tests.terminal import Terminal

BARE_CPU_MS: Final = 147.0
"""Milliseconds on a core of a bare Textual start on the computer on which the targets were found."""


@dataclass
class Run:
    """One run. `scale` is 1 for a whole one, smaller for a quick one."""

    folder: Path
    technicians: tuple[int, ...] = (50, 200, 1000)
    scale: float = 1.0
    notes: list[str] = field(default_factory=list)

    def times(self, whole: int, least: int = 5) -> int:
        """How often to do what a whole run does `whole` times."""
        return max(least, round(whole * self.scale))

    def world(self, technicians: int, elsewhere: int = 0, waiting: int = 300) -> Place:
        """A profile of that size, warm: the board has been opened on it once."""
        world = World(technicians, elsewhere, waiting)
        place = build(world, self.folder)
        warm = place.folder / "warm"
        if not warm.exists():
            with Session(place, fresh=False):
                pass
            place.files.ui.unlink(missing_ok=True)
            warm.touch()
        return place

    @cached_property
    def largest(self) -> int:
        """The most technicians that are measured."""
        return max(self.technicians)

    @cached_property
    def usual(self) -> int:
        """200 technicians, or the size that was asked for instead."""
        return 200 if 200 in self.technicians else self.technicians[0]

    def bare_start(self) -> tuple[float, float, float]:
        """A bare Textual application: seconds to its text, seconds on a core until then, memory in MB."""
        with Terminal(program("bare_app"), columns=200, rows=50, environ=environ(), emulate=False) as bare:
            seconds = bare.shows_bytes([b"READY"])
            spent = core_time(bare.process.pid).on
            bare.settle(0.4, 3.0)
            return seconds, spent, memory_mb(bare.process.pid)

    @cached_property
    def bare_cpu_ms(self) -> float:
        """Milliseconds on a core that a bare Textual application takes to its text; the least of some.

        Not by the clock, and the least: what other programs take must not look like a slow computer.
        """
        return min(self.bare_start()[1] for _ in range(5)) * 1e3

    @property
    def pace(self) -> float:
        """How many times as long as the computer of the targets this one takes; 1 for a faster one.

        By a bare Textual start, which is the same work on both.
        """
        return max(1.0, self.bare_cpu_ms / BARE_CPU_MS)

    @cached_property
    def bare_memory(self) -> float:
        """Memory of a bare Textual application, MB."""
        return median([self.bare_start()[2] for _ in range(3)])

    @cached_property
    def echo(self) -> Timing:
        """The floor of a key: a bare program that answers it, through the same harness."""
        with Terminal(program("echo"), columns=200, rows=50, environ=environ(), emulate=False) as bare:
            bare.shows_bytes([b"READY"])
            samples = [Sample(*bare.burst_after("x", quiet=0.01)) for _ in range(self.times(200))]
            bare.send("q")
            bare.wait(5)
        return Timing.of(samples)

    @property
    def echo_text(self) -> str:
        """The floor of a key, in words."""
        return f"echo {self.echo.p50:.1f} / {self.echo.p99:.1f} ms"


def versions() -> dict[str, str]:
    """What the figures were made with."""
    import platform
    import sqlite3
    from importlib.metadata import version

    return {
        "python": sys.version.split()[0],
        "textual": version("textual"),
        "sqlite": sqlite3.sqlite_version,
        "machine": f"{platform.release()} {platform.machine()}",
    }
