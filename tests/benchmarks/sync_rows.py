"""The rows of the sync: a first one of a hundred thousand jobs, and rounds with little to do."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from fieldboard.cache.reader import CacheReader
from tests.benchmarks.figures import Figure, median, quantile
from tests.benchmarks.processes import children, core_time
from tests.benchmarks.run import Run
from tests.benchmarks.sandboxes import Sandbox, empty_profile
from tests.benchmarks.session import Session, environ, program
from tests.benchmarks.worlds import ZONE, Place

JOBS: Final = 100_000
PAGE: Final = 100
COMMIT_PAGES: Final = 10


def first(run: Run) -> Iterator[Figure]:
    """A first sync on an open board, its speed, and the keys meanwhile."""
    jobs = max(5_000, round(JOBS * run.scale))
    with Sandbox(technicians=run.usual, jobs=jobs) as server:
        # Asked once: the server has prepared its answers, as a vendor's database would.
        for name in ("team", "clients", "visits"):
            server.ask("GET", f"/api/v1/{name}")
        listed = _rows(server.ask("GET", "/api/v1/jobs"))
        visits = _rows(server.ask("GET", "/api/v1/visits"))
        loads, per_second = _floor(listed)
        place = empty_profile(server, poll_s=3600)
        with Session(
            place, offline=False, fresh=False, extra=server.environ, painted=(b"QUEUE", b"BOARD", b"TIMELINE")
        ) as session:
            began = time.perf_counter()
            meanwhile: list[float] = []
            syncing: list[int] = []
            spent = 0.0
            while (state := _state(place)) is None:
                meanwhile.append(session.pane())
                syncing = syncing or children(session.pid)
                spent = max([spent, *(core_time(pid).on for pid in syncing if Path(f"/proc/{pid}").exists())])
                if time.perf_counter() - began > 600:
                    raise AssertionError("the first sync never ended")
            took = time.perf_counter() - began
            session.calm(1.0, 20.0)
            after = session.panes(run.times(100, 60))
            stored = _counted(place)
            same_rows = _same_rows(place, [*_pages(listed), *_pages(visits)], stored)
    assert state
    during50, during99 = median(meanwhile) * 1e3, quantile(meanwhile, 0.99) * 1e3
    after50, after99 = median(after) * 1e3, quantile(after, 0.99) * 1e3
    speed, on_core = stored / took, stored / spent if spent else 0.0
    yield Figure(
        f"first sync of {stored:,} jobs, from the first paint",
        "≥ 0.5 × floor",
        f"{speed:,.0f} jobs a second, {speed / per_second:.2f} × (a second on a core: {on_core:,.0f}, "
        f"{on_core / per_second:.2f} ×)",
        f"{loads} + executemany {per_second:,.0f} jobs a second",
        speed >= 0.5 * per_second,
        {
            "jobs_a_second": speed,
            "jobs_a_core_second": on_core,
            "floor": per_second,
            "jobs": stored,
            "seconds": took,
        },
    )
    yield Figure(
        "the first sync against all that it stores",
        "",
        f"{speed / same_rows:.2f} × (a second on a core: {on_core / same_rows:.2f} ×)",
        f"{loads} of jobs and visits + executemany of the same rows, indexes and all: {same_rows:,.0f}",
        None,
        {"floor": same_rows},
    )
    yield Figure.timed(
        "a key (tab) during the first sync, to the frame that answers it",
        "no later than after it",
        f"{during50:.1f} / {during99:.1f} ms (n={len(meanwhile)})",
        f"the same key afterwards {after50:.1f} / {after99:.1f} ms (n={len(after)})",
        limits=((during50, max(1.5 * after50, 4.0)), (during99, max(1.5 * after99, 12.0))),
        data={
            "during_n": len(meanwhile),
            "during_p50": during50,
            "during_p99": during99,
            "after_p50": after50,
            "after_p99": after99,
        },
    )


def rounds(run: Run) -> Iterator[Figure]:
    """A round with nothing to do, and one with ten changes, at two sizes."""
    sizes = (1_000, max(5_000, round(JOBS * run.scale)))
    quiet: dict[int, list[dict[str, Any]]] = {}
    changed: dict[int, list[dict[str, Any]]] = {}
    for jobs in sizes:
        with Sandbox(technicians=50, jobs=jobs) as server:
            place = empty_profile(server, poll_s=3600)
            ids = [row.get("_id") or row.get("id") for row in _rows(server.ask("GET", "/api/v1/jobs"))[:10]]
            with _Rounds(place, server) as engine:
                engine.round()
                engine.round()
                quiet[jobs] = [engine.round() for _ in range(run.times(5, 2))]
                changed[jobs] = []
                for nth in range(run.times(3, 1)):
                    for one in ids:
                        server.ask("PUT", f"/api/v1/jobs/{one}", {"title": f"Changed {nth}"})
                    changed[jobs].append(engine.round())
    for what, found in (("nothing to do", quiet), ("10 changes", changed)):
        small, large = (median([one["seconds"] for one in found[size]]) * 1e3 for size in sizes)
        cpu = median([one["cpu"] for one in found[sizes[1]]]) * 1e3
        pulled = max(one["pulled"] for one in found[sizes[1]])
        yield Figure(
            f"a round with {what}, {sizes[1]:,} jobs",
            f"as in {sizes[0]:,} jobs where there is a change feed",
            f"{large:.0f} ms (on a core {cpu:.0f}; {pulled} entities taken)",
            f"{sizes[0]:,} jobs: {small:.0f} ms",
            None,
            {"large_ms": large, "small_ms": small, "large_cpu_ms": cpu, "pulled": pulled},
        )


class _Rounds:
    """The process that makes rounds when asked."""

    def __init__(self, place: Place, server: Sandbox) -> None:
        self._process = subprocess.Popen(
            program("rounds", str(place.config)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environ(), **place.environ, **server.environ},
            text=True,
        )
        self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that makes rounds has ended"
        said: dict[str, Any] = json.loads(line)
        return said

    def round(self) -> dict[str, Any]:
        """Make one round."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = self._read()
        assert said["error"] is None, said
        return said

    def __enter__(self) -> _Rounds:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def _rows(answer: Any) -> list[dict[str, Any]]:
    """The jobs within whatever envelope they came in."""
    while isinstance(answer, dict):
        answer = next(
            value for name, value in answer.items() if isinstance(value, list | dict) and name != "pagination"
        )
    rows: list[dict[str, Any]] = answer
    return rows


