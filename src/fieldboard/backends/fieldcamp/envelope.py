"""FieldCamp's envelope: `{success, data, error, meta}`, in all the forms that its documents show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fieldboard.backends.json_door import NotJson, RowText, parse
from fieldboard.backends.reply import Reply
from fieldboard.domain.operation import Json

_CURSORS: Final = ("nextCursor", "next_cursor", "next", "cursor")
_MORE: Final = ("hasMore", "has_more", "hasNextPage")
_PAGES: Final = ("pages", "totalPages", "total_pages")
_TOTALS: Final = ("total", "totalCount", "total_count")
_LIMITS: Final = ("limit", "perPage", "per_page", "pageSize", "page_size")

Object = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Paging:
    """What a list says of its pages. `next_page` is empty where this was the last one."""

    next_page: Mapping[str, str]
    total: int | None = None


def error_text(value: Json) -> str:
    """What an error body says: a string, an object with a message or a code, or a list of them."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    for name in ("error", "message", "errors", "detail", "code"):
        said = value.get(name)
        if isinstance(said, str) and said:
            return said
        if isinstance(said, dict) and (inner := error_text(said)):
            return inner
        if isinstance(said, list) and said:
            return "; ".join(part for one in said if (part := error_text(one)))
    return ""


def error_of(reply: Reply) -> str:
    """What an answer says went wrong, '' where it is no JSON or says nothing."""
    if not reply.body or reply.is_page:
        return ""
    try:
        return error_text(parse(reply.body, reply.content_type))
    except NotJson:
        return ""


def failed(envelope: Object) -> bool:
    """Whether the envelope itself says no, whatever the status of the answer."""
    return envelope.get("success") is False


def one_of(reply: Reply, *names: str) -> tuple[Object, RowText | None]:
    """The envelope of an answer and the one row in it, under `data.<name>`, `<name>` or `data` itself.

    Raises NotJson.
    """
    value = parse(reply.body, reply.content_type)
    if not isinstance(value, dict):
        raise NotJson("answered with JSON that is no object")
    data = value.get("data")
    places: list[Json] = []
    for name in names:
        places += [data.get(name) if isinstance(data, dict) else None, value.get(name)]
    places += [data, value]
    for place in places:
        if isinstance(place, dict) and any(key in place for key in ("id", "recordId", "_id")):
            return value, RowText(place, json.dumps(place, ensure_ascii=False, separators=(",", ":")))
    return value, None


def paging_of(envelope: Object, asked: Mapping[str, str], taken: int) -> Paging | None:
    """Where the list goes on; None where the answer says nothing of pages.

    `asked` are the parameters of this page, `taken` how many rows came with it.
    """
    for place in _places(envelope):
        said = _paging_in(place, asked, taken)
        if said is not None:
            return said
    return None


def _places(envelope: Object) -> Sequence[Object]:
    data, meta = envelope.get("data"), envelope.get("meta")
    found: list[Json] = []
    if isinstance(meta, dict):
        found += [meta.get("pagination"), meta]
    found.append(envelope.get("pagination"))
    if isinstance(data, dict):
        found += [data.get("pagination"), data.get("meta"), data]
    return [one for one in [*found, dict(envelope)] if isinstance(one, dict)]


def _paging_in(place: Object, asked: Mapping[str, str], taken: int) -> Paging | None:
    total, limit = _number(place, _TOTALS), _number(place, _LIMITS)
    page = _number(place, ("page", "currentPage", "current_page"))
    here = page if page is not None else int(asked.get("page", "1"))
    size = {"limit": str(limit)} if limit else {}
    onward = {"page": str(here + 1), **size}
    for name in _CURSORS:
        if name in place:
            cursor = place[name]
            if isinstance(cursor, str) and cursor and cursor != asked.get("cursor"):
                return Paging(_followed(cursor, size), total)
            if isinstance(cursor, int) and not isinstance(cursor, bool) and name.startswith("next"):
                return Paging({"page": str(cursor), **size}, total)
    for name in _MORE:
        if isinstance(place.get(name), bool):
            return Paging(onward if place[name] else {}, total)
    pages = _number(place, _PAGES)
    if pages is not None:
        return Paging(onward if here < pages else {}, total)
    if total is not None and page is not None:
        return Paging(onward if here * (limit or taken or total) < total else {}, total)
    if total is not None and limit is not None:
        return Paging(onward if here * limit < total else {}, total)
    if any(name in place for name in _CURSORS):
        return Paging({}, total)
    return None


def _followed(cursor: str, size: Mapping[str, str]) -> Mapping[str, str]:
    # Some servers give the whole address of the next page; only its parameters are used.
    if "?" in cursor:
        return dict(parse_qsl(urlsplit(cursor).query))
    return {"cursor": cursor, **size}


def _number(place: Object, names: Sequence[str]) -> int | None:
    for name in names:
        value = place.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
