"""Every documented call is spoken, by the acts, reads and probes of the table: checked by what was sent."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import httpx

from fieldboard.backends.port import WalkRequest, WalkResult
from fieldboard.domain.operation import Kind
from tests.conformance.account import Account, Spoil, account
from tests.conformance.systems import System
from tests.simulation.systems.played import TOKEN

Spoken = dict[str, set[str]]
"""Who made each documented call."""


async def test_every_documented_call_is_spoken_by_what_the_table_says(system: System, tmp_path: Path) -> None:
    spoken: Spoken = defaultdict(set)
    async with account(system, tmp_path / "reads", jobs=90, synced=False) as one:
        await one.sync(full=True)
        _note(one, "first sync", spoken)
        for wait, name in ((60, "quiet round"), (2000, "half an hour later")):
            one.clock.elapsed += wait
            await one.sync(patient=False)
            _note(one, name, spoken)
        await one.backend.probe()
        _note(one, "doctor", spoken)
    for number, act in enumerate(system.acts):
        async with account(system, tmp_path / str(number), jobs=90) as one:
            with closing((desk := one.desk()).store):
                one.commit(act.play(one, desk)[0], desk)
            lost = act.name == "create"
            if lost:
                one.line.spoil = _loses_the_answer()
            await one.engine.push_only(fence=one.fence)
            _note(one, act.name, spoken)
            if lost:
                _note_also(spoken, "create", "create, its answer lost")
    for call in system.calls:
        users = spoken[str(call)]
        missing = set(call.used_by) - users
        assert not missing, f"{call} is not made by {', '.join(sorted(missing))}, but by {users}"
        assert bool(call.unused) != bool(call.used_by), f"{call}: used, or a reason why not"
        assert not call.unused or not users, f"{call} is made by {users} after all"


def _note(one: Account, who: str, spoken: Spoken) -> None:
    """Which documented calls the requests since the last time are; none may be another."""
    for asked in one.line.asked:
        fitting = [call for call in one.system.calls if call.fits(asked.method, asked.path, asked.query)]
        assert fitting, f"{who} asks {asked}, which no document has"
        for call in fitting:
            spoken[str(call)].add(who)
    one.forget()


def _note_also(spoken: Spoken, who: str, also: str) -> None:
    for users in spoken.values():
        if who in users:
            users.add(also)


def _loses_the_answer() -> Spoil:
    left = [1]

    async def spoil(request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response | None:
        if not left[0] or request.method == "GET":
            return None
        left[0] -= 1
        await inner.handle_async_request(request)
        raise httpx.ReadTimeout("no answer")

    return spoil


async def test_what_no_act_uses_is_spoken_here(system: System, tmp_path: Path) -> None:
    """The server understands even the calls that the program has no use for."""
    async with account(system, tmp_path, synced=False) as one:
        headers = {"Authorization": f"Bearer {TOKEN}", "X-API-Key": TOKEN}
        async with httpx.AsyncClient(
            transport=one.line.inner, base_url="http://127.0.0.1:9", headers=headers
        ) as http:
            for call in system.calls:
                if call.unused:
                    job = next(iter(one.played.rows()))
                    path = call.path.replace("{}", job)
                    path = f"{path}?{urlencode(call.query)}" if call.query else path
                    answer = await http.request(call.method, path, json=call.body)
                    assert answer.status_code in (200, 201), call
                    listed = system.rows_of(answer.json()) is not None
                    assert listed == (call.method == "GET"), call


async def test_doctor_writes_nothing_and_finds_the_account_well(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path, jobs=90) as one:
        probes = await one.backend.probe()
        assert one.writes() == []
        assert [probe for probe in probes if probe.ok is False] == []
        assert len(probes) > 5


async def test_kinds_are_walked_in_an_order_in_which_others_refer(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path, synced=False) as one:
        for kind in one.backend.kinds():
            result = WalkResult()
            rows = [row async for page in one.backend.walk(WalkRequest(kind), result) for row in page.rows]
            assert result.complete, kind
            assert rows or kind is Kind.CUSTOMER, kind
