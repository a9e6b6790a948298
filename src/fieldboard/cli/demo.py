"""`demo`: the product on an embedded sandbox, with a profile and a roster of its own for that while."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Final

import click

from fieldboard import paths
from fieldboard.cli.app import general_options
from fieldboard.cli.failure import Ended, Failure
from fieldboard.cli.lifeline import Lifeline, is_held
from fieldboard.cli.output import say

COMPANY: Final = "Northgate Heating"
TOKEN_VARIABLE: Final = "FIELDBOARD_DEMO_TOKEN"  # noqa: S105 - the name of a variable
PREFIX: Final = "fieldboard-demo-"
OWNER: Final = "owner.pid"
START_SECONDS: Final = 60
PATIENCE_S: Final = 10.0
"""How long what a demo started may take to end; more than it takes by itself."""


@click.command()
@click.option("--backend", default="fieldcamp", show_default=True, help="which system the sandbox plays")
@click.option("--technicians", type=click.IntRange(1, 5000), default=None, help="how many  [default: 23]")
@click.option("--jobs", type=click.IntRange(0, 500_000), default=None, help="how many, over all days")
@click.option("--seed", type=int, default=1, show_default=True, help="the same seed, the same world on a day")
@click.option("--live", is_flag=True, help="let the world move while you work")
@click.option("--faults", metavar="NAME", default=None, help="slow, flaky, down, ratelimited")
@click.option("--keep", is_flag=True, help="keep the profile and say where it is")
@click.option("--theme", default=None, help="a theme's name")
@click.option("--no-mouse", is_flag=True, help="leave the mouse to the terminal")
@general_options
def demo(  # noqa: PLR0917
    backend: str,
    technicians: int | None,
    jobs: int | None,
    seed: int,
    live: bool,
    faults: str | None,
    keep: bool,
    theme: str | None,
    no_mouse: bool,
) -> None:
    """Show the board at work: a company of 23 technicians, served on this computer alone.

    Everything that you do arrives at the embedded server. Leaving the board ends it.
    """
    from fieldboard.cli import systems
    from fieldboard.cli.board import needs_terminal, run_board

    systems.check(backend)
    needs_terminal("demo")
    sweep(Path(tempfile.gettempdir()))
    with ExitStack() as undo:
        folder, lifeline = Path(tempfile.mkdtemp(prefix=PREFIX)), Lifeline()
        if not keep:
            # Without an owner's number a folder was kept on purpose, and no later demo sweeps it away.
            (folder / OWNER).write_text(str(os.getpid()), encoding="ascii")
            lifeline.lock(folder / OWNER)
            undo.callback(remove, folder)
        undo.callback(lifeline.close)
        token = secrets.token_urlsafe(24)
        zone = demo_zone()
        options = ["--seed", str(seed), "--zone", zone, "--write-roster", str(folder / "roster.toml")]
        for name, value in (("--technicians", technicians), ("--jobs", jobs), ("--faults", faults)):
            options += [name, str(value)] if value is not None else []
        options += ["--live"] if live else []
        sys.stdout.write("starting the sandbox …")
        sys.stdout.flush()
        try:
            server, url = start_sandbox(backend, options, token, lifeline)
        finally:
            sys.stdout.write("\r" + " " * 24 + "\r")
            sys.stdout.flush()
        undo.callback(end, server)
        config = write_profile(folder, backend, url, zone)
        bring_themes(paths.config_file(None, os.environ), folder)
        os.environ[TOKEN_VARIABLE] = token
        os.environ["FIELDBOARD_DATA_DIR"] = str(folder / "data")
        os.environ.pop("FIELDBOARD_PROFILE", None)
        # A stop from outside, or a closed terminal, must still end what was started here.
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _stop)
        code = run_board(
            config,
            COMPANY,
            theme=theme,
            mouse=False if no_mouse else None,
            wait_for_sync=5.0,
            lifeline=lifeline,
        )
        if keep:
            say(f"kept: fieldboard --config {config}  (the sandbox at {url} has ended)")
    raise Ended(code)


def demo_zone() -> str:
    """The zone in which it is now between ten and eleven in the morning, so that the day is under way."""
    from fieldboard.clock import SystemClock
    from fieldboard.sandbox.serve import demo_zone as zone_at

    return zone_at(SystemClock().now())


def start_sandbox(
    backend: str, options: list[str], token: str, lifeline: Lifeline
) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server as a process of its own, which ends with this one; it and its address.

    Raises Failure where it does not come up.
    """
    environ = {**os.environ, "FIELDBOARD_SANDBOX_TOKEN": token}
    command = [
        sys.executable,
        "-m",
        "fieldboard",
        "sandbox",
        backend,
        "--json",
        "--until-stdin-ends",
        *options,
    ]
    server = lifeline.start(command, environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        line = _first_line(server.stdout)
        return server, str(json.loads(line)["url"])
    except (ValueError, KeyError, TimeoutError) as wrong:
        end(server)
        said = server.stderr.read().decode("utf-8", "replace").strip() if server.stderr else ""
        raise Failure(said.removeprefix("fieldboard: ") or "the sandbox did not start") from wrong


def _first_line(stream: IO[bytes] | None) -> bytes:
    import select

    if stream is None:
        raise TimeoutError
    if os.name == "posix" and not select.select([stream], [], [], START_SECONDS)[0]:
        raise TimeoutError
    return stream.readline()


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that this program started, first kindly."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def write_profile(folder: Path, backend: str, url: str, zone: str) -> Path:
    """Write the configuration of the demo's one profile; its path."""
    from fieldboard.cli import systems

    config, more = folder / "config.toml", systems.SYSTEMS[backend].demo
    config.write_text(
        f'[profiles."{COMPANY}"]\n'
        f'backend = "{backend}"\nbase_url = "{url}"\ntimezone = "{zone}"\n'
        f'token_env = "{TOKEN_VARIABLE}"\nroster = "roster.toml"\npoll_s = 5\n\n'
        + (f'[profiles."{COMPANY}".system]\n{more}' if more else ""),
        encoding="utf-8",
    )
    return config


def bring_themes(config: Path, folder: Path) -> None:
    """Copy the user's own themes beside the demo's profile: whoever makes one tries it here."""
    for own in paths.user_theme_files(config):
        (folder / "themes").mkdir(exist_ok=True)
        shutil.copy(own, folder / "themes")


def sweep(folder: Path) -> None:
    """Remove what demos left behind that were killed: their folders say whose they were."""
    for left in folder.glob(PREFIX + "*"):
        with suppress(OSError, ValueError):
            owner = int((left / OWNER).read_text(encoding="ascii"))
            if not alive(owner):
                remove(left)


def remove(folder: Path, patience_s: float = PATIENCE_S) -> None:
    """Remove the folder of a demo that has ended, as soon as nothing runs any more that it had started.

    What still runs would make files anew. Where it lasts, or something cannot be removed, the folder
    keeps its owner's number, and a later demo sweeps it.
    """
    deadline = time.monotonic() + patience_s
    while is_held(folder / OWNER):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
    for inside in folder.iterdir():
        if inside.is_dir() and not inside.is_symlink():
            shutil.rmtree(inside, ignore_errors=True)
        elif inside.name != OWNER:
            inside.unlink(missing_ok=True)
    if [inside.name for inside in folder.iterdir()] == [OWNER]:
        shutil.rmtree(folder, ignore_errors=True)


def alive(pid: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _stop(number: int, frame: object) -> None:  # noqa: ARG001
    raise Ended(128 + number)
