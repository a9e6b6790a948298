"""Stories of edits of which a list or a read says that there is nothing left to edit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from fieldboard.backends.port import Row
from fieldboard.domain.operation import Intent, Json, Kind, OpState
from tests.sync.room import JSON, Room, answer_with, new_job
from tests.sync.test_stories_doubt import SaysOnlyItsId, new_visit


class Visits:
    """What is made of every list of visits, while it `lies`."""

    def __init__(self, room: Room, says: Callable[[list[Any]], list[Any] | None]) -> None:
        self.says, self.lies, self.asked = says, True, 0
        room.wire.spoilers.append(self)

    def fits(self, request: httpx.Request) -> bool:
        return self.lies and request.method == "GET" and request.url.path.endswith("/visits")

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        self.asked += 1
        answer = await inner.handle_async_request(request)
        value = json.loads(await answer.aread())
        rows = self.says(value["data"]["visits"])
        if rows is None:
            return answer_with(200, b'{"success":true,"data":[]}', JSON)
        value["data"]["visits"] = rows
        return answer_with(200, json.dumps(value).encode(), JSON)


def without(visit_id: str) -> Callable[[list[Any]], list[Any]]:
    return lambda rows: [one for one in rows if one["id"] != visit_id]


def nothing(_: list[Any]) -> None:
    """An answer that succeeded, and holds nothing."""


async def test_empty_lists_do_not_prove_that_a_visit_is_gone(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    lists = Visits(room, nothing)
    for _ in range(4):
        await room.sync()
        room.clock.advance(31)
    assert lists.asked >= 4
    assert room.state(op_id) is OpState.QUEUED
    lists.lies = False
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED


async def test_empty_lists_do_not_prove_that_a_new_visit_was_taken_away(room: Room) -> None:
    op_id = new_visit(room, room.open_visit().job_id)
    room.wire.spoilers.append(SaysOnlyItsId(lambda made: {"visitId": made}))
    await room.push()
    assert room.state(op_id) is OpState.ACKED
    lists = Visits(room, nothing)
    for _ in range(4):
        room.clock.advance(40)
        await room.sync()
    assert room.state(op_id) is OpState.ACKED
    lists.lies = False
    await room.sync()
    assert (room.state(op_id), room.op(op_id).reason) == (OpState.CONFIRMED, None)


async def test_where_all_else_was_let_go_the_edits_of_it_come_to_an_end(room: Room) -> None:
    visits = [room.open_visit(0), room.open_visit(1)]
    edits = [room.assign(one.id, room.others(*one.crew)[0]) for one in visits]
    room.world.visits.clear()
    for job in room.world.jobs.values():
        job.visits.clear()
    for _ in range(3):
        assert (await room.sync()).braked
        room.clock.advance(31)
    assert [room.state(one) for one in edits] == [OpState.QUEUED] * 2
    await room.sync(full=True, patient=True, accepts=True)
    for _ in range(3):
        await room.sync()
        room.clock.advance(31)
    assert [room.state(one) for one in edits] == [OpState.GONE] * 2


async def test_a_visit_that_was_seen_between_two_lists_without_it_is_not_gone(room: Room) -> None:
    visit = room.open_visit()
    op_id = room.assign(visit.id, room.others(*visit.crew)[0])
    lists = Visits(room, without(visit.id))
    await room.push()
    room.clock.advance(20)
    lists.lies = False
    room.spoil("refused", "PUT", times=1)
    await room.push()  # reads the visit, and cannot write it
    room.clock.advance(20)
    lists.lies = True
    await room.push()
    assert room.state(op_id) is OpState.QUEUED
    room.clock.advance(31)
    await room.push()
    assert room.state(op_id) is OpState.GONE


@pytest.mark.parametrize("how", ["read", "answered"])
async def test_whatever_shows_something_says_that_it_is_not_absent(room: Room, how: str) -> None:
    first, second = room.open_visit(0).id, room.open_visit(1).id
    landing = room.engine.landing
    for one in (first, second):
        assert not landing.absent_again(Kind.VISIT, one, room.now)
    getattr(landing, how)([Row(Kind.VISIT, first, room.visit(first), "{}")])
    assert [*landing.absent(Kind.VISIT)] == [second]
    landing.read([Row(Kind.JOB, second, room.visit(second), "{}")])
    assert [*landing.absent(Kind.VISIT)] == [second]


async def test_a_list_that_is_as_it_was_shows_what_was_absent_since(room: Room) -> None:
    await room.sync()
    visit = room.open_visit()
    room.engine.landing.absent_again(Kind.VISIT, visit.id, room.now)
    await room.sync()
    assert not room.engine.landing.absent(Kind.VISIT)


async def test_a_list_with_an_unreadable_row_shows_the_others(room: Room) -> None:
    visit, other = room.open_visit(0), room.open_visit(1)
    room.engine.landing.absent_again(Kind.VISIT, visit.id, room.now)
    Visits(room, lambda rows: [{**one, "id": None} if one["id"] == other.id else one for one in rows])
    await room.sync()
    assert not room.engine.landing.absent(Kind.VISIT)


async def test_a_job_made_just_now_is_not_gone_by_two_reads(room: Room) -> None:
    op_id, job_id = await made_now(room)
    room.spoil("404", "GET", f"/jobs/{job_id}")
    await room.push()
    assert sum(room.slept) >= 15
    assert room.state(op_id) is OpState.QUEUED
    room.mend()
    await room.push()
    assert room.state(op_id) is OpState.ACKED


async def test_a_job_made_just_now_that_was_deleted_is_gone_a_minute_later(room: Room) -> None:
    op_id, job_id = await made_now(room)
    del room.world.jobs[job_id]
    began = room.now
    while room.state(op_id) is OpState.QUEUED:
        await room.push()
        room.clock.advance(5)
        assert room.now - began < 100
    assert room.state(op_id) is OpState.GONE
    assert room.now - began > 50


async def made_now(room: Room) -> tuple[str, str]:
    """An edit of a job that is made a moment before."""
    made = room.outbox.add(new_job(room, "5001")).op_id
    await room.push()
    job_id = room.engine.landing.server_id(f"new:{made}")
    assert job_id is not None
    title = room.world.jobs[job_id].title
    return room.edit(Kind.JOB, job_id, "title", title, "Survey", intent=Intent.EDIT), job_id


async def test_a_visit_of_a_job_made_just_now_is_not_gone_with_it(room: Room) -> None:
    visit = room.open_visit()
    now = room.clock.now()
    made = replace(room.world.jobs[visit.job_id], id="job_new", created_at=now, updated_at=now, visits=[])
    new = replace(visit, id="vis_new", job_id=made.id, created_at=now)
    room.world.jobs[made.id], room.world.visits[new.id] = made, new
    made.visits.append(new)
    await room.sync()
    op_id = room.assign(new.id, room.others(*new.crew)[0])
    Visits(room, without(new.id))
    room.spoil("404", "GET", f"/jobs/{made.id}")
    await room.push()
    assert room.state(op_id) is OpState.QUEUED
    room.mend()
    await room.push()
    assert room.state(op_id) is OpState.ACKED


@pytest.mark.parametrize("known", [True, False])
async def test_a_visit_made_just_now_is_not_gone_by_two_lists(room: Room, known: bool) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    made = new_visit(room, job.id)
    if not known:
        room.wire.spoilers.append(SaysOnlyItsId(lambda own: {"visitId": own}))
    await room.push()
    visit = job.visits[-1]
    crew: Json = [room.others()[0]]
    op_id = room.edit(Kind.VISIT, f"new:{made}", "technicians", [], crew, intent=Intent.ASSIGN)
    lists = Visits(room, without(visit.id))
    for _ in range(2):
        await room.push()
        room.clock.advance(31)
    assert room.state(op_id) is OpState.QUEUED
    for _ in range(2):
        await room.push()
        room.clock.advance(31)
    assert lists.asked >= 4
    assert room.state(op_id) is OpState.GONE


async def test_a_visit_that_others_made_just_now_is_not_gone_by_two_lists(room: Room) -> None:
    visit = room.open_visit()
    new = replace(visit, id="vis_new", created_at=room.clock.now())
    room.world.visits[new.id] = new
    await room.sync()
    op_id = room.assign(new.id, room.others(*new.crew)[0])
    lists = Visits(room, without(new.id))
    for _ in range(2):
        await room.push()
        room.clock.advance(31)
    assert lists.asked >= 2
    assert room.state(op_id) is OpState.QUEUED
