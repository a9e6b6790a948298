"""One errand for a command: a whole round, or just the sending of an edit.

Where a sync process runs for the profile it does the work and the command waits for it; where none
runs, the command does it itself under the same lock. So at no time two of them talk to the system.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from fieldboard.backends.port import Backend
from fieldboard.cache.errors import StorageDamaged
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.windows import SyncLock
from fieldboard.clock import Clock
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import LIVE, Operation
from fieldboard.domain.rules import SystemRules
from fieldboard.sync.engine import Engine
from fieldboard.sync.line import Sleep
from fieldboard.sync.mending import mend
from fieldboard.sync.report import RoundReport, SyncSettings

OpenBackend = Callable[[], Backend]
"""Opens the system with the token as it is now. Raises what the token's source raises."""

LOOK_EVERY_S: Final = 0.05


def request_file(files: ProfileFiles) -> Path:
    """Where a command asks the sync process for a round."""
    return files.folder / "round.request.json"


def answer_file(files: ProfileFiles) -> Path:
    """Where the sync process says what came of it."""
    return files.folder / "round.answer.json"


def poke_file(files: ProfileFiles) -> Path:
    """What a board touches to have a round at once."""
    return files.folder / "poke"


async def sync_once(  # noqa: PLR0917 - the parts of a profile, as everybody orders them
    open_backend: OpenBackend,
    files: ProfileFiles,
    rules: SystemRules,
    zone: Zone,
    clock: Clock,
    settings: SyncSettings,
    *,
    full: bool = False,
    accepts: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> RoundReport:
    """One whole round, by the sync process of the profile where there is one.

    `accepts` says that somebody has looked: however much is missing at the system may be gone.

    Raises StorageError, and what `open_backend` raises.
    """
    lock = SyncLock(files)
    if not lock.try_take():
        answered = await _asked(files, lock, full=full, accepts=accepts)
        if answered is not None:
            return answered
    try:
        backend = open_backend()
        try:
            engine = _engine(lambda: Engine(backend, files, rules, zone, clock, settings, sleep=sleep), files)
            try:
                fence = engine.take_over(f"command {os.getpid()}")
                return await engine.round(full, fence=fence, patient=True, accepts=accepts)
            finally:
                engine.close()
        finally:
            await backend.close()
    finally:
        lock.release()


async def deliver(  # noqa: PLR0917 - the parts of a profile, as everybody orders them
    open_backend: OpenBackend,
    files: ProfileFiles,
    rules: SystemRules,
    zone: Zone,
    clock: Clock,
    settings: SyncSettings,
    op_ids: Sequence[str],
    *,
    sleep: Sleep = asyncio.sleep,
) -> RoundReport | None:
    """See to it that edits are sent, at most for `timeout_s` where another process sends them.

    Returns the report of the sending, None where the sync process of the profile does it. What
    became of each edit stands in the outbox. Raises StorageError, and what `open_backend` raises.
    """
    lock = SyncLock(files)
    deadline = clock.monotonic() + settings.timeout_s
    outbox = Outbox(files, clock)
    try:
        while not lock.try_take():
            if all(_settled(outbox.get(one)) for one in op_ids) or clock.monotonic() > deadline:
                return None
            await sleep(LOOK_EVERY_S)
    finally:
        outbox.close()
    try:
        backend = open_backend()
        try:
            engine = Engine(backend, files, rules, zone, clock, settings, sleep=sleep)
            try:
                return await engine.push_only(fence=engine.take_over(f"command {os.getpid()}"))
            finally:
                engine.close()
        finally:
            await backend.close()
    finally:
        lock.release()


def _engine(open_engine: Callable[[], Engine], files: ProfileFiles) -> Engine:
    """The engine; where a file turns out to be damaged, it is mended first."""
    try:
        return open_engine()
    except StorageDamaged:
        if not mend(files):
            raise
        return open_engine()


def _settled(operation: Operation | None) -> bool:
    return operation is None or operation.state not in LIVE


async def _asked(files: ProfileFiles, lock: SyncLock, *, full: bool, accepts: bool) -> RoundReport | None:
    """Have the sync process make a round and take its report; None where it is gone and we hold the lock."""
    name = f"{os.getpid()}-{os.urandom(6).hex()}"
    write_whole(request_file(files), json.dumps({"id": name, "full": full, "accepts": accepts}))
    while True:
        answer = read_json(answer_file(files))
        if answer is not None and answer.get("id") == name:
            report = answer.get("report")
            return RoundReport(**report) if isinstance(report, dict) else None
        if lock.try_take():
            return None
        await asyncio.sleep(LOOK_EVERY_S)


def write_whole(file: Path, text: str) -> None:
    """Write a small file so that a reader sees it whole or not at all; 0600."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    draft.replace(file)


def read_json(file: Path) -> dict[str, object] | None:
    """A small JSON object; None where there is none, or rubbish."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
