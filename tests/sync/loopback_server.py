"""A FieldCamp server on loopback that writes down each write that took effect: run as a program.

Arguments: the file for its address, the file for the writes, the seconds that each request takes.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldboard.sandbox.fieldcamp import create_app
from fieldboard.sandbox.world import build_world
from tests.sync.room import LONDON, TOKEN


class Ledger:
    """Each write that succeeded, a line each, before its answer leaves."""

    def __init__(self, app: ASGIApp, file: Path, takes_s: float) -> None:
        self.app, self.file, self.takes_s = app, file, takes_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await asyncio.sleep(self.takes_s)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                with self.file.open("a") as ledger:
                    ledger.write(f"{scope['method']} {scope['path']} {body.decode()}\n")
                await asyncio.sleep(self.takes_s)
            await send(message)

        await self.app(scope, again, note)


class Announced(uvicorn.Server):
    """Writes its address down once it listens."""

    def __init__(self, config: uvicorn.Config, file: Path) -> None:
        super().__init__(config)
        self.file = file

    async def startup(self, sockets: object = None) -> None:  # noqa: ARG002 - as uvicorn calls it
        await super().startup()
        port = self.servers[0].sockets[0].getsockname()[1]
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"http://127.0.0.1:{port}")
        draft.replace(self.file)


def main() -> None:
    address, ledger, takes_s = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    now = datetime.now(UTC)
    world = build_world(7, 5, 60, 20, now.astimezone(LONDON).date(), now, LONDON)
    app = Ledger(create_app(world, token=TOKEN), ledger, takes_s)
    Announced(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"), address).run()


if __name__ == "__main__":
    main()
