"""Edits of the adapter, on the sandbox's server: what is sent, what is found, what is learned."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from fieldboard.backends.port import Finding, Outcome, Step
from fieldboard.domain.fields import CREATED, DELETED, STATUS, TECHNICIANS, TIMES, value_of
from fieldboard.domain.instants import instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OpState
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.sandbox import lifecycle
from tests.backends.conftest import NOW, Account, MakeAccount
from tests.sync.room import unnamed

TEN = instant_of(NOW) + 24 * 3600


def lone_visit(account: Account) -> str:
    """A planned visit that is its job's only one."""
    for visit in account.world.visits.values():
        job = account.world.jobs[visit.job_id]
        if visit.status == "scheduled" and len(job.visits) == 1 and visit.crew and job.status == "open":
            return visit.id
    raise AssertionError("the world has no such visit")


def one_of_many(account: Account) -> str:
    """A planned visit of a job that gets a second one here."""
    visit_id = lone_visit(account)
    visit = account.world.visits[visit_id]
    twin = replace(visit, id="vis_twin", crew=[*visit.crew])
    account.world.visits[twin.id] = twin
    account.world.jobs[visit.job_id].visits.append(twin)
    return visit_id


def without_visits(account: Account) -> str:
    """An open job whose only visit is taken from it here."""
    visit = account.world.visits.pop(lone_visit(account))
    job = account.world.jobs[visit.job_id]
    job.visits.clear()
    job.crew.clear()
    return job.id


def other_technician(account: Account, visit_id: str) -> str:
    """Somebody who is not on the visit."""
    crew = account.world.visits[visit_id].crew
    return next(one for one in account.world.technicians if one not in crew)


def visit_change(visit_id: str, field: str, value: Json) -> Change:
    """A change of a visit, whatever was seen before."""
    return Change(Kind.VISIT, visit_id, field, None, value)


def job_change(job_id: str, field: str, value: Json) -> Change:
    """A change of a job, whatever was seen before."""
    return Change(Kind.JOB, job_id, field, None, value)


async def test_assigning_writes_the_visit_alone_where_the_job_follows(account: Account) -> None:
    visit_id = lone_visit(account)
    someone = other_technician(account, visit_id)
    answers = await account.send(visit_change(visit_id, TECHNICIANS, [someone]))
    assert [answer.outcome for answer in answers] == [Outcome.DONE]
    assert account.writes() == [("PUT", f"/api/v1/visits/{visit_id}")]
    assert (await account.visit(visit_id)).technician_ids == (someone,)


async def test_the_job_is_written_where_it_keeps_a_crew_that_disagrees(make_account: MakeAccount) -> None:
    account = make_account(crew_follows=False)
    visit_id = lone_visit(account)
    job = account.world.jobs[account.world.visits[visit_id].job_id]
    someone = other_technician(account, visit_id)
    job.crew = list(account.world.visits[visit_id].crew)
    answers = await account.send(visit_change(visit_id, TECHNICIANS, [someone]))
    assert [answer.outcome for answer in answers] == [Outcome.DONE, Outcome.DONE]
    assert account.writes()[1] == ("PUT", f"/api/v1/jobs/{job.id}")
    assert job.crew == [someone]


async def test_technician_and_times_go_in_one_request(account: Account) -> None:
    visit_id = lone_visit(account)
    someone = other_technician(account, visit_id)
    answers = await account.send(
        visit_change(visit_id, TECHNICIANS, [someone]), visit_change(visit_id, TIMES, [TEN, TEN + 3600, None])
    )
    assert {answer.outcome for answer in answers} == {Outcome.DONE}
    to_visit = [path for _, path in account.writes() if "/visits/" in path]
    assert len(to_visit) == 1
    visit = await account.visit(visit_id)
    assert (visit.technician_ids, visit.start, visit.end) == ((someone,), TEN, TEN + 3600)


