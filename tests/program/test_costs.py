"""What a key costs the terminal and the disk, counted on the real program: no clock is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.program.stage import Board, Profile, Server

CURSOR_BYTES = 4_000
"""What a cursor move may send: an SSH line is slow."""


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A board at rest that nothing but a key can move."""
    folder = tmp_path_factory.mktemp("costs")
    server = Server(folder)
    profile = Profile(folder, server)
    profile.sync()
    server.stop()
    with profile.board("--offline", columns=200, rows=50) as board:
        board.ready()
        board.settle(0.5)
        yield board


def written_by(board: Board, key: str) -> int:
    """Bytes that a key has the board write."""
    _, _, frames, written = board.burst_after(key, quiet=0.2)
    assert frames, f"{key!r} changed nothing"
    return written


def test_a_step_in_the_queue_sends_little(resting: Board) -> None:
    steps = [written_by(resting, key) for key in "jjkk"]
    # One of them may have drawn a new minute as well.
    assert sorted(steps)[-2] <= CURSOR_BYTES


def test_a_step_on_the_board_sends_little(resting: Board) -> None:
    resting.press("l")
    resting.press("g", "g")
    steps = [written_by(resting, key) for key in "jjk"]
    assert sorted(steps)[1] <= CURSOR_BYTES


def test_at_rest_nothing_is_written(resting: Board) -> None:
    resting.settle(0.5)
    before = resting.written
    for _ in range(3):
        resting.pump(0.5)
    # Only a new minute may be drawn meanwhile.
    assert resting.written - before <= 60_000
    frames = resting.frames
    for _ in range(2):
        resting.pump(0.6)
    assert resting.frames - frames <= 1
