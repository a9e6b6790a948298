"""One profile, a server on loopback, and the real programs of fieldboard, started and killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.store import Store
from fieldboard.clock import SystemClock
from fieldboard.domain import fields
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Operation
from fieldboard.domain.visit import Visit
from tests.kills.server import PREFIX

ROOT: Final = Path(__file__).parents[2]
ZONE: Final = Zone("Europe/London")
PATIENCE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that the server answered; times are of the monotonic clock of this computer."""

    who: str
    method: str
    path: str
    body: str
    status: int
    began: float
    ended: float

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Office:
    """A profile and its server."""

    def __init__(self, folder: Path, url: str, ledger: Path) -> None:
        self.url, self.ledger = url, ledger
        self.data = folder / "data"
        self.files = ProfileFiles(self.data / "profiles" / "north")
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[profiles.north]\nbackend = "fieldcamp"\nbase_url = "{url}"\ntimezone = "{ZONE.name}"\n'
            'token_env = "NORTH_TOKEN"\nsettle_s = 1\ntimeout_s = 5\npoll_s = 5\n'
        )

    def start(self, *words: str, who: str = "command", **options: Any) -> subprocess.Popen[bytes]:
        """Start the program with these words."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FIELDBOARD_")}
        environ |= {
            "FIELDBOARD_CONFIG": str(self.config),
            "FIELDBOARD_DATA_DIR": str(self.data),
            "NORTH_TOKEN": f"{PREFIX}{who}",
            "PYTHONPATH": str(ROOT / "src"),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "fieldboard", *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=options.get("stdout", subprocess.PIPE),
            stderr=options.get("stderr", subprocess.PIPE),
        )

    def run(self, *words: str) -> tuple[int, bytes, bytes]:
        """Run the program to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    @contextmanager
    def service(self, who: str) -> Iterator[subprocess.Popen[bytes]]:
        """A sync process of the profile; killed at the end."""
        process = self.start("sync-service", who=who, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def operations(self) -> list[Operation]:
        """All edits, in order."""
        with closing(Outbox(self.files, SystemClock())) as outbox:
            return sorted(outbox.all(None), key=lambda one: one.seq)

    def requests(self) -> list[Seen]:
        """What the server has answered so far."""
        return [Seen(**json.loads(line)) for line in self.ledger.read_text().splitlines()]

    def visits_at_the_server(self) -> dict[str, dict[str, Any]]:
        """The server's visits by id."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/api/v1/visits", headers={"Authorization": f"Bearer {PREFIX}witness"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            rows = json.loads(answer.read())["data"]["visits"]
        return {row["id"]: row for row in rows}

    def movable(self) -> list[Visit]:
        """Visits of the cache that may be moved: still to come, assigned, the only one of their job."""
        with closing(CacheReader(self.files, ZONE)) as reader:
            jobs = Counter(one.job_id for one in reader.visits())
            now = SystemClock().now().timestamp()
            return sorted(
                (
                    visit
                    for one in reader.visits()
                    if not one.made_up
                    and one.status.value == "assigned"
                    and one.start is not None
                    and one.start > now
                    and jobs[one.job_id] == 1
                    and (visit := reader.own_visit(one.id)) is not None
                ),
                key=lambda visit: visit.id,
            )

    def technicians(self) -> list[str]:
        with closing(CacheReader(self.files, ZONE)) as reader:
            return sorted(one.id for one in reader.technicians() if one.active)

    def must_be_sound(self) -> None:
        """Every database passes its own check."""
        for path in (self.files.cache, self.files.outbox, self.files.history):
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",), path
        assert not self.files.quarantine.exists() or not any(self.files.quarantine.iterdir())

    def must_be_applied_once(self) -> int:
        """No edit took effect at a visit more often than it was made; returns how many writes there were."""
        made: Counter[tuple[str, str, str]] = Counter()
        with closing(Outbox(self.files, SystemClock())) as outbox:
            for operation in outbox.all(None):
                for step in outbox.steps_of(operation.op_id):
                    made[step.method, f"/api/v1{step.path}", _plain(step.body)] += 1
        done = Counter(
            (one.method, one.path, _plain(json.loads(one.body)))
            for one in self.requests()
            if one.writes and one.status == 200 and "/visits/" in one.path
        )
        twice = {line: (times, made[line]) for line, times in done.items() if times > made[line]}
        assert twice == {}, f"applied more often than made: {twice}"
        return done.total()

    def must_agree(self) -> None:
        """Server, cache and view have what the last edit of each field wanted."""
        wanted: dict[tuple[str, str], object] = {}
        for operation in self.operations():
            for change in operation.changes:
                wanted[change.id, change.field] = change.value
        visits = self.visits_at_the_server()
        with closing(CacheReader(self.files, ZONE)) as reader:
            for (visit_id, field), value in wanted.items():
                visit = reader.own_visit(visit_id)
                assert visit is not None
                assert fields.value_of(visit, field) == value, (visit_id, field)
            for visit_id, row in visits.items():
                visit = reader.own_visit(visit_id)
                assert visit is not None, visit_id
                crew = [row["technicianId"]] if row["technicianId"] else []
                assert [*visit.technician_ids] == crew, visit_id
        with closing(Store(self.files, ZONE, SystemClock())) as store:
            shown = {visit.id: visit for visit in store.visits()}
            for (visit_id, field), value in wanted.items():
                assert fields.value_of(shown[visit_id], field) == value
                assert shown[visit_id].mark == ""


def _plain(body: object) -> str:
    return json.dumps(body, sort_keys=True)


def eventually(true: Callable[[], bool], says: str = "it", patience_s: float = PATIENCE_S) -> float:
    """Wait until something is so; the seconds that it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + patience_s, f"{says} never came to pass"
        time.sleep(0.01)
    return time.monotonic() - began


@contextmanager
def office_in(folder: Path, takes_s: float = 0.08) -> Iterator[Office]:
    """An office after its first sync."""
    address, ledger = folder / "address", folder / "ledger"
    folder.mkdir(parents=True, exist_ok=True)
    ledger.touch()
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "tests.kills.server", str(address), str(ledger), str(takes_s)]
    server = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        eventually(address.exists, "the server's start")
        office = Office(folder, address.read_text(), ledger)
        code, _, err = office.run("sync")
        assert code == 0, err
        yield office
    finally:
        server.kill()
        server.wait()
