"""Stories of edits on their way, against a real server app and real files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fieldboard.cache.errors import StorageFull
from fieldboard.domain import fields
from fieldboard.domain.operation import Change, Intent, Json, Kind, OperationDraft, OpState
from tests.sync.room import TOKEN, Room, new_job, room_with


async def test_an_assignment_arrives_and_is_confirmed_in_the_same_round(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    report = await room.sync()
    assert report.error is None
    assert visit.crew == [other]
    assert room.state(op_id) is OpState.CONFIRMED
    assert (report.pushed, report.pending, report.undecided, report.exit_code) == (1, 0, 0, 0)


async def test_sending_alone_leaves_it_acked_and_shown_until_a_read_shows_it(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    report = await room.push()
    assert room.state(op_id) is OpState.ACKED
    assert report.pending == 1
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED


async def test_another_dispatchers_value_is_not_overwritten(room: Room) -> None:
    visit = room.open_visit()
    first, second = room.others(*visit.crew)[:2]
    op_id = room.assign(visit.id, first)
    visit.crew[:] = [second]
    room.world.touch_visit(visit, room.clock.now())
    report = await room.sync()
    assert room.state(op_id) is OpState.CONFLICT
    assert visit.crew == [second]
    assert room.op(op_id).reason == "Somebody else changed the technician meanwhile."
    [contest] = room.outbox.contests_of(op_id)
    assert (contest.mine, contest.theirs) == ([first], [second])
    assert room.visit(visit.id).technician_ids == (second,)
    assert (report.undecided, report.exit_code) == (1, 3)
    assert room.wire.writes() == []


async def test_another_dispatcher_with_the_same_wish_is_no_conflict(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    visit.crew[:] = [other]
    room.world.touch_visit(visit, room.clock.now())
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert room.wire.writes() == []


async def test_edits_of_different_fields_merge(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    assert visit.start is not None
    assert visit.end is not None
    visit.start += timedelta(hours=1)
    visit.end += timedelta(hours=1)
    room.world.touch_visit(visit, room.clock.now())
    start = visit.start
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert (visit.crew, visit.start) == ([other], start)


async def test_edits_of_one_visit_go_out_in_their_order(room: Room) -> None:
    visit = room.open_visit()
    first, second = room.others(*visit.crew)[:2]
    before = list(visit.crew)
    one = room.edit(Kind.VISIT, visit.id, fields.TECHNICIANS, [*before], [first], intent=Intent.ASSIGN)
    two = room.edit(Kind.VISIT, visit.id, fields.TECHNICIANS, [first], [second], intent=Intent.ASSIGN)
    report = await room.sync()
    assert visit.crew == [second]
    assert (room.state(one), room.state(two)) == (OpState.CONFIRMED, OpState.CONFIRMED)
    assert report.pushed == 2


async def test_what_never_reached_the_server_is_queued_again(room: Room) -> None:
    visit = room.open_visit()
    before = list(visit.crew)
    op_id = room.assign(visit.id, room.others(*before)[0])
    room.spoil("refused", "PUT")
    report = await room.sync()
    assert room.state(op_id) is OpState.QUEUED
    assert not room.op(op_id).ever_uncertain
    assert visit.crew == before
    assert (report.pending, report.exit_code) == (1, 4)
    room.mend()
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED


async def test_a_line_that_is_down_keeps_the_queue_and_says_so(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    room.spoil("refused")
    began = room.clock.monotonic()
    report = await room.sync()
    assert room.state(op_id) is OpState.QUEUED
    assert report.error
    assert report.exit_code == 4
    assert room.clock.monotonic() - began < 30
    assert room.engine.landing.state().offline_since is not None


@pytest.mark.parametrize("how", ["lost after", "html after"])
async def test_a_lost_answer_is_looked_up_at_once_and_found(room: Room, how: str) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    room.spoil(how, "PUT", "/visits/", times=1)
    report = await room.sync()
    assert room.op(op_id).ever_uncertain
    assert room.state(op_id) is OpState.CONFIRMED
    assert visit.crew == [other]
    assert [one for one in room.wire.writes() if "visits" in one[1]] == [
        ("PUT", f"/api/v1/visits/{visit.id}")
    ]
    assert report.exit_code == 0


async def test_what_was_lost_before_it_took_effect_is_sent_again_only_when_it_has_settled(room: Room) -> None:
    visit = room.open_visit()
    before, other = list(visit.crew), room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    room.spoil("lost before", "PUT", "/visits/", times=1)
    report = await room.sync()
    assert room.state(op_id) is OpState.UNCERTAIN
    assert (report.pending, report.exit_code) == (1, 0)
    room.clock.advance(20)
    await room.sync()
    assert room.state(op_id) is OpState.UNCERTAIN
    assert visit.crew == before
    assert len(room.wire.writes()) == 1
    room.clock.advance(15)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert visit.crew == [other]
    assert len([one for one in room.wire.writes() if "visits" in one[1]]) == 2


async def test_what_is_uncertain_blocks_the_edits_behind_it(room: Room) -> None:
    visit = room.open_visit()
    first, second = room.others(*visit.crew)[:2]
    one = room.assign(visit.id, first)
    two = room.edit(Kind.VISIT, visit.id, fields.TECHNICIANS, [first], [second], intent=Intent.ASSIGN)
    elsewhere = room.open_visit(1)
    three = room.assign(elsewhere.id, room.others(*elsewhere.crew)[0])
    room.spoil("lost before", "PUT", f"/visits/{visit.id}", times=1)
    await room.sync()
    assert (room.state(one), room.state(two)) == (OpState.UNCERTAIN, OpState.QUEUED)
    assert room.state(three) is OpState.CONFIRMED
    room.clock.advance(40)
    await room.sync()
    assert (room.state(one), room.state(two)) == (OpState.CONFIRMED, OpState.CONFIRMED)
    assert visit.crew == [second]


async def test_somebody_elses_value_after_a_lost_answer_is_superseded(room: Room) -> None:
    visit = room.open_visit()
    first, second = room.others(*visit.crew)[:2]
    op_id = room.assign(visit.id, first)
    room.spoil("lost before", "PUT", "/visits/", times=1)
    await room.sync()
    visit.crew[:] = [second]
    room.world.touch_visit(visit, room.clock.now())
    room.clock.advance(40)
    report = await room.sync()
    assert room.state(op_id) is OpState.SUPERSEDED
    assert visit.crew == [second]
    assert report.undecided == 0


async def test_what_a_killed_process_was_sending_is_looked_up_and_not_sent_twice(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    # The process dies after the bytes left: `sending` is on the disk, and the server has it.
    assert room.outbox.claim(op_id, room.fence) is not None
    [step] = [one for one in await room.backend.steps(room.op(op_id), {}) if one.path.startswith("/visits/")]
    room.outbox.journal_step(op_id, room.fence, step)
    visit.crew[:] = [other]
    room.world.touch_visit(visit, room.clock.now())
    room.restart()
    assert room.state(op_id) is OpState.UNCERTAIN
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert [one for one in room.wire.writes() if "visits" in one[1]] == []


async def test_what_was_claimed_and_not_yet_sent_goes_out_after_a_kill(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    assert room.outbox.claim(op_id, room.fence) is not None
    room.restart()
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert visit.crew == [other]


async def test_a_refused_token_ends_the_round_at_once(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    room.spoil("401", "PUT")
    room.wire.requests.clear()
    report = await room.sync()
    assert room.state(op_id) is OpState.QUEUED
    assert (report.exit_code, report.token_refused, report.pending) == (4, True, 1)
    assert TOKEN not in (report.error or "")
    assert len(room.wire.writes()) == 1


async def test_a_short_wait_that_the_server_asks_for_is_waited_for(room: Room) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    room.spoil("429", "PUT", times=1, **{"Retry-After": "20"})
    report = await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert 20 <= sum(room.slept) <= 25
    assert report.exit_code == 0


async def test_a_long_wait_ends_the_round_and_binds_the_next(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    room.spoil("429", "PUT", times=1, **{"Retry-After": "300"})
    report = await room.sync()
    assert (room.state(op_id), report.exit_code, report.pending) == (OpState.QUEUED, 4, 1)
    room.wire.requests.clear()
    report = await room.sync()
    assert report.exit_code == 4
    assert room.wire.requests == []
    room.clock.advance(301)
    report = await room.sync()
    assert (room.state(op_id), report.exit_code) == (OpState.CONFIRMED, 0)


async def test_a_refusal_is_shown_with_its_reason(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, "usr_nobody")
    report = await room.sync()
    assert room.state(op_id) is OpState.REJECTED
    assert room.op(op_id).reason
    assert (report.undecided, report.exit_code) == (1, 3)


async def test_an_edit_of_a_deleted_job_is_gone(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    job = room.world.jobs.pop(visit.job_id)
    for one in job.visits:
        del room.world.visits[one.id]
    report = await room.sync(full=True)
    assert room.state(op_id) is OpState.GONE
    assert not room.has_job(job.id)
    assert report.undecided == 1


async def test_an_edit_that_was_taken_before_its_job_was_deleted_does_not_stay_pending(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    created = room.outbox.add(new_job(room, "99006")).op_id
    await room.push()
    assert (room.state(op_id), room.state(created)) == (OpState.ACKED, OpState.ACKED)
    for job in [one for one in room.world.jobs.values() if one.number == "99006" or one.id == visit.job_id]:
        del room.world.jobs[job.id]
        for one in job.visits:
            del room.world.visits[one.id]
    room.clock.advance(40)
    assert (await room.sync(full=True)).error is None
    room.clock.advance(40)
    report = await room.sync(full=True)
    assert report.error is None
    assert (room.state(op_id), room.state(created)) == (OpState.CONFIRMED, OpState.CONFIRMED)
    assert report.pending == 0


async def test_a_status_of_a_job_is_written_and_confirmed(room: Room) -> None:
    visit = room.open_visit()
    job = room.world.jobs[visit.job_id]
    op_id = room.edit(Kind.JOB, job.id, fields.STATUS, "open", "cancelled", intent=Intent.STATUS)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert job.status == "cancelled"


async def test_a_created_job_gets_the_servers_id_and_is_confirmed(room: Room) -> None:
    op_id = room.outbox.add(new_job(room, "99001")).op_id
    report = await room.sync()
    assert report.error is None
    assert room.state(op_id) is OpState.CONFIRMED
    [made] = [job for job in room.world.jobs.values() if job.number == "99001"]
    assert room.engine.landing.server_id(f"new:{op_id}") == made.id
    assert room.has_job(made.id)


async def test_a_create_whose_answer_was_lost_is_found_by_its_number_and_not_made_twice(room: Room) -> None:
    op_id = room.outbox.add(new_job(room, "99002")).op_id
    room.spoil("lost after", "POST", "/jobs", times=1)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert len([job for job in room.world.jobs.values() if job.number == "99002"]) == 1


async def test_a_create_that_never_arrived_is_sent_again_after_it_settled(room: Room) -> None:
    op_id = room.outbox.add(new_job(room, "99003")).op_id
    room.spoil("lost before", "POST", "/jobs", times=1)
    await room.sync()
    assert room.state(op_id) is OpState.UNCERTAIN
    room.clock.advance(31)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert len([job for job in room.world.jobs.values() if job.number == "99003"]) == 1


async def test_an_edit_of_a_job_that_is_not_yet_created_waits_for_it(room: Room) -> None:
    op_id = room.outbox.add(new_job(room, "99004")).op_id
    after = room.edit(Kind.JOB, f"new:{op_id}", "priority", None, "urgent", intent=Intent.EDIT)
    room.spoil("lost before", "POST", "/jobs", times=1)
    await room.sync()
    assert (room.state(op_id), room.state(after)) == (OpState.UNCERTAIN, OpState.QUEUED)
    room.clock.advance(31)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert room.state(after) in (OpState.CONFIRMED, OpState.CONFLICT)
    await room.sync()


def a_visit_of(room: Room, job_id: str) -> str:
    value: Json = {"job_id": job_id, "technicians": [], "times": [1_900_000_000, 1_900_003_600, None]}
    return room.edit(Kind.VISIT, "new", fields.CREATED, None, value, intent=Intent.VISIT_ADD)


@pytest.mark.parametrize("lost", ["", "/jobs", "/visits"])
async def test_a_visit_of_a_job_that_is_not_yet_created_is_made_for_that_job(room: Room, lost: str) -> None:
    made = room.outbox.add(new_job(room, "99021")).op_id
    visit = a_visit_of(room, f"new:{made}")
    if lost:
        room.spoil("lost before", "POST", lost, times=1)
        await room.sync()
        assert OpState.UNCERTAIN in (room.state(made), room.state(visit))
        room.clock.advance(31)
    await room.sync()
    assert (room.state(made), room.state(visit)) == (OpState.CONFIRMED, OpState.CONFIRMED)
    [job] = [one for one in room.world.jobs.values() if one.number == "99021"]
    assert room.engine.landing.server_id(f"new:{visit}") in [one.id for one in job.visits]


async def test_a_visit_of_a_job_that_may_not_be_there_waits_and_goes_with_it(room: Room) -> None:
    made = room.outbox.add(new_job(room, "99022")).op_id
    visit = a_visit_of(room, f"new:{made}")
    room.spoil("lost before", "POST", "/jobs", times=1)
    await room.push()
    assert room.outbox.settle(made, room.fence, OpState.UNCERTAIN, OpState.ASK, reason="nobody can tell")
    await room.push()
    assert room.state(visit) is OpState.QUEUED
    assert len(room.wire.writes()) == 1
    room.outbox.note([made])
    await room.push()
    assert room.state(visit) is OpState.GONE
    assert len(room.wire.writes()) == 1


async def test_the_job_of_a_visit_that_is_still_to_be_made_is_touched_by_one_edit_at_a_time(
    room: Room,
) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    crew = [next(iter(room.world.technicians))]
    value: Json = {"job_id": job.id, "technicians": [*crew], "times": [1_900_000_000, 1_900_003_600, None]}
    made = room.outbox.add(
        OperationDraft(
            Intent.VISIT_ADD,
            f"job:{job.id}",
            (Change(Kind.VISIT, "new", fields.CREATED, None, value),),
            "add",
        )
    ).op_id
    behind = room.edit(Kind.VISIT, f"new:{made}", fields.TECHNICIANS, [*crew], [], intent=Intent.UNASSIGN)
    last = room.edit(Kind.JOB, job.id, fields.DELETED, False, True, intent=Intent.DELETE)
    await room.push()
    states = [OpState.CONFIRMED, OpState.ACKED, OpState.ACKED]
    assert [room.state(one) for one in (made, behind, last)] == states
    assert room.wire.writes()[-1] == ("DELETE", f"/api/v1/jobs/{job.id}")
    assert len(room.wire.writes()) > 2


async def test_a_visit_of_which_people_are_asked_keeps_nothing_else_of_its_job_waiting(room: Room) -> None:
    visit = room.open_visit()
    value: Json = {"job_id": visit.job_id, "technicians": [], "times": [1_900_000_000, 1_900_003_600, None]}
    created = Change(Kind.VISIT, "new", fields.CREATED, None, value)
    made = room.outbox.add(OperationDraft(Intent.VISIT_ADD, f"job:{visit.job_id}", (created,), "add")).op_id
    room.spoil("lost before", "POST", "/visits", times=1)
    await room.push()
    assert room.outbox.settle(made, room.fence, OpState.UNCERTAIN, OpState.ASK, reason="nobody can tell")
    taken_back = Change(Kind.VISIT, f"new:{made}", fields.STATUS, "open", "cancelled")
    undo = OperationDraft(Intent.UNDO, f"job:{visit.job_id}", (taken_back,), "taken back", undoes=made)
    waits = room.outbox.add(undo).op_id
    behind = room.assign(visit.id, room.others(*visit.crew)[0])
    await room.push()
    assert (room.state(waits), room.state(behind)) == (OpState.QUEUED, OpState.ACKED)


async def test_a_late_copy_of_a_create_is_shown_as_a_duplicate(room: Room) -> None:
    op_id = room.outbox.add(new_job(room, "99005")).op_id
    await room.sync()
    [made] = [job for job in room.world.jobs.values() if job.number == "99005"]
    room.clock.advance(5)
    await room.backend._http.write(  # the line delivers the same request again
        "POST", "/api/v1/jobs", {"jobNumber": "99005", "clientId": made.client_id, "type": "one-off"}
    )
    report = await room.sync()
    assert room.state(op_id) is OpState.DUPLICATE
    [contest] = room.outbox.contests_of(op_id)
    copies = [job.id for job in room.world.jobs.values() if job.number == "99005"]
    assert isinstance(contest.theirs, list)
    assert sorted(str(one) for one in contest.theirs) == sorted(copies)
    assert report.undecided == 1


async def test_a_deleted_job_is_confirmed_when_it_is_gone(room: Room) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    op_id = room.edit(Kind.JOB, job.id, fields.DELETED, False, True, intent=Intent.DELETE)
    report = await room.sync()
    assert job.id not in room.world.jobs
    assert room.state(op_id) is OpState.CONFIRMED
    assert not room.has_job(job.id)
    assert report.pending == 0


async def test_what_the_disk_refuses_is_said_as_such_and_nothing_was_sent(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])

    def full(*_: object) -> None:
        raise StorageFull("no space left")

    with monkeypatch.context() as disk:
        disk.setattr(room.outbox, "claim", full)
        with pytest.raises(StorageFull):
            await room.push()
    assert room.wire.writes() == []
    assert room.state(op_id) is OpState.QUEUED


async def test_the_token_is_in_no_file(tmp_path: Path) -> None:
    async with room_with(tmp_path) as room:
        visit = room.open_visit()
        room.assign(visit.id, room.others(*visit.crew)[0])
        room.spoil("401", "PUT")
        await room.sync()
        room.restart()
        assert files_with(tmp_path, TOKEN.encode()) == []


def files_with(folder: Path, text: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text in file.read_bytes()]
