"""The long run: python -m tests.kills --kills 1000 [--resume FILE]."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.kills.campaign import campaign

A_CAMPAIGN = 50
"""Kills of one profile and server; then another one is begun."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path, help="where to note how far it is, and to go on from")
    given = parser.parse_args()
    noted = {"seed": given.seed, "campaigns": 0, "kills": 0, "edits": 0}
    if given.resume is not None and given.resume.exists():
        before = json.loads(given.resume.read_text())
        noted = before if before["seed"] == given.seed else noted
    began = time.monotonic()
    while noted["kills"] < given.kills:
        seed = given.seed * 10_000 + noted["campaigns"]
        with tempfile.TemporaryDirectory() as folder:
            tally = campaign(Path(folder) / "office", seed, min(A_CAMPAIGN, given.kills - noted["kills"]))
        noted["campaigns"] += 1
        noted["kills"] += tally.kills
        noted["edits"] += tally.edits
        took = time.monotonic() - began
        print(f"{noted['kills']} of {given.kills} kills, {took:.0f} s; seed {seed}: {tally}", flush=True)
        if given.resume is not None:
            given.resume.write_text(json.dumps(noted))
    print(
        f"{noted['kills']} kills, {noted['edits']} edits: none lost, none applied twice, "
        f"every database sound, in {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
