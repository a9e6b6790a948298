"""A FieldCamp server on loopback that witnesses who asked what, and when: run as a program.

Arguments: the file for its address, the file for what it has seen, the seconds that each request takes.
Any token that begins with `by-` is good; what follows is the name of whoever asks.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.fieldcamp import create_app
from fieldboard.sandbox.world import build_world
from tests.sync.loopback_server import Announced
from tests.sync.room import LONDON, TOKEN

PREFIX = "by-"


class Witness:
    """Writes every request down, a line each: the effect is there before the line, the answer after it."""

    def __init__(self, app: ASGIApp, file: Path, takes_s: float) -> None:
        self.app, self.file, self.takes_s = app, file, takes_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, who, body = time.monotonic(), "", b""
        headers = []
        for name, value in scope["headers"]:
            if name == b"authorization":
                who = value.decode().removeprefix(f"Bearer {PREFIX}")
                headers.append((name, f"Bearer {TOKEN}".encode()))
            elif name != b"x-api-key":
                headers.append((name, value))
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await asyncio.sleep(self.takes_s / 2)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen = {
                    "who": who,
                    "method": scope["method"],
                    "path": scope["path"],
                    "body": body.decode(),
                    "status": message["status"],
                    "began": began,
                    "ended": time.monotonic(),
                }
                with self.file.open("a") as ledger:
                    ledger.write(json.dumps(seen) + "\n")
                await asyncio.sleep(self.takes_s / 2)
            await send(message)

        await self.app({**scope, "headers": headers}, again, note)


def main() -> None:
    address, ledger, takes_s = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    now = datetime.now(UTC)
    world = build_world(7, 5, 150, 20, now.astimezone(LONDON).date(), now, LONDON)
    app = Witness(create_app(world, token=TOKEN), ledger, takes_s)
    Announced(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"), address).run()


if __name__ == "__main__":
    main()
