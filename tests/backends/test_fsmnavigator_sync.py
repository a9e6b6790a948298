"""FSM Navigator from end to end: reads, edits and what refuses them, by the requests that arrive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fieldboard.backends.fsmnavigator.reading import row_of
from fieldboard.backends.port import Outcome
from fieldboard.board.desk import Desk
from fieldboard.board.planning import plan_create, plan_edit, plan_status, plan_undo, status_choices
from fieldboard.domain import fields
from fieldboard.domain.instants import instant_of
from fieldboard.domain.operation import Change, Intent, Json, Kind, OperationDraft, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.roster import Roster
from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.fsmnavigator.wire import job_json, stamp
from tests.backends.navigator import TOKEN, Account, account
from tests.backends.synced import NOW, ZONE

PRIORITY = {"Urgent": "urgent", "High": "high", "Medium": "normal", "Low": "low"}


@pytest.fixture
async def nav(tmp_path: Path) -> AsyncIterator[Account]:
    async with account(tmp_path) as made:
        yield made


async def test_the_first_sync_equals_the_world(nav: Account) -> None:
    store = nav.store()
    assert len(list(store.jobs())) == len(nav.world.jobs)
    for job in nav.book.jobs():
        row: dict[str, Any] = job_json(nav.book, job)
        ours = store.job(job.number)
        visit = store.planned_of_job(job.number)[0]
        assert ours is not None
        assert (ours.id, ours.title, ours.customer) == (job.number, row["job_title"], row["customer_name"])
        assert ours.raw_status == row["job_status"]
        assert ours.priority is not None
        assert ours.priority.word == PRIORITY[row["job_priority"]]
        who = row["assigned_technician_id"]
        assert ours.technician_ids == visit.technician_ids == ((str(who),) if who else ())
        for at, told in ((visit.start, "scheduled_start"), (visit.actual_start, "actual_start")):
            assert (stamp(NOW.fromtimestamp(at, NOW.tzinfo)) if at is not None else None) == row[told]
        assert ours.notes == (row["job_description"] or None)
        assert visit.made_up
        assert ours.phone
    assert {one.name for one in store.technicians()} == {one.name for one in nav.world.technicians.values()}
    skilled = store.technicians()[0]
    assert skilled.skills_known
    store.close()


async def test_what_a_board_shows_gets_address_and_assets(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    ours = nav.cached(job.number)
    assert ours.address is not None
    assert job.site.street in ours.address
    assert nav.planned(job.number).address == ours.address
    linked = next(
        one for one in nav.book.jobs() if nav.book.links.get(one.id) and nav.cached(one.number).assets
    )
    asset = (nav.cached(linked.number).assets or ())[0]
    own = nav.book.assets[int(asset.id)]
    assert (asset.tag, asset.name, asset.status) == (own.tag, own.name, own.status)
    await nav.sync()
    assert nav.cached(linked.number).assets == (asset,) or len(nav.cached(linked.number).assets or ()) > 1
    assert nav.cached(job.number).address == ours.address


async def test_a_round_that_nobody_waits_for_reads_the_open_ones_alone(nav: Account) -> None:
    nav.clock.advance(70)
    await nav.sync()
    asked = Counter((path.rpartition("/")[2], "status=" in query) for _, path, query in nav.requests)
    assert asked == {("jobs", True): 4, ("technicians", False): 1}
    nav.forget()
    nav.clock.advance(20)
    await nav.sync()
    assert len(nav.requests) == 4
    nav.forget()
    nav.clock.advance(31 * 60)
    await nav.sync()
    assert any("created_after=" in query for _, _, query in nav.requests)
    nav.forget()
    await nav.sync(patient=True)
    assert not any("status=" in query for _, path, query in nav.requests if path.endswith("jobs"))


async def test_what_left_the_open_lists_is_read_by_its_id(nav: Account) -> None:
    done, gone = nav.job_where("In Progress"), nav.job_where("Assigned", staffed=True)
    lifecycle.set_job_status(nav.world, done, "done", nav.clock.now())
    lifecycle.delete_job(nav.world, gone)
    nav.clock.advance(20)
    report = await nav.sync()
    assert nav.cached(done.number).status is Status.COMPLETED
    assert report.deleted == 1
    store = nav.store()
    assert store.job(gone.number) is None
    store.close()


async def test_an_edit_of_a_finished_job_is_noticed_by_every_awaited_sync(nav: Account) -> None:
    job = nav.job_where("Completed", timed=False)
    job.notes = "Left the key under the mat"
    nav.world.touch(job, nav.clock.now())
    nav.clock.advance(5)
    await nav.sync(patient=True)
    assert nav.cached(job.number).notes == job.notes


async def test_assign_names_the_technician_and_then_says_so(nav: Account) -> None:
    job = nav.job_where("Pending", staffed=False)
    op = nav.edit(job.number, (fields.TECHNICIANS, ["43"]), intent=Intent.ASSIGN)
    await nav.sync()
    one = {"id": job.number}
    assert nav.sent()[:4] == [
        ("GET", one, None),
        ("PUT", one, {"assigned_technician_id": 43}),
        ("PATCH", one, {"job_status": "Assigned"}),
        ("GET", one, None),
    ]
    assert nav.state(op) is OpState.CONFIRMED
    assert nav.book.status(job) == "Assigned"
    assert nav.cached(job.number).status is Status.ASSIGNED


async def test_reassign_keeps_the_status_and_times_go_along(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    start = instant_of(NOW) + 7200
    nav.edit(job.number, (fields.TECHNICIANS, ["44"]), (fields.TIMES, [start, start + 3600, None]))
    await nav.sync()
    assert nav.writes() == [
        (
            "PUT",
            {
                "assigned_technician_id": 44,
                "scheduled_start": "2026-06-04T11:42:00Z",
                "scheduled_end": "2026-06-04T12:42:00Z",
            },
        )
    ]


async def test_unassign_goes_back_to_pending_first(nav: Account) -> None:
    job = nav.job_where("In Progress")
    op = nav.edit(job.number, (fields.TECHNICIANS, []), intent=Intent.UNASSIGN)
    await nav.sync()
    assert nav.writes() == [
        ("PATCH", {"job_status": "Assigned"}),
        ("PATCH", {"job_status": "Pending"}),
        ("PUT", {"assigned_technician_id": None}),
    ]
    assert nav.state(op) is OpState.CONFIRMED
    assert nav.camp.learned["null_technician"] == "works"
    assert nav.cached(job.number).status is Status.UNASSIGNED


@pytest.mark.parametrize(("put_null", "end"), [("refuse", OpState.REJECTED), ("ignore", OpState.CONFLICT)])
async def test_a_server_that_takes_no_null_teaches_that(tmp_path: Path, put_null: str, end: OpState) -> None:
    async with account(tmp_path, put_null=put_null) as nav:
        job = nav.job_where("Assigned", staffed=True)
        op = nav.edit(job.number, (fields.TECHNICIANS, []), intent=Intent.UNASSIGN)
        await nav.sync()
        assert nav.state(op) is end
        assert not nav.camp.rules.can(Ability.UNASSIGN)
        assert nav.book.status(job) == "Pending"


@pytest.mark.parametrize(
    ("start", "goal", "words"),
    [
        ("Pending", "completed", ["Assigned", "In Progress", "Completed"]),
        ("Assigned", "on_hold", ["On Hold"]),
        ("Completed", "invoiced", ["Invoiced"]),
        ("Completed", "closed", ["Invoiced", "Paid", "Closed"]),
        ("Invoiced", "paid", ["Paid"]),
        ("Pending", "cancelled", ["Cancelled"]),
        ("In Progress", "open", ["Assigned"]),
    ],
)
async def test_a_status_goes_hop_by_hop(nav: Account, start: str, goal: str, words: list[str]) -> None:
    job = nav.job_where(start, timed=False)
    op = nav.edit(job.number, (fields.STATUS, goal), intent=Intent.STATUS)
    await nav.sync(patient=True)
    assert nav.writes() == [("PATCH", {"job_status": word}) for word in words]
    assert nav.state(op) is OpState.CONFIRMED
    assert nav.cached(job.number).raw_status == words[-1]
    steps = [one.body for one in nav.engine.outbox.steps_of(op) if one.method == "PATCH"]
    assert steps == [{"job_status": word} for word in words]


@pytest.mark.parametrize("how", ["lost after", "lost before", "502"])
async def test_a_hop_whose_answer_was_lost_is_not_made_twice(nav: Account, how: str) -> None:
    job = nav.job_where("Assigned", staffed=True)
    op = nav.edit(job.number, (fields.STATUS, "completed"), intent=Intent.STATUS)
    nav.line.spoiled = [("PATCH", how)]
    await nav.sync(patient=True)
    nav.clock.advance(40)
    await nav.sync(patient=True)
    assert nav.state(op) is OpState.CONFIRMED
    assert nav.book.status(job) == "Completed"
    refused = [body for method, body in nav.writes() if method == "PATCH"]
    assert len(refused) <= 2 + (how != "lost after")


async def test_a_technician_who_was_named_is_told_after_the_line_came_back(nav: Account) -> None:
    job = nav.job_where("Pending", staffed=False)
    op = nav.edit(job.number, (fields.TECHNICIANS, ["43"]), intent=Intent.ASSIGN)
    nav.line.spoiled = [("PATCH", "down")]
    await nav.sync()
    assert nav.state(op) in (OpState.QUEUED, OpState.ACKED)
    nav.clock.advance(5)
    await nav.sync()
    assert nav.book.status(job) == "Assigned"
    assert [method for method, _ in nav.writes()].count("PUT") == 1
    assert nav.state(op) is OpState.CONFIRMED


async def test_a_server_that_assigns_by_itself_is_not_told_again(tmp_path: Path) -> None:
    async with account(tmp_path, put_assigns="true") as nav:
        job = nav.job_where("Pending", staffed=False)
        nav.edit(job.number, (fields.TECHNICIANS, ["43"]), intent=Intent.ASSIGN)
        await nav.sync()
        assert nav.writes() == [("PUT", {"assigned_technician_id": 43})]


async def test_fields_go_in_one_request_and_assets_only_when_edited(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    nav.edit(job.number, ("title", "Boiler swap"), ("priority", "urgent"))
    await nav.sync()
    assert nav.writes() == [("PUT", {"job_title": "Boiler swap", "job_priority": "Urgent"})]
    nav.forget()
    op = nav.edit(job.number, (fields.ASSETS, ["42", "43"]))
    await nav.sync()
    assert nav.writes() == [("PUT", {"asset_ids": [42, 43]})]
    assert [one.asset_id for one in nav.book.links[job.id]] == [42, 43]
    assert nav.state(op) is OpState.CONFIRMED
    assert {one.tag for one in nav.cached(job.number).assets or ()} == {
        nav.book.assets[42].tag,
        nav.book.assets[43].tag,
    }


async def test_a_note_is_added_to_what_stands_there_now(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    op = nav.edit(job.number, (fields.NOTE, "Ring twice"), intent=Intent.NOTE)
    job.notes = "Somebody\r\nelse \u200bwrote\t"
    nav.world.touch(job, nav.clock.now())
    await nav.sync()
    assert job.notes == "Somebody\r\nelse \u200bwrote\t\nRing twice"
    assert nav.state(op) is OpState.CONFIRMED


NEW_JOB = {
    "title": "AC unit repair",
    "customer_id": "201",
    "location_id": "Home",
    "priority": "high",
    "technicians": ["43"],
    "times": [1780650000, 1780657200, None],
    "notes": "Not cooling",
    "set": {"asset_ids": "42, 67", "asset_relationship_type": "inspected"},
}


def create(nav: Account, **more: Any) -> str:
    client = nav.book.client(201)
    assert client is not None
    value = {**NEW_JOB, "location_id": "Home" if client.kind == "person" else "Main site", **more}
    draft = OperationDraft(
        Intent.CREATE, "job:new", (Change(Kind.JOB, "new", fields.CREATED, None, value),), "new job"
    )
    return nav.engine.outbox.add(draft).op_id


def said(status: int, value: dict[str, Any]) -> httpx.Response:
    """An answer that did not come from the server."""
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(value).encode()))


@pytest.mark.parametrize("created_as", ["data.job_id", "data.id", "job.id"])
async def test_a_new_job_is_sent_in_the_documents_names(tmp_path: Path, created_as: str) -> None:
    async with account(tmp_path, created_as=created_as) as nav:
        op = create(nav)
        await nav.sync()
        ((method, body),) = nav.writes()
        assert method == "POST"
        text, mark = body.pop("job_description").split("\n")
        assert text == "Not cooling"
        assert mark.startswith("[ref ")
        assert body == {
            "job_title": "AC unit repair",
            "customer_location_id": 87,
            "job_priority": "High",
            "assigned_technician_id": 43,
            "scheduled_start": "2026-06-05T09:00:00Z",
            "scheduled_end": "2026-06-05T11:00:00Z",
            "asset_ids": [42, 67],
            "asset_relationship_type": "inspected",
        }
        assert nav.state(op) is OpState.CONFIRMED
        ours = nav.cached(str(max(int(job.number) for job in nav.world.jobs.values())))
        assert (ours.title, ours.raw_status, ours.status) == ("AC unit repair", "Pending", Status.ASSIGNED)
        assert ours.priority is Priority.HIGH


@pytest.mark.parametrize(
    ("how", "marks"), [("lost after", True), ("lost after", False), ("lost before", True)]
)
async def test_a_lost_creation_is_looked_up_and_never_doubled(tmp_path: Path, how: str, marks: bool) -> None:
    async with account(tmp_path, system={"create_marker": marks}) as nav:
        jobs = len(nav.world.jobs)
        op = create(nav)
        nav.line.spoiled = [("POST", how)]
        await nav.sync()
        queries = [query for method, path, query in nav.requests if "customer_location_id=87" in query]
        assert any("created_after=2026-06-04T09%3A" in query for query in queries)
        nav.clock.advance(40)
        await nav.sync()
        assert len(nav.world.jobs) == jobs + 1
        assert nav.state(op) is OpState.CONFIRMED


async def test_a_lost_creation_is_found_although_this_computers_clock_was_put_ahead(tmp_path: Path) -> None:
    async with account(tmp_path, dated=True) as nav:
        jobs = len(nav.world.jobs)
        nav.clock.ahead = timedelta(hours=1)
        op = create(nav, location_id="87")
        nav.line.spoiled = [("POST", "lost after")]
        await nav.sync()
        nav.clock.ahead = timedelta()
        nav.clock.advance(40)
        await nav.sync()
        assert len(nav.world.jobs) == jobs + 1
        assert nav.state(op) is OpState.CONFIRMED


async def test_a_status_that_is_refused_for_being_there_already_is_not_called_refused(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    op = nav.edit(job.number, (fields.STATUS, "in_progress"), intent=Intent.STATUS)

    def meanwhile() -> httpx.Response:
        nav.book.world.touch(job, NOW)
        lifecycle.set_visit_status(nav.world, nav.book.presence(job, NOW), "working", NOW)
        return said(400, {"success": False})

    nav.line.answers = [("PATCH", meanwhile)]
    await nav.sync()
    assert nav.book.status(job) == "In Progress"
    assert nav.state(op) is OpState.CONFIRMED


async def test_a_status_whose_closing_read_was_lost_is_not_called_refused(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    op = nav.edit(job.number, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    old = [one for one in nav.rows() if one["job_id"] == int(job.number)]

    def lagging() -> httpx.Response:
        return said(200, {"data": old[0]})

    def down() -> httpx.Response:
        raise httpx.ReadError("reset")

    # Read, sent, not read any more; then a replica still shows what was before, and the move is refused.
    nav.line.answers = [("GET", lagging), ("GET", down), ("GET", lagging), ("GET", lagging), ("GET", lagging)]
    await nav.sync()
    await nav.sync()
    assert nav.state(op) is not OpState.REJECTED
    nav.line.answers = []
    nav.clock.advance(40)
    await nav.sync()
    assert (nav.book.status(job), nav.state(op)) == ("In Progress", OpState.CONFIRMED)


async def test_a_new_job_that_the_line_delivers_again_is_shown_as_a_duplicate(nav: Account) -> None:
    op = create(nav, location_id="87")
    await nav.sync()
    assert nav.state(op) is OpState.CONFIRMED
    ours, before = nav.sent()[-2][2], {job.number for job in nav.book.jobs()}
    async with httpx.AsyncClient(transport=nav.line.inner, base_url="http://127.0.0.1:9") as again:
        answer = await again.post("/api/v1/jobs", json=ours, headers={"X-API-Key": TOKEN})
    assert answer.status_code == 201
    await nav.sync()
    assert nav.state(op) is OpState.DUPLICATE
    (copy,) = {job.number for job in nav.book.jobs()} - before
    assert copy in (nav.op(op).reason or "")


async def test_a_closing_read_that_a_replica_answers_with_404_does_not_end_an_edit(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    op = nav.edit(job.number, ("title", "Valve"))
    old = [one for one in nav.rows() if one["job_id"] == int(job.number)]
    nav.line.answers = [
        ("GET", lambda: said(200, {"data": old[0]})),
        ("GET", lambda: said(404, {"success": False, "error": "not_found"})),
    ]
    await nav.sync()
    assert (job.title, nav.state(op)) == ("Valve", OpState.CONFIRMED)


async def test_a_replica_that_shows_what_was_before_two_edits_takes_neither_back(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    first: list[dict[str, Json]] = [job_json(nav.book, job)]  # type: ignore[list-item]
    for title in ("Valve", "Leak"):
        store = nav.store()
        shown = store.job(job.number)
        store.close()
        assert shown is not None
        change = Change(Kind.JOB, job.number, "title", shown.title, title)
        nav.engine.outbox.add(OperationDraft(Intent.EDIT, f"job:{job.number}", (change,), "an edit"))
        await nav.engine.push_only(fence=nav.fence)
    # A replica from before both.
    nav.engine.landing.read([row_of(Kind.JOB, first[0])])
    store = nav.store()
    shown = store.job(job.number)
    store.close()
    assert shown is not None
    assert shown.title == "Leak"


async def test_a_move_that_the_table_forbids_by_now_is_planned_anew(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    change = Change(Kind.JOB, job.number, fields.STATUS, "open", "in_progress")
    nav.edit(job.number, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    operation = nav.engine.outbox.live()[0]
    answer = await nav.camp.read(Kind.JOB, job.number)
    assert answer.row is not None
    steps = await nav.camp.steps(operation, {(Kind.JOB, job.number): answer.row.entity})
    nav.book.words[job.id] = "Pending"
    refused = await nav.camp.carry_out(steps[0], change)
    assert refused.outcome is Outcome.WAIT
    again = await nav.camp.carry_out(steps[0], change)
    assert (again.outcome, again.status) == (Outcome.REFUSED, 400)
    assert "from Pending to In Progress" in (again.why or "")
    await nav.sync()
    assert nav.book.status(job) == "In Progress"


async def test_a_move_to_the_status_that_it_has_counts_as_done(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    nav.edit(job.number, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    operation = nav.engine.outbox.live()[0]
    answer = await nav.camp.read(Kind.JOB, job.number)
    assert answer.row is not None
    steps = await nav.camp.steps(operation, {(Kind.JOB, job.number): answer.row.entity})
    lifecycle.set_visit_status(nav.world, job.visits[0], "working", nav.clock.now())
    done = await nav.camp.carry_out(steps[0], operation.changes[0])
    assert done.outcome is Outcome.DONE


async def test_a_missing_scope_is_named_and_keeps_the_edit(tmp_path: Path) -> None:
    async with account(tmp_path, scopes="jobs:read,technicians:read,customers:read") as nav:
        job = nav.job_where("Assigned", staffed=True)
        op = nav.edit(job.number, ("title", "x"))
        report = await nav.sync()
        assert nav.state(op) is OpState.QUEUED
        assert "jobs:write" in (report.error or "")
    async with account(tmp_path / "2", synced=False, scopes="technicians:read") as nav:
        report = await nav.sync(full=True)
        assert "jobs:read" in (report.error or "")


async def test_without_customers_the_board_goes_on(tmp_path: Path) -> None:
    async with account(tmp_path, scopes="jobs:read,jobs:write,technicians:read") as nav:
        assert nav.cached(nav.job_where("Assigned").number).customer


async def test_a_deleted_job_ends_its_edits(nav: Account) -> None:
    job = nav.job_where("Assigned", staffed=True)
    nav.clock.advance(timedelta(days=2).total_seconds())
    op = nav.edit(job.number, ("title", "x"))
    lifecycle.delete_job(nav.world, job)
    await nav.sync()
    assert nav.state(op) is OpState.GONE


async def test_a_spent_limit_waits_as_long_as_it_is_asked_to(tmp_path: Path) -> None:
    async with account(tmp_path, write_limit="1") as nav:
        first, second = [job for job in nav.book.jobs() if nav.book.status(job) == "Assigned"][:2]
        ops = [nav.edit(job.number, ("title", "x")) for job in (first, second)]
        await nav.sync(patient=True)
        assert [nav.state(op) for op in ops] == [OpState.CONFIRMED, OpState.CONFIRMED]
        assert sum(nav.slept) >= 55
        assert [method for method, _ in nav.writes()].count("PUT") <= 3


async def test_the_board_offers_stages_and_takes_a_new_job_back_by_cancelling(nav: Account) -> None:
    store = nav.store()
    desk = Desk(store, nav.camp.rules, Roster(), ZONE, nav.clock)
    done = nav.job_where("Completed", timed=False)
    offered = {one.name: one for one in status_choices(desk, store.planned_of_job(done.number)[0])}
    assert {name: one.stages for name, one in offered.items()} == {
        "invoiced": (),
        "paid": ("invoiced",),
        "closed": ("invoiced", "paid"),
    }
    assert len({one.letter for one in offered.values()}) == 3
    waiting = store.planned_of_job(nav.job_where("Pending", staffed=False, timed=False).number)[0]
    ways = {one.name: (*one.way[:-1], *one.stages) for one in status_choices(desk, waiting)}
    assert ways["completed"] == (Status.ASSIGNED, Status.IN_PROGRESS)
    assert ways["paid"] == (Status.ASSIGNED, Status.IN_PROGRESS, Status.COMPLETED, "invoiced")
    paid = store.planned_of_job(nav.job_where("Paid", timed=False).number)[0]
    assert [one.name for one in status_choices(desk, paid)] == ["closed"]
    assert plan_status(desk, paid, Status.CLOSED, stage="invoiced").refusal
    create(nav)
    await nav.sync()
    nav.forget()
    (draft,) = plan_undo(desk).drafts
    nav.engine.outbox.add(draft)
    await nav.sync()
    assert nav.writes() == [("PATCH", {"job_status": "Cancelled"})]
    store.close()


async def test_a_new_job_takes_only_what_the_system_keeps(nav: Account) -> None:
    store = nav.store()
    desk = Desk(store, nav.camp.rules, Roster(), ZONE, nav.clock)
    enough: dict[str, Any] = {"title": "x", "customer_id": "201", "location_id": "87"}
    assert plan_create(desk, enough).refusal is None
    assert plan_create(desk, {**enough, "start": 1780650000, "duration_min": 60}).refusal is None
    strange: dict[str, Any] = {"skills": ["gas"], "address": "1 High St", "number": "7", "duration_min": 60}
    for name, value in strange.items():
        refusal = plan_create(desk, {**enough, name: value}).refusal
        assert refusal is not None
        assert "keeps no" in refusal
    job = nav.cached(nav.job_where("Assigned").number)
    assert plan_edit(desk, job, {"set": {"asset_ids": "42, 43"}}).drafts[0].changes[0].value == ["42", "43"]
    assert "asset_ids" in (plan_edit(desk, job, {"set": {"colour": "red"}}).refusal or "")
    store.close()


async def test_what_no_list_of_open_ones_shows_is_read_once_a_minute(tmp_path: Path) -> None:
    async with account(tmp_path, technicians=23, jobs=300, app_words="true") as nav:
        job = nav.job_where("In-Transit")
        assert nav.cached(job.number).status is Status.EN_ROUTE
        moving = sum(nav.book.status(one) in ("In-Transit", "Arrived") for one in nav.book.jobs())
        nav.clock.advance(20)
        await nav.sync()
        assert sum("id=" in query for _, _, query in nav.requests) == 0
        lifecycle.set_job_status(nav.world, job, "cancelled", nav.clock.now())
        nav.clock.advance(60)
        nav.forget()
        await nav.sync()
        assert nav.cached(job.number).status is Status.CANCELLED
        assert sum("id=" in query for _, _, query in nav.requests) <= moving + 2
        declined = nav.job_where("Declined", timed=False)
        assert nav.cached(declined.number).status is Status.DECLINED


async def test_a_round_of_a_large_company_takes_as_few_requests_as_there_are_pages(tmp_path: Path) -> None:
    async with account(tmp_path, technicians=40, jobs=900) as nav:
        pages = 0
        for word in ("Pending", "Assigned", "In Progress", "On Hold"):
            count = sum(nav.book.status(job) == word for job in nav.book.jobs())
            pages += max(1, -(-count // 100))
        # What only reads by id tell comes in portions at first, and then stays good for a day.
        await nav.sync(patient=True)
        nav.forget()
        nav.clock.advance(61)
        await nav.sync()
        assert len(nav.requests) == pages + 1
