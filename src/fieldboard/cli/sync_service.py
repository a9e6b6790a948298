"""`sync-service`: the process that a board starts to speak to the system for all its windows."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import open_profile

if TYPE_CHECKING:
    from fieldboard.backends.port import Backend

NICE = 5
"""How much the sync gives way: the keys of a board come first where there are fewer cores than work."""


@click.command("sync-service", hidden=True)
@click.option("--until-stdin-ends", "tied", is_flag=True, help="end with whoever started it")
@general_options
def sync_service(tied: bool) -> None:
    """Fetch and send for every window of the profile; ends when none is open any more."""
    if tied:
        from fieldboard.cli.lifeline import end_with_stdin

        end_with_stdin()
    from fieldboard.cli.delivery import settings_of
    from fieldboard.log import open_log
    from fieldboard.paths import log_dir
    from fieldboard.secret import TokenMissing
    from fieldboard.sync.service import serve

    if hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(NICE)
    opened = open_profile()
    secrets = []
    # Without a token the service says so on the board and looks again later.
    with suppress(TokenMissing):
        secrets.append(opened.token())
    open_log(log_dir(opened.data), "sync", secrets)
    rules = opened.rules
    opened.close()

    def open_backend() -> Backend:
        learned = opened.store.learned()
        opened.close()
        return opened.open_backend(learned)

    asyncio.run(serve(open_backend, opened.files, rules, opened.zone, opened.clock, settings_of(opened)))
