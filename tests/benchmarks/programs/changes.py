"""A second process that changes the cache as a sync does: one line in, one write, the time of its end out."""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path

from fieldboard.cache.reader import CacheReader
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import SystemClock
from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.visit import PlannedVisit, Visit
from tests.benchmarks.worlds import Place, seen


def _visit(one: PlannedVisit, minutes: int) -> Visit:
    assert one.start is not None
    assert one.end is not None
    return Visit(
        id=one.id,
        job_id=one.job_id,
        technician_ids=one.technician_ids,
        start=one.start + minutes * 60,
        end=one.end + minutes * 60,
        status=one.status,
        raw_status=one.raw_status,
    )  # fmt: skip


def main() -> None:
    """Read `N FROM` lines: move N visits of today, beginning with the FROM-th, by minutes."""
    place = Place(Path(sys.argv[1]))
    clock, zone = SystemClock(), Zone(sys.argv[2])
    writer = CacheWriter(place.files, zone, clock)
    reader = CacheReader(place.files, zone)
    names = {one.id: one.name.casefold() for one in reader.technicians()}
    today = reader.day(zone.date_of(instant_of(clock.now())))
    day = sorted(today, key=lambda one: (names[one.technician_ids[0]], one.start or 0))
    reader.close()
    to_and_fro = itertools.cycle((5, 0))
    # Many never go to where they were before: what was drawn of them there may still be kept.
    elsewhere = (sign * minutes for minutes in itertools.count(3) for sign in (1, -1))
    print(json.dumps({"visits": len(day)}), flush=True)
    for line in sys.stdin:
        count, first = map(int, line.split())
        shift = next(to_and_fro if count == 1 else elsewhere)
        rows = [seen(_visit(day[(first + at) % len(day)], shift)) for at in range(count)]
        began = time.perf_counter()
        writer.store(rows)
        print(json.dumps({"began": began, "ended": time.perf_counter()}), flush=True)
    writer.close()


if __name__ == "__main__":
    main()
