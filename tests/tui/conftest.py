"""A world for every test of the board."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.world import BoardWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BoardWorld]:
    made = BoardWorld(tmp_path / "profile")
    yield made
    made.close()


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[[str], BoardWorld]]:
    """Makes one world after the other, each like the one before, in a folder of its own name."""
    every: list[BoardWorld] = []

    def make(name: str) -> BoardWorld:
        every.append(BoardWorld(tmp_path / name))
        return every[-1]

    yield make
    for one in every:
        one.close()
