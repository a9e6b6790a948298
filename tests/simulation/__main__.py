"""The long form: ``python -m tests.simulation --schedules 10000 [--resume FILE]``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from pathlib import Path

from tests.simulation import cases
from tests.simulation.schedule import Case, play
from tests.simulation.systems import SYSTEMS
from tests.simulation.tally import Tally


def main(arguments: list[str] | None = None) -> int:
    """Play schedules, each twice, and print what came of them; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000, help="how many seeds to play")
    parser.add_argument("--system", choices=[*SYSTEMS], default="fieldcamp", help="the system to play")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one seed and print its trace")
    parser.add_argument("--resume", type=Path, help="a file that remembers how far this came")
    parser.add_argument("--once", action="store_true", help="play each seed once only")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.WARNING)
    if chosen.seed is not None:
        outcome = play(Case(chosen.seed, system=chosen.system), verbose=True)
        print(outcome.trace_hash, outcome.broken or "holds")
        return int(outcome.broken is not None)
    tally, seed = _resumed(chosen.resume, chosen.first)
    began = last_said = time.monotonic()
    while seed < chosen.first + chosen.schedules:
        case = Case(seed, system=chosen.system)
        outcome = play(case)
        again = outcome if chosen.once else play(case)
        tally.add(outcome, same=again.trace_hash == outcome.trace_hash)
        if outcome.broken is not None:
            print(f"seed {seed}: {outcome.broken}; kept in {cases.save(outcome)}", flush=True)
        seed += 1
        if time.monotonic() - last_said > 10:
            last_said = time.monotonic()
            print(
                f"{tally.schedules} schedules, {tally.edits} edits, {(last_said - began):.0f} s", flush=True
            )
            _remember(chosen.resume, tally, seed)
    _remember(chosen.resume, tally, seed)
    print(tally.report())
    return int(bool(tally.broken or tally.unlike))


def _resumed(file: Path | None, first: int) -> tuple[Tally, int]:
    if file is None or not file.exists():
        return Tally(), first
    kept = json.loads(file.read_text(encoding="utf-8"))
    return Tally.from_json(kept["tally"]), kept["seed"]


def _remember(file: Path | None, tally: Tally, seed: int) -> None:
    if file is not None:
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps({"seed": seed, "tally": tally.as_json()}), encoding="utf-8")
        draft.replace(file)


__all__ = ["Counter", "main"]

if __name__ == "__main__":
    sys.exit(main())
