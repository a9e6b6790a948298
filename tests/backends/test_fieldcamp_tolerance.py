"""Servers that do not keep to the documents, or keep to the other half of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from fieldboard.backends.fieldcamp import open_fieldcamp
from fieldboard.backends.fieldcamp.adapter import FieldCamp
from fieldboard.backends.fieldcamp.envelope import Paging, error_text, paging_of
from fieldboard.backends.port import LineDown, Outcome, Reading, Row, SetAside, Step, WalkRequest, WalkResult
from fieldboard.clock import FixedClock
from fieldboard.domain.fields import STATUS, TECHNICIANS
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OpState

Handler = Callable[[httpx.Request], httpx.Response]


class Answering(httpx.AsyncBaseTransport):
    """A server in one function; keeps what it was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer by the function."""
        await request.aread()
        self.asked.append(request)
        return self.handler(request)


def says(status: int, body: object = None, kind: str = "application/json", **headers: str) -> httpx.Response:
    """An answer; `body` is JSON unless it is bytes."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"content-type": kind, **names}, stream=httpx.ByteStream(content))


def on(handler: Handler, learned: Mapping[str, str] | None = None) -> tuple[FieldCamp, Answering]:
    """An adapter on a server."""
    transport = Answering(handler)
    clock = FixedClock(datetime(2026, 6, 4, 9, tzinfo=UTC))
    camp = open_fieldcamp(
        "https://api.example.com/api/v1",
        "token",
        zone=Zone("Europe/London"),
        transport=transport,
        learned=learned,
        clock=clock,
    )
    return camp, transport


async def walked(
    camp: FieldCamp, kind: Kind = Kind.JOB, since: str | None = None
) -> tuple[list[Row], list[SetAside], WalkResult]:
    """A whole walk."""
    result = WalkResult()
    rows: list[Row] = []
    aside: list[SetAside] = []
    async for page in camp.walk(WalkRequest(kind, since), result):
        rows += page.rows
        aside += page.set_aside
    return rows, aside, result


def jobs(*numbers: int, **more: Any) -> dict[str, Any]:
    """A list of jobs in the envelope."""
    return {"success": True, "data": {"jobs": [{"id": f"j{one}"} for one in numbers]}, **more}


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (lambda: says(200, b"<html>Sign in</html>", "text/html"), "web page"),
        (lambda: says(404, b"<html>nginx</html>", "text/html"), "web page"),
        (lambda: says(200, b'{"success": true, "data": {"jo'), "half of it"),
        (lambda: says(200, b""), "nothing"),
        (lambda: says(200, {"success": False, "error": "tenant is locked"}), "tenant is locked"),
        (lambda: says(200, {"success": False, "error": {"code": "E9", "message": "locked"}}), "locked"),
        (lambda: says(200, {"success": True, "data": {}}), "no list"),
        (lambda: says(403, {"success": False, "error": "no scope jobs:read"}), "no scope jobs:read"),
        (lambda: says(500, {"error": "boom"}), "error of its own"),
        (lambda: says(200, b"[" * 5000 + b"]" * 5000), "nested"),
    ],
)
async def test_what_is_no_list_is_a_line_down(reply: Callable[[], httpx.Response], text: str) -> None:
    camp, _ = on(lambda _: reply())
    with pytest.raises(LineDown, match=text):
        await walked(camp)


async def test_rows_before_a_cut_are_given_and_the_walk_is_not_complete() -> None:
    body = json.dumps(jobs(*range(1200))).encode()[:-40]
    camp, _ = on(lambda _: says(200, body))
    result = WalkResult()
    pages: list[int] = []

    async def take() -> None:
        async for page in camp.walk(WalkRequest(Kind.JOB), result):
            pages.append(len(page.rows))

    with pytest.raises(LineDown, match="half of it"):
        await take()
    assert sum(pages) >= 1000
    assert not result.complete


