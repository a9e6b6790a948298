"""The Visits resource of the sandbox's FieldCamp, and how visits and jobs follow each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Server, serving


async def test_a_list_holds_every_visit_with_exactly_the_documented_fields(server: Server) -> None:
    for path in ("/api/v1/visits", "/api/visits"):
        visits = (await server.get(path))["visits"]
        assert len(visits) == len(server.world.visits)
        for visit in visits:
            assert set(visit) == {
                "jobId", "scheduledStart", "scheduledEnd", "technicianId", "id", "visitStatus", "createdAt"
            }  # fmt: skip


async def test_visit_status_filters_by_one_or_several(server: Server) -> None:
    for query in ("visitStatus=paused&visitStatus=in-progress", "visitStatus=paused,in-progress"):
        got = (await server.http.get(f"/api/v1/visits?{query}")).json()["data"]["visits"]
        assert {visit["visitStatus"] for visit in got} == {"paused", "in-progress"}
    whole = (await server.http.get("/api/visits?visitStatus=paused")).json()["data"]["visits"]
    assert len(whole) == len(server.world.visits)


async def test_assigning_is_one_put(server: Server) -> None:
    job, visit = server.single()
    other = next(one for one in server.world.technicians if one not in visit.crew)
    sent = (await server.put(f"/api/v1/visits/{visit.id}", technicianId=other))["visit"]
    assert sent["technicianId"] == other
    job_sent = (await server.get(f"/api/v1/jobs/{job.id}"))["job"]
    assert job_sent["visits"][0]["teamId"] == job_sent["assignedToTeams"] == [other]


async def test_a_changed_visit_leaves_updated_at_of_its_job_unless_set(server: Server) -> None:
    job, visit = server.single()
    before = job.updated_at
    server.pass_time(9)
    await server.put(f"/api/v1/visits/{visit.id}", technicianId=None)
    assert job.updated_at == before
    async with serving(visit_bumps_job="true") as bumping:
        job, visit = bumping.single()
        now = bumping.pass_time(9)
        await bumping.put(f"/api/v1/visits/{visit.id}", technicianId=None)
        assert job.updated_at == now


async def test_null_takes_the_technician_off_or_is_ignored_as_set(server: Server) -> None:
    _, visit = server.single()
    assert (await server.put(f"/api/v1/visits/{visit.id}", technicianId=None))["visit"][
        "technicianId"
    ] is None
    assert visit.in_queue
    async with serving(null_unassign="false") as deaf:
        _, visit = deaf.single()
        sent = (await deaf.put(f"/api/v1/visits/{visit.id}", technicianId=None))["visit"]
        assert sent["technicianId"] == visit.crew[0]


async def test_the_job_level_crew_stays_where_the_server_is_set_so() -> None:
    async with serving(crew_follows="false") as server:
        job, visit = server.single()
        before = list(job.crew)
        await server.put(f"/api/v1/visits/{visit.id}", technicianId=None)
        assert (job.crew, visit.crew) == (before, [])


async def test_replacing_one_of_a_crew_keeps_the_other(server: Server) -> None:
    visit = next(visit for visit in server.world.visits.values() if len(visit.crew) == 2)
    mate = visit.crew[1]
    other = next(one for one in server.world.technicians if one not in visit.crew)
    await server.put(f"/api/v1/visits/{visit.id}", technicianId=other)
    assert visit.crew == [other, mate]


async def test_moving_a_visit_takes_the_window_of_its_job_along(server: Server) -> None:
    job, visit = server.single()
    times = {"scheduledStart": "2026-06-05T13:00:00.000Z", "scheduledEnd": "2026-06-05T14:15:00.000Z"}
    sent = (await server.put(f"/api/v1/visits/{visit.id}", **times))["visit"]
    assert {key: sent[key] for key in times} == times
    assert (job.window_start, job.window_end) == (visit.start, visit.end)
    async with serving(window_follows="false") as stiff:
        job, visit = stiff.single()
        before = job.window_start
        await stiff.put(f"/api/v1/visits/{visit.id}", **times)
        assert job.window_start == before != visit.start


async def test_a_visit_without_a_time_is_unscheduled_and_with_one_scheduled(server: Server) -> None:
    _, visit = server.single()
    path = f"/api/v1/visits/{visit.id}"
    sent = (await server.put(path, scheduledStart=None))["visit"]
    assert (sent["scheduledStart"], sent["scheduledEnd"], sent["visitStatus"]) == (None, None, "unscheduled")
    times = {"scheduledStart": "2026-06-05T13:00:00Z", "scheduledEnd": "2026-06-05T14:00:00Z"}
    assert (await server.put(path, **times))["visit"]["visitStatus"] == "scheduled"


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"visitStatus": "on-the-way"}, 422, "invalid visitStatus"),
        ({"technicianId": "usr_none"}, 400, "technicianId not found"),
        ({"technicianId": 7}, 400, "technicianId must be a string"),
        ({"jobId": "job_other"}, 400, "jobId cannot be changed"),
        ({"scheduledStart": "soon"}, 400, "scheduledStart must be a UTC ISO-8601 timestamp"),
        ({"scheduledEnd": "2000-01-01T00:00:00Z"}, 400, "scheduledEnd must be after scheduledStart"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_and_changes_nothing(
    server: Server, fields: Any, status: int, error: str
) -> None:
    _, visit = server.single()
    before = (visit.start, visit.end, visit.status, list(visit.crew))
    answer = await server.http.put(f"/api/v1/visits/{visit.id}", json={"technicianId": None, **fields})
    assert (answer.status_code, answer.json()) == (status, {"success": False, "error": error})
    assert (visit.start, visit.end, visit.status, visit.crew) == before


async def test_an_unknown_visit_is_404_and_one_cannot_be_read_alone(server: Server) -> None:
    answer = await server.http.put("/api/v1/visits/vis_none", json={})
    assert (answer.status_code, answer.content) == (404, b"")
    _, visit = server.single()
    assert (await server.http.get(f"/api/v1/visits/{visit.id}")).status_code == 405


async def test_statuses_of_a_visit_roll_up_into_its_job(server: Server) -> None:
    job, visit = server.single()
    expected = [
        ("in-transit", "scheduled"),
        ("arrived", "scheduled"),
        ("in-progress", "in-progress"),
        ("paused", "in-progress"),
        ("completed", "completed"),
    ]
    for step, (word, of_job) in enumerate(expected):
        before, now = job.updated_at, server.pass_time(60)
        sent = (await server.put(f"/api/v1/visits/{visit.id}", visitStatus=word))["visit"]
        assert sent["visitStatus"] == word
        assert (await server.get(f"/api/v1/jobs/{job.id}"))["job"]["jobStatus"] == of_job
        rolled = step in (2, 4)
        assert job.updated_at == (now if rolled else before)


async def test_a_job_is_complete_with_its_last_visit_and_open_again_with_a_new_one(server: Server) -> None:
    job = server.job(lambda job: {visit.status for visit in job.visits} == {"done", "scheduled"})
    path = f"/api/v1/jobs/{job.id}"
    for visit in job.visits:
        assert (await server.get(path))["job"]["jobStatus"] == "in-progress"
        await server.put(f"/api/v1/visits/{visit.id}", visitStatus="completed")
    assert (await server.get(path))["job"]["jobStatus"] == "completed"
    await server.post("/api/v1/visits", jobId=job.id)
    assert (await server.get(path))["job"]["jobStatus"] == "in-progress"


async def test_a_new_visit_belongs_to_its_job(server: Server) -> None:
    job, _ = server.single()
    someone = next(iter(server.world.technicians))
    data = await server.post(
        "/api/v1/visits",
        jobId=job.id,
        scheduledStart="2026-06-08T09:00:00.000Z",
        scheduledEnd="2026-06-08T10:00:00.000Z",
        technicianId=someone,
    )
    assert data["visitId"] == data["visit"]["id"]
    assert data["visit"]["visitStatus"] == "scheduled"
    assert data["visit"]["createdAt"] == "2026-06-04T09:42:00.000Z"
    sent = (await server.get(f"/api/v1/jobs/{job.id}"))["job"]
    assert [visit["teamId"] for visit in sent["visits"]][-1] == [someone]


async def test_the_first_visit_takes_a_job_out_of_the_queue_and_a_draft_onto_the_board(
    server: Server,
) -> None:
    someone = next(iter(server.world.technicians))
    for wanted in ("open", "draft"):
        job = server.job(lambda job, wanted=wanted: job.status == wanted and not job.visits)  # type: ignore[misc]
        await server.post(
            "/api/v1/visits",
            jobId=job.id,
            scheduledStart="2026-06-08T09:00:00.000Z",
            scheduledEnd="2026-06-08T10:00:00.000Z",
            technicianId=someone,
        )
        sent = (await server.get(f"/api/v1/jobs/{job.id}"))["job"]
        assert (sent["jobStatus"], sent["scheduleLater"], sent["anyTime"]) == ("scheduled", False, False)
        assert sent["startDateTime"] == "2026-06-08T09:00:00.000Z"
        assert job.queue_rows == 0


async def test_a_visit_needs_a_job(server: Server) -> None:
    for body, error in (({}, "jobId is required"), ({"jobId": "job_none"}, "jobId not found")):
        answer = await server.http.post("/api/v1/visits", json=body)
        assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_the_unversioned_paths_write_too(server: Server) -> None:
    job, visit = server.single()
    await server.put(f"/api/visits/{visit.id}", technicianId=None)
    assert visit.crew == []
    await server.post("/api/visits", jobId=job.id)
    assert len(job.visits) == 2


async def test_where_nothing_is_versioned_only_the_old_paths_exist() -> None:
    async with serving(versioned="false") as server:
        _, visit = server.single()
        for method, path in (
            ("GET", "/api/v1/visits"),
            ("POST", "/api/v1/visits"),
            ("PUT", f"/api/v1/visits/{visit.id}"),
            ("GET", "/api/v1/team"),
        ):
            answer = await server.http.request(method, path, json={})
            assert (answer.status_code, answer.content) == (404, b"")
        assert (await server.get("/api/visits"))["visits"]
        assert (await server.get("/api/team"))["team"]
