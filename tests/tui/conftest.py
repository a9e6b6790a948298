"""A world for every test of the board."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.world import BoardWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BoardWorld]:
    made = BoardWorld(tmp_path / "profile")
    yield made
    made.close()