async def test_a_bad_row_is_set_aside_and_makes_the_walk_unclean() -> None:
    body = {"data": {"jobs": [{"id": "a"}, {"jobNumber": "no id"}, {"id": "b", "jobItems": 7}, 5]}}
    camp, _ = on(lambda _: says(200, body))
    rows, aside, result = await walked(camp)
    assert [row.id for row in rows] == ["a"]
    assert [(one.id, one.why.split(":")[0]) for one in aside] == [
        (None, "a row without an id"),
        ("b", "jobItems"),
        (None, "not an object"),
    ]
    assert (result.complete, result.clean) == (True, False)
    assert result.why_not == "3 of its rows could not be read"


def paged(pages: Mapping[str, Json]) -> Handler:
    """A server that answers by the `page` or `cursor` that it is asked for."""

    def handler(request: httpx.Request) -> httpx.Response:
        asked = request.url.params.get("cursor") or request.url.params.get("page") or "1"
        return says(200, pages[asked])

    return handler


@pytest.mark.parametrize(
    "pages",
    [
        {
            "1": jobs(1, 2, meta={"nextCursor": "c2"}),
            "c2": jobs(3, 4, meta={"nextCursor": "c3"}),
            "c3": jobs(5, meta={"nextCursor": None}),
        },
        {
            "1": jobs(1, 2, pagination={"page": 1, "pages": 3, "limit": 2, "total": 5}),
            "2": jobs(3, 4, pagination={"page": 2, "pages": 3, "limit": 2, "total": 5}),
            "3": jobs(5, pagination={"page": 3, "pages": 3, "limit": 2, "total": 5}),
        },
        {
            "1": jobs(1, 2, meta={"pagination": {"page": 1, "per_page": 2, "total": 5}}),
            "2": jobs(3, 4, meta={"pagination": {"page": 2, "per_page": 2, "total": 5}}),
            "3": jobs(5, meta={"pagination": {"page": 3, "per_page": 2, "total": 5}}),
        },
        {
            "1": jobs(1, 2, meta={"hasMore": True}),
            "2": jobs(3, 4, meta={"hasMore": True}),
            "3": jobs(5, meta={"hasMore": False}),
        },
        {
            "1": jobs(1, 2, meta={"next": "https://api.example.com/api/v1/jobs?page=2"}),
            "2": jobs(3, 4, 5, meta={"next": None}),
        },
    ],
)
async def test_paging_is_followed_in_every_form(pages: Mapping[str, Json]) -> None:
    camp, transport = on(paged(pages))
    rows, _, result = await walked(camp)
    assert [row.id for row in rows] == ["j1", "j2", "j3", "j4", "j5"]
    assert (result.complete, result.clean) == (True, True)
    assert len(transport.asked) == len(pages)


async def test_rows_that_shift_between_pages_come_once() -> None:
    camp, _ = on(
        paged(
            {
                "1": jobs(1, 2, pagination={"page": 1, "pages": 2}),
                "2": jobs(2, 3, pagination={"page": 2, "pages": 2}),
            }
        )
    )
    rows, _, _ = await walked(camp)
    assert [row.id for row in rows] == ["j1", "j2", "j3"]


async def test_a_total_that_does_not_come_leaves_the_walk_incomplete() -> None:
    camp, _ = on(lambda _: says(200, jobs(1, 2, pagination={"page": 1, "pages": 1, "total": 5})))
    _, _, result = await walked(camp)
    assert (result.complete, result.clean) == (False, False)


async def test_a_server_that_always_promises_more_is_left() -> None:
    camp, transport = on(lambda _: says(200, jobs(1, 2, meta={"hasMore": True})))
    rows, _, _ = await walked(camp)
    assert len(rows) == 2
    assert len(transport.asked) == 2


async def test_a_round_count_is_probed_once_and_remembered() -> None:
    camp, transport = on(lambda _: says(200, jobs(*range(100))))
    for asked in (2, 3):
        rows, _, result = await walked(camp)
        assert len(rows) == 100
        assert (result.complete, result.clean) == (True, True)
        assert len(transport.asked) == asked
    assert camp.learned["paging:jobs"] == "ignored"


