"""What each command loads: a start that costs nothing it does not need, and rooms that stay apart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program.stage import ZONE

SOURCE = Path(__file__).parents[1] / "src"

_PROBE = """
import sys
from fieldboard.cli import main
code = main(sys.argv[1:])
print("LOADED", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""

_BOARD = """
import dataclasses, sys, typing
made = dataclasses._process_class, typing.NamedTupleMeta.__new__
def dataclass(cls, init, *options):
    if init and cls.__module__.startswith("fieldboard"):
        print("COSTLY", cls.__module__, cls.__qualname__, file=sys.stderr)
    return made[0](cls, init, *options)
def named_tuple(meta, name, bases, body):
    if body["__module__"].startswith("fieldboard"):
        print("COSTLY", body["__module__"], name, file=sys.stderr)
    return made[1](meta, name, bases, body)
dataclasses._process_class, typing.NamedTupleMeta.__new__ = dataclass, named_tuple
from fieldboard.cli import main
import fieldboard.cli.board as board
import fieldboard.tui.lean as lean
load = lean.load_textual
def run(app, **given):
    import asyncio
    async def paint():
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.pause()
    asyncio.run(paint())
def load_textual():
    load()
    from textual.app import App
    from fieldboard.tui.app import BoardApp
    App.run = run
    BoardApp._painted = lambda app: print("LOADED", *sorted(sys.modules), file=sys.stderr)
lean.load_textual = load_textual
board.needs_terminal = lambda command: None
sys.exit(main(sys.argv[1:]))
"""

SCREEN = {"textual", "rich"}
LINE = {"httpx", "httpcore", "anyio"}
SERVER = {"starlette", "uvicorn"}
SLOW = {"pydantic", "sqlite_utils", "icalendar", "dateutil", "keyring", "hypothesis"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[profiles.north]\nbackend = "fieldcamp"\nbase_url = "http://127.0.0.1:9"\ntimezone = "{ZONE}"\n'
    )
    return path


def loaded(probe: str, config: Path, *words: str, code: int = 0) -> set[str]:
    """The modules that were loaded when a command was done (or its first frame painted).

    For a frame no class of ours is made by a way that costs a millisecond: that is what `value_class` and
    our `NamedTuple` are for.
    """
    done = subprocess.run(
        [sys.executable, "-c", probe, "--config", str(config), *words],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCE),
            "FIELDBOARD_DATA_DIR": str(config.parent / "data"),
            "FIELDBOARD_TOKEN_NORTH": "t",
            "HOME": str(config.parent),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    costly = [one for one in done.stderr.splitlines() if one.startswith("COSTLY ")]
    assert not costly
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("LOADED ")]
    return set(line.split()[1:])


def heads(modules: set[str]) -> set[str]:
    return {one.partition(".")[0] for one in modules}


def test_the_board_paints_without_the_line_the_server_and_the_slow(config: Path) -> None:
    loaded(_PROBE, config, "jobs", "--json")
    modules = loaded(_BOARD, config, "board", "--offline")
    assert "textual" in modules
    assert heads(modules) & (LINE | SERVER | SLOW) == set()
    rooms = {
        "fieldboard.sync",
        "fieldboard.sandbox",
        "fieldboard.backends.http",
        "fieldboard.backends.fieldcamp.wire",
    }
    assert not modules & rooms
    # What Textual and asyncio bring along and the board never uses, and what only a new disk needs.
    assert not modules & {"ssl", "textual.command", "textual.widgets._input", "filelock"}
    # What the keys and the mouse do is loaded when the first frame stands.
    acts = (
        *("walking", "assigning", "job_acts", "taking_back", "saving", "finding", "filtering", "looking"),
        *("program_acts", "alerting", "deciding", "staffing", "gestures", "carrier", "dialogs"),
    )
    assert not modules & {f"fieldboard.tui.{one}" for one in acts}


@pytest.mark.parametrize(
    "words",
    [
        ("jobs", "--json"),
        ("visits", "--json"),
        ("technicians", "--json"),
        ("outbox", "--json"),
        ("history", "--json"),
        ("profiles",),
    ],
    ids=" ".join,
)
def test_a_command_that_reads_loads_neither_screen_nor_line(config: Path, words: tuple[str, ...]) -> None:
    loaded(_PROBE, config, *words)
    modules = loaded(_PROBE, config, *words)
    assert not heads(modules) & (SCREEN | LINE | SERVER | SLOW)
    assert not {one for one in modules if one.startswith(("fieldboard.tui", "fieldboard.sync"))}


def test_a_round_loads_no_screen_and_no_board(config: Path) -> None:
    modules = loaded(_PROBE, config, "sync", "--json", code=4)
    assert "httpx" in modules
    # httpx itself loads rich, for a command line of its own.
    assert not heads(modules) & ({"textual"} | SERVER)
    assert "fieldboard.tui" not in modules


def test_the_sync_process_loads_no_screen(config: Path) -> None:
    # Without a window it ends at once, having loaded all it works with.
    modules = loaded(_PROBE, config, "sync-service")
    assert not heads(modules) & ({"textual"} | SERVER)
    assert not {one for one in modules if one.startswith(("fieldboard.tui", "fieldboard.board"))}


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("board", "--help")], ids=" ".join)
def test_words_alone_load_next_to_nothing(config: Path, words: tuple[str, ...]) -> None:
    modules = loaded(_PROBE, config, *words)
    assert not heads(modules) & (LINE | SERVER | SLOW | {"textual"})


def test_the_line_to_a_server_loads_nothing_that_draws() -> None:
    probe = "import sys, fieldboard.backends.http; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert SCREEN.isdisjoint(done.stdout.split())
