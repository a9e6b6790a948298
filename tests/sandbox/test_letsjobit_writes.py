"""The sandbox's LetsJobIt server: what is written to it, as its documents say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fieldboard.sandbox.letsjobit import create_app
from fieldboard.sandbox.live import Live
from tests.sandbox.conftest import NOW, TODAY, make_world
from tests.sandbox.letsjobit_server import DOCUMENTED, Row, Server, serving
from tests.simulation import server as simulation

TOMORROW = (TODAY + timedelta(days=1)).isoformat()
READ_ONLY = {
    "_id", "totalJobs", "geocoding", "showDiscountAndBonusOnItemsOnOrder", "createdAt", "createdUser",
    "hasChangesToSync", "modifieddAt", "modifyUser", "servicing", "signeeRating", "signature",
    "appClientVersion", "closeDate", "skippedReasonId",
}  # fmt: skip
#: The visit of the documents' POST: that of the list, with its flags as texts.
POSTED: Row = {
    name: str(int(value)) if isinstance(value, bool) else value
    for name, value in DOCUMENTED.items()
    if name not in READ_ONLY
}
FEWEST = {
    "driverId": "12345", "date": TOMORROW, "id": 77, "docNo": "D-1", "customer": "A & Sons",
    "address": "1 Quay", "city": "Bristol", "companyId": "LPeaJNaLQT6RqcFdt",
}  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


async def test_the_documents_visit_is_taken_and_read_back_as_their_list_has_it(server: Server) -> None:
    assert await server.post(POSTED) == {"recordsUpdated": 0, "recordsInserted": 1, "errors": []}
    (row,) = (await server.get(id="10816703"))["data"]
    assert {name: row[name] for name in POSTED} == {name: DOCUMENTED[name] for name in POSTED}
    assert len(row["_id"]) == 17
    assert row["closeDate"] == "2026-06-04 10:42"
    assert row["createdAt"] == row["modifieddAt"] == "2026-06-04 10:42:00"
    assert len(server.world.jobs) == len(server.world.visits) == 401
    # Once more: nothing new.
    server.pass_time(60)
    assert (await server.post(POSTED))["recordsUpdated"] == 1
    assert (await server.get(id="10816703"))["data"] == [row]


async def test_the_documents_update_is_taken(server: Server) -> None:
    row = await server.first(inMobileApp=True, closed=False, inProgress=False)
    server.pass_time(60)
    meta = await server.put(row["_id"], date="2018-12-20", driverId="12345", obs="No parking available")
    assert meta == {"updatedRecords": 1}
    after = await server.one(row["_id"])
    changed = {name for name in row if row[name] != after[name]}
    assert changed == {"date", "driverId", "obs", "modifieddAt"}
    assert after["modifieddAt"] == "2026-06-04 10:43:00"
    assert after["modifyUser"] == "API"
    # The name is a fact of the row of its own.
    assert after["name"] == row["name"]


async def test_the_stamp_says_who_wrote_last(server: Server) -> None:
    row = await server.first(closed=True)
    assert row["modifyUser"] == row["driverId"]
    await server.put(row["_id"], obs="The invoice is on its way")
    assert (await server.one(row["_id"]))["modifyUser"] == "API"


async def test_a_put_that_changes_nothing_updates_no_record(server: Server) -> None:
    row = await server.first(inMobileApp=True)
    same = {name: value for name, value in row.items() if name in POSTED}
    server.pass_time(60)
    assert await server.put(row["_id"], **same) == {"updatedRecords": 0}
    assert await server.put(row["_id"], modifieddAt="2001-01-01 00:00:00", nonsense=1) == {
        "updatedRecords": 0
    }
    assert await server.one(row["_id"]) == row


async def test_a_new_visit_needs_eight_fields_and_has_what_goes_without_saying(server: Server) -> None:
    assert (await server.post(FEWEST))["recordsInserted"] == 1
    (row,) = (await server.get(id="77"))["data"]
    assert set(FEWEST) < set(row) < {*DOCUMENTED, "lines"}
    assert (row["inMobileApp"], row["closed"], row["priority"], row["totalJobs"]) == (True, False, "2", 1)
    assert 51 < row["lat"] < 52
    assert "serviceOrder" not in row
    for name in FEWEST:
        less = {key: value for key, value in FEWEST.items() if key != name} | {
            "id": FEWEST["id"] if name != "id" else None
        }
        meta = await server.post(less)
        assert meta["errors"] == [{"error": 400, "message": f"{name} is required"}]
    assert len(server.world.jobs) == 401


async def test_each_visit_of_an_array_fails_by_itself_without_saying_which(server: Server) -> None:
    good = FEWEST | {"id": "78"}
    meta = await server.post(
        good, FEWEST | {"id": 79, "companyId": "other"}, "x", good, FEWEST | {"id": 80, "priority": "11"}
    )
    assert (meta["recordsInserted"], meta["recordsUpdated"]) == (1, 1)
    assert [set(error) for error in meta["errors"]] == [{"error", "message"}] * 3
    assert [error["error"] for error in meta["errors"]] == [404, 400, 400]
    assert (await server.get(id="78"))["data"][0]["id"] == 78
    assert len(server.world.jobs) == 401


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("inMobileApp", "0", False),
        ("NPSMandatory", 1, True),
        ("hideEquipmentDetails", True, True),
        ("precedencePriorityVisit", "1", True),
        ("priority", 1, "1"),
        ("priority", "10", "10"),
        ("siteId", 30101308, "30101308"),
        ("serviceOrder", "4", 4),
        ("subContractorIds", "One Ltd, Two Ltd", ["One Ltd", "Two Ltd"]),
        ("subContractorIds", ["One Ltd"], ["One Ltd"]),
        ("duration", 1234.5, 1234.5),
        ("time_windows", None, None),
        ("time_windows", [{"earliest": 28800, "latest": 46800}, {"earliest": 54000, "latest": 61200}],
         [{"earliest": 28800, "latest": 46800}, {"earliest": 54000, "latest": 61200}]),
        ("required_skills", ["Hot water technician", "Plumber"], ["Hot water technician", "Plumber"]),
        ("allowed_vehicles", ["Van 7"], ["Van 7"]),
        ("obs", "first\r\nsecond", "first\r\nsecond"),
        ("contactPhone", "01999999999", "01999999999"),
    ],
)  # fmt: skip
async def test_what_is_written_in_any_documented_form_is_read_back_in_one(
    server: Server, name: str, value: object, read: object
) -> None:
    await server.post(FEWEST)
    (row,) = (await server.get(id="77"))["data"]
    assert await server.put(row["_id"], **{name: value}) == {"updatedRecords": 1}
    after = await server.one(row["_id"])
    assert after[name] == read
    assert type(after[name]) is type(read)
    assert await server.put(row["_id"], **{name: value}) == {"updatedRecords": 0}


async def test_lines_are_taken_with_their_own_fields_and_counted(server: Server) -> None:
    extra = {
        "type": "select", "caption": "Flue", "name": "flue", "options_values": "ok | bad", "value": "ok",
        "options_default": "ok", "required": "required", "readonly": "readonly",
    }  # fmt: skip
    lines = [
        {"actionItem": True, "description": "Boiler fault", "jobType": "repair", "extraData": [extra]},
        {"actionItem": "0", "description": "Filter", "qty": 2, "itemId": 9, "unknown": 1},
        {"actionItem": 1, "description": "Test"},
    ]
    await server.post(FEWEST | {"lines": lines})
    (row,) = (await server.get(id="77"))["data"]
    assert row["totalJobs"] == 2
    assert row["lines"][0] == lines[0]
    assert row["lines"][1] == {"actionItem": False, "description": "Filter", "qty": 2, "itemId": 9}
    await server.put(row["_id"], lines=[])
    assert ((await server.one(row["_id"]))["lines"], (await server.one(row["_id"]))["totalJobs"]) == ([], 0)


BAD: list[Row] = [
    {"driverId": 5}, {"date": "31.03.2020"}, {"date": "2020-13-01"}, {"date": ""}, {"date": "0001-01-01"},
    {"inMobileApp": 2}, {"inMobileApp": "yes"}, {"closed": []}, {"priority": 0}, {"priority": "high"},
    {"serviceOrder": 1.5}, {"serviceOrder": None}, {"time_windows": {}}, {"time_windows": [1]},
    {"time_windows": [{"earliest": 5}]}, {"time_windows": [{"earliest": 0, "latest": 86401}]},
    {"required_skills": "gas"}, {"required_skills": [1]}, {"lines": [{"actionItem": True}]},
    {"lines": [{"actionItem": True, "description": "x", "extraData": [{"type": "file"}]}]},
    {"duration": -1}, {"duration": "60"}, {"duration": 1e300}, {"lat": "51"}, {"obs": None},
    {"companyId": "other"},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD, ids=str)
async def test_a_value_of_a_wrong_type_is_refused_and_changes_nothing(server: Server, body: Row) -> None:
    row = await server.first(inMobileApp=True)
    answer = await server.http.put(f"/api/v2/visits/{row['_id']}", json={"obs": "new"} | body)
    assert answer.status_code in (400, 404)
    assert set(answer.json()) == {"meta", "error"}
    assert await server.one(row["_id"]) == row


@pytest.mark.parametrize(
    ("method", "content", "kind"),
    [
        ("POST", b"{}", "application/json"),
        ("POST", b"[", "application/json"),
        ("POST", b"[]", "text/plain"),
        ("PUT", b"[]", "application/json"),
        ("PUT", b'{"obs":"\\ud800"}', "application/json"),
        ("PUT", b'{"duration":NaN}', "application/json"),
        ("PUT", b"[" * 100_000, "application/json"),
    ],
)
async def test_a_body_that_is_no_json_of_the_right_shape_is_refused(
    server: Server, method: str, content: bytes, kind: str
) -> None:
    row = await server.first(inMobileApp=True)
    path = "/api/v2/visits" if method == "POST" else f"/api/v2/visits/{row['_id']}"
    answer = await server.http.request(method, path, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert await server.one(row["_id"]) == row


async def test_a_deleted_visit_is_gone(server: Server) -> None:
    row = await server.first(inMobileApp=True)
    answer = await server.http.delete(f"/api/v2/visits/{row['_id']}")
    assert answer.json() == {"meta": {"deletedRecords": 1}, "data": None}
    assert (await server.get(_id=row["_id"]))["meta"]["totalRecords"] == 0
    assert len(server.world.jobs) == len(server.world.visits) == 399
    for again in (server.http.delete, server.http.get):
        assert (await again(f"/api/v2/visits/{row['_id']}")).status_code == 404
    assert (await server.http.put(f"/api/v2/visits/{row['_id']}", json={"obs": "x"})).status_code == 404
    assert (await server.http.patch("/api/v2/visits")).status_code == 405


async def test_who_goes_is_the_worlds_too(server: Server) -> None:
    row = await server.first(inMobileApp=True, closed=False, inProgress=False)
    job = server.job(row)
    other = next(one for one in server.world.technicians.values() if one.name != row["name"])
    driver = server.book.driver_id(other.id)
    await server.put(row["_id"], driverId=driver, name=other.name)
    assert job.visits[0].crew == [other.id]
    await server.put(row["_id"], inMobileApp="0")
    after = await server.one(row["_id"])
    assert (after["driverId"], after["name"], after["inMobileApp"]) == (driver, other.name, False)
    assert job.visits[0].crew == []


async def test_a_waiting_visit_that_is_given_to_a_driver_has_an_hour_at_the_end_of_the_day(
    server: Server,
) -> None:
    row = next(
        row
        for row in await server.all()
        if not row["inMobileApp"] and server.job(row).visits[0].start is None
    )
    job = server.job(row)
    await server.put(row["_id"], inMobileApp="1", date=TOMORROW)
    visit = job.visits[0]
    assert visit.crew == [server.book.person(row["driverId"]).id]  # type: ignore[union-attr]
    assert visit.start is not None
    assert server.world.day_of(visit.start).isoformat() == TOMORROW
    assert visit.status == "scheduled"
    route = server.book.route(row["driverId"], TOMORROW)
    assert route[-1][0] is job
    assert all(other.visits[0].end <= visit.start for other, _ in route[:-1])  # type: ignore[operator]


async def test_a_visit_keeps_its_hour_on_another_day(server: Server) -> None:
    row = await server.first(inMobileApp=True, closed=False, inProgress=False)
    visit = server.job(row).visits[0]
    assert visit.start
    assert visit.end
    # Planned shorter than such work usually takes.
    visit.end -= timedelta(minutes=5)
    before, length = visit.start, visit.end - visit.start
    await server.put(row["_id"], date=TOMORROW)
    assert visit.start == before + timedelta(days=1)
    assert visit.end == visit.start + length
    assert (await server.one(row["_id"]))["date"] == TOMORROW


async def route_of(server: Server) -> list[Row]:
    """The visits ahead of a driver who has four of them or more today."""
    rows = await server.all(date=TODAY.isoformat())
    ahead: dict[str, list[Row]] = {}
    for row in rows:
        job = server.job(row)
        if row["inMobileApp"] and job.visits[0].status == "scheduled":
            ahead.setdefault(row["driverId"], []).append(row)
    route = next(route for route in ahead.values() if len(route) >= 3)
    return sorted(route, key=lambda row: row["serviceOrder"])


async def test_the_order_that_is_written_is_read_and_driven(server: Server) -> None:
    route = await route_of(server)
    for place, row in enumerate(reversed(route)):
        await server.put(row["_id"], serviceOrder=50 + 10 * place)
    after = [await server.one(row["_id"]) for row in reversed(route)]
    assert [row["serviceOrder"] for row in after] == [50 + 10 * place for place in range(len(route))]
    starts = [server.job(row).visits[0].start for row in after]
    ends = [server.job(row).visits[0].end for row in after]
    assert starts == sorted(starts, key=lambda start: start or NOW)
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False) if end and start)
    # The world goes on, and the order stays what it is.
    Live(server.world, NOW).tick(NOW + timedelta(minutes=1))
    assert [(await server.one(row["_id"]))["serviceOrder"] for row in after] == [
        row["serviceOrder"] for row in after
    ]


async def test_routing_rewrites_the_order_after_the_write_and_stamps_nothing() -> None:
    async with serving(routing="true") as server:
        route = await route_of(server)
        last = route[-1]
        server.pass_time(60)
        assert await server.put(last["_id"], serviceOrder=99) == {"updatedRecords": 1}
        day = {row["_id"]: row for row in await server.all(date=TODAY.isoformat(), driverId=last["driverId"])}
        orders = [row["serviceOrder"] for row in day.values() if row["inMobileApp"]]
        assert sorted(orders) == list(range(1, len(orders) + 1))
        assert day[last["_id"]]["serviceOrder"] != 99
        others = [row for row in route if row is not last]
        assert all(day[row["_id"]]["modifieddAt"] == row["modifieddAt"] for row in others)


async def test_flags_are_taken_and_the_world_follows(server: Server) -> None:
    row = await server.first(inMobileApp=True, closed=False, inProgress=False)
    job = server.job(row)
    steps: list[tuple[Row, str, str]] = [
        ({"inProgress": "1"}, "working", "active"),
        ({"inProgress": "0", "closed": "1"}, "done", "done"),
        ({"confirmClose": "1"}, "done", "done"),
        ({"closed": "0", "confirmClose": "0"}, "scheduled", "open"),
        ({"skipped": 1}, "cancelled", "cancelled"),
        ({"skipped": 0}, "scheduled", "open"),
    ]
    for flags, visit, whole in steps:
        await server.put(row["_id"], **flags)
        after = await server.one(row["_id"])
        assert {name: after[name] for name in flags} == {
            name: str(value) == "1" for name, value in flags.items()
        }
        assert (job.visits[0].status, job.status) == (visit, whole)
        assert ("closeDate" in after) == after["closed"]
        # Nobody signed on a telephone.
        assert not {"signature", "appClientVersion"} & set(after)
        assert after["signeeName"] == ""
    assert (await server.one(row["_id"]))["skippedReasonId"] == ""


async def test_priority_and_the_flag_of_a_priority_visit_are_the_worlds_priority(server: Server) -> None:
    row = await server.first(priority="2", precedencePriorityVisit=False)
    job = server.job(row)
    steps: list[tuple[Row, str]] = [
        ({"priority": "1"}, "high"),
        ({"priority": "7"}, "low"),
        ({"precedencePriorityVisit": "1"}, "urgent"),
        ({"precedencePriorityVisit": "0", "priority": 2}, "normal"),
    ]
    for body, priority in steps:
        await server.put(row["_id"], **body)
        assert job.priority == priority


async def test_a_driver_that_nobody_knows_is_taken_with_the_name_that_came(server: Server) -> None:
    await server.post(FEWEST | {"name": "Agency", "inMobileApp": "1"})
    (row,) = await server.all(driverId="12345")
    assert row["name"] == "Agency"
    await server.post(FEWEST | {"id": 79})
    assert {row["name"] for row in await server.all(driverId="12345")} == {"Agency"}
    known = next(iter(server.world.technicians.values()))
    await server.post(FEWEST | {"id": 81, "driverId": server.book.driver_id(known.id)})
    assert (await server.get(id="81"))["data"][0]["name"] == known.name


def test_nothing_waits() -> None:
    """A request is carried out without a loop, as the simulation of schedules drives it."""
    app = create_app(make_world(5, 60), token=simulation.TOKEN, clock=lambda: NOW)
    reply = simulation._drive(app, "GET", "/api/v2/visits", "closed=0", b"", "application/json")
    assert reply.status == 200
    reply = simulation._drive(app, "POST", "/api/v2/visits", "", b"[]", "application/json")
    assert reply.body == b'{"meta":{"recordsUpdated":0,"recordsInserted":0,"errors":[]},"data":null}'
