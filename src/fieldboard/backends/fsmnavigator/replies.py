"""What FSM Navigator's answers say: its envelopes, its errors, and which scope was missing.

Lists are `{data: […], pagination, request_id}`, single entities `{data: {…}, request_id}`, writes
`{success, message, data, request_id}` with a part of the entity; errors `{success: false, error, message}`.
A 200 with `success: false` is a failure.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.reply import Reply
from fieldboard.domain.operation import Json

LOG: Final = logging.getLogger(__name__)

INVALID_MOVE: Final = "invalid_status_transition"

Object = Mapping[str, Json]


def value_of(reply: Reply) -> Object:
    """The JSON object of an answer. Raises NotJson."""
    value = parse(reply.body, reply.content_type)
    if not isinstance(value, dict):
        raise NotJson("answered with JSON that is no object")
    return value


def error_of(reply: Reply) -> tuple[str, str]:
    """The code and the sentence of an error; '' where it tells none. Logs the request's id."""
    if not reply.body or reply.is_page:
        return "", ""
    try:
        return said_in(value_of(reply))
    except NotJson:
        return "", ""


def said_in(envelope: Object) -> tuple[str, str]:
    """The code and the sentence in an envelope that says no."""
    request_id = envelope.get("request_id")
    if isinstance(request_id, str):
        LOG.info("the server calls this request %s", request_id[:64])
    error, message = envelope.get("error"), envelope.get("message")
    code = error.get("code") if isinstance(error, dict) else error
    inner = error.get("message") if isinstance(error, dict) else None
    said = next((one for one in (inner, message, code) if isinstance(one, str)), "")
    return (code if isinstance(code, str) else "", said)


def failed(envelope: Object) -> bool:
    """Whether the envelope itself says no, whatever the status of the answer."""
    return envelope.get("success") is False


def new_id(envelope: Object) -> str | None:
    """The id of something created: the documents show it in several places."""
    data, job = envelope.get("data"), envelope.get("job")
    for place, name in ((data, "job_id"), (data, "id"), (job, "job_id"), (job, "id")):
        value = place.get(name) if isinstance(place, dict) else None
        if isinstance(value, int | str) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def scope_of(method: str, resource: str) -> str:
    """The scope that a call needs."""
    return f"{resource}:{'read' if method == 'GET' else 'write'}"


def scope_says(method: str, resource: str) -> str:
    """What a 403 means: the documents name the scope, and two other reasons may hide behind it."""
    scope = scope_of(method, resource)
    return (
        f"the API key lacks the scope {scope} (or the account's plan or list of IP addresses forbids it); "
        "scopes can be added to the key in FSM Navigator"
    )
