"""Stories of decisions: what two people changed, what was lost, what was taken back, at a real server app."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fieldboard.backends.fieldcamp.rules import fieldcamp_rules
from fieldboard.backends.port import ReadAnswer
from fieldboard.board.deciding import plan_decision, plan_retry
from fieldboard.board.decisions import Decision, decisions
from fieldboard.board.desk import Desk
from fieldboard.board.planning import plan_assign, plan_create, plan_edit, plan_reschedule, plan_undo
from fieldboard.board.visit_plans import plan_visit_add
from fieldboard.cache.store import Store
from fieldboard.domain.fields import CREATED
from fieldboard.domain.instants import instant_of
from fieldboard.domain.operation import Json, Kind, Operation, OpState
from fieldboard.domain.visit import PlannedVisit
from fieldboard.roster import Roster
from fieldboard.sandbox.records import Visit as ServerVisit
from tests.sync.room import Room


@pytest.fixture
def desk(room: Room) -> Iterator[Desk]:
    """A dispatcher's desk over the room's files."""
    store = Store(room.files, room.zone, room.clock)
    yield Desk(store, fieldcamp_rules(), Roster(), room.zone, room.clock)
    store.close()


def shown(desk: Desk, visit_id: str) -> PlannedVisit:
    desk.poll()
    (found,) = desk.store.planned([visit_id])
    return found


def only(desk: Desk) -> Decision:
    desk.poll()
    (found,) = decisions(desk)
    return found


async def elsewhere(room: Room, visit: ServerVisit, **body: Json) -> None:
    """Another dispatcher changes a visit over HTTP."""
    await room.backend._http.write("PUT", f"/api/v1/visits/{visit.id}", dict(body))
    room.clock.advance(1)


async def contest(room: Room, desk: Desk) -> tuple[ServerVisit, str, str, str, Operation]:
    """Two dispatchers give one visit to two technicians: the visit, was, mine, theirs and my edit."""
    visit = room.open_visit()
    was = visit.crew[0]
    mine, theirs = room.others(was)[:2]
    (op,) = desk.commit(plan_assign(desk, shown(desk, visit.id), mine))
    await elsewhere(room, visit, technicianId=theirs)
    report = await room.sync()
    assert (room.state(op.op_id), report.undecided) == (OpState.CONFLICT, 1)
    assert visit.crew == [theirs]
    return visit, was, mine, theirs, op


async def test_both_values_are_told_and_mine_ends_at_the_server(room: Room, desk: Desk) -> None:
    visit, was, mine, theirs, op = await contest(room, desk)
    decision = only(desk)
    (side,) = decision.sides
    assert (side.base, side.mine, side.theirs) == tuple(
        desk.people.name_of(one) for one in (was, mine, theirs)
    )
    assert decision.seen_at is not None
    (new,) = desk.commit(plan_decision(desk, decision, "mine"))
    report = await room.sync()
    assert visit.crew == [mine]
    assert (room.state(op.op_id), room.state(new.op_id)) == (OpState.CONFLICT, OpState.CONFIRMED)
    assert (report.pending, report.undecided) == (0, 0)


async def test_theirs_leaves_the_server_alone(room: Room, desk: Desk) -> None:
    visit, _was, _mine, theirs, _op = await contest(room, desk)
    room.wire.requests.clear()
    desk.commit(plan_decision(desk, only(desk), "theirs"))
    report = await room.sync()
    assert visit.crew == [theirs]
    assert room.wire.writes() == []
    assert (report.pending, report.undecided) == (0, 0)


async def test_what_changed_again_since_it_was_shown_is_asked_again(room: Room, desk: Desk) -> None:
    visit, was, _mine, _theirs, _op = await contest(room, desk)
    decision = only(desk)
    await elsewhere(room, visit, technicianId=was)
    (new,) = desk.commit(plan_decision(desk, decision, "mine"))
    await room.sync()
    assert room.state(new.op_id) is OpState.CONFLICT
    assert visit.crew == [was]


async def test_choosing_anew_goes_out_over_theirs(room: Room, desk: Desk) -> None:
    visit, was, mine, theirs, op = await contest(room, desk)
    third = room.others(was, mine, theirs)[0]
    from fieldboard.board.deciding import decided_by

    desk.commit(decided_by(plan_assign(desk, shown(desk, visit.id), third), op))
    report = await room.sync()
    assert visit.crew == [third]
    assert report.undecided == 0


async def test_a_visit_given_back_to_whom_it_had_at_another_time_is_no_lagging_list(
    room: Room, desk: Desk
) -> None:
    """Who it had before might be an old list; but at that time nobody had it before."""
    visit = room.open_visit()
    was, mine = visit.crew[0], room.others(visit.crew[0])[0]
    assert visit.start is not None
    desk.commit(plan_assign(desk, shown(desk, visit.id), mine, instant_of(visit.start + timedelta(hours=1))))
    await room.sync()
    assert (visit.crew, shown(desk, visit.id).technician_ids) == ([mine], (mine,))
    start, end = "2026-06-04T19:00:00.000Z", "2026-06-04T20:00:00.000Z"
    await elsewhere(room, visit, technicianId=was, scheduledStart=start, scheduledEnd=end)
    assert visit.crew == [was]
    await room.sync()
    there = shown(desk, visit.id)
    assert (there.technician_ids, there.start) == ((was,), instant_of(datetime(2026, 6, 4, 19, tzinfo=UTC)))


async def test_what_a_later_list_shows_before_the_request_leaves_is_not_overwritten(
    room: Room, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = room.open_visit()
    mine, theirs = room.others(visit.crew[0])[:2]
    (op,) = desk.commit(plan_assign(desk, shown(desk, visit.id), mine))
    read = room.backend.read

    async def read_before_it_is_changed(kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        answer = await read(kind, entity_id, fresh=fresh)
        if visit.crew != [theirs]:
            await elsewhere(room, visit, technicianId=theirs)
            room.backend.forget(Kind.VISIT)  # as a lost answer to an edit beside this one does
        return answer

    monkeypatch.setattr(room.backend, "read", read_before_it_is_changed)
    await room.sync()
    assert visit.crew == [theirs]
    assert room.state(op.op_id) is OpState.CONFLICT


async def test_changes_of_different_fields_merge_without_a_word(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    desk.commit(plan_assign(desk, shown(desk, visit.id), other))
    assert visit.start is not None
    assert visit.end is not None
    start, end = visit.start + timedelta(hours=1), visit.end + timedelta(hours=1)
    await elsewhere(room, visit, scheduledStart=start.isoformat(), scheduledEnd=end.isoformat())
    report = await room.sync()
    assert (visit.crew, visit.start) == ([other], start)
    assert report.undecided == 0
    desk.poll()
    assert decisions(desk) == ()


async def test_a_refused_edit_goes_out_when_the_server_takes_it(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    (op,) = desk.commit(plan_assign(desk, shown(desk, visit.id), other))
    room.spoil("403", "PUT", "/visits/")
    await room.sync()
    room.mend()
    assert room.state(op.op_id) is OpState.REJECTED
    assert only(desk).why
    (again,) = desk.commit(plan_retry(desk, only(desk).op))
    report = await room.sync()
    assert visit.crew == [other]
    assert (room.state(again.op_id), report.undecided) == (OpState.CONFIRMED, 0)


async def test_an_edit_of_what_is_gone_wants_only_a_note(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    (op,) = desk.commit(plan_assign(desk, shown(desk, visit.id), room.others(*visit.crew)[0]))
    await room.backend._http.write("DELETE", f"/api/v1/jobs/{visit.job_id}")
    await room.sync(full=True, patient=True)
    assert room.state(op.op_id) is OpState.GONE
    assert [one.id for one in only(desk).choices] == ["theirs"]
    desk.commit(plan_decision(desk, only(desk), "theirs"))
    assert (await room.sync()).undecided == 0


# Creates


def new_job(room: Room, desk: Desk) -> Operation:
    wanted: dict[str, Json] = {
        "title": "Tap drips",
        "customer_id": next(iter(room.world.clients)),
        "start": room.now + 7200,
        "end": room.now + 10800,
    }
    (op,) = desk.commit(plan_create(desk, wanted))
    return op


def number_of(op: Operation) -> str:
    value = op.changes[0].value
    assert isinstance(value, dict)
    return str(value["number"])


def made(room: Room, op: Operation) -> list[str]:
    return [job.id for job in room.world.jobs.values() if job.number == number_of(op)]


async def twice(room: Room, desk: Desk) -> Operation:
    """A create whose answer is lost, and that the line delivers twice."""
    op = new_job(room, desk)
    room.spoil("lost before", "POST", "/jobs", times=1)
    await room.sync()
    assert room.state(op.op_id) is OpState.UNCERTAIN
    for _ in range(2):
        body: dict[str, Json] = {
            "jobNumber": number_of(op),
            "clientId": next(iter(room.world.clients)),
            "type": "one-off",
        }
        await room.backend._http.write("POST", "/api/v1/jobs", body)
        room.clock.advance(2)
    await room.sync()
    assert room.state(op.op_id) is OpState.DUPLICATE
    return op


@pytest.mark.parametrize(("choice", "kept"), [("this", 0), ("other", 1)])
async def test_of_two_copies_one_stays_and_the_edit_goes_on(
    room: Room, desk: Desk, choice: str, kept: int
) -> None:
    op = await twice(room, desk)
    decision = only(desk)
    first, second = (one.id for one in decision.copies)
    assert {first, second} == {*made(room, op)}
    desk.commit(plan_decision(desk, decision, choice))
    await room.sync()
    # For a minute a server may still show what it has deleted.
    room.clock.advance(61)
    await room.sync()
    room.clock.advance(61)
    report = await room.sync()
    assert made(room, op) == [(first, second)[kept]]
    assert room.state(op.op_id) is OpState.CONFIRMED
    assert (report.pending, report.undecided) == (0, 0)


async def test_both_copies_can_stay(room: Room, desk: Desk) -> None:
    op = await twice(room, desk)
    desk.commit(plan_decision(desk, only(desk), "both"))
    await room.sync()
    report = await room.sync()
    assert len(made(room, op)) == 2
    assert (report.pending, report.undecided) == (0, 0)


class DeliveredTwice:
    """A new visit is made twice, its answer lost; a colleague moves the first meanwhile."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._left = 1

    def fits(self, request: httpx.Request) -> bool:
        return self._left > 0 and request.method == "POST" and request.url.path.endswith("/visits")

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        self._left = 0
        for _ in range(2):
            await (await inner.handle_async_request(request)).aread()
        first = [*self._room.world.visits.values()][-2]
        assert first.start is not None
        first.start += timedelta(minutes=15)
        self._room.world.touch_visit(first, self._room.clock.now())
        raise httpx.ReadTimeout("no answer", request=request)


