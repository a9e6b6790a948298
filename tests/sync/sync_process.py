"""The sync process of a profile, without a configuration: run as a program.

Arguments: the profile's folder, the address of the server.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.rules import FIELDCAMP
from fieldboard.backends.port import Backend
from fieldboard.cache.files import ProfileFiles
from fieldboard.clock import SystemClock
from fieldboard.domain.instants import Zone
from fieldboard.sync.report import SyncSettings
from fieldboard.sync.service import serve
from tests.sync.room import TOKEN

TIMES = SyncSettings("north", timeout_s=5, settle_s=0.5, poll_s=0.4)


def main() -> None:
    files = ProfileFiles(Path(sys.argv[1]))
    zone = Zone("Europe/London")

    def open_backend() -> Backend:
        return open_fieldcamp(sys.argv[2], TOKEN, zone=zone, timeout_s=TIMES.timeout_s)

    asyncio.run(serve(open_backend, files, FIELDCAMP, zone, SystemClock(), TIMES, tick_s=0.02))


if __name__ == "__main__":
    main()
