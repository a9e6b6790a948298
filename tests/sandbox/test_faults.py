"""The named faults of the sandbox."""

from __future__ import annotations

import json

import pytest

from fieldboard.sandbox.faults import PROFILES
from tests.sandbox.conftest import serving

TEAM = "/api/v1/team"


def test_the_promised_profiles_exist() -> None:
    assert {"slow", "flaky", "down", "ratelimited", "html", "half", "bom", "unauthorized"} <= set(PROFILES)


async def test_down_answers_only_errors() -> None:
    async with serving(2, 5, faults="down") as server:
        for _ in range(3):
            assert (await server.http.get(TEAM)).status_code == 503


async def test_html_is_a_200_that_is_no_json() -> None:
    async with serving(2, 5, faults="html") as server:
        answer = await server.http.get(TEAM)
        assert answer.status_code == 200
        assert answer.text.startswith("<!doctype html>")


async def test_half_is_cut_json_and_bom_has_a_mark_before_it() -> None:
    async with serving(2, 5, faults="half") as server:
        answer = await server.http.get(TEAM)
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    async with serving(2, 5, faults="bom") as server:
        answer = await server.http.get(TEAM)
        assert answer.content.startswith(b"\xef\xbb\xbf{")


async def test_unauthorized_refuses_the_right_token() -> None:
    async with serving(2, 5, faults="unauthorized") as server:
        assert (await server.http.get(TEAM)).status_code == 401


async def test_ratelimited_asks_to_wait_and_then_goes_on() -> None:
    async with serving(2, 5, faults="ratelimited") as server:
        limit = PROFILES["ratelimited"].limit
        answers = [await server.http.get(TEAM) for _ in range(limit + 1)]
        assert [answer.status_code for answer in answers] == [200] * limit + [429]
        assert answers[0].headers["X-RateLimit-Remaining"] == str(limit - 1)
        wait = int(answers[-1].headers["Retry-After"])
        server.pass_time(wait)
        assert (await server.http.get(TEAM)).status_code == 200


async def test_flaky_meets_the_same_faults_each_time_and_loses_answers_not_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def at_once(_: float) -> None:
        """No waiting."""

    monkeypatch.setattr("fieldboard.sandbox.faults.asyncio.sleep", at_once)
    runs = []
    for _ in range(2):
        async with serving(23, 60, faults="flaky") as server:
            job, _visit = server.single()
            statuses = []
            for step in range(60):
                answer = await server.http.put(f"/api/v1/jobs/{job.id}", json={"notes": str(step)})
                statuses.append(answer.status_code)
                if answer.status_code == 502:
                    assert job.notes == str(step)
                if answer.status_code == 503:
                    assert job.notes != str(step)
            runs.append(statuses)
    assert runs[0] == runs[1]
    assert {200, 502, 503} <= set(runs[0])