@pytest.mark.parametrize(("choice", "kept"), [("this", 1), ("other", 0)])
async def test_a_visit_made_twice_and_changed_once_is_shown_twice(
    room: Room, desk: Desk, choice: str, kept: int
) -> None:
    job = desk.store.job(room.open_visit().job_id)
    assert job is not None
    room.wire.spoilers.append(DeliveredTwice(room))
    (op,) = desk.commit(plan_visit_add(desk, job, room.now + 86_400))
    await room.sync()
    assert room.state(op.op_id) is OpState.DUPLICATE
    pair = room.world.jobs[job.id].visits[-2:]
    await room.sync()
    decision = only(desk)
    assert [one.id for one in decision.copies] == [pair[1].id, pair[0].id]
    desk.commit(plan_decision(desk, decision, choice))
    for _ in range(2):
        await room.sync()
        room.clock.advance(61)
    report = await room.sync()
    assert pair[kept].status != "cancelled"
    assert pair[1 - kept].status == "cancelled"
    assert (room.state(op.op_id), report.undecided) == (OpState.CONFIRMED, 0)


async def lost(room: Room, desk: Desk) -> Operation:
    """A create of which nobody can say any more whether it was carried out."""
    op = new_job(room, desk)
    room.spoil("lost before", "POST", "/jobs", times=1)
    await room.sync()
    room.mend()
    reason = "Nobody can tell whether it was created."
    assert room.outbox.settle(op.op_id, room.fence, OpState.UNCERTAIN, OpState.ASK, reason=reason)
    return op


