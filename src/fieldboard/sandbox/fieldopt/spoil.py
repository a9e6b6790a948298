"""Answers that are not as promised: other types, nothing where something stood, forks' own words."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.replies import answer
from fieldboard.sandbox.fieldopt.settings import Types

Call = Callable[[Request], Awaitable[Response]]
_KEPT = frozenset({"id", "job_id", "technician_id", "tech_id", "detail"})
#: Every so many rows have a word that nobody knows.
_ODD = 5


def spoiled(call: Call, types: Types) -> Call:
    """``call`` with everything that it answers in the wrong ``types``."""

    async def spoiling(request: Request) -> Response:
        response = await call(request)
        if response.status_code >= 300 or not response.body:
            return response
        return answer(_value(json.loads(bytes(response.body)), types), response.status_code)

    return spoiling


def _value(value: object, types: Types) -> object:
    if types == "lists":
        return {"items": value} if isinstance(value, list) else [value]
    if isinstance(value, list):
        return [_row(one, types) for one in value]
    return _row(value, types)


def _row(row: object, types: Types) -> object:
    if not isinstance(row, dict):
        return row
    match types:
        case "texts":
            return {name: _text(value) for name, value in row.items()}
        case "nulls":
            return {name: value if name in _KEPT else None for name, value in row.items()}
        case "odd":
            return _odd(row)
    return row


def _text(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return value if value is None or isinstance(value, dict) else str(value)


def _odd(row: dict[str, object]) -> dict[str, object]:
    """A row of a fork: fields of its own, and now and then a word of its own."""
    number = row.get("id")
    if isinstance(number, int) and number % _ODD == 0:
        ours = {"status": "awaiting_parts" if "address" in row or "job_type" in row else "training"}
        ours |= {"type": "survey", "job_type": "survey"}
        row = {name: ours.get(name, value) for name, value in row.items()}
    return row | {"tenant_id": 3, "tags": [], "meta": {"source": "fork"}}
