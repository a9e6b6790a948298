from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


def told(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_was_left_out_is_whole_for_whoever_wants_it_later() -> None:
    assert (
        told("""
from fieldboard.tui.lean import load_textual
load_textual()
import sys
left_out = {"ssl", "textual.command"} - sys.modules.keys()
import ssl, textual.command
from textual.app import App
print(sorted(left_out), ssl.create_default_context().check_hostname, textual.command.CommandPalette.__base__)
""")
        == "['ssl', 'textual.command'] True <class 'textual.screen.SystemModalScreen'>"
    )


def test_the_boards_own_palette_is_made_of_the_real_one() -> None:
    assert (
        told("""
from fieldboard.tui.lean import board_app
App = board_app()
import sys
before = "textual.command" in sys.modules
import fieldboard.tui.palette, textual.command, textual.screen
own = [one for one in vars(fieldboard.tui.palette).values()
       if isinstance(one, type) and one.__module__ == "fieldboard.tui.palette"]
print(before, any(issubclass(one, textual.command.CommandPalette) for one in own),
      issubclass(textual.command.CommandPalette, textual.screen.Screen))
""")
        == "False True True"
    )


def test_what_is_loaded_already_stays() -> None:
    assert (
        told("""
import asyncio, asyncio.sslproto
import textual.command, textual.app
from fieldboard.tui.lean import load_textual
load_textual()
import sys
print(sys.modules["textual.command"] is textual.command, textual.app.CommandPalette.__module__,
      asyncio.sslproto.ssl is sys.modules["ssl"])
""")
        == "True textual.command True"
    )
