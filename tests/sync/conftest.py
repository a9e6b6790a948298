from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sync.room import Room, room_with


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with room_with(tmp_path) as ready:
        yield ready
