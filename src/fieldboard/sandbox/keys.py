"""Whether a request brought the right key."""

from __future__ import annotations

import hmac


def same_key(given: str | None, expected: str) -> bool:
    """Whether a key is the expected one, without telling by the time where they differ."""
    return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