async def test_rescheduling_takes_the_job_along_where_it_does_not_follow(make_account: MakeAccount) -> None:
    account = make_account(window_follows=False)
    visit_id = lone_visit(account)
    job_id = account.world.visits[visit_id].job_id
    answers = await account.send(visit_change(visit_id, TIMES, [TEN, TEN + 5400, None]))
    assert [answer.outcome for answer in answers] == [Outcome.DONE, Outcome.DONE]
    job = await account.job(job_id)
    assert (job.start, job.end) == (TEN, TEN + 5400)


async def test_a_visit_can_lose_its_times_again(account: Account) -> None:
    visit_id = lone_visit(account)
    answers = await account.send(visit_change(visit_id, TIMES, [None, None, None]))
    assert [answer.outcome for answer in answers] == [Outcome.DONE]
    assert (await account.visit(visit_id)).start is None


async def test_one_visit_of_many_moves_alone(account: Account) -> None:
    visit_id = one_of_many(account)
    answers = await account.send(visit_change(visit_id, TIMES, [TEN, TEN + 5400, None]))
    assert [answer.outcome for answer in answers] == [Outcome.DONE]
    assert account.writes() == [("PUT", f"/api/v1/visits/{visit_id}")]


async def test_a_job_without_visits_gets_one(account: Account) -> None:
    job_id = without_visits(account)
    someone = next(iter(account.world.technicians))
    answers = await account.send(
        job_change(job_id, TECHNICIANS, [someone]), job_change(job_id, TIMES, [TEN, TEN + 3600, None])
    )
    assert {answer.outcome for answer in answers} == {Outcome.DONE}
    assert account.writes()[0] == ("POST", "/api/v1/visits")
    visits = account.world.jobs[job_id].visits
    assert [(visit.crew, instant_of(visit.start)) for visit in visits if visit.start] == [([someone], TEN)]
    job = await account.job(job_id)
    assert (value_of(job, TECHNICIANS), job.start, job.end) == ([someone], TEN, TEN + 3600)


async def test_unassigning_is_verified_and_learned(account: Account) -> None:
    visit_id = lone_visit(account)
    answers = await account.send(visit_change(visit_id, TECHNICIANS, []))
    assert answers[0].outcome is Outcome.DONE
    assert (await account.visit(visit_id)).technician_ids == ()
    assert account.camp.learned["unassign"] == "works"


async def test_a_server_that_ignores_unassigning_loses_the_ability(make_account: MakeAccount) -> None:
    account = make_account(null_unassign=False)
    visit_id = lone_visit(account)
    answers = await account.send(visit_change(visit_id, TECHNICIANS, []))
    assert [answer.outcome for answer in answers] == [Outcome.KEPT_OTHER]
    assert account.camp.learned["unassign"] == "refused"
    assert not account.camp.rules.can(Ability.UNASSIGN)


@pytest.mark.parametrize("status", [Status.EN_ROUTE, Status.ON_SITE, Status.IN_PROGRESS, Status.COMPLETED])
async def test_statuses_of_a_visit_are_written_on_the_visit(account: Account, status: Status) -> None:
    visit_id = lone_visit(account)
    answers = await account.send(visit_change(visit_id, STATUS, status.value))
    assert {answer.outcome for answer in answers} == {Outcome.DONE}
    assert (await account.visit(visit_id)).status is status
    assert account.writes()[0] == ("PUT", f"/api/v1/visits/{visit_id}")


async def status_step(account: Account, visit_id: str, status: Status) -> tuple[Step, Change]:
    """The one request of a visit's new status at a server that ignores a visit's own."""
    change = visit_change(visit_id, STATUS, status.value)
    operation = Operation(1, "01", Intent.STATUS, f"visit:{visit_id}", (change,), OpState.SENDING)
    current = {(Kind.VISIT, visit_id): await account.visit(visit_id)}
    [step] = await account.camp.steps(operation, current)
    return step, change


