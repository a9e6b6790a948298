"""FSM Navigator: its rules, its wire shapes and the adapter (fsmnavigator.com/docs/api).

`rules` is plain data and loads nothing; the adapter, with httpx and pydantic, is loaded when opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fieldboard.backends.fsmnavigator.rules import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from fieldboard.backends.fsmnavigator.adapter import FsmNavigator
    from fieldboard.backends.http import Transport
    from fieldboard.clock import Clock
    from fieldboard.domain.instants import Zone


def open_fsmnavigator(
    base_url: str | None,
    token: Callable[[], str] | str | None,
    *,
    zone: Zone,
    timeout_s: float = 20.0,
    ca_file: Path | None = None,
    allow_http: bool = False,
    system: Mapping[str, object] | None = None,
    learned: Mapping[str, str] | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> FsmNavigator:
    """The adapter of one account; it connects when it is first used.

    `base_url` is scheme, host and port (None: FSM Navigator's own); `/api/v1` at its end is the adapter's
    own and dropped. `transport` takes the place of the network. Raises ValueError for an address or a
    `system` table that cannot be used.
    """
    from fieldboard.backends.fsmnavigator.adapter import FsmNavigator
    from fieldboard.backends.fsmnavigator.limits import TIERS, tier_of
    from fieldboard.backends.http import Http

    address = re.sub(r"/api(/v1)?/?$", "", (base_url or DEFAULT_BASE_URL).strip().rstrip("/"))
    http = Http(
        f"{address}/api/v1",
        token,
        timeout_s=timeout_s,
        ca_file=ca_file,
        allow_http=allow_http,
        transport=transport,
        clock=clock,
        bearer=False,
        tier_of=tier_of,
        tiers=TIERS,
    )
    return FsmNavigator(http, zone, system or {}, learned or {})
