"""`purge`: drop what is older than anybody looks at."""

from __future__ import annotations

from contextlib import closing
from typing import Final

import click

from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import open_profile
from fieldboard.cli.output import as_json, print_json, say

BACK_DAYS: Final = 90
HISTORY_DAYS: Final = 400
EDIT_DAYS: Final = 30


@click.command()
@click.option(
    "--days",
    type=click.IntRange(0, 36_500),
    default=BACK_DAYS,
    show_default=True,
    help="days back that stay in the cache; what is ahead or open always stays",
)
@click.option(
    "--history-days",
    type=click.IntRange(0, 36_500),
    default=HISTORY_DAYS,
    show_default=True,
    help="days of history that stay",
)
@as_json
@general_options
def purge(days: int, history_days: int, as_json: bool) -> None:
    """Remove old days from the cache, old lines from the history and settled edits from the outbox.

    An edit that still waits is never removed. Nothing is changed at the system; a later sync --full may
    bring old days back that it still lists.
    """
    from fieldboard.cache.writer import CacheWriter

    with closing(open_profile()) as opened:
        today = opened.desk.today()
        with closing(CacheWriter(opened.files, opened.zone, opened.clock)) as writer:
            rows = writer.retain(today, days)
        lines = opened.store.history.purge(history_days)
        edits = opened.store.outbox.purge(EDIT_DAYS)
    if as_json:
        print_json({"jobs": rows, "history": lines, "edits": edits})
        return
    say(f"removed {rows} jobs from the cache, {lines} lines of history, {edits} settled edits")
