"""How far a server's clock is off, as `doctor` says it of every system."""

from __future__ import annotations

from typing import Final

from fieldboard.backends.http import Http
from fieldboard.backends.port import Probe

EXPLAINED_S: Final = 1
"""Seconds of difference that are none: HTTP's Date has whole ones (RFC 9110, 5.6.7)."""

FAR_OFF_S: Final = 120
"""Seconds from which on something is wrong with one of the clocks."""


def probe_clock(http: Http) -> Probe:
    """The server's clock against this computer's, by its last answer; nothing is asked."""
    offset = http.clock_offset_s
    if offset is None:
        return Probe("clock", None, "the server does not say what time it is")
    way = "ahead" if offset > 0 else "behind"
    far = abs(offset) > EXPLAINED_S
    says = f"the server's clock is {abs(offset)} s {way}" if far else "the clocks agree"
    return Probe("clock", abs(offset) <= FAR_OFF_S, says)
