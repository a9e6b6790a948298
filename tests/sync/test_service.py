"""The sync process in this process: when it makes rounds, and when it ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.rules import FIELDCAMP
from fieldboard.backends.port import Backend
from fieldboard.cache import windows
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.glance import SOON_S, TRUSTED_S
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.windows import SyncLock, WindowLock
from fieldboard.domain.operation import OpState
from fieldboard.sync import service
from fieldboard.sync.errand import deliver, poke_file, sync_once
from fieldboard.sync.service import serve
from tests.sync.room import SETTINGS, TOKEN, Room, room_with

PATIENCE_S = 20.0


async def eventually(true: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Until something is so; fails after a while."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            meanwhile()
            await asyncio.sleep(0.005)


def opener(room: Room, token: str = TOKEN) -> Callable[[], Backend]:
    """Opens the system anew, over the same line."""
    return lambda: open_fieldcamp(
        "http://127.0.0.1:9", token, zone=room.zone, transport=room.wire, clock=room.clock
    )


@asynccontextmanager
async def serving(
    room: Room, open_backend: Callable[[], Backend] | None = None
) -> AsyncIterator[asyncio.Task[bool]]:
    """The sync process of the room's profile."""
    task = asyncio.create_task(
        serve(
            open_backend or opener(room), room.files, FIELDCAMP, room.zone, room.clock, SETTINGS, tick_s=0.01
        )
    )
    try:
        yield task
    finally:
        task.cancel()
        [end] = await asyncio.gather(task, return_exceptions=True)
    assert not isinstance(end, Exception), end


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[Room]:
    """A room whose own engine does nothing."""
    async with room_with(tmp_path) as room:
        yield room


def listed(room: Room, name: str) -> int:
    return sum(path.endswith(f"/{name}") for method, path in room.wire.requests if method == "GET")


async def test_the_first_round_comes_at_once_and_the_next_after_the_usual_pause(quiet: Room) -> None:
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: listed(quiet, "visits") == 1)
            await eventually(lambda: quiet.engine.landing.state().last_round_finished == quiet.now)
            await eventually(lambda: listed(quiet, "visits") == 2, lambda: quiet.clock.advance(1))


async def test_an_edit_is_sent_at_once(quiet: Room) -> None:
    visit = quiet.open_visit()
    other = quiet.others(*visit.crew)[0]
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: quiet.engine.landing.state().last_round_finished == quiet.now)
            op_id = quiet.assign(visit.id, other)
            await eventually(lambda: quiet.state(op_id) is OpState.ACKED)
            assert visit.crew == [other]
            await eventually(lambda: quiet.state(op_id) is OpState.CONFIRMED, lambda: quiet.clock.advance(1))


async def test_a_poke_brings_a_round(quiet: Room) -> None:
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: listed(quiet, "visits") == 1)
            poke_file(quiet.files).touch()
            await eventually(lambda: listed(quiet, "visits") == 2)


async def test_without_a_window_it_sends_what_waits_and_ends(quiet: Room) -> None:
    visit = quiet.open_visit()
    op_id = quiet.assign(visit.id, quiet.others(*visit.crew)[0])
    async with serving(quiet) as task:
        assert await asyncio.wait_for(task, PATIENCE_S)
    assert quiet.state(op_id) is OpState.ACKED
    assert SyncLock(quiet.files).try_take()


async def test_it_ends_when_the_last_window_closes(quiet: Room) -> None:
    window = WindowLock(quiet.files)
    window.take()
    async with serving(quiet) as task:
        await eventually(lambda: listed(quiet, "visits") == 1)
        window.release()
        assert await asyncio.wait_for(task, PATIENCE_S)


async def test_a_second_process_stands_by_and_takes_over(quiet: Room) -> None:
    with WindowLock(quiet.files):
        async with serving(quiet) as first:
            await eventually(lambda: listed(quiet, "visits") == 1)
            async with serving(quiet):
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
                await eventually(lambda: listed(quiet, "visits") >= 2)


async def test_after_a_refused_token_it_is_read_again(quiet: Room) -> None:
    tokens = iter(["expired", TOKEN, TOKEN])
    opened: list[str] = []

    def open_backend() -> Backend:
        opened.append(next(tokens))
        return opener(quiet, opened[-1])()

    with WindowLock(quiet.files):
        async with serving(quiet, open_backend):
            await eventually(lambda: quiet.engine.landing.state().offline_since is not None)
            await eventually(
                lambda: quiet.engine.landing.state().offline_since is None, lambda: quiet.clock.advance(1)
            )
    assert opened == ["expired", TOKEN]


async def test_a_system_that_cannot_be_opened_is_told_on_the_board(quiet: Room) -> None:
    def open_backend() -> Backend:
        raise ValueError("the variable NORTH_TOKEN is empty")

    with WindowLock(quiet.files):
        async with serving(quiet, open_backend):
            await eventually(
                lambda: quiet.engine.landing.state().error == "the variable NORTH_TOKEN is empty"
            )


async def test_a_command_has_the_running_process_make_its_round(quiet: Room) -> None:
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: listed(quiet, "visits") == 1)
            visit = quiet.open_visit()
            op_id = quiet.assign(visit.id, quiet.others(*visit.crew)[0])
            report = await sync_once(
                opener(quiet), quiet.files, FIELDCAMP, quiet.zone, quiet.clock, SETTINGS, full=True
            )
            assert (report.profile, report.error, report.pending) == ("north", None, 0)
            assert quiet.state(op_id) is OpState.CONFIRMED


