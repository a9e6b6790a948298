"""The sandbox's FieldOpt server as the wiki documents it: reads, and jobs and technicians written."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldboard.sandbox.fieldopt import Settings
from fieldboard.sandbox.fieldopt.kinds import TYPES
from fieldboard.sandbox.live import Live
from fieldboard.sandbox.roster_file import roster_toml
from fieldboard.sandbox.switches import BadSetting
from tests.sandbox.conftest import NOW, TODAY
from tests.sandbox.fieldopt_server import JOB, TECHNICIAN, Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


async def test_one_list_holds_every_job_with_the_documented_fields_and_no_other(server: Server) -> None:
    rows = await server.get("jobs/")
    assert [row["id"] for row in rows] == list(range(1, 401))
    for row in rows:
        assert list(row) == JOB
        assert row["type"] in TYPES
        assert row["status"] in ("pending", "assigned", "in_progress", "completed", "failed", "cancelled")
        assert type(row["assigned_technician"]) in (int, type(None))
    assert {row["type"] for row in rows} == set(TYPES)
    assert all(job.visits[1:] == [] for job in server.world.jobs.values())
    assert len(server.world.visits) == sum(len(job.visits) for job in server.world.jobs.values())


async def test_a_job_shows_the_world_it_was_made_of(server: Server) -> None:
    job = next(one for one in server.world.jobs.values() if one.crew and one.status == "open")
    visit = job.visits[0]
    assert visit.start is not None
    assert visit.end is not None
    row = await server.get(f"jobs/{server.app.state.job_id(job.id)}")
    local = [one.astimezone(server.world.zone) for one in (visit.start, visit.end)]
    assert row["scheduled_date"] == local[0].date().isoformat()
    assert row["time_slot"] == f"{local[0]:%H:%M}-{local[1]:%H:%M}"
    assert row["customer"] == server.world.clients[job.client_id].name
    assert row["skills_required"] == list(job.skills)
    assert str(row["assigned_technician"]) == server.app.state.technician_id(job.crew[0])


async def test_each_filter_narrows_as_documented(server: Server) -> None:
    everything = await server.get("jobs/")
    today = TODAY.isoformat()
    for name, value, field in (
        ("scheduled_date", today, "scheduled_date"),
        ("status", "failed", "status"),
        ("type", "inspection", "type"),
    ):
        rows = await server.get("jobs/", **{name: value})
        assert rows == [row for row in everything if row[field] == value]
        assert rows
    both = await server.get("jobs/", scheduled_date=today, status="pending")
    assert {(row["scheduled_date"], row["status"]) for row in both} == {(today, "pending")}
    for query in ("status=on_hold", "type=wiring", "scheduled_date=2026-06-31", "scheduled_date=tomorrow"):
        answer = await server.http.get(f"jobs/?{query}")
        assert answer.status_code == 400
        assert list(answer.json()) == ["detail"]


async def test_the_summary_counts_each_documented_status(server: Server) -> None:
    words = Counter(row["status"] for row in await server.get("jobs/"))
    names = ["pending", "assigned", "in_progress", "completed", "failed"]
    assert await server.get("jobs/summary") == {"total_jobs": 400} | {name: words[name] for name in names}


async def test_technicians_show_the_day_and_what_is_open_of_it(server: Server) -> None:
    rows = await server.get("technicians/")
    assert len(rows) == 23
    assert all(list(row) == TECHNICIAN for row in rows)
    assert {row["status"] for row in rows} <= {"available", "on_break", "assigned", "off_duty"}
    open_today = Counter(
        row["assigned_technician"]
        for row in await server.get("jobs/", scheduled_date=TODAY.isoformat())
        if row["status"] in ("assigned", "in_progress")
    )
    assert {row["id"]: row["current_workload"] for row in rows} == {
        row["id"]: open_today[row["id"]] for row in rows
    }
    working = next(visit for visit in server.world.visits.values() if visit.status == "working")
    busy = await server.get(f"technicians/{server.app.state.technician_id(working.crew[0])}")
    assert busy == next(row for row in rows if row["id"] == busy["id"])
    assert busy["status"] == "assigned"
    sick = next(
        one for one in server.world.technicians.values() if one.absences[:1] and one.hours(TODAY) is None
    )
    assert (await server.get(f"technicians/{server.app.state.technician_id(sick.id)}"))[
        "status"
    ] == "off_duty"


async def test_the_documents_own_bodies_make_a_technician_and_a_job(server: Server) -> None:
    made = await server.post(
        "technicians/", 201, name="John Coltrane", phone="555-0102", status="available",
        skills=["repair", "maintenance"],
    )  # fmt: skip
    assert made == {
        "id": 24, "name": "John Coltrane", "status": "available", "phone": "555-0102",
        "skills": ["repair", "maintenance"], "capacity": 4, "current_workload": 0,
    }  # fmt: skip
    body: dict[str, Any] = {
        "type": "install", "customer": "Acme Corp", "address": "123 Main St, NYC",
        "scheduled_date": "2026-04-15", "time_slot": "08:00-12:00",
        "skills_required": ["install", "service_change"],
    }  # fmt: skip
    job = await server.post("jobs/", 201, **body)
    assert job == {"id": 401, "status": "pending", "assigned_technician": None} | body
    assert await server.get("jobs/401") == job
    assert (await server.get("jobs/"))[-1] == job
    short = {"type": "install", "customer": "Test Co", "address": "456 Oak Ave, NYC"}
    bare = await server.post("jobs/", 201, **short, skills_required=["install"], time_slot="10:00-14:00")
    assert (bare["scheduled_date"], bare["time_slot"]) == (None, "10:00-14:00")
    changed = await server.patch("jobs/401", status="in_progress", customer="Updated Name")
    assert changed == job | {"status": "in_progress", "customer": "Updated Name"}


async def test_a_status_and_a_place_of_a_technician_are_kept(server: Server) -> None:
    assert (await server.patch("technicians/3/status", status="on_break"))["status"] == "on_break"
    assert (await server.get("technicians/3"))["status"] == "on_break"
    row = await server.patch("technicians/3/location", latitude=40.7128, longitude=-74.0060)
    assert list(row) == TECHNICIAN
    words: tuple[dict[str, Any], ...] = ({"status": "on_job"}, {"status": None}, {})
    for body in words:
        assert await server.patch("technicians/3/status", 400, **body) == {"detail": "Invalid request body"}
    places: tuple[dict[str, Any], ...] = (
        {"latitude": 91, "longitude": 0},
        {"latitude": "40", "longitude": 0},
        {"latitude": 1},
    )
    for body in places:
        assert await server.patch("technicians/3/location", 400, **body) == {"detail": "Invalid request body"}
    assert await server.patch("technicians/99/status", 404, status="on_break") == {
        "detail": "Technician not found"
    }


async def test_day_and_slot_are_written_as_said_and_move_the_visit(server: Server) -> None:
    row = await server.first(status="assigned")
    path = f"jobs/{row['id']}"
    moved = await server.patch(path, scheduled_date="2026-06-09", time_slot="22:00-02:00")
    assert moved == row | {"scheduled_date": "2026-06-09", "time_slot": "22:00-02:00"}
    job = server.book.job(row["id"])
    assert job is not None
    assert job.visits[0].start == datetime(2026, 6, 9, 21, 0, tzinfo=UTC)
    assert job.visits[0].end == datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
    undated = await server.patch(path, scheduled_date=None)
    assert undated == moved | {"scheduled_date": None}
    assert await server.get(path) == undated
    for slot in ("9:00-10:00", "10:00", "24:00-25:00", 10, "10:00-11:00 "):
        await server.patch(path, 400, time_slot=slot)
    await server.patch(path, 400, scheduled_date="2026-06-09T08:00:00Z")
    assert await server.get(path) == undated


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "wiring", "customer": "A", "address": "B"},
        {"type": "install", "customer": " ", "address": "B"},
        {"type": "install", "customer": "A"},
        {"type": "install", "customer": "A", "address": "B", "skills_required": "install"},
        {"type": "install", "customer": "A", "address": "B", "scheduled_date": "15.4.2026"},
    ],
)
async def test_a_job_that_lacks_something_is_not_taken_down(server: Server, body: dict[str, Any]) -> None:
    await server.post("jobs/", 400, **body)
    assert len(await server.get("jobs/")) == 400


async def test_bodies_that_are_no_object_are_refused(server: Server) -> None:
    for content in (b"", b"[]", b"{", b'"x"', b"\xff"):
        answer = await server.http.post("jobs/", content=content)
        assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid request body"})


async def test_the_three_marks_set_their_status_once(server: Server) -> None:
    for act, word in (("start", "in_progress"), ("complete", "completed"), ("cancel", "cancelled")):
        row = await server.first(status="assigned")
        path = f"jobs/{row['id']}"
        assert await server.post(f"{path}/{act}") == row | {"status": word}
        assert await server.get(path) == row | {"status": word}
        again = await server.http.post(f"{path}/{act}")
        if word == "in_progress":
            assert again.status_code == 200
        else:
            assert (again.status_code, again.json()) == (409, {"detail": f"Job is already {word}"})
    assert await server.post("jobs/999/start", 404) == {"detail": "Job not found"}


async def test_any_documented_status_can_be_written_and_read_back(server: Server) -> None:
    row = await server.first(status="assigned")
    path = f"jobs/{row['id']}"
    for word in ("failed", "pending", "in_progress", "completed", "assigned", "cancelled", "assigned"):
        assert await server.patch(path, status=word) == row | {"status": word}
        assert await server.get(path) == row | {"status": word}
    await server.patch(path, 400, status="on_hold")


async def test_what_is_not_there_and_what_cannot_be_stored(server: Server) -> None:
    for path in ("jobs/0", "jobs/401", "jobs/abc", "jobs/-1"):
        answer = await server.http.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Job not found"})
    answer = await server.http.get("jobs/2147483648")
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal server error"})
    assert (await server.http.get("customers/")).status_code == 404
    assert (await server.http.delete("jobs/1")).status_code == 405
    assert (await server.http.head("jobs/1")).status_code == 405
    answer = await server.http.get("jobs")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://sandbox/api/v1/jobs/")


async def test_the_world_that_moves_makes_said_words_void() -> None:
    async with serving(jobs=400) as server:
        live = Live(server.world, NOW)
        visit = min(
            (
                one
                for one in server.world.visits.values()
                if one.status == "scheduled" and one.crew and one.start
            ),
            key=lambda one: (one.start, one.id),
        )
        number = server.app.state.job_id(visit.job_id)
        await server.patch(f"jobs/{number}", status="pending")
        before = {row["id"]: row for row in await server.get("jobs/")}
        assert before[int(number)]["status"] == "pending"
        server.time[0] = NOW + timedelta(hours=7)
        live.tick(server.time[0])
        after = {row["id"]: row for row in await server.get("jobs/")}
        assert after[int(number)]["status"] in ("in_progress", "completed")
        assert sum(row["status"] == "completed" for row in after.values()) > sum(
            row["status"] == "completed" for row in before.values()
        )
        new = after.keys() - before.keys()
        assert new
        assert min(new) == 401
        assert all(after[one]["type"] in TYPES for one in new)


async def test_a_job_that_was_opened_again_is_not_ended_by_what_had_been(server: Server) -> None:
    live = server.app.state.live(NOW)
    row = await server.first(status="in_progress")
    path = f"jobs/{row['id']}"
    await server.post(f"{path}/complete")
    await server.patch(path, status="assigned", scheduled_date="2026-06-04", time_slot="15:00-16:00")
    server.time[0] = NOW + timedelta(minutes=5)
    live.tick(server.time[0])
    assert (await server.get(path))["status"] == "assigned"
    server.time[0] = NOW + timedelta(hours=9)
    live.tick(server.time[0])
    assert (await server.get(path))["status"] == "completed"


async def test_the_roster_names_technicians_by_their_numbers(server: Server) -> None:
    roster = tomllib.loads(roster_toml(server.world, server.app.state.technician_id))
    rows = await server.get("technicians/")
    assert [(one["id"], one["name"]) for one in roster["technician"]] == [
        (str(row["id"]), row["name"]) for row in rows
    ]


async def test_the_same_seed_makes_the_same_answers() -> None:
    async with serving() as one, serving() as other:
        for path in ("jobs/", "technicians/", "assignments/technician/1", "routing/best-tech/390"):
            assert (await one.http.get(path)).content == (await other.http.get(path)).content


async def test_wrong_types_cut_lists_and_the_shapes_of_a_technician() -> None:
    async with serving(types="texts", list_cap="100", assigned_as="name") as server:
        rows = await server.get("jobs/")
        assert len(rows) == 100
        assert all(isinstance(row["id"], str) and isinstance(row["skills_required"], str) for row in rows)
        names = {one.name for one in server.world.technicians.values()}
        assert {row["assigned_technician"] for row in rows} <= names | {None}
    async with serving(types="nulls", assigned_as="object") as server:
        assert await server.get("jobs/7") == dict.fromkeys(JOB) | {"id": 7}
    async with serving(assigned_as="object") as server:
        row = await server.first(status="assigned")
        assert set(row["assigned_technician"]) == {"id", "name"}


async def test_a_server_may_answer_writes_with_nothing() -> None:
    async with serving(answers="nothing") as server:
        row = await server.first(status="assigned")
        assert await server.post(f"jobs/{row['id']}/start", 204) is None
        assert await server.patch(f"jobs/{row['id']}", 204, customer="Somebody") is None
        assert await server.patch("technicians/1/status", 204, status="on_break") is None
        assert (await server.get(f"jobs/{row['id']}"))["customer"] == "Somebody"


async def test_after_a_reset_ids_begin_again_for_other_jobs() -> None:
    async with serving(reset_after="2") as server:
        before = await server.get("jobs/")
        assert await server.get("jobs/") == before
        after = await server.get("jobs/")
        assert [row["id"] for row in after] == [row["id"] for row in before]
        assert sum(a == b for a, b in zip(after, before, strict=True)) < 40


async def test_a_fork_may_ask_for_a_token_and_faults_work_here_too() -> None:
    async with serving(auth="true") as server:
        answer = await server.http.get("jobs/")
        assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
        server.http.headers["Authorization"] = f"Bearer {server.app.state.token}"
        assert len(await server.get("jobs/")) == 400
    async with serving(faults="down") as server:
        assert (await server.http.get("jobs/")).status_code == 503


def test_what_is_no_setting_is_refused() -> None:
    for bad in ({"dialect": "rest"}, {"server_zone": "Mars/Olympus"}, {"paging": "on"}):
        with pytest.raises(BadSetting):
            Settings.parse(bad)
