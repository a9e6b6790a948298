"""The sandbox's FieldOpt server in the dialect of its releases: every write, and what goes wrong with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from fieldboard.sandbox.fieldopt.code_statuses import MOVES
from fieldboard.sandbox.live import Live
from tests.sandbox.conftest import NOW
from tests.sandbox.fieldopt_server import Server, serving

LEAST: dict[str, Any] = {
    "customer_name": "Acme Corp",
    "service_address": "123 Main St, NYC",
    "job_type": "install",
    "latitude": 40.7,
    "longitude": -74.0,
}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving(dialect="code") as running:
        yield running


async def made(server: Server, **more: Any) -> Any:
    """A new job."""
    return await server.post("jobs/", 201, **LEAST | more)


async def broken(server: Server, path: str, **body: Any) -> None:
    """A POST on which the server fails, in plain text."""
    answer = await server.http.post(path, json=body)
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-type"].startswith("text/plain")


async def assigned(server: Server, **where: Any) -> Any:
    """A job that is assigned and was not begun."""
    rows = await server.get("jobs/", limit="500", status="assigned")
    return next(row for row in rows if all(row[name] == value for name, value in where.items()))


def wrongs(body: Any) -> dict[str, str]:
    """What is wrong with which field."""
    return {str(one["loc"][-1]): one["type"] for one in body["detail"]}


async def test_the_documented_bodies_fail(server: Server) -> None:
    body = {"name": "John Coltrane", "phone": "555-0102", "status": "available", "skills": ["repair"]}
    answer = await server.post("technicians/", 422, **body)
    assert wrongs(answer) == {"home_latitude": "missing", "home_longitude": "missing"}
    body = {
        "type": "install", "customer": "Acme Corp", "address": "123 Main St, NYC",
        "scheduled_date": "2026-04-15", "time_slot": "08:00-12:00",
    }  # fmt: skip
    answer = await server.post("jobs/", 422, **body)
    assert wrongs(answer) == dict.fromkeys(LEAST, "missing") | {"scheduled_date": "datetime_parsing"}
    assert answer["detail"][0]["input"] == body
    assert (await server.get("jobs/summary"))["total"] == 400


async def test_a_job_is_taken_down_with_its_fields_and_the_unknown_ones_ignored(server: Server) -> None:
    row = await made(server)
    assert row["id"] == 401
    shown = {name: row[name] for name in LEAST}
    assert shown == LEAST
    assert (row["status"], row["priority"], row["estimated_duration"]) == ("pending", 3, 60)
    assert (row["job_number"], row["scheduled_date"], row["assigned_tech_id"]) == (None, None, None)
    full = {
        "job_number": "FB-1", "priority": 5, "scheduled_date": "2026-06-09T12:00:00+02:00",
        "time_slot_start": "09:00", "time_slot_end": "11:00", "estimated_duration": 90,
        "required_skills": ["gas"], "route_criteria": "North", "description": "Boiler", "notes": "Ring first",
        "customer_phone": "555", "special_instructions": "None", "service_city": "NYC", "service_zip": "1",
    }  # fmt: skip
    row = await made(server, **full, status="completed", kind="x")
    assert {name: row[name] for name in full} == full | {"scheduled_date": "2026-06-09T10:00:00Z"}
    assert row["status"] == "pending"
    assert await server.get("jobs/402") == row
    again = await server.post("jobs/", 400, **LEAST, job_number="FB-1")
    assert "SQL" in again["detail"]
    assert (await server.get("jobs/search/query", job_number="FB-1")) == [row]


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("job_type", "Install", "enum"),
        ("latitude", 91, "less_than_equal"),
        ("latitude", "north", "float_type"),
        ("priority", 0, "greater_than_equal"),
        ("priority", "x", "int_parsing"),
        ("estimated_duration", 10, "greater_than_equal"),
        ("time_slot_start", "9:00", "string_pattern_mismatch"),
        ("customer_name", "", "string_too_short"),
        ("job_number", "x" * 51, "string_too_long"),
        ("required_skills", "gas", "list_type"),
        ("scheduled_date", "2026-11-25", "datetime_parsing"),
        ("notes", 5, "string_type"),
    ],
)
async def test_each_wrong_value_is_named(server: Server, field: str, value: object, wrong: str) -> None:
    answer = await server.post("jobs/", 422, **LEAST | {field: value})
    assert wrongs(answer) == {field: wrong}
    assert answer["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-06-09T08:00", "2026-06-09T08:00:00Z"),
        ("2026-06-09 08:00:30Z", "2026-06-09T08:00:30Z"),
        ("2026-06-09T23:30:00-05:00", "2026-06-10T04:30:00Z"),
        (1781000000, "2026-06-09T10:13:20Z"),
        (None, None),
    ],
)
async def test_dates_are_taken_in_many_forms(server: Server, given: object, shown: str | None) -> None:
    assert (await made(server, scheduled_date=given))["scheduled_date"] == shown


async def test_bodies_that_are_none(server: Server) -> None:
    for content, kind, wrong in (
        (b"", "application/json", "missing"),
        (b"{", "application/json", "json_invalid"),
        (b"[]", "application/json", "model_attributes_type"),
        (b'{"status": "available"}', "text/plain", "model_attributes_type"),
    ):
        answer = await server.http.patch(
            "technicians/1/status", content=content, headers={"content-type": kind}
        )
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["type"] == wrong


async def test_a_patch_ignores_status_type_number_and_null(server: Server) -> None:
    row = await assigned(server)
    path = f"jobs/{row['id']}"
    server.time[0] += timedelta(seconds=30)
    same = await server.patch(path, status="in_progress", job_type="repair", job_number="X", notes=None)
    assert same == row | {"updated_at": "2026-06-04T09:42:30Z"}
    moved = await server.patch(
        path,
        scheduled_date="2026-06-16T12:00:00Z",
        time_slot_start="22:00",
        time_slot_end="02:00",
        priority=1,
    )
    assert moved["assigned_tech_id"] == row["assigned_tech_id"]
    assert (moved["status"], moved["scheduled_date"]) == ("assigned", "2026-06-16T12:00:00Z")
    job = server.book.job(row["id"])
    assert job is not None
    assert job.priority == "urgent"
    assert [str(visit.start) for visit in job.visits] == ["2026-06-16 21:00:00+00:00"]
    odd = await server.patch(path, time_slot_start="99:99")
    assert (odd["time_slot_start"], odd["time_slot_end"]) == ("99:99", "02:00")
    assert [visit.start for visit in job.visits] == [None]
    kept = await server.patch(path, scheduled_date=None, time_slot_start=None)
    assert kept["scheduled_date"] == "2026-06-16T12:00:00Z"


async def test_the_table_of_moves_is_obeyed(server: Server) -> None:
    paths = {
        "pending": [],
        "assigned": ["assigned"],
        "in_progress": ["assigned", "in_progress"],
        "on_hold": ["on_hold"],
        "completed": ["assigned", "in_progress", "completed"],
        "cancelled": ["cancelled"],
    }
    assert paths.keys() == MOVES.keys()
    for before, words in paths.items():
        for after in MOVES:
            row = await made(server)
            for word in words:
                assert (await server.patch(f"jobs/{row['id']}/status", status=word))["status"] == word
            legal = after in MOVES[before]
            answer = await server.patch(f"jobs/{row['id']}/status", 200 if legal else 400, status=after)
            if legal:
                assert answer["status"] == after
            else:
                assert answer["detail"] == (
                    f"Invalid state transition from JobStatus.{before.upper()} to JobStatus.{after.upper()}"
                )
            shown = await server.get(f"jobs/{row['id']}")
            assert shown["status"] == (after if legal else before)
            assert shown["assigned_tech_id"] is None
    answer = await server.patch("jobs/1/status", 422, status="failed")
    assert wrongs(answer) == {"status": "enum"}


async def test_the_shorthands_stamp_and_say_no_twice(server: Server) -> None:
    row = await assigned(server)
    path = f"jobs/{row['id']}"
    begun = await server.post(f"{path}/start")
    assert (begun["status"], begun["started_at"]) == ("in_progress", "2026-06-04T09:42:00Z")
    await server.post(f"{path}/start", 400)
    server.time[0] += timedelta(hours=1)
    done = await server.post(f"{path}/complete")
    assert (done["status"], done["started_at"]) == ("completed", "2026-06-04T09:42:00Z")
    assert done["completed_at"] == "2026-06-04T10:42:00Z"
    await server.post(f"{path}/complete", 400)
    await broken(server, f"{path}/cancel")
    assert await server.get(path) == done


async def test_the_reason_of_a_cancellation_comes_in_the_query_and_lands_in_the_notes(server: Server) -> None:
    row = await assigned(server)
    answer = await server.http.post(f"jobs/{row['id']}/cancel?reason=Customer%20moved", json={"reason": "no"})
    body = answer.json()
    assert (body["status"], body["assigned_tech_id"]) == ("cancelled", row["assigned_tech_id"])
    assert body["notes"] == f"{row['notes'] or ''}\n[CANCELLED 2026-06-04T09:42:00]: Customer moved"
    await broken(server, f"jobs/{row['id']}/cancel")
    row = await made(server)
    assert (await server.post(f"jobs/{row['id']}/cancel"))["notes"] is None


async def test_status_and_assignment_do_not_follow_each_other(server: Server) -> None:
    row = await assigned(server)
    path, whose = f"jobs/{row['id']}", row["assigned_tech_id"]
    back = await server.patch(f"{path}/status", status="pending")
    assert (back["status"], back["assigned_tech_id"]) == ("pending", whose)
    assert (await server.get(f"assignments/job/{row['id']}"))["technician_id"] == whose
    hold = await server.patch(f"{path}/status", status="on_hold")
    assert (hold["status"], hold["assigned_tech_id"]) == ("on_hold", whose)
    bare = await made(server)
    await server.patch(f"jobs/{bare['id']}/status", status="assigned")
    begun = await server.post(f"jobs/{bare['id']}/start")
    assert (begun["status"], begun["assigned_tech_id"]) == ("in_progress", None)


async def test_an_assignment_is_checked_against_nothing_but_another(server: Server) -> None:
    ids = [(await made(server, required_skills=["blasting"]))["id"] for _ in range(9)]
    for one in ids:
        row = await server.post("assignments/", 201, job_id=str(one), technician_id=12)
        assert (row["job_id"], row["technician_id"], row["sequence"]) == (one, 12, None)
    assert (await server.get(f"jobs/{ids[0]}"))["status"] == "assigned"
    for body, said in (
        ({"job_id": ids[0], "technician_id": 12}, f"Job {ids[0]} is already assigned to technician 12"),
        ({"job_id": ids[0], "technician_id": 3}, f"Job {ids[0]} is already assigned to technician 12"),
        ({"job_id": 999, "technician_id": 3}, "Job 999 not found"),
        ({"job_id": ids[0], "technician_id": 99}, "Technician 99 not found"),
    ):
        assert await server.post("assignments/", 400, **body) == {"detail": said}
    await broken(server, "assignments/", job_id=2**31, technician_id=1)
    assert wrongs(await server.post("assignments/", 422, job_id="x")) == {
        "job_id": "int_parsing", "technician_id": "missing",
    }  # fmt: skip


async def test_an_available_technician_is_en_route_from_then_on(server: Server) -> None:
    free = (await server.get("technicians/available"))[0]
    one, other = (await made(server))["id"], (await made(server))["id"]
    await server.post("assignments/", 201, job_id=one, technician_id=free["id"])
    path = f"technicians/{free['id']}"
    assert (await server.get(path))["status"] == "en_route"
    assert free["id"] not in {row["id"] for row in await server.get("technicians/available")}
    for act in ("start", "complete"):
        await server.post(f"jobs/{one}/{act}")
        assert (await server.get(path))["status"] == "en_route"
    await server.patch(f"{path}/status", status="available")
    await server.post("assignments/batch-assign", job_ids=[other], technician_id=free["id"])
    assert (await server.get(path))["status"] == "available"
    answer = await server.patch(f"{path}/status", 422, status="assigned")
    assert wrongs(answer) == {"status": "enum"}
    async with serving(dialect="code", version="0.0.7") as older:
        one = (await made(older))["id"]
        await older.post("assignments/", 201, job_id=one, technician_id=free["id"])
        assert (await older.get(path))["status"] == "available"


async def test_nobody_at_the_server_notices_that_a_job_was_taken_away() -> None:
    async with serving(dialect="code", version="0.0.3") as server:
        working = next(row for row in await server.get("technicians/") if row["status"] == "on_job")["id"]
        listed = await server.get(f"assignments/technician/{working}")
        jobs = [await server.get(f"jobs/{row['job_id']}") for row in listed]
        under_way = next(row for row in jobs if row["status"] == "in_progress")["id"]
        to = 5 if working != 5 else 6
        await server.post("assignments/reassign", job_id=under_way, new_technician_id=to)
        assert (await server.get(f"technicians/{working}"))["status"] == "on_job"
        await server.post(f"jobs/{under_way}/start")
        before = (await server.get(f"technicians/{to}"))["status"]
        await server.post("assignments/unassign", job_id=under_way)
        assert (await server.get(f"technicians/{to}"))["status"] == before


async def test_moving_an_assigned_job_fails_and_takes_two_calls(server: Server) -> None:
    row = await assigned(server)
    to = 2 if row["assigned_tech_id"] != 2 else 3
    await broken(server, "assignments/reassign", job_id=row["id"], new_technician_id=to)
    await broken(server, "assignments/batch-assign", job_ids=[row["id"]], technician_id=to)
    assert await server.get(f"jobs/{row['id']}") == row
    answer = await server.post("assignments/unassign", job_id=row["id"])
    assert answer["success"] is True
    assert (await server.get(f"jobs/{row['id']}"))["status"] == "pending"
    moved = await server.post("assignments/reassign", job_id=row["id"], new_technician_id=to)
    assert moved["technician_id"] == to
    await server.post("assignments/reassign", 400, job_id=row["id"], new_technician_id=99)
    async with serving(dialect="code", version="0.0.3") as older:
        moved = await older.post("assignments/reassign", job_id=row["id"], new_technician_id=to)
        assert moved["technician_id"] == to


async def test_a_batch_does_all_or_fails(server: Server) -> None:
    ids = [(await made(server))["id"] for _ in range(3)]
    answer = await server.post("assignments/batch-assign", job_ids=[*ids[:2], 999], technician_id=4)
    assert answer == {"success": True, "assigned": 2, "skipped": 1, "errors": ["Job 999 not found"]}
    await broken(server, "assignments/batch-assign", job_ids=[ids[2], ids[0]], technician_id=4)
    await broken(server, "assignments/batch-assign", job_ids=[ids[2], ids[2]], technician_id=4)
    assert (await server.get(f"jobs/{ids[2]}"))["assigned_tech_id"] is None
    nothing = {"success": False, "assigned": 0, "skipped": 0, "errors": []}
    assert await server.post("assignments/batch-assign", job_ids=[], technician_id=4) == nothing
    answer = await server.post("assignments/batch-unassign", job_ids=ids)
    assert (answer["success"], answer["unassigned"], answer["skipped"]) == (True, 2, 1)
    await server.post("assignments/unassign", 400, job_id=ids[0])


async def test_a_completed_job_can_be_unassigned_and_a_cancelled_one_revived(server: Server) -> None:
    rows = await server.get("jobs/", limit="500", status="completed")
    done = rows[0]
    await server.post("assignments/unassign", job_id=done["id"])
    after = await server.get(f"jobs/{done['id']}")
    assert (after["status"], after["assigned_tech_id"]) == ("pending", None)
    assert (after["started_at"], after["completed_at"]) == (done["started_at"], done["completed_at"])
    row = await made(server)
    await server.post(f"jobs/{row['id']}/cancel")
    await server.post("assignments/", 201, job_id=row["id"], technician_id=4)
    assert (await server.get(f"jobs/{row['id']}"))["status"] == "assigned"


async def test_the_stamp_of_a_job_that_was_assigned_already_stays(server: Server) -> None:
    row = await made(server)
    before = await server.patch(f"jobs/{row['id']}/status", status="assigned")
    server.time[0] += timedelta(minutes=5)
    await server.post("assignments/", 201, job_id=row["id"], technician_id=4)
    after = await server.get(f"jobs/{row['id']}")
    assert after["assigned_tech_id"] == 4
    assert after["updated_at"] == before["updated_at"]
    other = await made(server)
    server.time[0] += timedelta(minutes=5)
    await server.post("assignments/", 201, job_id=other["id"], technician_id=4)
    assert (await server.get(f"jobs/{other['id']}"))["updated_at"] == "2026-06-04T09:52:00Z"


async def test_the_order_of_a_technicians_assignments_is_their_sequence(server: Server) -> None:
    fresh = await server.post("technicians/", 201, name="Art Blakey", home_latitude=51.4, home_longitude=-2.6)
    assert (fresh["employee_id"], fresh["status"]) == (None, "available")
    ids = [(await made(server))["id"] for _ in range(3)]
    for one, sequence in zip(ids, (None, 2, 1), strict=True):
        await server.post("assignments/", 201, job_id=one, technician_id=fresh["id"], sequence=sequence)
    listed = await server.get(f"assignments/technician/{fresh['id']}")
    assert [(row["job_id"], row["sequence"]) for row in listed] == [(ids[2], 1), (ids[1], 2), (ids[0], None)]


async def test_auto_route_gives_away_all_that_is_pending_whatever_job_is_named(server: Server) -> None:
    for row in await server.get("technicians/"):
        await server.patch(f"technicians/{row['id']}/status", status="available")
    before = await server.get("jobs/pending")
    answer = await server.post("routing/auto-route", job_id=before[-1]["id"])
    assert answer["success"] is True
    assert answer["jobs_assigned"] > 1
    assert answer["jobs_assigned"] + answer["jobs_unassigned"] == len(before)
    assert len(await server.get("jobs/pending")) == len(answer["unassigned_details"])
    for one in answer["unassigned_details"]:
        assert one["reason"] == "No technicians with required skills"
    none = await server.http.post("routing/auto-route")
    assert none.status_code == 422
    job = await made(server, scheduled_date="2026-09-01T12:00:00Z")
    other = await made(server, scheduled_date="2026-09-02T12:00:00Z")
    answer = await server.post("routing/auto-route", target_date="2026-09-01")
    assert answer["jobs_assigned"] == 1
    assert (await server.get(f"jobs/{job['id']}"))["status"] == "assigned"
    assert (await server.get(f"jobs/{other['id']}"))["status"] == "pending"


async def test_the_best_technician_is_the_nearest_available_who_can(server: Server) -> None:
    for row in await server.get("technicians/"):
        await server.patch(f"technicians/{row['id']}/status", status="available")
    job = await made(server, latitude=51.45, longitude=-2.6, required_skills=["gas"])
    best = await server.get(f"routing/best-tech/{job['id']}")
    free = {row["id"]: row for row in await server.get("technicians/available")}
    assert best["technician_name"] == free[best["technician_id"]]["name"]
    assert best["has_match"] is True
    assert "gas" in free[best["technician_id"]]["skills"]
    assert (await server.get("jobs/pending"))[-1]["assigned_tech_id"] is None
    for one in free:
        await server.patch(f"technicians/{one}/status", status="on_break")
    assert await server.get(f"routing/best-tech/{job['id']}") == {
        "job_id": job["id"], "technician_id": None, "technician_name": None, "distance": None,
        "has_match": False,
    }  # fmt: skip


async def test_a_job_is_deleted_for_good_and_its_number_not_given_again(server: Server) -> None:
    row = await made(server)
    answer = await server.http.delete(f"jobs/{row['id']}")
    assert answer.json()["success"] is True
    assert (await server.http.get(f"jobs/{row['id']}")).status_code == 404
    assert (await server.http.delete(f"jobs/{row['id']}")).status_code == 404
    assert (await made(server))["id"] == row["id"] + 1
    done = (await server.get("jobs/", status="completed"))[0]
    assert (await server.http.delete(f"jobs/{done['id']}")).status_code == 400
    assert (await server.get("jobs/summary"))["total"] == 401


async def test_a_technician_is_edited(server: Server) -> None:
    row = await server.patch(
        "technicians/2", name="Sonny Rollins", assigned_routes=["North"], shift_start="06:00",
        max_jobs_per_day=9, skills=["gas", "repair"], phone=None,
    )  # fmt: skip
    assert (row["name"], row["assigned_routes"], row["shift_start"]) == ("Sonny Rollins", ["North"], "06:00")
    assert (row["max_jobs_per_day"], row["skills"]) == (9, ["gas", "repair"])
    assert row["phone"]
    mine = [one for one in await server.get("jobs/", limit="500") if one["assigned_tech_id"] == 2]
    assert {one["assigned_tech_name"] for one in mine} == {"Sonny Rollins"}


async def test_a_world_that_lives_speaks_this_dialect_too() -> None:
    async with serving(dialect="code") as server:
        live = Live(server.world, NOW)
        before = {row["id"]: row for row in await server.get("jobs/", limit="500")}
        server.time[0] = NOW + timedelta(hours=2)
        live.tick(server.time[0])
        after = {row["id"]: row for row in await server.get("jobs/", limit="500")}
        begun = [
            one
            for one, row in after.items()
            if one in before and row["started_at"] and not before[one]["started_at"]
        ]
        assert begun
        assert all(after[one]["updated_at"] > before[one]["updated_at"] for one in begun)
        new = [row for one, row in after.items() if one not in before]
        assert new
        assert all(row["created_at"] > "2026-06-04T09:42" and row["status"] == "pending" for row in new)
