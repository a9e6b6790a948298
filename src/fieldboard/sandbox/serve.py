"""Runs a sandbox on this computer alone, until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import uvicorn
from starlette.applications import Starlette

from fieldboard.sandbox.faults import PROFILES, FaultProfile
from fieldboard.sandbox.live import Live
from fieldboard.sandbox.records import World
from fieldboard.sandbox.roster_file import roster_toml
from fieldboard.sandbox.switches import BadSetting
from fieldboard.sandbox.world import (
    DEFAULT_DAYS,
    DEFAULT_JOBS,
    DEFAULT_SEED,
    DEFAULT_TECHNICIANS,
    build_world,
    demo_zone,
)

__all__ = ["SYSTEMS", "PortTaken", "SandboxError", "demo_zone", "run"]

HOST: Final = "127.0.0.1"
#: Where the company works; the same for everybody, so that one seed makes one world.
DEFAULT_ZONE: Final = "Europe/London"

Clock = Callable[[], datetime]
#: World, token, faults, clock and ``KEY=VALUE`` settings to a server.
Maker = Callable[[World, str, FaultProfile | None, Clock, Mapping[str, str]], Starlette]


class Mover(Protocol):
    """What makes a world move."""

    def tick(self, now: datetime) -> list[str]:
        """Let happen what happens up to ``now``; says what that was."""


class SandboxError(Exception):
    """The sandbox cannot be started as asked; the text says why and what to do."""


class PortTaken(SandboxError):
    """Another program listens on the port."""


def _fieldcamp(
    world: World,
    token: str,
    faults: FaultProfile | None,
    clock: Clock,
    settings: Mapping[str, str],
) -> Starlette:
    """FieldCamp over ``world``."""
    from fieldboard.sandbox.fieldcamp import Settings, create_app

    return create_app(world, token=token, faults=faults, clock=clock, settings=Settings.parse(settings))


def _fsmnavigator(
    world: World,
    token: str,
    faults: FaultProfile | None,
    clock: Clock,
    settings: Mapping[str, str],
) -> Starlette:
    """FSM Navigator over ``world``."""
    from fieldboard.sandbox.fsmnavigator import Settings, create_app

    return create_app(world, token=token, faults=faults, clock=clock, settings=Settings.parse(settings))


def _letsjobit(
    world: World,
    token: str,
    faults: FaultProfile | None,
    clock: Clock,
    settings: Mapping[str, str],
) -> Starlette:
    """LetsJobIt over ``world``."""
    from fieldboard.sandbox.letsjobit import Settings, create_app

    return create_app(world, token=token, faults=faults, clock=clock, settings=Settings.parse(settings))


def _fieldopt(
    world: World,
    token: str,
    faults: FaultProfile | None,
    clock: Clock,
    settings: Mapping[str, str],
) -> Starlette:
    """FieldOpt over ``world``."""
    from fieldboard.sandbox.fieldopt import Settings, create_app

    return create_app(world, token=token, faults=faults, clock=clock, settings=Settings.parse(settings))


#: The systems that the sandbox can be, by the name that a profile calls them.
SYSTEMS: Final[dict[str, Maker]] = {
    "fieldcamp": _fieldcamp,
    "fsmnavigator": _fsmnavigator,
    "letsjobit": _letsjobit,
    "fieldopt": _fieldopt,
}


def utc_now() -> datetime:
    """The computer's clock."""
    return datetime.now(UTC)


def run(
    system: str,
    *,
    on_ready: Callable[[str, str], None],
    port: int = 0,
    technicians: int | None = None,
    jobs: int | None = None,
    days: int | None = None,
    seed: int | None = None,
    live: bool = False,
    faults: str | None = None,
    settings: Mapping[str, str] | None = None,
    token: str | None = None,
    zone: str | None = None,
    roster_file: Path | str | None = None,
    clock: Clock = utc_now,
) -> None:
    """Serve ``system`` until SIGINT or SIGTERM.

    ``on_ready`` is told the address and the token as soon as requests are answered; the token is empty
    where the system asks for none. Without a port a free one is taken, without a token a random one.
    ``zone`` is an IANA name. ``roster_file``, if given, is written before ``on_ready`` is called.
    Raises `SandboxError`.
    """
    maker = SYSTEMS.get(system)
    if maker is None:
        raise SandboxError(f'there is no sandbox of "{system}"; there is {", ".join(SYSTEMS)}')
    profile = _profile(faults)
    where = _zone(zone or DEFAULT_ZONE)
    listener = _listen(port)
    try:
        token = token or secrets.token_urlsafe(24)
        now = clock()
        world = build_world(
            DEFAULT_SEED if seed is None else seed,
            DEFAULT_TECHNICIANS if technicians is None else technicians,
            DEFAULT_JOBS if jobs is None else jobs,
            DEFAULT_DAYS if days is None else days,
            now.astimezone(where).date(),
            now,
            where,
        )
        try:
            app = maker(world, token, profile, clock, settings or {})
        except BadSetting as wrong:
            raise SandboxError(str(wrong)) from wrong
        if roster_file is not None:
            known_as = getattr(app.state, "technician_id", str)
            Path(roster_file).write_text(roster_toml(world, known_as), encoding="utf-8")
        # The world stays: the collector need not walk it again and again.
        gc.freeze()
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        needed = getattr(app.state, "token", token) or ""
        server = _Server(_config(app), lambda: on_ready(url, needed))
        mover: Mover | None = None
        if live:
            own = getattr(app.state, "live", None)
            mover = own(now) if own is not None else Live(world, now)
        asyncio.run(_serve(server, app, listener, mover, clock))
    finally:
        listener.close()


class _Server(uvicorn.Server):
    """A server that says when it is ready, and ends quietly on SIGINT and SIGTERM."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals without raising them once more at the end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        ends = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in ends}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


async def _serve(
    server: _Server, app: Starlette, listener: socket.socket, live: Mover | None, clock: Clock
) -> None:
    """Serve, and move the world once a second where it is live."""
    others = [asyncio.create_task(_warm(app))]
    if live is not None:
        others.append(asyncio.create_task(_move(live, clock)))
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _warm(app: Starlette) -> None:
    """Prepare the lists of a big company between the requests."""
    for _ in app.state.warm():
        await asyncio.sleep(0)


async def _move(live: Mover, clock: Clock) -> None:
    """One tick a second."""
    while True:
        live.tick(clock())
        await asyncio.sleep(1)


def _config(app: Starlette) -> uvicorn.Config:
    """Quiet, and quick to end."""
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )


def _profile(name: str | None) -> FaultProfile | None:
    """The fault profile of that name."""
    if name is None:
        return None
    if name not in PROFILES:
        raise SandboxError(f'there are no faults "{name}"; there are {", ".join(PROFILES)}')
    return PROFILES[name]


def _zone(name: str) -> ZoneInfo:
    """The zone of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SandboxError(f'"{name}" is no IANA time zone, write it like Europe/London') from None


def _listen(port: int) -> socket.socket:
    """A socket that is bound to ``port`` of the loopback address."""
    # With its protocol named: only then does asyncio turn off the wait for fuller packets, by which every
    # second answer on a connection came forty milliseconds late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # There it would let two programs share the port; elsewhere it only forgets old connections.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as wrong:
        listener.close()
        if wrong.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} is taken; give another one, or none for a free one") from wrong
        raise SandboxError(f"port {port} cannot be used: {wrong.strerror}") from wrong
    return listener
