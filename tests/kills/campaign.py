"""Kills: commands and sync processes, at random moments, while they edit and sync."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fieldboard.cache.outbox import Outbox
from fieldboard.cache.windows import WindowLock
from fieldboard.clock import SystemClock
from fieldboard.domain.operation import OpState
from fieldboard.domain.visit import Visit
from tests.kills.office import PATIENCE_S, ZONE, Office, eventually, office_in

FIRST_S: Final = 0.005
LAST_S: Final = 0.4
LIVES: Final = 0.4
"""Share of the commands that are let live."""
AIMED: Final = 0.75
"""Share of the kills that count from when an edit is on the disk: most of the time goes into starting."""
AT_WRITE: Final = 0.4
"""Share of the aimed kills that come when the server has carried a write out and not yet answered."""
SERVICE_DIES: Final = 0.7
"""Share of the rounds with an edit in which the sync process is killed."""


@dataclass(slots=True)
class Tally:
    """What a campaign has done. `unprinted` edits are on the disk, but their command died before it spoke."""

    kills: int = 0
    of_services: int = 0
    printed: int = 0
    unprinted: int = 0
    edits: int = 0
    writes: int = 0
    looked_up: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        states = ", ".join(f"{count} {state}" for state, count in self.states.most_common())
        return (
            f"{self.kills} kills ({self.of_services} of the sync process), {self.edits} edits "
            f"({self.printed} printed, {self.unprinted} saved and killed before they were printed), "
            f"{self.looked_up} looked up, {self.writes} writes at the server; {states}"
        )


@dataclass(slots=True)
class _Command:
    process: subprocess.Popen[bytes]
    dies_at: float | None = None
    aimed: float | None = None
    at_write: bool = False


class Campaign:
    """Rounds of commands beside a sync process; each round ends with every command dead or done."""

    def __init__(self, office: Office, seed: int) -> None:
        self._office = office
        self._draw = random.Random(seed)
        self._visits = office.movable()
        self._technicians = office.technicians()
        self._step = self._read = 0
        third = len(self._visits) // 3
        self._statuses = [visit.id for visit in self._visits[:third]]
        self._visits = self._visits[third:]
        self._free: list[Visit] = []
        self._printed: set[str] = set()
        self._there: set[str] = set()
        self._service: subprocess.Popen[bytes] | None = None
        self.tally = Tally()

    def run(self, kills: int, done: Callable[[int], None] = lambda _: None) -> Tally:
        """Kill so many processes, then let everything come to rest and look at what is left."""
        office = self._office
        with WindowLock(office.files), closing(Outbox(office.files, SystemClock())) as outbox:
            rounds = 0
            try:
                while self.tally.kills < kills:
                    self._round(outbox)
                    rounds += 1
                    if rounds % 5 == 0:
                        office.must_be_sound()
                        done(self.tally.kills)
            finally:
                if self._service is not None:
                    self._service.kill()
                    self._service.wait()
        self._come_to_rest()
        self._look()
        return self.tally

    # -- one round

    def _round(self, outbox: Outbox) -> None:
        draw = self._draw
        if self._service is None:
            self._service = self._office.start(
                "sync-service", who="service", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        before = self._count()
        # Of two who move one visit at the same moment, one has not seen the other, and contests rightly.
        self._free = [*self._visits]
        commands = [self._command() for _ in range(draw.choice((1, 2, 2, 3)))]
        dies, after = draw.random() < SERVICE_DIES, draw.uniform(FIRST_S, LAST_S)
        dies_at_write = dies and draw.random() < AT_WRITE
        service_dies: float | None = None
        saved_at: float | None = None
        end = time.monotonic() + PATIENCE_S
        while commands:
            now = time.monotonic()
            assert now < end, "a command neither ended nor died"
            if saved_at is None and self._count() != before:
                saved_at = now
                # The sync process, where it leads, begins to send within a tick of an edit.
                service_dies = now + after if dies and not dies_at_write else None
            written = self._written()
            if written and dies_at_write:
                service_dies = now
            for one in list(commands):
                due = one.dies_at if one.aimed is None else (saved_at + one.aimed if saved_at else None)
                if written and one.at_write:
                    due = now
                if due is not None and now >= due and one.process.poll() is None:
                    one.process.send_signal(signal.SIGKILL)
                    one.process.wait()
                    self.tally.kills += 1
                if one.process.poll() is not None:
                    self._ended(one)
                    commands.remove(one)
            if service_dies is not None and now >= service_dies:
                self._kill_service()
                service_dies = None
            time.sleep(0.002)
        if service_dies is not None:
            self._kill_service()
        self._must_be_there(outbox)

    def _count(self) -> int:
        """How many edits are on the disk."""
        with closing(sqlite3.connect(f"file:{self._office.files.outbox}?mode=ro", uri=True)) as db:
            count: int = db.execute("SELECT count(*) FROM operation").fetchone()[0]
            return count

    def _command(self) -> _Command:
        draw = self._draw
        now = time.monotonic()
        process = self._office.start(*self._words(), "--json")
        lives, aimed = draw.random() < LIVES, draw.random() < AIMED
        if lives:
            return _Command(process)
        if aimed and draw.random() < AT_WRITE:
            return _Command(process, at_write=True)
        if aimed:
            return _Command(process, aimed=draw.uniform(0.0, LAST_S))
        return _Command(process, dies_at=now + draw.uniform(FIRST_S, LAST_S))

    def _written(self) -> bool:
        """Whether the server has carried out a write since the last call."""
        with self._office.ledger.open("rb") as ledger:
            ledger.seek(self._read)
            lines = ledger.read()
        self._read += len(lines)
        return b'"PUT"' in lines

    def _words(self) -> list[str]:
        """An edit that was never made before, so that the server's ledger tells it from every other."""
        draw = self._draw
        self._step += 1
        how = draw.random()
        if how < 0.15 and self._statuses:
            return ["status", self._statuses.pop(), "en_route"]
        visit = draw.choice(self._free)
        self._free.remove(visit)
        assert visit.start is not None
        start = ZONE.local(visit.start + self._step * 60).strftime("%Y-%m-%dT%H:%M")
        if how < 0.5:
            return ["assign", visit.id, draw.choice(self._technicians), "--start", start]
        return ["reschedule", visit.id, "--start", start]

    def _ended(self, one: _Command) -> None:
        out, _ = one.process.communicate(timeout=PATIENCE_S)
        try:
            printed = json.loads(out)
        except ValueError:
            return
        self._printed.add(printed["op_id"])

    def _kill_service(self) -> None:
        if self._service is None:
            return
        self._service.send_signal(signal.SIGKILL)
        self._service.wait()
        self._service = None
        self.tally.kills += 1
        self.tally.of_services += 1

    def _must_be_there(self, outbox: Outbox) -> None:
        """Nothing that was printed, or that was once on the disk, is missing."""
        there = {one.op_id for one in outbox.all(None)}
        assert self._printed <= there, f"printed and not there: {self._printed - there}"
        assert self._there <= there, f"saved and not there any more: {self._there - there}"
        self._there = there

    # -- the end

    def _come_to_rest(self) -> None:
        office = self._office

        def rests() -> bool:
            code, out, err = office.run("sync", "--json")
            assert code == 0, err
            return int(json.loads(out)["pending"]) == 0

        eventually(rests, "an outbox at rest")

    def _look(self) -> None:
        office, tally = self._office, self.tally
        operations = office.operations()
        there = {one.op_id for one in operations}
        assert self._printed <= there
        assert self._there <= there
        office.must_be_sound()
        tally.states = Counter(one.state.value for one in operations)
        assert set(tally.states) <= {OpState.CONFIRMED.value}, tally.states
        tally.edits, tally.printed = len(there), len(self._printed)
        tally.unprinted = len(there - self._printed)
        tally.looked_up = sum(one.ever_uncertain for one in operations)
        tally.writes = office.must_be_applied_once()
        office.must_agree()


def campaign(folder: Path, seed: int, kills: int, done: Callable[[int], None] = lambda _: None) -> Tally:
    """One campaign in a folder of its own."""
    with office_in(folder) as office:
        return Campaign(office, seed).run(kills, done)
