"""`board`: the board in this terminal, with a sync process beside it."""

from __future__ import annotations

import gc
import os
import sys
import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fieldboard import config, paths
from fieldboard.board.place import place_of_json
from fieldboard.cache import ui_state
from fieldboard.cache.errors import StorageError
from fieldboard.cache.windows import SyncLock, WindowLock
from fieldboard.cli import systems
from fieldboard.cli.assemble import OpenProfile, read_config
from fieldboard.cli.failure import Failure
from fieldboard.cli.keeper import SyncKeeper, sync_command
from fieldboard.cli.looks import keyless, themes_for
from fieldboard.domain.instants import instant_of
from fieldboard.log import open_log
from fieldboard.tui.lean import board_app
from fieldboard.tui.options import BoardOptions, FirstSight

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.cache.files import ProfileFiles
    from fieldboard.cli.lifeline import Lifeline


def open_board(
    config_file: str | None = None,
    profile: str | None = None,
    *,
    day: str | None = None,
    offline: bool = False,
    mouse: bool | None = None,
    theme: str | None = None,
) -> int:
    """Open the board as it was asked for; the exit code. Raises Failure and ConfigError."""
    needs_terminal("board")
    path = paths.config_file(config_file, os.environ)
    if not path.exists() and config_file is None:
        return welcome()
    name = read_config(path).select(profile, os.environ).name
    return run_board(path, name, day=day, offline=offline, mouse=mouse, theme=theme)


def needs_terminal(command: str) -> None:
    """Raises Failure where there is no terminal to draw on."""
    # Textual draws on standard error, so that standard output may go elsewhere; all three must be there.
    # One that is closed is None.
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        hint = "; without one, the other commands do all that the board does"
        if command == "board":
            hint = '; "fieldboard init" sets a profile up, the other commands do all that the board does'
        raise Failure(f"{command} needs a terminal{hint}")


def welcome() -> int:
    """Without a configuration: offer the demo and the set-up. The exit code of what was chosen."""
    from fieldboard.cli import main
    from fieldboard.tui.welcome import WelcomeApp

    choice = WelcomeApp().run()
    if choice is None:
        return 0
    return main([choice])


SWITCH_S: Final = 0.001
"""How long a key waits at most for the thread that reads: a fifth of what the interpreter would allow it."""


def run_board(
    config_path: Path,
    profile_name: str,
    *,
    day: str | None = None,
    offline: bool = False,
    mouse: bool | None = None,
    theme: str | None = None,
    wait_for_sync: float = 0.0,
    lifeline: Lifeline | None = None,
) -> int:
    """Run the board on a profile, and on those that are chosen from it, until it is left; the exit code.

    On leaving, edits that still wait are named; the sync process ends by itself, and `wait_for_sync`
    says for how many seconds to wait for that. With a `lifeline` it also ends where this process is killed.
    """
    chosen: str | None = profile_name
    code = 0
    while chosen is not None:
        code, chosen = _run_one(
            config_path,
            chosen,
            day=day,
            offline=offline,
            mouse=mouse,
            theme=theme,
            wait_for_sync=wait_for_sync,
            lifeline=lifeline,
        )
        # The next board opens where it was left.
        day = None
    return code


