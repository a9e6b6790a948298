"""The sandbox's FieldOpt server in the dialect of its releases: what is read, and what each release lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import NOW, TODAY
from tests.sandbox.fieldopt_server import Server, serving

JOB = [
    "id", "job_number", "job_type", "status", "customer_name", "customer_phone", "customer_email",
    "service_address", "service_city", "service_zip", "latitude", "longitude", "required_skills",
    "route_criteria", "priority", "scheduled_date", "time_slot_start", "time_slot_end",
    "estimated_duration", "description", "notes", "special_instructions", "created_at",
    "updated_at", "started_at", "completed_at", "assigned_tech_id", "assigned_tech_name",
    "estimated_arrival", "actual_duration_minutes",
]  # fmt: skip
TECHNICIAN = [
    "id", "name", "employee_id", "phone", "email", "status", "is_active", "current_latitude",
    "current_longitude", "last_location_update", "home_latitude", "home_longitude", "home_address",
    "skills", "assigned_routes", "shift_start", "shift_end", "max_jobs_per_day", "created_at",
    "updated_at", "assigned_jobs", "completed_jobs",
]  # fmt: skip
ASSIGNMENT = [
    "id", "job_id", "technician_id", "assigned_at", "sequence", "estimated_travel_time",
    "estimated_distance", "estimated_arrival", "created_at", "updated_at",
]  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(dialect="code") as running:
        yield running


async def everything(server: Server) -> list[dict[str, Any]]:
    """All jobs: the search has no pages, only a limit."""
    rows: list[dict[str, Any]] = await server.get("jobs/search/query", limit="1000")
    return rows


async def refused(server: Server, path: str) -> list[dict[str, Any]]:
    """Why a GET is refused with 422."""
    answer = await server.http.get(path)
    assert answer.status_code == 422, answer.text
    problems: list[dict[str, Any]] = answer.json()["detail"]
    for one in problems:
        assert {"type", "loc", "msg", "input", "url"} <= set(one)
    return problems


async def test_a_list_has_a_hundred_rows_and_says_nothing_of_the_others(server: Server) -> None:
    rows = await server.get("jobs/")
    assert len(rows) == 100
    assert all(list(row) == JOB for row in rows)
    assert [row["created_at"] for row in rows] == sorted((row["created_at"] for row in rows), reverse=True)
    assert len(await server.get("jobs/", limit="500")) == 400
    assert len(await server.get("jobs/", limit="500", page="2", type="install")) == 400
    for query in (
        "limit=501",
        "limit=0",
        "limit=x",
        "skip=-1",
        "status=failed",
        "status=",
        "scheduled_date=x",
    ):
        assert [one["loc"][0] for one in await refused(server, f"jobs/?{query}")] == ["query"]
    last = await server.http.get("jobs/?status=completed&status=pending")
    assert {row["status"] for row in last.json()} == {"pending"}


async def test_skipping_pages_loses_some_and_shows_others_twice(server: Server) -> None:
    seen: list[int] = []
    for skip in range(0, 400, 100):
        seen += [row["id"] for row in await server.get("jobs/", skip=str(skip))]
    assert len(seen) == 400
    assert 300 < len(set(seen)) < 400
    assert await server.get("jobs/", skip="100") == await server.get("jobs/", skip="100")
    async with serving(dialect="code", ties="false") as sorted_one:
        seen = []
        for skip in range(0, 400, 100):
            seen += [row["id"] for row in await sorted_one.get("jobs/", skip=str(skip))]
        assert sorted(seen) == list(range(1, 401))


async def test_a_job_shows_the_world_it_was_made_of(server: Server) -> None:
    job = next(one for one in server.world.jobs.values() if one.crew and one.status == "open")
    row = await server.get(f"jobs/{server.app.state.job_id(job.id)}")
    client = server.world.clients[job.client_id]
    visit = job.visits[0]
    assert visit.start is not None
    assert visit.end is not None
    local = visit.start.astimezone(server.world.zone)
    assert row["job_number"] == job.number
    assert (row["customer_name"], row["customer_email"]) == (client.name, client.email)
    assert (row["latitude"], row["longitude"]) == (job.site.lat, job.site.lng)
    assert row["scheduled_date"] == f"{local.date()}T08:00:00Z"
    assert row["time_slot_start"] == f"{local:%H:%M}"
    assert row["estimated_duration"] == min(480, (visit.end - visit.start) // timedelta(minutes=1))
    assert row["priority"] in range(1, 6)
    technician = server.world.technicians[job.crew[0]]
    assert row["assigned_tech_name"] == technician.name
    assert str(row["assigned_tech_id"]) == server.app.state.technician_id(technician.id)
    assert row["estimated_arrival"] is None
    assert row["actual_duration_minutes"] > 0


async def test_statuses_are_those_of_the_releases(server: Server) -> None:
    rows = await everything(server)
    words = Counter(row["status"] for row in rows)
    names = ["pending", "assigned", "in_progress", "completed", "cancelled", "on_hold"]
    assert await server.get("jobs/summary") == {"total": 400} | {name: words[name] for name in names}
    assert words["on_hold"] == 1
    assert set(words) == set(names)
    day = TODAY.isoformat()
    due = [row for row in rows if (row["scheduled_date"] or "").startswith(day)]
    assert (await server.get("jobs/summary", target_date=day))["total"] == len(due)
    bucket = await server.get("jobs/", scheduled_date=day, limit="500")
    assert {row["id"] for row in bucket} == {row["id"] for row in due}
    pending = await server.get("jobs/pending")
    assert {row["id"] for row in pending} == {row["id"] for row in rows if row["status"] == "pending"}
    assert len(await server.get("jobs/pending", scheduled_date=day)) < len(pending)
    assert len({row["priority"] for row in pending}) > 1
    assert [row["priority"] for row in pending] == sorted(row["priority"] for row in pending)


async def test_the_search_narrows_and_puts_the_undated_first(server: Server) -> None:
    rows = await everything(server)
    days = [row["scheduled_date"] for row in rows]
    undated = days.count(None)
    assert undated > 0
    assert days[:undated] == [None] * undated
    assert days[undated:] == sorted(days[undated:], reverse=True)
    assert len(await server.get("jobs/search/query")) == 200
    one = next(
        row for row in rows if row["scheduled_date"] and row["assigned_tech_id"] and row["route_criteria"]
    )
    for query in (
        {"job_id": one["id"]},
        {"job_number": one["job_number"][1:]},
        {"job_number": f"{one['job_number'][:2]}_{one['job_number'][3]}"},
        {"job_number": f"{one['job_number'][1]}%{one['job_number'][3]}"},
        {"customer_name": one["customer_name"].upper()},
        {"tech_id": one["assigned_tech_id"]},
        {"status": one["status"], "job_type": one["job_type"]},
        {"route_criteria": one["route_criteria"], "skill_group": "none at all"},
        {"date_from": one["scheduled_date"][:10], "date_to": one["scheduled_date"][:10]},
    ):
        found = await server.get("jobs/search/query", limit="1000", **{k: str(v) for k, v in query.items()})
        assert one["id"] in {row["id"] for row in found}
        assert len(found) < 400
    dated = await server.get("jobs/search/query", limit="1000", date_from="2000-01-01")
    assert len(dated) == 400 - undated
    await refused(server, "jobs/search/query?limit=1001")


async def test_technicians_are_listed_in_no_order_and_without_those_who_left(server: Server) -> None:
    rows = await server.get("technicians/")
    assert all(list(row) == TECHNICIAN for row in rows)
    assert {row["status"] for row in rows} <= {"available", "on_job", "en_route", "on_break", "off_duty"}
    assert {"on_job", "available"} <= {row["status"] for row in rows}
    jobs = await everything(server)
    mine = [row["status"] for row in jobs if row["assigned_tech_id"] == rows[0]["id"]]
    assert rows[0]["completed_jobs"] == mine.count("completed")
    assert rows[0]["assigned_jobs"] == len(mine) - mine.count("completed")
    await server.patch(f"technicians/{rows[0]['id']}/location", latitude=51.0, longitude=-2.5)
    assert [row["id"] for row in await server.get("technicians/")][-1] == rows[0]["id"]
    gone = await server.http.delete(f"technicians/{rows[1]['id']}")
    assert gone.json()["success"] is True
    assert rows[1]["id"] not in {row["id"] for row in await server.get("technicians/")}
    left = await server.get(f"technicians/{rows[1]['id']}")
    assert (left["is_active"], left["status"]) == (False, "off_duty")
    free = await server.get("technicians/available")
    assert free
    assert {row["status"] for row in free} == {"available"}


async def test_the_workload_is_that_of_today_in_utc(server: Server) -> None:
    body = await server.get("technicians/3/workload")
    assert body["date"] == "2026-06-04T00:00:00"
    jobs = await server.get("jobs/", scheduled_date=TODAY.isoformat(), limit="500")
    mine = [
        row for row in jobs if row["assigned_tech_id"] == 3 and row["status"] in ("assigned", "in_progress")
    ]
    assert body["assigned_jobs"] == len(mine)
    assert body["total_estimated_hours"] == round(sum(row["estimated_duration"] for row in mine) / 60, 2)


async def test_days_are_cut_in_the_servers_zone_and_its_stamps_are_off_by_it() -> None:
    async with serving(dialect="code", server_zone="America/New_York") as server:
        body = {
            "customer_name": "A",
            "service_address": "B",
            "job_type": "repair",
            "latitude": 1,
            "longitude": 1,
        }
        made = await server.post("jobs/", 201, **body, scheduled_date="2026-11-26T04:30:00Z")
        assert made["scheduled_date"] == "2026-11-26T04:30:00Z"
        assert made["created_at"] == "2026-06-04T13:42:00Z"
        for day, count in ((date(2026, 11, 25), 1), (date(2026, 11, 26), 0)):
            assert len(await server.get("jobs/", scheduled_date=day.isoformat())) == count
        naive = await server.post("jobs/", 201, **body, scheduled_date="2026-06-11T12:00")
        assert naive["scheduled_date"] == "2026-06-11T16:00:00Z"


async def test_paths_are_exact_and_ids_are_numbers(server: Server) -> None:
    for path, to in (
        ("jobs", "jobs/"),
        ("technicians", "technicians/"),
        ("jobs/1/", "jobs/1"),
        ("jobs/summary/", "jobs/summary"),
    ):
        answer = await server.http.get(path)
        assert answer.status_code == 307
        assert answer.headers["location"] == f"http://sandbox/api/v1/{to}"
        assert answer.content == b""
    assert (await server.http.post("jobs", json={})).status_code == 307
    problem = (await refused(server, "jobs/abc"))[0]
    assert (problem["type"], problem["loc"], problem["input"]) == ("int_parsing", ["path", "job_id"], "abc")
    answer = await server.http.get("jobs/2147483648")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (await server.http.get("jobs/999")).json() == {"detail": "Job not found"}
    assert (await server.http.head("jobs/1")).status_code == 405
    wrong = await server.http.put("jobs/1", json={})
    assert (wrong.status_code, wrong.json()) == (405, {"detail": "Method Not Allowed"})
    assert wrong.headers["allow"] == "GET"
    assert (await server.http.get("assignments/")).status_code == 405


async def test_each_dialect_describes_itself() -> None:
    async with serving() as wiki, serving(dialect="code") as code, serving(openapi="false") as silent:
        one = (await wiki.http.get("http://sandbox/openapi.json")).json()
        assert set(one["components"]["schemas"]["JobResponse"]["properties"]) == set(await wiki.get("jobs/1"))
        assert "/api/v1/jobs/search/query" not in one["paths"]
        assert {"get", "post"} == set(one["paths"]["/api/v1/jobs/"])
        other = (await code.http.get("http://sandbox/openapi.json")).json()
        schemas = other["components"]["schemas"]
        assert list(schemas["JobResponse"]["properties"]) == JOB
        assert list(schemas["TechnicianResponse"]["properties"]) == TECHNICIAN
        assert list(schemas["AssignmentResponse"]["properties"]) == ASSIGNMENT
        assert other["info"]["version"] == "0.0.8"
        assert "/api/v1/jobs/{job_id}/status" in other["paths"]
        assert (await code.http.get("http://sandbox/health")).json() == {
            "status": "healthy",
            "version": "0.0.8",
        }
        assert (await silent.http.get("http://sandbox/openapi.json")).status_code == 404


@pytest.mark.parametrize(
    ("version", "said", "lacks"),
    [
        ("0.0.3", "0.0.2", {"batch", "date", "tech", "counts", "route", "search", "eta", "workload"}),
        ("0.0.4", "0.0.2", {"batch", "date", "tech", "counts", "route", "search", "eta"}),
        ("0.0.6", "0.0.5", {"route", "search", "eta"}),
        ("0.0.7", "0.0.7", {"eta"}),
        ("0.0.8", "0.0.8", set()),
    ],
)
async def test_older_releases_lack_features(version: str, said: str, lacks: set[str]) -> None:
    async with serving(dialect="code", version=version) as server:
        assert (await server.http.get("http://sandbox/health")).json()["version"] == said
        job, technician = await server.get("jobs/7"), await server.get("technicians/7")
        described = (await server.http.get("http://sandbox/openapi.json")).json()["components"]["schemas"][
            "JobResponse"
        ]
        assert set(described["properties"]) == set(job)
        found = {
            "batch": (await server.http.post("assignments/batch-assign", json={})).status_code == 422,
            "date": len(await server.get("jobs/", limit="500", scheduled_date="2026-06-04")) < 400,
            "tech": "assigned_tech_id" in job,
            "counts": "assigned_jobs" in technician,
            "route": "route_criteria" in job and "assigned_routes" in technician,
            "search": (await server.http.get("jobs/search/query")).status_code == 200,
            "eta": "estimated_arrival" in job,
            "workload": (await server.http.get("technicians/7/workload")).status_code == 200,
        }
        assert {name for name, there in found.items() if not there} == lacks
        checked = await server.get("jobs/7/can-do/7")
        assert ("has_route" in checked) is (version >= "0.0.7")
        assert ((await server.http.get("simulation/status")).status_code == 200) is (version == "0.0.8")


async def test_can_do_looks_at_skill_area_and_shift(server: Server) -> None:
    rows = await everything(server)
    job = next(row for row in rows if row["status"] == "pending" and row["route_criteria"] is None)
    seen = set()
    for technician in await server.get("technicians/"):
        body = await server.get(f"jobs/{job['id']}/can-do/{technician['id']}")
        lacking = [one for one in job["required_skills"] if one not in technician["skills"]]
        assert body["missing_skills"] == lacking
        assert body["has_skill"] is (not lacking)
        assert body["can_do"] is (body["has_skill"] and body["has_route"] and body["has_time"])
        assert body["has_route"] is True
        seen.add(body["can_do"])
    assert seen == {True, False}
    routed = next(row for row in rows if row["route_criteria"] == "North")
    for technician in await server.get("technicians/"):
        body = await server.get(f"jobs/{routed['id']}/can-do/{technician['id']}")
        assert body["has_route"] is body["route_match"] is ("North" in technician["assigned_routes"])


async def test_a_reset_gives_known_ids_another_created_at() -> None:
    async with serving(dialect="code", demo="true") as server:
        before = {row["id"]: row for row in await everything(server)}
        server.time[0] = NOW + timedelta(hours=1)
        await server.post("simulation/start", speed=500)
        after = {row["id"]: row for row in await everything(server)}
        assert after.keys() == before.keys()
        assert all(after[one]["created_at"] != before[one]["created_at"] for one in after)
        assert {row["created_at"] for row in after.values()} == {"2026-06-04T10:42:00Z"}
    async with serving(dialect="code") as server:
        assert await server.post("simulation/start", 404, speed=500) == {"detail": "Not found"}
