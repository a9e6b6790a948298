"""By which of its two ids a visit is written: the reference says "ID" and shows both kinds of them.

Nothing is written until a read by a path has shown the very visit that was asked for.
"""

from __future__ import annotations

from typing import Final

from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.letsjobit.replies import value_of
from fieldboard.backends.letsjobit.values import Object
from fieldboard.backends.letsjobit.writing import visit_path
from fieldboard.backends.port import LineDown

FACT: Final = "write_id"
INTERNAL: Final = "_id"
ERP: Final = "id"

UNPROVEN: Final = (
    "LetsJobIt's documents do not say which of a visit's ids edits go to, and this server shows the visit "
    "by neither: nothing is written"
)


async def proven(http: Http, visit_id: str, erp_id: str) -> str | None:
    """Which id shows the visit when it stands in a path; None for neither. Raises LineDown."""
    for name, text in ((INTERNAL, visit_id), (ERP, erp_id)):
        if text and await _shows(http, text, visit_id):
            return name
    return None


async def _shows(http: Http, text: str, visit_id: str) -> bool:
    reply = await http.read(visit_path(text))
    if reply.is_page and reply.ok:
        raise LineDown(f"{http.host} answered with a web page, not the API")
    if not reply.ok or reply.is_page:
        return False
    try:
        envelope = value_of(reply)
    except NotJson as strange:
        raise LineDown(f"{http.host} {strange}") from None
    return _one(envelope).get("_id") == visit_id


def _one(envelope: Object) -> Object:
    """The visit in an answer about one: an object, or a list of it."""
    data = envelope.get("data")
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    return data if isinstance(data, dict) else {}
