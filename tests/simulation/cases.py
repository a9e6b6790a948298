"""Schedules that once found something, kept to be played again.

A case holds the seed and what was left out to make it smaller; `found` says what it found. The schedule of
a seed changes when the simulator draws more: then the case is as good as any other seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.simulation.schedule import Case, Outcome

FOLDER: Final = Path(__file__).parent / "cases"


def load() -> Iterator[tuple[Case, str]]:
    """Every case that is kept, with what it found."""
    for path in sorted(FOLDER.glob("*.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        system = kept.get("system", "fieldcamp")
        yield Case(kept["seed"], kept["length_s"], tuple(kept["without"]), system=system), kept["found"]


def save(outcome: Outcome, folder: Path = FOLDER) -> Path:
    """Keep a schedule in which something broke, with the end of its trace."""
    case = outcome.case
    kept = {
        "system": case.system,
        "seed": case.seed,
        "length_s": case.length_s,
        "without": list(case.without),
        "found": str(outcome.broken),
        "trace": outcome.trace[-40:],
    }
    path = folder / f"{case.system}-{case.seed}.json"
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
