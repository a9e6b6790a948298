"""Every test of the suite runs for every system."""

from __future__ import annotations

import logging

import pytest

from tests.conformance.systems import SYSTEMS, System


@pytest.fixture(params=SYSTEMS, ids=lambda one: one.name)
def system(request: pytest.FixtureRequest) -> System:
    """One system after the other."""
    found: System = request.param
    return found


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
