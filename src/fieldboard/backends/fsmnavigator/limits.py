"""FSM Navigator's tiers of rate limits (fsmnavigator.com/docs/api/rate-limits).

The documents name the tiers, lists highest, single reads high, edits moderate, and a cap a day, and no
numbers: until the headers of an answer announce some, one request a second goes out, after a burst of five.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from fieldboard.backends.rate import Budget
from fieldboard.clock import Clock

LIST: Final = "list"
SINGLE: Final = "single"
WRITE: Final = "write"

_UNTOLD: Final = 60.0
_BURST: Final = 5.0
_KEPT_FOR_EDITS: Final = 0.2

TIERS: Final[Mapping[str, Callable[[Clock], Budget]]] = {
    LIST: partial(Budget, per_minute=_UNTOLD, burst=_BURST, assumed=True, kept_share=_KEPT_FOR_EDITS),
    SINGLE: partial(Budget, per_minute=_UNTOLD, burst=_BURST, assumed=True, kept_share=_KEPT_FOR_EDITS),
    WRITE: partial(Budget, per_minute=_UNTOLD, burst=_BURST, assumed=True),
}


def tier_of(method: str, params: Mapping[str, str]) -> str:
    """The tier of a request: one path serves lists and single entities, told apart by `id`."""
    if method != "GET":
        return WRITE
    return SINGLE if "id" in params else LIST
