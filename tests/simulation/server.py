"""The server of the simulation: a sandbox, atomically driven, with a history of every write."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fieldboard.domain.operation import Json
from tests.simulation.beliefs import Past
from tests.simulation.clock import SimClock
from tests.simulation.systems.played import TOKEN, Facts, Played, Ref


@dataclass(frozen=True, slots=True)
class Write:
    """One field of one entity that a request changed. `copy`: the line delivered the request once more.

    `at` is when it took effect, `sent` when its request left, which may have been held back.
    """

    at: float
    sent: float
    author: str
    op_id: str | None
    copy: bool
    ref: Ref
    field: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Server:
    """Answers requests at once.

    Whatever it changes is in `history`; `facts` is how things are now, `past` holds all rows of the jobs.
    """

    def __init__(self, played: Played, clock: SimClock) -> None:
        self.played = played
        self.world = played.world
        self._clock = clock
        self.app = played.app
        self.history: list[Write] = []
        self.timeline: dict[tuple[Ref, str], list[Write]] = {}
        self.facts: dict[Ref, Facts] = played.facts()
        self.past = Past()
        self.past.remember(played.sent())
        played.remember()

    def answer(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        *,
        author: str,
        op_id: str | None = None,
        copy: bool = False,
        primary: bool = True,
        offset_s: float = 0.0,
        content_type: str = "application/json",
        sent: float | None = None,
    ) -> Reply:
        """Handle one request. `primary`: reads see every write at once; `offset_s` is the node's clock.

        `sent` is when it left, where that was before now.
        """
        played = self.played
        played.offset = offset_s
        try:
            if method == "GET":
                with played.reading(primary=primary):
                    return _drive(self.app, method, path, query, body, content_type)
            reply = _drive(self.app, method, path, query, body, content_type)
        finally:
            played.offset = 0.0
        self._note(author, op_id, copy, sent)
        return reply

    def edit(self, author: str, method: str, path: str, body: Any, offset_s: float) -> int:
        """A request of somebody else, who has a line without faults; the status."""
        content = json.dumps(body).encode() if body is not None else b""
        path, _, query = path.partition("?")
        return self.answer(method, path, query, content, author=author, offset_s=offset_s).status

    def outside(self, author: str, act: Callable[[datetime], None], offset_s: float) -> None:
        """Somebody does what no request of the API can do; `act` gets the moment."""
        self.played.offset = offset_s
        act(self.played.stamp())
        self.played.offset = 0.0
        self._note(author, None, copy=False)

    def values(self, ref: Ref, field: str) -> list[Write]:
        """The writes of a field, oldest first."""
        return self.timeline.get((ref, field), [])

    def had(self, ref: Ref, field: str, value: Json, since: float) -> bool:
        """Whether the field had the value at some moment after `since`."""
        writes = self.values(ref, field)
        if any(one.new == value and one.at >= since for one in writes):
            return True
        before = [one for one in writes if one.at < since]
        if before:
            return before[-1].new == value
        if writes:
            return writes[0].old == value
        return self.facts.get(ref, {}).get(field) == value

    def _note(self, author: str, op_id: str | None, copy: bool, sent: float | None = None) -> None:
        now, before = self.played.facts(), self.facts
        touched: set[str] = set()
        for ref in before.keys() | now.keys():
            old, new = before.get(ref), now.get(ref)
            if old == new:
                continue
            touched.add(ref[1])
            if old is None or new is None:
                field = "created" if old is None else "deleted"
                self._write(author, op_id, copy, ref, field, None, new, sent)
            for name in new or old or {}:
                a, b = (old or {}).get(name), (new or {}).get(name)
                if a != b:
                    self._write(author, op_id, copy, ref, name, a, b, sent)
        self.facts = now
        self.past.remember(self.played.sent())
        if self.played.by_update:
            self.played.moved(sorted(touched))
        self.played.remember()

    def _write(  # noqa: PLR0917 - one line of the history
        self,
        author: str,
        op_id: str | None,
        copy: bool,
        ref: Ref,
        field: str,
        old: Json,
        new: Json,
        sent: float | None,
    ) -> None:
        now = self._clock.elapsed
        one = Write(now, now if sent is None else sent, author, op_id, copy, ref, field, old, new)
        self.history.append(one)
        self.timeline.setdefault((ref, field), []).append(one)


def _drive(  # noqa: PLR0917 - the parts of a request
    app: Any, method: str, path: str, query: str, body: bytes, content_type: str
) -> Reply:
    """One request through an ASGI application that never waits."""
    headers = [
        (b"host", b"127.0.0.1"),
        (b"authorization", f"Bearer {TOKEN}".encode()),
        (b"x-api-key", TOKEN.encode()),
        (b"content-type", content_type.encode()),
    ]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": headers, "server": ("127.0.0.1", 9), "client": ("127.0.0.1", 1), "state": {},
    }  # fmt: skip
    status, given, parts = 500, [], []
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, given
        if message["type"] == "http.response.start":
            status = message["status"]
            given = [(name.decode().lower(), value.decode()) for name, value in message["headers"]]
        else:
            parts.append(message.get("body", b""))

    coroutine: Coroutine[Any, Any, None] = app(scope, receive, send)
    try:
        coroutine.send(None)
    except StopIteration:
        return Reply(status, tuple(given), b"".join(parts))
    coroutine.close()
    raise RuntimeError(f"the server waited in {method} {path}")


__all__ = ["TOKEN", "Facts", "Ref", "Reply", "Server", "Write"]
