"""The long run: python -m tests.fuzz --payloads 200000 [--resume FILE]."""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.fuzz.run import BATCH, Found, Tally, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--payloads", type=int, default=200_000)
    parser.add_argument("--frame-every", type=int, default=10, help="a board is drawn after so many payloads")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="where to note how far it is, and to go on from")
    given = parser.parse_args()
    whole, first = Tally(), 0
    key = [given.seed, given.frame_every]
    if given.resume is not None and given.resume.exists():
        noted = json.loads(given.resume.read_text())
        if noted["key"] == key:
            whole, first = Tally(**noted["tally"]), noted["batch"]
            print(f"going on after {whole}")
    began, before = time.monotonic(), whole.payloads

    def done(batch: int, tally: Tally) -> None:
        whole.add(tally)
        took = time.monotonic() - began
        rate = (whole.payloads - before) / took
        left = (given.payloads - batch * BATCH) / rate
        so_far = f"{whole.payloads:,} of {given.payloads:,}"
        print(f"{so_far}; {rate:.0f} a second, {left:.0f} s to go", flush=True)
        if given.resume is not None:
            noted = {"key": key, "batch": batch, "tally": asdict(whole)}
            given.resume.write_text(json.dumps(noted))

    try:
        run(given.seed, given.payloads, given.frame_every, done, first)
    except Found as found:
        traceback.print_exception(found.__cause__)
        print(found, file=sys.stderr)
        return 1
    print(f"{whole}; nothing was found, in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
