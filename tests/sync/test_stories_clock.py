"""Stories of a computer whose clock is set while edits wait and values of ours are not yet seen."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from fieldboard.cache.outbox import Outbox
from fieldboard.cache.store import Store
from fieldboard.domain.operation import OpState
from tests.sync.room import Room, new_job, unnamed

HOUR = 3600


class Setting:
    """Sets the clock when the first request is on its way, and spoils nothing."""

    def __init__(self, room: Room, by: int) -> None:
        self._room, self._by = room, by

    def fits(self, _: httpx.Request) -> bool:
        self._room.clock.set_by(self._by)
        self._by = 0
        return False

    async def spoil(self, request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        raise NotImplementedError


@pytest.mark.parametrize("by", [HOUR, -HOUR])
@pytest.mark.parametrize("restarted", [False, True])
async def test_what_waits_for_the_server_waits_as_long_as_was_asked_for(
    room: Room, by: int, restarted: bool
) -> None:
    room.spoil("429", "GET", times=1, **{"Retry-After": "90"})
    assert (await room.sync()).exit_code == 4
    room.clock.set_by(by)
    if restarted:
        await room.reopen()
    room.wire.requests.clear()
    room.clock.advance(20)
    assert (await room.sync()).exit_code == 4
    assert room.wire.requests == []
    room.clock.advance(72)
    assert (await room.sync()).exit_code == 0


async def test_a_wait_of_a_boot_that_nobody_knows_of_does_not_last_for_hours(room: Room) -> None:
    room.spoil("429", "GET", times=1, **{"Retry-After": "90"})
    assert (await room.sync()).exit_code == 4
    room.clock.set_by(-HOUR)
    room.clock.boot = 2
    await room.reopen()
    room.clock.advance(301)
    assert (await room.sync()).exit_code == 0


@pytest.mark.parametrize("in_the_round", [False, True])
@pytest.mark.parametrize("restarted", [False, True])
async def test_a_value_of_ours_is_not_taken_back_because_the_clock_was_set(
    room: Room, in_the_round: bool, restarted: bool
) -> None:
    visit = room.open_visit()
    before = [*visit.crew]
    (other, *_) = room.others(*before)
    op_id = room.assign(visit.id, other)
    await room.push()
    assert room.state(op_id) is OpState.ACKED
    # A list that lags behind: it still shows what was before.
    visit.crew[:] = before
    if restarted:
        room.restart()
    if in_the_round:
        room.wire.spoilers.append(Setting(room, HOUR))
    else:
        room.clock.set_by(HOUR)
    room.clock.advance(5)
    await room.sync()
    with closing(Store(room.files, room.zone, room.clock)) as store:
        assert store.planned([visit.id])[0].technician_ids == (other,)


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_lost_edit_is_not_sent_again_sooner_because_the_clock_was_set(
    room: Room, restarted: bool
) -> None:
    visit = room.open_visit()
    (other, *_) = room.others(*visit.crew)
    op_id = room.assign(visit.id, other)
    room.spoil("lost before", "PUT", times=1)
    await room.push()
    assert room.state(op_id) is OpState.UNCERTAIN
    room.clock.set_by(HOUR)
    if restarted:
        room.restart()
    await room.push()
    assert room.state(op_id) is OpState.UNCERTAIN
    room.clock.advance(32)
    await room.push()
    assert room.state(op_id) is OpState.ACKED


async def test_what_was_being_sent_at_a_kill_is_the_last_request_whatever_the_clock_says(room: Room) -> None:
    """A create takes two requests: the first was answered, the clock set back, the second never answered."""
    op_id = room.outbox.add(new_job(room, "99005")).op_id
    assert room.outbox.claim(op_id, room.fence) is not None
    operation = room.op(op_id)
    create, title = await room.backend.steps(operation, {})
    room.outbox.journal_step(op_id, room.fence, create)
    made = await room.backend.carry_out(create, operation.changes[0])
    room.outbox.journal_step(op_id, room.fence, create, made)
    room.clock.set_by(-HOUR)
    unnamed(room.world, made.new_id, room.clock.now())
    second = await room.backend.prepare(operation, title, [replace(made, row=None)])
    assert second is not None
    with closing(Outbox(room.files, room.clock)) as outbox:
        outbox.journal_step(op_id, room.fence, second)
    room.restart()
    room.wire.requests.clear()
    await room.push()
    assert room.state(op_id) is OpState.UNCERTAIN
    assert room.wire.writes() == []
    room.clock.advance(32)
    await room.push()
    assert room.state(op_id) is OpState.ACKED
    assert [method for method, _ in room.wire.writes()] == ["PUT"]