@pytest.mark.parametrize("meanwhile", ["", "moved on by a phone"])
async def test_where_a_visit_is_not_listened_to_its_status_is_written_to_the_job(
    make_account: MakeAccount, meanwhile: str
) -> None:
    account = make_account(learned={"visit_status": "ignored"})
    visit_id = lone_visit(account)
    visit = account.world.visits[visit_id]
    step, change = await status_step(account, visit_id, Status.IN_PROGRESS)
    if meanwhile:
        lifecycle.set_visit_status(account.world, visit, "travelling", NOW)
    operation = Operation(1, "01", Intent.STATUS, "visit:1", (change,), OpState.SENDING)
    to_send = await account.camp.prepare(operation, step, [])
    assert to_send is not None
    assert (await account.camp.carry_out(to_send, change)).outcome is Outcome.DONE
    assert account.writes() == [("PUT", f"/api/v1/jobs/{visit.job_id}")]
    assert (await account.visit(visit_id)).status is Status.IN_PROGRESS
    assert (await account.camp.find_out(to_send, change)).finding is Finding.DONE


async def test_a_status_that_only_the_job_could_carry_is_gone_with_the_job(make_account: MakeAccount) -> None:
    account = make_account(learned={"visit_status": "ignored"})
    visit_id = lone_visit(account)
    step, change = await status_step(account, visit_id, Status.IN_PROGRESS)
    account.camp.begin_round()
    lifecycle.delete_job(account.world, account.world.jobs[account.world.visits[visit_id].job_id])
    operation = Operation(1, "01", Intent.STATUS, "visit:1", (change,), OpState.SENDING)
    to_send = await account.camp.prepare(operation, step, [])
    assert to_send is not None
    assert (await account.camp.carry_out(to_send, change)).outcome is Outcome.GONE


class ShownAs(httpx.AsyncBaseTransport):
    """Shows every job in one status, whatever it is in."""

    def __init__(self, inner: httpx.AsyncBaseTransport, word: str) -> None:
        self._inner, self._word = inner, word

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if "/jobs/" not in request.url.path:
            return answer
        shown = f'"jobStatus":"{self._word}"'.encode()
        body = re.sub(rb'"jobStatus":"[a-z-]+"', shown, await answer.aread())
        headers = {"content-type": "application/json"}
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))


async def test_a_status_that_the_job_does_not_take_any_more_is_refused_with_the_reason(
    make_account: MakeAccount,
) -> None:
    account = make_account(
        learned={"visit_status": "ignored"}, around=lambda inner: ShownAs(inner, "invoiced")
    )
    with pytest.raises(ValueError, match="the job is invoiced already"):
        await status_step(account, lone_visit(account), Status.IN_PROGRESS)
    assert account.writes() == []


async def test_a_job_that_is_paused_takes_the_next_status_of_its_visit(
    make_account: MakeAccount,
) -> None:
    account = make_account(learned={"visit_status": "ignored"}, around=lambda inner: ShownAs(inner, "paused"))
    step, _ = await status_step(account, lone_visit(account), Status.IN_PROGRESS)
    assert step.path.startswith("/jobs/")


