"""Stories of servers that do not show one thing, show it late, or show something else a moment later."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from fieldboard.domain.operation import Intent, Json, Kind, OpState
from tests.sync.room import JSON, Room, Spoiler, answer_with, new_job, room_with


class Once:
    """Something happens when the first request of a path is on its way; `how` may answer it."""

    def __init__(self, method: str, path: str, how: Callable[[], httpx.Response | None]) -> None:
        self.method, self.path, self.how = method, path, how
        self.done = False
        self.answer: httpx.Response | None = None

    def fits(self, request: httpx.Request) -> bool:
        if self.done or request.method != self.method or self.path not in request.url.path:
            return False
        self.done = True
        self.answer = self.how()
        return self.answer is not None

    async def spoil(self, _: httpx.Request, __: httpx.ASGITransport) -> httpx.Response:
        assert self.answer is not None
        return self.answer


async def test_an_edit_of_what_the_server_does_not_show_keeps_no_other_waiting(room: Room) -> None:
    hidden, other = room.open_visit(0), room.open_visit(1)
    title = "Boiler service, second visit"
    shut = [
        room.edit(Kind.JOB, one, "title", room.world.jobs[one].title, title, intent=Intent.EDIT)
        for one in [job for job in room.world.jobs if job not in (hidden.job_id, other.job_id)][:6]
    ]
    room.spoil("403", "GET", "/jobs/job_")
    op_id = room.assign(other.id, room.others(*other.crew)[0])
    report = await room.push()
    assert [room.state(one) for one in shut] == [OpState.QUEUED] * 6
    assert room.state(op_id) is OpState.ACKED
    assert report.reached
    assert "does not show it" in (report.error or "")
    room.mend()
    await room.sync()
    assert [room.state(one) for one in shut] == [OpState.CONFIRMED] * 6


async def test_a_title_is_written_among_the_lines_that_were_compared(room: Room) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    op_id = room.edit(Kind.JOB, job.id, "title", job.title, "Survey", intent=Intent.EDIT)
    await room.push()
    assert room.state(op_id) is OpState.ACKED
    assert room.wire.requests.count(("GET", f"/api/v1/jobs/{job.id}")) == 1


async def test_a_job_does_not_follow_a_visit_that_somebody_has_changed_since(room: Room) -> None:
    visit = room.open_visit()
    job = room.world.jobs[visit.job_id]
    first, second = room.others(*visit.crew)[:2]
    op_id = room.assign(visit.id, first)

    def meanwhile() -> None:
        visit.crew[:] = [second]
        job.crew[:] = [second]
        room.world.touch_visit(visit, room.clock.now())
        room.world.touch(job, room.clock.now())

    room.wire.spoilers.append(Once("GET", f"/jobs/{job.id}", meanwhile))
    await room.push()
    assert room.state(op_id) is OpState.ACKED
    assert (visit.crew, job.crew) == ([second], [second])


async def test_a_new_job_that_a_lagging_server_does_not_know_keeps_its_visit(room: Room) -> None:
    visit = room.open_visit()
    job = room.world.jobs[visit.job_id]
    new_id = "job_just_made"
    now = room.clock.now()
    made = replace(job, id=new_id, created_at=now, updated_at=now, visits=[])
    new = replace(visit, id="vis_just_made", job_id=new_id, created_at=now)
    made.visits.append(new)
    room.world.visits[new.id] = new
    # The list of visits has it, the reads of its job come from a server that lags behind.
    gone = answer_with(404, b'{"success":false,"error":"Job not found"}', JSON)
    room.wire.spoilers.append(Once("GET", f"/jobs/{new_id}", lambda: gone))
    await room.sync()
    del room.world.visits[new.id]
    await room.sync()
    assert room.visit(new.id).job_id == new_id


@dataclass
class TenMinutesAhead:
    """A server whose clock is ten minutes before ours, and of which one part does not know a job yet."""

    room: Room
    unknown: str

    def fits(self, _: httpx.Request) -> bool:
        return True

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        date = format_datetime(self.room.clock.now() + timedelta(minutes=10))
        if request.url.path.endswith(self.unknown):
            return answer_with(404, b'{"success":false,"error":"Job not found"}', {**JSON, "date": date})
        answer = await inner.handle_async_request(request)
        return answer_with(answer.status_code, await answer.aread(), {**JSON, "date": date})


async def test_in_a_first_round_what_is_new_is_told_by_the_clock_of_the_server(tmp_path: Path) -> None:
    async with room_with(tmp_path, first_sync=False) as room:
        new = replace(
            room.open_visit(),
            id="vis_just_made",
            job_id="job_just_made",
            created_at=room.clock.now() + timedelta(minutes=10),
        )
        room.world.visits[new.id] = new
        room.wire.spoilers.append(TenMinutesAhead(room, new.job_id))
        await room.sync()
        # The next list comes from a part that lags, too.
        del room.world.visits[new.id]
        await room.sync()
        assert room.visit(new.id).job_id == new.job_id


async def test_a_few_deleted_jobs_take_many_visits_along(room: Room) -> None:
    jobs = [one for one in room.world.jobs.values() if one.visits][:4]
    extra = 0
    for job in jobs:
        while len(job.visits) < 2:
            copy = replace(job.visits[0], id=f"vis_extra{extra}")
            extra += 1
            job.visits.append(copy)
            room.world.visits[copy.id] = copy
    await room.sync()
    for job in jobs:
        del room.world.jobs[job.id]
        for visit in job.visits:
            del room.world.visits[visit.id]
    report = await room.sync()
    assert (report.error, report.braked) == (None, False)
    assert not any(room.has_job(job.id) for job in jobs)


async def test_an_edit_of_a_visit_that_was_taken_away_already_is_gone_in_the_end(room: Room) -> None:
    visit = room.open_visit()
    job = room.world.jobs[visit.job_id]
    room.world.visits.pop(visit.id)
    job.visits.remove(visit)
    await room.sync()
    room.clock.advance(31)
    await room.sync()
    op_id = room.edit(Kind.VISIT, visit.id, "technicians", [*visit.crew], [], intent=Intent.UNASSIGN)
    for _ in range(4):
        await room.sync()
        room.clock.advance(20)
    assert room.state(op_id) is OpState.GONE


async def test_an_empty_list_does_not_prove_that_a_visit_was_not_made(room: Room) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    value: Json = {"job_id": job.id, "technicians": [], "times": [1_900_000_000, 1_900_003_600, None]}
    op_id = room.edit(Kind.VISIT, "new", "created", None, value, intent=Intent.VISIT_ADD)
    room.spoil("lost after", "POST", "/visits", times=1)
    empty = json.dumps({"success": True, "data": []}).encode()
    for _ in range(3):
        room.wire.spoilers.append(Once("GET", "/visits", lambda: answer_with(200, empty, JSON)))
    for _ in range(3):
        await room.push()
        room.clock.advance(40)
    for _ in range(2):
        await room.sync()
        room.clock.advance(40)
    assert room.state(op_id) is OpState.CONFIRMED
    assert len(job.visits) == 2


class Searches(Once):
    """The next `times` searches for a job find nothing: the server's index lags behind it."""

    def __init__(self, times: int) -> None:
        none = json.dumps({"success": True, "data": {"jobs": []}}).encode()
        super().__init__("GET", "/jobs", lambda: answer_with(200, none, JSON))
        self.left = times

    def fits(self, request: httpx.Request) -> bool:
        if self.left <= 0 or not request.url.params.get("search"):
            return False
        self.left -= 1
        self.answer = self.how()
        return True