async def test_an_announced_page_that_comes_empty_is_not_the_end_of_the_list() -> None:
    first = jobs(1, 2, pagination={"page": 1, "limit": 2, "hasMore": True})
    camp, _ = on(paged({"1": first, "2": {"success": True, "data": []}}))
    rows, _, result = await walked(camp)
    assert [row.id for row in rows] == ["j1", "j2"]
    assert (result.complete, result.clean) == (True, False)
    assert "came empty" in (result.why_not or "")
    assert "paging:jobs" not in camp.learned


async def test_an_announced_page_that_says_itself_that_it_is_empty_is_the_end() -> None:
    first = jobs(1, 2, pagination={"page": 1, "limit": 2, "hasMore": True})
    last = jobs(pagination={"page": 2, "limit": 2, "hasMore": False})
    camp, _ = on(paged({"1": first, "2": last}))
    _, _, result = await walked(camp)
    assert (result.complete, result.clean) == (True, True)


async def test_pages_that_nothing_announces_are_found_by_the_probe() -> None:
    pages = {"1": jobs(*range(50)), "2": jobs(*range(50, 100)), "3": jobs(100), "4": jobs()}
    camp, _ = on(paged(pages))
    rows, _, result = await walked(camp)
    assert len(rows) == 101
    assert result.complete
    assert camp.learned["paging:jobs"] == "pages"


async def test_a_probe_that_is_refused_means_no_pages() -> None:
    camp, _ = on(
        lambda request: (
            says(400, {"error": "page?"}) if "page" in request.url.params else says(200, jobs(*range(20)))
        )
    )
    rows, _, result = await walked(camp)
    assert (len(rows), result.complete) == (20, True)


async def test_a_server_that_ignores_since_is_noticed() -> None:
    body = {"data": {"jobs": [{"id": "old", "updatedAt": "2026-01-01T00:00:00Z"}]}}
    camp, _ = on(lambda _: says(200, body))
    _, _, result = await walked(camp, since="2026-06-01T00:00:00.000Z")
    assert result.ignored_since


async def test_a_server_that_refuses_a_moment_is_asked_for_everything() -> None:
    camp, transport = on(
        lambda request: says(422, {"error": "since"}) if "since" in request.url.params else says(200, jobs(1))
    )
    rows, _, result = await walked(camp, since="2020-01-01T00:00:00.000Z")
    assert [row.id for row in rows] == ["j1"]
    assert result.ignored_since
    assert len(transport.asked) == 2


@pytest.mark.parametrize("status", [403, 404])
async def test_the_board_goes_on_without_clients(status: int) -> None:
    camp, _ = on(lambda _: says(status))
    rows, _, result = await walked(camp, Kind.CUSTOMER)
    assert rows == []
    assert (result.complete, result.clean) == (False, False)
    assert "clients" in (result.why_not or "")


async def test_visits_are_put_where_the_server_has_them() -> None:
    visit = {"id": "v1", "jobId": "j1", "technicianId": "b", "visitStatus": "scheduled"}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and request.url.path == "/api/v1/visits/v1":
            return says(404)
        return says(200, {"success": True, "data": {"visit": visit}})

    camp, transport = on(handler)
    step = Step(0, 0, "PUT", "/visits/v1", {"technicianId": "b"})
    answer = await camp.carry_out(step, Change(Kind.VISIT, "v1", TECHNICIANS, ["a"], ["b"]))
    assert answer.outcome is Outcome.DONE
    assert [request.url.path for request in transport.asked] == ["/api/v1/visits/v1", "/api/visits/v1"]
    assert camp.learned["path:visits"] == "/api/visits"


STEP = Step(0, 0, "PUT", "/visits/v1", {"technicianId": "b"})
CHANGE = Change(Kind.VISIT, "v1", TECHNICIANS, ["a"], ["b"])


