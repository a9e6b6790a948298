"""Stories of what a round fetches and takes away, against a real server app and real files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest
from starlette.applications import Starlette

from fieldboard.domain.operation import Json, Kind, OpState
from tests.sync.room import JSON, TOKEN, Room, answer_with, room_with


async def test_a_first_sync_fetches_everything_and_says_how_far_it_is(tmp_path: Path) -> None:
    async with room_with(tmp_path, first_sync=False) as room:
        report = await room.sync()
        assert (report.error, report.exit_code) == (None, 0)
        counts = room.counts()
        assert counts["technician"] == len(room.world.technicians)
        assert counts["job"] == len(room.world.jobs)
        # A job without a visit has one made up for it.
        bare = sum(not job.visits for job in room.world.jobs.values())
        assert counts["visit"] == len(room.world.visits) + bare
        state = room.engine.landing.state()
        assert state.last_full_finished is not None
        assert (state.progress_done, state.progress_says, state.error) == (None, None, None)


async def test_a_round_without_changes_writes_nothing(room: Room) -> None:
    report = await room.sync()
    assert (report.pulled, report.deleted, report.error) == (0, 0, None)


async def test_a_round_asks_for_changes_only_and_brings_new_jobs_and_moved_visits(room: Room) -> None:
    visit = room.open_visit()
    assert visit.start is not None
    assert visit.end is not None
    visit.start += timedelta(minutes=30)
    visit.end += timedelta(minutes=30)
    room.world.touch_visit(visit, room.clock.now())
    client = next(iter(room.world.clients))
    await post(room, "/api/v1/jobs", {"jobNumber": "77001", "clientId": client, "type": "one-off"})
    report = await room.sync()
    assert report.pulled >= 2
    assert room.visit(visit.id).start == int(visit.start.timestamp())
    [made] = [job for job in room.world.jobs.values() if job.number == "77001"]
    assert room.has_job(made.id)


async def test_a_deleted_job_without_visits_disappears_only_by_a_full_round_that_a_read_confirms(
    room: Room,
) -> None:
    visit = room.open_visit()
    remove_visit(room, visit.id)
    await room.sync()
    room.clock.advance(31)
    await room.sync()
    job = room.world.jobs.pop(visit.job_id)
    await room.sync()
    assert room.has_job(job.id)
    spoiled = room.spoil("500", "GET", f"/jobs/{job.id}")
    report = await room.sync(full=True)
    assert room.has_job(job.id)
    assert report.exit_code == 4
    spoiled.times = 0
    report = await room.sync(full=True)
    assert not room.has_job(job.id)
    assert report.deleted >= 1
    assert room.counts()["visit"] == visits_and_bare_jobs(room)


async def test_the_missing_visits_of_a_deleted_job_give_it_away_in_the_next_round(room: Room) -> None:
    job = room.world.jobs.pop(room.open_visit().job_id)
    for visit in job.visits:
        del room.world.visits[visit.id]
    await room.sync()
    assert not room.has_job(job.id)
    assert room.counts()["visit"] == visits_and_bare_jobs(room)


async def test_a_job_whose_only_visit_was_deleted_stays_as_the_system_has_it(room: Room) -> None:
    visit = room.open_visit()
    remove_visit(room, visit.id)
    await room.sync()
    room.clock.advance(31)
    await room.sync()
    assert room.has_job(visit.job_id)
    assert room.counts()["visit"] == visits_and_bare_jobs(room)


async def test_a_job_that_a_list_forgot_and_a_read_shows_stays(room: Room) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    forgetful(room, "/jobs", "jobs", job.id)
    report = await room.sync(full=True)
    assert (report.deleted, report.error) == (0, None)
    assert room.has_job(job.id)


async def test_a_visit_that_two_lists_lack_half_a_minute_apart_is_gone(room: Room) -> None:
    visit = room.open_visit()
    remove_visit(room, visit.id)
    report = await room.sync()
    assert (report.deleted, room.visit(visit.id).id) == (0, visit.id)
    room.clock.advance(31)
    report = await room.sync()
    assert report.deleted == 1


async def test_somebody_who_waits_for_a_full_round_gets_the_second_list_too(room: Room) -> None:
    visit = room.open_visit()
    remove_visit(room, visit.id)
    report = await room.sync(full=True, patient=True)
    assert report.deleted == 1
    assert sum(room.slept) >= 30


async def test_a_visit_that_comes_back_in_the_second_list_stays(room: Room) -> None:
    visit = room.open_visit()
    spoiled = forgetful(room, "/visits", "visits", visit.id)
    await room.sync()
    spoiled.times = 0
    room.clock.advance(31)
    report = await room.sync()
    assert report.deleted == 0
    assert room.visit(visit.id).technician_ids == tuple(visit.crew)
    spoiled.times = 1
    room.clock.advance(31)
    report = await room.sync()
    assert report.deleted == 0


@pytest.mark.parametrize("how", ["html", "half", "500", "refused"])
async def test_a_list_that_does_not_come_deletes_nothing(room: Room, how: str) -> None:
    before = room.counts()
    room.spoil(how, "GET", "/jobs")
    report = await room.sync(full=True)
    assert report.exit_code == 4
    assert report.error
    assert room.counts() == before
    room.mend()
    report = await room.sync(full=True)
    assert (report.exit_code, report.deleted) == (0, 0)


async def test_an_empty_list_takes_nothing_away_and_says_so(room: Room) -> None:
    before = room.counts()
    room.world.jobs.clear()
    room.world.visits.clear()
    report = await room.sync(full=True)
    assert (report.deleted, report.exit_code) == (0, 3)
    assert "missing at once" in (report.error or "")
    assert "--accept-missing" in (report.error or "")
    assert room.counts() == before


async def test_what_somebody_has_looked_after_is_let_go_however_much_it_is(room: Room) -> None:
    room.world.jobs.clear()
    room.world.visits.clear()
    report = await room.sync(full=True, patient=True, accepts=True)
    assert (report.error, report.exit_code) == (None, 0)
    assert report.deleted > 0
    assert (room.counts()["job"], room.counts()["visit"]) == (0, 0)


async def test_the_visits_of_a_deleted_job_go_with_it_and_nobody_waits(room: Room) -> None:
    job = room.world.jobs[room.open_visit().job_id]
    for visit in list(job.visits):
        remove_visit(room, visit.id)
    del room.world.jobs[job.id]
    report = await room.sync(full=True, patient=True)
    assert report.deleted >= 1
    assert not room.has_job(job.id)
    assert room.slept == []


async def test_a_job_that_came_and_went_between_two_whole_lists_is_noticed(room: Room) -> None:
    await room.sync(full=True)
    client = next(iter(room.world.clients))
    body: dict[str, Json] = {"jobNumber": "99007", "clientId": client, "type": "one-off"}
    await room.backend._http.write("POST", "/api/v1/jobs", body)
    await room.sync()
    [job] = [one for one in room.world.jobs.values() if one.number == "99007"]
    assert room.has_job(job.id)
    del room.world.jobs[job.id]
    report = await room.sync(full=True, patient=True)
    assert report.deleted >= 1
    assert not room.has_job(job.id)


async def test_an_unreadable_row_is_set_aside_and_the_round_deletes_nothing(room: Room) -> None:
    gone = room.open_visit(1)
    bad = room.open_visit()
    remove_visit(room, gone.id)
    forgetful(room, "/visits", "visits", bad.id, instead='{"id": 17.5, "jobId": []}')
    await room.sync()
    room.clock.advance(31)
    report = await room.sync()
    assert (report.deleted, report.error) == (0, None)


async def test_a_server_that_ignores_since_is_noticed_and_asked_for_everything(room: Room) -> None:
    deaf(room)
    report = await room.sync()
    assert report.error is None
    room.wire.requests.clear()
    await room.sync()
    assert room.engine.landing.ignores_since(Kind.JOB)


async def test_a_customer_list_that_is_forbidden_does_not_stop_the_board(tmp_path: Path) -> None:
    async with room_with(tmp_path, first_sync=False) as room:
        room.spoil("403", "GET", "/clients")
        report = await room.sync()
        assert (report.error, report.exit_code) == (None, 0)
        assert room.counts()["job"] == len(room.world.jobs)


async def test_pages_are_followed(tmp_path: Path) -> None:
    async with room_with(tmp_path, jobs=120, paging="page", page_size="25") as room:
        assert room.counts()["job"] == 120


@pytest.mark.parametrize("late_s", [90, 150])
async def test_a_change_that_was_committed_late_is_still_seen(room: Room, late_s: int) -> None:
    """Its stamp lies before what was already read: by the overlap, and by the run that is held back."""
    jobs = list(room.world.jobs.values())
    for _ in range(3):
        room.clock.advance(60)
        room.world.touch(jobs[0], room.clock.now())
        assert (await room.sync()).error is None
    late = jobs[1]
    late.priority = "urgent" if late.priority != "urgent" else "low"
    room.world.touch(late, room.clock.now() - timedelta(seconds=late_s))
    report = await room.sync()
    assert report.pulled == 1


@pytest.mark.parametrize("kind", ["visit", "technician", "customer", "job"])
async def test_a_list_that_is_the_same_as_last_time_is_neither_read_nor_written(
    room: Room, kind: str
) -> None:
    def seen_at() -> object:
        with closing(sqlite3.connect(room.files.cache)) as db:
            sql = "SELECT max(seen_at), max(gen) FROM base WHERE kind = ?"
            return db.execute(sql, (kind,)).fetchone()

    before = seen_at()
    room.clock.advance(60)
    assert (await room.sync()).error is None
    assert seen_at() == before


async def test_changes_are_asked_for_unless_nobody_asked_for_a_week(room: Room) -> None:
    def asked() -> list[str]:
        app = cast(Starlette, room.wire.inner.app)
        requests: list[tuple[str, str, str]] = app.state.requests
        found = [query for _, path, query in requests if path.endswith("/jobs")]
        requests.clear()
        return found

    asked()
    for _ in range(9):
        room.clock.advance(86_400)
        assert (await room.sync()).error is None
    # Nothing has changed for longer than that, which is no reason to fetch it all.
    assert all("since=" in one for one in asked())
    room.clock.advance(8 * 86_400)
    assert (await room.sync()).error is None
    assert not any("since=" in one for one in asked())


async def test_a_deleted_job_takes_its_visits_along_without_waiting_for_a_second_list(room: Room) -> None:
    job = room.world.jobs.pop(room.open_visit().job_id)
    for visit in job.visits:
        del room.world.visits[visit.id]
    report = await room.sync(full=True, patient=True)
    assert (report.error, room.slept) == (None, [])
    assert room.counts()["visit"] == visits_and_bare_jobs(room)


async def test_a_wait_that_was_asked_for_binds_a_new_process_too(room: Room) -> None:
    room.spoil("429", "GET", times=1, **{"Retry-After": "300"})
    assert (await room.sync()).exit_code == 4
    room.mend()
    await room.reopen()
    room.wire.requests.clear()
    report = await room.sync(patient=True)
    assert (report.exit_code, room.wire.requests) == (4, [])
    room.clock.advance(301)
    assert (await room.sync(patient=True)).exit_code == 0


async def test_a_server_that_answers_only_errors_ends_the_round_soon(room: Room) -> None:
    began = room.clock.monotonic()
    room.spoil("503")
    report = await room.sync()
    assert (report.exit_code, report.pulled) == (4, 0)
    assert room.clock.monotonic() - began < 30


async def test_the_visits_of_an_unknown_job_bring_the_job(room: Room) -> None:
    """Its stamp is long past, so that no list of changes has it."""
    client = next(iter(room.world.clients))
    await post(room, "/api/v1/jobs", {"jobNumber": "77002", "clientId": client, "type": "one-off"})
    [made] = [job for job in room.world.jobs.values() if job.number == "77002"]
    await post(room, "/api/v1/visits", {"jobId": made.id, "scheduledStart": "2026-06-05T09:00:00.000Z"})
    made.updated_at -= timedelta(days=3)
    made.rev += 1
    report = await room.sync()
    assert report.error is None
    assert room.has_job(made.id)


async def test_a_jump_back_of_a_list_does_not_undo_what_we_know(room: Room) -> None:
    """A list that lags behind shows our edit's field as it was: the edit stays in sight."""
    visit = room.open_visit()
    other = room.others(*visit.crew)[0]
    op_id = room.assign(visit.id, other)
    stale = await room.wire.inner.handle_async_request(request("/api/v1/visits"))
    body = await stale.aread()
    await room.push()
    replay(room, "/visits", body)
    await room.sync()
    assert room.state(op_id) is OpState.ACKED
    room.mend()
    await room.sync()
    assert room.state(op_id) is OpState.CONFIRMED


