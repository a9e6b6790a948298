"""The long form: ``python -m tests.simulation --schedules 10000 [--jobs N] [--resume FILE]``.

``--mutants`` measures instead how many schedules it takes to catch each deliberate defect.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.simulation import cases, sensitivity
from tests.simulation.schedule import Case, Outcome, collect_rarely, play, play_seed
from tests.simulation.systems import SYSTEMS
from tests.simulation.tally import Tally

SAY_EVERY_S = 10.0


def main(arguments: list[str] | None = None) -> int:
    """Play schedules, each twice, and print what came of them; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000, help="how many seeds to play")
    parser.add_argument("--system", choices=[*SYSTEMS], default="fieldcamp", help="the system to play")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one seed and print its trace")
    parser.add_argument("--resume", type=Path, help="a file that remembers how far this came")
    parser.add_argument("--once", action="store_true", help="play each seed once only")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes play")
    parser.add_argument("--mutants", action="store_true", help="how soon each deliberate defect is caught")
    parser.add_argument("--within", type=int, default=40, help="schedules after which a defect survives")
    parser.add_argument("--only", default="", help="only the defects with this in their name")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    if chosen.seed is not None:
        outcome = play(Case(chosen.seed, system=chosen.system), verbose=True)
        print(outcome.trace_hash, outcome.broken or "holds")
        return int(outcome.broken is not None)
    if chosen.mutants:
        worse = 0
        for row, risen in sensitivity.measured(chosen.within, chosen.only):
            print(row, flush=True)
            worse += risen
        return int(worse > 0)
    tally, first = _resumed(chosen.resume, chosen.first)
    seeds = range(first, chosen.first + chosen.schedules)
    began = said = time.monotonic()
    with _players(chosen.jobs, partial(play_seed, system=chosen.system, once=chosen.once), seeds) as played:
        for seed, (outcome, same) in zip(seeds, played, strict=True):
            tally.add(outcome, same=same)
            if outcome.broken is not None:
                print(f"seed {seed}: {outcome.broken}; kept in {cases.save(outcome)}", flush=True)
            if time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                _remember(chosen.resume, tally, seed + 1)
                rate = (seed + 1 - first) / (said - began)
                left = (seeds.stop - seed - 1) / rate / 60
                print(
                    f"{tally.schedules} of {chosen.schedules} schedules, {tally.edits} edits, "
                    f"{len(tally.broken)} broken; {rate:.1f} a second, {left:.0f} min left",
                    flush=True,
                )
    _remember(chosen.resume, tally, seeds.stop)
    print(tally.report())
    return int(bool(tally.broken or tally.unlike))


@contextmanager
def _players(
    jobs: int, play_one: partial[tuple[Outcome, bool]], seeds: range
) -> Iterator[Iterable[tuple[Outcome, bool]]]:
    """What comes of the seeds, in their order, from so many processes."""
    if jobs <= 1:
        yield map(play_one, seeds)
        return
    # Not forked: a copy of this process would share its locks and its template of empty files.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=collect_rarely) as pool:
        try:
            yield pool.map(play_one, seeds, chunksize=4)
        finally:
            pool.shutdown(cancel_futures=True)


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


if __name__ == "__main__":
    sys.exit(main())
