"""`purge`: drop what is older than anybody looks at."""

from __future__ import annotations

from contextlib import closing

import click

from fieldboard.cache.purge import BACK_DAYS, HISTORY_DAYS, retain
from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import open_profile
from fieldboard.cli.output import as_json, print_json, say
from fieldboard.domain.instants import instant_of


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
    with closing(open_profile()) as opened:
        today = opened.zone.date_of(instant_of(opened.clock.now()))
        gone = retain(
            opened.files, opened.zone, opened.clock, today, back_days=days, history_days=history_days
        )
    if as_json:
        print_json({"jobs": gone.jobs, "history": gone.lines, "edits": gone.operations})
        return
    say(
        f"removed {gone.jobs} jobs from the cache, {gone.lines} lines of history, "
        f"{gone.operations} settled edits"
    )
