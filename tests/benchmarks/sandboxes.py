"""The real sandbox as a process on loopback, and profiles that sync with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from fieldboard.cache.reader import CacheReader
from fieldboard.cache.state import SyncState
from tests.benchmarks.session import environ
from tests.benchmarks.worlds import ZONE, Place, write_config


class Sandbox:
    """A FieldCamp server of this size. Use it as a context."""

    def __init__(self, *, technicians: int, jobs: int, faults: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fieldboard-bench-"))
        command = [
            *(sys.executable, "-m", "fieldboard", "sandbox", "fieldcamp", "--json", "--zone", ZONE.name),
            *("--technicians", str(technicians), "--jobs", str(jobs)),
            *("--write-roster", str(self.folder / "roster.toml")),
            *(("--faults", faults) if faults else ()),
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, env={**os.environ, **environ()}, text=True
        )
        assert self.process.stdout is not None
        said = json.loads(self.process.stdout.readline())
        self.url, self.token = said["url"], said["token"]

    @property
    def environ(self) -> dict[str, str]:
        """The token, for whoever syncs with it."""
        return {"FIELDBOARD_TOKEN_BENCH": self.token}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request; the JSON of its answer."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def wait_for_sync(self, place: Place, limit: float = 300.0) -> SyncState:
        """Wait until a profile has been synced once. Raises AssertionError."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if place.files.cache.exists():
                reader = CacheReader(place.files, ZONE)
                state = reader.state()
                reader.close()
                if state.last_ok is not None and state.last_round_finished is not None:
                    return state
            time.sleep(0.05)
        raise AssertionError("the first sync never ended")

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def empty_profile(server: Sandbox, *, poll_s: float, name: str = "profile") -> Place:
    """A profile of that server into which nothing was read yet; it goes with the server."""
    place = Place(server.folder / name)
    write_config(place, base_url=server.url, poll_s=poll_s)
    shutil.copy(server.folder / "roster.toml", place.folder / "roster.toml")
    return place