def _state(place: Place) -> bool | None:
    """True once a first sync has ended."""
    if not place.files.cache.exists():
        return None
    reader = CacheReader(place.files, ZONE)
    state = reader.state()
    reader.close()
    return True if state.last_ok is not None and state.last_round_finished is not None else None


def _counted(place: Place) -> int:
    reader = CacheReader(place.files, ZONE)
    count = reader.counts()["job"]
    reader.close()
    return count


def _pages(listed: Sequence[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(listed[at : at + PAGE]).encode() for at in range(0, len(listed), PAGE)]


def _loads() -> tuple[Callable[[bytes], Any], str]:
    """The fastest reader of JSON that is there, and its name."""
    try:
        import orjson  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return json.loads, "json.loads"
    return orjson.loads, "orjson.loads"


_TABLES: Final = ("technician", "customer", "job", "visit", "base")


def _same_rows(place: Place, pages: Sequence[bytes], jobs: int) -> float:
    """Jobs a second of parsing these bodies and storing the very rows that a finished sync left."""
    loads, _ = _loads()
    source = sqlite3.connect(f"{place.files.cache.as_uri()}?mode=ro", uri=True)
    schema = source.execute(
        f"SELECT sql FROM sqlite_master WHERE tbl_name IN {_TABLES} AND sql IS NOT NULL ORDER BY type DESC"  # noqa: S608
    ).fetchall()
    rows = {one: source.execute(f"SELECT * FROM {one} ORDER BY rowid").fetchall() for one in _TABLES}  # noqa: S608
    source.close()
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        for (sql,) in schema:
            db.execute(sql)
        began = time.perf_counter()
        for nth, page in enumerate(pages):
            if nth % COMMIT_PAGES == 0:
                db.execute("BEGIN IMMEDIATE")
            loads(page)
            for table, kept in rows.items():
                part = kept[len(kept) * nth // len(pages) : len(kept) * (nth + 1) // len(pages)]
                if part:
                    db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(part[0]))})", part)  # noqa: S608
            if nth % COMMIT_PAGES == COMMIT_PAGES - 1 or nth == len(pages) - 1:
                db.execute("COMMIT")
        took = time.perf_counter() - began
        db.close()
    return jobs / took


def _floor(listed: Sequence[dict[str, Any]]) -> tuple[str, float]:
    """Jobs a second of what no program that parses and stores jobs can do without."""
    loads, name = _loads()
    pages = _pages(listed)
    columns = sorted({key for row in listed[:PAGE] for key in row})[:24]
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        names = ", ".join(f'"{column}"' for column in columns)
        db.execute(f"CREATE TABLE job (raw TEXT, {names})")
        db.execute(
            'CREATE UNIQUE INDEX job_id ON job ("_id")'
            if "_id" in columns
            else "CREATE INDEX job_raw ON job (raw)"
        )
        insert = f"INSERT INTO job VALUES ({', '.join('?' * (len(columns) + 1))})"  # noqa: S608
        began = time.perf_counter()
        for at in range(0, len(pages), COMMIT_PAGES):
            db.execute("BEGIN IMMEDIATE")
            for page in pages[at : at + COMMIT_PAGES]:
                rows = [
                    [
                        None,
                        *(
                            value if isinstance(value := row.get(column), str | int | float) else None
                            for column in columns
                        ),
                    ]
                    for row in loads(page)
                ]
                db.executemany(insert, rows)
            db.execute("COMMIT")
        took = time.perf_counter() - began
        db.close()
    return name, len(listed) / took
