"""Each documented error has its effect, on edits and on reads; what is lost is looked up and not doubled."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from fieldboard.domain.operation import Operation, OpState
from tests.conformance.account import Account, account, answers
from tests.conformance.systems import SYSTEMS, System
from tests.conformance.systems.tested import Refusal

REFUSALS = [(system, refusal) for system in SYSTEMS for refusal in system.refusals]
HTML = b"<!doctype html><html><body>Sign in to the network</body></html>"


def reassign(one: Account) -> tuple[list[Operation], Sequence[object]]:
    """Save the edit that meets the errors."""
    act = next(act for act in one.system.acts if act.name == "reassign")
    with closing((desk := one.desk()).store):
        plan, wanted = act.play(one, desk)
        return one.commit(plan, desk), wanted


def instead(one: Account, answer: httpx.Response | Exception, method: str = "write", times: int = 1) -> None:
    """The next requests that read or write are answered so in the server's place."""
    left = [times]

    async def spoil(request: httpx.Request, _: httpx.ASGITransport) -> httpx.Response | None:
        if left[0] and (request.method == "GET") == (method == "read"):
            left[0] -= 1
            if isinstance(answer, Exception):
                raise answer
            return answers(answer.status_code, await _body(answer), **_headers(answer))
        return None

    one.line.spoil = spoil


def afterwards(one: Account, answer: httpx.Response | Exception) -> None:
    """The next request that writes is carried out, and answered so."""
    left = [1]

    async def spoil(request: httpx.Request, inner: httpx.ASGITransport) -> httpx.Response | None:
        if not left[0] or request.method == "GET":
            return None
        left[0] -= 1
        real = await inner.handle_async_request(request)
        if isinstance(answer, Exception):
            raise answer
        if answer is HALF:
            whole = await real.aread()
            return answers(real.status_code, whole[: len(whole) // 2])
        return answers(answer.status_code, await _body(answer), **_headers(answer))

    one.line.spoil = spoil


async def _body(answer: httpx.Response) -> bytes:
    return answer.content


def _headers(answer: httpx.Response) -> dict[str, str]:
    names = ("content-type", "retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "location")
    return {name.replace("-", "_"): answer.headers[name] for name in names if name in answer.headers}


@pytest.mark.parametrize(("system", "refusal"), REFUSALS, ids=lambda one: one.name)
async def test_what_an_edit_meets(system: System, refusal: Refusal, tmp_path: Path) -> None:
    async with account(system, tmp_path) as one:
        saved, _ = reassign(one)
        body = refusal.body if isinstance(refusal.body, bytes) else None
        given = httpx.Response(
            refusal.status,
            headers={"content-type": "application/json", **refusal.headers},
            **({"content": body} if body is not None else {"json": refusal.body}),
        )
        instead(one, given, times=10)
        report = await one.sync()
        assert one.states(saved) == [refusal.state]
        said = f"{one.op(saved[0].op_id).reason} {report.error}"
        assert refusal.says in said
        assert report.token_refused == (refusal.status == 401)
        if refusal.state is OpState.QUEUED:
            # Nothing is sent until somebody has looked, and then it goes.
            assert len(one.writes()) <= 2
            one.line.spoil = None
            await one.sync()
            assert one.states(saved) == [OpState.CONFIRMED]
        assert one.differing() == {}


@pytest.mark.parametrize("how", ["seconds", "date"])
async def test_who_is_asked_to_wait_waits_so_long(system: System, how: str, tmp_path: Path) -> None:
    async with account(system, tmp_path) as one:
        saved, wanted = reassign(one)
        moment = format_datetime(one.clock.true_now() + timedelta(seconds=40), usegmt=True)
        until = "40" if how == "seconds" else moment
        began = one.clock.elapsed
        instead(one, httpx.Response(429, headers={"retry-after": until}, json={"success": False}))
        await one.sync()
        assert one.states(saved) == [OpState.CONFIRMED]
        assert one.clock.elapsed >= began + 40
        assert len(one.writes()) == 1 + len(wanted)


HALF = httpx.Response(299)
"""Stands for the first half of what the server answers."""

LOST: list[httpx.Response | Exception] = [
    httpx.Response(500, json={"success": False}),
    httpx.Response(500, text="Internal Server Error"),
    httpx.Response(502, headers={"content-type": "text/html"}, content=b"<h1>502</h1>"),
    httpx.Response(504, content=b""),
    httpx.Response(200, headers={"content-type": "text/html"}, content=HTML),
    httpx.ReadTimeout("no answer"),
    httpx.ReadError("connection reset"),
    httpx.RemoteProtocolError("half an answer"),
]


def _name(one: object) -> str:
    if isinstance(one, httpx.Response):
        return f"{one.status_code} {one.text[:12]}".strip()
    return str(one) if isinstance(one, bool | str) else type(one).__name__


@pytest.mark.parametrize(
    ("answer", "carried_out"),
    [*((one, done) for one in LOST for done in (True, False)), (HALF, True)],
    ids=_name,
)
@pytest.mark.parametrize("name", ["reassign", "create"])
async def test_what_is_lost_is_looked_up_and_done_once(
    system: System, name: str, carried_out: bool, answer: httpx.Response | Exception, tmp_path: Path
) -> None:
    async with account(system, tmp_path) as one:
        act = next(act for act in system.acts if act.name == name)
        with closing((desk := one.desk()).store):
            plan, _wanted = act.play(one, desk)
            saved = one.commit(plan, desk)
        before = {ref for ref in one.facts if ref[0] == "job"}
        (afterwards if carried_out else instead)(one, answer)
        await one.sync()
        for _ in range(2):
            one.clock.elapsed += 40
            await one.sync()
        assert one.states(saved) == [OpState.CONFIRMED]
        made = {ref for ref in one.facts if ref[0] == "job"} - before
        assert len(made) == (1 if name == "create" else 0)
        assert one.differing() == {}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"success": False}),
        httpx.Response(503, text="later"),
        httpx.Response(200, headers={"content-type": "text/html"}, content=HTML),
        httpx.Response(200, json={"success": False, "error": "locked", "message": "locked"}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json=None),
        httpx.Response(200, content=b""),
        httpx.Response(302, headers={"location": "https://login.example.com/"}),
        httpx.Response(404, json={"success": False}),
        httpx.ReadTimeout("no answer"),
        httpx.ConnectError("refused"),
    ],
    ids=_name,
)
@pytest.mark.parametrize("full", [False, True])
async def test_a_read_that_fails_takes_nothing_away(
    system: System, full: bool, answer: httpx.Response | Exception, tmp_path: Path
) -> None:
    async with account(system, tmp_path) as one:
        cached = one.cached()
        instead(one, answer, "read", 200)
        report = await one.sync(full=full)
        assert report.error
        assert one.cached() == cached
        one.line.spoil = None
        report = await one.sync(full=full)
        assert (report.error, one.differing()) == (None, {})


async def test_a_refused_token_stops_everything_and_is_said(system: System, tmp_path: Path) -> None:
    async with account(system, tmp_path, synced=False, token="another-one", **system.locked) as one:
        report = await one.sync(full=True)
        assert report.token_refused
        # What describes an API may be locked where the API itself is not.
        assert len([asked for asked in one.line.asked if asked.path != "/openapi.json"]) == 1
