"""What every request passes first: the log, the key, and the limit of a hundred in ten seconds."""

from __future__ import annotations

import asyncio
import hmac
import json
import math
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.letsjobit.replies import Refused, failure
from fieldboard.sandbox.letsjobit.settings import Settings

_WINDOW_S = 10
_LOG_LENGTH = 100_000

#: Method, path and query string of a request.
Entry = tuple[str, str, str]


class RequestLog:
    """Outermost: writes every request down, and the JSON that it brought."""

    def __init__(self, app: ASGIApp, requests: list[Entry], bodies: list[object]) -> None:
        self._app = app
        self._requests = requests
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(self._requests) >= _LOG_LENGTH:
            del self._requests[: _LOG_LENGTH // 2]
            del self._bodies[: _LOG_LENGTH // 2]
        query = scope.get("query_string", b"").decode("latin-1")
        self._requests.append((scope["method"], scope["path"], query))
        self._bodies.append(None)
        at, parts = len(self._bodies) - 1, []

        async def noting() -> Message:
            message = await receive()
            if message["type"] == "http.request" and scope["method"] != "GET":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    try:
                        self._bodies[at] = json.loads(b"".join(parts) or b"null")
                    except ValueError:
                        self._bodies[at] = None
            return message

        await self._app(scope, noting, send)


class Gate:
    """Checks the key (401) and counts requests (429); both limit headers are on every answer."""

    def __init__(self, app: ASGIApp, token: str, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._token = token
        self._settings = settings
        self._clock = clock
        self._opened = -math.inf
        self._used = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        settings = self._settings
        if settings.latency_s:
            await asyncio.sleep(settings.latency_s)
        if not self._admitted(scope):
            await failure(Refused(401, "Invalid API key"), settings)(scope, receive, send)
            return
        now = self._clock().timestamp()
        # The window opens with its first request; a clock that was set back opens one too.
        if not self._opened <= now < self._opened + _WINDOW_S:
            self._opened, self._used = now, 0
        self._used += 1
        left = max(1, math.ceil(self._opened + _WINDOW_S - now))
        reset = left if settings.reset_as == "seconds" else math.ceil(now + left)
        announced = {
            "X-RateLimit-Remaining": str(max(0, settings.rate_limit - self._used)),
            "X-Rate-Limit-Reset": str(reset),
        }

        async def announce(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(announced)
            await send(message)

        if self._used > settings.rate_limit:
            await failure(Refused(429, "Too many requests"), settings)(scope, receive, announce)
            return
        await self._app(scope, receive, announce)

    def _admitted(self, scope: Scope) -> bool:
        """Whether the key came where the settings want it."""
        settings = self._settings
        header = _same(Headers(scope=scope).get("authorization"), f"Bearer {self._token}")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        named = _same(next(iter(query.get(settings.key_parameter, ())), None), self._token)
        if settings.auth == "bearer":
            return header
        return named or (settings.auth == "either" and header)


def _same(given: str | None, expected: str) -> bool:
    """Compare secrets without telling by the time where they differ."""
    return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
