"""FieldOpt: its rules, its wire shapes and the adapter, for both of its dialects.

`rules` is plain data and loads nothing; the adapter, with httpx and pydantic, is loaded when opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fieldboard.backends.fieldopt.rules import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from fieldboard.backends.fieldopt.adapter import FieldOpt
    from fieldboard.backends.http import Transport
    from fieldboard.clock import Clock
    from fieldboard.domain.instants import Zone


def open_fieldopt(
    base_url: str | None,
    token: Callable[[], str] | str | None = None,  # noqa: ARG001 - as the adapters of the others have it
    *,
    zone: Zone,
    timeout_s: float = 20.0,
    ca_file: Path | None = None,
    allow_http: bool = False,
    system: Mapping[str, object] | None = None,
    learned: Mapping[str, str] | None = None,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> FieldOpt:
    """The adapter of one server; it connects when it is first used. FieldOpt has no tokens.

    `base_url` is scheme, host and port (None: the address of a server on this computer); `/api/v1` at its
    end is the adapter's own and dropped. `transport` takes the place of the network. Raises ValueError for
    an address or a `system` table that cannot be used.
    """
    from fieldboard.backends.fieldopt.adapter import FieldOpt
    from fieldboard.backends.http import Http

    address = re.sub(r"/api(/v1)?/?$", "", (base_url or DEFAULT_BASE_URL).strip().rstrip("/"))
    http = Http(
        address,
        None,
        timeout_s=timeout_s,
        ca_file=ca_file,
        allow_http=allow_http,
        transport=transport,
        clock=clock,
    )
    return FieldOpt(http, zone, system or {}, learned or {})
