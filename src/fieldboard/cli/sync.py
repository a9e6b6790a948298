"""`sync`: one whole round with the system."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

import click

from fieldboard.cli import failure
from fieldboard.cli.app import general_options
from fieldboard.cli.assemble import OpenProfile, open_profile
from fieldboard.cli.failure import Ended
from fieldboard.cli.output import as_json, print_json, say, warn

if TYPE_CHECKING:
    from fieldboard.domain.operation import Json
    from fieldboard.domain.rules import SystemRules
    from fieldboard.sync.report import RoundReport


@click.command()
@click.option("--full", is_flag=True, help="read everything again, which also shows what was deleted")
@click.option(
    "--accept-missing",
    is_flag=True,
    help="like --full, and let go what the system lists no more, however much that is",
)
@as_json
@general_options
def sync(full: bool, accept_missing: bool, as_json: bool) -> None:
    """Send what waits and fetch what changed.

    Where a board is open, its sync process makes the round and this command waits for it.
    """
    from fieldboard.log import close_log

    with closing(open_profile()) as opened:
        try:
            report = _round(opened, full=full or accept_missing, accepts=accept_missing)
        except Exception as error:
            if as_json:
                _print_failed(opened, error)
            raise
        finally:
            close_log()
        if as_json:
            print_json(report.as_json())
        else:
            _say(report)
        if report.error:
            warn(f"fieldboard: {report.error}")
        elif report.undecided:
            warn(f"fieldboard: {report.undecided} to decide; fieldboard outbox lists them")
    if report.exit_code:
        raise Ended(report.exit_code)


def _round(opened: OpenProfile, *, full: bool, accepts: bool) -> RoundReport:
    from fieldboard.cli.delivery import backend_opener, settings_of
    from fieldboard.sync.errand import sync_once

    rules = _rules(opened)
    opener = backend_opener(opened)
    # From here on the engine has the files, and may have to put one aside.
    opened.close()
    return asyncio.run(
        sync_once(
            opener,
            opened.files,
            rules,
            opened.zone,
            opened.clock,
            settings_of(opened),
            full=full,
            accepts=accepts,
        )
    )


def _rules(opened: OpenProfile) -> SystemRules:
    """The system's rules; a damaged file that stands in the way is put aside first. Raises StorageError."""
    from fieldboard.cache.errors import StorageDamaged
    from fieldboard.cache.windows import SyncLock
    from fieldboard.log import open_log
    from fieldboard.paths import log_dir
    from fieldboard.sync.mending import mend

    try:
        return opened.rules
    except StorageDamaged:
        open_log(log_dir(opened.data), "cli")
        lock = SyncLock(opened.files)
        if not lock.try_take():
            raise
        try:
            if not mend(opened.files):
                raise
        finally:
            lock.release()
        return opened.rules


def _say(report: RoundReport) -> None:
    took = report.finished_at - report.started_at
    say(
        f"sent {report.pushed}, fetched {report.pulled}, gone {report.deleted} in {took} s; "
        f"{report.pending} waiting, {report.undecided} to decide"
    )


def _print_failed(opened: OpenProfile, error: Exception) -> None:
    """The document of a round that could not even begin; what cannot be counted is null."""
    from fieldboard.domain.instants import instant_of, instant_text

    known = failure.failure_of(error)
    if known is None:
        return
    now = instant_text(instant_of(opened.clock.now()))
    pending: int | None = None
    undecided: int | None = None
    if known.code != failure.NOT_SAVED:
        pending, undecided = opened.store.counts()
    document: dict[str, Json] = {
        "profile": opened.profile.name,
        "pushed": 0,
        "pulled": 0,
        "deleted": 0,
        "pending": pending,
        "undecided": undecided,
        "started_at": now,
        "finished_at": now,
        "error": str(known),
    }
    print_json(document)