def posts(room: Room) -> int:
    return room.wire.requests.count(("POST", "/api/v1/jobs"))


async def test_what_cannot_be_made_because_it_is_there_is_not_called_refused(tmp_path: Path) -> None:
    async with room_with(tmp_path, duplicate_number="409") as room:
        op_id = room.outbox.add(new_job(room, "99010")).op_id
        room.spoil("lost after", "POST", "/jobs", times=1)
        searches = Searches(1_000)
        room.wire.spoilers.append(searches)
        await room.push()
        room.clock.advance(31)
        await room.push()
        assert posts(room) == 2
        for _ in range(9):
            assert room.state(op_id) is OpState.UNCERTAIN
            room.clock.advance(40)
            await room.push()
        assert posts(room) == 2
        assert room.state(op_id) is OpState.ASK
        assert "409" in (room.op(op_id).reason or "")


async def test_what_was_refused_for_being_there_is_found_and_not_sent_again(tmp_path: Path) -> None:
    async with room_with(tmp_path, duplicate_number="409") as room:
        op_id = room.outbox.add(new_job(room, "99011")).op_id
        room.spoil("lost after", "POST", "/jobs", times=1)
        searches = Searches(2)
        room.wire.spoilers.append(searches)
        await room.push()
        room.clock.advance(31)
        await room.sync()
        assert (posts(room), searches.left) == (2, 0)
        assert room.state(op_id) is OpState.CONFIRMED


