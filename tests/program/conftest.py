from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program.stage import Board, Profile, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A small company's FieldCamp."""
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def profile(tmp_path: Path, server: Server) -> Profile:
    """A profile of that server, synced once."""
    profile = Profile(tmp_path, server)
    profile.sync()
    return profile


@pytest.fixture
def board(profile: Profile) -> Iterator[Board]:
    """A board on that profile."""
    with profile.board() as board:
        board.ready()
        yield board
