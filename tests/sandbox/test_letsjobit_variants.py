"""The sandbox's LetsJobIt server: its key, its limit, and each way of what the documents leave open."""

from __future__ import annotations

import httpx
import pytest

from fieldboard.sandbox.letsjobit import Settings
from fieldboard.sandbox.switches import BadSetting
from tests.sandbox.conftest import NOW, TODAY, TOKEN
from tests.sandbox.letsjobit_server import Row, Server, serving
from tests.sandbox.test_letsjobit_writes import FEWEST, POSTED

VISITS = "/api/v2/visits"


async def ask(server: Server, path: str = VISITS, token: str | None = TOKEN, **query: str) -> httpx.Response:
    """A GET with a key of its own, or none."""
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    transport = httpx.ASGITransport(server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://s", headers=headers) as http:
        return await http.get(path, params=query)


async def test_the_key_is_a_bearer_token() -> None:
    async with serving() as server:
        assert (await ask(server)).status_code == 200
        for token in ("other", "", None):
            answer = await ask(server, token=token)
            assert (answer.status_code, answer.json()) == (401, {"meta": {}, "error": "Invalid API key"})
        assert (await ask(server, token=None, api_key=TOKEN)).status_code == 401


async def test_the_key_may_be_wanted_in_the_query() -> None:
    async with serving(auth="query", key_parameter="API_KEY") as server:
        assert (await ask(server)).status_code == 401
        assert (await ask(server, token=None, api_key=TOKEN)).status_code == 401
        assert (await ask(server, token=None, API_KEY=TOKEN)).status_code == 200
    async with serving(auth="either") as server:
        assert (await ask(server)).status_code == 200
        assert (await ask(server, token=None, api_key=TOKEN)).status_code == 200


async def test_a_hundred_requests_in_ten_seconds_and_the_headers_say_how_many_are_left() -> None:
    async with serving(rate_limit="100") as server:
        key = (await server.get())["data"][0]["_id"]
        for used in range(2, 101):
            if used == 51:
                server.pass_time(4)
            answer = await server.http.get(VISITS, params={"_id": key})
            assert answer.status_code == 200
            assert answer.headers["X-RateLimit-Remaining"] == str(100 - used)
            assert answer.headers["X-Rate-Limit-Reset"] == ("10" if used < 51 else "6")
        for method in ("GET", "PUT", "DELETE"):
            answer = await server.http.request(method, f"{VISITS}/{key}")
            assert answer.status_code == 429
            assert answer.json()["meta"] == {}
            assert answer.headers["X-RateLimit-Remaining"] == "0"
            assert answer.headers["X-Rate-Limit-Reset"] == "6"
            assert "retry-after" not in answer.headers
        # A wrong key takes nothing from the right one.
        assert (await ask(server, token="other")).status_code == 401
        server.pass_time(5.9)
        assert (await server.http.get(VISITS)).status_code == 429
        server.pass_time(0.1)
        answer = await server.http.get(VISITS)
        assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (200, "99")


async def test_the_reset_may_be_a_time_and_a_clock_that_is_set_back_opens_a_window() -> None:
    async with serving(rate_limit="1", reset_as="epoch") as server:
        answer = await server.http.get(VISITS)
        assert int(answer.headers["X-Rate-Limit-Reset"]) == NOW.timestamp() + 10
        server.pass_time(-3600)
        assert (await server.http.get(VISITS)).status_code == 200


async def test_a_path_takes_the_id_that_the_settings_say() -> None:
    async with serving(path_id="erp") as server:
        row = (await server.get())["data"][0]
        assert (await server.get(f"/{row['id']}"))["data"] == [row]
        assert (await server.http.put(f"{VISITS}/{row['_id']}", json={"obs": "x"})).status_code == 404
        assert await server.put(str(row["id"]), obs="x") == {"updatedRecords": 1}
    async with serving(path_id="both") as server:
        for key in ("_id", "id"):
            assert (await server.get(f"/{row[key]}"))["data"] == [row]
    async with serving() as server:
        assert (await server.http.delete(f"{VISITS}/{row['id']}")).status_code == 404
        assert (await server.http.delete(f"{VISITS}/{row['_id']}")).status_code == 200


async def test_one_visit_may_come_without_a_list_around_it() -> None:
    async with serving(single="object") as server:
        row = (await server.get())["data"][0]
        assert await server.get(f"/{row['_id']}") == {"meta": {"totalRecords": 1}, "data": row}


async def test_what_is_not_there_may_be_no_record() -> None:
    async with serving(missing="empty") as server:
        assert (await server.get("/none"))["data"] == []
        assert await server.put("none", obs="x") == {"updatedRecords": 0}
        answer = await server.http.delete(f"{VISITS}/none")
        assert answer.json() == {"meta": {"deletedRecords": 0}, "data": None}


@pytest.mark.parametrize(("last_next", "shown"), [("null", None), ("end", 400)])
async def test_the_last_page_may_name_a_next_one(last_next: str, shown: object) -> None:
    async with serving(last_next=last_next) as server:
        meta = (await server.get(pagination="300"))["meta"]
        assert (meta["remainingRecords"], meta["nextStart"]) == (0, shown)


async def test_a_list_may_stop_at_a_hundred_without_a_word() -> None:
    async with serving(totals="false") as server:
        body = await server.get()
        assert (body["meta"], len(body["data"])) == ({}, 100)
        assert len((await server.get(pagination="300"))["data"]) == 100


async def test_counts_may_be_texts() -> None:
    async with serving(counts="text") as server:
        body = await server.get()
        assert body["meta"] == {
            "totalRecords": "400",
            "returnedRecords": "100",
            "remainingRecords": "300",
            "nextStart": "100",
        }
        assert await server.put(body["data"][0]["_id"], obs="x") == {"updatedRecords": "1"}
        assert (await server.post(FEWEST))["recordsInserted"] == "1"


@pytest.mark.parametrize(("form", "kinds"), [("number", {int}), ("text", {str}), ("mixed", {bool, int, str})])
async def test_flags_come_in_every_form_and_mean_the_same(form: str, kinds: set[type]) -> None:
    async with serving() as plain, serving(booleans=form) as server:
        for row, other in zip(await plain.all(), await server.all(), strict=True):
            flags = [name for name, value in row.items() if isinstance(value, bool)]
            assert {type(other[name]) for name in flags} == kinds
            assert all(int(other[name]) == row[name] for name in flags)
            assert {name: value for name, value in other.items() if name not in flags} == {
                name: value for name, value in row.items() if name not in flags
            }


async def test_a_changed_visit_may_go_to_the_end_so_that_pages_shift() -> None:
    async with serving(order="updated") as server:
        first, second = (await server.get())["data"][:2]
        await server.put(first["_id"], obs="x")
        page = await server.get(pagination="300")
        assert page["data"][-1]["_id"] == first["_id"]
        assert (await server.get())["data"][0] == second


async def test_the_total_may_change_between_two_pages() -> None:
    async with serving() as server:
        first = await server.get()
        await server.http.delete(f"{VISITS}/{first['data'][0]['_id']}")
        second = await server.get(pagination="100")
        assert second["meta"]["totalRecords"] == first["meta"]["totalRecords"] - 1


async def test_an_upsert_merges_or_replaces() -> None:
    whole = POSTED | {"closed": "0", "confirmClose": "0"}
    known = {"id": POSTED["id"]}
    async with serving() as server:
        await server.post(whole)
        await server.post(FEWEST | known)
        (row,) = (await server.get(id=str(POSTED["id"])))["data"]
        assert (row["customer"], row["obs"], row["serviceOrder"]) == ("A & Sons", POSTED["obs"], 3)
    async with serving(upsert="replace") as server:
        await server.post(whole)
        (before,) = (await server.get(id=str(POSTED["id"])))["data"]
        assert (await server.post(FEWEST | known))["recordsUpdated"] == 1
        (row,) = (await server.get(id=str(POSTED["id"])))["data"]
        assert (row["_id"], row["customer"]) == (before["_id"], "A & Sons")
        assert not {"obs", "serviceOrder", "lines", "time_windows"} & set(row)
        # One of the company's own, too.
        own = await server.first(closed=True)
        await server.post(FEWEST | {"id": own["id"]})
        (row,) = (await server.get(_id=own["_id"]))["data"]
        assert (row["closed"], row["customer"]) == (False, "A & Sons")
        assert server.job(row).visits[0].status == "scheduled"
        assert "lines" not in row


async def test_flags_may_be_ignored_or_refused_in_writes() -> None:
    async with serving(flag_writes="ignore") as server:
        row = await server.first(inMobileApp=True, closed=False, inProgress=False)
        assert await server.put(row["_id"], closed="1") == {"updatedRecords": 0}
        assert await server.put(row["_id"], closed="1", obs="x") == {"updatedRecords": 1}
        assert not (await server.one(row["_id"]))["closed"]
    async with serving(flag_writes="refuse") as server:
        assert (await server.http.put(f"{VISITS}/{row['_id']}", json={"closed": "1"})).status_code == 400
        assert (await server.post(POSTED))["errors"][0]["error"] == 400


async def test_a_driver_that_nobody_knows_may_be_refused() -> None:
    async with serving(unknown_driver="refuse") as server:
        assert (await server.post(FEWEST))["errors"] == [{"error": 404, "message": "Driver not found"}]
        known = server.book.driver_id(next(iter(server.world.technicians)))
        assert (await server.post(FEWEST | {"driverId": known}))["recordsInserted"] == 1


async def test_what_waits_names_somebody_nobody_or_no_one() -> None:
    async def waiting(server: Server) -> list[Row]:
        return [row for row in await server.all() if not row["inMobileApp"] and not row["skipped"]]

    async with serving(placeholder="nobody") as server:
        rows = await waiting(server)
        assert len(rows) == 14
        nobody = [row for row in rows if server.book.person(row["driverId"]) is None]
        # One waits for a day, not for somebody.
        assert len(nobody) == 13
        assert len({(row["driverId"], row["name"]) for row in nobody}) == 1
        assert nobody[0]["name"] == "Not planned"
    async with serving(placeholder="empty") as server:
        assert [row["name"] for row in await waiting(server) if not row["driverId"]] == [""] * 13


async def test_a_skipped_visit_may_be_closed_too() -> None:
    async with serving(skipped_closes="true") as server:
        skipped = await server.all(skipped="1")
        assert skipped
        assert all(row["closed"] and "signature" not in row for row in skipped)
        row = await server.first(inMobileApp=True, closed=False, inProgress=False)
        await server.put(row["_id"], skipped="1")
        assert (await server.one(row["_id"]))["closed"]
        await server.put(row["_id"], skipped="0")
        assert not (await server.one(row["_id"]))["closed"]


async def test_one_of_todays_visits_may_be_a_strangers() -> None:
    async with serving(stranger="true") as server:
        (row,) = await server.all(driverId="12345")
        assert (row["name"], row["date"], row["inMobileApp"]) == ("Agency driver", TODAY.isoformat(), True)
        assert server.job(row).visits[0].crew == []


@pytest.mark.parametrize(
    ("error_at", "body"),
    [("top", {"meta": {}, "error": "Visit not found"}), ("meta", {"meta": {"error": "Visit not found"}}),
     ("none", {"meta": {}})],
)  # fmt: skip
async def test_the_sentence_of_a_failure_stands_where_the_settings_say(error_at: str, body: Row) -> None:
    async with serving(error_at=error_at) as server:
        answer = await server.http.get(f"{VISITS}/none")
        assert (answer.status_code, answer.json()) == (404, body)
    async with serving(error_at=error_at, soft_errors="true") as server:
        answer = await server.http.get(f"{VISITS}/none")
        assert (answer.status_code, answer.json()) == (200, body)
        assert (await ask(server, token=None)).status_code == 401


async def test_paths_that_the_documents_do_not_have_are_pages() -> None:
    async with serving() as server:
        for path in ("/api/v2/drivers", "/v2/visits", "/"):
            answer = await server.http.get(path)
            assert answer.status_code == 404
            assert answer.text.startswith("<!doctype html>")
        assert server.app.state.requests[-1] == ("GET", "/", "")
        await server.post(FEWEST)
        assert server.app.state.bodies[-1] == [FEWEST]


def test_a_switch_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BadSetting, match="there are auth, booleans, counts"):
        Settings.parse({"dialect": "x"})
    with pytest.raises(BadSetting, match="path_id is one of internal, erp, both"):
        Settings.parse({"path_id": "x"})
