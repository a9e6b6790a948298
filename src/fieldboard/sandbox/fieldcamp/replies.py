"""Requests and answers in FieldCamp's envelope."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from itertools import chain

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.wire import dumps

Body = Mapping[str, object]


class Refused(Exception):
    """A request that is answered with an error status and a text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Missing(Exception):
    """A record that does not exist: 404 with an empty body."""


def json_response(content: bytes, status: int = 200) -> Response:
    """An answer whose body is ready."""
    return Response(content, status, media_type="application/json")


def failure(refused: Refused, settings: Settings) -> Response:
    """``{"success": false, "error": …}`` in the form that the settings ask for."""
    error: object = refused.text
    if settings.errors == "object":
        error = {"code": f"E{refused.status}", "message": refused.text}
    return json_response(dumps({"success": False, "error": error}), refused.status)


def success(**rows: bytes | str) -> Response:
    """``{"success": true, "data": {name: row, …}}`` from rows that are JSON (str is encoded)."""
    parts = b",".join(
        dumps(name) + b":" + (row if isinstance(row, bytes) else dumps(row)) for name, row in rows.items()
    )
    return json_response(b'{"success":true,"data":{' + parts + b"}}")


def listing(name: str, rows: Iterable[bytes], request: Request, settings: Settings) -> Response:
    """A list under ``name``: whole, or the asked page of it where the settings have paging."""
    if settings.paging == "none":
        joined = iter(rows)
        # One join of everything: a list of a big company is a hundred megabytes.
        first = b'{"success":true,"data":{' + dumps(name) + b":[" + next(joined, b"")
        *middle, last = chain((first,), joined)
        return json_response(b",".join((*middle, last + b"]}}")))
    everything = list(rows)
    limit = min(_whole(request, "limit", settings.page_size), settings.page_size)
    page = _whole(request, "page", 1)
    chosen = everything[(page - 1) * limit : page * limit]
    pagination = {
        "page": page,
        "limit": limit,
        "total": len(everything),
        "pages": -(-len(everything) // limit),
    }
    body = b'{"success":true,"data":{' + dumps(name) + b":[" + b",".join(chosen)
    return json_response(body + b']},"pagination":' + dumps(pagination) + b"}")


async def json_body(request: Request) -> Body:
    """The JSON object that was sent."""
    body = _object(await request.body())
    if body is None:
        raise Refused(400, "Invalid JSON body")
    return body


def is_form(request: Request) -> bool:
    """Whether the body is ``multipart/form-data``."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def form_body(request: Request) -> Body:
    """The job of a legacy form: JSON text in ``jobData``, free text in ``notes``."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + await request.body())
    values: dict[str, str] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            values[name] = content.decode("utf-8", "replace")
    job = _object(values.get("jobData", ""))
    if job is None:
        raise Refused(400, "jobNumber is required")
    return {**job, "notes": values.get("notes", "")}


def instant(value: object, field: str) -> datetime | None:
    """An ISO-8601 instant (UTC where it has no offset), or None for null and an empty text."""
    if value is None or value == "":
        return None
    try:
        if not isinstance(value, str):
            raise ValueError
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(400, f"{field} must be a UTC ISO-8601 timestamp") from None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def text(body: Body, field: str) -> str | None:
    """A text field that may be absent."""
    value = body.get(field)
    if value is None or isinstance(value, str):
        return value
    raise Refused(400, f"{field} must be a string")


def texts(body: Body, field: str) -> list[str] | None:
    """A list of texts that may be absent; null is the empty list."""
    if field not in body:
        return None
    value = body[field]
    if value is None:
        return []
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return list(value)
    raise Refused(400, f"{field} must be an array of strings")


def _whole(request: Request, name: str, default: int) -> int:
    """A positive whole number of the query."""
    given = request.query_params.get(name, "")
    return int(given) if given.isdecimal() and int(given) > 0 else default


def _object(content: bytes | str) -> Body | None:
    """A JSON object that can be sent out again; None for anything else."""
    try:
        value = json.loads(content)
        # Neither NaN nor half a surrogate pair may get into a list that everybody reads.
        dumps(value)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
