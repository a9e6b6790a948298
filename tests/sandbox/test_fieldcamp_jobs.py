"""The Jobs resource of the sandbox's FieldCamp."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.store import Store
from tests.sandbox.conftest import NOW, Server, make_world, serving

JOB_FIELDS = (
    "clientId jobNumber isBillingDifferent billToClientId billToClientDetails jobAddress jobPhone "
    "assignedToTeams jobType startDateTime endDateTime scheduleLater anyTime serviceDuration jobFormIds "
    "subTotal tax total discount discountType jobStatus jobItems timezone properties isStartTime isEndTime "
    "skillsId priority notesLinking jobLogsTemplateId templateId templateSnapshot visits id recordId "
    "createdAt updatedAt"
)
ITEM_FIELDS = (
    "itemId id itemName description taxIds exemptFromTax quantity price total taxAmount orderIndex type "
    "taxes action"
)


def words(text: str) -> set[str]:
    return set(text.split())


async def new_job(server: Server, **fields: Any) -> Any:
    client = next(iter(server.world.clients))
    body = {"type": "one-off", "clientId": client, "jobNumber": "N-1", **fields}
    return (await server.post("/api/v1/jobs", **body))["job"]


async def test_a_list_holds_every_job_with_exactly_the_documented_fields(server: Server) -> None:
    jobs = (await server.get("/api/v1/jobs"))["jobs"]
    assert len(jobs) == len(server.world.jobs)
    for job in jobs:
        assert set(job) == words(JOB_FIELDS)
        assert set(job["jobAddress"]) == words(
            "street houseNumber city state country zipCode formattedAddress latitude longitude plusCode"
        )
        assert set(job["jobPhone"]) == words("countryCode number countryIdentifier")
        assert job["id"] == job["recordId"]
        for item in job["jobItems"]:
            assert set(item) == words(ITEM_FIELDS)
        for visit in job["visits"]:
            assert set(visit) == words("visitStartDateTime visitEndDateTime teamId visitStatus")
        for entry in job["properties"]:
            assert set(entry) == words("id name type value options isRequired source")
    assert {job["jobStatus"] for job in jobs} == {
        "draft", "scheduled", "in-progress", "completed", "cancelled"
    }  # fmt: skip
    assert {job["priority"] for job in jobs} == {"low", "medium", "high", "urgent"}


async def test_the_promised_window_is_a_field_of_the_company(server: Server) -> None:
    job = server.job(lambda job: job.title == "Boiler leaking, no heat" and job.schedule_later)
    sent = (await server.get(f"/api/v1/jobs/{job.id}"))["job"]
    assert {p["name"]: p["value"] for p in sent["properties"]}["Arrival window"] == "2026-06-04 08:00-15:00"
    assert (sent["scheduleLater"], sent["serviceDuration"]) == (True, 120)
    # What waits for a time still says how long it takes.
    assert (sent["startDateTime"], sent["endDateTime"]) == (
        "2026-06-04T07:00:00.000Z",
        "2026-06-04T09:00:00.000Z",
    )


async def test_filters_narrow_alone_and_together(server: Server) -> None:
    every = (await server.get("/api/v1/jobs"))["jobs"]
    client = every[0]["clientId"]
    got = (await server.get("/api/v1/jobs", clientId=client))["jobs"]
    assert got == [job for job in every if job["clientId"] == client]
    got = (await server.get("/api/v1/jobs", status="in-progress"))["jobs"]
    assert got == [job for job in every if job["jobStatus"] == "in-progress"]
    stamps = sorted(job["updatedAt"] for job in every)
    cursor = stamps[len(stamps) // 2]
    got = (await server.get("/api/v1/jobs", since=cursor))["jobs"]
    assert got == [job for job in every if job["updatedAt"] > cursor]
    got = (await server.get("/api/v1/jobs", since=cursor, status="completed"))["jobs"]
    assert got == [job for job in every if job["updatedAt"] > cursor and job["jobStatus"] == "completed"]
    assert (await server.get("/api/v1/jobs", since=stamps[-1]))["jobs"] == []


async def test_search_looks_into_number_title_and_client_ignoring_case(server: Server) -> None:
    job = server.job(lambda job: job.title == "Gas smell, meter box" and job.queue_rows == 1)
    for needle in (job.number, "GAS SMELL", "brigid"):
        found = (await server.get("/api/v1/jobs", search=needle))["jobs"]
        assert job.id in {one["id"] for one in found}, needle
        assert len(found) < len(server.world.jobs)
    assert (await server.get("/api/v1/jobs", search="no such thing"))["jobs"] == []


async def test_a_bad_since_is_a_400(server: Server) -> None:
    answer = await server.http.get("/api/v1/jobs", params={"since": "yesterday"})
    assert answer.status_code == 400
    assert answer.json() == {"success": False, "error": "since must be a UTC ISO-8601 timestamp"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_unknown_job_is_404_with_an_empty_body(server: Server, method: str) -> None:
    answer = await server.http.request(method, "/api/v1/jobs/job_none", json={})
    assert (answer.status_code, answer.content) == (404, b"")


async def test_items_come_by_themselves(server: Server) -> None:
    job, _ = server.single()
    items = (await server.get(f"/api/v1/jobs/{job.id}/items"))["items"]
    assert [item["itemName"] for item in items] == [job.title]
    assert (await server.http.get("/api/v1/jobs/none/items")).status_code == 404


async def test_a_new_job_gets_the_visit_that_covers_its_window(server: Server) -> None:
    someone = next(iter(server.world.technicians))
    job = await new_job(
        server,
        status="scheduled",
        priority="urgent",
        startDateTime="2026-06-05T09:00:00.000Z",
        endDateTime="2026-06-05T10:30:00.000Z",
        assignedToTeams=[someone],
        visits=[],
        lineItems=[{"itemName": "Flue check", "quantity": 2, "unitPrice": 40}],
    )
    assert (job["jobNumber"], job["jobStatus"], job["priority"]) == ("N-1", "scheduled", "urgent")
    assert job["jobItems"][0]["itemName"] == "Flue check"
    assert (job["subTotal"], job["total"]) == (80, 96.0)
    assert job["visits"] == [
        {
            "visitStartDateTime": "2026-06-05T09:00:00.000Z",
            "visitEndDateTime": "2026-06-05T10:30:00.000Z",
            "teamId": [someone],
            "visitStatus": "scheduled",
        }
    ]
    listed = [v for v in (await server.get("/api/v1/visits"))["visits"] if v["jobId"] == job["id"]]
    assert [(v["technicianId"], v["scheduledStart"]) for v in listed] == [
        (someone, "2026-06-05T09:00:00.000Z")
    ]
    assert job["createdAt"] == job["updatedAt"] == "2026-06-04T09:42:00.000Z"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "draft", "startDateTime": "2026-06-05T09:00:00Z", "endDateTime": "2026-06-05T10:00:00Z"},
        {"scheduleLater": True},
        {"anyTime": True, "startDateTime": "2026-06-05T00:00:00Z", "endDateTime": "2026-06-05T23:00:00Z"},
        {},
    ],
)
async def test_drafts_and_jobs_without_a_time_get_no_visit(server: Server, fields: Any) -> None:
    assert (await new_job(server, **fields))["visits"] == []


async def test_a_draft_gets_its_visit_when_it_is_scheduled(server: Server) -> None:
    job = await new_job(
        server, status="draft", startDateTime="2026-06-05T09:00:00Z", endDateTime="2026-06-05T10:00:00Z"
    )
    job = (await server.put(f"/api/v1/jobs/{job['id']}", jobStatus="scheduled"))["job"]
    assert [visit["visitStatus"] for visit in job["visits"]] == ["scheduled"]


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"status": "open"}, 422, "invalid status"),
        ({"status": "pending"}, 422, "invalid status"),
        ({"status": "cancelled"}, 422, "invalid status"),
        ({"clientId": ""}, 400, "clientId is required"),
        ({"clientId": "cli_none"}, 400, "clientId not found"),
        ({"type": "weekly"}, 400, "type must be one-off or recurring"),
        ({"assignedToTeams": "me"}, 400, "assignedToTeams must be an array of strings"),
        ({"total": "12"}, 400, "total must be a number"),
        ({"lineItems": {}}, 400, "lineItems must be an array"),
        ({"jobAddress": "here"}, 400, "jobAddress must be an object"),
        (
            {"startDateTime": "2026-06-05T09:00:00Z", "endDateTime": "2026-06-05T09:00:00Z"},
            400,
            "endDateTime must be after startDateTime",
        ),
    ],
)
async def test_a_job_that_cannot_be_is_refused(server: Server, fields: Any, status: int, error: str) -> None:
    before = len(server.world.jobs)
    body = {"clientId": next(iter(server.world.clients)), "jobNumber": "N-1", **fields}
    answer = await server.http.post("/api/v1/jobs", json=body)
    assert (answer.status_code, answer.json()) == (status, {"success": False, "error": error})
    assert len(server.world.jobs) == before


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"total": NaN}', b'{"total": 1e999}', b'{"notes": "\\ud800"}', b"\xff"]
)
async def test_what_is_no_sound_json_object_is_a_400(server: Server, content: bytes) -> None:
    answer = await server.http.post("/api/v1/jobs", content=content)
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid JSON body")


async def test_forms_belong_to_the_old_route_and_json_to_the_new(server: Server) -> None:
    client = next(iter(server.world.clients))
    form = {"jobData": (None, json.dumps({"clientId": client, "jobNumber": "F-1"})), "notes": (None, "ring")}
    refused = await server.http.post("/api/v1/jobs", files=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "jobNumber is required")
    refused = await server.http.post("/api/jobs", json={"clientId": client, "jobNumber": "F-1"})
    assert (refused.status_code, refused.json()["error"]) == (400, "jobNumber is required")
    made = await server.http.post("/api/jobs", files=form)
    job = made.json()["data"]["job"]
    assert job["jobNumber"] == "F-1"
    assert server.world.jobs[job["id"]].notes == "ring"


async def test_an_update_changes_what_is_sent_and_moves_updated_at(server: Server) -> None:
    job, _ = server.single()
    before = (await server.get(f"/api/v1/jobs/{job.id}"))["job"]
    server.pass_time(5)
    after = (await server.put(f"/api/v1/jobs/{job.id}", priority="urgent"))["job"]
    assert {field for field in after if after[field] != before[field]} == {"priority", "updatedAt"} | (
        {"jobStatus"} if before["jobStatus"] != after["jobStatus"] else set()
    )
    assert after["updatedAt"] == "2026-06-04T09:42:05.000Z"
    listed = (await server.get("/api/v1/jobs", since="2026-06-04T09:42:04.999Z"))["jobs"]
    assert [one["id"] for one in listed] == [job.id]


async def test_moving_the_window_moves_the_only_visit_that_covered_it(server: Server) -> None:
    job, visit = server.single()
    assert job.window_start
    assert visit.end
    start = (job.window_start + timedelta(hours=1)).isoformat()
    end = (visit.end + timedelta(hours=1)).isoformat()
    sent = (await server.put(f"/api/v1/jobs/{job.id}", startDateTime=start, endDateTime=end))["job"]
    assert sent["visits"][0]["visitStartDateTime"] == sent["startDateTime"]
    assert visit.start == job.window_start


async def test_the_visit_stays_where_the_server_is_set_so() -> None:
    async with serving(visit_follows="false") as server:
        job, visit = server.single()
        before = visit.start
        await server.put(f"/api/v1/jobs/{job.id}", startDateTime="2026-06-04T05:00:00Z", assignedToTeams=[])
        assert (visit.start, job.crew) == (before, [])
        assert visit.crew


async def test_cancelling_a_job_cancels_its_open_visits_and_can_be_taken_back(server: Server) -> None:
    job, visit = server.single()
    sent = (await server.put(f"/api/v1/jobs/{job.id}", jobStatus="cancelled"))["job"]
    assert (sent["jobStatus"], sent["visits"][0]["visitStatus"]) == ("cancelled", "cancelled")
    sent = (await server.put(f"/api/v1/jobs/{job.id}", jobStatus="scheduled"))["job"]
    assert (sent["jobStatus"], sent["visits"][0]["visitStatus"]) == ("scheduled", "scheduled")
    assert visit.ended_at is None


async def test_cancelling_leaves_finished_visits_finished(server: Server) -> None:
    job = server.job(lambda job: {visit.status for visit in job.visits} == {"done", "scheduled"})
    sent = (await server.put(f"/api/v1/jobs/{job.id}", jobStatus="cancelled"))["job"]
    assert {visit["visitStatus"] for visit in sent["visits"]} == {"completed", "cancelled"}


async def test_completing_and_starting_a_job_take_its_visits_along(server: Server) -> None:
    job, _ = server.single()
    for word, visit in (
        ("in-progress", "in-progress"),
        ("completed", "completed"),
        ("scheduled", "scheduled"),
    ):
        sent = (await server.put(f"/api/v1/jobs/{job.id}", jobStatus=word))["job"]
        assert (sent["jobStatus"], sent["visits"][0]["visitStatus"]) == (word, visit)


async def test_the_schema_dialect_ignores_status_and_checks_job_status(server: Server) -> None:
    job, _ = server.single()
    assert (await server.put(f"/api/v1/jobs/{job.id}", status="completed"))["job"]["jobStatus"] == "scheduled"
    answer = await server.http.put(f"/api/v1/jobs/{job.id}", json={"jobStatus": "open"})
    assert (answer.status_code, answer.json()["error"]) == (422, "invalid status")


async def test_the_prose_dialect_takes_status_and_of_job_status_only_the_cancellation() -> None:
    async with serving(dialect="prose") as server:
        job, _ = server.single()
        path = f"/api/v1/jobs/{job.id}"
        assert (await server.put(path, jobStatus="completed"))["job"]["jobStatus"] == "scheduled"
        assert (await server.put(path, status="completed"))["job"]["jobStatus"] == "completed"
        for word in ("open", "cancelled"):
            assert (await server.http.put(path, json={"status": word})).status_code == 422
        assert (await server.put(path, jobStatus="cancelled"))["job"]["jobStatus"] == "cancelled"


async def test_deleting_takes_the_visits_along_and_answers_nothing(server: Server) -> None:
    job, visit = server.single()
    answer = await server.http.delete(f"/api/v1/jobs/{job.id}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await server.http.get(f"/api/v1/jobs/{job.id}")).status_code == 404
    assert visit.id not in {one["id"] for one in (await server.get("/api/v1/visits"))["visits"]}
    assert (await server.http.delete(f"/api/v1/jobs/{job.id}")).status_code == 404


async def test_a_number_comes_twice_or_is_refused_as_set(server: Server) -> None:
    first, second = await new_job(server), await new_job(server)
    assert first["jobNumber"] == second["jobNumber"]
    async with serving(duplicate_number="409") as strict:
        job = await new_job(strict)
        answer = await strict.http.post(
            "/api/v1/jobs", json={"clientId": job["clientId"], "jobNumber": job["jobNumber"]}
        )
        assert answer.status_code == 409
        await strict.put(f"/api/v1/jobs/{job['id']}", jobNumber="N-1")


async def test_without_a_number_the_next_one_is_given_or_none_as_set(server: Server) -> None:
    highest = max(int(job.number) for job in server.world.jobs.values())
    assert (await new_job(server, jobNumber=None))["jobNumber"] == str(highest + 1)
    async with serving(number_required="true") as strict:
        body = {"clientId": next(iter(strict.world.clients))}
        answer = await strict.http.post("/api/v1/jobs", json=body)
        assert (answer.status_code, answer.json()["error"]) == (400, "jobNumber is required")


async def test_pages_announce_themselves_and_hold_everything_once() -> None:
    async with serving(jobs=50, paging="page", page_size="20") as server:
        ids: list[str] = []
        for page in (1, 2, 3, 4):
            body = (await server.http.get("/api/v1/jobs", params={"page": str(page)})).json()
            assert body["pagination"] == {"page": page, "limit": 20, "total": 50, "pages": 3}
            ids += [job["id"] for job in body["data"]["jobs"]]
        assert len(ids) == 50
        assert set(ids) == set(server.world.jobs)


async def test_with_a_read_lag_readers_see_the_past_for_a_while() -> None:
    async with serving(read_lag_s="30") as server:
        job, visit = server.single()
        path = f"/api/v1/jobs/{job.id}"
        before = (await server.get(path))["job"]
        echoed = (await server.put(path, priority="urgent"))["job"]
        assert echoed["priority"] == "urgent"
        made = await new_job(server)
        await server.put(f"/api/v1/visits/{visit.id}", technicianId=None)
        server.pass_time(29)
        assert (await server.get(path))["job"] == before
        assert (await server.http.get(f"/api/v1/jobs/{made['id']}")).status_code == 404
        listed = {one["id"]: one for one in (await server.get("/api/v1/jobs"))["jobs"]}
        assert listed[job.id] == before
        assert made["id"] not in listed
        rows = {one["id"]: one for one in (await server.get("/api/v1/visits"))["visits"]}
        assert rows[visit.id]["technicianId"]
        server.pass_time(2)
        assert (await server.get(path))["job"]["priority"] == "urgent"
        listed = {one["id"]: one for one in (await server.get("/api/v1/jobs"))["jobs"]}
        assert made["id"] in listed
        rows = {one["id"]: one for one in (await server.get("/api/v1/visits"))["visits"]}
        assert rows[visit.id]["technicianId"] is None


async def test_a_deleted_job_is_seen_until_the_lag_is_over() -> None:
    async with serving(read_lag_s="30") as server:
        job, _ = server.single()
        await server.http.delete(f"/api/v1/jobs/{job.id}")
        assert job.id in {one["id"] for one in (await server.get("/api/v1/jobs"))["jobs"]}
        server.pass_time(31)
        assert job.id not in {one["id"] for one in (await server.get("/api/v1/jobs"))["jobs"]}


def test_a_row_is_written_once_until_it_changes() -> None:
    world = make_world(jobs=60)
    store = Store(world, lambda: NOW, Settings().read_lag_s)
    job = next(iter(world.jobs.values()))
    row = store.jobs.row(job)
    assert store.jobs.row(job) is row
    world.touch(job, NOW)
    assert store.jobs.row(job) is not row


async def test_warming_prepares_every_row(server: Server) -> None:
    for _ in server.app.state.warm():
        pass
    assert len((await server.get("/api/v1/jobs"))["jobs"]) == len(server.world.jobs)


async def test_putting_a_job_off_and_giving_it_a_time_again_take_its_visit_along(server: Server) -> None:
    job, visit = server.single()
    window = (job.window_start, job.window_end)
    path = f"/api/v1/jobs/{job.id}"
    sent = (await server.put(path, scheduleLater=True))["job"]
    assert (sent["visits"][0]["visitStatus"], sent["visits"][0]["visitStartDateTime"]) == (
        "unscheduled",
        None,
    )
    assert (job.window_start, job.window_end) == window
    times = {"startDateTime": "2026-06-09T09:00:00.000Z", "endDateTime": "2026-06-09T10:00:00.000Z"}
    sent = (await server.put(path, scheduleLater=False, **times))["job"]
    assert sent["visits"][0]["visitStartDateTime"] == times["startDateTime"]
    assert visit.status == "scheduled"
