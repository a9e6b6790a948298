"""Two and four sync processes on one profile: one sends, the others stand by, and take over when it dies."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from fieldboard.cache.outbox import Outbox
from fieldboard.cache.windows import WindowLock
from fieldboard.clock import SystemClock
from fieldboard.domain import fields
from fieldboard.domain.operation import LIVE, PENDING, Change, Intent, Json, Kind, OperationDraft, OpState
from tests.kills.office import PATIENCE_S, Office, Seen, eventually, office_in

Processes = dict[str, subprocess.Popen[bytes]]


class Desk:
    """A dispatcher's window that saves edits and counts on others to send them."""

    def __init__(self, office: Office, outbox: Outbox, seed: int) -> None:
        self.office, self.outbox = office, outbox
        self._draw = random.Random(seed)
        self._times: dict[str, list[Json]] = {
            visit.id: [visit.start, visit.end, None] for visit in office.movable()
        }
        self.saved: list[str] = []

    def edit(self, count: int = 1) -> None:
        """Move visits by a minute each: every edit is one of its kind."""
        for visit_id in self._draw.sample(sorted(self._times), count):
            before = self._times[visit_id]
            after: list[Json] = [int(str(before[0])) + 60, int(str(before[1])) + 60, None]
            change = Change(Kind.VISIT, visit_id, fields.TIMES, [*before], [*after])
            draft = OperationDraft(Intent.RESCHEDULE, f"visit:{visit_id}", (change,))
            self.saved.append(self.outbox.add(draft).op_id)
            self._times[visit_id] = after

    def all_sent(self) -> bool:
        return not any(one.state in LIVE for one in self.outbox.live())

    def all_confirmed(self) -> bool:
        return not any(one.state in PENDING for one in self.outbox.live())


@contextmanager
def desk_in(folder: Path, seed: int) -> Iterator[Desk]:
    with (
        office_in(folder) as office,
        WindowLock(office.files),
        closing(Outbox(office.files, SystemClock())) as outbox,
    ):
        office.ledger.write_text("")
        yield Desk(office, outbox, seed)


def leader_of(office: Office, names: set[str]) -> str | None:
    """Who of these asked the server last."""
    asked = [one.who for one in office.requests() if one.who in names]
    return asked[-1] if asked else None


def writers_since(office: Office, at: float) -> set[str]:
    return {one.who for one in office.requests() if one.began > at and one.who != "witness"}


def must_not_overlap(requests: list[Seen]) -> None:
    """At no instant did two processes have requests under way."""
    services = sorted((one for one in requests if one.who != "witness"), key=lambda one: one.began)
    until, holder = 0.0, ""
    for one in services:
        assert one.who == holder or one.began >= until, f"{one.who} asked while {holder} was being answered"
        if one.ended > until:
            until, holder = one.ended, one.who


@pytest.mark.parametrize("count", [2, 4])
def test_the_leader_is_killed_and_one_other_takes_over(
    tmp_path: Path, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    taken: list[float] = []
    with desk_in(tmp_path / "office", count) as desk, ExitStack() as stack:
        office = desk.office
        names = [f"process-{number}" for number in range(count)]
        running: Processes = {name: stack.enter_context(office.service(name)) for name in names}
        eventually(lambda: leader_of(office, set(running)) is not None, "a first leader")
        while len(running) > 1:
            leader = leader_of(office, set(running))
            assert leader is not None
            desk.edit(3)
            time.sleep(random.Random(len(running)).uniform(0.1, 0.5))
            running[leader].send_signal(signal.SIGKILL)
            killed = time.monotonic()
            running.pop(leader).wait()
            desk.edit(2)
            left = set(running)
            taken.append(
                eventually(lambda left=left: leader_of(office, left) is not None, "a takeover")  # type: ignore[misc]
            )
            assert writers_since(office, killed + 0.2) <= left
            assert len(writers_since(office, killed + 0.2)) == 1, "more than one took over"
            eventually(desk.all_sent, "the sending of what the killed one left", PATIENCE_S)
        eventually(desk.all_confirmed, "the confirmation of every edit", PATIENCE_S)
        must_not_overlap(office.requests())
        states = {desk.outbox.get(one).state for one in desk.saved}  # type: ignore[union-attr]
        assert states == {OpState.CONFIRMED}
        assert office.must_be_applied_once() == len(desk.saved)
        office.must_agree()
        office.must_be_sound()
    with capsys.disabled():
        figures = ", ".join(f"{one:.2f}" for one in taken)
        sys.stdout.write(f" [{count} processes: taken over after {figures} s]")


@pytest.mark.parametrize("count", [2, 4])
def test_a_leader_that_sleeps_is_waited_for_and_sends_nothing_twice(tmp_path: Path, count: int) -> None:
    with desk_in(tmp_path / "office", count) as desk, ExitStack() as stack:
        office = desk.office
        names = {f"process-{number}" for number in range(count)}
        running: Processes = {name: stack.enter_context(office.service(name)) for name in sorted(names)}
        eventually(lambda: leader_of(office, names) is not None, "a first leader")
        leader = leader_of(office, names)
        assert leader is not None
        for _ in range(3):
            desk.edit(3)
            time.sleep(0.25)
            running[leader].send_signal(signal.SIGSTOP)
            stopped = time.monotonic()
            desk.edit(2)
            # Longer than three looks of those who stand by, and than an answer takes.
            time.sleep(0.8)
            assert writers_since(office, stopped + 0.3) == set(), "somebody else sent, or a sleeper did"
            running[leader].send_signal(signal.SIGCONT)
            eventually(desk.all_sent, "the sending of what was saved meanwhile", PATIENCE_S)
        eventually(desk.all_confirmed, "the confirmation of every edit", PATIENCE_S)
        assert writers_since(office, 0.0) == {leader}
        must_not_overlap(office.requests())
        assert office.must_be_applied_once() == len(desk.saved)
        office.must_agree()
