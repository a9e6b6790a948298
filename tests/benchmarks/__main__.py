"""`python -m tests.benchmarks`: every target of speed beside what was measured now."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.benchmarks import board_rows, queue_rows, sync_rows, system_rows
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.processes import load
from tests.benchmarks.run import BARE_CPU_MS, Run, versions

ROWS: Final[dict[str, Callable[[Run], Iterator[Figure]]]] = {
    "start": board_rows.start,
    "keys": board_rows.keys,
    "scroll": board_rows.scroll,
    "bulk": board_rows.bulk,
    "drag": board_rows.fast_drag,
    "days": board_rows.days,
    "queue": queue_rows.queue,
    "edit": queue_rows.edit,
    "memory": queue_rows.memory,
    "idle": queue_rows.idle,
    "first": sync_rows.first,
    "rounds": sync_rows.rounds,
    "systems": system_rows.systems,
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples and a smaller first sync")
    parser.add_argument(
        "--only", action="append", choices=sorted(ROWS), help="only these rows; may be repeated"
    )
    parser.add_argument("--technicians", default="50,200,1000", help="sizes, with commas between them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--worlds", type=Path, metavar="FOLDER", help="keep the profiles there for the next run"
    )
    given = parser.parse_args()
    folder = given.worlds or Path(tempfile.mkdtemp(prefix="fieldboard-bench-worlds-"))
    folder.mkdir(parents=True, exist_ok=True)
    sizes = tuple(int(one) for one in given.technicians.split(","))
    run = Run(folder, sizes, 0.25 if given.quick else 1.0)
    about = {**versions(), "load_before": f"{load():.1f}", "quick": str(given.quick)}
    figures: list[Figure] = []
    failed: list[str] = []
    try:
        for name in given.only or ROWS:
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            began = time.perf_counter()
            try:
                figures += ROWS[name](run)
            except (AssertionError, OSError) as wrong:
                failed.append(f"{name} could not be measured: {str(wrong)[:300]}")
            print(f"{time.perf_counter() - began:.0f} s, load {load():.1f}", file=sys.stderr)
    finally:
        if given.worlds is None:
            shutil.rmtree(folder, ignore_errors=True)
    about["load_after"] = f"{load():.1f}"
    pace = 1.0
    if any(one.limits for one in figures):
        pace = run.pace
        about["pace"] = (
            f"{pace:.2f} (a bare Textual start takes {run.bare_cpu_ms:.0f} ms on a core, "
            f"{BARE_CPU_MS:.0f} where the targets were found)"
        )
    print(table(figures, pace))
    print()
    print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in about.items()))
    for line in failed:
        print(line)
    if given.json:
        told = [{**asdict(one), "verdict": one.verdict(pace)} for one in figures]
        given.json.write_text(json.dumps({"about": about, "pace": pace, "figures": told}, indent=1))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
