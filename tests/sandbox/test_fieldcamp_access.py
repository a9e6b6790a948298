"""Token, rate limit, error forms, settings and the request log of the sandbox's FieldCamp."""

from __future__ import annotations

import pytest

from fieldboard.sandbox.fieldcamp.settings import BadSetting, Settings
from tests.sandbox.conftest import NOW, TOKEN, Server, serving

BEARER = {"Authorization": f"Bearer {TOKEN}"}
KEY = {"X-API-Key": TOKEN}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong", "X-API-Key": "wrong"},
        {"Authorization": TOKEN},
        {"Authorization": f"bearer  {TOKEN}"},
        {"X-API-Key": ""},
    ],
)
async def test_without_the_token_everything_is_401(server: Server, headers: dict[str, str]) -> None:
    server.http.headers.pop("Authorization")
    server.http.headers.pop("X-API-Key")
    for path in ("/api/v1/jobs", "/api/v1/jobs/none", "/nowhere"):
        answer = await server.http.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {"success": False, "error": "Invalid or expired token"}


@pytest.mark.parametrize(
    ("auth", "headers", "status"),
    [
        ("either", BEARER, 200),
        ("either", KEY, 200),
        ("both", BEARER, 401),
        ("both", KEY, 401),
        ("both", {**BEARER, **KEY}, 200),
    ],
)
async def test_one_header_is_enough_or_both_are_needed(
    auth: str, headers: dict[str, str], status: int
) -> None:
    async with serving(2, 5, auth=auth) as server:
        server.http.headers.pop("Authorization")
        server.http.headers.pop("X-API-Key")
        assert (await server.http.get("/api/v1/team", headers=headers)).status_code == status


async def test_the_rate_limit_is_announced_and_kept() -> None:
    async with serving(2, 5, rate_limit="3") as server:
        end = str(int(NOW.timestamp()) // 60 * 60 + 60)
        for left in ("2", "1", "0"):
            answer = await server.http.get("/api/v1/team")
            assert answer.status_code == 200
            assert answer.headers["X-RateLimit-Limit"] == "3"
            assert answer.headers["X-RateLimit-Remaining"] == left
            assert answer.headers["X-RateLimit-Reset"] == end
        answer = await server.http.get("/api/v1/team")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        server.pass_time(60)
        assert (await server.http.get("/api/v1/team")).status_code == 200


async def test_errors_can_be_objects() -> None:
    async with serving(2, 5, errors="object") as server:
        answer = await server.http.post("/api/v1/visits", json={})
        assert answer.json() == {
            "success": False,
            "error": {"code": "E400", "message": "jobId is required"},
        }


async def test_unknown_paths_and_methods_answer_nothing(server: Server) -> None:
    for method, path, status in (("GET", "/api/v2/jobs", 404), ("PATCH", "/api/v1/jobs", 405)):
        answer = await server.http.request(method, path)
        assert (answer.status_code, answer.content) == (status, b"")


async def test_every_request_is_written_down(server: Server) -> None:
    await server.get("/api/v1/jobs", search="a b")
    await server.http.put("/api/v1/visits/none", json={})
    assert server.app.state.requests[-2:] == [
        ("GET", "/api/v1/jobs", "search=a+b"),
        ("PUT", "/api/v1/visits/none", ""),
    ]
    assert server.app.state.world is server.world


def test_settings_are_read_from_text() -> None:
    parsed = Settings.parse({"dialect": "prose", "read_lag_s": "1.5", "versioned": "No", "page_size": "7"})
    assert parsed == Settings(dialect="prose", read_lag_s=1.5, versioned=False, page_size=7)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("dialekt", "prose", "no setting 'dialekt'; there are auth, crew_follows"),
        ("dialect", "code", "dialect is one of schema, prose, not 'code'"),
        ("versioned", "perhaps", "versioned is true or false"),
        ("page_size", "0", "page_size cannot be 0"),
        ("read_lag_s", "nan", "read_lag_s cannot be nan"),
        ("rate_limit", "many", "rate_limit is a number"),
        ("duplicate_number", "400", "duplicate_number is one of 409, allow"),
    ],
)
def test_a_wrong_setting_says_what_is_possible(key: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        Settings.parse({key: value})