class SaysOnlyItsId(Once):
    """What was made is answered for by `says`, and not shown."""

    def __init__(self, says: Callable[[str], Json]) -> None:
        super().__init__("POST", "/visits", lambda: answer_with(500, b"", JSON))
        self.says = says

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        answer = await inner.handle_async_request(request)
        data = json.loads(await answer.aread())["data"]
        body = {"success": True, "data": self.says(data["visitId"])}
        return answer_with(200, json.dumps(body).encode(), JSON)


def new_visit(room: Room, job_id: str) -> str:
    value: Json = {"job_id": job_id, "technicians": [], "times": [1_900_000_000, 1_900_003_600, None]}
    return room.edit(Kind.VISIT, "new", "created", None, value, intent=Intent.VISIT_ADD)


async def test_what_was_made_and_taken_away_before_any_list_showed_it_does_not_stay_pending(
    room: Room,
) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    op_id = new_visit(room, job.id)
    room.wire.spoilers.append(SaysOnlyItsId(lambda made: {"visitId": made}))
    await room.push()
    assert room.state(op_id) is OpState.ACKED
    room.world.visits.pop(job.visits.pop().id)
    await room.sync()
    assert room.state(op_id) is OpState.ACKED
    room.clock.advance(31)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert room.op(op_id).reason == "The visit was removed at the server since."


async def test_an_id_beside_something_that_is_no_visit_is_not_believed(room: Room) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    op_id = new_visit(room, job.id)
    room.wire.spoilers.append(SaysOnlyItsId(lambda _: {"visitId": "none", "visit": "none"}))
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    assert room.engine.landing.server_id(f"new:{op_id}") == job.visits[-1].id


async def test_a_visit_that_may_have_been_there_and_gone_is_asked_about_and_not_called_refused(
    room: Room,
) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    value: Json = {"job_id": job.id, "technicians": [], "times": [1_900_000_000, 1_900_003_600, None]}
    op_id = room.edit(Kind.VISIT, "new", "created", None, value, intent=Intent.VISIT_ADD)
    room.spoil("lost before", "POST", "/visits", times=1)
    await room.push()
    assert room.state(op_id) is OpState.UNCERTAIN
    room.clock.advance(31)
    room.spoil("400", "POST", "/visits", times=1)
    await room.push()
    assert room.state(op_id) is OpState.ASK
    assert "nobody can tell" in (room.op(op_id).reason or "")


@pytest.mark.parametrize("trouble", ["401", "500"])
async def test_a_refusal_that_cannot_be_looked_up_leaves_the_edit_uncertain(
    tmp_path: Path, trouble: str
) -> None:
    async with room_with(tmp_path) as room:
        visit = room.open_visit()
        op_id = room.assign(visit.id, room.others(*visit.crew)[0])
        room.spoil("lost before", "PUT", times=1)
        await room.push()
        assert room.state(op_id) is OpState.UNCERTAIN
        room.clock.advance(31)
        room.spoil("400", "PUT", times=1)

        def then() -> None:
            room.spoil(trouble, "GET")

        room.wire.spoilers.insert(0, Once("PUT", "/visits/", then))
        await room.push()
        assert room.state(op_id) is OpState.UNCERTAIN
        room.mend()
        await room.sync()
        room.clock.advance(31)
        await room.sync()
        assert room.state(op_id) is OpState.CONFIRMED


class Twice(Spoiler):
    """Delivered twice, and the second copy is what is answered."""

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        self.times -= 1
        await inner.handle_async_request(request)
        return await inner.handle_async_request(request)


async def test_a_create_that_is_refused_for_being_there_by_its_own_copy_is_done(tmp_path: Path) -> None:
    async with room_with(tmp_path, duplicate_number="409") as room:
        op_id = room.outbox.add(new_job(room, "99020")).op_id
        room.wire.spoilers.append(Twice("twice", "POST", "/jobs", 1))
        await room.sync()
        assert room.state(op_id) is OpState.CONFIRMED
        assert len([job for job in room.world.jobs.values() if job.number == "99020"]) == 1


async def test_a_number_that_another_job_of_the_customer_has_is_refused(tmp_path: Path) -> None:
    async with room_with(tmp_path, duplicate_number="409") as room:
        client = next(iter(room.world.clients))
        theirs = next(job for job in room.world.jobs.values() if job.client_id == client)
        theirs.number = "99021"
        room.world.touch(theirs, room.clock.now())
        op_id = room.outbox.add(new_job(room, "99021")).op_id
        await room.sync()
        assert room.state(op_id) is OpState.REJECTED
        assert "409" in (room.op(op_id).reason or "")
