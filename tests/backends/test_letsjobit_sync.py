"""LetsJobIt from end to end: what rounds ask, edits as the requests that arrive, each failure's effect."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fieldboard.board.job_plans import plan_create, plan_edit
from fieldboard.board.order_plans import plan_reorder
from fieldboard.board.planning import plan_reschedule, plan_status
from fieldboard.domain import fields
from fieldboard.domain.instants import instant_of
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.letsjobit.book import COMPANY_ID
from tests.backends.jobit import Account, account
from tests.backends.synced import NOW, TODAY, ZONE

READ, PUT, DELETE = "GET", "PUT", "DELETE"


@pytest.fixture
async def ljt(tmp_path: Path) -> AsyncIterator[Account]:
    async with account(tmp_path) as made:
        yield made


def equal_to_the_world(made: Account) -> None:
    """Every visit of the server is in the cache, word for word, and nothing else is."""
    store = made.store()
    ours = {job.id: job for job in store.jobs()}
    assert ours.keys() == made.book.by_key.keys()
    for key, job in ours.items():
        row = made.row(key)
        visit = store.planned_of_job(key)[0]
        assert (job.number, job.customer, job.notes or "") == (
            row["docNo"],
            row["customer"],
            row["obs"].replace("\r\n", "\n"),
        )
        assert visit.date is not None
        assert (visit.date.isoformat(), visit.sequence) == (row["date"], row.get("serviceOrder"))
        assert visit.technician_ids == ((row["driverId"],) if row["inMobileApp"] and row["driverId"] else ())
        flags = {name for name in ("closed", "skipped", "inProgress") if row[name]}
        assert flags == set(job.raw_status.split(",")) & {"closed", "skipped", "inProgress"}
        assert (job.lat, job.lng, job.skills) == (row["lat"], row["lng"], tuple(row["required_skills"]))
        assert job.duration_min == row["duration"] // 60
        assert len(job.items) == len(row.get("lines") or ())
        assert visit.start is None or visit.estimated
    assert {one.name for one in store.technicians()} >= {
        made.row(key)["name"] for key in ours if made.row(key)["driverId"]
    }
    store.close()


async def test_the_first_sync_equals_the_world(ljt: Account) -> None:
    equal_to_the_world(ljt)


@pytest.mark.parametrize(
    "settings",
    [
        {"booleans": "mixed", "counts": "text", "last_next": "end"},
        {"booleans": "text", "last_next": "null", "skipped_closes": "true", "placeholder": "nobody"},
        {"booleans": "number", "order": "updated", "single": "object", "missing": "empty"},
        {"stranger": "true", "placeholder": "empty"},
    ],
    ids=["mixed types", "texts", "shifting", "strangers"],
)
async def test_it_does_so_whatever_the_documents_leave_open(tmp_path: Path, settings: Any) -> None:
    async with account(tmp_path, jobs=230, **settings) as made:
        assert len(made.book.by_key) == 230
        store = made.store()
        assert len(list(store.jobs())) == 230
        store.close()
        visit = made.waiting()
        op = made.edit(visit.key, (fields.NOTE, "Ring twice"), intent=Intent.NOTE)
        await made.sync(patient=True)
        assert made.state(op) is OpState.CONFIRMED
        assert made.row(visit.key)["obs"].endswith("Ring twice")


async def test_a_round_that_nobody_waits_for_reads_today_and_one_day_around_it(ljt: Account) -> None:
    asked: list[dict[str, str]] = []
    for _ in range(9):
        ljt.clock.advance(20)
        ljt.forget()
        await ljt.sync()
        assert ljt.asked()[0] == {"date": "2026-06-04"}
        assert len(ljt.asked()) <= 3
        asked += ljt.asked()[1:]
    days = [one["date"] for one in asked if "date" in one]
    around = [(TODAY + timedelta(days=away)).isoformat() for away in (-1, 1, 2, 3, 4, 5, 6, 7)]
    assert sorted(days[:8]) == around
    assert days[8] == days[0]


async def test_what_is_open_and_what_was_skipped_is_read_every_few_minutes(ljt: Account) -> None:
    ljt.clock.advance(301)
    await ljt.sync()
    assert {"closed": "0", "skipped": "0"} in ljt.asked()
    assert {"closed": "0", "skipped": "1"} not in ljt.asked()
    ljt.forget()
    ljt.clock.advance(301)
    await ljt.sync()
    assert {"closed": "0", "skipped": "1"} in ljt.asked()


async def test_an_awaited_sync_reads_everything(ljt: Account) -> None:
    await ljt.sync(patient=True)
    assert ljt.asked() == [{}, {}]


async def test_a_change_by_others_is_noticed_in_the_next_round(ljt: Account) -> None:
    visit = ljt.waiting()
    ljt.world.jobs[ljt.book.by_key[visit.key].id].notes = "The key is under the mat"
    ljt.world.touch(ljt.book.by_key[visit.key], ljt.clock.now())
    ljt.clock.advance(20)
    await ljt.sync()
    assert "under the mat" in (ljt.cached(visit.key).notes or "")


async def test_a_visit_that_left_its_day_is_read_by_its_id(ljt: Account) -> None:
    moved, gone = ljt.waiting(), ljt.where(day=TODAY.isoformat(), in_progress=True)
    moved.day = "2026-09-01"
    moved.edition += 1
    job = ljt.book.by_key[gone.key]
    ljt.book.forget(job)
    lifecycle.delete_job(ljt.world, job)
    ljt.clock.advance(20)
    report = await ljt.sync()
    assert [one["_id"] for one in ljt.asked() if "_id" in one] == sorted((moved.key, gone.key))
    assert ljt.planned(moved.key).date == date(2026, 9, 1)
    assert not ljt.has(gone.key)
    assert report.deleted == 1


async def test_what_is_missing_from_everything_is_taken_away_by_a_full_sync(ljt: Account) -> None:
    gone = ljt.where(closed=True)
    job = ljt.book.by_key[gone.key]
    ljt.book.forget(job)
    lifecycle.delete_job(ljt.world, job)
    assert (await ljt.sync(full=True, patient=True)).deleted == 1
    assert not ljt.has(gone.key)


async def test_a_list_that_changes_its_length_takes_nothing_away(ljt: Account) -> None:
    ljt.line.spoiled = [("GET", '200 {"meta":{"totalRecords":120,"remainingRecords":0},"data":[]}')] * 8
    report = await ljt.sync(full=True)
    assert report.deleted == 0
    assert report.error == "the server announces 120 visits and sent 0"
    store = ljt.store()
    assert len(list(store.jobs())) == 120
    store.close()


@pytest.mark.parametrize("meta", ['{"totalRecords":0,"remainingRecords":0}', "{}"])
async def test_a_server_that_is_empty_all_at_once_takes_nothing_away(ljt: Account, meta: str) -> None:
    ljt.clock.advance(20)
    ljt.line.spoiled = [("GET", f'200 {{"meta":{meta},"data":null}}')] * 60
    report = await ljt.sync()
    assert report.deleted == 0
    assert ("missing at once" in (report.error or "")) is ("total" in meta)
    ljt.line.spoiled = []
    await ljt.sync(full=True, patient=True)
    equal_to_the_world(ljt)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("200 <html>log in</html>", "a web page"),
        ('200 {"meta":{},"error":"No such company"}', "No such company"),
        ('200 {"meta":{"error":"No such company"},"data":null}', "No such company"),
        ('200 {"data":"x"}', "no list of visits"),
        ("200 []", "no list of visits"),
        ('200 {"data":[]}', "no list of visits"),
        ('200 {"meta":{"totalRecords":1', "only half of it"),
        ("404 {}", "does not list visits (404)"),
        ('403 {"error":"Not yours"}', "Not yours"),
        ("500 {}", "an error of its own (500)"),
    ],
)
async def test_an_answer_that_is_no_list_ends_the_round_and_takes_nothing(
    ljt: Account, body: str, says: str
) -> None:
    ljt.line.spoiled = [("GET", body)] * 40
    report = await ljt.sync(patient=True)
    assert says in (report.error or "")
    await ljt.sync()
    store = ljt.store()
    assert len(list(store.jobs())) == 120
    store.close()


async def test_a_limit_is_waited_out_as_its_headers_say(ljt: Account) -> None:
    ljt.line.spoiled = [("GET", "429 {}")]
    assert (await ljt.sync()).error is None
    assert ljt.slept == [4.0]


async def test_the_key_goes_as_a_bearer_or_as_the_parameter_that_is_named(
    ljt: Account, tmp_path: Path
) -> None:
    assert ljt.line.headers[0]["authorization"] == "Bearer ljt_test_canary"
    assert "x-api-key" not in ljt.line.headers[0]
    async with account(
        tmp_path / "two", auth="query", key_parameter="key", system={"key_parameter": "key"}
    ) as made:
        assert "authorization" not in made.line.headers[0]


async def test_a_refused_key_says_so(tmp_path: Path) -> None:
    async with account(tmp_path, token="another", synced=False) as made:
        report = await made.sync(patient=True)
        assert report.token_refused


# -- edits -----------------------------------------------------------------------------------------


def another_driver(made: Account, not_this: str) -> tuple[str, str]:
    person = next(one for one in made.world.technicians if made.book.driver_id(one) != not_this)
    return made.book.driver_id(person), made.world.technicians[person].name


async def sent(made: Account, op: str) -> list[tuple[str, str, Any]]:
    """What the edit sent, up to the first list of the pull behind it."""
    made.forget()
    report = await made.engine.push_only(fence=made.fence)
    assert report.error is None
    assert made.state(op) is OpState.ACKED, made.op(op).reason
    return made.sent()


def around(key: str, body: Any, *, proof: bool = True) -> list[tuple[str, str, Any]]:
    """A read before, the proof of the id in the first edit of an account, the write, a read after."""
    proven = [(READ, f"/visits/{key}", None)] if proof else []
    return [(READ, f"/visits?_id={key}", None), *proven, (PUT, f"/visits/{key}", body),
            (READ, f"/visits?_id={key}", None)]  # fmt: skip


async def test_assign_tells_who_and_that_the_app_shows_it(ljt: Account) -> None:
    visit = ljt.where(in_app=False, closed=False, skipped=False)
    driver, name = another_driver(ljt, "")
    op = ljt.edit(visit.key, (fields.TECHNICIANS, [driver]), intent=Intent.ASSIGN)
    body = {"driverId": driver, "name": name, "inMobileApp": "1"}
    assert await sent(ljt, op) == around(visit.key, body)
    assert (visit.driver_id, visit.in_app) == (driver, True)


async def test_reassign_tells_who_alone_and_unassign_hides_it_from_the_app(ljt: Account) -> None:
    visit = ljt.waiting()
    driver, name = another_driver(ljt, visit.driver_id)
    op = ljt.edit(visit.key, (fields.TECHNICIANS, [driver]), intent=Intent.ASSIGN)
    assert await sent(ljt, op) == around(visit.key, {"driverId": driver, "name": name})
    op = ljt.edit(visit.key, (fields.TECHNICIANS, []), intent=Intent.UNASSIGN)
    assert await sent(ljt, op) == around(visit.key, {"inMobileApp": "0"}, proof=False)
    assert (visit.driver_id, visit.in_app) == (driver, False)
    assert ljt.cached(visit.key).status is Status.UNASSIGNED


async def test_another_day_is_written_and_a_clock_time_is_dropped_with_a_warning(ljt: Account) -> None:
    visit = ljt.waiting()
    store = ljt.store()
    desk = ljt.desk(store)
    plan = plan_reschedule(desk, store.planned_of_job(visit.key)[0], instant_of(NOW) + 4 * 86400)
    draft = plan.drafts[0]
    assert any("only the day is written" in one for one in draft.warnings)
    op = ljt.engine.outbox.add(draft).op_id
    store.close()
    assert await sent(ljt, op) == around(visit.key, {"date": "2026-06-08"})
    assert ljt.planned(visit.key).date == date(2026, 6, 8)


async def test_another_order_writes_the_places_that_change_and_reads_the_day_once(tmp_path: Path) -> None:
    async with account(tmp_path, technicians=2) as made:
        store = made.store()
        desk = made.desk(store)
        days = [
            (day, [one for one in desk.visits_of(person.id, day) if one.status is Status.ASSIGNED])
            for person in store.technicians()
            for day in (TODAY + timedelta(days=away) for away in range(1, 8))
        ]
        day, planned = max(days, key=lambda one: len(one[1]))
        plan = plan_reorder(desk, max(planned, key=lambda one: one.sequence or 0), position=1)
        changes = plan.drafts[0].changes
        assert len(changes) > 1
        op = made.engine.outbox.add(plan.drafts[0]).op_id
        store.close()
        requests = await sent(made, op)
        assert [one for one in requests if one[0] == PUT] == [
            (PUT, f"/visits/{one.id}", {"serviceOrder": one.value}) for one in changes
        ]
        # Each is read before, one more time for the id; after it the day is.
        assert requests[-1] == (READ, f"/visits?date={day}", None)
        assert len(requests) == 2 * len(changes) + 2
        for one in changes:
            assert made.row(one.id)["serviceOrder"] == one.value


async def test_a_note_goes_below_what_is_there_now_byte_for_byte(ljt: Account) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, (fields.NOTE, "Ring twice"), intent=Intent.NOTE)
    theirs = "Mind the dog \r\n\r\nGate code 4711\t"
    ljt.write(visit, obs=theirs)
    requests = await sent(ljt, op)
    assert requests == around(visit.key, {"obs": f"{theirs}\nRing twice"})


@pytest.mark.parametrize(
    ("name", "value", "body"),
    [
        ("priority", "high", {"priority": "1"}),
        ("priority", "low", {"priority": "3"}),
        ("priority", "urgent", {"precedencePriorityVisit": "1"}),
        ("skills", ["drains", "gas"], {"required_skills": ["drains", "gas"]}),
        ("skills", [], {"required_skills": []}),
        ("phone", "01170000000", {"contactPhone": "01170000000"}),
        ("notes", "All new", {"obs": "All new"}),
        ("duration_min", 95, {"duration": 5700}),
        ("own:Contact", "Jo Hall", {"contactPerson": "Jo Hall"}),
        ("own:Contact", None, {"contactPerson": ""}),
        ("own:Vehicles", "Van 1, Van 2", {"allowed_vehicles": ["Van 1", "Van 2"]}),
        (
            "own:Opening hours",
            "08:00-13:00, 22:00-06:00 (overnight)",
            {"time_windows": [{"earliest": 28800, "latest": 46800}, {"earliest": 79200, "latest": 21600}]},
        ),
        ("own:Opening hours", None, {"time_windows": []}),
    ],
)
async def test_each_field_that_can_be_edited(ljt: Account, name: str, value: Any, body: Any) -> None:
    visit = ljt.where(priority="2", precedence=False, closed=False, skipped=False)
    ljt.write(visit, contactPerson="Al", time_windows=[{"earliest": 30600, "latest": 64800}])
    await ljt.sync(patient=True)
    op = ljt.edit(visit.key, (name, value))
    assert await sent(ljt, op) == around(visit.key, body)
    assert fields.value_of(ljt.cached(visit.key), name) == value


@pytest.mark.parametrize("text", ["8:00-13:00", "08:00-25:00", "08:00", "08:00-08:00", "always"])
async def test_opening_hours_in_no_known_form_are_refused(ljt: Account, text: str) -> None:
    op = ljt.edit(ljt.waiting().key, ("own:Opening hours", text))
    await ljt.sync()
    assert ljt.state(op) is OpState.REJECTED
    assert "write 08:00-13:00" in (ljt.op(op).reason or "")
    assert ljt.writes() == []


async def test_what_was_urgent_and_is_not_any_more(ljt: Account) -> None:
    visit = ljt.where(precedence=True, closed=False)
    op = ljt.edit(visit.key, ("priority", "normal"))
    body = {"priority": "2", "precedencePriorityVisit": "0"}
    assert await sent(ljt, op) == around(visit.key, body)
    assert ljt.cached(visit.key).priority is Priority.NORMAL


async def test_several_fields_go_in_one_request(ljt: Account) -> None:
    visit = ljt.waiting()
    store = ljt.store()
    job = store.job(visit.key)
    assert job is not None
    plan = plan_edit(ljt.desk(store), job, {"phone": "0117", "date": "2026-06-09", "notes": "New"})
    op = ljt.engine.outbox.add(plan.drafts[0]).op_id
    store.close()
    body = {"contactPhone": "0117", "obs": "New", "date": "2026-06-09"}
    assert await sent(ljt, op) == around(visit.key, body)


NEW = {
    "title": "Leaking tap",
    "number": "X-1",
    "customer": "Acme Ltd",
    "address": "1 High St",
    "city": "Bath",
    "times": [None, None, "2026-06-05"],
}


def create(made: Account, **more: Any) -> str:
    crew = [made.book.driver_id(next(iter(made.world.technicians)))]
    value = {**NEW, "technicians": crew, **more}
    return made.add(Intent.CREATE, Change(Kind.JOB, "new", fields.CREATED, None, value))


async def test_a_new_visit_goes_by_an_id_that_no_other_has(ljt: Account) -> None:
    person = next(iter(ljt.world.technicians))
    op = create(
        ljt,
        priority="high",
        skills=["gas"],
        duration_min=45,
        notes="N",
        set={"postCode": "BA1 1AA", "time_windows": "08:00-12:30"},
    )
    requests = await sent(ljt, op)
    ((erp_id, body),) = [(one["id"], one) for _, _, (one,) in ljt.writes()]
    assert 8_000_000_000_000_000 <= erp_id < 2**53
    find = (READ, f"/visits?id={erp_id}", None)
    assert requests == [find, ("POST", "/visits", [body]), find]
    assert body == {
        "id": erp_id,
        "driverId": ljt.book.driver_id(person),
        "name": ljt.world.technicians[person].name,
        "inMobileApp": "1",
        "date": "2026-06-05",
        "docNo": "X-1",
        "docType": "Leaking tap",
        "customer": "Acme Ltd",
        "address": "1 High St",
        "city": "Bath",
        "companyId": COMPANY_ID,
        "lines": [{"actionItem": True, "description": "Leaking tap", "qty": 1}],
        "priority": "1",
        "required_skills": ["gas"],
        "duration": 2700,
        "obs": "N",
        "postCode": "BA1 1AA",
        "time_windows": [{"earliest": 28800, "latest": 45000}],
    }
    made = next(key for key, job in ljt.book.by_key.items() if job.number == "X-1")
    assert ljt.cached(made).title == "Acme Ltd - Leaking tap"
    assert ljt.planned(made).date == date(2026, 6, 5)


@pytest.mark.parametrize("how", ["lost after", "lost before"])
async def test_a_lost_creation_is_found_by_its_id_and_never_doubled(ljt: Account, how: str) -> None:
    op = create(ljt)
    ljt.line.spoiled = [("POST", how)]
    await ljt.sync(patient=True)
    for _ in range(3):
        ljt.clock.advance(40)
        await ljt.sync(patient=True)
    assert ljt.state(op) is OpState.CONFIRMED
    posts = [body[0]["id"] for method, _, body in ljt.writes() if method == "POST"]
    assert len(set(posts)) == len(posts) == 1
    assert sum(job.number == "X-1" for job in ljt.book.by_key.values()) == 1


async def test_a_creation_that_the_server_errs_on_is_sent_again_under_the_same_id(ljt: Account) -> None:
    op = create(ljt)
    ljt.line.spoiled = [("POST", "500 {}")]
    await ljt.sync(patient=True)
    assert ljt.state(op) is OpState.UNCERTAIN
    steps = ljt.engine.outbox.steps_of(op)
    ljt.clock.advance(40)
    await ljt.sync(patient=True)
    assert ljt.state(op) is OpState.CONFIRMED
    ((_, _, (body,)),) = ljt.writes()
    assert str(body["id"]) == steps[0].marker


async def test_an_error_within_a_200_is_no_success(ljt: Account) -> None:
    op = create(ljt)
    failed = '200 {"meta":{"recordsInserted":0,"errors":[{"error":404,"message":"No driver"}]},"data":null}'
    ljt.line.spoiled = [("POST", failed)]
    await ljt.sync(patient=True)
    assert ljt.state(op) is OpState.REJECTED
    assert "No driver" in (ljt.op(op).reason or "")


async def test_delete_is_proven_by_a_read_and_gone(ljt: Account) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, (fields.DELETED, True), intent=Intent.DELETE)
    requests = await sent(ljt, op)
    assert requests == [
        (READ, f"/visits?_id={visit.key}", None),
        (READ, f"/visits/{visit.key}", None),
        (DELETE, f"/visits/{visit.key}", None),
    ]
    await ljt.sync(patient=True)
    assert ljt.state(op) is OpState.CONFIRMED
    assert not ljt.has(visit.key)


async def test_edits_go_to_the_id_that_a_read_has_proven(tmp_path: Path) -> None:
    async with account(tmp_path, path_id="erp") as made:
        visit = made.waiting()
        op = made.edit(visit.key, ("phone", "0117"))
        requests = await sent(made, op)
        assert requests[1:4] == [
            (READ, f"/visits/{visit.key}", None),
            (READ, f"/visits/{visit.erp_id}", None),
            (PUT, f"/visits/{visit.erp_id}", {"contactPhone": "0117"}),
        ]
        assert made.jobit.learned["write_id"] == "id"
        op = made.edit(visit.key, ("phone", "0118"))
        assert [path for _, path, _ in await sent(made, op)] == [
            f"/visits?_id={visit.key}", f"/visits/{visit.erp_id}", f"/visits?_id={visit.key}",
        ]  # fmt: skip


async def test_an_id_that_is_known_no_more_is_proven_anew(tmp_path: Path) -> None:
    async with account(tmp_path) as made:
        visit = made.waiting()
        made.jobit.learned["write_id"] = "id"  # type: ignore[index]
        op = made.edit(visit.key, ("phone", "0117"))
        await made.sync()
        assert made.state(op) is OpState.CONFIRMED
        assert [path for _, path, _ in made.writes()] == [f"/visits/{visit.erp_id}", f"/visits/{visit.key}"]
        assert made.jobit.learned["write_id"] == "_id"


async def test_nothing_is_written_where_no_id_is_proven(ljt: Account) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, ("phone", "0117"))
    ljt.forget()
    # The read of the edit passes; those by a path find nothing.
    ljt.line.spoiled = [("GET", "pass"), ("GET", "404 {}"), ("GET", "404 {}")]
    await ljt.sync()
    assert ljt.state(op) is OpState.REJECTED
    assert "nothing is written" in (ljt.op(op).reason or "")
    assert ljt.writes() == []


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        ('200 {"meta":{"updatedRecords":0},"data":null}', OpState.REJECTED, "does not say that anything"),
        ('200 {"meta":{},"error":"Locked"}', OpState.REJECTED, "Locked"),
        ('200 {"meta":{"error":"Locked"},"data":null}', OpState.REJECTED, "Locked"),
        ('400 {"error":"Bad date"}', OpState.REJECTED, "Bad date"),
        ("404 {}", OpState.REJECTED, "does not know it by the id"),
        ("500 {}", OpState.UNCERTAIN, None),
        ("200 <html>", OpState.UNCERTAIN, None),
        ("200 not json", OpState.UNCERTAIN, None),
        ("429 {}", OpState.CONFIRMED, None),
        ("401 {}", OpState.QUEUED, None),
        ("403 {}", OpState.QUEUED, None),
    ],
)
async def test_each_answer_to_a_write(ljt: Account, answer: str, state: OpState, says: str | None) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, ("phone", "0117"))
    ljt.line.spoiled = [(PUT, answer)] * (2 if answer[:3] in ("403", "404") else 1)
    await ljt.sync()
    assert ljt.state(op) is state
    if says is not None:
        assert says in (ljt.op(op).reason or "")


async def test_a_lost_answer_to_a_change_is_looked_up(ljt: Account) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, ("phone", "0117"))
    ljt.line.spoiled = [(PUT, "lost after")]
    await ljt.sync()
    assert ljt.state(op) is OpState.CONFIRMED
    assert len(ljt.writes()) == 1


async def test_a_read_that_lags_behind_a_write_does_not_make_a_visit_gone(ljt: Account) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, (fields.SEQUENCE, 77), intent=Intent.REORDER)
    nothing = '200 {"meta":{"totalRecords":0,"remainingRecords":0},"data":[]}'
    ljt.line.spoiled = [(PUT, "pass"), ("GET", nothing)]
    await ljt.sync()
    assert ljt.line.spoiled == []
    assert ljt.state(op) is OpState.CONFIRMED
    assert ljt.row(visit.key)["serviceOrder"] == 77


async def test_what_somebody_else_changed_meanwhile_is_asked_about(ljt: Account) -> None:
    visit = ljt.waiting()
    op = ljt.edit(visit.key, ("phone", "0117"))
    ljt.write(visit, contactPhone="0119")
    await ljt.sync()
    assert ljt.state(op) is OpState.CONFLICT
    assert ljt.writes() == []


async def test_an_order_that_the_routing_rewrites_is_told(tmp_path: Path) -> None:
    async with account(tmp_path, routing="true") as made:
        visit = made.waiting(date(2026, 6, 5))
        op = made.edit(visit.key, (fields.SEQUENCE, 77), intent=Intent.REORDER)
        await made.sync()
        assert made.state(op) is OpState.CONFLICT
        assert made.planned(visit.key).sequence == made.row(visit.key)["serviceOrder"] != 77


async def test_flags_are_written_only_where_the_profile_allows_it(tmp_path: Path, ljt: Account) -> None:
    store = ljt.store()
    job = store.job(ljt.waiting().key)
    assert job is not None
    assert "field app sets the status" in (plan_status(ljt.desk(store), job, Status.COMPLETED).refusal or "")
    store.close()
    async with account(tmp_path / "two", system={"allow_flag_writes": True}) as made:
        visit = made.waiting()
        op = made.edit(visit.key, (fields.STATUS, "completed"), intent=Intent.STATUS)
        assert await sent(made, op) == around(visit.key, {"closed": "1", "inProgress": "0"})
        assert made.cached(visit.key).status is Status.COMPLETED
        assert not any("confirmClose" in str(body) for _, _, body in made.writes())


@pytest.mark.parametrize("closes", ["true", "false"])
@pytest.mark.parametrize(
    ("goal", "flags"),
    [("open", {"inProgress": "0"}), ("in_progress", {"inProgress": "1"})],
)
async def test_a_skipped_visit_is_no_more_skipped_once_it_has_another_status(
    tmp_path: Path, closes: str, goal: str, flags: dict[str, str]
) -> None:
    system = {"allow_flag_writes": True}
    async with account(tmp_path, system=system, skipped_closes=closes) as made:
        visit = made.waiting()
        made.edit(visit.key, (fields.STATUS, "skipped"), intent=Intent.STATUS)
        await made.sync()
        made.forget()
        op = made.edit(visit.key, (fields.STATUS, goal), intent=Intent.STATUS)
        back = {"skipped": "0", **({"closed": "0"} if closes == "true" else {})}
        assert await sent(made, op) == around(visit.key, {**back, **flags}, proof=False)
        assert fields.value_of(made.cached(visit.key), fields.STATUS) == goal


async def test_flags_that_a_server_takes_and_ignores_are_seen(tmp_path: Path) -> None:
    async with account(tmp_path, system={"allow_flag_writes": True}, flag_writes="ignore") as made:
        op = made.edit(made.waiting().key, (fields.STATUS, "completed"), intent=Intent.STATUS)
        await made.sync()
        assert made.state(op) in (OpState.REJECTED, OpState.CONFLICT)


async def test_a_driver_of_the_roster_alone_can_be_sent(tmp_path: Path) -> None:
    async with account(tmp_path, people={"newcomer": "Nia Newcomer"}) as made:
        store = made.store()
        assert {one.name for one in store.technicians() if one.id == "newcomer"} == {"Nia Newcomer"}
        store.close()
        visit = made.waiting()
        op = made.edit(visit.key, (fields.TECHNICIANS, ["newcomer"]), intent=Intent.ASSIGN)
        assert await sent(made, op) == around(visit.key, {"driverId": "newcomer", "name": "Nia Newcomer"})


async def test_who_is_at_work_today_is_busy_and_who_left_is_not_active(ljt: Account) -> None:
    store = ljt.store()
    people = {one.id: one for one in store.technicians()}
    store.close()
    busy = {card.driver_id for _, card in ljt.cards() if card.in_progress and card.day == TODAY.isoformat()}
    assert {one.id for one in people.values() if one.status == "busy"} == busy
    assert all(one.active for one in people.values())


async def test_a_row_that_cannot_be_read_is_set_aside_and_nothing_is_taken_away(ljt: Account) -> None:
    visit = ljt.waiting()
    ljt.write(visit, driverId={"a": 1})
    ljt.clock.advance(20)
    report = await ljt.sync(full=True, patient=True)
    assert report.error is None
    assert report.deleted == 0
    assert ljt.has(visit.key)


async def test_doctor_looks_and_writes_nothing(ljt: Account) -> None:
    found = {one.name: one for one in await ljt.jobit.probe()}
    assert all(one.ok is not False for one in found.values()), found
    assert {name.removeprefix("filter ") for name in found if name.startswith("filter")} == {
        "_id", "id", "date", "driverId", "docNo", "closed", "confirmClose", "inProgress", "skipped",
        "priority",
    }  # fmt: skip
    assert "internal _id" in found["id of writes"].says
    assert found["visits"].says == "120 in all, in pages of 100"
    assert ljt.writes() == []


async def test_a_draft_for_the_board_is_planned_with_all_that_the_system_wants(ljt: Account) -> None:
    store = ljt.store()
    desk = ljt.desk(store)
    refusal = plan_create(desk, {"title": "Leaking tap"}).refusal or ""
    for name in ("number", "customer", "address", "city", "date", "technician"):
        assert name in refusal
    person = store.technicians()[0].id
    given: dict[str, Any] = {
        "title": "T",
        "number": "9",
        "customer": "C",
        "address": "A",
        "city": "B",
        "technicians": [person],
    }
    plan = plan_create(desk, {**given, "start": ZONE.day_bounds(TODAY)[0] + 36000})
    store.close()
    draft: OperationDraft = plan.drafts[0]
    assert isinstance(draft.changes[0].value, dict)
    assert draft.changes[0].value["times"] == [None, None, "2026-06-04"]
    assert any("only the day is written" in one for one in draft.warnings)
