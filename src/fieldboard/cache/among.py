"""Many ids as one parameter of a statement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

AMONG: Final = "(SELECT value FROM json_each(?))"
"""Stands behind IN; its parameter is what `ids_json` makes."""


def ids_json(ids: Iterable[str]) -> str:
    """Ids as one parameter for `AMONG`."""
    return json.dumps(list(ids))
