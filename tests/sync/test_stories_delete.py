"""Deletions: what others changed since the job was seen is asked about, and not taken along."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fieldboard.backends.fieldcamp.rules import FIELDCAMP
from fieldboard.board.deciding import plan_decision
from fieldboard.board.decisions import decisions
from fieldboard.board.desk import Desk
from fieldboard.board.planning import (
    plan_assign,
    plan_create,
    plan_delete,
    plan_edit,
    plan_reschedule,
    plan_status,
    plan_undo,
)
from fieldboard.cache.store import Store
from fieldboard.domain.operation import Json, OpState
from fieldboard.domain.status import Status
from fieldboard.roster import Roster
from fieldboard.sandbox.records import Job, Visit
from tests.sync.room import Room


class Dispatcher:
    """Who sits at a desk of the room's profile."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.desk = Desk(Store(room.files, room.zone, room.clock), FIELDCAMP, Roster(), room.zone, room.clock)

    def deletes(self, job: Job) -> str:
        """Delete a job as it is shown now."""
        self.desk.poll()
        shown = self.desk.store.job(job.id)
        assert shown is not None
        (saved,) = self.desk.commit(plan_delete(self.desk, shown))
        return saved.op_id

    def decides(self, choice: str) -> str:
        """Decide about the only edit that waits; returns the edit that goes on, or the one that ended."""
        self.desk.poll()
        [waits] = decisions(self.desk)
        saved = self.desk.commit(plan_decision(self.desk, waits, choice))
        return saved[0].op_id if saved else waits.op.op_id


@pytest.fixture
def dispatcher(room: Room) -> Iterator[Dispatcher]:
    found = Dispatcher(room)
    yield found
    found.desk.store.close()


async def others_put(room: Room, path: str, body: dict[str, Json]) -> None:
    """Somebody else changes something at the server."""
    await room.backend._http.write("PUT", f"/api/v1/{path}", body)
    room.wire.requests.clear()


def subject(room: Room) -> tuple[Job, Visit]:
    visit = room.open_visit()
    return room.world.jobs[visit.job_id], visit


async def test_a_job_that_somebody_changed_is_not_deleted_over_it(room: Room, dispatcher: Dispatcher) -> None:
    job, _ = subject(room)
    op_id = dispatcher.deletes(job)
    before = job.title
    line: Json = [{"itemName": "URGENT gas leak", "quantity": 1, "price": 1, "type": "Service"}]
    await others_put(room, f"jobs/{job.id}", {"jobItems": line, "priority": "urgent"})
    report = await room.sync()
    assert room.state(op_id) is OpState.CONFLICT
    assert (report.undecided, report.exit_code, room.wire.writes()) == (1, 3, [])
    assert room.op(op_id).reason == "The job is not as it was seen. Changed meanwhile: title, priority."
    dispatcher.desk.poll()
    [waits] = decisions(dispatcher.desk)
    told = [(one.name, one.base, one.mine, one.theirs, one.contested) for one in waits.sides]
    assert told[0] == ("job", "there", "deleted", "there", False)
    assert ("title", before, "deleted", "URGENT gas leak", True) in told
    assert [one.id for one in waits.choices][:2] == ["mine", "theirs"]


async def test_what_somebody_did_to_a_visit_keeps_its_job_from_being_deleted(
    room: Room, dispatcher: Dispatcher
) -> None:
    job, visit = subject(room)
    op_id = dispatcher.deletes(job)
    other = room.others(*visit.crew)[0]
    await others_put(room, f"visits/{visit.id}", {"technicianId": other})
    await room.sync()
    assert (room.state(op_id), job.id in room.world.jobs) == (OpState.CONFLICT, True)
    assert "technician" in (room.op(op_id).reason or "")


async def test_a_visit_that_somebody_added_keeps_its_job_from_being_deleted(
    room: Room, dispatcher: Dispatcher
) -> None:
    job, visit = subject(room)
    op_id = dispatcher.deletes(job)
    assert visit.start is not None
    body: Json = {"jobId": job.id, "scheduledStart": visit.start.strftime("%Y-%m-%dT%H:%M:%SZ")}
    await room.backend._http.write("POST", "/api/v1/visits", body)
    room.wire.requests.clear()
    await room.sync()
    assert (room.state(op_id), room.wire.writes()) == (OpState.CONFLICT, [])
    assert room.op(op_id).reason == "The job is not as it was seen. Changed meanwhile: visits."
    dispatcher.desk.poll()
    [waits] = decisions(dispatcher.desk)
    assert [(one.name, one.base) for one in waits.sides if one.contested] == [("visit", "not there yet")]