async def test_a_command_waits_for_the_running_process_to_settle_its_edit(quiet: Room) -> None:
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: listed(quiet, "visits") == 1)
            visit = quiet.open_visit()
            op_id = quiet.assign(visit.id, quiet.others(*visit.crew)[0])
            report = await deliver(
                opener(quiet), quiet.files, FIELDCAMP, quiet.zone, quiet.clock, SETTINGS, [op_id]
            )
            assert report is None
            assert quiet.state(op_id) in (OpState.ACKED, OpState.CONFIRMED)


async def test_without_a_process_a_command_sends_its_edit_itself(quiet: Room) -> None:
    visit = quiet.open_visit()
    op_id = quiet.assign(visit.id, quiet.others(*visit.crew)[0])
    report = await deliver(opener(quiet), quiet.files, FIELDCAMP, quiet.zone, quiet.clock, SETTINGS, [op_id])
    assert report is not None
    assert (report.pushed, report.exit_code) == (1, 0)
    outbox = Outbox(quiet.files, quiet.clock)
    assert outbox.get(op_id) is not None
    outbox.close()


async def test_a_damaged_cache_is_put_aside_and_filled_again_and_the_edits_stay(quiet: Room) -> None:
    visit = quiet.open_visit()
    op_id = quiet.assign(visit.id, quiet.others(*visit.crew)[0])
    quiet.engine.close()
    damage_pages(quiet.files.cache)
    report = await sync_once(
        opener(quiet), quiet.files, FIELDCAMP, quiet.zone, quiet.clock, SETTINGS, full=True
    )
    await quiet.reopen()
    assert (report.error, report.pushed) == (None, 1)
    assert quiet.state(op_id) is OpState.CONFIRMED
    assert quiet.counts()["job"] == len(quiet.world.jobs)
    assert any(quiet.files.quarantine.iterdir())


def damage_pages(file: Path) -> None:
    """Overwrite the file's head, as a bad disk does."""
    for leftover in file.parent.glob(f"{file.name}-*"):
        leftover.unlink()
    with file.open("r+b") as stream:
        stream.write(b"\0" * 4096)


async def test_a_clock_that_jumped_has_everything_read_again(quiet: Room) -> None:
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: quiet.engine.landing.state().last_round_finished == quiet.now)
            before = quiet.engine.landing.state().last_full_finished
            quiet.clock._elapsed -= 600  # the computer slept, and only the wall clock went on
            quiet.clock.advance(600)
            await eventually(lambda: quiet.engine.landing.state().last_full_finished != before)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often it has looked around, tried the windows' locks, and glanced in vain."""
    found, tried = Counter[str](), windows.windows_open
    step, due = service.Service._step, service.Service._is_due

    async def stepped(self: service.Service) -> None:
        found["looks"] += 1
        await step(self)

    def glanced(self: service.Service) -> bool:
        if not (is_due := due(self)):
            found["in vain"] += 1
        return is_due

    def trying(files: ProfileFiles) -> list[Path]:
        found["locks"] += 1
        return tried(files)

    monkeypatch.setattr(service.Service, "_step", stepped)
    monkeypatch.setattr(service.Service, "_is_due", glanced)
    monkeypatch.setattr(service, "windows_open", trying)
    return found


async def rested(room: Room, counts: Counter[str]) -> None:
    """Until nothing was written lately; the clock stands then, so that time alone has it look no more."""
    counts.clear()
    await eventually(lambda: counts["in vain"] > 0, lambda: room.clock.advance(SOON_S / 10))
    counts.clear()
    await eventually(lambda: counts["in vain"] >= 3)


async def test_at_rest_it_only_glances_and_tries_the_windows_rarely(
    quiet: Room, counts: Counter[str]
) -> None:
    """Trying the locks is most of what a look costs, and a look is much more than a glance."""
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: quiet.engine.landing.state().last_round_finished == quiet.now)
            await eventually(lambda: counts["looks"] >= 50)
            assert counts["locks"] <= counts["looks"] // service.WINDOWS_EVERY + 2
            await rested(quiet, counts)
            counts.clear()
            await eventually(lambda: counts["in vain"] >= 20)
            assert counts["looks"] == counts["locks"] == 0
            quiet.clock.advance(TRUSTED_S)
            await eventually(lambda: counts["looks"] == 1)


async def test_an_edit_a_poke_and_a_command_end_the_rest(quiet: Room, counts: Counter[str]) -> None:
    visit = quiet.open_visit()
    with WindowLock(quiet.files):
        async with serving(quiet):
            await eventually(lambda: quiet.engine.landing.state().last_round_finished == quiet.now)
            await rested(quiet, counts)
            op_id = quiet.assign(visit.id, quiet.others(*visit.crew)[0])
            await eventually(lambda: quiet.state(op_id) is OpState.ACKED)
            await rested(quiet, counts)
            before = listed(quiet, "visits")
            poke_file(quiet.files).touch()
            await eventually(lambda: listed(quiet, "visits") > before)
            await rested(quiet, counts)
            asked = sync_once(opener(quiet), quiet.files, FIELDCAMP, quiet.zone, quiet.clock, SETTINGS)
            report = await asyncio.wait_for(asked, PATIENCE_S)
            assert (report.error, report.pending) == (None, 0)


async def test_a_window_that_has_died_is_missed_though_nothing_was_written(quiet: Room) -> None:
    window = WindowLock(quiet.files)
    window.take()
    async with serving(quiet) as task:
        await eventually(lambda: listed(quiet, "visits") == 1)
        window._lock.release()  # as a kill does: the file stays
        assert await asyncio.wait_for(task, PATIENCE_S)
