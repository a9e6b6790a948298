"""FSM Navigator's JSON row by row: the documents' own examples, every word, and what nobody should send."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from fieldboard.backends.fsmnavigator import open_fsmnavigator
from fieldboard.backends.fsmnavigator.adapter import FsmNavigator
from fieldboard.backends.fsmnavigator.reading import rows_of
from fieldboard.backends.fsmnavigator.replies import new_id
from fieldboard.backends.fsmnavigator.rules import FSM_NAVIGATOR, MOVES, fsmnavigator_rules, word_path
from fieldboard.backends.json_door import RowText
from fieldboard.backends.port import LineDown, Reach, Reading, Row, WalkRequest, WalkResult
from fieldboard.clock import FixedClock
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import parse_instant
from fieldboard.domain.job import Asset, Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng, Technician
from tests.backends.synced import NOW, ZONE

LISTED: dict[str, Any] = {
    "job_id": 123,
    "job_title": "AC unit repair",
    "job_description": "Customer reports AC not cooling in main office",
    "job_status": "Pending",
    "job_priority": "High",
    "assigned_technician_id": None,
    "assigned_technician_name": None,
    "customer_location_id": 87,
    "customer_location_name": "Main Office",
    "customer_id": 201,
    "customer_name": "Acme Corporation",
    "scheduled_start": "2026-02-25T09:00:00Z",
    "scheduled_end": "2026-02-25T11:00:00Z",
    "actual_start": None,
    "actual_end": None,
    "created_at": "2026-02-24T14:30:00Z",
    "updated_at": "2026-02-24T14:30:00Z",
}
"""The row of the documents' list example; their single example has technician 45 and is Pending too."""

LINKED = {
    "asset_id": 42,
    "asset_tag": "HVAC-007",
    "asset_name": "Rooftop AC Unit #7",
    "asset_status": "In Maintenance",
    "relationship_type": "serviced",
    "relationship_notes": None,
    "linked_at": "2026-02-25T14:30:00Z",
}


def read(kind: Kind, value: dict[str, Any], *, by_id: bool = False) -> Row | str:
    good, bad = rows_of(kind, [RowText(value, json.dumps(value))], by_id=by_id)
    return good[0] if good else bad[0].why


def job(**fields: Any) -> Job:
    row = read(Kind.JOB, {**LISTED, **fields}, by_id="assets" in fields)
    assert isinstance(row, Row), row
    assert isinstance(row.entity, Job)
    return row.entity


def test_the_example_of_the_documents_list() -> None:
    row = read(Kind.JOB, LISTED)
    assert isinstance(row, Row)
    assert row.entity == Job(
        id="123",
        number="123",
        title="AC unit repair",
        customer_id="201",
        customer="Acme Corporation",
        status=Status.UNASSIGNED,
        raw_status="Pending",
        priority=Priority.HIGH,
        start=parse_instant("2026-02-25T09:00:00Z"),
        end=parse_instant("2026-02-25T11:00:00Z"),
        duration_min=120,
        notes="Customer reports AC not cooling in main office",
        created_at=parse_instant("2026-02-24T14:30:00Z"),
        updated_at=parse_instant("2026-02-24T14:30:00Z"),
        site_id="87",
        site="Main Office",
    )
    assert (row.stamp, row.detail) == ("2026-02-24T14:30:00Z", None)


def test_a_read_by_id_tells_assets_and_is_the_same_row_otherwise() -> None:
    listed, single = read(Kind.JOB, LISTED), read(Kind.JOB, {**LISTED, "assets": [LINKED]}, by_id=True)
    assert isinstance(listed, Row)
    assert isinstance(single, Row)
    assert listed.raw == single.raw
    assert isinstance(single.entity, Job)
    assert single.entity.assets == (
        Asset("42", "HVAC-007", "Rooftop AC Unit #7", "In Maintenance", "serviced"),
    )
    assert job(assets=None).assets == ()


