"""Walks and reads of the adapter, on the sandbox's server."""

from __future__ import annotations

import pytest

from fieldboard.backends.port import Backend, Reading, TokenRefused, WalkRequest, WalkResult
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit
from tests.backends.conftest import Account, MakeAccount


def test_the_adapter_is_what_the_engine_asks_for(account: Account) -> None:
    backend: Backend = account.camp
    assert backend.rules.system == "fieldcamp"
    assert [kind for kind in backend.kinds() if backend.by_change(kind)] == [Kind.CUSTOMER, Kind.JOB]


async def test_first_walk_brings_everything_and_says_so(account: Account) -> None:
    for kind in account.camp.kinds():
        rows, result = await account.walk(kind)
        assert (result.complete, result.clean, result.why_not) == (True, True, None), kind
        wanted: dict[Kind, set[str]] = {
            Kind.TECHNICIAN: set(account.world.technicians),
            Kind.CUSTOMER: set(account.world.clients),
            Kind.JOB: set(account.world.jobs),
            Kind.VISIT: set(account.world.visits),
        }
        assert {row.id for row in rows} == wanted[kind], kind


async def test_rows_say_what_the_world_says(account: Account) -> None:
    people, _ = await account.walk(Kind.TECHNICIAN)
    jobs, _ = await account.walk(Kind.JOB)
    visits, _ = await account.walk(Kind.VISIT)
    for row in people:
        assert isinstance(row.entity, Technician)
        person = account.world.technicians[row.id]
        assert row.entity.name == f"{person.first_name} {person.last_name}"
    for row in jobs:
        assert isinstance(row.entity, Job)
        job = account.world.jobs[row.id]
        assert row.entity.number == job.number
        assert row.entity.customer_id == job.client_id
        assert row.stamp is not None
    for row in visits:
        assert isinstance(row.entity, Visit)
        assert row.stamp is None
        assert row.entity.job_id == account.world.visits[row.id].job_id


async def test_since_brings_what_changed_after_it(account: Account) -> None:
    rows, _ = await account.walk(Kind.JOB)
    newest = max(rows, key=lambda row: row.stamp_at or 0)
    account.clock.advance(60)
    await account.camp._http.write("PUT", f"/api/v1/jobs/{rows[3].id}", {"priority": "high"})
    changed, result = await account.walk(Kind.JOB, since=newest.stamp)
    assert [row.id for row in changed] == [rows[3].id]
    assert (result.complete, result.ignored_since) == (True, False)


async def test_a_list_that_did_not_change_is_not_parsed_again(account: Account) -> None:
    result = WalkResult()
    pages = [page async for page in account.camp.walk(WalkRequest(Kind.VISIT), result)]
    known = pages[-1].body_hash
    assert known is not None
    again = WalkResult()
    pages = [page async for page in account.camp.walk(WalkRequest(Kind.VISIT, known_hash=known), again)]
    assert [(page.unchanged, page.rows) for page in pages] == [(True, ())]
    assert again.complete


@pytest.mark.parametrize("kind", [Kind.JOB, Kind.VISIT])
async def test_pages_are_followed_where_they_are_announced(make_account: MakeAccount, kind: Kind) -> None:
    account = make_account(paging="page", page_size=25)
    rows, result = await account.walk(kind)
    wanted = account.world.jobs if kind is Kind.JOB else account.world.visits
    assert {row.id for row in rows} == set(wanted)
    assert (result.complete, result.clean) == (True, True)


async def test_unversioned_paths_serve_where_the_versioned_ones_are_missing(
    make_account: MakeAccount,
) -> None:
    account = make_account(versioned=False)
    rows, result = await account.walk(Kind.VISIT)
    assert result.complete
    assert len(rows) == len(account.world.visits)
    assert account.camp.learned["path:visits"] == "/api/visits"
    await account.walk(Kind.VISIT)
    tried = [path for _, path, _ in account.requests]
    assert tried == ["/api/v1/visits", "/api/visits", "/api/visits"]


async def test_both_token_headers_are_sent(make_account: MakeAccount) -> None:
    account = make_account(auth="both")
    rows, _ = await account.walk(Kind.TECHNICIAN)
    assert rows


async def test_a_refused_token_is_said(make_account: MakeAccount) -> None:
    account = make_account(token="wrong-token")
    with pytest.raises(TokenRefused, match="refuses the token") as refused:
        await account.walk(Kind.TECHNICIAN)
    assert "wrong-token" not in str(refused.value)


async def test_jobs_are_read_by_id_and_gone_for_certain(account: Account) -> None:
    job_id = next(iter(account.world.jobs))
    assert (await account.job(job_id)).id == job_id
    answer = await account.camp.read(Kind.JOB, "job_nobody")
    assert (answer.reading, answer.confirmed_gone) == (Reading.GONE, True)


async def test_visits_are_read_from_one_list_a_round(account: Account) -> None:
    first, second = list(account.world.visits)[:2]
    for visit_id in (first, second, first):
        answer = await account.camp.read(Kind.VISIT, visit_id)
        assert answer.reading is Reading.FOUND
    lists = [one for one in account.requests if one[1] == "/api/v1/visits"]
    assert len(lists) == 1
    answer = await account.camp.read(Kind.VISIT, "vis_nobody")
    assert (answer.reading, answer.confirmed_gone) == (Reading.GONE, False)
    await account.camp.read(Kind.VISIT, first, fresh=True)
    account.camp.begin_round()
    await account.camp.read(Kind.VISIT, first)
    assert len([one for one in account.requests if one[1] == "/api/v1/visits"]) == 3


async def test_doctor_probes_without_writing(account: Account) -> None:
    found = {probe.name: probe for probe in await account.camp.probe()}
    assert all(probe.ok is not False for probe in found.values()), found
    assert {"address", "token", "team", "jobs", "visits", "clients", "dialect", "rate limit"} <= set(found)
    assert account.writes() == []


async def test_doctor_says_that_the_token_is_refused(make_account: MakeAccount) -> None:
    found = {probe.name: probe for probe in await make_account(token="wrong").camp.probe()}
    assert found["token"].ok is False
