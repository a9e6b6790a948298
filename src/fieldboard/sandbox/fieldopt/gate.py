"""What every request passes first: the token of some forks, and the loss of the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fieldboard.sandbox.fieldopt.replies import Refused, failure
from fieldboard.sandbox.fieldopt.settings import Settings
from fieldboard.sandbox.keys import same_key


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
            if not same_key(given, f"Bearer {self._token}"):
                await failure(Refused(401, "Not authenticated"))(scope, receive, send)
                return
        if not self._settings.database and scope["path"].startswith("/api/"):
            await self._broken()(scope, receive, send)
            return
        if self._settings.reset_after and self._count == self._settings.reset_after:
            self._lose()
        self._count += 1
        await self._app(scope, receive, send)
