"""Whole days from seeds: nothing lost, nothing twice, no lie, and all at rest in the end."""

from __future__ import annotations

import logging

import pytest

from tests.simulation import cases
from tests.simulation.schedule import Case, play
from tests.simulation.systems import SYSTEMS

SCHEDULES = {"fieldcamp": 500}
OF_OTHERS = 40
"""How many seeds of a system are played."""
TWICE = 10
"""One of so many seeds is played again, and must leave the same trace; the long form plays each twice."""
CHUNK = 20
CHUNKS = [
    (system, first) for system in SYSTEMS for first in range(0, SCHEDULES.get(system, OF_OTHERS), CHUNK)
]


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize(("system", "first"), CHUNKS)
def test_schedules(system: str, first: int) -> None:
    for seed in range(first, first + CHUNK):
        case = Case(seed, system=system)
        outcome = play(case)
        says = f"python -m tests.simulation --system {system} --seed {seed}"
        assert outcome.broken is None, f"{says}: {outcome.broken}"
        if seed % TWICE:
            continue
        again = play(case)
        assert again.trace_hash == outcome.trace_hash, f"{says} plays differently the second time"


@pytest.mark.parametrize(("case", "found"), cases.load(), ids=str)
def test_what_once_broke_holds(case: Case, found: str) -> None:
    assert play(case).broken is None, found