@pytest.mark.parametrize(
    ("word", "who", "status"),
    [
        ("Pending", None, Status.UNASSIGNED),
        ("Pending", 45, Status.ASSIGNED),
        ("Assigned", 45, Status.ASSIGNED),
        ("Assigned", None, Status.UNASSIGNED),
        ("In-Transit", 45, Status.EN_ROUTE),
        ("Arrived", 45, Status.ON_SITE),
        ("In Progress", 45, Status.IN_PROGRESS),
        ("in_progress", 45, Status.IN_PROGRESS),
        ("On Hold", 45, Status.ON_HOLD),
        ("Completed", 45, Status.COMPLETED),
        ("Invoiced", 45, Status.CLOSED),
        ("Paid", 45, Status.CLOSED),
        ("Closed", 45, Status.CLOSED),
        ("Cancelled", 45, Status.CANCELLED),
        ("Declined", 45, Status.DECLINED),
        ("Teleporting", 45, Status.UNKNOWN),
        (None, 45, Status.UNKNOWN),
    ],
)
def test_each_word_of_the_api_and_of_the_web_application(word: Any, who: Any, status: Status) -> None:
    found = job(job_status=word, assigned_technician_id=who)
    assert found.status is status
    assert found.raw_status == (word or "")


@pytest.mark.parametrize(
    ("word", "priority"),
    [
        ("Urgent", Priority.URGENT),
        ("HIGH", Priority.HIGH),
        ("Medium", Priority.NORMAL),
        ("low", Priority.LOW),
        ("Sometime", Priority.NORMAL),
        (None, None),
    ],
)
def test_each_priority(word: Any, priority: Priority | None) -> None:
    found = job(job_priority=word)
    assert found.priority is priority
    assert [one.value for one in found.fields] == (["Sometime"] if word == "Sometime" else [])


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        ("2026-02-25T09:00:00Z", None, ("2026-02-25T09:00:00Z", None)),
        (None, None, (None, None)),
        (None, "2026-02-25T09:00:00Z", (None, None)),
        (
            "2026-02-25T09:00:00",
            "2026-02-25T12:00:00+01:00",
            ("2026-02-25T09:00:00Z", "2026-02-25T11:00:00Z"),
        ),
        ("2026-02-25T09:00:00.750Z", "2026-02-25T08:00:00Z", ("2026-02-25T09:00:00Z", None)),
    ],
)
def test_times_in_every_form(start: Any, end: Any, span: tuple[str | None, str | None]) -> None:
    found = job(scheduled_start=start, scheduled_end=end)
    assert (found.start, found.end) == tuple(parse_instant(one) if one else None for one in span)


@pytest.mark.parametrize("name", LISTED)
@pytest.mark.parametrize("value", [None, True, [], {}, [{}], 1.5, -1, "", "\x1b[2J", "x" * 5000, {"a": [1]}])
def test_a_wrong_type_in_any_field_never_crashes(name: str, value: Any) -> None:
    found = read(Kind.JOB, {**LISTED, name: value})
    if isinstance(found, str):
        assert found
    else:
        assert isinstance(found.entity, Job)
        assert "\x1b" not in found.entity.title + found.raw


def test_rows_without_an_id_are_set_aside_with_a_reason() -> None:
    good, bad = rows_of(Kind.JOB, [RowText({"job_title": "x"}, "{}"), RowText(LISTED, json.dumps(LISTED))])
    assert [row.id for row in good] == ["123"]
    assert [one.why for one in bad] == ["a row without an id"]


@pytest.mark.parametrize(
    ("skills", "told", "known"),
    [
        (["Gas", "Oil", "Gas"], ("Gas", "Oil"), True),
        ([{"name": "Gas"}, {"skill_name": "Oil"}, {"skill": "Heat"}, {"title": "AC"}, {"x": 1}, 7],
         ("Gas", "Oil", "Heat", "AC"), True),
        ([], (), True),
        (None, (), False),
    ],
)  # fmt: skip
def test_technicians_with_skills_in_any_shape(skills: Any, told: tuple[str, ...], known: bool) -> None:
    row = read(
        Kind.TECHNICIAN,
        {
            "technician_id": 45,
            "first_name": "John",
            "last_name": "Smith",
            "status": "Active",
            "availability_status": "Busy",
            "vehicle_type": None,
            "transport_modes": ["driving"],
            "skills": skills,
        },
        by_id=True,
    )
    assert isinstance(row, Row)
    assert row.entity == Technician(
        "45", "John Smith", status="busy", active=True, skills=told, skills_known=known
    )


