"""Every deliberate defect is caught, by the invariant that is meant for it; the canary in every run."""

from __future__ import annotations

import logging

import pytest

from tests.simulation.mutants import CANARY, MUTANTS, Mutant
from tests.simulation.schedule import Case, play

WITHIN = 12
"""Schedules within which a defect must show itself."""


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize("mutant", [CANARY, *MUTANTS], ids=lambda one: one.name)
def test_a_defect_is_caught(mutant: Mutant) -> None:
    # The program goes on changing, and a seed with it: the next ones may show it instead.
    for seed in range(mutant.seed, mutant.seed + WITHIN):
        outcome = play(Case(seed, boost=mutant.boost), mutant=mutant.replacing)
        if outcome.broken is not None and outcome.broken.name in mutant.caught_by:
            return
    raise AssertionError(f"{mutant.name} is not caught from seed {mutant.seed} on")
