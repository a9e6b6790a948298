"""What was asked of a sandbox, for whoever tests against it."""

from __future__ import annotations

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LENGTH = 100_000

#: Method, path and query string of a request.
Entry = tuple[str, str, str]


class RequestLog:
    """Outermost: writes every request down, and the JSON that it brought.

    `requests` and `bodies` grow together; a body is None for a read and where it is no JSON.
    """

    def __init__(self, app: ASGIApp, requests: list[Entry], bodies: list[object]) -> None:
        self._app = app
        self._requests = requests
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(self._requests) >= _LENGTH:
            del self._requests[: _LENGTH // 2]
            del self._bodies[: _LENGTH // 2]
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