async def test_a_create_that_is_not_there_goes_out_once_more(room: Room, desk: Desk) -> None:
    op = await lost(room, desk)
    behind = room.edit(Kind.JOB, f"new:{op.op_id}", "priority", None, "urgent", intent=op.intent)
    await room.sync()
    assert (made(room, op), room.state(behind)) == ([], OpState.QUEUED)
    desk.commit(plan_decision(desk, only(desk), "again"))
    report = await room.sync()
    assert len(made(room, op)) == 1
    assert room.state(op.op_id) is OpState.CONFIRMED
    assert room.state(behind) in (OpState.CONFIRMED, OpState.CONFLICT)
    assert report.error is None


async def test_a_create_that_is_there_is_not_made_twice(room: Room, desk: Desk) -> None:
    op = await lost(room, desk)
    await room.backend._http.write(
        "POST", "/api/v1/jobs", {"jobNumber": number_of(op), "clientId": next(iter(room.world.clients))}
    )
    await room.sync(full=True)
    decision = only(desk)
    assert plan_decision(desk, decision, "again").refusal
    desk.commit(plan_decision(desk, decision, "found", number_of(op)))
    await room.sync()
    report = await room.sync()
    assert made(room, op) == [decision.copies[0].id]
    assert room.state(op.op_id) is OpState.CONFIRMED
    assert (report.pending, report.undecided) == (0, 0)