def visit(**more: Any) -> dict[str, Any]:
    """A visit."""
    return {"id": "v1", "jobId": "j1", "technicianId": "b", "visitStatus": "scheduled", **more}


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (lambda: says(200, {"success": True, "data": {"visit": visit()}}), Outcome.DONE),
        (lambda: says(200, {"success": True, "data": visit()}), Outcome.DONE),
        (
            lambda: says(201, b"\xef\xbb\xbf" + json.dumps({"data": {"visit": visit()}}).encode()),
            Outcome.DONE,
        ),
        (lambda: says(200, {"data": {"visit": visit(technicianId="a")}}), Outcome.KEPT_OTHER),
        (lambda: says(200, {"data": {"visit": visit(id="v2")}}), Outcome.UNCERTAIN),
        (lambda: says(200, {"data": {"visit": visit(scheduledStart="rubbish")}}), Outcome.UNCERTAIN),
        (lambda: says(200, {"success": False, "error": "overlap"}), Outcome.REFUSED),
        (lambda: says(200, b"<html>portal</html>", "text/html"), Outcome.UNCERTAIN),
        (lambda: says(200, b'{"success": true, "da'), Outcome.UNCERTAIN),
        (lambda: says(422, {"error": {"message": "overlap"}}), Outcome.REFUSED),
        (lambda: says(404), Outcome.GONE),
        (lambda: says(502, b"<html>bad gateway", "text/html"), Outcome.UNCERTAIN),
    ],
)
async def test_what_an_answer_to_an_edit_means(reply: Callable[[], httpx.Response], outcome: Outcome) -> None:
    camp, _ = on(lambda _: reply())
    answer = await camp.carry_out(STEP, CHANGE)
    assert answer.outcome is outcome
    if outcome is Outcome.REFUSED:
        assert "overlap" in (answer.why or "")


@pytest.mark.parametrize(("now", "outcome"), [("b", Outcome.DONE), ("a", Outcome.KEPT_OTHER)])
async def test_an_edit_that_is_answered_with_nothing_is_read_back(now: str, outcome: Outcome) -> None:
    listed = {"data": {"visits": [visit(technicianId=now)]}}
    camp, _ = on(lambda request: says(200, listed) if request.method == "GET" else says(204))
    assert (await camp.carry_out(STEP, CHANGE)).outcome is outcome


async def test_the_accounts_own_word_for_a_status_is_written_back() -> None:
    listed = {"data": {"visits": [visit(visitStatus="On The Way", id="v9"), visit(technicianId="a")]}}
    job = {"data": {"job": {"id": "j1", "jobStatus": "in-progress"}}}

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            word = json.loads(request.content)["visitStatus"]
            return says(200, {"data": {"visit": visit(visitStatus=word)}})
        return says(200, job if "/jobs/" in request.url.path else listed)

    camp, transport = on(handler)
    change = Change(Kind.VISIT, "v1", STATUS, "open", "en_route")
    read = await camp.read(Kind.VISIT, "v1")
    assert read.row is not None
    operation = Operation(1, "01", Intent.STATUS, "visit:v1", (change,), OpState.SENDING)
    steps = await camp.steps(operation, {(Kind.VISIT, "v1"): read.row.entity})
    assert [(await camp.carry_out(step, change)).outcome for step in steps] == [Outcome.DONE]
    assert json.loads(transport.asked[-1].content) == {"visitStatus": "On The Way"}


async def test_a_status_that_no_name_of_the_field_can_set_is_refused() -> None:
    camp, transport = on(lambda _: says(422, {"error": "invalid status"}))
    step = Step(0, 0, "PUT", "/jobs/j1", {"jobStatus": "completed"})
    answer = await camp.carry_out(step, Change(Kind.JOB, "j1", STATUS, "open", "completed"))
    assert (answer.outcome, answer.status) == (Outcome.REFUSED, 422)
    assert [json.loads(one.content) for one in transport.asked] == [
        {"jobStatus": "completed"},
        {"status": "completed"},
    ]


