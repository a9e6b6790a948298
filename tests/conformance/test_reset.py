"""A server that lost its database: ids begin again for other jobs. It is said, and nothing is sent."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from fieldboard.domain.operation import UNDECIDED
from tests.conformance.account import Account, account, answers
from tests.conformance.systems import System

BORN: dict[str, str] = {
    "createdAt": "2026-06-04T08:00:00.000Z",
    "created_at": "2026-06-04T08:00:00Z",
}
"""When the jobs of the new database were made, by the name that a system has for it."""


async def test_ids_that_start_again_are_said_and_no_edit_is_sent(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path) as one:
        act = next(act for act in system.acts if act.name == "reassign")
        with closing((desk := one.desk()).store):
            plan, _ = act.play(one, desk)
            saved = one.commit(plan, desk)
        _set_up_anew(one)
        report = await one.sync(full=True)
        assert one.writes() == []
        assert "anew" in (report.error or "")
        there = {operation.op_id for operation in one.engine.outbox.all(None)}
        assert {operation.op_id for operation in saved} <= there
        assert all(state in UNDECIDED for state in one.states(saved))
        assert all("anew" in (one.op(operation.op_id).reason or "") for operation in saved)
        # Once it was said, the board goes on with what is there now.
        one.clock.elapsed += 100
        report = await one.sync(full=True)
        assert report.error is None


def _set_up_anew(one: Account) -> None:
    """From now on every job was made today."""
    if one.system.resets:
        one.played.app.state.reset()
        return

    async def spoil(request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response | None:
        if request.method != "GET":
            return None
        answer = await inner.handle_async_request(request)
        content = await answer.aread()
        if answer.status_code == 200:
            content = json.dumps(_reborn(json.loads(content))).encode()
        return answers(answer.status_code, content)

    one.line.spoil = spoil


def _reborn(value: Any) -> Any:
    if isinstance(value, list):
        return [_reborn(one) for one in value]
    if isinstance(value, dict):
        return {name: _born(name, one) for name, one in value.items()}
    return value


def _born(name: str, value: Any) -> Any:
    if name not in BORN or not isinstance(value, str):
        return _reborn(value)
    # Some write it without a zone, and with a space.
    return BORN[name] if "T" in value else BORN[name][:19].replace("T", " ")