def _run_one(
    config_path: Path,
    profile_name: str,
    *,
    day: str | None,
    offline: bool,
    mouse: bool | None,
    theme: str | None,
    wait_for_sync: float,
    lifeline: Lifeline | None,
) -> tuple[int, str | None]:
    """Run the board on one profile; the exit code, and the profile that was chosen instead.

    Cache and outbox are read before Textual is imported, and the sync process is started after the
    first paint.
    """
    # All that is made until the first paint stays: walking it again and again is a tenth of the start.
    gc.disable()
    sys.setswitchinterval(SWITCH_S)
    opened = OpenProfile(
        loaded := config.load(config_path), loaded.profiles[profile_name], paths.data_dir(os.environ)
    )
    files, zone = opened.files, opened.zone
    themes, wrong_themes = themes_for(config_path, loaded, theme)
    today = zone.date_of(instant_of(opened.clock.now()))
    shown = None
    if day is not None:
        from fieldboard.board.naming import parse_day

        shown = parse_day(day, today)
    place = ui_state.load(files)
    stamp = opened.desk.stamp()
    first = first_sight(opened, shown or place_of_json(place, today).day or today)
    rules = opened.rules
    notices = [*map(str, wrong_themes), *_token_notice(opened, offline), *keyless(loaded)]
    open_log(paths.log_dir(opened.data), "board")
    window = WindowLock(files)
    keeper = SyncKeeper(
        sync_command(config_path, profile_name, tied=lifeline is not None),
        os.environ,
        opened.clock,
        files.log,
        lambda: _syncs(files),
        lifeline=lifeline,
    )
    stopped = threading.Event()
    absent: list[str] = []

    def keep_syncing() -> None:
        # The sync process ends where nobody is at a board: first say that somebody is.
        try:
            window.take()
        except StorageError as error:
            absent.append(str(error))
        keeper.start()
        while not stopped.wait(1.0):
            keeper.check()

    def painted() -> None:
        # Not before: locks cost what a tenth of the first frame costs.
        opened.close()
        if not offline:
            threading.Thread(target=keep_syncing, name="keeper", daemon=True).start()

    handed = [(first, opened.desk.people.who())]

    def open_desk() -> Desk:
        desk = opened.again().desk
        if handed:
            # What the first frame shows is not read twice, nor kept once the desk has it.
            sight, who = handed.pop()
            desk.take_over(sight.day, sight.queue, stamp, who)
        return desk

    ui = loaded.ui
    options = BoardOptions(
        profile=profile_name,
        system=rules.title,
        zone=zone,
        rules=rules,
        themes=themes,
        clock=opened.clock,
        date=shown,
        offline=offline,
        mouse=ui.mouse if mouse is None else mouse,
        bell=ui.bell,
        slot_minutes=ui.slot_minutes,
        theme=theme or ui.theme,
        keys=loaded.keys,
        place=place,
        stale_after_s=int(max(90, 4 * opened.profile.poll_s)),
        log=paths.log_dir(opened.data),
        notices=tuple(notices),
        remember=lambda values: ui_state.save(files, values),
        poke=lambda: poke(files),
        touch=window.in_use,
        profiles=tuple((name, systems.title_of(one.backend)) for name, one in loaded.profiles.items()),
        sync_trouble=lambda: absent[0] if absent else keeper.trouble,
    )
    app = board_app()(open_desk, options, first, on_painted=painted)
    del first
    try:
        app.run(mouse=options.mouse)
    finally:
        gc.enable()
        stopped.set()
        opened.close()
        window.release()
    if app.failure is None:
        _say_waiting(opened)
    else:
        _say_failed(app.failure, opened)
    if wait_for_sync:
        keeper.wait(wait_for_sync)
    if app.failure is not None:
        return 1, None
    # What the board left behind may go again before another one is made.
    gc.unfreeze()
    return 0, app.next_profile


def first_sight(opened: OpenProfile, day: date) -> FirstSight:
    """What the first frame shows, read before anything slow is imported."""
    desk = opened.desk
    return FirstSight(desk.day(day), desk.queue(), desk.state(), *desk.counts())


def poke(files: ProfileFiles) -> None:
    """Ask the sync process for a round at once."""
    from fieldboard.sync.errand import poke_file

    poke_file(files).touch()


def _syncs(files: ProfileFiles) -> bool:
    lock = SyncLock(files)
    if lock.try_take():
        lock.release()
        return False
    return True


def _token_notice(opened: OpenProfile, offline: bool) -> list[str]:
    """What to say at the start where the token is not even there; the cache stays usable."""
    if offline or opened.profile.token_command or not opened.profile.needs_token:
        return []
    from fieldboard.secret import TokenMissing

    try:
        opened.token()
    except TokenMissing as missing:
        return [str(missing)]
    return []


def _say_failed(failure: Exception, opened: OpenProfile) -> None:
    """After a defect: that the edits are safe, where the log is, how to go on."""
    from fieldboard.tui.crash import crash_text

    waiting = opened.store.outbox.counts()[0]
    opened.close()
    log = paths.log_dir(opened.data) / "board.log"
    sys.stderr.write(crash_text(failure, log, waiting=waiting, profile=opened.profile.name) + "\n")


def _say_waiting(opened: OpenProfile) -> None:
    """On leaving: how many edits wait, and that they are kept."""
    pending = opened.store.outbox.counts()[0]
    opened.close()
    if pending:
        from fieldboard.cli.output import warn

        edits = "1 edit waits" if pending == 1 else f"{pending} edits wait"
        warn(f"{edits} to be confirmed by the system; kept, and sent as soon as the line allows")
