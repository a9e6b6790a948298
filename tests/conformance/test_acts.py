"""The first sync equals the world, and each act arrives as the documented requests and nothing else."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from fieldboard.domain.operation import Kind, OpState
from tests.conformance.account import Account, Asked, account
from tests.conformance.systems import SYSTEMS, Act, System

ACTS = [(system, act) for system in SYSTEMS for act in system.acts]


async def test_the_first_sync_equals_the_world(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path, jobs=250) as one:
        assert len(one.facts) > 200
        assert one.differing() == {}
        with closing(one.store()) as store:
            for job_id, row in one.played.rows().items():
                raw = store.reader.raw(Kind.JOB, job_id)
                assert raw is not None
                assert json.loads(raw) == row
            known = {person.id: person.name for person in store.technicians()}
        world = one.played.world.technicians.values()
        assert sorted(known.values()) == sorted(person.name for person in world)


async def test_a_second_round_changes_nothing_and_writes_nothing(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path) as one:
        for patient in (False, True):
            report = await one.sync(patient=patient)
            assert (report.error, report.pulled, report.deleted, report.pushed) == (None, 0, 0, 0)
            assert one.writes() == []
            one.clock.elapsed += 60


@pytest.mark.parametrize(("system", "act"), ACTS, ids=lambda one: one.name)
async def test_an_act_arrives_as_the_documented_requests(system: System, act: Act, tmp_path: Path) -> None:
    async with account(system, tmp_path, jobs=90) as one:
        with closing((desk := one.desk()).store):
            plan, wanted = act.play(one, desk)
            saved = one.commit(plan, desk)
        for _ in range(act.rounds):
            report = await one.sync()
            assert report.error is None
        assert [_told(sent) for sent in one.writes()] == [*wanted]
        assert one.states(saved) == [OpState.CONFIRMED] * len(saved)
        assert one.differing() == {}
        _all_documented(one)


def _told(sent: Asked) -> tuple[str, str, object]:
    query = "&".join(f"{name}={value}" for name, value in sent.query.items())
    return sent.method, f"{sent.path}?{query}" if query else sent.path, sent.body


def _all_documented(one: Account) -> None:
    strange = [sent for sent in one.line.asked if one.system.call(sent.method, sent.path, sent.query) is None]
    assert strange == []
