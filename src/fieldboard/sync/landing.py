"""Where what was read lands: base rows, echoes that end, edits that are confirmed by it.

One object serves one engine. It knows nothing of requests; it stores what they brought and answers
what the next decision needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from fieldboard.backends.port import Row
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import Clock
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.operation import Kind
from fieldboard.sync.absence import APART_S, KNOWN_AFTER_S
from fieldboard.sync.duplicates import Duplicates, made_twice
from fieldboard.sync.report import RoundReport
from fieldboard.sync.walks import Walk, Walks

__all__ = ["APART_S", "KNOWN_AFTER_S", "Landing", "Walk", "made_twice", "note_trouble"]


class Landing(Walks, Duplicates):
    """The writing side of the cache, for one engine. Raises StorageError from whatever stores."""

    # -- rounds

    @property
    def first(self) -> bool:
        """Whether nothing was ever fetched whole."""
        return self.state().last_full_finished is None

    def begin_round(self, started: Instant, pid: int) -> None:
        """Say that a round is under way; jobs that a broken first one left undrawn are drawn."""
        self.told_offset_s = None
        self._writer.draw_waiting()
        self._writer.set_state(last_round_started=started, syncer_pid=pid)

    def drift(self) -> float | None:
        """How many seconds the wall clock lay before the monotonic one; None of another origin than now."""
        said = self._own("clock") or {}
        origin = self._clock.origin()
        return said.get("drift_ms", 0) / 1000 if origin is not None and said.get("origin") == origin else None

    def remember_drift(self, seconds: float) -> None:
        """Keep how far the wall clock lies before the monotonic one, for whoever syncs next."""
        origin, known = self._clock.origin(), self.drift()
        if origin is not None and (known is None or abs(known - seconds) > 0.001):
            self._keep("clock", {"drift_ms": round(seconds * 1000), "origin": origin})

    @property
    def clock_was_put_back(self) -> bool:
        """Whether the last round ended later than it is now."""
        finished = self.state().last_round_finished
        return finished is not None and finished > self._now

    def follow_clock(self, seconds: int, most: Instant) -> None:
        """This computer's clock was set by so much: what waits for an instant goes with it, up to `most`."""
        state = self.state()
        if state.wait_until is not None:
            self._writer.set_state(wait_until=min(state.wait_until + seconds, most))
        if state.server_offset_s is not None:
            self._writer.set_state(server_offset_s=state.server_offset_s - seconds)
        self._writer.shift_echoes(seconds)
        for kind in Kind:
            self._keep(f"absent.{kind.value}", {one: at + seconds for one, at in self.absent(kind).items()})

    def progress(self, done: int, total: int | None, says: str) -> None:
        """Say how far a long fetch is."""
        self._writer.set_state(progress_done=done, progress_total=total, progress_says=says)

    def end_round(
        self, report: RoundReport, *, full: bool, fetched: bool, server_offset_s: float | None
    ) -> None:
        """Say what came of a round."""
        state = self.state()
        said: dict[str, object] = {
            "last_round_finished": report.finished_at,
            "error": report.error,
            "wait_until": report.retry_at,
            "progress_done": None,
            "progress_total": None,
            "progress_says": None,
        }
        if report.reached:
            said |= {"last_ok": report.finished_at, "offline_since": None}
            if fetched and (full or state.last_full_finished is None):
                said["last_full_finished"] = report.finished_at
            if not fetched:
                said["error"] = state.error if state.offline_since is None else None
        elif state.offline_since is None:
            said["offline_since"] = report.finished_at
        if server_offset_s is not None:
            said["server_offset_s"] = server_offset_s
        self._writer.set_state(**said)
        self._writer.checkpoint()

    # -- reads and answers

    def read(self, rows: Sequence[Row]) -> int:
        """Store what was read one by one: it is how things are, and ends echoes."""
        self.watch(rows)
        count = self._writer.store(rows)
        self._gone -= {(row.kind, row.id) for row in rows}
        self.sighted(rows)
        self._shown(rows, decides=True)
        return len(count.ids)

    def answered(self, rows: Sequence[Row]) -> None:
        """Store what came back from a request that wrote: no echo ends by it."""
        self._writer.store(rows)
        self.sighted(rows)

    # -- house

    def retain(self) -> None:
        """Drop what is too old to be looked at."""
        self._writer.retain(self._zone.date_of(self._now))
        self._writer.history.purge()
        self._outbox.purge()
        self._writer.checkpoint()


def note_trouble(files: ProfileFiles, zone: Zone, clock: Clock, says: str) -> None:
    """Say on the board why there is no sync, where no engine could be opened. Raises StorageError."""
    now = instant_of(clock.now())
    writer = CacheWriter(files, zone, clock)
    reader = CacheReader(files, zone)
    try:
        since = reader.state().offline_since
        writer.set_state(error=says, offline_since=now if since is None else since, last_round_finished=now)
    finally:
        reader.close()
        writer.close()
