"""What is kept for how long, and how a profile's data are taken away."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fieldboard.cache.errors import StorageBusy, storage_error
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.history import History
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.windows import SyncLock, any_window
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import Clock
from fieldboard.domain.instants import Zone

BACK_DAYS = 90
"""Days back that the cache keeps; what lies ahead it keeps whole."""

OUTBOX_DAYS = 30
"""Days that an ended operation stays listed."""

HISTORY_DAYS = 400


@dataclass(frozen=True, slots=True)
class Purged:
    """How many jobs, operations and lines of history were forgotten."""

    jobs: int
    operations: int
    lines: int


def retain(
    files: ProfileFiles,
    zone: Zone,
    clock: Clock,
    today: date,
    *,
    back_days: int = BACK_DAYS,
    history_days: int = HISTORY_DAYS,
) -> Purged:
    """Forget what is old in all three files. Raises StorageError."""
    writer = CacheWriter(files, zone, clock)
    try:
        jobs = writer.retain(today, back_days)
        writer.checkpoint()
    finally:
        writer.close()
    outbox, history = Outbox(files, clock), History(files, clock)
    try:
        return Purged(jobs, outbox.purge(OUTBOX_DAYS), history.purge(history_days))
    finally:
        outbox.close()
        history.close()


def drop_cache(files: ProfileFiles) -> None:
    """Take the cache away; the next round fills a new one. Outbox and history stay.

    Raises StorageBusy while a board or a sync of the profile runs.
    """
    _alone(files)
    _unlink(files, (files.cache,))


def drop_all(files: ProfileFiles) -> None:
    """Take all data of the profile away, edits that wait too. Raises StorageBusy while it is in use."""
    _alone(files)
    _unlink(files, (files.cache, files.outbox, files.history, files.ui, files.journal))
    for folder in (files.quarantine, files.windows):
        for path in sorted(folder.glob("*")):
            with suppress(OSError):
                path.unlink()


def _alone(files: ProfileFiles) -> None:
    lock = SyncLock(files)
    free = lock.try_take()
    lock.release()
    if not free or any_window(files):
        raise StorageBusy("the profile is in use; leave its boards first")


def _unlink(files: ProfileFiles, paths: tuple[Path, ...]) -> None:
    try:
        for path in paths:
            for part in ("", "-wal", "-shm", "-journal", ".1"):
                path.with_name(path.name + part).unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(error, files.folder) or error from error
