"""The line between our processes and the server, and everything that may befall a request on it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from typing import Final, Protocol

import httpx

from tests.simulation.clock import SimClock
from tests.simulation.disk import PROCESS, Killed, Process
from tests.simulation.server import Reply, Server

OPERATION: ContextVar[str | None] = ContextVar("operation", default=None)
"""The edit whose request is being sent."""

FAULTS: Final = (
    "refuse", "drop_request", "drop_response", "delay", "duplicate", "429", "429_seconds", "429_date",
    "503_seconds", "500_before", "500_after", "502_before", "502_after", "200_html_before", "200_html_after",
    "cut_after", "half_after", "slow", "types", "redirect", "401", "break_before", "break_after",
)  # fmt: skip
LOW: Final = 0.004
HIGH: Final = 0.05
HTML: Final = b"<!doctype html><html><head><title>Please wait</title></head><body>Portal</body></html>"
JSON: Final = {"content-type": "application/json"}
PAGE: Final = {"content-type": "text/html; charset=utf-8"}


class Watch(Protocol):
    """Who is told of requests."""

    def request(self, process: Process, method: str, path: str, query: str) -> None: ...

    def says(self, op_id: str | None, path: str, content: bytes) -> None: ...

    def sent(
        self, process: Process | None, op_id: str | None, method: str, path: str, query: str
    ) -> object: ...

    def ended(self, token: object) -> None: ...

    def lost(self, process: Process, op_id: str | None) -> None: ...

    def wait_until(self, process: Process, elapsed: float, tier: str | None) -> None: ...

    def note(self, *what: object) -> None: ...


@dataclass
class Weather:
    """What the line and the server are like in one schedule. Shares are of all requests."""

    rates: dict[str, float] = field(default_factory=dict)
    of_writes: dict[str, float] = field(default_factory=dict)
    """What befalls requests that write and no others."""
    replica: float = 0.0
    """Share of reads that a lagging replica answers."""
    skew_s: float = 0.0
    late_s: float = 0.0
    """How much older than its appearance the stamp of a write may be."""
    kill_at_request: float = 0.0
    slow_line_s: tuple[float, float] = (0.01, 0.2)

    def calm(self) -> None:
        """No more faults."""
        self.rates.clear()
        self.of_writes.clear()
        self.replica = self.skew_s = self.late_s = self.kill_at_request = 0.0


class FaultyLine(httpx.AsyncBaseTransport):
    """One line for all processes. Faults are drawn from a stream of their own."""

    def __init__(  # noqa: PLR0917 - what the line lies between
        self,
        server: Server,
        clock: SimClock,
        weather: Weather,
        rng: random.Random,
        watch: Watch,
        settle_s: float,
    ) -> None:
        self._server = server
        self._clock = clock
        self._rng = rng
        self._watch = watch
        self._settle_s = settle_s
        self.weather = weather
        self.down_until = 0.0
        """The server is being restarted: nobody answers, what is under way is lost."""
        self.offline_until = 0.0
        """This computer has no network."""
        self.refused_token_until = 0.0
        self.late: set[asyncio.Task[None]] = set()
        self.counts: dict[str, int] = {}
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        process = PROCESS.get()
        if process is None:
            raise RuntimeError("S9: something that is no process asked the network")
        await self._stopped(process)
        if process.zombie and request.method == "GET":
            # It ends its edit and no more: it does not hold the lock any longer.
            self._die(process)
        process.check()
        content = await request.aread()
        method, path = request.method, request.url.path
        query = request.url.query.decode()
        self.requests += 1
        fault = self._fault() or (self._of_writes() if method != "GET" else None)
        op_id = OPERATION.get() if method != "GET" else None
        self._watch.note("→", process.name, method, path, query, content, fault)
        self._watch.request(process, method, path, query)
        if fault is not None:
            self.counts[fault] = self.counts.get(fault, 0) + 1
        dies = self._rng.random() < self.weather.kill_at_request
        dies_after = self._rng.random() < 0.6
        token = self._watch.sent(process, op_id, method, path, query) if method != "GET" else None
        if method != "GET":
            self._watch.says(op_id, path, content)
        send = _Sending(self, request, content, op_id)
        try:
            if dies and not dies_after:
                self._die(process)
            response = await self._travel(send, fault)
            await self._stopped(process)
            process.check()
            if response.status_code in (500, 502):
                self._watch.lost(process, op_id)
            self._block(process, response, self._server.played.tier(method, path, query))
            if dies:
                self._die(process)
            return response
        except httpx.ConnectError:
            raise
        except BaseException:
            self._watch.lost(process, op_id)
            raise
        finally:
            send.left()
            if token is not None:
                self._watch.ended(token)

    @staticmethod
    async def _stopped(process: Process) -> None:
        if process.resumes is not None:
            await process.resumes.wait()

    def _die(self, process: Process) -> None:
        process.reap()
        raise Killed(f"{process.name} at a request")

    def _fault(self) -> str | None:
        draws = {name: self._rng.random() for name in self.weather.rates}
        hit = [name for name, draw in draws.items() if draw < self.weather.rates[name]]
        if self._clock.elapsed < max(self.down_until, self.offline_until):
            return "refuse"
        if self._clock.elapsed < self.refused_token_until:
            return "401"
        return hit[0] if hit else None

    def _of_writes(self) -> str | None:
        return next(
            (one for one, share in self.weather.of_writes.items() if self._rng.random() < share), None
        )

    async def _travel(self, send: _Sending, fault: str | None) -> httpx.Response:
        rng = self._rng
        await asyncio.sleep(rng.uniform(*self.weather.slow_line_s))
        back = rng.uniform(*self.weather.slow_line_s)
        method = {
            "refuse": self._refused, "drop_request": self._hang, "delay": self._delayed,
            "duplicate": self._duplicated, "slow": self._slow, "redirect": self._redirected,
            "types": self._spoiled_types, "break_before": self._broken,
        }  # fmt: skip
        if fault in method:
            answer = await method[fault](send)
        elif fault in _INSTEAD:
            answer = _INSTEAD[fault](self)
        elif fault is not None:
            answer = await self._after(send, fault)
        else:
            answer = _response(send.deliver(), self._date())
        if self._clock.elapsed < self.down_until:
            raise httpx.ReadError("the server was restarted", request=send.request)
        await asyncio.sleep(back)
        return answer

    async def _refused(self, send: _Sending) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=send.request)

    async def _hang(self, send: _Sending) -> httpx.Response:
        if self._rng.random() < 0.5:
            await asyncio.sleep(self._rng.uniform(0.5, 12))
            raise httpx.ReadError("connection reset", request=send.request)
        await asyncio.sleep(3600)
        raise httpx.ReadTimeout("no answer", request=send.request)

    async def _broken(self, send: _Sending) -> httpx.Response:
        raise httpx.RemoteProtocolError("server disconnected", request=send.request)

    async def _delayed(self, send: _Sending) -> httpx.Response:
        """Held by a proxy until after the client has given up, but for less than the settle time."""
        wait = self._rng.uniform(0.0, 0.9) * self._settle_s

        async def later() -> None:
            await send.gone.wait()
            await asyncio.sleep(wait)
            send.deliver()

        self._later(later)
        return await self._hang(send)

    async def _duplicated(self, send: _Sending) -> httpx.Response:
        """The answer comes, and some time later the request once more."""
        wait = self._rng.choice((self._rng.uniform(0.0, 2.0), self._rng.uniform(2.0, 60.0)))
        loses = self._rng.random() < 0.3

        async def later() -> None:
            await asyncio.sleep(wait)
            send.deliver(copy=True)

        answer = send.deliver()
        if send.request.method != "GET":
            self._later(later)
        if loses:
            return await self._hang(send)
        return _response(answer, self._date())

    async def _slow(self, send: _Sending) -> httpx.Response:
        await asyncio.sleep(self._rng.uniform(1.0, 15.0))
        answer = send.deliver()
        await asyncio.sleep(self._rng.uniform(1.0, 8.0))
        return _response(answer, self._date())

    async def _redirected(self, _: _Sending) -> httpx.Response:
        where = self._rng.choice(("https://login.example.com/", "http://127.0.0.1:9/login"))
        return _made(302, b"", {"location": where, "date": self._date()})

    async def _spoiled_types(self, send: _Sending) -> httpx.Response:
        answer = send.deliver()
        spoiled = answer.body
        try:
            value = json.loads(answer.body)
        except ValueError:
            pass
        else:
            spoiled = json.dumps(self._server.played.spoil(value, self._rng)).encode()
        return _made(answer.status, spoiled, {**JSON, "date": self._date()})

    async def _after(self, send: _Sending, fault: str) -> httpx.Response:
        """The server does it, and its answer does not come as it should."""
        answer = send.deliver()
        match fault:
            case "500_after":
                return _made(500, b'{"success":false,"error":"Internal error"}', JSON)
            case "502_after":
                return _made(502, HTML, PAGE)
            case "200_html_after":
                return _made(200, HTML, PAGE)
            case "cut_after":
                headers = {**JSON, "content-length": str(len(answer.body))}
                return _made(answer.status, answer.body[: len(answer.body) // 2], headers)
            case "half_after":
                return _made(answer.status, answer.body[: max(1, len(answer.body) // 2)], JSON)
            case "break_after":
                raise httpx.ReadError("connection reset", request=send.request)
            case _:
                return await self._hang(send)

    def _block(self, process: Process, answer: httpx.Response, tier: str) -> None:
        """Note until when the server wants to hear nothing, or nothing of that tier."""
        text = answer.headers.get("retry-after", "")
        if text.isdecimal() and answer.status_code in (429, 503):
            only = tier if answer.status_code == 429 else None
            self._watch.wait_until(process, self._clock.elapsed + int(text), only)

    def date_in(self, seconds: float) -> str:
        return format_datetime((self._clock.true_now() + timedelta(seconds=seconds)), usegmt=False)

    def _date(self) -> str:
        skew = self.weather.skew_s
        return format_datetime(self._clock.true_now() + timedelta(seconds=self._rng.uniform(-skew, skew)))

    def offset(self) -> float:
        """How far the clock of the node that answers is off, and how long it takes to commit."""
        skew = self._rng.uniform(-self.weather.skew_s, self.weather.skew_s)
        late = self._rng.uniform(0, self.weather.late_s) if self._rng.random() < 0.3 else 0.0
        return skew - late

    def primary(self) -> bool:
        return self._rng.random() >= self.weather.replica

    def _later(self, what: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            PROCESS.set(None)
            await what()

        task = asyncio.ensure_future(run())
        self.late.add(task)
        task.add_done_callback(self.late.discard)


class _Sending:
    """One request on its way. It may arrive more than once, and after its sender is gone."""

    def __init__(self, line: FaultyLine, request: httpx.Request, content: bytes, op_id: str | None) -> None:
        self.request = request
        self.gone = asyncio.Event()
        self._line = line
        self._content = content
        self._op_id = op_id
        self._sent = line._clock.elapsed

    def left(self) -> None:
        """Its sender does not wait any more."""
        self.gone.set()

    def deliver(self, *, copy: bool = False) -> Reply:
        line, request = self._line, self.request
        server = line._server
        reply = server.answer(
            request.method,
            request.url.path,
            request.url.query.decode(),
            self._content,
            author="ours",
            op_id=self._op_id,
            copy=copy,
            primary=line.primary(),
            offset_s=line.offset(),
            content_type=request.headers.get("content-type", ""),
            sent=self._sent,
        )
        line._watch.note("server", request.method, request.url.path, reply.status, copy, len(server.history))
        return reply


def _no(
    status: int, headers: Callable[[FaultyLine], dict[str, str]] | None = None
) -> Callable[[FaultyLine], httpx.Response]:
    body = b'{"success":false,"error":"no"}'
    return lambda line: _made(status, body, {**JSON, **(headers(line) if headers is not None else {})})


def _seconds(line: FaultyLine) -> dict[str, str]:
    return {"retry-after": str(line._rng.choice((1, 3, 20, 90)))}


def _moment(line: FaultyLine) -> dict[str, str]:
    return {"retry-after": line.date_in(line._rng.choice((2, 15))), "date": line.date_in(0)}


_INSTEAD: Final[dict[str, Callable[[FaultyLine], httpx.Response]]] = {
    "429": _no(429),
    "429_seconds": _no(429, _seconds),
    "429_date": _no(429, _moment),
    "503_seconds": _no(503, _seconds),
    "500_before": _no(500),
    "502_before": lambda _: _made(502, HTML, PAGE),
    "200_html_before": lambda _: _made(200, HTML, PAGE),
    "401": _no(401),
}


def _made(status: int, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _response(reply: Reply, date: str) -> httpx.Response:
    return httpx.Response(
        reply.status, headers=[*reply.headers, ("date", date)], stream=httpx.ByteStream(reply.body)
    )
