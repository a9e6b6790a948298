from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.board.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "profile")
    yield made
    made.close()
