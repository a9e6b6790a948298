"""The sandbox's FSM Navigator server: what its documents say, call by call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from fieldboard.sandbox.fsmnavigator import Settings, create_app
from fieldboard.sandbox.fsmnavigator.book import MOVES
from fieldboard.sandbox.records import World
from fieldboard.sandbox.roster_file import roster_toml
from tests.sandbox.conftest import NOW, TOKEN, make_world

FIELDS = [
    "job_id",
    "job_title",
    "job_description",
    "job_status",
    "job_priority",
    "assigned_technician_id",
    "assigned_technician_name",
    "customer_location_id",
    "customer_location_name",
    "customer_id",
    "customer_name",
    "scheduled_start",
    "scheduled_end",
    "actual_start",
    "actual_end",
    "created_at",
    "updated_at",
]


@dataclass
class Server:
    app: Starlette
    world: World
    http: httpx.AsyncClient
    time: list[datetime]

    async def get(self, path: str = "jobs", **query: str) -> Any:
        answer = await self.http.get(f"/api/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def one(self, job_id: int) -> Any:
        return (await self.get(id=str(job_id)))["data"]

    async def send(self, method: str, job_id: int | None = None, **body: Any) -> httpx.Response:
        params = {"id": str(job_id)} if job_id is not None else None
        return await self.http.request(method, "/api/v1/jobs", params=params, json=body)


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[Server]:
    world, time = make_world(23, 400), [NOW]
    app = create_app(world, token=TOKEN, clock=lambda: time[0], settings=Settings.parse(settings))
    transport = httpx.ASGITransport(app)
    headers = {"X-API-Key": TOKEN}
    async with httpx.AsyncClient(transport=transport, base_url="http://s", headers=headers) as http:
        yield Server(app, world, http, time)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


async def first(server: Server, status: str, **where: Any) -> Any:
    rows = (await server.get(status=status, per_page="100"))["data"]
    return next(row for row in rows if all(row[name] == value for name, value in where.items()))


async def test_pages_hold_every_job_once_with_the_documented_fields_and_no_other(server: Server) -> None:
    ids: list[int] = []
    page = 1
    while True:
        body = await server.get(page=str(page), per_page="100")
        assert body["pagination"] == {"page": page, "per_page": 100, "total": 400, "total_pages": 4}
        for row in body["data"]:
            assert list(row) == FIELDS
            assert type(row["job_id"]) is int
            ids.append(row["job_id"])
        if page == body["pagination"]["total_pages"]:
            break
        page += 1
    assert len(ids) == len(set(ids)) == 400


async def test_each_filter_narrows_as_documented(server: Server) -> None:
    row = await first(server, "Assigned")
    who, where = str(row["assigned_technician_id"]), str(row["customer_location_id"])
    for name, value, field in (
        ("status", "In Progress", "job_status"),
        ("priority", "Urgent", "job_priority"),
        ("assigned_technician_id", who, "assigned_technician_id"),
        ("customer_location_id", where, "customer_location_id"),
    ):
        body = await server.get(**{name: value}, per_page="100")
        assert body["data"]
        assert {str(one[field]) for one in body["data"]} == {value}
    at = row["created_at"]
    assert row["job_id"] in {
        one["job_id"] for one in (await server.get(created_after=at, created_before=at))["data"]
    }
    assert (await server.http.get("/api/v1/jobs?status=In-Transit")).status_code == 400


async def test_a_new_job_is_pending_also_with_a_technician_and_answers_in_part(server: Server) -> None:
    answer = await server.send(
        "POST", job_title="AC unit repair", customer_location_id=87, assigned_technician_id=45,
        scheduled_start="2026-06-05T09:00:00Z", scheduled_end="2026-06-05T11:00:00Z", asset_ids=[42, 99999],
    )  # fmt: skip
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"success", "message", "data", "request_id"}
    assert set(body["data"]) == {"job_id", "job_title", "job_status", "created_at"}
    job = await server.one(body["data"]["job_id"])
    assert (job["job_status"], job["job_priority"], job["assigned_technician_id"]) == (
        "Pending",
        "Medium",
        45,
    )
    assert [one["asset_id"] for one in job["assets"]] == [42]
    assert job["assets"][0]["relationship_type"] == "serviced"


@pytest.mark.parametrize(
    "body",
    [
        {"customer_location_id": 87},
        {"job_title": "x"},
        {"job_title": "x", "customer_location_id": 999999},
        {"job_title": "x", "customer_location_id": "87"},
        {"job_title": "x", "customer_location_id": 87, "job_priority": "urgent"},
        {"job_title": "x", "customer_location_id": 87, "asset_ids": "42"},
        {"job_title": "x", "customer_location_id": 87, "asset_relationship_type": "eaten"},
        {"job_title": "x", "customer_location_id": 87, "scheduled_start": "tomorrow"},
    ],
)
async def test_a_bad_new_job_is_refused(server: Server, body: dict[str, Any]) -> None:
    answer = await server.send("POST", **body)
    assert (answer.status_code, answer.json()["error"]) == (400, "validation_failed")
    assert len(server.world.jobs) == 400


async def test_put_changes_what_is_named_and_replaces_all_links(server: Server) -> None:
    row = await first(server, "Assigned")
    one = row["job_id"]
    answer = await server.send("PUT", one, job_priority="Urgent", asset_ids=[43, 44])
    assert answer.json()["data"] == {"job_id": one, "job_title": row["job_title"], "job_status": "Assigned"}
    job = await server.one(one)
    assert [link["asset_id"] for link in job["assets"]] == [43, 44]
    assert job["job_priority"] == "Urgent"
    assert job["job_title"] == row["job_title"]
    await server.send("PUT", one, asset_ids=[])
    assert (await server.one(one))["assets"] == []


async def test_who_goes_and_how_far_it_is_are_two_facts(server: Server) -> None:
    row = await first(server, "Pending", assigned_technician_id=None)
    await server.send("PUT", row["job_id"], assigned_technician_id=45)
    assert (await server.one(row["job_id"]))["job_status"] == "Pending"
    async with serving(put_assigns="true") as other:
        await other.send("PUT", row["job_id"], assigned_technician_id=45)
        assert (await other.one(row["job_id"]))["job_status"] == "Assigned"


WAYS = {
    "Assigned": ["Assigned"],
    "In Progress": ["Assigned", "In Progress"],
    "On Hold": ["Assigned", "On Hold"],
    "Completed": ["Assigned", "In Progress", "Completed"],
    "Invoiced": ["Assigned", "In Progress", "Completed", "Invoiced"],
    "Paid": ["Assigned", "In Progress", "Completed", "Invoiced", "Paid"],
    "Closed": ["Assigned", "In Progress", "Completed", "Invoiced", "Paid", "Closed"],
    "Cancelled": ["Cancelled"],
    "Pending": [],
}


@pytest.mark.parametrize("start", MOVES)
@pytest.mark.parametrize("goal", MOVES)
async def test_the_table_of_moves_is_enforced(server: Server, start: str, goal: str) -> None:
    created = await server.send("POST", job_title="x", customer_location_id=88, assigned_technician_id=42)
    one = created.json()["data"]["job_id"]
    for word in WAYS[start]:
        assert (await server.send("PATCH", one, job_status=word)).status_code == 200
    assert (await server.one(one))["job_status"] == start
    answer = await server.send("PATCH", one, job_status=goal)
    if goal in MOVES[start]:
        assert answer.json()["data"] == {"job_id": one, "job_status": goal, "previous_status": start}
        assert (await server.one(one))["job_status"] == goal
    else:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_status_transition")
        assert (await server.one(one))["job_status"] == start


async def test_null_is_taken_refused_or_ignored(server: Server) -> None:
    row = await first(server, "Assigned")
    one = row["job_id"]
    assert (await server.send("PUT", one, assigned_technician_id=None)).status_code == 200
    assert (await server.one(one))["assigned_technician_id"] is None
    async with serving(put_null="refuse") as other:
        assert (await other.send("PUT", one, assigned_technician_id=None)).status_code == 400
    async with serving(put_null="ignore") as other:
        assert (await other.send("PUT", one, assigned_technician_id=None)).status_code == 200
        assert (await other.one(one))["assigned_technician_id"] == row["assigned_technician_id"]


async def test_the_cases_of_a_tolerant_client_are_in_the_world(server: Server) -> None:
    rows = []
    for page in range(1, 5):
        rows += (await server.get(page=str(page), per_page="100"))["data"]
    assert any(row["job_status"] == "Pending" and row["assigned_technician_id"] for row in rows)
    assert any(row["scheduled_start"] is None for row in rows)
    assert any(row["scheduled_start"] and not row["scheduled_end"] for row in rows)
    assert {"Invoiced", "Paid", "Closed", "Cancelled"} <= {row["job_status"] for row in rows}
    async with serving(app_words="true") as other:
        rows = []
        for page in range(1, 5):
            rows += (await other.get(page=str(page), per_page="100"))["data"]
        assert {"In-Transit", "Declined"} <= {row["job_status"] for row in rows}


async def test_technicians_and_customers_and_their_places(server: Server) -> None:
    rows = (await server.get("technicians", status="Active", per_page="100"))["data"]
    assert len(rows) == 23
    assert {row["availability_status"] for row in rows} <= {"Available", "Busy", "Offline"}
    assert (await server.get("technicians", id="41"))["data"]["skills"]
    customers = (await server.get("customers", search="a", per_page="100"))["data"]
    one = str(customers[0]["customer_id"])
    embedded = (await server.get("customers", id=one, include="locations"))["data"]["locations"]
    assert embedded == (await server.get("customers", id=one, locations="1"))["data"]
    assert set(embedded[0]) == {"location_id", "location_name", "street", "city", "state", "zip"}


async def test_a_key_may_do_what_its_scopes_say(server: Server) -> None:
    async with serving(scopes="jobs:read") as other:
        answer = await other.send("PATCH", 1001, job_status="Assigned")
        assert answer.status_code == 403
        assert "jobs:write" in answer.json()["message"]
    wrong = await server.http.get("/api/v1/jobs", headers={"X-API-Key": "other"})
    assert wrong.status_code == 401


async def test_each_tier_has_a_limit_of_its_own() -> None:
    async with serving(write_limit="2", list_limit="3") as server:
        for _ in range(3):
            await server.get()
        answer = await server.http.get("/api/v1/jobs")
        assert answer.status_code == 429
        body = answer.json()
        assert (body["error"], body["success"]) == ("rate_limit_exceeded", False)
        assert int(answer.headers["retry-after"]) == body["retry_after"] <= 60
        assert int(answer.headers["x-ratelimit-reset"]) > NOW.timestamp()
        await server.get(id="4400")
        server.time[0] += timedelta(seconds=61)
        await server.get()


def test_the_roster_speaks_of_technicians_by_the_ids_of_the_system() -> None:
    world = make_world(23, 400)
    app = create_app(world, token=TOKEN)
    assert 'id = "41"\n' in roster_toml(world, app.state.technician_id)
