"""A desk over real files, with the rows of the tests' company in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

from fieldboard.backends.fieldcamp.rules import FIELDCAMP
from fieldboard.board.desk import Desk
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job, TimeWindow
from fieldboard.domain.operation import Operation, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import SystemRules
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit, Visit
from fieldboard.roster import Roster, RosterEntry
from tests.board.world import DAY, WEEK, ZONE, at
from tests.cache.world import World

NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
"""10:42 in London."""

TECHNICIANS = (
    Technician("t1", "Amara Diallo", shift=WEEK, skills=("gas",), skills_known=True, home=LatLng(51.5, -0.1)),
    Technician("t2", "Dai Evans", shift=WEEK, skills=("gas",), skills_known=True, home=LatLng(51.51, -0.1)),
    Technician("t3", "Dai Jones", shift=WEEK, skills=(), skills_known=True, home=LatLng(51.52, -0.1)),
    Technician("t9", "Old Hand", active=False),
)

JOBS = (
    Job("j1", "4401", "Boiler service", "c1", phone="020 7946 0001", status=Status.ASSIGNED),
    Job("j2", "4402", "Leak", "c1", status=Status.ASSIGNED),
    Job("j3", "4471", "Boiler leaking, no heat", "c1", status=Status.UNASSIGNED, duration_min=120,
        priority=Priority.URGENT, windows=(TimeWindow(at(8), at(12)),), skills=("gas",), lat=51.5, lng=-0.1),
    Job("j4", "4404", "Install", "c1", status=Status.ASSIGNED),
    Job("j5", "4405", "Survey", "c1", status=Status.UNASSIGNED, duration_min=30),
    Job("j6", "4406", "Valve", "c1", status=Status.COMPLETED),
)  # fmt: skip

VISITS = (
    Visit("v1", "j1", ("t1",), at(11), at(12), status=Status.ASSIGNED),
    Visit("v2", "j2", ("t2",), at(13), at(14), status=Status.ASSIGNED),
    Visit("v3", "j3", (), None, None, status=Status.UNASSIGNED),
    Visit("v4", "j4", ("t1",), at(14), at(15), status=Status.ASSIGNED),
    Visit("v5", "j4", ("t2",), at(38), at(39), status=Status.ASSIGNED),
    Visit("v6", "j6", ("t1",), at(8), at(9), status=Status.COMPLETED),
)


class Office:
    """The files of a profile, a sync's pen to write in them, and a desk that reads them."""

    def __init__(self, folder: Path, zone: Zone = ZONE) -> None:
        self.world = World(folder)
        self.world.clock.advance((NOW - self.world.clock.now()).total_seconds())
        self.world.first_sync(Customer("c1", "Okafor", "020 7946 0001"), *TECHNICIANS, *JOBS, *VISITS)
        self.zone = zone
        self.rules: SystemRules = FIELDCAMP
        self.roster = Roster(
            (
                RosterEntry(
                    name="dai jones", skills=("boiler",), capacity=2, breaks=(WallSpan(time(12), time(13)),)
                ),
            )
        )
        self.desk = self.open()

    def open(self, **rules: object) -> Desk:
        """Another desk over the same files, as after a restart."""
        self.rules = replace(self.rules, **rules)  # type: ignore[arg-type]
        self.desk = Desk(self.world.shown(), self.rules, self.roster, self.zone, self.world.clock)
        return self.desk

    def visit(self, visit_id: str) -> PlannedVisit:
        self.desk.poll()
        (found,) = self.desk.store.planned([visit_id])
        return found

    def job(self, job_id: str) -> Job:
        self.desk.poll()
        found = self.desk.store.job(job_id)
        assert found is not None
        return found

    def sent(
        self, operation: Operation, state: OpState = OpState.CONFIRMED, reason: str | None = None
    ) -> None:
        """What the sync does with an edit: it goes out and ends."""
        outbox = self.desk.store.outbox
        fence = outbox.take_fence("test")
        assert outbox.claim(operation.op_id, fence) is not None
        if state in (OpState.CONFIRMED, OpState.ACKED):
            assert outbox.settle(operation.op_id, fence, OpState.SENDING, OpState.ACKED)
            if state is OpState.CONFIRMED:
                assert outbox.settle(operation.op_id, fence, OpState.ACKED, OpState.CONFIRMED)
        else:
            assert outbox.settle(operation.op_id, fence, OpState.SENDING, state, reason=reason)
        self.desk.poll()

    def close(self) -> None:
        self.world.close()


__all__ = ["DAY", "NOW", "Office", "at"]