# -- what the stories do to the server and to the line


class Rewriter:
    """Rewrites the body of the answers to a list."""

    def __init__(self, path: str, rewrite: Callable[[bytes], bytes]) -> None:
        self.path, self.rewrite, self.times = path, rewrite, 1_000

    def fits(self, asked: httpx.Request) -> bool:
        return self.times > 0 and asked.method == "GET" and asked.url.path.endswith(self.path)

    async def spoil(self, asked: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
        answer = await inner.handle_async_request(asked)
        return answer_with(200, self.rewrite(await answer.aread()), JSON)


def forgetful(room: Room, path: str, name: str, missing: str, instead: str | None = None) -> Rewriter:
    """A list that lacks one of its rows, or has rubbish in its place."""

    def rewrite(body: bytes) -> bytes:
        document = json.loads(body)
        rows = [row for row in document["data"][name] if row["id"] != missing]
        if instead is not None:
            rows.append(json.loads(instead))
        document["data"][name] = rows
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()

    rewriter = Rewriter(path, rewrite)
    room.wire.spoilers.append(rewriter)
    return rewriter


def replay(room: Room, path: str, body: bytes) -> None:
    """A list that answers as it did once."""
    room.wire.spoilers.append(Rewriter(path, lambda _body: body))


def deaf(room: Room) -> None:
    """A server that sends all jobs, whatever it is asked for."""

    class Deaf(Rewriter):
        async def spoil(self, asked: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response:
            return await inner.handle_async_request(request(asked.url.path))

    room.wire.spoilers.append(Deaf("/jobs", lambda body: body))


def request(path: str) -> httpx.Request:
    return httpx.Request("GET", f"http://127.0.0.1:9{path}", headers={"X-API-Key": TOKEN})


async def post(room: Room, path: str, body: dict[str, str]) -> None:
    """Another dispatcher creates something."""
    asked = httpx.Request("POST", f"http://127.0.0.1:9{path}", headers={"X-API-Key": TOKEN}, json=body)
    answer = await room.wire.inner.handle_async_request(asked)
    assert answer.status_code == 200, await answer.aread()


def remove_visit(room: Room, visit_id: str) -> None:
    visit = room.world.visits.pop(visit_id)
    job = room.world.jobs[visit.job_id]
    job.visits.remove(visit)
    job.rev += 1


def visits_and_bare_jobs(room: Room) -> int:
    return len(room.world.visits) + sum(not job.visits for job in room.world.jobs.values())
