"""Requests and answers in FSM Navigator's envelopes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

Body = Mapping[str, object]

PER_PAGE = 50
MOST_PER_PAGE = 100


class Refused(Exception):
    """A request that is answered with an error: its status, the code and the sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> Refused:
    """400: a field is missing or bad."""
    return Refused(400, "validation_failed", message)


def missing(what: str) -> Refused:
    """404: there is no such entity."""
    return Refused(404, "not_found", f"{what} not found")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False)


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(value).encode()


def failure(refused: Refused, **more: object) -> Response:
    """``{"success": false, "error": code, "message": …}``."""
    body = {"success": False, "error": refused.code, "message": refused.message, **more}
    return Response(dumps(body), refused.status, media_type="application/json")


def single(row: bytes) -> Response:
    """One entity."""
    return _json(b'{"data":' + row + _tail())


def done(message: str, data: Mapping[str, object], status: int = 200) -> Response:
    """What a write answers: not the entity, but a few facts of it."""
    head = b'{"success":true,"message":' + dumps(message) + b',"data":' + dumps(data)
    return _json(head + _tail(), status)


def page_of(request: Request) -> tuple[int, int]:
    """The page that is asked for, and how many rows it has at most."""
    page = _whole(request, "page", 1)
    per_page = min(_whole(request, "per_page", PER_PAGE), MOST_PER_PAGE)
    return page, per_page


def listing(rows: Sequence[bytes], page: int, per_page: int, total: int) -> Response:
    """The rows of one page of a list that has ``total``."""
    pagination = {
        "page": page,
        "per_page": per_page,
        "total": total,
        "total_pages": -(-total // per_page),
    }
    body = b'{"data":[' + b",".join(rows) + b'],"pagination":' + dumps(pagination)
    return _json(body + _tail())


async def json_body(request: Request) -> Body:
    """The JSON object that was sent."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise invalid("Content-Type must be application/json")
    try:
        value = json.loads(await request.body())
    except ValueError:
        raise invalid("Invalid JSON body") from None
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object")
    return value


def text(body: Body, field: str) -> str | None:
    """A text field; None where it is not given."""
    value = body.get(field)
    if value is not None and not isinstance(value, str):
        raise invalid(f"{field} must be a string")
    return value


def number(body: Body, field: str) -> int | None:
    """A whole number; None where it is null or not given."""
    value = body.get(field)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise invalid(f"{field} must be an integer")
    return value


def instant(value: object, field: str) -> datetime | None:
    """An ISO 8601 time; one without an offset is UTC."""
    if value is None or value == "":
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise invalid(f"{field} must be an ISO 8601 time")
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)


def wanted_id(request: Request, name: str = "id") -> int | None:
    """The id in the query; None where there is none."""
    value = request.query_params.get(name)
    if value is None:
        return None
    if not value.isdecimal():
        raise invalid(f"{name} must be an integer")
    return int(value)


def _whole(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name)
    if value is None:
        return default
    if not value.isdecimal() or int(value) < 1:
        raise invalid(f"{name} must be a positive integer")
    return int(value)


def _tail() -> bytes:
    return b',"request_id":"' + secrets.token_hex(6).encode() + b'"}'


def _json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
