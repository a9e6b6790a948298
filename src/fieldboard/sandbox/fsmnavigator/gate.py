"""What every request passes first: the key, its scopes, and the rate limits of three tiers."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.fsmnavigator.replies import Refused, failure
from fieldboard.sandbox.fsmnavigator.settings import Settings
from fieldboard.sandbox.keys import same_key

_WINDOW_S = 60
_DAY_S = 24 * 3600


class Gate:
    """Checks the key (401), its scopes (403), and counts requests of each tier (429)."""

    def __init__(self, app: ASGIApp, token: str, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._token = token
        self._settings = settings
        self._clock = clock
        self._times: dict[str, deque[float]] = {"list": deque(), "single": deque(), "write": deque()}
        self._today: deque[float] = deque()
        self._limits = {
            "list": settings.list_limit,
            "single": settings.single_limit,
            "write": settings.write_limit,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._settings.latency_s:
            await asyncio.sleep(self._settings.latency_s)
        given = Headers(scope=scope).get("x-api-key", "")
        if not same_key(given, self._token):
            refused = Refused(401, "unauthorized", "Invalid or missing API key")
            await failure(refused)(scope, receive, send)
            return
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        tier = "write" if scope["method"] != "GET" else "single" if "id" in query else "list"
        now = self._clock().timestamp()
        wait = self._wait(tier, now)
        announced = self._announced(tier, now, wait) if self._settings.announces or wait else {}

        async def announce(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(announced)
            await send(message)

        if wait:
            said = f"Rate limit exceeded. Try again in {wait} seconds."
            refused = Refused(429, "rate_limit_exceeded", said)
            await failure(refused, retry_after=wait)(scope, receive, announce)
            return
        lacking = self._lacking(scope["method"], scope["path"])
        if lacking is not None:
            refused = Refused(403, "insufficient_scope", f"This API key lacks the scope {lacking}")
            await failure(refused)(scope, receive, announce)
            return
        await self._app(scope, receive, announce)

    def _lacking(self, method: str, path: str) -> str | None:
        resource = path.rstrip("/").rpartition("/")[2]
        scope = f"{resource}:{'read' if method == 'GET' else 'write'}"
        return None if scope in self._settings.granted else scope

    def _wait(self, tier: str, now: float) -> int:
        """Count a request; whole seconds to wait where a limit is spent, else 0."""
        times = self._times[tier]
        while times and times[0] <= now - _WINDOW_S:
            times.popleft()
        while self._today and self._today[0] <= now - _DAY_S:
            self._today.popleft()
        if len(self._today) >= self._settings.daily_limit:
            return max(1, math.ceil(self._today[0] + _DAY_S - now))
        if len(times) >= self._limits[tier]:
            return max(1, math.ceil(times[0] + _WINDOW_S - now))
        times.append(now)
        self._today.append(now)
        return 0

    def _announced(self, tier: str, now: float, wait: int) -> dict[str, str]:
        times, limit = self._times[tier], self._limits[tier]
        reset = (times[0] if times else now) + _WINDOW_S
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - len(times))),
            "X-RateLimit-Reset": str(math.ceil(now + wait if wait else reset)),
        }
        return headers | ({"Retry-After": str(wait)} if wait else {})
