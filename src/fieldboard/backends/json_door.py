"""The door for bodies that claim to be JSON: nothing hostile or broken comes past it.

What is taken here keeps every rule of JSON and a few of ours; lists of rows are read by `json_list`.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple, NoReturn, cast

from fieldboard.domain.operation import Json
from fieldboard.text import clean

MAX_DEPTH: Final = 64
MAX_ROW: Final = 1024 * 1024
"""Characters of one row."""

_BOM: Final = b"\xef\xbb\xbf"
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_SPELLED: Final = re.compile(r"\\[bfru]")
"""Escapes that may stand for what `clean` drops."""


class NotJson(ValueError):
    """A body that is no answer of an API. The text is half a sentence: "answered with …"."""


class WebPage(NotJson):
    """A web page where an API's answer should be: a proxy, a captive portal, a wrong address."""


class BadValue(ValueError):
    """A value that JSON allows nobody, or that we do."""


class RowText(NamedTuple):
    """One row of a list: its value and its text, or `why` it cannot be used."""

    value: dict[str, Json] | None
    raw: str
    why: str | None = None


def parse(body: bytes, content_type: str = "") -> Json:
    """The value of a whole body, every rule checked. Raises NotJson.

    Bytes that are no UTF-8 become replacement characters.
    """
    text = checked(body, content_type).decode("utf-8", "replace")
    try:
        value = EXACT.decode(text)
    except BadValue as bad:
        raise NotJson(f"answered with JSON that cannot be used: {bad}") from None
    except (ValueError, RecursionError):
        raise NotJson("answered with something that is not JSON, or only half of it") from None
    return cast(Json, value)


def checked(body: bytes, content_type: str) -> bytes:
    """A body that may be JSON: no page, no byte order mark, not nested beyond 64. Raises NotJson."""
    body = body.removeprefix(_BOM)
    first = body[:64].lstrip(b" \t\r\n")[:1]
    if first == b"<" or content_type in ("text/html", "application/xhtml+xml"):
        raise WebPage("answered with a web page, not the API")
    if not first and not body.strip(b" \t\r\n"):
        raise NotJson("answered with nothing")
    _check_depth(body)
    return body


def cleaned(row: RowText) -> str:
    """The row's text as it may be kept: what it spells out is cleaned, everything else stays."""
    raw = row.raw
    # What is printable and spells nothing out in escapes has nothing to be cleaned of.
    spelled = "\\" in raw and _SPELLED.search(raw) is not None
    if not spelled and (("\x7f" not in raw) if raw.isascii() else raw.isprintable()):
        return raw
    if row.value is None:
        return clean(raw)
    return json.dumps(_cleaned(row.value), ensure_ascii=False, separators=(",", ":"))


def _cleaned(value: Json) -> Json:
    if isinstance(value, str):
        return clean(value, MAX_ROW)
    if isinstance(value, dict):
        return {clean(key): _cleaned(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    return value


def _check_depth(body: bytes) -> None:
    """Raise NotJson for nesting beyond the limit.

    Innermost pairs of brackets are struck out as many times as it may be deep. Where that does not
    end in nothing, brackets in texts may be why: the texts are taken out, and it is done again.
    """
    if not _left_over(_brackets(body)):
        return
    left = _left_over(_brackets(_STRING.sub(b"", body)))
    # What cannot be struck out at all is no JSON, which the parser says better.
    if b"[]" in left:
        raise NotJson(f"answered with JSON nested more than {MAX_DEPTH} deep")


def _brackets(body: bytes) -> bytes:
    return body.translate(_ONE_KIND, _NOT_BRACKETS)


def _left_over(brackets: bytes) -> bytes:
    for _ in range(MAX_DEPTH):
        if b"[]" not in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return brackets


def doubtful(raw: str) -> str | None:
    """Why a text that is JSON cannot be used all the same; None where it can."""
    try:
        EXACT.decode(raw)
    except BadValue as bad:
        return str(bad)
    except ValueError:
        return "not JSON"
    return None


def _no_constant(name: str) -> NoReturn:
    raise BadValue(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BadValue("a number out of range")
    return number


def _whole(text: str) -> int:
    if len(text) > 19:
        raise BadValue("a number with too many digits")
    return int(text)


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise BadValue("a key that comes twice")
    return made


FAST: Final = json.JSONDecoder(parse_constant=_no_constant)
EXACT: Final = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_no_twins
)
LENIENT: Final = json.JSONDecoder(parse_constant=lambda _: None, parse_int=lambda _: 0)
