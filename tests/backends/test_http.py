"""The line: what becomes of a request, with faulty transports and over real loopback sockets."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fieldboard.backends.http import Http
from fieldboard.backends.port import LineDown, Outcome, TokenRefused
from fieldboard.backends.rate import Budget
from fieldboard.backends.reply import Fate, Reply, Sent, http_date, judge
from fieldboard.clock import FixedClock

NOW = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)
TOKEN = "fc_live_canary-4711"


class Scripted(httpx.AsyncBaseTransport):
    """A transport that answers or fails as it is told, and keeps what it was asked."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the next request."""
        self.asked.append(request)
        given = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(given, Exception):
            raise given
        return given


def line(*script: httpx.Response | Exception, **more: object) -> tuple[Http, Scripted]:
    """A line over a script."""
    transport = Scripted(*script)
    http = Http("https://api.example.com", TOKEN, transport=transport, clock=FixedClock(NOW), **more)  # type: ignore[arg-type]
    return http, transport


def answer(status: int, body: bytes = b"{}", **headers: str) -> httpx.Response:
    """An answer with a streamed body."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, stream=httpx.ByteStream(body))


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (httpx.ConnectError("refused"), Outcome.NOT_SENT),
        (httpx.ConnectTimeout("slow"), Outcome.NOT_SENT),
        (httpx.PoolTimeout("full"), Outcome.NOT_SENT),
        (httpx.LocalProtocolError("bad header"), Outcome.NOT_SENT),
        (httpx.ProxyError("no proxy"), Outcome.NOT_SENT),
        (httpx.ReadTimeout("slow"), Outcome.UNCERTAIN),
        (httpx.WriteError("broken"), Outcome.UNCERTAIN),
        (httpx.ReadError("broken"), Outcome.UNCERTAIN),
        (httpx.RemoteProtocolError("cut"), Outcome.UNCERTAIN),
        (ConnectionResetError("reset"), Outcome.UNCERTAIN),
        (answer(200), Outcome.DONE),
        (answer(201), Outcome.DONE),
        (answer(204, b""), Outcome.DONE),
        (answer(301, location="/x"), Outcome.MISCONFIGURED),
        (answer(308, location="https://other.example.com/"), Outcome.MISCONFIGURED),
        (answer(400), Outcome.REFUSED),
        (answer(401), Outcome.UNAUTHORIZED),
        (answer(403), Outcome.REFUSED),
        (answer(404, b""), Outcome.GONE),
        (answer(404, b"<html>", content_type="text/html"), Outcome.MISCONFIGURED),
        (answer(408), Outcome.UNCERTAIN),
        (answer(409), Outcome.REFUSED),
        (answer(410), Outcome.GONE),
        (answer(412), Outcome.REFUSED),
        (answer(422), Outcome.REFUSED),
        (answer(429), Outcome.WAIT),
        (answer(429, retry_after="7"), Outcome.WAIT),
        (answer(500), Outcome.UNCERTAIN),
        (answer(502, b"<html>bad gateway"), Outcome.UNCERTAIN),
        (answer(503), Outcome.UNCERTAIN),
        (answer(503, retry_after="7"), Outcome.WAIT),
        (answer(504), Outcome.UNCERTAIN),
    ],
)
async def test_what_becomes_of_a_write(given: httpx.Response | Exception, outcome: Outcome) -> None:
    http, transport = line(given)
    sent = await http.write("PUT", "/api/v1/visits/1", {"technicianId": "a"})
    assert judge(sent, http.budget).outcome is outcome
    assert len(transport.asked) == 1, "a write is never repeated"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408, 302])
async def test_a_read_that_is_no_answer_is_a_line_down(status: int) -> None:
    http, transport = line(answer(status, location="https://other.example.com/"))
    with pytest.raises(LineDown):
        await http.read("/api/v1/jobs")
    assert len(transport.asked) == 1


@pytest.mark.parametrize("status", [200, 400, 403, 404, 405, 422])
async def test_a_read_hands_over_what_says_something_of_the_question(status: int) -> None:
    http, _ = line(answer(status))
    assert (await http.read("/api/v1/jobs")).status == status


async def test_redirects_of_reads_stay_on_the_server() -> None:
    http, transport = line(answer(307, location="/elsewhere?x=1"), answer(200, b'{"ok":1}'))
    assert (await http.read("/api/v1/jobs", {"since": "2026"})).body == b'{"ok":1}'
    assert str(transport.asked[1].url) == "https://api.example.com/elsewhere?x=1"
    http, transport = line(answer(302, location="https://evil.example.com/api"))
    with pytest.raises(LineDown, match="another server"):
        await http.read("/api/v1/jobs")
    assert len(transport.asked) == 1
    http, transport = line(answer(302, location="http://api.example.com/api"))
    with pytest.raises(LineDown, match="another server"):
        await http.read("/api/v1/jobs")
    http, transport = line(*[answer(302, location="/again") for _ in range(5)])
    with pytest.raises(LineDown, match="redirect"):
        await http.read("/api/v1/jobs")
    assert len(transport.asked) == 4


async def test_headers_of_a_request() -> None:
    http, transport = line(answer(200))
    await http.read("/api/v1/jobs")
    asked = transport.asked[0].headers
    assert asked["Authorization"] == f"Bearer {TOKEN}"
    assert asked["X-API-Key"] == TOKEN
    assert asked["Accept"] == "application/json"
    assert asked["Accept-Encoding"] == "identity"


async def test_the_token_is_got_once_and_again_after_a_401() -> None:
    tokens = iter(["one", "  two\n"])
    transport = Scripted(answer(200), answer(200), answer(401), answer(200))
    http = Http("https://api.example.com", lambda: next(tokens), transport=transport, clock=FixedClock(NOW))
    await http.read("/a")
    await http.read("/a")
    with pytest.raises(TokenRefused):
        await http.read("/a")
    await http.read("/a")
    assert [request.headers["X-API-Key"] for request in transport.asked] == ["one", "one", "one", "two"]


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "tök"])
async def test_a_token_that_is_none_never_leaves(token: str) -> None:
    transport = Scripted(answer(200))
    http = Http("https://api.example.com", token, transport=transport, clock=FixedClock(NOW))
    with pytest.raises(TokenRefused) as refused:
        await http.read("/a")
    assert not token.strip() or token not in str(refused.value)
    assert judge(await http.write("PUT", "/a", {})).outcome is Outcome.UNAUTHORIZED
    assert transport.asked == []


async def test_a_token_that_cannot_be_got_is_said() -> None:
    def broken() -> str:
        raise RuntimeError("token_command took longer than 10 s")

    http = Http("https://api.example.com", broken, transport=Scripted(answer(200)), clock=FixedClock(NOW))
    with pytest.raises(TokenRefused, match="longer than 10 s"):
        await http.read("/a")


async def test_the_token_is_in_no_text_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failures = [
        httpx.ConnectError(f"no way with {TOKEN}"),
        httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"),
        httpx.ReadError(TOKEN),
    ]
    for failure in failures:
        http, _ = line(failure)
        with pytest.raises(LineDown) as down:
            await http.read(f"/api/v1/jobs/{'x' * 3}", {"search": "secret-name"})
        assert TOKEN not in str(down.value)
        assert TOKEN not in repr(http)
        assert TOKEN not in http.redact(f"error: {TOKEN}")
    assert TOKEN not in caplog.text
    assert "secret-name" not in caplog.text
    assert "/api/v1/jobs/…" in caplog.text


async def test_a_body_beyond_the_limit_is_refused() -> None:
    http, _ = line(answer(200, b"x" * 2000), max_body=1000)
    with pytest.raises(LineDown, match="larger than"):
        await http.read("/a")


async def test_a_packed_body_cannot_grow_beyond_the_limit() -> None:
    packed = gzip.compress(b"x" * 5_000_000)
    http, _ = line(answer(200, packed, content_encoding="gzip"), max_body=1_000_000)
    with pytest.raises(LineDown, match="larger than"):
        await http.read("/a")
    http, _ = line(answer(200, gzip.compress(b'{"a":1}'), content_encoding="gzip"))
    assert (await http.read("/a")).body == b'{"a":1}'
    http, _ = line(answer(200, b"zzz", content_encoding="br"))
    with pytest.raises(LineDown, match="packed"):
        await http.read("/a")


async def test_a_body_shorter_than_announced_is_cut() -> None:
    http, _ = line(answer(200, b'{"a":', content_length="2000"))
    with pytest.raises(LineDown, match="cut off"):
        await http.read("/a")


async def test_the_servers_clock_is_noted() -> None:
    http, _ = line(answer(200, date="Thu, 04 Jun 2026 09:02:30 GMT"))
    await http.read("/a")
    assert http.clock_offset_s == 150


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("ftp://api.example.com", "https"),
        ("api.example.com", "https"),
        ("http://api.example.com", "https"),
        ("https://user:secret@api.example.com", "password"),
        ("https://", "host"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(address: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Http(address, TOKEN)


def test_plain_http_is_for_loopback_and_for_who_says_so() -> None:
    for address in ("http://127.0.0.1:9001", "http://localhost:9001", "http://[::1]:9001"):
        assert Http(address, TOKEN).base == address
    assert Http("http://intranet", None, allow_http=True).host == "intranet"


# -- rate limits -------------------------------------------------------------------------------------


async def test_retry_after_holds_everything_back() -> None:
    clock = FixedClock(NOW)
    transport = Scripted(answer(429, retry_after="30"), answer(200))
    http = Http("https://api.example.com", TOKEN, transport=transport, clock=clock)
    with pytest.raises(LineDown) as down:
        await http.read("/a")
    assert down.value.wait_s == 30
    with pytest.raises(LineDown) as down:
        await http.read("/a")
    assert down.value.wait_s == 30
    verdict = judge(await http.write("PUT", "/a", {}))
    assert (verdict.outcome, verdict.wait_s) == (Outcome.WAIT, 30)
    assert len(transport.asked) == 1
    clock.advance(30)
    assert (await http.read("/a")).ok


def tiered(
    clock: FixedClock, transport: Scripted, per_minute: float | None = None, burst: float | None = None
) -> Http:
    """A line with one limit for reads and another for edits."""
    return Http(
        "https://api.example.com",
        TOKEN,
        transport=transport,
        clock=clock,
        tier_of=lambda method, _: method,
        tiers=dict.fromkeys(("GET", "PUT"), lambda clock: Budget(clock, per_minute, burst=burst)),
    )


async def test_a_limit_is_of_its_tier_and_a_server_that_is_not_available_is_so_for_all() -> None:
    clock = FixedClock(NOW)
    transport = Scripted(
        answer(429, retry_after="30"), answer(200), answer(503, retry_after="60"), answer(200)
    )
    http = tiered(clock, transport)
    with pytest.raises(LineDown):
        await http.read("/a")
    assert judge(await http.write("PUT", "/a", {})).outcome is Outcome.DONE
    clock.advance(30)
    with pytest.raises(LineDown):
        await http.read("/a")
    verdict = judge(await http.write("PUT", "/a", {}))
    assert (verdict.outcome, verdict.wait_s, len(transport.asked)) == (Outcome.WAIT, 60, 3)


async def test_who_waits_for_a_turn_hears_that_the_server_asks_to_wait() -> None:
    clock = FixedClock(NOW)
    transport = Scripted(answer(429, retry_after="30"), answer(200))
    http = tiered(clock, transport, per_minute=60_000, burst=1)
    first, second = await asyncio.gather(http.write("PUT", "/a", {}), http.write("PUT", "/b", {}))
    assert (judge(first).outcome, judge(second).outcome) == (Outcome.WAIT, Outcome.WAIT)
    assert [one.url.path for one in transport.asked] == ["/a"]


async def test_the_servers_moment_goes_on_whatever_this_computers_clock_does() -> None:
    class Set(FixedClock):
        ahead = timedelta()

        def now(self) -> datetime:
            return super().now() + self.ahead

    clock = Set(NOW)
    told = Scripted(answer(200, date="Thu, 04 Jun 2026 08:00:00 GMT"))
    http = Http("https://api.example.com", TOKEN, transport=told, clock=clock)
    assert http.server_now is None
    await http.read("/a")
    clock.ahead = timedelta(hours=5)
    clock.advance(90)
    assert http.server_now == int(NOW.timestamp()) - 3600 + 90


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Thu, 04 Jun 2026 09:01:00 GMT"}, 60.0),
        ({"retry-after": "Thu, 04 Jun 2026 08:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e12"}, 86400.0),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert Budget(FixedClock(NOW)).retry_after_s(headers) == seconds


@pytest.mark.parametrize("reset", ["30", "1780563630", "1780563630000"])
def test_reads_leave_the_last_requests_of_a_window_to_edits(reset: str) -> None:
    clock = FixedClock(NOW)
    budget = Budget(clock)
    now = int(NOW.timestamp())
    assert now == 1780563600
    headers = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "3", "x-ratelimit-reset": reset}
    budget.note(200, headers, now)
    assert budget.held_back_s(writes=False) == 0
    assert budget.held_back_s(writes=False) == 30
    assert [budget.held_back_s(writes=True) for _ in range(3)] == [0, 0, 30]
    clock.advance(31)
    assert budget.held_back_s(writes=False) == 0


def test_a_limit_without_an_end_holds_nothing_back() -> None:
    budget = Budget(FixedClock(NOW))
    budget.note(200, {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "0"}, 0)
    budget.note(200, {"x-ratelimit-remaining": "lots", "x-ratelimit-reset": "soon"}, 0)
    assert budget.held_back_s(writes=False) == 0


def test_a_documented_limit_spreads_requests() -> None:
    clock = FixedClock(NOW)
    budget = Budget(clock, per_minute=60)
    assert [budget.pace_s() for _ in range(10)] == [0.0] * 10
    assert budget.pace_s() == pytest.approx(1)
    clock.advance(6)
    assert budget.pace_s() == 0


def test_http_dates() -> None:
    assert http_date("Thu, 04 Jun 2026 09:00:00 GMT") == int(NOW.timestamp())
    for rubbish in ("", "yesterday", "Thu, 99 Jun 2026 09:00:00 GMT"):
        assert http_date(rubbish) is None


def test_what_is_a_page() -> None:
    assert Reply(200, {"content-type": "text/html; charset=utf-8"}, b"{}").is_page
    assert Reply(200, {}, b"\xef\xbb\xbf \n<!doctype html>").is_page
    assert not Reply(200, {"content-type": "application/json"}, b'{"a":"<b>"}').is_page


def test_a_held_back_write_waits() -> None:
    verdict = judge(Sent(Fate.NOT_SENT, why="wait", wait_s=5))
    assert (verdict.outcome, verdict.wait_s) == (Outcome.WAIT, 5)


# -- real sockets ------------------------------------------------------------------------------------

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    """A server on a free loopback port that talks as it is told."""
    talks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    running = await asyncio.start_server(one, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.close()
        # No connection is left to be collected when the loop is gone.
        await asyncio.gather(*talks, return_exceptions=True)


async def test_a_server_that_never_answers_leaves_a_write_uncertain() -> None:
    heard = asyncio.Event()
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        heard.set()
        await over.wait()
        writer.close()

    async with server(silent) as address:
        http = Http(address, TOKEN, timeout_s=0.2)
        sent = await http.write("PUT", "/api/v1/visits/1", {"technicianId": "a"})
        over.set()
        await http.close()
    assert heard.is_set()
    assert sent.fate is Fate.LOST
    assert "did not answer within 0.2 s" in sent.why


async def test_a_drip_of_bytes_does_not_outlive_the_deadline() -> None:
    over = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not over.is_set():
            writer.write(b" ")
            try:
                await asyncio.wait_for(over.wait(), 0.02)
            except TimeoutError:
                continue
        writer.close()

    async with server(drip) as address:
        http = Http(address, TOKEN, timeout_s=0.3)
        with pytest.raises(LineDown, match=r"within 0\.3 s"):
            await http.read("/api/v1/jobs")
        over.set()
        await http.close()


async def test_a_connection_cut_within_the_body_is_uncertain() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"success":')
        await writer.drain()
        writer.close()

    async with server(cut) as address:
        http = Http(address, TOKEN)
        sent = await http.write("PUT", "/api/v1/visits/1", {})
        assert judge(sent).outcome is Outcome.UNCERTAIN
        with pytest.raises(LineDown, match="broke the connection off"):
            await http.read("/api/v1/jobs")
        await http.close()


async def test_nobody_there_is_certainly_not_sent() -> None:
    async with server(lambda reader, writer: asyncio.sleep(0)) as address:  # noqa: ARG005
        pass
    http = Http(address, TOKEN)
    sent = await http.write("PUT", "/api/v1/visits/1", {})
    assert sent.fate is Fate.NOT_SENT
    await http.close()
