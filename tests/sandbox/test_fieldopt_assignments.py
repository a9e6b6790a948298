"""The sandbox's FieldOpt server as documented: who goes to a job, and who would suit it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from fieldboard.sandbox.fieldopt.cards import Assignment
from fieldboard.sandbox.live import Live
from tests.sandbox.conftest import NOW, TODAY
from tests.sandbox.fieldopt_server import Server, serving

FULL = {"detail": "Technician already has maximum capacity"}
LATER = "2026-06-19"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


async def made(server: Server, count: int, day: str = LATER) -> list[int]:
    """The ids of new jobs of a day on which nobody has any."""
    body = {"type": "repair", "customer": "Test Co", "address": "456 Oak Ave", "scheduled_date": day}
    return [(await server.post("jobs/", 201, **body, time_slot="10:00-11:00"))["id"] for _ in range(count)]


async def test_one_job_is_given_to_one_technician(server: Server) -> None:
    row = await server.first(status="pending", scheduled_date=TODAY.isoformat())
    free = next(one for one in await server.get("technicians/") if one["status"] == "available")
    answer = await server.post("assignments/", 201, job_id=row["id"], technician_id=free["id"])
    assert list(answer) == ["id", "job_id", "technician_id", "assigned_at"]
    assert answer["assigned_at"] == "2026-06-04T09:42:00Z"
    assert await server.get(f"jobs/{row['id']}") == row | {
        "status": "assigned", "assigned_technician": free["id"],
    }  # fmt: skip
    assert await server.get(f"assignments/job/{row['id']}") == answer
    after = await server.get(f"technicians/{free['id']}")
    assert after["current_workload"] == free["current_workload"] + 1
    listed = await server.get(f"assignments/technician/{free['id']}")
    assert all(list(one) == ["job_id", "technician_id", "assigned_at"] for one in listed)
    assert {one["job_id"] for one in listed} == {
        one["id"] for one in await server.get("jobs/") if one["assigned_technician"] == free["id"]
    }


async def test_what_is_not_there_or_not_free_is_refused(server: Server) -> None:
    taken, done = await server.first(status="assigned"), await server.first(status="completed")
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({"job_id": 999, "technician_id": 1}, 404, "Job not found"),
        ({"job_id": 1, "technician_id": 99}, 404, "Technician not found"),
        ({"job_id": taken["id"], "technician_id": 1}, 409, "Job is already assigned"),
        ({"job_id": done["id"], "technician_id": 1}, 409, "Job is already completed"),
        ({"job_id": "1", "technician_id": 1}, 400, "Invalid request body"),
        ({"job_id": True, "technician_id": 1}, 400, "Invalid request body"),
        ({"job_id": 1}, 400, "Invalid request body"),
        ({"job_id": 2**31, "technician_id": 1}, 500, "Internal server error"),
    ]
    before = await server.get("jobs/")
    for body, status, detail in refused:
        assert await server.post("assignments/", status, **body) == {"detail": detail}
    assert await server.get("jobs/") == before


async def test_a_day_that_is_full_is_a_conflict(server: Server) -> None:
    most = (await server.get("technicians/5"))["capacity"]
    ids = await made(server, most + 2)
    for one in ids[:most]:
        await server.post("assignments/", 201, job_id=one, technician_id=5)
    assert await server.post("assignments/", 409, job_id=ids[most], technician_id=5) == FULL
    await server.post("assignments/", 201, job_id=ids[most], technician_id=6)
    assert await server.post("assignments/reassign", 409, job_id=ids[most], new_technician_id=5) == FULL
    (other,) = await made(server, 1, "2026-06-20")
    await server.post("assignments/", 201, job_id=other, technician_id=5)
    await server.post(f"jobs/{ids[0]}/complete")
    await server.post("assignments/", 201, job_id=ids[most + 1], technician_id=5)


async def test_the_capacity_may_count_all_days_or_nothing() -> None:
    async with serving(capacity="off") as server:
        for one in await made(server, 12):
            await server.post("assignments/", 201, job_id=one, technician_id=5)
    async with serving(capacity="all") as server:
        row = await server.get("technicians/5")
        listed = [one for one in await server.get("jobs/") if one["assigned_technician"] == 5]
        still_open = [one for one in listed if one["status"] in ("assigned", "in_progress")]
        assert row["current_workload"] == len(still_open)
        (one,) = await made(server, 1)
        full = row["current_workload"] >= row["capacity"]
        await server.post("assignments/", 409 if full else 201, job_id=one, technician_id=5)


async def test_a_batch_gives_what_it_can_and_says_what_it_gave(server: Server) -> None:
    most = (await server.get("technicians/1"))["capacity"]
    ids = await made(server, most + 1)
    answer = await server.post("assignments/batch-assign", 201, job_ids=ids[:4], technician_id=1)
    assert answer == {
        "assigned_count": 4,
        "assignments": [{"job_id": one, "technician_id": 1} for one in ids[:4]],
    }
    answer = await server.post("assignments/batch-assign", 201, job_ids=[999, *ids], technician_id=1)
    assert [one["job_id"] for one in answer["assignments"]] == ids[4:most]
    assert answer["assigned_count"] == most - 4
    assert await server.post("assignments/batch-unassign", 204, job_ids=[*ids[:3], 999, ids[most]]) is None
    words = [(await server.get(f"jobs/{one}"))["status"] for one in ids[:5]]
    assert words == ["pending"] * 3 + ["assigned"] * 2
    bodies: tuple[dict[str, Any], ...] = (
        {"job_ids": 1, "technician_id": 1},
        {"job_ids": ["1"], "technician_id": 1},
        {"job_ids": []},
    )
    for body in bodies:
        await server.post("assignments/batch-assign", 400, **body)
    await server.post("assignments/batch-assign", 404, job_ids=[1], technician_id=99)


async def test_a_batch_may_be_refused_as_a_whole() -> None:
    async with serving(batch="whole") as server:
        most = (await server.get("technicians/1"))["capacity"]
        ids = await made(server, most + 1)
        before = await server.get("jobs/")
        assert await server.post("assignments/batch-assign", 409, job_ids=ids, technician_id=1) == FULL
        await server.post("assignments/batch-assign", 404, job_ids=[ids[0], 999], technician_id=1)
        await server.post("assignments/batch-unassign", 404, job_ids=[ids[0]])
        assert await server.get("jobs/") == before
        answer = await server.post("assignments/batch-assign", 201, job_ids=ids[:most], technician_id=1)
        assert answer["assigned_count"] == most


async def test_a_move_is_one_call_and_makes_a_new_assignment(server: Server) -> None:
    row = await server.first(status="assigned")
    before = await server.get(f"assignments/job/{row['id']}")
    to = 2 if row["assigned_technician"] != 2 else 3
    answer = await server.post("assignments/reassign", job_id=row["id"], new_technician_id=to)
    assert answer["technician_id"] == to
    assert answer["id"] > before["id"]
    assert await server.get(f"jobs/{row['id']}") == row | {"assigned_technician": to}
    assert await server.post("assignments/reassign", job_id=row["id"], new_technician_id=to) == answer
    pending = await server.first(status="pending")
    assert await server.post("assignments/reassign", 404, job_id=pending["id"], new_technician_id=to) == {
        "detail": "Assignment not found"
    }


async def test_back_to_the_queue(server: Server) -> None:
    row = await server.first(status="assigned")
    assert await server.post("assignments/unassign", 204, job_id=row["id"]) is None
    assert await server.get(f"jobs/{row['id']}") == row | {"status": "pending", "assigned_technician": None}
    assert (await server.http.get(f"assignments/job/{row['id']}")).json() == {
        "detail": "Assignment not found"
    }
    await server.post("assignments/unassign", 404, job_id=row["id"])
    done = await server.first(status="completed")
    await server.post("assignments/unassign", 409, job_id=done["id"])


async def test_an_undated_slot_stays_as_it_was_when_somebody_gets_the_job(server: Server) -> None:
    row = await server.first(status="pending", time_slot="08:00-17:00")
    await server.post("assignments/", 201, job_id=row["id"], technician_id=23)
    after = await server.get(f"jobs/{row['id']}")
    assert (after["time_slot"], after["scheduled_date"]) == ("08:00-17:00", row["scheduled_date"])
    job = server.book.job(row["id"])
    assert job is not None
    assert job.visits[0].start is not None


async def test_a_colleagues_move_is_a_new_assignment_too() -> None:
    async with serving() as server:
        live = Live(server.world, NOW)
        before: dict[str, Assignment | None] = {}
        for job in server.world.jobs.values():
            before[job.id] = server.book.assignment(job)
        server.time[0] = NOW + timedelta(hours=1)
        events = live.tick(server.time[0])
        assert any("gave" in event for event in events)
        moved = [
            (one, server.book.assignment(server.world.jobs[id_]))
            for id_, one in before.items()
            if one is not None and server.book.assignment(server.world.jobs[id_]) != one
        ]
        assert moved
        for old, new in moved:
            assert new is not None
            assert new.id > old.id
            assert new.person_id != old.person_id


async def test_can_do_names_the_skills_that_lack(server: Server) -> None:
    row = await server.first(skills_required=["heat pump"])
    for technician in await server.get("technicians/"):
        able = "heat pump" in technician["skills"]
        assert await server.get(f"jobs/{row['id']}/can-do/{technician['id']}") == {
            "can_do": able,
            "tech_id": technician["id"],
            "job_id": row["id"],
            "missing_skills": [] if able else ["heat pump"],
        }
    assert (await server.http.get("jobs/1/can-do/99")).json() == {"detail": "Technician not found"}
    assert (await server.http.get("jobs/999/can-do/1")).json() == {"detail": "Job not found"}


async def test_auto_route_recommends_and_assigns_nothing(server: Server) -> None:
    row = await server.first(status="pending", skills_required=["gas"])
    before = await server.get("jobs/")
    answer = await server.post("routing/auto-route", job_id=row["id"])
    assert answer == await server.get(f"routing/best-tech/{row['id']}")
    assert list(answer) == ["job_id", "recommended_technician"]
    best = answer["recommended_technician"]
    assert list(best) == ["id", "name", "skills", "capacity_available", "match_score"]
    assert "gas" in best["skills"]
    assert 0 < best["match_score"] <= 1
    assert await server.get("jobs/") == before
    job = await server.post(
        "jobs/", 201, type="install", customer="A", address="B", skills_required=["blasting"]
    )
    nobody = await server.post("routing/auto-route", job_id=job["id"])
    assert nobody == {"job_id": job["id"], "recommended_technician": None}
    await server.post("routing/auto-route", 404, job_id=999)
    await server.post("routing/auto-route", 400)


async def test_the_nearest_with_room_is_recommended(server: Server) -> None:
    (one,) = await made(server, 1)
    job = server.book.job(one)
    assert job is not None
    away = [row for row in await server.get("technicians/") if row["status"] != "off_duty"]
    chosen = away[7]["id"]
    for row in await server.get("technicians/"):
        lat = job.site.lat if row["id"] == chosen else 40.0
        await server.patch(f"technicians/{row['id']}/location", latitude=lat, longitude=job.site.lng)
    best = (await server.get(f"routing/best-tech/{one}"))["recommended_technician"]
    assert best["id"] == chosen
    assert best["match_score"] == 1.0
    await server.patch(f"technicians/{chosen}/status", status="off_duty")
    assert (await server.get(f"routing/best-tech/{one}"))["recommended_technician"]["id"] != chosen
