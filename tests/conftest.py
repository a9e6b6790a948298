"""What every test may rely on: nobody's own configuration, data or token is near."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from pathlib import Path

# No deadline: how long an example takes on a busy computer says nothing about the code.
settings.register_profile(
    "fieldboard", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
# For the long runs: more and longer stories, by --hypothesis-profile=long.
settings.register_profile("long", settings.get_profile("fieldboard"), max_examples=2_000)
settings.load_profile("fieldboard")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:  # noqa: ARG001
    """Workers for `-n auto`: tests that wait for a terminal leave four tenths of a core idle."""
    cores = os.cpu_count() or 2
    return cores + (cores + 1) // 2


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An environment without fieldboard's variables, and with empty places of its own."""
    for name in list(os.environ):
        if name.startswith("FIELDBOARD_") or name in ("NO_COLOR", "UNICODE_VERSION"):
            monkeypatch.delenv(name)
    home: Path = tmp_path_factory.mktemp("home")
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("TZ", "UTC")
