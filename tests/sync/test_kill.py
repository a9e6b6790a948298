"""The sync process is killed at any moment: nothing said to be saved is lost, nothing is sent twice.

Real processes, a real socket, real SIGKILLs. It shows nothing of a loss of power.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.windows import SyncLock, WindowLock
from fieldboard.clock import SystemClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone, instant_text
from fieldboard.domain.operation import PENDING, Change, Intent, Json, Kind, OperationDraft, OpState
from fieldboard.domain.status import Status

ROOT = Path(__file__).parents[2]
ZONE = Zone("Europe/London")
KILLS = 6
MOST_KILLS = 24
"""So many where no earlier one met a request under way."""
PATIENCE_S = 60.0


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


@contextmanager
def program(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours; it is killed at the end."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, env=environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_9_of_the_sync_process_loses_nothing_and_sends_nothing_twice(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    files = ProfileFiles(tmp_path / "north")
    files.prepare()
    ledger, address = tmp_path / "ledger", tmp_path / "address"
    ledger.touch()
    with program("tests.sync.loopback_server", str(address), str(ledger), "0.03"), WindowLock(files):
        eventually(address.exists)
        arguments = (str(files.folder), address.read_text())
        saved: list[str] = []
        wanted: dict[str, list[Json]] = {}
        with program("tests.sync.sync_process", *arguments):
            reader = wait_for_first_sync(files)
        outbox = Outbox(files, SystemClock())
        visits = movable(reader)
        met = False
        for nth in range(MOST_KILLS):
            if nth >= KILLS and met:
                break
            with program("tests.sync.sync_process", *arguments) as process:
                before = outbox.rev()
                for visit_id in draw.sample(sorted(visits), 3):
                    seen = wanted.get(visit_id, visits[visit_id])
                    moved: list[Json] = [int(str(seen[0])) + 60, int(str(seen[1])) + 60, None]
                    change = Change(Kind.VISIT, visit_id, fields.TIMES, [*seen], [*moved])
                    draft = OperationDraft(Intent.RESCHEDULE, f"visit:{visit_id}", (change,))
                    saved.append(outbox.add(draft).op_id)
                    wanted[visit_id] = moved
                # Somewhere between its first look at them and its having sent them all.
                eventually(lambda before=before: outbox.rev() > before + 3)  # type: ignore[misc]
                if nth < KILLS:
                    time.sleep(draw.uniform(0.0, 0.25))
                else:
                    # Luck has met no request so far: look for one.
                    eventually(lambda: any_is(outbox, OpState.SENDING) or not any_is(outbox, OpState.QUEUED))
                process.send_signal(signal.SIGKILL)
                process.wait()
            met = met or any_is(outbox, OpState.SENDING)
        assert met, "no kill met a request under way"
        with program("tests.sync.sync_process", *arguments):
            eventually(lambda: not any(one.state in PENDING for one in outbox.live()))
        ended = [found for one in saved if (found := outbox.get(one)) is not None]
        assert any(one.ever_uncertain for one in ended)
        states = Counter(one.state for one in ended)
        assert states == {OpState.CONFIRMED: len(saved)}
        for visit_id, times in wanted.items():
            visit = reader.own_visit(visit_id)
            assert visit is not None
            assert fields.value_of(visit, fields.TIMES) == times
        outbox.close()
        reader.close()
    written = Counter(line for line in ledger.read_text().splitlines() if " /api/v1/visits/" in line)
    assert [line for line, times_written in written.items() if times_written > 1] == []
    assert len(written) == len(saved)
    for visit_id, times in wanted.items():
        assert any(visit_id in line and iso(times[0]) in line for line in written)


def test_sigterm_ends_the_sync_process_cleanly(tmp_path: Path) -> None:
    files = ProfileFiles(tmp_path / "north")
    files.prepare()
    ledger, address = tmp_path / "ledger", tmp_path / "address"
    ledger.touch()
    with program("tests.sync.loopback_server", str(address), str(ledger), "0"), WindowLock(files):
        eventually(address.exists)
        with program("tests.sync.sync_process", str(files.folder), address.read_text()) as process:
            wait_for_first_sync(files).close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
    assert SyncLock(files).try_take()


def any_is(outbox: Outbox, state: OpState) -> bool:
    return any(one.state is state for one in outbox.live())


def wait_for_first_sync(files: ProfileFiles) -> CacheReader:
    eventually(files.cache.exists)
    reader = CacheReader(files, ZONE)
    eventually(lambda: reader.state().last_full_finished is not None)
    return reader


def movable(reader: CacheReader) -> dict[str, list[Json]]:
    """Visits to come with their times."""
    return {
        one.id: [one.start, one.end, None]
        for one in reader.visits()
        if not one.made_up and one.status is Status.ASSIGNED and one.start is not None and one.end is not None
    }


def iso(instant: Json) -> str:
    return instant_text(int(str(instant))).removesuffix("Z")
