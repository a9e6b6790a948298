"""Named ways in which a server or the line to it misbehaves, around any of the apps.

Each is seeded: the same requests in the same order meet the same faults.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JSON = [(b"content-type", b"application/json")]
_HTML = b"<!doctype html><html><head><title>Please wait</title></head><body>Loading</body></html>"


@dataclass(frozen=True, slots=True)
class FaultProfile:
    """What happens how often. Shares are of all requests, from 0 to 1; times in seconds.

    ``lost`` requests are carried out, but their answer is not: what is sent back is a 502.
    """

    name: str
    seed: int = 1
    slow_s: tuple[float, float] = (0.0, 0.0)
    unavailable: float = 0.0
    lost: float = 0.0
    garbled: float = 0.0
    unauthorized: float = 0.0
    #: What a garbled answer is: HTML with 200, the first half of the JSON, a byte order mark before
    #: it, or a connection that is cut within it (a real socket notices that, no in-process one does).
    garble: str = "html"
    #: Requests in each window of ``limit_window_s`` before 429; 0 is no limit.
    limit: int = 0
    limit_window_s: int = 20


PROFILES: dict[str, FaultProfile] = {
    profile.name: profile
    for profile in (
        FaultProfile("slow", slow_s=(0.6, 2.5)),
        FaultProfile("flaky", slow_s=(0.0, 0.6), unavailable=0.15, lost=0.08, garbled=0.05),
        FaultProfile("down", unavailable=1.0),
        FaultProfile("ratelimited", limit=12),
        FaultProfile("html", garbled=1.0, garble="html"),
        FaultProfile("half", garbled=1.0, garble="half"),
        FaultProfile("bom", garbled=1.0, garble="bom"),
        FaultProfile("cut", garbled=1.0, garble="cut"),
        FaultProfile("hang", slow_s=(3600.0, 3600.0)),
        FaultProfile("unauthorized", unauthorized=1.0),
    )
}


class Faults:
    """ASGI middleware that makes requests meet the faults of a profile.

    ``profile`` may be exchanged while the server runs.
    """

    def __init__(
        self,
        app: ASGIApp,
        profile: FaultProfile,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._app = app
        self.profile = profile
        self._clock = clock
        self._rng = random.Random(profile.seed)
        self._window = -1
        self._used = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        profile = self.profile
        # All draws are taken for each request, so that one fault does not shift the others.
        delay = self._rng.uniform(*profile.slow_s)
        draw, spoiled = self._rng.random(), self._rng.random() < profile.garbled
        if delay:
            await asyncio.sleep(delay)
        if draw < profile.unauthorized:
            body = b'{"success":false,"error":"Invalid or expired token"}'
            await _answer(send, 401, _JSON, body)
        elif profile.limit and (wait := self._wait(profile)):
            body = b'{"success":false,"error":"Rate limit exceeded"}'
            await _answer(send, 429, [*_JSON, *self._limits(profile, wait)], body)
        elif draw < profile.unavailable:
            await _answer(send, 503, [(b"content-type", b"text/html")], b"<h1>503</h1>")
        elif draw < profile.unavailable + profile.lost:
            await self._app(scope, receive, _swallow)
            await _answer(send, 502, [(b"content-type", b"text/html")], b"<h1>502</h1>")
        elif spoiled:
            await self._garbled(scope, receive, send, profile.garble)
        elif profile.limit:
            await self._announced(scope, receive, send, profile)
        else:
            await self._app(scope, receive, send)

    def _wait(self, profile: FaultProfile) -> int:
        """Count a request against the limit; seconds to wait where it is spent, else 0."""
        now = self._clock().timestamp()
        window = math.floor(now / profile.limit_window_s)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        if self._used <= profile.limit:
            return 0
        return max(1, math.ceil((window + 1) * profile.limit_window_s - now))

    def _limits(self, profile: FaultProfile, wait: int) -> list[tuple[bytes, bytes]]:
        """The headers that announce the limit, and how long to wait."""
        found = [
            (b"x-ratelimit-limit", profile.limit),
            (b"x-ratelimit-remaining", max(0, profile.limit - self._used)),
            (b"x-ratelimit-reset", (self._window + 1) * profile.limit_window_s),
        ]
        if wait:
            found.append((b"retry-after", wait))
        return [(name, str(value).encode()) for name, value in found]

    async def _announced(self, scope: Scope, receive: Receive, send: Send, profile: FaultProfile) -> None:
        """Pass the request on, with this profile's limit in the answer's headers."""
        limits = self._limits(profile, 0)

        async def announce(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in limits:
                    headers[name.decode()] = value.decode()
            await send(message)

        await self._app(scope, receive, announce)

    async def _garbled(self, scope: Scope, receive: Receive, send: Send, how: str) -> None:
        """Pass the request on, and spoil the body of its answer."""
        start: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            else:
                body += message.get("body", b"")

        await self._app(scope, receive, keep)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        if how == "html":
            await _answer(send, 200, [(b"content-type", b"text/html; charset=utf-8")], _HTML)
        elif how == "cut":
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            raise ConnectionResetError("the answer is cut here on purpose")
        elif how == "half":
            await _answer(send, start["status"], headers, body[: len(body) // 2])
        else:
            await _answer(send, start["status"], headers, b"\xef\xbb\xbf" + body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    """Send one whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _swallow(message: Message) -> None:
    """An answer that gets lost."""