async def test_cancelled_is_never_sent_as_status() -> None:
    camp, transport = on(lambda _: says(422, {"error": "invalid status"}))
    step = Step(0, 0, "PUT", "/jobs/j1", {"jobStatus": "cancelled"})
    answer = await camp.carry_out(step, Change(Kind.JOB, "j1", STATUS, "open", "cancelled"))
    assert answer.outcome is Outcome.REFUSED
    assert [json.loads(one.content) for one in transport.asked] == [{"jobStatus": "cancelled"}]


async def test_a_lost_answer_is_not_followed_by_another_try() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    camp, transport = on(handler)
    step = Step(0, 0, "PUT", "/jobs/j1", {"jobStatus": "completed"})
    answer = await camp.carry_out(step, Change(Kind.JOB, "j1", STATUS, "open", "completed"))
    assert answer.outcome is Outcome.UNCERTAIN
    assert len(transport.asked) == 1


@pytest.mark.parametrize(
    ("reply", "reading"),
    [
        (lambda: says(200, {"data": {"job": {"id": "j1"}}}), Reading.FOUND),
        (lambda: says(200, {"data": {"id": "j1"}}), Reading.FOUND),
        (lambda: says(404), Reading.GONE),
        (lambda: says(410, {"error": "gone"}), Reading.GONE),
        (lambda: says(403, {"error": "no"}), Reading.FAILED),
        (lambda: says(200, {"success": False, "error": "no"}), Reading.FAILED),
        (lambda: says(200, {"data": {"job": {"id": "j2"}}}), Reading.FAILED),
        (lambda: says(200, {"data": {"job": {"id": "j1", "jobItems": 5}}}), Reading.FAILED),
    ],
)
async def test_reading_one_job(reply: Callable[[], httpx.Response], reading: Reading) -> None:
    camp, _ = on(lambda _: reply())
    assert (await camp.read(Kind.JOB, "j1")).reading is reading


@pytest.mark.parametrize(
    "reply", [lambda: says(404, b"<html>", "text/html"), lambda: says(200, b"{"), lambda: says(500)]
)
async def test_reading_one_job_over_a_bad_line(reply: Callable[[], httpx.Response]) -> None:
    camp, _ = on(lambda _: reply())
    with pytest.raises(LineDown):
        await camp.read(Kind.JOB, "j1")


async def test_ids_are_quoted_in_addresses() -> None:
    camp, transport = on(lambda _: says(404))
    await camp.read(Kind.JOB, "a/../b?c=1")
    assert transport.asked[0].url.raw_path == b"/api/v1/jobs/a%2F..%2Fb%3Fc%3D1"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": "plain"}, "plain"),
        ({"error": {"message": "inside", "code": "E1"}}, "inside"),
        ({"error": {"code": "E1"}}, "E1"),
        ({"message": "beside"}, "beside"),
        ({"errors": ["one", {"message": "two"}]}, "one; two"),
        ({"success": False}, ""),
        ("text", "text"),
        (None, ""),
    ],
)
def test_errors_in_all_their_forms(body: Json, text: str) -> None:
    assert error_text(body) == text


@pytest.mark.parametrize(
    ("envelope", "paging"),
    [
        ({"success": True, "data": {"jobs": []}}, None),
        ({"meta": {"requestId": "x"}}, None),
        ({"meta": {"next_cursor": "c"}}, Paging({"cursor": "c"})),
        ({"meta": {"next_cursor": ""}}, Paging({})),
        ({"data": {"pagination": {"page": 1, "totalPages": 1}}}, Paging({})),
        ({"data": {"total": 9, "limit": 3, "jobs": []}}, Paging({"page": "2", "limit": "3"}, 9)),
        ({"pagination": {"page": "1", "pages": "many"}}, None),
    ],
)
def test_what_counts_as_paging(envelope: Mapping[str, Json], paging: Paging | None) -> None:
    assert paging_of(envelope, {}, 3) == paging
