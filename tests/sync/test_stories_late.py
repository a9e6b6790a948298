"""Stories of a request that is held back, and of somebody else who meanwhile does what it wants."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from fieldboard.domain import fields
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft, OpState
from fieldboard.sandbox.lifecycle import assign, set_visit_status
from fieldboard.sandbox.records import Visit
from tests.sync.room import SETTINGS, Room


class HeldBack:
    """The first request that writes a visit has no answer, and takes effect when it is let go."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile
        self._held: tuple[httpx.Request, httpx.ASGITransport] | None = None

    def fits(self, request: httpx.Request) -> bool:
        return self._held is None and request.method == "PUT" and "/visits/" in request.url.path

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        self._held = (request, inner)
        self._meanwhile()
        raise httpx.ReadTimeout("no answer", request=request)

    async def let_go(self) -> None:
        assert self._held is not None
        request, inner = self._held
        await (await inner.handle_async_request(request)).aread()


async def found_as_somebody_else_made_it(room: Room) -> tuple[Visit, list[str], HeldBack]:
    """An assignment on its way that was found done: the visit, whose it was, and the request."""
    visit = room.open_visit()
    before, other = [*visit.crew], room.others(*visit.crew)[0]
    held = HeldBack(lambda: assign(room.world, visit, [other], room.clock.now(), job_follows=True))
    room.wire.spoilers.append(held)
    op_id = room.assign(visit.id, other)
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED
    room.wire.requests.clear()
    return visit, before, held


def take_back(room: Room, visit: Visit, before: list[str]) -> str:
    seen = [*visit.crew]
    return room.edit(Kind.VISIT, visit.id, fields.TECHNICIANS, [*seen], [*before], intent=Intent.UNDO)


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_newer_edit_of_the_same_field_waits_until_the_older_can_arrive_no_more(
    room: Room, restarted: bool
) -> None:
    visit, before, held = await found_as_somebody_else_made_it(room)
    back = take_back(room, visit, before)
    if restarted:
        await room.reopen()
    room.clock.advance(SETTINGS.settle_s - 2)
    await room.sync()
    assert room.state(back) is OpState.QUEUED
    assert room.wire.writes() == []
    await held.let_go()
    room.clock.advance(3)
    await room.sync()
    assert (visit.crew, room.state(back)) == (before, OpState.CONFIRMED)


async def test_one_that_is_queued_already_waits_too(room: Room) -> None:
    visit = room.open_visit()
    before, other = [*visit.crew], room.others(*visit.crew)[0]
    held = HeldBack(lambda: assign(room.world, visit, [other], room.clock.now(), job_follows=True))
    room.wire.spoilers.append(held)
    op_id = room.assign(visit.id, other)
    back = room.edit(Kind.VISIT, visit.id, fields.TECHNICIANS, [other], [*before], intent=Intent.UNDO)
    await room.sync()
    assert (room.state(op_id), room.state(back)) == (OpState.CONFIRMED, OpState.QUEUED)
    await held.let_go()
    room.clock.advance(31)
    await room.sync()
    assert (visit.crew, room.state(back)) == (before, OpState.CONFIRMED)


async def test_another_field_and_another_visit_do_not_wait(room: Room) -> None:
    visit, _before, _held = await found_as_somebody_else_made_it(room)
    elsewhere = room.open_visit(1)
    moved = room.move(visit.id, 30)
    assigned = room.assign(elsewhere.id, room.others(*elsewhere.crew)[0])
    await room.sync()
    assert (room.state(moved), room.state(assigned)) == (OpState.CONFIRMED, OpState.CONFIRMED)


async def test_it_does_not_wait_for_an_hour_where_the_clock_was_put_back(room: Room) -> None:
    visit, before, _held = await found_as_somebody_else_made_it(room)
    back = take_back(room, visit, before)
    room.clock.set_by(-3600)
    await room.reopen()
    room.clock.advance(31)
    await room.sync()
    assert (visit.crew, room.state(back)) == (before, OpState.CONFIRMED)


async def test_the_next_move_of_a_status_waits_for_the_one_before(room: Room) -> None:
    visit = room.open_visit()
    held = HeldBack(lambda: set_visit_status(room.world, visit, "working", room.clock.now()))
    room.wire.spoilers.append(held)
    op_id = room.edit(Kind.VISIT, visit.id, fields.STATUS, "open", "on_hold", intent=Intent.STATUS)
    await room.sync()
    assert len(room.wire.writes()) == 1
    assert room.state(op_id) is OpState.UNCERTAIN
    await held.let_go()
    room.clock.advance(31)
    await room.sync()
    assert (visit.status, room.state(op_id)) == ("paused", OpState.CONFIRMED)


async def test_what_the_edit_changes_besides_does_not_wait(room: Room) -> None:
    visit = room.open_visit()
    before, other = [*visit.crew], room.others(*visit.crew)[0]
    held = HeldBack(lambda: assign(room.world, visit, [other], room.clock.now(), job_follows=True))
    room.wire.spoilers.append(held)
    given = Change(Kind.VISIT, visit.id, fields.TECHNICIANS, [*before], [other])
    job = room.world.jobs[visit.job_id]
    cancelled = Change(Kind.JOB, job.id, fields.STATUS, "open", "cancelled")
    op_id = room.outbox.add(OperationDraft(Intent.UNDO, f"job:{job.id}", (given, cancelled))).op_id
    await room.sync()
    assert (room.state(op_id), job.status) == (OpState.ACKED, "cancelled")
