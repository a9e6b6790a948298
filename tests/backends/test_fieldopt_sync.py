"""FieldOpt in its documented dialect from end to end: reads, edits and what refuses them, by the requests."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from fieldboard.board.batching import batched
from fieldboard.board.candidates import ranking_for
from fieldboard.board.desk import Desk
from fieldboard.board.plan import combine
from fieldboard.board.planning import (
    plan_assign,
    plan_create,
    plan_edit,
    plan_reschedule,
    plan_status,
    plan_undo,
)
from fieldboard.domain import fields
from fieldboard.domain.instants import parse_instant
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft, OpState
from fieldboard.domain.status import Status
from fieldboard.roster import Roster
from fieldboard.sandbox.fieldopt.plan import Plan
from fieldboard.sandbox.fieldopt.wiki_rows import job_row
from tests.backends.fieldopt import Account, account
from tests.backends.synced import ZONE

FAILED = httpx.Response(500, headers={"content-type": "text/plain"}, content=b"Internal Server Error")


@pytest.fixture
async def opt(tmp_path: Path) -> AsyncIterator[Account]:
    async with account(tmp_path) as made:
        yield made


def desk_of(opt: Account) -> Desk:
    return Desk(opt.store(), opt.opt.rules, Roster(), ZONE, opt.clock)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"assigned_as": "name"},
        {"assigned_as": "object", "types": "texts"},
        {"openapi": "false", "types": "lists"},
        {"list_cap": "25"},
    ],
)
async def test_the_first_sync_equals_the_world(tmp_path: Path, settings: dict[str, Any]) -> None:
    async with account(tmp_path, **settings) as opt:
        store = opt.store()
        assert len(list(store.jobs())) == len(opt.world.jobs)
        for job in opt.book.jobs():
            ours = store.job(opt.id_of(job))
            visit = store.planned_of_job(opt.id_of(job))[0]
            assert ours is not None
            assert ours.raw_status == opt.book.word(job)
            row: dict[str, Any] = job_row(opt.book, job)
            assert (ours.customer, ours.address) == (row["customer"], row["address"])
            assert (ours.kind, [*ours.skills]) == (row["type"], row["skills_required"])
            person = opt.book.crew(job)
            who = str(opt.book.people[person].id) if person is not None else None
            assert ours.technician_ids == visit.technician_ids == ((who,) if who is not None else ())
            plan = opt.book.plan(job)
            if plan.day is not None and plan.first is not None:
                assert visit.start is not None
                local = ZONE.local(visit.start)
                assert (local.date(), f"{local:%H:%M}") == (plan.day, plan.first)
                assert visit.minutes == min(60, round((visit.windows[0].end - visit.start) / 60))
            else:
                assert (visit.start, visit.date) == (None, plan.day)
            assert visit.made_up
        assert {one.name for one in store.technicians()} == {
            one.name for one in opt.world.technicians.values()
        }
        store.close()


async def test_a_round_that_nobody_waits_for_asks_for_what_is_open(opt: Account) -> None:
    await opt.sync()
    opt.clock.advance(20)
    opt.forget()
    report = await opt.sync()
    assert (report.error, report.pulled) == (None, 0)
    assert opt.reads() == [
        "/technicians/",
        "/jobs/summary",
        "/jobs/?status=pending",
        "/jobs/?status=assigned",
        "/jobs/?status=in_progress",
    ]


async def test_what_others_do_is_noticed(opt: Account) -> None:
    ended, moved = opt.job_where("assigned"), opt.job_where("in_progress")
    other = next(job for job in opt.book.jobs() if opt.book.word(job) == "assigned" and job is not ended)
    opt.book.become(ended, "cancelled", opt.clock.now())
    opt.book.become(moved, "completed", opt.clock.now())
    opt.book.assign(other, None, opt.clock.now())
    await opt.sync()
    assert opt.cached(opt.id_of(ended)).status is Status.CANCELLED
    assert opt.cached(opt.id_of(moved)).status is Status.COMPLETED
    assert opt.cached(opt.id_of(other)).status is Status.UNASSIGNED
    opt.book.forget(other)
    report = await opt.sync(full=True, patient=True)
    assert report.deleted == 1


# -- each act, by the requests that arrive


async def done(opt: Account, op_id: str) -> list[tuple[str, str, Any]]:
    """The requests of an edit that is sent, and seen by a read in the same round."""
    opt.forget()
    await opt.sync()
    assert opt.op(op_id).state is OpState.CONFIRMED, opt.op(op_id)
    return opt.writes()


async def test_to_assign_is_one_request(opt: Account) -> None:
    job = opt.job_where("pending")
    job_id, who = opt.id_of(job), opt.technician_id(2)
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    sent = await done(opt, op_id)
    assert sent == [("POST", "/assignments/", {"job_id": int(job_id), "technician_id": int(who)})]
    assert opt.planned(job_id).technician_ids == (who,)


async def test_to_reassign_is_one_request(opt: Account) -> None:
    job = opt.job_where("assigned")
    job_id = opt.id_of(job)
    who = next(one for one in map(opt.technician_id, range(5)) if (one,) != opt.cached(job_id).technician_ids)
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    sent = await done(opt, op_id)
    assert sent == [("POST", "/assignments/reassign", {"job_id": int(job_id), "new_technician_id": int(who)})]


async def test_to_unassign_is_one_request(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    op_id = opt.edit(job_id, (fields.TECHNICIANS, []), intent=Intent.UNASSIGN)
    assert await done(opt, op_id) == [("POST", "/assignments/unassign", {"job_id": int(job_id)})]
    assert opt.cached(job_id).status is Status.UNASSIGNED


async def test_to_move_in_time_is_one_patch_of_day_and_slot(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    start = parse_instant("2026-06-05T13:00:00Z")
    length = opt.planned(job_id).minutes * 60
    op_id = opt.edit(job_id, (fields.TIMES, [start, start + length, None]), intent=Intent.RESCHEDULE)
    ((method, path, body),) = await done(opt, op_id)
    assert (method, path) == ("PATCH", f"/jobs/{job_id}")
    assert body["scheduled_date"] == "2026-06-05"
    assert body["time_slot"].startswith("14:00-")
    assert body.keys() == {"scheduled_date", "time_slot"}


async def test_an_end_of_its_own_is_the_end_of_the_slot(opt: Account) -> None:
    desk = desk_of(opt)
    job_id = opt.id_of(opt.job_where("assigned"))
    start = parse_instant("2026-06-05T13:00:00Z")
    plan = plan_reschedule(desk, desk.planned_of_job(job_id)[0], start, start + 9000)
    assert "keeps a slot and no length" in plan.drafts[0].warnings[-1]
    (op,) = desk.commit(plan)
    ((_, _, body),) = await done(opt, op.op_id)
    assert body == {"scheduled_date": "2026-06-05", "time_slot": "14:00-16:30"}
    visit = opt.planned(job_id)
    assert (visit.start, visit.end, visit.windows) == (start, start + 3600, ((start, start + 9000),))
    desk.poll()
    shorter = plan_reschedule(desk, desk.planned_of_job(job_id)[0], start, start + 1800)
    (op,) = desk.commit(shorter)
    ((_, _, body),) = await done(opt, op.op_id)
    assert body["time_slot"] == "14:00-14:30"
    assert opt.planned(job_id).end == start + 1800
    desk.poll()
    for _ in range(2):
        (back,) = desk.commit(plan_undo(desk))
        await done(opt, back.op_id)
        desk.poll()
    before = plan.drafts[0].changes[1].expected
    assert [[*one] for one in opt.planned(job_id).windows] == before
    desk.store.close()


async def test_within_the_promise_the_slot_only_begins_later(opt: Account) -> None:
    desk = desk_of(opt)
    job = opt.job_where("assigned")
    job_id = opt.id_of(job)
    day = parse_instant("2026-06-05T00:00:00Z")
    opt.book.set_plan(job, Plan(date(2026, 6, 5), "09:00", "13:00"), opt.clock.now())
    await opt.sync()
    for hour, slot in ((9, "10:00-13:00"), (11, "12:00-13:00"), (14, "15:00-16:00")):
        desk.poll()
        visit = desk.planned_of_job(job_id)[0]
        (op,) = desk.commit(plan_reschedule(desk, visit, day + hour * 3600))
        ((_, _, body),) = await done(opt, op.op_id)
        assert body == {"scheduled_date": "2026-06-05", "time_slot": slot}
    for _ in range(3):
        desk.poll()
        (back,) = desk.commit(plan_undo(desk))
        await done(opt, back.op_id)
    assert opt.book.plan(job).slot == "09:00-13:00"
    desk.store.close()


async def test_to_assign_with_a_time_is_the_assignment_and_then_the_slot(opt: Account) -> None:
    job_id, who = opt.id_of(opt.job_where("pending")), opt.technician_id(1)
    start = parse_instant("2026-06-05T08:00:00Z")
    end = start + opt.planned(job_id).minutes * 60
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), (fields.TIMES, [start, end, None]))
    sent = await done(opt, op_id)
    assert [(method, path) for method, path, _ in sent] == [
        ("POST", "/assignments/"),
        ("PATCH", f"/jobs/{job_id}"),
    ]


async def test_each_status_has_its_own_call(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    op_id = opt.edit(job_id, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    assert await done(opt, op_id) == [("POST", f"/jobs/{job_id}/start", None)]
    op_id = opt.edit(job_id, (fields.STATUS, "open"), intent=Intent.STATUS)
    assert await done(opt, op_id) == [("PATCH", f"/jobs/{job_id}", {"status": "assigned"})]
    op_id = opt.edit(job_id, (fields.STATUS, "completed"), intent=Intent.STATUS)
    assert await done(opt, op_id) == [
        ("POST", f"/jobs/{job_id}/start", None),
        ("POST", f"/jobs/{job_id}/complete", None),
    ]
    other = opt.id_of(opt.job_where("pending"))
    op_id = opt.edit(other, (fields.STATUS, "cancelled"), intent=Intent.STATUS, reason="no access")
    assert await done(opt, op_id) == [("POST", f"/jobs/{other}/cancel", None)]


async def test_fields_of_a_job_go_in_one_patch(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    op_id = opt.edit(job_id, ("kind", "inspection"), ("skills", ["boiler"]), ("address", "1 High St"))
    ((method, path, body),) = await done(opt, op_id)
    assert (method, path) == ("PATCH", f"/jobs/{job_id}")
    assert body == {"type": "inspection", "skills_required": ["boiler"], "address": "1 High St"}
    assert opt.cached(job_id).title == "Inspection"


async def test_the_customers_name_is_a_field_of_the_job(opt: Account) -> None:
    desk, job_id = desk_of(opt), opt.id_of(opt.job_where("assigned"))
    (op,) = desk.commit(plan_edit(desk, opt.cached(job_id), {"customer": "Updated Name"}))
    desk.poll()
    assert desk.planned_of_job(job_id)[0].customer == "Updated Name"
    assert await done(opt, op.op_id) == [("PATCH", f"/jobs/{job_id}", {"customer": "Updated Name"})]
    desk.store.close()


def technician_edit(opt: Account, own_id: str, field: str, value: Any) -> str:
    seen = fields.value_of(opt.person(own_id), field)
    change = Change(Kind.TECHNICIAN, own_id, field, seen, value)
    return opt.engine.outbox.add(
        OperationDraft(Intent.TECHNICIAN, f"technician:{own_id}", (change,), "x")
    ).op_id


async def test_a_technician_is_told_what_to_do_and_where(opt: Account) -> None:
    own_id = opt.technician_id(0)
    op_id = technician_edit(opt, own_id, fields.STATUS, "on_break")
    assert await done(opt, op_id) == [("PATCH", f"/technicians/{own_id}/status", {"status": "on_break"})]
    assert opt.person(own_id).status == "on_break"
    op_id = technician_edit(opt, own_id, fields.LOCATION, [40.7128, -74.006])
    place = {"latitude": 40.7128, "longitude": -74.006}
    opt.forget()
    await opt.sync()
    # The documents show no place in a technician's row: it is taken and cannot be read back.
    assert opt.writes() == [("PATCH", f"/technicians/{own_id}/location", place)]
    await opt.sync()
    assert opt.state(op_id) is OpState.CONFIRMED
    op_id = technician_edit(opt, own_id, fields.STATUS, "on_job")
    await opt.sync()
    assert opt.state(op_id) is OpState.REJECTED
    assert "available, on_break, assigned, off_duty" in (opt.op(op_id).reason or "")


async def test_a_new_job_and_who_does_it(opt: Account) -> None:
    desk, who = desk_of(opt), opt.technician_id(3)
    start = parse_instant("2026-06-05T08:00:00Z")
    given: dict[str, Any] = {
        "kind": "install",
        "customer": "Acme Corp",
        "address": "123 Main St, NYC",
        "date": "2026-06-05",
        "start": start,
        "end": start + 4 * 3600,
    }
    assert plan_create(desk, {"kind": "install"}).refusal
    (op,) = desk.commit(plan_create(desk, {**given, "technicians": [who]}))
    sent = await done(opt, op.op_id)
    assert sent[0] == (
        "POST",
        "/jobs/",
        {
            "type": "install",
            "customer": "Acme Corp",
            "address": "123 Main St, NYC",
            "scheduled_date": "2026-06-05",
            "time_slot": "09:00-13:00",
            "skills_required": [],
        },
    )
    new_id = sent[1][2]["job_id"]
    assert sent[1:] == [("POST", "/assignments/", {"job_id": new_id, "technician_id": int(who)})]
    assert opt.cached(str(new_id)).technician_ids == (who,)
    desk.store.close()


async def test_several_jobs_of_one_edit_go_in_one_batch(opt: Account) -> None:
    waiting = [opt.id_of(job) for job in opt.book.jobs() if opt.book.word(job) == "pending"][:3]
    who = opt.technician_id(4)
    changes = tuple(Change(Kind.JOB, one, fields.TECHNICIANS, [], [who]) for one in waiting)
    draft = OperationDraft(Intent.ASSIGN, f"job:{waiting[0]}", changes, "three")
    op_id = opt.engine.outbox.add(draft).op_id
    ids = [int(one) for one in waiting]
    assert await done(opt, op_id) == [
        ("POST", "/assignments/batch-assign", {"job_ids": ids, "technician_id": int(who)})
    ]
    back = tuple(Change(Kind.JOB, one, fields.TECHNICIANS, [who], []) for one in waiting)
    op_id = opt.engine.outbox.add(OperationDraft(Intent.UNASSIGN, f"job:{waiting[0]}", back, "back")).op_id
    assert await done(opt, op_id) == [("POST", "/assignments/batch-unassign", {"job_ids": ids})]


async def test_a_bulk_act_of_the_board_is_one_edit_and_one_request(opt: Account) -> None:
    desk, who = desk_of(opt), opt.technician_id(4)
    waiting = [opt.id_of(job) for job in opt.book.jobs() if opt.book.word(job) == "pending"][:3]
    visits = [desk.planned_of_job(one)[0] for one in waiting]
    each = [plan_assign(desk, one, who, one.start, one.end) for one in visits]
    (op,) = desk.commit(batched(desk, combine(each, "3 jobs assigned")))
    assert op.label == f"3 jobs → {desk.people.name_of(who)}"
    ids = [int(one) for one in waiting]
    body = {"job_ids": ids, "technician_id": int(who)}
    assert await done(opt, op.op_id) == [("POST", "/assignments/batch-assign", body)]
    desk.poll()
    (back,) = desk.commit(plan_undo(desk))
    assert await done(opt, back.op_id) == [("POST", "/assignments/batch-unassign", {"job_ids": ids[::-1]})]
    desk.store.close()


async def test_a_batch_that_is_taken_in_part_goes_on_one_by_one(opt: Account) -> None:
    waiting = [opt.id_of(job) for job in opt.book.jobs() if opt.book.word(job) == "pending"][:2]
    who = opt.technician_id(4)
    changes = tuple(Change(Kind.JOB, one, fields.TECHNICIANS, [], [who]) for one in waiting)
    op_id = opt.engine.outbox.add(OperationDraft(Intent.ASSIGN, f"job:{waiting[0]}", changes, "two")).op_id
    answer = {"assigned_count": 1, "assignments": [{"job_id": int(waiting[0]), "technician_id": int(who)}]}
    opt.line.answers.append(("batch-assign", httpx.Response(200, json=answer)))
    sent = await done(opt, op_id)
    assert [path for _, path, _ in sent] == ["/assignments/", "/assignments/"]


# -- what refuses, and what is lost


async def test_no_capacity_is_a_refusal_with_its_reason(opt: Account) -> None:
    job_id, who = opt.id_of(opt.job_where("pending")), opt.technician_id(2)
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    full = httpx.Response(409, json={"detail": "Technician already has maximum capacity"})
    opt.line.answers.append(("/assignments/", full))
    await opt.sync()
    assert opt.state(op_id) is OpState.REJECTED
    assert "Technician already has maximum capacity" in (opt.op(op_id).reason or "")
    assert opt.cached(job_id).technician_ids == ()


@pytest.mark.parametrize(
    ("status", "detail", "state"),
    [
        (400, "Invalid request body", OpState.REJECTED),
        (404, "Technician not found", OpState.REJECTED),
        (409, "Operation conflicts with current state", OpState.REJECTED),
        (422, "no", OpState.REJECTED),
        (403, "no", OpState.QUEUED),
        (401, "no", OpState.QUEUED),
        (429, "slow down", OpState.QUEUED),
    ],
)
async def test_each_documented_error_has_its_effect(
    opt: Account, status: int, detail: str, state: OpState
) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    op_id = opt.edit(job_id, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    for _ in range(20):
        answer = httpx.Response(status, json={"detail": detail}, headers={"retry-after": "120"})
        opt.line.answers.append(("/start", answer))
    await opt.sync()
    assert opt.state(op_id) is state
    if state is OpState.REJECTED:
        assert detail in (opt.op(op_id).reason or "")


async def test_a_job_that_is_gone(opt: Account) -> None:
    job = opt.job_where("assigned")
    op_id = opt.edit(opt.id_of(job), (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    opt.book.forget(job)
    await opt.sync()
    assert opt.state(op_id) is OpState.GONE


async def test_a_job_that_somebody_else_gave_away_is_a_conflict(opt: Account) -> None:
    job = opt.job_where("pending")
    job_id = opt.id_of(job)
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [opt.technician_id(2)]), intent=Intent.ASSIGN)
    person = next(
        one for one in opt.world.technicians.values() if str(opt.book.person(one).id) == opt.technician_id(1)
    )
    opt.book.assign(job, person, opt.clock.now())
    opt.forget()
    await opt.sync()
    assert opt.state(op_id) is OpState.CONFLICT
    assert opt.writes() == []


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/assignments/", (fields.TECHNICIANS, "somebody")),
        ("/start", (fields.STATUS, "in_progress")),
        ("/cancel", (fields.STATUS, "cancelled")),
        ("/unassign", (fields.TECHNICIANS, [])),
    ],
)
@pytest.mark.parametrize("how", ["lost after", "lost before"])
async def test_an_answer_that_was_lost_is_looked_up(opt: Account, path: str, wanted: Any, how: str) -> None:
    word = "pending" if wanted[1] == "somebody" else "assigned"
    job_id = opt.id_of(opt.job_where(word))
    value = [opt.technician_id(2)] if wanted[1] == "somebody" else wanted[1]
    op_id = opt.edit(job_id, (wanted[0], value))
    opt.line.spoiled.append((path, how))
    opt.forget()
    await opt.sync()
    assert opt.state(op_id) is (OpState.CONFIRMED if how == "lost after" else OpState.UNCERTAIN)
    opt.clock.advance(60)
    await opt.sync()
    assert opt.state(op_id) is OpState.CONFIRMED
    assert len(opt.writes()) == 1


@pytest.mark.parametrize("how", ["lost after", "lost before"])
async def test_a_new_job_whose_answer_was_lost_is_there_once(opt: Account, how: str) -> None:
    desk = desk_of(opt)
    start = parse_instant("2026-06-05T08:00:00Z")
    given: dict[str, Any] = {
        "kind": "repair",
        "customer": "Acme",
        "address": "1 High St",
        "date": "2026-06-05",
        "start": start,
        "end": start + 7200,
    }
    # One that is alike in all was there before.
    (first,) = desk.commit(plan_create(desk, given))
    await done(opt, first.op_id)
    (op,) = desk.commit(plan_create(desk, given))
    opt.line.spoiled.append(("/jobs/", how))
    before = len(opt.book.jobs())
    await opt.sync()
    opt.clock.advance(60)
    await opt.sync()
    assert opt.state(op.op_id) is OpState.CONFIRMED
    assert len(opt.book.jobs()) == before + 1
    desk.store.close()


async def test_a_server_that_fails_on_reassign_gets_two_steps_from_then_on(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    (before,) = opt.cached(job_id).technician_ids
    who, third = [one for one in map(opt.technician_id, range(5)) if one != before][:2]
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    opt.line.answers.append(("/reassign", FAILED))
    assert await done(opt, op_id) == [
        ("POST", "/assignments/unassign", {"job_id": int(job_id)}),
        ("POST", "/assignments/", {"job_id": int(job_id), "technician_id": int(who)}),
    ]
    assert opt.opt.learned["reassign"] == "broken"
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [third]), intent=Intent.ASSIGN)
    assert [path for _, path, _ in await done(opt, op_id)] == ["/assignments/unassign", "/assignments/"]


async def test_a_reassign_that_failed_after_all_was_done_is_found(opt: Account) -> None:
    job = opt.job_where("assigned")
    job_id = opt.id_of(job)
    (before,) = opt.cached(job_id).technician_ids
    person = next(
        one for one in opt.world.technicians.values() if str(opt.book.person(one).id) != before and one.active
    )
    who = str(opt.book.person(person).id)
    op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
    opt.line.before_answer = lambda: opt.book.assign(job, person, opt.clock.now())
    opt.line.answers.append(("/reassign", FAILED))
    assert await done(opt, op_id) == []
    assert "reassign" not in opt.opt.learned


async def test_taken_from_one_and_not_yet_given_to_the_other(tmp_path: Path) -> None:
    async with account(tmp_path, learned={"reassign": "broken"}) as opt:
        job_id = opt.id_of(opt.job_where("assigned"))
        (before,) = opt.cached(job_id).technician_ids
        who = next(one for one in map(opt.technician_id, range(5)) if one != before)
        op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
        opt.line.spoiled += [("/assignments/", "lost before"), ("/assignments/", "lost before")]
        opt.forget()
        await opt.sync()
        assert opt.state(op_id) is OpState.UNCERTAIN
        assert [path for _, path, _ in opt.writes()] == ["/assignments/unassign"]
        # The process dies, and another goes on.
        opt.fence = opt.engine.take_over("another")
        opt.clock.advance(60)
        await opt.sync()
        opt.clock.advance(60)
        await opt.sync()
        assert opt.state(op_id) is OpState.CONFIRMED
        assert [path for _, path, _ in opt.writes()] == ["/assignments/unassign", "/assignments/"]
        assert opt.cached(job_id).technician_ids == (who,)


async def test_what_is_refused_for_the_next_goes_back_to_the_one_before(tmp_path: Path) -> None:
    async with account(tmp_path, learned={"reassign": "broken"}) as opt:
        job_id = opt.id_of(opt.job_where("assigned"))
        (before,) = opt.cached(job_id).technician_ids
        who = next(one for one in map(opt.technician_id, range(5)) if one != before)
        op_id = opt.edit(job_id, (fields.TECHNICIANS, [who]), intent=Intent.ASSIGN)
        full = httpx.Response(409, json={"detail": "Technician already has maximum capacity"})
        opt.line.answers.append(("/assignments/", full))
        opt.forget()
        await opt.sync()
        assert opt.state(op_id) is OpState.REJECTED
        assert "has it again" in (opt.op(op_id).reason or "")
        assert opt.writes()[-1] == (
            "POST",
            "/assignments/",
            {"job_id": int(job_id), "technician_id": int(before)},
        )
        assert opt.cached(job_id).technician_ids == (before,)


async def test_a_server_that_fails_each_time_is_not_asked_for_ever(opt: Account) -> None:
    job_id = opt.id_of(opt.job_where("assigned"))
    op_id = opt.edit(job_id, (fields.STATUS, "in_progress"), intent=Intent.STATUS)
    opt.line.answers += [("/start", FAILED)] * 9
    for _ in range(4):
        await opt.sync()
        opt.clock.advance(60)
    assert opt.state(op_id) is OpState.REJECTED
    assert len(opt.line.answers) == 6


# -- what people see


async def test_whom_the_server_suggests_stands_beside_our_own_ranking(opt: Account) -> None:
    job = next(
        one
        for one in opt.book.jobs()
        if opt.book.word(one) == "pending" and opt.cached(opt.id_of(one)).suggested
    )
    ours = opt.cached(opt.id_of(job))
    assert ours.suggested is not None
    desk = desk_of(opt)
    ranking = ranking_for(desk, desk.planned_of_job(ours.id)[0])
    told = {
        one.technician.id
        for one in ranking.all
        for reason in (*one.reasons, *one.excluded)
        if "FieldOpt suggests" in reason
    }
    assert told == {ours.suggested.technician_id}
    desk.store.close()
    # A list that does not tell it takes nothing away; it is asked for again after a while.
    opt.forget()
    await opt.sync()
    assert not [one for one in opt.reads() if "best-tech" in one]
    assert opt.cached(ours.id).suggested == ours.suggested
    opt.clock.advance(1000)
    await opt.sync()
    assert [one for one in opt.reads() if "best-tech" in one]


async def test_doctor_looks_and_writes_nothing(opt: Account) -> None:
    found = {probe.name: probe for probe in await opt.opt.probe()}
    assert opt.writes() == []
    for name in (
        "address",
        "dialect",
        "jobs",
        "technicians",
        "summary",
        "one job",
        "one technician",
        "can-do",
    ):
        assert found[name].ok is True, found[name]
    for name in ("filter status", "filter type", "filter scheduled_date", "best technician"):
        assert found[name].ok is True, found[name]
    for name in ("assignments of a technician", "assignments of a job"):
        assert found[name].ok is True, found[name]
    assert "that of the documents" in found["dialect"].says
    assert json.loads(opt.opt.learned["summary"])["total"] == 120


async def test_an_edit_is_taken_back(opt: Account) -> None:
    desk = desk_of(opt)
    job_id = opt.id_of(opt.job_where("assigned"))
    visit = desk.planned_of_job(job_id)[0]
    who = next(one for one in map(opt.technician_id, range(5)) if (one,) != visit.technician_ids)
    (op,) = desk.commit(plan_assign(desk, visit, who))
    await done(opt, op.op_id)
    desk.poll()
    (back,) = desk.commit(plan_undo(desk))
    sent = await done(opt, back.op_id)
    assert [path for _, path, _ in sent] == ["/assignments/reassign"]
    assert opt.cached(job_id).technician_ids == visit.technician_ids
    plan = plan_status(desk, desk.planned_of_job(job_id)[0], Status.ON_HOLD)
    assert "no way" in (plan.refusal or "")
    desk.store.close()