class Unreadable(httpx.AsyncBaseTransport):
    """Carries out what changes a visit, and answers with nothing that could be read as one."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if request.method != "PUT" or "/visits/" not in request.url.path:
            return answer
        await answer.aread()
        headers = {"content-type": "application/json"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(b'{"success":true}'))


async def test_one_read_that_lags_does_not_prove_that_a_status_is_ignored(make_account: MakeAccount) -> None:
    account = make_account(around=Unreadable, read_lag_s=60)
    visits = [
        visit
        for visit in account.world.visits.values()
        if visit.status == "scheduled" and visit.crew and len(account.world.jobs[visit.job_id].visits) == 1
    ]
    for visit, learned in zip(visits, ("unheard", "ignored"), strict=False):
        change = Change(Kind.VISIT, visit.id, STATUS, "open", Status.EN_ROUTE.value)
        answers = await account.send(change)
        assert answers[-1].outcome is Outcome.KEPT_OTHER
        assert account.camp.learned["visit_status"] == learned


async def test_cancelling_the_only_visit_cancels_the_job(account: Account) -> None:
    visit_id = lone_visit(account)
    answers = await account.send(visit_change(visit_id, STATUS, "cancelled"))
    assert {answer.outcome for answer in answers} == {Outcome.DONE}
    assert account.writes()[0][1].startswith("/api/v1/jobs/")
    assert (await account.visit(visit_id)).status is Status.CANCELLED


async def test_cancelling_one_visit_of_many_leaves_the_job(account: Account) -> None:
    visit_id = one_of_many(account)
    answers = await account.send(visit_change(visit_id, STATUS, "cancelled"))
    assert [answer.outcome for answer in answers] == [Outcome.DONE]
    assert account.writes() == [("PUT", f"/api/v1/visits/{visit_id}")]


@pytest.mark.parametrize(("dialect", "field"), [("schema", "jobStatus"), ("prose", "status")])
async def test_the_status_field_is_found_and_remembered(
    make_account: MakeAccount, dialect: str, field: str
) -> None:
    account = make_account(dialect=dialect)
    job_id = account.world.visits[lone_visit(account)].job_id
    answers = await account.send(job_change(job_id, STATUS, "completed"))
    assert answers[-1].outcome is Outcome.DONE
    assert (await account.job(job_id)).status is Status.COMPLETED
    assert account.camp.learned["job_status_field"] == field
    before = len(account.writes())
    await account.send(job_change(job_id, STATUS, "in_progress"))
    assert len(account.writes()) == before + 1


def new_job(account: Account, **more: Json) -> Change:
    """A complete new job."""
    value: dict[str, Json] = {
        "title": "Kessel prüfen",
        "number": "FB-9001",
        "customer_id": next(iter(account.world.clients)),
        TIMES: [TEN, TEN + 3600, None],
        **more,
    }
    return job_change("new-1", CREATED, value)


@pytest.mark.parametrize("switches", [{}, {"dialect": "prose"}, {"versioned": False}])
async def test_a_job_is_created_with_its_visit(
    make_account: MakeAccount, switches: dict[str, object]
) -> None:
    account = make_account(**switches)
    someone = next(iter(account.world.technicians))
    change = new_job(
        account, technicians=[someone], priority="urgent", notes="Gate 4412", phone="+44 7700 900123"
    )
    answers = await account.send(change, intent=Intent.CREATE)
    assert {answer.outcome for answer in answers} == {Outcome.DONE}
    new_id = answers[0].new_id
    assert new_id is not None
    job = await account.job(new_id)
    assert (job.title, job.number, job.start) == ("Kessel prüfen", "FB-9001", TEN)
    assert (job.technician_ids, job.priority) == ((someone,), 3)
    assert job.phone == "+44 7700 900123"
    assert [visit.crew for visit in account.world.jobs[new_id].visits] == [[someone]]


async def test_a_lost_title_of_a_new_job_is_looked_up_by_a_read(account: Account) -> None:
    change = new_job(account)
    operation = Operation(1, "01", Intent.CREATE, "job:new-1", (change,), OpState.SENDING)
    create, title = await account.camp.steps(operation, {})
    made = replace(await account.camp.carry_out(create, change), row=None)
    unnamed(account.world, made.new_id, NOW)
    to_send = await account.camp.prepare(operation, title, [made])
    assert to_send is not None
    assert (await account.camp.find_out(to_send, change)).finding is Finding.UNDONE
    await account.camp.carry_out(to_send, change)
    assert (await account.camp.find_out(to_send, change)).finding is Finding.DONE
    assert account.world.jobs[made.new_id or ""].items[0].name == "Kessel prüfen"


async def test_an_older_server_gets_a_form_once_it_has_asked_for_it(make_account: MakeAccount) -> None:
    account = make_account(learned={"path:jobs": "/api/jobs", "path_at:jobs": str(instant_of(NOW))})
    answers = await account.send(new_job(account), intent=Intent.CREATE)
    assert answers[0].outcome is Outcome.DONE
    assert account.writes()[:2] == [("POST", "/api/jobs"), ("POST", "/api/jobs")]
    assert account.camp.learned["create_body:jobs"] == "multipart"
    assert sum(job.number == "FB-9001" for job in account.world.jobs.values()) == 1


async def test_a_number_that_is_taken_is_refused(make_account: MakeAccount) -> None:
    account = make_account(duplicate_number="409")
    taken = next(iter(account.world.jobs.values())).number
    answers = await account.send(new_job(account, number=taken), intent=Intent.CREATE)
    assert (answers[0].outcome, answers[0].status) == (Outcome.REFUSED, 409)
    assert "already exists" in (answers[0].why or "")


async def test_a_create_without_a_number_is_no_create(account: Account) -> None:
    with pytest.raises(ValueError, match="number"):
        await account.send(new_job(account, number=None), intent=Intent.CREATE)


async def test_a_lost_create_is_found_by_its_exact_number(account: Account) -> None:
    change = new_job(account)
    operation = Operation(1, "01", Intent.CREATE, "job:new-1", (change,), OpState.SENDING)
    step = (await account.camp.steps(operation, {}))[0]
    assert step.marker == "FB-9001"
    assert (await account.camp.find_out(step, change)).finding is Finding.UNDONE
    await account.send(new_job(account, number="FB-90011"), intent=Intent.CREATE)
    assert (await account.camp.find_out(step, change)).finding is Finding.UNDONE
    made = await account.camp.carry_out(step, change)
    found = await account.camp.find_out(step, change)
    assert (found.finding, [row.id for row in found.rows]) == (Finding.DONE, [made.new_id])
    await account.camp.carry_out(step, change)
    assert (await account.camp.find_out(step, change)).finding is Finding.SEVERAL


async def test_a_lost_visit_is_found_by_job_start_and_technician(account: Account) -> None:
    job_id = without_visits(account)
    someone, other = list(account.world.technicians)[:2]
    body: Json = {
        "jobId": job_id,
        "scheduledStart": "2026-06-05T09:00:00.000Z",
        "scheduledEnd": "2026-06-05T10:00:00.000Z",
        "technicianId": someone,
    }
    step = Step(0, 0, "POST", "/visits", body)
    change = job_change(job_id, TECHNICIANS, [someone])
    assert (await account.camp.find_out(step, change)).finding is Finding.UNDONE
    await account.camp.carry_out(step, change)
    assert (await account.camp.find_out(step, change)).finding is Finding.DONE
    elsewhere = Step(
        0, 0, "POST", "/visits", {**body, "technicianId": other} if isinstance(body, dict) else None
    )
    # It may be ours, given to another since: nobody can tell.
    assert (await account.camp.find_out(elsewhere, change)).finding is Finding.UNKNOWN
    had = [row.id for row in await account.camp.visits_of(job_id, fresh=True)]
    assert (await account.camp.find_out(replace(step, marker=f"had: {' '.join(had)}"), change)).finding is (
        Finding.UNDONE
    )


@pytest.mark.parametrize(("apart_s", "finding"), [(52, Finding.SEVERAL), (301, Finding.DONE)])
async def test_a_visit_that_came_twice_and_was_changed_once_is_not_told_by_the_other_alone(
    account: Account, apart_s: int, finding: Finding
) -> None:
    job_id = without_visits(account)
    body: Json = {
        "jobId": job_id,
        "scheduledStart": "2026-06-05T09:00:00.000Z",
        "scheduledEnd": "2026-06-05T10:00:00.000Z",
        "technicianId": next(iter(account.world.technicians)),
    }
    step = Step(0, 0, "POST", "/visits", body, marker="had: ")
    change = job_change(job_id, TECHNICIANS, [])
    first, second = [(await account.camp.carry_out(step, change)).new_id for _ in range(2)]
    assert first is not None
    assert second is not None
    moved = account.world.visits[first]
    assert moved.start is not None
    moved.start += timedelta(minutes=30)
    copy = account.world.visits[second]
    copy.created_at = moved.created_at + timedelta(seconds=apart_s)
    for one in (moved, copy):
        account.world.touch_visit(one, NOW)
    found = await account.camp.find_out(step, change)
    ids = [second, first] if finding is Finding.SEVERAL else [second]
    assert (found.finding, [row.id for row in found.rows]) == (finding, ids)


async def test_a_lost_edit_is_found_by_its_value(account: Account) -> None:
    visit_id = lone_visit(account)
    someone = other_technician(account, visit_id)
    change = visit_change(visit_id, TECHNICIANS, [someone])
    step = Step(0, 0, "PUT", f"/visits/{visit_id}", {"technicianId": someone})
    assert (await account.camp.find_out(step, change)).finding is Finding.UNDONE
    await account.camp.carry_out(step, change)
    assert (await account.camp.find_out(step, change)).finding is Finding.DONE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Something else"),
        ("phone", "+49 30 123456"),
        ("address", "Neue Straße 5, Bath"),
        ("priority", "urgent"),
    ],
)
async def test_fields_of_a_job_are_edited(account: Account, field: str, value: str) -> None:
    job_id = account.world.visits[lone_visit(account)].job_id
    before = await account.job(job_id)
    answers = await account.send(job_change(job_id, field, value))
    assert [answer.outcome for answer in answers] == [Outcome.DONE], answers
    after = await account.job(job_id)
    assert value_of(after, field) == value
    for other in ("title", "phone", "address", "priority", "customer_id", "number"):
        if other != field:
            assert value_of(after, other) == value_of(before, other), other
    assert len(after.items) == len(before.items)


async def test_several_fields_go_in_one_request(account: Account) -> None:
    job_id = account.world.visits[lone_visit(account)].job_id
    client = list(account.world.clients)[5]
    answers = await account.send(
        job_change(job_id, "phone", "+49 30 1"), job_change(job_id, "customer_id", client)
    )
    assert [answer.outcome for answer in answers] == [Outcome.DONE]
    assert account.writes() == [("PUT", f"/api/v1/jobs/{job_id}")]
    job = await account.job(job_id)
    assert isinstance(job, Job)
    assert (job.phone, job.customer_id) == ("+49 30 1", client)


async def test_deleting_twice_is_done(account: Account) -> None:
    job_id = without_visits(account)
    change = job_change(job_id, DELETED, True)
    step = Step(0, 0, "DELETE", f"/jobs/{job_id}")
    assert (await account.camp.find_out(step, change)).finding is Finding.UNDONE
    assert [answer.outcome for answer in await account.send(change, intent=Intent.DELETE)] == [Outcome.DONE]
    assert (await account.camp.carry_out(step, change)).outcome is Outcome.DONE
    assert (await account.camp.find_out(step, change)).finding is Finding.DONE


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (Change(Kind.VISIT, "v", TIMES, None, [None, None, "2026-06-05"]), "clock times"),
        (Change(Kind.VISIT, "v", TECHNICIANS, None, ["a", "b"]), "one technician"),
        (Change(Kind.VISIT, "v", DELETED, None, True), "cancel"),
        (Change(Kind.JOB, "j", "notes", None, "x"), "notes"),
        (Change(Kind.TECHNICIAN, "t", STATUS, None, "x"), "technician"),
    ],
)
async def test_what_fieldcamp_cannot_do_is_said(account: Account, change: Change, says: str) -> None:
    operation = Operation(1, "01", Intent.EDIT, "job:j", (change,), OpState.SENDING)
    with pytest.raises(ValueError, match=says):
        await account.camp.steps(operation, {})
    assert account.writes() == []


async def test_an_edit_of_something_gone_is_gone(account: Account) -> None:
    step = Step(0, 0, "PUT", "/visits/vis_nobody", {"technicianId": "x"})
    answer = await account.camp.carry_out(step, visit_change("vis_nobody", TECHNICIANS, ["x"]))
    assert answer.outcome is Outcome.GONE


async def test_a_value_that_the_server_refuses_is_refused_with_its_words(account: Account) -> None:
    visit_id = lone_visit(account)
    answers = await account.send(visit_change(visit_id, TECHNICIANS, ["usr_nobody"]))
    assert (answers[0].outcome, answers[0].status) == (Outcome.REFUSED, 400)
    assert "technicianId not found" in (answers[0].why or "")
