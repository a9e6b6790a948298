"""What LetsJobIt's answers say: `{meta, data}`, where `meta` says whether it was carried out.

Lists and single visits have `data` as a list or as one object, writes have null. A 200 may mean a failure:
by an `error` (the reference names it and not its place), by `meta.errors`, by a count of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.letsjobit.values import Object, whole
from fieldboard.backends.reply import Reply
from fieldboard.domain.operation import Json

COUNTS: Final = ("updatedRecords", "recordsUpdated", "insertedRecords", "recordsInserted", "deletedRecords")
"""Counts of what a write did: the documents' names for PUT, for POST, and for DELETE."""


def value_of(reply: Reply) -> Object:
    """The JSON object of an answer. Raises NotJson."""
    value = parse(reply.body, reply.content_type)
    if not isinstance(value, dict):
        raise NotJson("answered with JSON that is no object")
    return value


def meta_of(envelope: Object) -> Object:
    """What the answer says of itself."""
    meta = envelope.get("meta")
    return meta if isinstance(meta, dict) else {}


def error_in(envelope: Object) -> str:
    """The error that an answer tells, whatever its status; '' for none."""
    for place in (envelope, meta_of(envelope)):
        said = _said(place.get("error"))
        if said:
            return said
    errors = meta_of(envelope).get("errors")
    for one in errors if isinstance(errors, list) else [errors]:
        if said := _said(one):
            return said
    return ""


def error_of(reply: Reply) -> str:
    """The error in an answer that is none of 2xx; '' where it tells none."""
    if not reply.body or reply.is_page:
        return ""
    try:
        envelope = value_of(reply)
    except NotJson:
        return ""
    return error_in(envelope) or _said(envelope.get("message"))


def count_in(envelope: Object) -> int | None:
    """How many visits a write says it touched; None where it does not say."""
    meta = meta_of(envelope)
    found = [count for name in COUNTS if (count := whole(meta.get(name))) is not None]
    return sum(found) if found else None


def _said(value: Json) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        text = value.get("message")
        code = value.get("error", value.get("code"))
        parts = [str(one) for one in (text, code) if isinstance(one, str | int) and not isinstance(one, bool)]
        return " ".join(part for part in parts if part) or "an error without a word"
    return "an error without a word" if value not in (None, False, 0) and not isinstance(value, list) else ""