async def test_nothing_waits_for_a_create_that_was_given_up(room: Room, desk: Desk) -> None:
    op = await lost(room, desk)
    behind = room.edit(Kind.JOB, f"new:{op.op_id}", "priority", None, "urgent", intent=op.intent)
    desk.commit(plan_decision(desk, only(desk), "undo"))
    await room.sync()
    assert room.state(behind) is OpState.GONE
    assert made(room, op) == []


# Taking back


async def test_taking_back_what_waits_sends_nothing(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    before = [*visit.crew]
    (op,) = desk.commit(plan_assign(desk, shown(desk, visit.id), room.others(*before)[0]))
    desk.commit(plan_undo(desk))
    await room.sync()
    assert room.state(op.op_id) is OpState.CANCELLED
    assert room.wire.writes() == []
    assert visit.crew == before


@pytest.mark.parametrize("how", ["lost before", "lost after"])
async def test_taking_back_what_is_on_its_way_waits_for_it_and_then_reverses_it(
    room: Room, desk: Desk, how: str
) -> None:
    visit = room.open_visit()
    before = [*visit.crew]
    (op,) = desk.commit(plan_assign(desk, shown(desk, visit.id), room.others(*before)[0]))
    room.spoil(how, "PUT", "/visits/", times=1)
    await room.push()
    desk.poll()
    assert room.state(op.op_id) in (OpState.UNCERTAIN, OpState.ACKED)
    (undo,) = desk.commit(plan_undo(desk))
    assert shown(desk, visit.id).technician_ids == tuple(before)
    room.mend()
    await room.sync()
    room.clock.advance(31)
    await room.sync()
    report = await room.sync()
    assert visit.crew == before
    assert (room.state(op.op_id), room.state(undo.op_id)) == (OpState.CONFIRMED, OpState.CONFIRMED)
    assert (report.pending, report.undecided) == (0, 0)


async def test_taking_back_what_was_sent_is_a_new_edit(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    before = [*visit.crew]
    desk.commit(plan_assign(desk, shown(desk, visit.id), room.others(*before)[0]))
    await room.sync()
    assert visit.crew != before
    desk.poll()
    desk.commit(plan_undo(desk))
    await room.sync()
    assert visit.crew == before


async def test_taking_back_does_not_overwrite_what_somebody_did_since(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    before = [*visit.crew]
    first, second = room.others(*before)[:2]
    desk.commit(plan_assign(desk, shown(desk, visit.id), first))
    await room.sync()
    await elsewhere(room, visit, technicianId=second)
    desk.poll()
    (undo,) = desk.commit(plan_undo(desk))
    await room.sync()
    assert (visit.crew, room.state(undo.op_id)) == ([second], OpState.CONFLICT)
    (side,) = only(desk).sides
    assert (side.mine, side.theirs) == (desk.people.name_of(before[0]), desk.people.name_of(second))
    desk.commit(plan_decision(desk, only(desk), "mine"))
    await room.sync()
    assert visit.crew == before


async def test_two_times_are_told_as_clock_times_of_the_profile(room: Room, desk: Desk) -> None:
    visit = room.open_visit()
    seen = shown(desk, visit.id)
    assert seen.start is not None
    assert visit.start is not None
    assert visit.end is not None
    desk.commit(plan_reschedule(desk, seen, seen.start + 1800))
    start, end = visit.start + timedelta(hours=2), visit.end + timedelta(hours=2)
    await elsewhere(room, visit, scheduledStart=start.isoformat(), scheduledEnd=end.isoformat())
    await room.sync()
    (side,) = only(desk).sides
    assert side.name == "time"
    assert room.zone.clock_text(seen.start + 1800) in side.mine
    assert room.zone.clock_text(int(start.timestamp())) in side.theirs


async def test_a_field_of_a_job_is_contested_alone(room: Room, desk: Desk) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    shown_job = desk.store.job(job.id)
    assert shown_job is not None
    (op,) = desk.commit(plan_edit(desk, shown_job, {"title": "Mine"}))
    assert op.changes[0].field != CREATED
    await room.backend._http.write("PUT", f"/api/v1/jobs/{job.id}", {"title": "Theirs"})
    room.clock.advance(1)
    await room.sync()
    if room.state(op.op_id) is OpState.CONFLICT:
        (side,) = only(desk).sides
        assert (side.name, side.mine, side.theirs) == ("title", "Mine", "Theirs")
        desk.commit(plan_decision(desk, only(desk), "mine"))
        await room.sync()
    after = room.engine.outbox.get(op.op_id)
    assert after is not None
