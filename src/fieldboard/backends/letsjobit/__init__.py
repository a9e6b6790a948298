"""LetsJobIt: its rules, its wire shapes and the adapter (the LetsJobIt REST API v2 reference).

`rules` is plain data and loads nothing; the adapter, with httpx, is loaded when opened.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fieldboard.backends.letsjobit.rules import DEFAULT_BASE_URL, WINDOW_S

if TYPE_CHECKING:
    from fieldboard.backends.http import Transport
    from fieldboard.backends.letsjobit.adapter import LetsJobIt
    from fieldboard.clock import Clock
    from fieldboard.domain.instants import Zone


def open_letsjobit(
    base_url: str | None,
    token: Callable[[], str] | str | None,
    *,
    zone: Zone,
    timeout_s: float = 20.0,
    ca_file: Path | None = None,
    allow_http: bool = False,
    system: Mapping[str, object] | None = None,
    learned: Mapping[str, str] | None = None,
    people: Mapping[str, str] | None = None,
    shared: Path | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> LetsJobIt:
    """The adapter of one account; it connects when it is first used.

    `base_url` is scheme, host and port (None: LetsJobIt's own); `/api/v2` at its end is the adapter's own
    and dropped. `people` are the technicians whom the roster names by id, with their names. `shared` is a
    folder in which the processes of this computer count their requests together. `transport` takes the
    place of the network, `sleep` how it waits for its turn. Raises ValueError for an address or a `system`
    table that cannot be used.
    """
    from fieldboard.backends.http import Http
    from fieldboard.backends.letsjobit.adapter import AdapterSettings, LetsJobIt
    from fieldboard.backends.letsjobit.rules import own_settings
    from fieldboard.backends.shared_rate import SharedBudget, ledger_of

    address = re.sub(r"/api(/v2)?/?$", "", (base_url or DEFAULT_BASE_URL).strip().rstrip("/"))
    own = own_settings(system or {})

    def budget(of: Clock) -> SharedBudget:
        ledger = ledger_of(shared, address) if shared is not None else None
        return SharedBudget(of, most=own.requests_in_10_s, window_s=WINDOW_S, ledger=ledger)

    http = Http(
        f"{address}/api/v2",
        token,
        timeout_s=timeout_s,
        ca_file=ca_file,
        allow_http=allow_http,
        transport=transport,
        clock=clock,
        budget=budget,
        key_header=False,
        key_parameter=own.key_parameter,
        sleep=sleep,
    )
    return LetsJobIt(http, AdapterSettings(zone, own, system or {}, people or {}), learned or {})
