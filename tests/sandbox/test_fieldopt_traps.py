"""The sandbox's FieldOpt server at its worst, and driven in unusual ways; both dialects."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldboard.sandbox.fieldopt import Settings, create_app
from tests.sandbox.conftest import NOW, make_world
from tests.sandbox.fieldopt_server import JOB, Server, serving
from tests.simulation.server import _drive

READS = ("technicians/", "technicians/5", "jobs/", "jobs/5", "jobs/summary", "assignments/technician/1")
DIALECTS = pytest.mark.parametrize("dialect", ["wiki", "code"])


def driven(app: Any, method: str, path: str, **body: Any) -> Any:
    """One request that must never wait; its JSON."""
    content = json.dumps(body).encode() if body else b""
    reply = _drive(app, method, f"/api/v1/{path}", "", content, "application/json")
    assert reply.status < 300, reply
    return json.loads(reply.body) if reply.body else None


@DIALECTS
def test_no_request_ever_waits(dialect: str) -> None:
    world = make_world(6, 60)
    app = create_app(world, clock=lambda: NOW, settings=Settings.parse({"dialect": dialect}))
    for path in (*READS, "jobs/5/can-do/1", "routing/best-tech/5"):
        driven(app, "GET", path)
    pending = next(one for one in driven(app, "GET", "jobs/") if one["status"] == "pending")["id"]
    driven(app, "POST", "assignments/", job_id=pending, technician_id=1)
    driven(app, "POST", "assignments/unassign", job_id=pending)
    driven(app, "POST", f"jobs/{pending}/cancel")
    driven(app, "PATCH", f"jobs/{pending}", scheduled_date=None)
    driven(app, "PATCH", "technicians/1/status", status="on_break")
    requests = app.state.requests
    assert requests[-1] == ("PATCH", "/api/v1/technicians/1/status", "")
    assert app.state.bodies[-1] == {"status": "on_break"}
    assert len(requests) == len(app.state.bodies)


@DIALECTS
async def test_rows_prepared_between_requests_are_those_that_are_answered(dialect: str) -> None:
    async with (
        serving(dialect=dialect, ties="false") as server,
        serving(dialect=dialect, ties="false") as other,
    ):
        assert sum(1 for _ in server.app.state.warm()) == 8
        assert await server.get("jobs/") == await other.get("jobs/")


@DIALECTS
async def test_values_of_other_types(dialect: str) -> None:
    async with serving(dialect=dialect, types="texts") as server:
        for row in (await server.get("jobs/"))[:20]:
            assert all(value is None or isinstance(value, str) for value in row.values())
        assert set((await server.get("jobs/summary")).values()) >= {"400"}
    async with serving(dialect=dialect, types="nulls") as server:
        for row in await server.get("technicians/"):
            assert {name for name, value in row.items() if value is not None} == {"id"}
    async with serving(dialect=dialect, types="lists") as server:
        assert [one["id"] for one in await server.get("jobs/5")] == [5]
        assert list(await server.get("jobs/")) == ["items"]
        assert (await server.http.get("jobs/999")).json() == {"detail": "Job not found"}


@DIALECTS
async def test_a_fork_has_words_and_fields_of_its_own(dialect: str) -> None:
    async with serving(dialect=dialect, types="odd") as server, serving(dialect=dialect) as plain:
        row, same = await server.get("jobs/5"), await plain.get("jobs/5")
        assert row["status"] == "awaiting_parts"
        assert {name for name in row if row.get(name) != same.get(name)} == {
            "status", "type" if dialect == "wiki" else "job_type", "tenant_id", "tags", "meta",
        }  # fmt: skip
        assert (await server.get("technicians/5"))["status"] == "training"
        assert (await server.get("jobs/6"))["status"] == (await plain.get("jobs/6"))["status"]


@DIALECTS
async def test_without_its_database_only_health_is_well(dialect: str) -> None:
    async with serving(dialect=dialect, database="false") as server:
        for path in READS:
            answer = await server.http.get(path)
            assert answer.status_code == 500
            assert answer.text == (
                "Internal Server Error" if dialect == "code" else '{"detail":"Internal server error"}'
            )
        assert (await server.http.get("http://sandbox/openapi.json")).status_code == 200
        if dialect == "code":
            assert (await server.http.get("http://sandbox/health")).status_code == 200


async def test_writes_may_answer_with_a_part() -> None:
    async with serving(answers="partial") as server:
        row = await server.first(status="assigned")
        assert await server.post(f"jobs/{row['id']}/start") == {"id": row["id"], "status": "in_progress"}
        answer = await server.patch("technicians/2/status", status="off_duty")
        assert answer == {"id": 2, "status": "off_duty"}
        assert list(await server.get(f"jobs/{row['id']}")) == JOB


async def test_after_a_reset_nothing_of_what_was_written_is_left() -> None:
    async with serving() as server:
        row = await server.first(status="assigned")
        moved = await server.patch(f"jobs/{row['id']}", time_slot="05:00-06:10", status="pending")
        await server.patch("technicians/4/status", status="off_duty")
        new = await server.post("jobs/", 201, type="repair", customer="A", address="B")
        server.app.state.reset()
        rows = await server.get("jobs/")
        assert [one["id"] for one in rows] == list(range(1, 402))
        assert moved not in rows
        assert new not in rows
        assert (await server.get("technicians/4"))["status"] != "off_duty"
        assert (await server.post("jobs/", 201, type="repair", customer="A", address="B"))["id"] == 402


async def shown(server: Server) -> Counter[str]:
    """How many technicians do what."""
    return Counter(row["status"] for row in await server.get("technicians/"))


@DIALECTS
async def test_only_in_a_live_world_technicians_come_have_lunch_and_go(dialect: str) -> None:
    async with serving(dialect=dialect) as server:
        before = await shown(server)
        evening = datetime(2026, 6, 4, 21, 0, tzinfo=UTC)
        server.time[0] = evening
        assert await shown(server) == before
        live = server.app.state.live(NOW)
        seen: set[str] = set()
        for minutes in range(0, 240, 15):
            server.time[0] = NOW + timedelta(minutes=minutes)
            live.tick(server.time[0])
            seen |= (await shown(server)).keys()
        assert "on_break" in seen
        server.time[0] = evening
        live.tick(evening)
        assert (await shown(server))["off_duty"] == 23
