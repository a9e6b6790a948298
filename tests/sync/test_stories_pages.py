"""Stories of lists that come in several pages, while what is in them moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from fieldboard.domain.operation import Kind
from tests.sync.room import JSON, Room, answer_with, room_with


@dataclass
class Shift:
    """While the first list of jobs is read, `moves` happens before its second page; its `nth` walk fails."""

    moves: Callable[[], None]
    nth: int = 2
    walks: int = 0
    since: list[str | None] = field(default_factory=list)

    def fits(self, request: httpx.Request) -> bool:
        if request.method != "GET" or not request.url.path.endswith("/jobs"):
            return False
        page = request.url.params.get("page", "1")
        if page == "1":
            self.walks += 1
            self.since.append(request.url.params.get("since"))
        elif page == "2" and self.walks == 1:
            self.moves()
        return self.walks == self.nth

    async def spoil(self, _: httpx.Request, __: httpx.ASGITransport) -> httpx.Response:
        return answer_with(401, b'{"success":false,"error":"no"}', JSON)


def first_of_the_second_page(room: Room, size: int) -> str:
    return list(room.world.jobs)[size]


async def test_what_slipped_in_a_first_list_that_was_not_read_again_comes_with_the_next_round(
    tmp_path: Path,
) -> None:
    async with room_with(tmp_path, first_sync=False, paging="page", page_size="20") as room:
        slips = first_of_the_second_page(room, 20)
        shift = Shift(lambda: remove(room, next(iter(room.world.jobs))))
        room.wire.spoilers.append(shift)
        report = await room.sync()
        assert report.token_refused
        assert shift.walks == 2
        assert not room.has_job(slips)
        room.mend()
        await room.reopen()
        room.clock.advance(600)
        report = await room.sync()
        assert report.error is None
        assert room.has_job(slips)


async def test_changes_are_asked_for_from_before_a_list_that_was_not_read_again(tmp_path: Path) -> None:
    async with room_with(tmp_path, paging="page", page_size="20") as room:
        await room.sync()
        before = room.engine.landing.cursor(Kind.JOB)
        for nth in range(2):
            room.clock.advance(3600)
            for job in [*room.world.jobs.values()][:30]:
                job.title = f"Boiler service {nth}"
                room.world.touch(job, room.clock.now())
            shift = Shift(lambda: None)
            room.wire.spoilers.append(shift)
            report = await room.sync()
            assert report.token_refused
            assert len(set(shift.since)) == 1
            assert room.engine.landing.cursor(Kind.JOB) == before
            room.mend()
        await room.sync()
        await room.sync()
        assert room.engine.landing.cursor(Kind.JOB) != before


def remove(room: Room, job_id: str) -> None:
    """Somebody deletes a job, and its visits go with it."""
    for visit in room.world.jobs.pop(job_id).visits:
        room.world.visits.pop(visit.id, None)