async def test_who_keeps_theirs_keeps_the_job(room: Room, dispatcher: Dispatcher) -> None:
    job, _ = subject(room)
    dispatcher.deletes(job)
    await others_put(room, f"jobs/{job.id}", {"priority": "urgent"})
    await room.sync()
    dispatcher.decides("theirs")
    report = await room.sync()
    assert (job.id in room.world.jobs, room.has_job(job.id), report.exit_code) == (True, True, 0)


async def test_who_keeps_mine_deletes_the_job_as_it_is_shown_now(room: Room, dispatcher: Dispatcher) -> None:
    job, _ = subject(room)
    dispatcher.deletes(job)
    await others_put(room, f"jobs/{job.id}", {"priority": "urgent"})
    await room.sync()
    again = dispatcher.decides("mine")
    await others_put(room, f"jobs/{job.id}", {"priority": "low"})
    await room.sync()
    assert room.state(again) is OpState.CONFLICT, "changed once more, and not seen"
    last = dispatcher.decides("mine")
    report = await room.sync()
    assert (room.state(last), job.id in room.world.jobs, report.exit_code) == (OpState.CONFIRMED, False, 0)


async def test_a_new_stamp_without_another_value_is_no_change(room: Room, dispatcher: Dispatcher) -> None:
    job, visit = subject(room)
    op_id = dispatcher.deletes(job)
    room.clock.advance(5)
    room.world.touch(job, room.clock.now())
    room.world.touch_visit(visit, room.clock.now())
    await room.sync()
    assert (room.state(op_id), job.id in room.world.jobs) == (OpState.CONFIRMED, False)


async def test_our_own_edits_before_a_deletion_are_nobody_elses(room: Room, dispatcher: Dispatcher) -> None:
    job, visit = subject(room)
    desk = dispatcher.desk
    shown = desk.store.job(job.id)
    assert shown is not None
    desk.commit(plan_edit(desk, shown, {"title": "Ours", "priority": "urgent"}))
    desk.poll()
    (planned,) = desk.store.planned([visit.id])
    desk.commit(plan_assign(desk, planned, room.others(*visit.crew)[0]))
    desk.poll()
    (planned,) = desk.store.planned([visit.id])
    desk.commit(plan_reschedule(desk, planned, room.now + 7200, room.now + 9000))
    desk.poll()
    (planned,) = desk.store.planned([visit.id])
    desk.commit(plan_status(desk, planned, Status.EN_ROUTE))
    op_id = dispatcher.deletes(job)
    await room.sync()
    assert room.op(op_id).reason is None
    assert (room.state(op_id), job.id in room.world.jobs) == (OpState.CONFIRMED, False)


async def test_what_was_made_here_is_taken_back_whatever_the_server_made_of_it(
    room: Room, dispatcher: Dispatcher
) -> None:
    desk = dispatcher.desk
    client = next(iter(room.world.clients))
    values: dict[str, Json] = {
        "title": "New", "customer_id": client, "start": room.now + 7200, "end": room.now + 9000,
    }  # fmt: skip
    (made,) = desk.commit(plan_create(desk, values))
    await room.push()
    desk.poll()
    (undo,) = desk.commit(plan_undo(desk, desk.store.outbox.get(made.op_id)))
    await room.sync()
    assert room.op(undo.op_id).reason is None
    assert not any(job.title == "New" for job in room.world.jobs.values())


async def test_a_deletion_whose_answer_was_lost_and_that_never_arrived_asks_before_it_is_sent_again(
    room: Room, dispatcher: Dispatcher
) -> None:
    job, _ = subject(room)
    op_id = dispatcher.deletes(job)
    room.spoil("lost before", "DELETE", times=1)
    await room.sync()
    assert room.state(op_id) is OpState.UNCERTAIN
    await others_put(room, f"jobs/{job.id}", {"priority": "urgent"})
    room.clock.advance(60)
    await room.sync()
    assert (room.state(op_id), job.id in room.world.jobs) == (OpState.CONFLICT, True)
