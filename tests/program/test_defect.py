"""A defect of ours: the board ends in words, with an exit code, and shows nobody's data."""

from __future__ import annotations

import os
import re
import sys

from tests.program.stage import LIMIT_S, Profile
from tests.terminal import Terminal

BROKEN = """
import sys
from fieldboard.cli import main
from fieldboard.tui.walking import Walking

def broken(self):
    customer = "Nobody's business"
    raise ValueError("broken on purpose")

Walking.do_zoom_in = broken
sys.exit(main(sys.argv[1:]))
"""


def test_a_defect_ends_the_board_in_words_and_keeps_the_edits(profile: Profile) -> None:
    command = [sys.executable, "-c", BROKEN, "--config", str(profile.config), "board", "--offline"]
    with Terminal(command, environ={**profile.environ, "PATH": os.environ["PATH"]}) as terminal:
        terminal.wait_for("QUEUE", LIMIT_S)
        terminal.settle(0.3)
        terminal.press("a", "enter")
        if "Enter again" in terminal.text():
            terminal.press("enter")
        terminal.wait_for("queued", LIMIT_S)
        terminal.kept = bytearray()
        terminal.send("+")
        code = terminal.wait(30)
        said = terminal.kept.decode("utf-8", "replace")
    words = re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;?<>=]*[a-zA-Z]", "", said))
    assert code == 1
    assert "Your edits are safe" in words
    assert "ValueError: broken on purpose" in words
    assert "Nobody's business" not in words
    assert "Traceback" not in words
    assert [one["state"] for one in profile.outbox()] == ["queued"]
