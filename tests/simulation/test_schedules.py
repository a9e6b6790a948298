"""Whole days from seeds: nothing lost, nothing twice, no lie, and all at rest in the end."""

from __future__ import annotations

import logging

import pytest

from tests.simulation import cases
from tests.simulation.schedule import Case, play

SCHEDULES = 100
CHUNK = 20


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize("first", range(0, SCHEDULES, CHUNK))
def test_schedules(first: int) -> None:
    for seed in range(first, first + CHUNK):
        outcome = play(Case(seed))
        assert outcome.broken is None, f"python -m tests.simulation --seed {seed}: {outcome.broken}"
        again = play(Case(seed))
        assert again.trace_hash == outcome.trace_hash, f"seed {seed} plays differently the second time"


@pytest.mark.parametrize(("case", "found"), cases.load(), ids=str)
def test_what_once_broke_holds(case: Case, found: str) -> None:
    assert play(case).broken is None, found