@pytest.mark.parametrize(
    ("status", "doing", "active", "word"),
    [
        ("Inactive", "Offline", False, "offline"),
        ("Active", "Available", True, "available"),
        ("Active", "Wrap Up", True, "Wrap Up"),
        ("Active", None, True, None),
    ],
)
def test_what_technicians_do(status: str, doing: Any, active: bool, word: str | None) -> None:
    row = read(Kind.TECHNICIAN, {"technician_id": 1, "status": status, "availability_status": doing})
    assert isinstance(row, Row)
    assert isinstance(row.entity, Technician)
    assert (row.entity.active, row.entity.status) == (active, word)


@pytest.mark.parametrize("key", ["location_id", "id", "customer_location_id"])
@pytest.mark.parametrize("street", ["street", "street_address", "address"])
def test_locations_under_any_of_their_names(key: str, street: str) -> None:
    place = {key: 87, "location_name": "Main Office", street: "1 Main St", "city": "Reno", "state": "NV",
             "zip": "89501", "latitude": 39.5, "longitude": -119.8}  # fmt: skip
    row = read(Kind.CUSTOMER, {"customer_id": 201, "customer_name": "Acme", "locations": [place]}, by_id=True)
    assert isinstance(row, Row)
    assert isinstance(row.entity, Customer)
    (site,) = row.entity.sites
    assert site == ("87", "Main Office", "1 Main St, Reno, NV 89501", LatLng(39.5, -119.8))


@pytest.mark.parametrize("place", ["data", "job"])
@pytest.mark.parametrize("name", ["job_id", "id"])
@pytest.mark.parametrize("value", [123, "123"])
def test_the_id_of_something_new_in_each_of_the_documents_shapes(place: str, name: str, value: Any) -> None:
    assert new_id({"success": True, place: {name: value}}) == "123"
    assert new_id({"success": True, place: {}}) is None


def test_ways_are_those_of_the_documents_table() -> None:
    for word, following in MOVES.items():
        for one in following:
            assert word_path(word, one) == (one,)
    assert word_path("Pending", "Completed") == ("Assigned", "In Progress", "Completed")
    assert word_path("On Hold", "Pending") == ("Assigned", "Pending")
    assert word_path("Completed", "In Progress") is None
    assert word_path("In-Transit", "Completed") is None
    assert word_path("Paid", "Paid") == ()


def test_what_the_server_taught_and_the_system_table() -> None:
    assert FSM_NAVIGATOR.can(Ability.UNASSIGN)
    assert "ignores" in (
        fsmnavigator_rules({}, {"null_technician": "ignored"}).why_not(Ability.UNASSIGN) or ""
    )
    assert fsmnavigator_rules({"job_url": "https://x.example/{id}"}).can(Ability.OPEN_IN_SYSTEM)
    for wrong in ({"job_url": "http://x"}, {"create_marker": "yes"}):
        with pytest.raises(ValueError, match="must be"):
            fsmnavigator_rules(wrong)


# -- lists as servers may answer them


