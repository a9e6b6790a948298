"""The rows of the board: start, keys, drags, changes, days."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator

from tests.benchmarks.figures import Figure, Sample, Timing, median, quantile
from tests.benchmarks.processes import core_time
from tests.benchmarks.run import Run
from tests.benchmarks.session import Changes, Session
from tests.benchmarks.worlds import Place
from tests.terminal import mouse_report

KEY_P50, KEY_P99 = 4.0, 12.0
GROWTH = 1.3


def start(run: Run) -> Iterator[Figure]:
    """From exec to the board on the screen, next to a bare Textual application."""
    sizes = [(run.usual, 0, 1.25)]
    if run.largest > run.usual:
        sizes.append((run.largest, 60_000 - 8 * run.largest, 1.6))
    for technicians, elsewhere, factor in sizes:
        place = run.world(technicians, elsewhere)
        board: list[tuple[float, float]] = []
        bare: list[tuple[float, float]] = []
        for _ in range(run.times(9, 3)):
            seconds, spent, _ = run.bare_start()
            bare.append((seconds, spent))
            with Session(place) as session:
                board.append((session.start_s, core_time(session.pid).on))
        wall, floor = median([one for one, _ in board]) * 1e3, median([one for one, _ in bare]) * 1e3
        cpu, cpu_floor = median([one for _, one in board]) * 1e3, median([one for _, one in bare]) * 1e3
        # Time on a core tells more than the clock where other programs run.
        ratio, cpu_ratio = wall / floor, cpu / cpu_floor
        yield Figure(
            f"start, {technicians} technicians, {elsewhere + 8 * technicians:,} visits",
            f"≤ {factor} × bare",
            f"{wall:.0f} ms, {ratio:.2f} × (on a core {cpu:.0f}, {cpu_ratio:.2f} ×)",
            f"bare Textual {floor:.0f} ms (on a core {cpu_floor:.0f})",
            ratio <= factor,
            {"start_ms": wall, "bare_ms": floor, "ratio": ratio, "cpu_ms": cpu, "bare_cpu_ms": cpu_floor,
             "cpu_ratio": cpu_ratio, "n": len(board)},
        )  # fmt: skip


def _walk(count: int) -> list[str]:
    """Keys that move the cursor without scrolling: within the queue, the columns in sight, the timeline."""
    part = count // 3
    queue = list(itertools.islice(itertools.cycle("jjjjkkkk"), part))
    board = list(itertools.islice(itertools.cycle("lljjhhkk"), part))
    timeline = list(itertools.islice(itertools.cycle("lljjhhkk"), part))
    return [*queue, "l", "j", "j", *board, "tab", "j", "l", *timeline]


ENTRY = {"tab"}


def key_samples(run: Run, place: Place, columns: int = 200, rows: int = 50) -> list[Sample]:
    """The cursor moved over all three panes."""
    with Session(place, columns=columns, rows=rows) as session:
        session.calm()
        walk = _walk(run.times(240, 45))
        samples = session.keys(walk)
    # Going to another pane is another act: its layout may change.
    return [one for key, one in zip(walk, samples, strict=True) if key not in ENTRY and one.first < 0.5]


def drag_samples(run: Run, place: Place, columns: int = 200, rows: int = 50) -> list[Sample]:
    """A job dragged from the queue over columns and slots, step by step."""
    with Session(place, columns=columns, rows=rows) as session:
        session.calm()
        session.sample(mouse_report("press", 10, 3))
        for x in (14, 40, 70):
            session.sample(mouse_report("drag", x, 12))
        found: list[Sample] = []
        for step in range(run.times(120, 20)):
            time.sleep(0.02)
            x, y = 70 + (step // 8) * 12 % 90, 10 + step % 8
            found.append(session.sample(mouse_report("drag", x, y)))
        session.sample(mouse_report("release", 200, 0))
        session.press("escape")
    return found


def change_samples(place: Place, count: int, times: int) -> tuple[list[Sample], list[float]]:
    """Changes by another process: what they cost the board, and seconds from the commit to the frame."""
    found: list[Sample] = []
    latency: list[float] = []
    with Session(place) as session, Changes(session.place) as changes:
        session.calm()
        changes.make(count, 0)
        session.calm()
        for nth in range(times):
            session.terminal.settle(0.05, 1.0)
            frames, written = session.terminal.frames, session.terminal.written
            before = core_time(session.pid)
            # One visit moves to and fro: each twice, or every second change would be none.
            ended = changes.make(count, (nth + 1) // 2 % 8 if count == 1 else 0)
            limit = time.perf_counter() + 3
            while session.terminal.frames == frames and time.perf_counter() < limit:
                session.terminal.pump(0.05)
            session.terminal.settle(0.05, 1.0)
            last = session.terminal.last_frame_at
            spent = core_time(session.pid).since(before)
            if session.terminal.frames > frames:
                latency.append(last - ended)
                found.append(
                    Sample(
                        spent.on,
                        spent.on,
                        session.terminal.frames - frames,
                        session.terminal.written - written,
                        spent.waited,
                        spent.on,
                    )
                )
    return found, latency


def keys(run: Run) -> Iterator[Figure]:
    """A move, a drag step and one change, at each number of technicians."""
    medians: dict[str, dict[int, Timing]] = {"move": {}, "drag step": {}, "change": {}}
    lags: dict[int, list[float]] = {}
    for technicians in run.technicians:
        place = run.world(technicians)
        medians["move"][technicians] = Timing.of(key_samples(run, place))
        medians["drag step"][technicians] = Timing.of(drag_samples(run, place))
        changed, lags[technicians] = change_samples(place, 1, run.times(40, 8))
        medians["change"][technicians] = Timing.of(changed)
    for what, by_size in medians.items():
        for technicians, timing in by_size.items():
            if what == "change":
                lag = lags[technicians]
                measured = (
                    f"{timing.p50:.1f} / {timing.p99:.1f} ms of its time on a core (n={timing.n}); "
                    f"commit → frame {median(lag) * 1e3:.0f} / {quantile(lag, 0.99) * 1e3:.0f} ms"
                )
            else:
                measured = str(timing)
            yield Figure.timed(
                f"{what}, {technicians} technicians",
                f"p50 ≤ {KEY_P50:g} ms, p99 ≤ {KEY_P99:g} ms",
                measured,
                run.echo_text,
                limits=((timing.p50, KEY_P50), (timing.p99, KEY_P99)),
                data=timing.data(what.replace(" ", "_")),
            )
        small, large = min(by_size), max(by_size)
        if small < large:
            growth = by_size[large].p50 / by_size[small].p50
            on_core = by_size[large].cpu50 / by_size[small].cpu50
            yield Figure(
                f"{what}, {large} against {small} technicians",
                f"≤ {GROWTH} ×",
                f"{growth:.2f} × (on a core {on_core:.2f} ×)",
                "",
                growth <= GROWTH,
                {"growth": growth, "cpu_growth": on_core},
            )
    usual = medians["move"][run.usual]
    yield Figure(
        f"bytes a cursor move, {run.usual} technicians",
        "≤ 4 kB",
        f"p50 {usual.bytes50 / 1000:.1f} kB, most {usual.bytes_most / 1000:.1f} kB",
        "a whole screen 37 kB and more",
        usual.bytes50 <= 4000,
        {"bytes_p50": usual.bytes50, "bytes_most": usual.bytes_most},
    )


def scroll(run: Run) -> Iterator[Figure]:
    """Column by column, and by pages, in two sizes of terminal."""
    for technicians in sorted({run.usual, run.largest}):
        place = run.world(technicians)
        for columns, rows, least in ((200, 50, 8.0), (320, 90, 12.0)):
            with Session(place, columns=columns, rows=rows) as session:
                session.calm()
                session.press(*["l"] * (columns // 20))
                by_column = session.keys(["l"] * run.times(100, 15))
                session.press(*["tab"] * 2)
                by_page = session.keys(["ctrl+d", "ctrl+d", "ctrl+d", "ctrl+u", "ctrl+u"] * run.times(20, 3))
                session.press("tab", "tab")
                by_page += session.keys(["ctrl+d", "ctrl+d", "ctrl+u"] * run.times(20, 3))
            for what, samples in (("column", by_column), ("page", by_page)):
                timing = Timing.of([one for one in samples if one.first < 0.5])
                yield Figure.timed(
                    f"scroll by a {what}, {technicians} technicians, {columns}×{rows}",
                    f"p50 ≤ {least:g} ms, p99 ≤ 16 ms",
                    f"{timing}, {timing.bytes50 / 1000:.0f} kB",
                    run.echo_text,
                    limits=((timing.p50, least), (timing.p99, 16.0)),
                    data=timing.data(f"scroll_{what}"),
                )


def bulk(run: Run) -> Iterator[Figure]:
    """Five hundred visits changed in one write."""
    for technicians in sorted({run.usual, run.largest}):
        samples, lag = change_samples(run.world(technicians), 500, run.times(12, 4))
        timing = Timing.of(samples)
        yield Figure.timed(
            f"500 changes at once, {technicians} technicians",
            "≤ 15 ms",
            f"{timing.p50:.1f} / {timing.p99:.1f} ms of its time on a core (n={timing.n}); commit → frame "
            f"{median(lag) * 1e3:.0f} ms",
            "",
            limits=((timing.p50, 15.0),),
            data={**timing.data("bulk"), "lag_p50": median(lag) * 1e3},
        )


def fast_drag(run: Run) -> Iterator[Figure]:
    """A drag at 120 events a second for two seconds."""
    events, seconds = 240, 2.0
    rates: list[float] = []
    behind: list[float] = []
    for _ in range(run.times(5, 2)):
        with Session(run.world(run.usual)) as session:
            session.calm()
            session.sample(mouse_report("press", 10, 3))
            for x in (14, 40, 70):
                session.sample(mouse_report("drag", x, 12))
            terminal = session.terminal
            terminal.settle(0.1, 1.0)
            frames, began = terminal.frames, time.perf_counter()
            for nth in range(events):
                terminal.send(mouse_report("drag", 60 + nth % 100, 8 + nth % 14))
                until = began + (nth + 1) * seconds / events
                while (left := until - time.perf_counter()) > 0:
                    terminal.pump(left)
            sent_at = time.perf_counter()
            rates.append((terminal.frames - frames) / seconds)
            terminal.settle(0.1, 1.0)
            behind.append((terminal.last_frame_at - sent_at) * 1e3)
            session.press("escape")
    rate = statistics.median(rates)
    yield Figure(
        f"drag at 120 events a second, {run.usual} technicians",
        "≥ 55 frames a second",
        f"{rate:.0f} frames a second, the last {statistics.median(behind):.0f} ms after the last event",
        "Textual paints 60 at most",
        rate >= 55,
        {"frames_a_second": rate, "last_frame_ms": statistics.median(behind)},
    )


def days(run: Run) -> Iterator[Figure]:
    """Another day, another zoom."""
    place = (
        run.world(run.usual) if run.largest == run.usual else run.world(run.largest, 60_000 - 8 * run.largest)
    )
    with Session(place) as session:
        session.calm()
        session.press("l")
        session.calm()
        turned: list[Sample] = []
        for key in ["]", "]", "]", "]", "t", "[", "[", "[", "[", "t"] * run.times(4, 1):
            turned.append(session.sample(key, quiet=0.15))
        zoomed = [session.sample(key, quiet=0.1) for key in ["+", "-", "-", "+"] * run.times(8, 2)]
    for what, samples in (("another day", turned), ("another zoom", zoomed)):
        timing = Timing.of([one for one in samples if one.frames])
        yield Figure.timed(
            f"{what}, {max(run.usual, run.largest)} technicians",
            "≤ 50 ms",
            f"{timing}, most {max((one.last for one in samples), default=0) * 1e3:.0f} ms",
            run.echo_text,
            limits=((timing.p50, 50.0),),
            data=timing.data(what.replace(" ", "_")),
        )
