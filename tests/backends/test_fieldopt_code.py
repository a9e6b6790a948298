"""FieldOpt as its public servers speak: reads, edits and what they refuse, by the requests that arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fieldboard.board.desk import Desk
from fieldboard.board.planning import plan_create, plan_delete, plan_note
from fieldboard.domain import fields
from fieldboard.domain.instants import parse_instant
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft, OpState
from fieldboard.domain.status import Status
from fieldboard.roster import Roster
from fieldboard.sandbox.fieldopt.code_rows import job_row
from tests.backends.fieldopt import Account, account
from tests.backends.synced import ZONE

START = parse_instant("2026-06-05T08:00:00Z")


@pytest.fixture
async def opt(tmp_path: Path) -> AsyncIterator[Account]:
    async with account(tmp_path, dialect="code") as made:
        yield made


def desk_of(opt: Account) -> Desk:
    return Desk(opt.store(), opt.opt.rules, Roster(), ZONE, opt.clock)


async def done(opt: Account, op_id: str) -> list[tuple[str, str, Any]]:
    """The requests of an edit that is sent, and seen by a read in the same round."""
    opt.forget()
    await opt.sync()
    assert opt.op(op_id).state is OpState.CONFIRMED, opt.op(op_id)
    return opt.writes()


@pytest.mark.parametrize("settings", [{}, {"openapi": "false"}, {"version": "0.0.3"}, {"version": "0.0.6"}])
async def test_the_first_sync_equals_the_world(tmp_path: Path, settings: dict[str, Any]) -> None:
    async with account(tmp_path, dialect="code", **settings) as opt:
        store = opt.store()
        assert len(list(store.jobs())) == len(opt.world.jobs)
        for job in opt.book.jobs():
            ours = store.job(opt.id_of(job))
            row: dict[str, Any] = job_row(opt.book, job)
            assert ours is not None
            assert (ours.number, ours.customer) == (row["job_number"], row["customer_name"])
            assert (ours.raw_status, ours.kind) == (row["status"], row["job_type"])
            person = opt.book.crew(job)
            who = (str(opt.book.people[person].id),) if person is not None else ()
            assert ours.technician_ids == who
            assert (ours.duration_min, ours.notes) == (row["estimated_duration"], row["notes"])
            if row["scheduled_date"] is not None and row["time_slot_start"] is not None:
                assert ours.start is not None
                day = row["scheduled_date"][:10]
                assert f"{ZONE.local(ours.start):%Y-%m-%d %H:%M}" == f"{day} {row['time_slot_start']}"
                assert ours.end == ours.start + 60 * row["estimated_duration"]
        active = {one.name for one in opt.world.technicians.values() if one.active}
        assert {one.name for one in store.technicians() if one.active} == active
        assert opt.opt.learned["dialect"] == "code"
        assert all("auto-route" not in one for one in opt.reads())
        store.close()


async def test_a_round_that_nobody_waits_for_asks_for_what_is_open(opt: Account) -> None:
    await opt.sync()
    opt.clock.advance(20)
    opt.forget()
    await opt.sync()
    assert opt.reads() == [
        "/technicians/?limit=500",
        *(f"/jobs/?status={word}&limit=500" for word in ("pending", "assigned", "in_progress", "on_hold")),
    ]


async def test_to_assign_and_to_unassign(opt: Account) -> None:
    job_id, who = opt.id_of(opt.job_where("pending")), opt.technician_id(2)
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    body = {"job_id": int(job_id), "technician_id": int(who)}
    assert await done(opt, op_id) == [("POST", "/assignments/", body)]
    op_id = opt.edit(job_id, (fields.TECHNICIANS, []), intent=Intent.UNASSIGN)
    assert await done(opt, op_id) == [("POST", "/assignments/unassign", {"job_id": int(job_id)})]


async def test_to_reassign_fails_once_and_goes_in_two_steps_from_then_on(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    (before,) = opt.cached(job_id).technician_ids
    who, third = [one for one in map(opt.technician_id, range(5)) if one != before][:2]
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    assert await done(opt, op_id) == [
        ("POST", "/assignments/reassign", {"job_id": int(job_id), "new_technician_id": int(who)}),
        ("POST", "/assignments/unassign", {"job_id": int(job_id)}),
        ("POST", "/assignments/", {"job_id": int(job_id), "technician_id": int(who)}),
    ]
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [third]), intent=Intent.ASSIGN)
    assert [path for _, path, _ in await done(opt, op_id)] == ["/assignments/unassign", "/assignments/"]


async def test_each_status_has_its_own_call(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    path = f"/jobs/{job_id}"
    for value, sent in (
        ("on_hold", [("PATCH", f"{path}/status", {"status": "on_hold"})]),
        (
            "in_progress",
            [("PATCH", f"{path}/status", {"status": "assigned"}), ("POST", f"{path}/start", None)],
        ),
        ("completed", [("POST", f"{path}/complete", None)]),
    ):
        op_id = opt.edit(job_id, (fields.STATUS, value), intent=Intent.STATUS)
        assert await done(opt, op_id) == sent
    other = opt.id_of(opt.job_where("pending"))
    op_id = opt.edit(other, (fields.STATUS, "cancelled"), intent=Intent.STATUS, reason="no access & no key")
    ((method, where, _),) = await done(opt, op_id)
    assert (method, where) == ("POST", f"/jobs/{other}/cancel?reason=no+access+%26+no+key")
    assert "no access & no key" in (opt.cached(other).notes or "")


async def test_a_pending_job_that_has_a_technician_is_called_assigned_first(opt: Account) -> None:
    job = opt.job_where("assigned")
    job_id = opt.id_of(job)
    await opt.opt._http.write("PATCH", f"/api/v1/jobs/{job_id}/status", {"status": "pending"})
    await opt.sync()
    ours = opt.cached(job_id)
    assert (ours.status, ours.raw_status) == (Status.ASSIGNED, "pending")
    assert "disagree" in ours.fields[-1].value
    op_id = opt.edit(job_id, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    assert await done(opt, op_id) == [
        ("PATCH", f"/jobs/{job_id}/status", {"status": "assigned"}),
        ("POST", f"/jobs/{job_id}/start", None),
    ]


async def test_fields_go_in_one_patch_in_the_servers_names(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    op_id = opt.edit(
        job_id,
        ("priority", "urgent"),
        ("phone", "555-0100"),
        ("skills", ["boiler"]),
        (fields.TIMES, [START, START + 90 * 60, None]),
    )
    ((method, path, body),) = await done(opt, op_id)
    assert (method, path) == ("PATCH", f"/jobs/{job_id}")
    closing = body.pop("time_slot_end")
    assert closing >= "10:30"
    assert body == {
        "priority": 1,
        "customer_phone": "555-0100",
        "required_skills": ["boiler"],
        "scheduled_date": "2026-06-05T12:00:00Z",
        "time_slot_start": "09:00",
        "estimated_duration": 90,
    }
    visit = opt.planned(job_id)
    assert (visit.start, visit.end) == (START, START + 90 * 60)


async def test_a_note_goes_below_what_stands_there_now(opt: Account) -> None:
    desk = desk_of(opt)
    job = opt.job_where("assigned")
    found = desk.store.job(opt.id_of(job))
    assert found is not None
    (op,) = desk.commit(plan_note(desk, found, "ring twice"))
    await opt.opt._http.write("PATCH", f"/api/v1/jobs/{found.id}", {"notes": "Gate code 4711  "})
    ((method, path, body),) = await done(opt, op.op_id)
    assert (method, path) == ("PATCH", f"/jobs/{found.id}")
    assert body == {"notes": "Gate code 4711  \nring twice"}
    desk.store.close()


async def test_to_delete(opt: Account) -> None:
    desk = desk_of(opt)
    job_id = opt.id_of(opt.job_where("pending"))
    found = desk.store.job(job_id)
    assert found is not None
    (op,) = desk.commit(plan_delete(desk, found))
    opt.forget()
    await opt.sync(full=True, patient=True)
    assert opt.writes() == [("DELETE", f"/jobs/{job_id}", None)]
    assert opt.state(op.op_id) is OpState.CONFIRMED
    running = desk.store.job(opt.id_of(opt.job_where("in_progress")))
    assert running is not None
    (op,) = desk.commit(plan_delete(desk, running))
    await opt.sync()
    assert opt.state(op.op_id) is OpState.REJECTED
    desk.store.close()


def given(**more: Any) -> dict[str, Any]:
    return {
        "kind": "install",
        "customer": "Acme Corp",
        "address": "123 Main St",
        "date": "2026-06-05",
        "start": START,
        "end": START + 2 * 3600,
        **more,
    }


async def test_a_new_job_wants_its_place(opt: Account) -> None:
    desk = desk_of(opt)
    (op,) = desk.commit(plan_create(desk, given(address="2 Elsewhere")))
    ((_, _, body),) = await done(opt, op.op_id)
    assert (body["latitude"], body["longitude"]) == (0.0, 0.0), "nobody has told, and they want some"
    new_id = opt.engine.outbox.idmap()[f"new:{op.op_id}"]
    assert (opt.cached(new_id).lat, opt.cached(new_id).lng) == (None, None)
    (op,) = desk.commit(
        plan_create(desk, given(set={"latitude": "51.5", "longitude": "-2.6"}, priority="high"))
    )
    ((method, path, body),) = await done(opt, op.op_id)
    number = body.pop("job_number")
    assert (method, path) == ("POST", "/jobs/")
    assert number.startswith("FB-")
    assert body == {
        "customer_name": "Acme Corp",
        "service_address": "123 Main St",
        "job_type": "install",
        "required_skills": [],
        "scheduled_date": "2026-06-05T12:00:00Z",
        "time_slot_start": "09:00",
        "time_slot_end": "11:00",
        "estimated_duration": 120,
        "priority": 2,
        "latitude": 51.5,
        "longitude": -2.6,
    }
    # The next one there is where that one is.
    (op,) = desk.commit(plan_create(desk, given(technicians=[opt.technician_id(1)])))
    sent = await done(opt, op.op_id)
    assert (sent[0][2]["latitude"], sent[0][2]["longitude"]) == (51.5, -2.6)
    assert sent[1][1] == "/assignments/"
    desk.store.close()


@pytest.mark.parametrize("how", ["lost after", "lost before"])
@pytest.mark.parametrize("version", ["0.0.8", "0.0.4"])
async def test_a_new_job_whose_answer_was_lost_is_found_by_its_number(
    tmp_path: Path, how: str, version: str
) -> None:
    async with account(tmp_path, dialect="code", version=version) as opt:
        desk, before = desk_of(opt), len(opt.book.jobs())
        place = {"latitude": "51.5", "longitude": "-2.6"}
        (op,) = desk.commit(plan_create(desk, given(set=place)))
        opt.line.spoiled.append(("/jobs/", how))
        await opt.sync()
        opt.clock.advance(60)
        await opt.sync()
        assert opt.state(op.op_id) is OpState.CONFIRMED
        assert len(opt.book.jobs()) == before + 1
        desk.store.close()


async def test_a_batch_of_waiting_jobs_and_one_that_somebody_took(opt: Account) -> None:
    waiting = [opt.id_of(job) for job in opt.book.jobs() if opt.book.word(job) == "pending"][:3]
    who = opt.technician_id(4)
    changes = tuple(Change(Kind.JOB, one, fields.TECHNICIANS, [], [who]) for one in waiting)
    op_id = opt.engine.outbox.add(OperationDraft(Intent.ASSIGN, f"job:{waiting[0]}", changes, "three")).op_id
    ids = [int(one) for one in waiting]
    body = {"job_ids": ids, "technician_id": int(who)}
    assert await done(opt, op_id) == [("POST", "/assignments/batch-assign", body)]
    back = tuple(Change(Kind.JOB, one, fields.TECHNICIANS, [who], []) for one in waiting)
    op_id = opt.engine.outbox.add(OperationDraft(Intent.UNASSIGN, f"job:{waiting[0]}", back, "back")).op_id
    assert await done(opt, op_id) == [("POST", "/assignments/batch-unassign", {"job_ids": ids})]
    # Between our read and the request somebody gives one of them away: the server fails on the whole.
    person = next(one for one in opt.world.technicians.values() if str(opt.book.person(one).id) == who)
    taken = opt.book.job(ids[0])
    assert taken is not None
    op_id = opt.engine.outbox.add(OperationDraft(Intent.ASSIGN, f"job:{waiting[0]}", changes, "again")).op_id
    failed = httpx.Response(500, headers={"content-type": "text/plain"}, content=b"Internal Server Error")
    opt.line.answers.append(("/batch-assign", failed))
    opt.line.before_answer = lambda: opt.book.assign(taken, person, opt.clock.now())
    assert [path for _, path, _ in await done(opt, op_id)] == ["/assignments/", "/assignments/"]


async def test_what_a_technician_may_be_doing(opt: Account) -> None:
    own_id = opt.technician_id(0)
    seen = opt.person(own_id)
    status = Change(Kind.TECHNICIAN, own_id, fields.STATUS, seen.status, "on_break")
    place = Change(
        Kind.TECHNICIAN, own_id, fields.LOCATION, fields.value_of(seen, fields.LOCATION), [51.4, -2.5]
    )
    draft = OperationDraft(Intent.TECHNICIAN, f"technician:{own_id}", (status, place), "x")
    op_id = opt.engine.outbox.add(draft).op_id
    assert await done(opt, op_id) == [
        ("PATCH", f"/technicians/{own_id}/status", {"status": "on_break"}),
        ("PATCH", f"/technicians/{own_id}/location", {"latitude": 51.4, "longitude": -2.5}),
    ]
    after = opt.person(own_id)
    assert (after.status, after.position) == ("on_break", (51.4, -2.5))
    change = Change(Kind.TECHNICIAN, own_id, fields.STATUS, "on_break", "assigned")
    op_id = opt.engine.outbox.add(
        OperationDraft(Intent.TECHNICIAN, f"technician:{own_id}", (change,), "x")
    ).op_id
    await opt.sync()
    assert opt.state(op_id) is OpState.REJECTED


async def test_an_empty_server_shows_its_dialect_by_what_it_misses(tmp_path: Path) -> None:
    async with account(
        tmp_path, jobs=0, dialect="code", openapi="false", learned={"dialect": "documented"}
    ) as opt:
        opt.opt._facts["dialect"] = "documented"
        change = Change(
            Kind.JOB,
            "new",
            fields.CREATED,
            None,
            {
                "kind": "install",
                "customer": "Acme",
                "address": "1 High St",
                "times": [START, START + 7200, None],
            },
        )
        op_id = opt.engine.outbox.add(OperationDraft(Intent.CREATE, "job:new", (change,), "new")).op_id
        opt.forget()
        await opt.sync()
        assert opt.opt.learned["dialect"] == "code"
        assert opt.state(op_id) is OpState.CONFIRMED
        assert [body.keys() >= {"job_type"} for _, _, body in opt.writes()] == [False, True]


async def test_a_server_that_was_set_up_anew(opt: Account) -> None:
    jobs = [one for one in opt.book.jobs() if opt.book.word(one) == "assigned"]
    ids = [opt.id_of(one) for one in jobs[:6]]
    ops = [opt.edit(one, (fields.STATUS, "in_progress"), intent=Intent.STATUS) for one in ids]
    await opt.opt._http.read("/api/v1/jobs/summary")
    opt.clock.advance(86_400)
    opt.app.state.reset()
    opt.forget()
    report = await opt.sync(patient=True)
    assert opt.writes() == [], "nothing is sent to a job that only has the id of another"
    assert {opt.state(one) for one in ops} == {OpState.GONE}
    assert "set up anew" in (opt.op(ops[0]).reason or "")
    assert "set up anew" in (report.error or "")
    report = await opt.sync(patient=True)
    assert report.error is None
    for job in opt.book.jobs():
        assert opt.cached(opt.id_of(job)).customer == job_row(opt.book, job)["customer_name"]


async def test_doctor_names_the_dialect_and_calls_nothing_that_assigns(opt: Account) -> None:
    found = {probe.name: probe for probe in await opt.opt.probe()}
    assert opt.writes() == []
    assert "0.0.8" in found["dialect"].says
    assert "never called" in found["auto-route"].says
    assert found["filter type"].ok is True, "the public servers ignore it, and nothing needs it"
    assert all(probe.ok is not False for probe in found.values()), found
