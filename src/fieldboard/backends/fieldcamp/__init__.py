"""FieldCamp: its rules, its wire shapes and the adapter (docs.fieldcamp.ai/api-reference).

`rules` is plain data and loads nothing; the adapter, with httpx and pydantic, is loaded when opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fieldboard.backends.fieldcamp.rules import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from fieldboard.backends.fieldcamp.adapter import FieldCamp
    from fieldboard.backends.http import Transport
    from fieldboard.clock import Clock
    from fieldboard.domain.instants import Zone


def open_fieldcamp(
    base_url: str | None,
    token: Callable[[], str] | str | None,
    *,
    zone: Zone,
    timeout_s: float = 20.0,
    ca_file: Path | None = None,
    allow_http: bool = False,
    skill_names: Mapping[str, str] | None = None,
    system: Mapping[str, object] | None = None,
    learned: Mapping[str, str] | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> FieldCamp:
    """The adapter of one account; it connects when it is first used.

    `base_url` is scheme, host and port (None: FieldCamp's own); `/api` and `/api/v1` at its end are
    the adapter's own and dropped. `transport` takes the place of the network. Raises ValueError for an
    address or a `system` table that cannot be used.
    """
    from fieldboard.backends.fieldcamp.adapter import AdapterSettings, FieldCamp
    from fieldboard.backends.http import Http

    address = re.sub(r"/api(/v1)?/?$", "", (base_url or DEFAULT_BASE_URL).strip().rstrip("/"))
    http = Http(
        address,
        token,
        timeout_s=timeout_s,
        ca_file=ca_file,
        allow_http=allow_http,
        transport=transport,
        clock=clock,
    )
    return FieldCamp(http, AdapterSettings(zone, skill_names or {}, system or {}, learned or {}))
