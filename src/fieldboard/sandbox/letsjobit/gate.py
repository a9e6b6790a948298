"""What every request passes first: the key, and the limit of a hundred in ten seconds."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.keys import same_key
from fieldboard.sandbox.letsjobit.replies import Refused, failure
from fieldboard.sandbox.letsjobit.settings import Settings

_WINDOW_S = 10


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
        header = same_key(Headers(scope=scope).get("authorization"), f"Bearer {self._token}")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        named = same_key(next(iter(query.get(settings.key_parameter, ())), None), self._token)
        if settings.auth == "bearer":
            return header
        return named or (settings.auth == "either" and header)
