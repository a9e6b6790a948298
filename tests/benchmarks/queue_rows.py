"""The rows of a queue of a hundred thousand jobs, of an edit, of memory and of rest."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.clock import SystemClock
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft
from tests.benchmarks.figures import Figure, Sample, Timing, median, quantile
from tests.benchmarks.processes import children, core_time
from tests.benchmarks.run import Run
from tests.benchmarks.sandboxes import Sandbox, empty_profile
from tests.benchmarks.session import Session

LARGE = 100_000


def queue(run: Run) -> Iterator[Figure]:
    """Keys and the filter in a queue of a hundred thousand, and what it takes in memory."""
    with Session(run.world(run.usual, 0, LARGE)) as session:
        session.calm(1.0, 20.0)
        moves = session.keys(
            ["j", "j", "j", "k"] * run.times(25, 5) + ["ctrl+d", "ctrl+u"] * run.times(10, 3)
        )
        session.press("f")
        session.calm()
        typed: list[Sample] = []
        for word in ("boiler", "harbour", "10042"):
            for letter in word:
                time.sleep(0.05)
                typed.append(session.sample(letter, quiet=0.12))
            for _ in word:
                session.sample("\x7f", quiet=0.12)
        # As the other rows of memory: at rest.
        session.calm(1.0)
        memory = session.memory_mb()
    timing = Timing.of([one for one in moves if one.first < 0.5])
    yield Figure.timed(
        f"queue of {LARGE:,}: a key",
        "≤ 3 ms",
        str(timing),
        run.echo_text,
        limits=((timing.p50, 3.0),),
        data=timing.data("queue_key"),
    )
    timing = Timing.of(typed)
    yield Figure.timed(
        f"queue of {LARGE:,}: a keystroke of the filter",
        "first frame ≤ 30 ms",
        f"first frame {timing.first50:.1f} / {timing.first99:.1f} ms, last {timing.p50:.0f} / "
        f"{timing.p99:.0f} ms (n={timing.n})",
        run.echo_text,
        limits=((timing.first99, 30.0),),
        data=timing.data("filter"),
    )
    yield Figure(
        f"memory with a queue of {LARGE:,}",
        "≤ 110 MB",
        f"{memory:.0f} MB",
        f"bare Textual {run.bare_memory:.0f} MB",
        memory <= 110,
        {"memory_mb": memory, "bare_mb": run.bare_memory},
    )


def memory(run: Run) -> Iterator[Figure]:
    """The board process against a bare Textual application."""
    for technicians in sorted({run.usual, run.largest}):
        with Session(run.world(technicians)) as session:
            session.calm()
            session.keys("jjjkkklljjtabl")
            session.calm()
            used = session.memory_mb()
        ratio = used / run.bare_memory
        yield Figure(
            f"memory, {technicians} technicians",
            "≤ 1.5 × bare",
            f"{used:.0f} MB, {ratio:.2f} ×",
            f"bare Textual {run.bare_memory:.0f} MB",
            ratio <= 1.5,
            {"memory_mb": used, "bare_mb": run.bare_memory, "ratio": ratio},
        )


def edit(run: Run) -> Iterator[Figure]:
    """An edit saved: the outbox's commit, and the key that makes one."""
    with tempfile.TemporaryDirectory() as folder:
        files = ProfileFiles(Path(folder) / "profile")
        files.prepare()
        outbox = Outbox(files, SystemClock(), by="bench")
        change = Change(Kind.VISIT, "vis_1", "technicians", ["usr_1"], ["usr_2"])
        took: list[float] = []
        for nth in range(run.times(400, 50)):
            draft = OperationDraft(
                Intent.ASSIGN, f"visit:vis_{nth}", (change,), "4471 → Dai Evans 10:45-12:45"
            )
            began = time.perf_counter()
            outbox.add(draft)
            took.append((time.perf_counter() - began) * 1e3)
        outbox.close()
        floor = _synced_writes(Path(folder) / "floor", run.times(400, 50))
    p99 = quantile(took, 0.99)
    yield Figure(
        "an edit saved: the outbox's commit",
        "p99 ≤ 20 ms",
        f"{median(took):.1f} / {p99:.1f} ms (n={len(took)})",
        f"4 kB written and synced {median(floor):.1f} / {quantile(floor, 0.99):.1f} ms",
        p99 <= 20.0,
        {
            "commit_p50": median(took),
            "commit_p99": p99,
            "fsync_p50": median(floor),
            "fsync_p99": quantile(floor, 0.99),
        },
    )
    with Session(run.world(run.usual)) as session:
        session.calm()
        session.press("l", "j", "j")
        samples: list[Sample] = []
        for _ in range(run.times(15, 4)):
            samples += [session.sample("x", quiet=0.12), session.sample("u", quiet=0.12)]
    timing = Timing.of(samples)
    yield Figure(
        "an edit: key → shown as saved (x and u)",
        "",
        str(timing),
        run.echo_text,
        None,
        timing.data("edit_key"),
    )


def _synced_writes(path: Path, times: int) -> list[float]:
    took: list[float] = []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1e3)
    return took


def idle(run: Run) -> Iterator[Figure]:
    """Board and sync process between two rounds."""
    seconds = 20.0 * max(run.scale, 0.25)
    with Sandbox(technicians=run.usual, jobs=4000) as server:
        place = empty_profile(server, poll_s=3600)
        with Session(place, offline=False, fresh=False, extra=server.environ) as session:
            server.wait_for_sync(place)
            session.calm(1.5, 10.0)
            syncing = children(session.pid)
            before = [core_time(pid).on for pid in (session.pid, *syncing)]
            frames = session.terminal.frames
            began = time.perf_counter()
            while (left := began + seconds - time.perf_counter()) > 0:
                session.terminal.pump(left)
            spent = [
                core_time(pid).on - was for pid, was in zip((session.pid, *syncing), before, strict=True)
            ]
            drawn = session.terminal.frames - frames
    board, sync = spent[0] / seconds * 100, sum(spent[1:]) / seconds * 100
    yield Figure(
        f"at rest between two rounds, {run.usual} technicians",
        "< 1 % of a core",
        f"{board + sync:.2f} % (board {board:.2f}, sync {sync:.2f}; {drawn / seconds:.1f} frames a second)",
        "",
        board + sync < 1.0,
        {"board_percent": board, "sync_percent": sync, "frames_a_second": drawn / seconds},
    )
