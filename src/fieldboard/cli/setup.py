"""`init`, `profiles`, `login`, `logout`: who may speak to which system."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from fieldboard import config as configuration
from fieldboard import paths
from fieldboard.cli import systems
from fieldboard.cli.app import chosen, general_options
from fieldboard.cli.assemble import OpenProfile, load_config, open_profile
from fieldboard.cli.failure import Failure
from fieldboard.cli.output import as_json, print_json, print_table, say, warn
from fieldboard.cli.systems import SYSTEMS

TITLES: Final = {name: system.title for name, system in SYSTEMS.items()}


@click.command()
@general_options
def init() -> None:
    """Set up a profile by questions, with a test call at the end.

    Nothing is changed at the system. The token, where it has one, goes into a variable or the keyring,
    never into a file.
    """
    needs_input("init")
    path = paths.config_file(chosen("config"), os.environ)
    known = configuration.load(path).profiles if path.exists() else {}
    say(f"A new profile in {path}")
    name = _ask("Name of the profile (your branch or company)", "main" if not known else None)
    if name in known:
        raise Failure(f"{path}: there is a profile {name!r} already; edit the file or choose another name")
    backend = _ask_one_of("Which system do you have", systems.HERE)
    zone = configuration.machine_zone()
    base_url = _ask_right(
        "Address of its API (base_url)",
        configuration.BACKENDS[backend],
        lambda url: _profile_text(name, backend, url, zone, None),
    )
    timezone = _ask_right(
        "Time zone (IANA name)", zone, lambda given: _profile_text(name, backend, base_url, given, None)
    )
    token_env = None
    if backend not in configuration.WITHOUT_TOKEN:
        token_env = _ask_right(
            "Variable that will hold the token",
            configuration.default_token_env(name),
            lambda given: _profile_text(name, backend, base_url, timezone, given),
        )
    text = _profile_text(name, backend, base_url, timezone, token_env)
    loaded = _append(path, text, default=name if not known else None)
    say(f"Saved. Now the test call to {base_url} …")
    opened = OpenProfile(loaded, loaded.profiles[name], paths.data_dir(os.environ))
    if token_env is not None and not os.environ.get(token_env):
        # Without the extra there is no keyring to put it into.
        other = f", or run: fieldboard login --profile {name}" if find_spec("keyring") is not None else ""
        say(f"No token yet: put it into ${token_env}{other}")
        say(f"Then check it: fieldboard doctor --profile {name}")
        return
    found = asyncio.run(_technicians(opened))
    say(f"It answers: {found} technicians. Open the board: fieldboard --profile {name}")


async def _technicians(opened: OpenProfile) -> int:
    from fieldboard.backends.port import WalkRequest, WalkResult
    from fieldboard.domain.operation import Kind

    backend = opened.open_backend({})
    try:
        return sum(
            [len(page.rows) async for page in backend.walk(WalkRequest(Kind.TECHNICIAN), WalkResult())]
        )
    finally:
        await backend.close()


def needs_input(command: str) -> None:
    """Raises Failure where there is nobody to answer questions."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise Failure(
            f"{command} asks questions and needs a terminal; write the configuration by hand instead"
        )


def _ask(question: str, default: str | None) -> str:
    return str(click.prompt(question, default=default)).strip()


def _ask_right(question: str, default: str, text_of: Callable[[str], str]) -> str:
    """Ask until the answer makes a profile that can be read (`text_of`): no later question is in vain."""
    while True:
        answer = _ask(question, default)
        with tempfile.TemporaryDirectory() as folder:
            trial = Path(folder, "config.toml")
            with paths.private():
                trial.write_text(text_of(answer), encoding="utf-8")
            try:
                configuration.load(trial)
            except configuration.ConfigError as wrong:
                # The file and the line are not the user's.
                say(f"  {re.sub(r'^.*?config.toml(, line [0-9]+)?: ', '', str(wrong))}")
            else:
                return answer


def _ask_one_of(question: str, choices: tuple[str, ...]) -> str:
    if len(choices) == 1:
        return choices[0]
    return str(click.prompt(question, type=click.Choice(choices)))


def _profile_text(name: str, backend: str, base_url: str, timezone: str, token_env: str | None) -> str:
    quoted = json.dumps  # a TOML basic string is written like a JSON string
    return (
        f"[profiles.{quoted(name, ensure_ascii=False)}]\n"
        f"backend = {quoted(backend)}\nbase_url = {quoted(base_url)}\n"
        f"timezone = {quoted(timezone)}\n"
        + (f"token_env = {quoted(token_env)}\n" if token_env is not None else "")
    )


def _append(path: Path, text: str, default: str | None) -> configuration.Config:
    """Add a profile to the file; what is wrong with it is said before anything is lost."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if default is not None and not before:
        before = f"default_profile = {json.dumps(default, ensure_ascii=False)}\n"
    paths.private_dir(path.parent)
    trial = path.with_name(path.name + ".new")
    with paths.private():
        trial.write_text(f"{before.rstrip()}\n\n{text}".lstrip(), encoding="utf-8")
    try:
        configuration.load(trial)
    except configuration.ConfigError as wrong:
        trial.unlink()
        raise Failure(str(wrong).replace(str(trial), str(path))) from wrong
    trial.replace(path)
    return configuration.load(path)


@click.command()
@as_json
@general_options
def profiles(as_json: bool) -> None:
    """List the profiles of the configuration."""
    loaded = load_config()
    standard = loaded.default_profile or (next(iter(loaded.profiles)) if len(loaded.profiles) == 1 else None)
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "backend": one.backend,
                    "base_url": one.base_url,
                    "timezone": one.timezone,
                    "default": one.name == standard,
                }
                for one in loaded.profiles.values()
            ]
        )
        return
    rows = [
        ("*" if one.name == standard else " ", one.name, one.backend, one.base_url, one.timezone)
        for one in loaded.profiles.values()
    ]
    head = ("", "PROFILE", "SYSTEM", "ADDRESS", "ZONE")
    print_table(head, rows, "no profile; add one with: fieldboard init", whole=head)


@click.command()
@general_options
def login() -> None:
    """Ask for the token and put it into the keyring."""
    from fieldboard.secret import save_token

    opened = open_profile()
    check_keyring()
    needs_input("login")
    token = str(click.prompt(f"Token of {opened.profile.name} (it is not shown)", hide_input=True)).strip()
    save_token(opened.profile.name, token)
    say("The token is in the keyring.")
    if os.environ.get(opened.profile.token_env):
        warn(f"note: ${opened.profile.token_env} is set and wins over the keyring")


@click.command()
@general_options
def logout() -> None:
    """Take the token out of the keyring."""
    from fieldboard.secret import forget_token

    opened = open_profile()
    gone = forget_token(opened.profile.name)
    say("The token is gone from the keyring." if gone else "There was no token in the keyring.")


def check_keyring() -> None:
    """Raises TokenMissing, naming the other ways, where no keyring can be used."""
    from fieldboard.secret import forget_token

    forget_token("fieldboard-keyring-check")
