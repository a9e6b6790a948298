"""What every request passes first: the token, and the rate limit."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.fieldcamp.replies import Refused, failure
from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.keys import same_key

_WINDOW_S = 60


class Gate:
    """Checks the token (401 before everything else) and counts requests against the limit."""

    def __init__(
        self,
        app: ASGIApp,
        token: str,
        settings: Settings,
        clock: Callable[[], datetime],
        latency_s: float,
    ) -> None:
        self._app = app
        self._token = token
        self._settings = settings
        self._clock = clock
        self._latency_s = latency_s
        self._window = -1
        self._used = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._latency_s:
            await asyncio.sleep(self._latency_s)
        if not self._admitted(Headers(scope=scope)):
            refused = Refused(401, "Invalid or expired token")
            await failure(refused, self._settings)(scope, receive, send)
            return
        now = self._clock().timestamp()
        window = math.floor(now / _WINDOW_S)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        limit = self._settings.rate_limit
        reset = (window + 1) * _WINDOW_S
        announced = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - self._used)),
            "X-RateLimit-Reset": str(reset),
        }

        async def announce(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(announced)
            await send(message)

        if self._used > limit:
            announced["Retry-After"] = str(max(1, math.ceil(reset - now)))
            refused = Refused(429, "Rate limit exceeded")
            await failure(refused, self._settings)(scope, receive, announce)
            return
        await self._app(scope, receive, announce)

    def _admitted(self, headers: Headers) -> bool:
        """Whether the token came in the headers that the settings ask for."""
        bearer = same_key(headers.get("authorization"), f"Bearer {self._token}")
        key = same_key(headers.get("x-api-key"), self._token)
        return (bearer and key) if self._settings.auth == "both" else (bearer or key)
