"""What a benchmark says: one line a target, with the floor of the same run beside it.

The word in `holds` is `yes` or `NO` by the target of the design as it stands. Targets in milliseconds were
found on one computer; on another a row that misses its own says `at pace` instead of `NO` where each of its
figures, divided by the pace of this computer (see `run.Run.pace`), is within it. That is never a `yes`: a
slower computer has missed the target all the same. What does not depend on the processor has no pace:
ratios, bytes, memory, and what waits for a disk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured target.

    `holds` is None where the target is a comparison that this run could not make. `data` are the numbers
    behind `measured` and `floor`; times in milliseconds unless their name says otherwise. `limits` are what
    was measured and what it may be at most, both in milliseconds, where the target is one of time on a core.
    """

    what: str
    target: str
    measured: str
    floor: str
    holds: bool | None
    data: dict[str, float | int | str] = field(default_factory=dict)
    limits: tuple[tuple[float, float], ...] = ()

    @classmethod
    def timed(
        cls,
        what: str,
        target: str,
        measured: str,
        floor: str,
        *,
        limits: Sequence[tuple[float, float]],
        data: dict[str, float | int | str],
    ) -> Figure:
        """A target in milliseconds: it holds where nothing that was measured is above its limit."""
        return cls(what, target, measured, floor, _within(limits), data, tuple(limits))

    def verdict(self, pace: float) -> str:
        """What stands in `holds`, on a computer that takes `pace` times as long as that of the targets."""
        if self.holds is None:
            return "-"
        if self.holds:
            return "yes"
        scaled = [(measured / pace, limit) for measured, limit in self.limits]
        return "at pace" if scaled and _within(scaled) else "NO"


@dataclass(frozen=True, slots=True)
class Sample:
    """What came of one key, click or change; seconds.

    `first` and `last` are when its first and its last frame were complete, `waited` is how long the board
    waited for a core meanwhile, `cpu` how long it was on one.
    """

    first: float
    last: float
    frames: int
    written: int
    waited: float = 0.0
    cpu: float = 0.0


def quantile(values: Sequence[float], part: float) -> float:
    """The nearest-rank quantile; NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(part * len(ordered)) - 1))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return quantile(values, 0.5)


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds over a number of samples: to the last frame, to the first, without what was waited for a
    core (`free`), and what the whole process was on a core (`cpu`)."""

    n: int
    p50: float
    p99: float
    first50: float
    first99: float
    free50: float
    free99: float
    cpu50: float
    cpu99: float
    bytes50: int
    bytes_most: int

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Timing:
        """Sum samples up; those without a frame are left out."""
        seen = [one for one in samples if one.frames]
        last = [one.last * 1e3 for one in seen]
        first = [one.first * 1e3 for one in seen]
        free = [max(0.0, one.last - one.waited) * 1e3 for one in seen]
        cpu = [one.cpu * 1e3 for one in seen]
        written = [one.written for one in seen]
        return cls(
            len(seen), median(last), quantile(last, 0.99), median(first), quantile(first, 0.99),
            median(free), quantile(free, 0.99), median(cpu), quantile(cpu, 0.99),
            int(quantile(written, 0.5)) if written else 0, max(written, default=0),
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.p50:.1f} / {self.p99:.1f} ms (n={self.n}; on a core {self.cpu50:.1f} / {self.cpu99:.1f})"
        )

    def data(self, name: str) -> dict[str, float | int | str]:
        """The numbers, each under a name that begins with `name`."""
        return {
            f"{name}_n": self.n,
            f"{name}_p50": round(self.p50, 2),
            f"{name}_p99": round(self.p99, 2),
            f"{name}_first_p50": round(self.first50, 2),
            f"{name}_first_p99": round(self.first99, 2),
            f"{name}_free_p50": round(self.free50, 2),
            f"{name}_free_p99": round(self.free99, 2),
            f"{name}_cpu_p50": round(self.cpu50, 2),
            f"{name}_cpu_p99": round(self.cpu99, 2),
            f"{name}_bytes_p50": self.bytes50,
        }


def table(figures: Sequence[Figure], pace: float) -> str:
    """The figures as a table for people."""
    head = ("what", "target", "measured", "floor or peer, same run", "holds")
    rows = [head, *((one.what, one.target, one.measured, one.floor, one.verdict(pace)) for one in figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _within(limits: Sequence[tuple[float, float]]) -> bool:
    return all(measured <= limit for measured, limit in limits)
