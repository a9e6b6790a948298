"""The terminal itself: small, resized, without colour."""

from __future__ import annotations

import re
import signal

from tests.program.stage import Profile, eventually, state_of


def test_a_terminal_that_is_too_small_says_so_until_it_is_larger(profile: Profile) -> None:
    with profile.board("--offline", columns=50, rows=12) as board:
        board.wait_for("too small")
        board.resize(120, 36)
        screen = board.shows("QUEUE", "BOARD")
        assert len(screen.split("\n")) == 36
        board.resize(80, 24)
        board.wait_for(lambda screen: len(screen.split("\n")) == 24 and board.named() is not None)
        assert board.leave() == 0


def test_without_colour_nothing_is_coloured(profile: Profile) -> None:
    with profile.board("--offline", environ={"NO_COLOR": "1"}) as board:
        board.kept = bytearray()
        board.ready()
        colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", bytes(board.kept)))
        assert all(red == green == blue for red, green, blue in colours)
        assert not re.search(rb"\x1b\[(?:\d+;)*(?:[34][0-7]|[34]8;5;\d+|9[0-7])m", bytes(board.kept))
        assert board.leave() == 0


def test_the_place_is_restored_at_the_next_start(profile: Profile) -> None:
    with profile.board("--offline") as board:
        board.ready()
        board.press("j", "j")
        number = board.number
        board.press("q")
        assert board.wait(20) == 0
    with profile.board("--offline") as board:
        board.ready()
        assert board.number == number
        assert board.leave() == 0


def test_stopped_and_taken_up_again_it_reads_keys_on(profile: Profile) -> None:
    with profile.board("--offline") as board:
        board.ready()
        for key in "jk":
            before = board.number
            board.process.send_signal(signal.SIGTSTP)
            eventually(lambda: state_of(board.process.pid) == "T", "it is stopped")
            board.process.send_signal(signal.SIGCONT)
            board.settle()
            board.press(key)
            assert board.number != before
        assert board.leave() == 0