def served(*answers: httpx.Response) -> tuple[FsmNavigator, list[httpx.Request]]:
    """An adapter whose requests get these answers in turn, the last again and again."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        one = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(one.status_code, headers=one.headers, stream=httpx.ByteStream(one.content))

    camp = open_fsmnavigator(
        "http://127.0.0.1:9",
        "fsm_test_x",
        zone=ZONE,
        clock=FixedClock(NOW),
        transport=httpx.MockTransport(answer),
    )
    return camp, asked


def page(ids: range, total: int | None, pages: int = 1, number: int = 1) -> httpx.Response:
    body: dict[str, Any] = {"data": [{**LISTED, "job_id": one} for one in ids]}
    if total is not None:
        body["pagination"] = {"page": number, "per_page": 100, "total": total, "total_pages": pages}
    return httpx.Response(200, json=body)


async def walk(camp: FsmNavigator, reach: Reach = Reach.WHOLE) -> tuple[set[str], WalkResult]:
    result, ids = WalkResult(), set()
    async for one in camp.walk(WalkRequest(Kind.JOB, reach=reach), result):
        ids |= {row.id for row in one.rows}
    await camp.close()
    return ids, result


async def test_a_pass_is_complete_by_its_own_count_alone() -> None:
    ids, result = await walk(served(page(range(100), 150, 2), page(range(100, 150), 150, 2, 2))[0])
    assert (len(ids), result.complete, result.clean) == (150, True, True)
    # Rows that shifted between pages, a total that changed: once more, then not complete.
    for second in (page(range(99, 149), 150, 2, 2), page(range(100, 151), 151, 2, 2)):
        camp, asked = served(page(range(100), 150, 2), second, page(range(100), 150, 2), second)
        ids, result = await walk(camp)
        assert (result.complete, result.clean, len(asked)) == (False, False, 4)
        assert result.why_not


async def test_a_list_that_stops_at_a_hundred_without_saying_so_is_asked_for_more() -> None:
    camp, asked = served(page(range(100), None), page(range(100, 130), None))
    ids, result = await walk(camp)
    assert (len(ids), len(asked), result.complete) == (130, 2, True)
    camp, asked = served(page(range(100), None))
    ids, result = await walk(camp)
    assert (len(ids), len(asked)) == (100, 2)


@pytest.mark.parametrize("pages", [0, 1])
async def test_an_empty_list_has_no_page_or_one(pages: int) -> None:
    ids, result = await walk(served(page(range(0), 0, pages))[0])
    assert (ids, result.complete, result.clean) == (set(), True, True)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, headers={"content-type": "text/html"}, content=b"<h1>Bad gateway</h1>"),
        httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>portal</html>"),
        httpx.Response(200, json={"success": False, "error": "x", "message": "no"}),
        httpx.Response(200, json={"data": {"job_id": 1}}),
        httpx.Response(200, content=b'{"data":[{"job_id"'),
        httpx.Response(204),
        httpx.Response(403, json={"success": False, "error": "insufficient_scope", "message": "no"}),
    ],
)
async def test_what_is_no_list_ends_the_walk(answer: httpx.Response) -> None:
    with pytest.raises(LineDown):
        await walk(served(answer)[0])


async def test_open_ones_are_four_lists_and_cover_their_statuses() -> None:
    camp, asked = served(page(range(0), 0))
    _ids, result = await walk(camp, Reach.OPEN)
    assert [request.url.params["status"] for request in asked] == [
        "Pending",
        "Assigned",
        "In Progress",
        "On Hold",
    ]
    assert {request.url.params["per_page"] for request in asked} == {"100"}
    assert result.covers == {Status.UNASSIGNED, Status.ASSIGNED, Status.IN_PROGRESS, Status.ON_HOLD}
    assert {"x-api-key"} <= asked[0].headers.keys()
    assert "authorization" not in asked[0].headers


@pytest.mark.parametrize(
    ("answer", "reading"),
    [
        (httpx.Response(200, json={"data": LISTED}), Reading.FOUND),
        (httpx.Response(404, json={"success": False, "error": "not_found", "message": "no"}), Reading.GONE),
        (httpx.Response(200, json={"success": False, "error": "not_found"}), Reading.FAILED),
        (httpx.Response(200, json={"data": [LISTED]}), Reading.FAILED),
        (httpx.Response(200, json={"data": {**LISTED, "job_id": 124}}), Reading.FAILED),
        (httpx.Response(200, json={"data": {**LISTED, "job_title": [1]}}), Reading.FAILED),
        (httpx.Response(403, json={"success": False}), Reading.FAILED),
        (httpx.Response(400, json={"success": False, "message": "id"}), Reading.FAILED),
    ],
)
async def test_reading_one_job(answer: httpx.Response, reading: Reading) -> None:
    camp, _asked = served(answer)
    assert (await camp.read(Kind.JOB, "123")).reading is reading
    await camp.close()


async def test_a_wait_in_the_body_counts_where_the_header_is_shorter() -> None:
    camp, _asked = served(
        httpx.Response(
            429, headers={"retry-after": "5"}, json={"error": "rate_limit_exceeded", "retry_after": 60}
        )
    )
    with pytest.raises(LineDown) as caught:
        await camp.read(Kind.JOB, "123")
    assert caught.value.wait_s == 60
    await camp.close()


async def test_without_announced_limits_one_request_a_second_goes_out_after_five() -> None:
    from fieldboard.backends.fsmnavigator.limits import TIERS

    clock = FixedClock(NOW)
    budget = TIERS["list"](clock)
    assert [budget.pace_s() for _ in range(5)] == [0.0] * 5
    assert budget.pace_s() == pytest.approx(1.0)
    budget.note(
        200, {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "30", "x-ratelimit-reset": "60"}, 0
    )
    assert budget.pace_s() == pytest.approx(2.0)
    budget.note(
        200, {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "20", "x-ratelimit-reset": "60"}, 0
    )
    assert budget.held_back_s(writes=False) == pytest.approx(60)
    assert budget.held_back_s(writes=True) == 0
