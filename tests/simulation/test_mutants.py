"""Every deliberate defect is caught, by the invariant that is meant for it; the canary in every run."""

from __future__ import annotations

import logging

import pytest

from tests.simulation.mutants import CANARY, MUTANTS, Mutant
from tests.simulation.sensitivity import catch, most


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


@pytest.mark.parametrize("mutant", [CANARY, *MUTANTS], ids=lambda one: one.name)
def test_a_defect_is_caught(mutant: Mutant) -> None:
    # The program goes on changing, and what a seed shows with it: the next ones may show it instead.
    caught = catch(mutant, most(mutant), mutant.seed)
    assert caught.schedules is not None, f"{mutant.name} took {mutant.took}; spoke: {dict(caught.also)}"
