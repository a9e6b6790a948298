"""Requests and answers in LetsJobIt's envelopes of ``meta`` and ``data``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.letsjobit.settings import Settings

Body = Mapping[str, object]

#: Records of a page, the limit that cannot be set.
PAGE = 100
_HARD = frozenset({401, 429})


class Refused(Exception):
    """A request, or one visit of it, that fails: the status and the sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False)


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(value).encode()


def failure(refused: Refused, settings: Settings) -> Response:
    """An answer without data, with the sentence where this server has it."""
    meta: dict[str, object] = {}
    body: dict[str, object] = {"meta": meta}
    if settings.error_at != "none":
        (body if settings.error_at == "top" else meta)["error"] = refused.message
    soft = settings.soft_errors and refused.status not in _HARD
    return _json(dumps(body), 200 if soft else refused.status)


def listing(rows: Sequence[bytes], start: int, total: int, settings: Settings) -> Response:
    """One page of a list that has ``total`` records, of which ``start`` were skipped."""
    end = min(start, total) + len(rows)
    meta: dict[str, object] = {
        "totalRecords": total,
        "returnedRecords": len(rows),
        "remainingRecords": total - end if rows else 0,
    }
    if rows and end < total:
        meta["nextStart"] = end
    elif settings.last_next != "absent":
        meta["nextStart"] = end if settings.last_next == "end" else None
    shown = _counts(meta, settings) if settings.totals else {}
    head = b'{"meta":' + dumps(shown) + b',"data":['
    return _json(head + b",".join(rows) + b"]}")


def single(row: bytes, settings: Settings) -> Response:
    """One visit."""
    if settings.single == "array":
        return listing([row], 0, 1, settings)
    return _json(b'{"meta":' + dumps(_counts({"totalRecords": 1}, settings)) + b',"data":' + row + b"}")


def written(meta: Mapping[str, object], settings: Settings) -> Response:
    """What a write answers: counts, and never the visit."""
    return _json(dumps({"meta": _counts(meta, settings), "data": None}))


async def json_body(request: Request) -> object:
    """The JSON that was sent."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise Refused(400, "Content-Type must be application/json")
    try:
        value: object = json.loads(await request.body())
        # What cannot be sent back is none: NaN, half a surrogate pair.
        dumps(value)
        return value
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON") from None


def _counts(meta: Mapping[str, object], settings: Settings) -> dict[str, object]:
    if settings.counts == "number":
        return dict(meta)
    return {name: str(value) if isinstance(value, int) else value for name, value in meta.items()}


def _json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
