"""What FieldOpt's refusals say: four shapes of them, and what of that people may see.

`{"detail": "text"}`; `{"detail": [{loc, msg, …}]}` for whatever the public servers validate, which also
repeats the request; a text that is no JSON for errors of the server; and a text of the database in a
`detail`, which is not shown.
"""

from __future__ import annotations

import re
from typing import Final

from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.port import LineDown
from fieldboard.backends.reply import Reply
from fieldboard.domain.operation import Json

_DATABASE: Final = re.compile(
    r"\[SQL|sqlalchemy|asyncpg|psycopg|\bINSERT INTO\b|\bUPDATE \w+ SET\b|UniqueViolation|IntegrityError",
    re.I,
)
_LONGEST: Final = 300
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


def detail_of(reply: Reply) -> Json:
    """The `detail` of an answer; None where there is none."""
    if not reply.body or reply.is_page:
        return None
    try:
        value = parse(reply.body, reply.content_type)
    except NotJson:
        return None
    return value.get("detail") if isinstance(value, dict) else None


def said_in(reply: Reply) -> str:
    """What a refusal says to people; '' where it says nothing that they should see."""
    return text_of(detail_of(reply))


def text_of(detail: Json) -> str:
    """The sentence in a `detail` of either shape."""
    if isinstance(detail, str):
        if _DATABASE.search(detail):
            return "its database refuses it" + (
                ": it is there already" if "unique" in detail.lower() or "duplicate" in detail.lower() else ""
            )
        return " ".join(detail.split())[:_LONGEST]
    parts: list[str] = []
    for one in detail[:4] if isinstance(detail, list) else ():
        if isinstance(one, dict):
            place = one.get("loc")
            names = [str(part) for part in place if part != "body"] if isinstance(place, list) else []
            message = one.get("msg")
            parts.append(
                f"{'.'.join(names) or 'the request'}: {message if isinstance(message, str) else '?'}"
            )
    return "; ".join(parts)[:_LONGEST]


def is_duplicate(reply: Reply) -> bool:
    """Whether a refusal may mean that the same thing is there already."""
    detail = detail_of(reply)
    words = detail.lower() if isinstance(detail, str) else ""
    return "duplicate" in words or "unique" in words or "already exists" in words


def object_of(reply: Reply, http: Http) -> dict[str, Json]:
    """The JSON object of an answer to a read. Raises LineDown where it holds none."""
    try:
        value = parse(reply.body, reply.content_type)
    except NotJson as strange:
        raise LineDown(f"{http.host} {strange}") from None
    value = only(value)
    if not isinstance(value, dict):
        raise LineDown(f"{http.host} answered with a list where one thing was asked for")
    return value


def only(value: Json) -> Json:
    """A value, or the one object of a list that holds nothing else: some proxies and forks wrap it so."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0]
    return value


def count_of(value: Json) -> int | None:
    """A count as the API has it, also as a text; None for anything else."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 12:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def id_of(value: Json) -> str | None:
    """An id as the API has it: a whole number, also as a text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return text if _ID.fullmatch(text) is not None else None
