"""What every request passes first: the log, the token of some forks, and the loss of the database."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.fieldopt.replies import Refused, failure
from fieldboard.sandbox.fieldopt.settings import Settings

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
    """Checks the token where one is needed (401), and counts down to the loss of the database."""

    def __init__(
        self,
        app: ASGIApp,
        token: str | None,
        settings: Settings,
        lose: Callable[[], None],
        broken: Callable[[], Response],
    ) -> None:
        self._app = app
        self._broken = broken
        self._token = token
        self._settings = settings
        self._lose = lose
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._settings.latency_s:
            await asyncio.sleep(self._settings.latency_s)
        if self._token is not None:
            given = Headers(scope=scope).get("authorization", "")
            if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._token}".encode()):
                await failure(Refused(401, "Not authenticated"))(scope, receive, send)
                return
        if not self._settings.database and scope["path"].startswith("/api/"):
            await self._broken()(scope, receive, send)
            return
        if self._settings.reset_after and self._count == self._settings.reset_after:
            self._lose()
        self._count += 1
        await self._app(scope, receive, send)
