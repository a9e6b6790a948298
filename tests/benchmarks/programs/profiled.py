"""The program under cProfile: `profiled FILE ARGUMENTS…`; both threads of a board are written to FILE.

Read it with `python -m pstats FILE`.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Run the command line and write where its time went."""
    target, arguments = Path(sys.argv[1]), sys.argv[2:]
    profiles: list[cProfile.Profile] = []
    run: Callable[[threading.Thread], None] = threading.Thread.run

    def profiled(thread: threading.Thread) -> None:
        profile = cProfile.Profile()
        profiles.append(profile)
        profile.runcall(run, thread)

    threading.Thread.run = profiled  # type: ignore[method-assign,assignment]
    from fieldboard.cli import main as command_line

    own = cProfile.Profile()
    code = own.runcall(command_line, arguments)
    stats = pstats.Stats(own)
    for one in profiles:
        try:
            stats.add(one)
        except (TypeError, ValueError):
            continue  # a thread that never ran
    stats.dump_stats(target)
    sys.exit(code)


if __name__ == "__main__":
    main()
