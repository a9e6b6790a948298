"""Rounds of the real engine against a server: `rounds CONFIG`; one line in, one round, its figures out."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from fieldboard import config, paths
from fieldboard.cache.windows import SyncLock
from fieldboard.cli.assemble import OpenProfile
from fieldboard.cli.delivery import settings_of
from fieldboard.sync.engine import Engine


async def main() -> None:
    """A round a line, until there are none."""
    loaded = config.load(Path(sys.argv[1]))
    opened = OpenProfile(loaded, loaded.select(None, os.environ), paths.data_dir(os.environ))
    lock = SyncLock(opened.files)
    assert lock.try_take()
    backend = opened.open_backend(opened.store.learned())
    engine = Engine(backend, opened.files, opened.rules, opened.zone, opened.clock, settings_of(opened))
    fence = engine.take_over("benchmark")
    opened.close()
    print("{}", flush=True)
    while sys.stdin.readline():
        began, spent = time.perf_counter(), time.process_time()
        report = await engine.round(fence=fence)
        figures = {
            "seconds": time.perf_counter() - began,
            "cpu": time.process_time() - spent,
            "pulled": report.pulled,
            "error": report.error,
        }
        print(json.dumps(figures), flush=True)
    engine.close()
    await backend.close()
    lock.release()


if __name__ == "__main__":
    asyncio.run(main())
