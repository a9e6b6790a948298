"""The sandbox's LetsJobIt server: what is read from it, as its documents say."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator

import pytest

from fieldboard.sandbox.letsjobit import create_app
from fieldboard.sandbox.roster_file import roster_toml
from tests.sandbox.conftest import TODAY, TOKEN, make_world
from tests.sandbox.letsjobit_server import DOCUMENTED, Row, Server, serving

LINE_FIELDS = {
    "actionItem", "allowRebrand", "brand", "brandId", "description", "extraData", "hasBatch", "hasReturn",
    "id", "itemId", "jobType", "location", "model", "modelId", "qty", "serialNr", "serialNrId",
}  # fmt: skip
EXTRA_FIELDS = {
    "caption", "description", "max", "min", "name", "pattern", "step", "type", "value", "required",
    "readonly", "options_values", "options_default",
}  # fmt: skip
TYPES = {name: type(value) for name, value in DOCUMENTED.items() if value is not None}
#: Fields that are there with one word of the documents, and with null by another.
MAY_BE_NULL = {"subContractorIds", "time_windows", "geocoding"}
MIXED = {"signeeRating": {str, int}, "skippedReasonId": {str, int}}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


async def test_pages_of_a_hundred_hold_every_visit_once(server: Server) -> None:
    body = await server.get()
    assert body["meta"] == {
        "totalRecords": 400,
        "returnedRecords": 100,
        "remainingRecords": 300,
        "nextStart": 100,
    }
    last = await server.get(pagination="300")
    assert last["meta"] == {"totalRecords": 400, "returnedRecords": 100, "remainingRecords": 0}
    beyond = await server.get(pagination="400")
    assert beyond == {"meta": {"totalRecords": 400, "returnedRecords": 0, "remainingRecords": 0}, "data": []}
    rows = await server.all()
    assert len(rows) == len({row["_id"] for row in rows}) == len({row["id"] for row in rows}) == 400


@pytest.mark.parametrize("jobs", [0, 1, 60, 400, 2400])
async def test_there_are_as_many_visits_as_were_asked_for(jobs: int) -> None:
    async with serving(23, jobs, signature_size="0") as server:
        assert (await server.get())["meta"]["totalRecords"] == jobs
        assert len(server.world.jobs) == len(server.world.visits) == jobs
        assert all(len(job.visits) == 1 and len(job.visits[0].crew) < 2 for job in server.world.jobs.values())


async def test_work_over_days_or_people_is_a_visit_for_each() -> None:
    plain = make_world(23, 2400)
    parted = [job for job in plain.jobs.values() if sum(len(visit.crew) for visit in job.visits) > 1]
    parts = {job.number: sum(len(visit.crew) for visit in job.visits) for job in parted}
    days = {
        job.number: {plain.day_of(visit.start).isoformat() for visit in job.visits if visit.start}
        for job in parted
    }
    assert len(parts) > 5
    async with serving(23, 2400, signature_size="0") as server:
        rows = await server.all()
    for number, count in parts.items():
        own = [row for row in rows if row["docNo"].removeprefix("H-00").partition("-")[0] == number]
        assert len(own) == count
        assert {row["date"] for row in own} == days[number]
        assert len({(row["date"], row["driverId"]) for row in own}) == count
        assert len({row["customer"] for row in own}) == 1


async def test_a_visit_has_the_documented_fields_in_the_documented_types_and_no_other(server: Server) -> None:
    rows = await server.all()
    seen: set[str] = set()
    for row in rows:
        assert set(row) <= {*DOCUMENTED, "lines"}
        seen |= set(row)
        for name, value in row.items():
            if name != "lines" and not (value is None and name in MAY_BE_NULL):
                assert type(value) in MIXED.get(name, {TYPES[name]}), name
    assert seen == {*DOCUMENTED, "lines"}
    lines = [line for row in rows for line in row.get("lines", [])]
    assert {name for line in lines for name in line} == LINE_FIELDS
    assert {name for line in lines for extra in line.get("extraData", []) for name in extra} == EXTRA_FIELDS
    for row in rows:
        if "lines" in row:
            assert row["totalJobs"] == sum(line["actionItem"] for line in row["lines"])


async def test_the_cases_of_a_tolerant_client_are_in_the_world() -> None:
    async with serving(23, 2400, signature_size="5") as server:
        rows = await server.all()
    assert any("lines" not in row for row in rows)
    assert any(row["time_windows"] is None for row in rows)
    assert any(row["time_windows"] and len(row["time_windows"]) == 2 for row in rows)
    assert any("\r\n" in row["obs"] for row in rows)
    assert {type(row["signeeRating"]) for row in rows} == {str, int}
    assert {type(row["skippedReasonId"]) for row in rows if row["skipped"]} == {str, int}
    assert {row["subContractorIds"] is None for row in rows} == {True, False}
    assert {"1", "2", "3"} == {row["priority"] for row in rows}
    assert any(row["hasChangesToSync"] for row in rows)


async def test_each_driver_has_a_route_in_order_and_the_past_is_closed(server: Server) -> None:
    rows = await server.all()
    routes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows:
        if row["inMobileApp"]:
            routes[row["driverId"], row["date"]].append(row["serviceOrder"])
            person = server.book.person(row["driverId"])
            assert person is not None
            assert person.name == row["name"]
    assert all(sorted(route) == list(range(1, len(route) + 1)) for route in routes.values())
    today = TODAY.isoformat()
    assert sum(len(route) for (_, day), route in routes.items() if day == today) > 60
    assert all(row["closed"] or row["skipped"] for row in rows if row["date"] < today)
    assert all(row["confirmClose"] == row["closed"] for row in rows if row["date"] < "2026-06-03")
    assert not any(row["closed"] for row in rows if row["date"] > today)


def word(row: Row) -> str:
    words = ("skipped", "closed", "servicing", "inProgress")
    return next((one for one in words if row[one]), "ahead" if row["inMobileApp"] else "waiting")


async def test_today_is_at_every_stage() -> None:
    async with serving(23, 2400, signature_size="0") as server:
        rows = await server.all(date=TODAY.isoformat())
    stages = Counter(map(word, rows))
    assert stages.keys() == {"skipped", "closed", "servicing", "inProgress", "ahead", "waiting"}
    assert stages["closed"] > 20
    assert stages["ahead"] > 30
    assert stages["servicing"] > 8
    for row in rows:
        assert row["servicing"] <= row["inProgress"]
        assert row["closed"] + row["inProgress"] + row["skipped"] <= 1
        assert ("closeDate" in row) == row["closed"]
        if row["closed"]:
            assert row["closeDate"].startswith(row["date"])


async def test_what_waits_for_a_driver_is_in_nobodys_app_and_names_somebody_who_could(server: Server) -> None:
    waiting = [row for row in await server.all() if not row["inMobileApp"] and not row["skipped"]]
    assert len(waiting) == 14
    for row in waiting:
        assert "serviceOrder" not in row
        person = server.book.person(row["driverId"])
        assert person is not None
        assert set(row["required_skills"]) <= set(person.skills)
        assert row["date"] >= TODAY.isoformat()


async def test_each_parameter_narrows_and_all_together_do(server: Server) -> None:
    rows = await server.all()
    some = next(row for row in rows if row["inProgress"])
    for name, value, wanted in (
        ("_id", some["_id"], lambda row: row["_id"] == some["_id"]),
        ("id", str(some["id"]), lambda row: row["id"] == some["id"]),
        ("date", some["date"], lambda row: row["date"] == some["date"]),
        ("driverId", some["driverId"], lambda row: row["driverId"] == some["driverId"]),
        ("docNo", some["docNo"][2:6].lower(), lambda row: some["docNo"][2:6] in row["docNo"]),
        ("closed", "1", lambda row: row["closed"]),
        ("closed", "0", lambda row: not row["closed"]),
        ("confirmClose", "0", lambda row: not row["confirmClose"]),
        ("inProgress", "1", lambda row: row["inProgress"]),
        ("priority", "1", lambda row: row["priority"] == "1"),
        ("skipped", "1", lambda row: row["skipped"]),
    ):
        found = await server.all(**{name: value})
        assert found == [row for row in rows if wanted(row)], name
        assert 0 < len(found) < 400, name
    found = await server.all(date=some["date"], driverId=some["driverId"], closed="0", skipped="0")
    assert some in found
    assert len(found) < 8
    for bad in ("closed=2", "pagination=x", "pagination=-1"):
        answer = await server.http.get(f"/api/v2/visits?{bad}")
        assert answer.status_code == 400
        assert set(answer.json()) == {"meta", "error"}


async def test_one_visit_comes_as_the_list_has_it(server: Server) -> None:
    row = (await server.get())["data"][7]
    body = await server.get(f"/{row['_id']}")
    assert body["data"] == [row]
    assert body["meta"] == {"totalRecords": 1, "returnedRecords": 1, "remainingRecords": 0}
    answer = await server.http.get("/api/v2/visits/yre78r7wer")
    assert (answer.status_code, answer.json()) == (404, {"meta": {}, "error": "Visit not found"})
    assert (await server.http.get(f"/api/v2/visits/{row['id']}")).status_code == 404


async def test_closed_visits_carry_a_signature_of_fifty_thousand_characters() -> None:
    async with serving(signature_size="50000") as server:
        for row in (await server.get())["data"]:
            assert ("signature" in row) == row["closed"]
            if row["closed"]:
                assert len(row["signature"]) == 50_000
                assert row["signature"].startswith("/9j/4AAQSkZJRgABAQEAAAAAA")


async def test_the_same_seed_is_the_same_company() -> None:
    async with serving() as one, serving() as other:
        assert await one.all() == await other.all()


async def test_the_roster_fits_the_drivers_of_the_rows(server: Server) -> None:
    roster = tomllib.loads(roster_toml(server.world, server.app.state.technician_id))
    known = {entry["id"]: entry for entry in roster["technician"]}
    assert len(known) == 23
    for row in await server.all():
        assert known[row["driverId"]]["name"] == row["name"]
    assert all(entry["skills"] and entry["home"] and entry["capacity"] for entry in known.values())


def test_a_company_without_people_has_visits_for_nobody_and_is_changed_but_once() -> None:
    world = make_world(0, 3)
    first, again = (create_app(world, token=TOKEN).state.book for _ in range(2))
    cards = list(first.cards.values())
    assert [card.driver_id for card in cards] == ["", "", ""]
    assert cards == list(again.cards.values())
