"""Requests and answers of both dialects; the checks are those of the documented one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response

Body = Mapping[str, object]

MOST_ID = 2**31 - 1
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Refused(Exception):
    """A request that is answered with an error: its status, and the text or the list of what is wrong."""

    def __init__(self, status: int, detail: str | Sequence[object]) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Broken(Exception):
    """A request on which the server fails."""


def invalid(detail: str = "Invalid request body") -> Refused:
    """400: a field is missing or bad."""
    return Refused(400, detail)


def missing(what: str) -> Refused:
    """404: there is no such entity."""
    return Refused(404, f"{what} not found")


def conflict(detail: str) -> Refused:
    """409: what is asked for does not go with how things are."""
    return Refused(409, detail)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False)


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(value).encode()


def answer(value: object, status: int = 200) -> Response:
    """One JSON document."""
    return Response(dumps(value), status, media_type="application/json")


def listing(rows: Sequence[bytes]) -> Response:
    """A list of rows that are JSON already."""
    return Response(b"[" + b",".join(rows) + b"]", media_type="application/json")


def failure(refused: Refused) -> Response:
    """``{"detail": …}``."""
    return answer({"detail": refused.detail}, refused.status)


async def json_body(request: Request) -> Body:
    """The JSON object that was sent."""
    try:
        value = json.loads(await request.body())
    except ValueError:
        raise invalid() from None
    if not isinstance(value, dict):
        raise invalid()
    return value


def text(body: Body, field: str) -> str:
    """A text that must be there and say something."""
    value = body.get(field)
    if not isinstance(value, str) or not value.strip():
        raise invalid()
    return value


def choice(body: Body, field: str, choices: Sequence[str]) -> str:
    """One of the words that the documents name."""
    value = body.get(field)
    if not isinstance(value, str) or value not in choices:
        raise invalid()
    return value


def texts(body: Body, field: str) -> tuple[str, ...]:
    """A list of texts; none where it is not given."""
    value = body.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise invalid()
    return tuple(value)


def number(body: Body, field: str) -> float:
    """A number."""
    value = body.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid()
    return value


def id_in(body: Body, field: str) -> int:
    """The id of an entity."""
    return _id(body.get(field))


def ids_in(body: Body, field: str) -> list[int]:
    """A list of ids."""
    value = body.get(field)
    if not isinstance(value, list):
        raise invalid()
    return [_id(one) for one in value]


def day(value: object) -> date:
    """``YYYY-MM-DD``."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise invalid("Invalid date")


def second(instant: datetime) -> str:
    """An instant as ``2026-04-11T14:30:00Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid()
    if abs(value) > MOST_ID:
        raise Broken
    return value
