"""The door for bodies that claim to be JSON: nothing hostile or broken comes past it.

A list is taken row by row, so that a company's hundred thousand jobs in one body are never all
objects at once, a bad row costs only itself, and a row's own text is at hand without writing it anew.
The cheap ways are taken first; the slow and exact ones only where something looks odd.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple, NoReturn, cast

from pydantic_core import from_json

from fieldboard.domain.operation import Json
from fieldboard.text import clean

MAX_DEPTH: Final = 64
MAX_ROW: Final = 1024 * 1024
"""Characters of one row."""

_BOM: Final = b"\xef\xbb\xbf"
_NOT_BRACKETS: Final = bytes(code for code in range(256) if code not in b"[]{}")
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_BEGINNING: Final = re.compile(r'\{[ \t\n\r]*"[^"\\]*"[ \t\n\r]*:')
_GIVES_UP: Final = 20
"""After so many guesses in a row that came to nothing, rows are not guessed at any more."""
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_SPACES: Final = " \t\n\r"
_SPACED: Final = re.compile(r'"[ \t\n\r]+:')
_SPELLED: Final = re.compile(r"\\[bfru]")
"""Escapes that may stand for what `clean` drops."""


class NotJson(ValueError):
    """A body that is no answer of an API. The text is half a sentence: "answered with …"."""


class WebPage(NotJson):
    """A web page where an API's answer should be: a proxy, a captive portal, a wrong address."""


class _BadValue(ValueError):
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
    text = _checked(body, content_type).decode("utf-8", "replace")
    try:
        value = _EXACT.decode(text)
    except _BadValue as bad:
        raise NotJson(f"answered with JSON that cannot be used: {bad}") from None
    except (ValueError, RecursionError):
        raise NotJson("answered with something that is not JSON, or only half of it") from None
    return cast(Json, value)


def _checked(body: bytes, content_type: str) -> bytes:
    """A body that may be JSON: no page, no byte order mark, not nested beyond 64. Raises NotJson."""
    body = body.removeprefix(_BOM)
    first = body[:64].lstrip(b" \t\r\n")[:1]
    if first == b"<" or content_type in ("text/html", "application/xhtml+xml"):
        raise WebPage("answered with a web page, not the API")
    if not first and not body.strip(b" \t\r\n"):
        raise NotJson("answered with nothing")
    _check_depth(body)
    return body


class ListBody:
    """A body with one list in it, read once from front to back.

    The list is the first one under one of `names` (or under `data` itself, or the whole body). What
    stands beside it is in `envelope` when the rows are over, with the list left out; `found` says
    whether there was a list at all.
    """

    def __init__(self, body: bytes, names: Collection[str], content_type: str = "") -> None:
        """Nothing is parsed yet. Raises NotJson for a body that cannot be JSON."""
        self.envelope: dict[str, Json] = {}
        self.found = False
        # One byte a character, whatever is in it: one emoji would make the text of a hundred megabytes
        # four times as large. What is not ASCII is decoded row by row.
        self._text = _checked(body, content_type).decode("latin-1")
        self._names = names
        self._at = 0
        self._holders: _Holders = {}
        # Hardly any server writes space before its colons; where one may, that is looked at row by row.
        self._spaced = any(space in self._text and f"{space}:" in self._text for space in _SPACES)

    def rows(self) -> Iterator[RowText]:
        """The rows in order. Raises NotJson where the text stops being JSON; the rows before are good."""
        try:
            self._space()
            if self._peek() == "[":
                yield from self._list()
            elif self._peek() == "{":
                yield from self._object(self.envelope, inside=False)
            else:
                raise NotJson("answered with JSON that is no object")
            self._space()
            if self._at != len(self._text):
                self._broken()
        except (StopIteration, IndexError, RecursionError):
            self._broken()

    def _object(self, into: dict[str, Json], *, inside: bool) -> Iterator[RowText]:
        self._at += 1
        self._space()
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            key = self._value()
            if not isinstance(key, str) or key in into:
                self._broken()
            self._space()
            self._take(":")
            self._space()
            first = self._peek()
            if first == "[" and not self.found and (key in self._names or (key == "data" and not inside)):
                yield from self._list()
                into[key] = []
            elif first == "{" and key == "data" and not inside:
                inner: dict[str, Json] = {}
                yield from self._object(inner, inside=True)
                into[key] = inner
            else:
                into[key] = self._value()
            self._space()
            if self._peek() == ",":
                self._at += 1
                self._space()
                continue
            self._take("}")
            return

    def _list(self) -> Iterator[RowText]:
        self.found = True
        self._at += 1
        self._space()
        if self._peek() == "]":
            self._at += 1
            return
        in_vain = 0
        while True:
            yield self._row()
            end = self._at
            self._space()
            if self._peek() != ",":
                self._take("]")
                return
            self._at += 1
            self._space()
            if in_vain < _GIVES_UP:
                start = self._at
                yield from self._alike(self._text[end:start])
                in_vain = in_vain + 1 if self._at == start else 0

    def _alike(self, between: str) -> Iterator[RowText]:
        """The rows from here on that begin like this one and have `between` them; ends before another.

        Where the next row begins is a guess, which parsing proves: what is whole JSON up to there is a
        row, whatever stands behind it. Anything odd is left to `_row`.
        """
        text, at = self._text, self._at
        beginning = _BEGINNING.match(text, at)
        if beginning is None:
            return
        seam = f"}}{between}{beginning[0]}"
        onward = 1 + len(between)
        while (end := text.find(seam, at, at + MAX_ROW)) >= 0:
            raw = text[at : end + 1]
            if not raw.isascii():
                raw = _decoded(raw)
            try:
                # Several times faster than json, and stricter: what it takes means the same to both.
                value = from_json(raw, allow_inf_nan=False, cache_strings="keys")
            except ValueError:
                return
            if type(value) is not dict or self._may_repeat(raw, value):
                return
            at = self._at = end + onward
            yield RowText(value, raw)

    def _row(self) -> RowText:
        text, start = self._text, self._at
        why: str | None = None
        value: Any = None
        try:
            value, self._at = _FAST.raw_decode(text, start)
        except json.JSONDecodeError:
            self._broken()
        except ValueError as bad:
            # The row is JSON, but for one value: find its end, and go on behind it.
            why = str(bad) if isinstance(bad, _BadValue) else "a number with too many digits"
            self._at = self._end_of(start)
        raw = text[start : self._at]
        if not raw.isascii():
            raw = _decoded(raw)
            value = _FAST.decode(raw) if why is None else None
        if len(raw) > MAX_ROW:
            return RowText(None, raw[:MAX_ROW], f"a row larger than {MAX_ROW // 1024} KB")
        if why is None and type(value) is not dict:
            why = "not an object"
        if why is None and self._may_repeat(raw, value):
            why = _doubtful(raw)
        return RowText(None if why else value, raw, why)

    def _may_repeat(self, raw: str, value: dict[str, Any]) -> bool:
        """Whether a key may have come twice: every key has its `":`, but for those with space between."""
        keys = raw.count('":')
        # There are never fewer in the text than in the value: where those that earlier rows had lead to as
        # many, these are all.
        if keys != _at_least(value, self._holders) and keys != _keys(value, self._holders):
            return True
        return self._spaced and _SPACED.search(raw) is not None

    def _value(self) -> Json:
        start = self._at
        try:
            value, self._at = _EXACT.raw_decode(self._text, start)
            raw = self._text[start : self._at]
            if not raw.isascii():
                value = _EXACT.decode(_decoded(raw))
        except _BadValue as bad:
            raise NotJson(f"answered with JSON that cannot be used: {bad}") from None
        except ValueError:
            self._broken()
        return cast(Json, value)

    def _end_of(self, start: int) -> int:
        try:
            return _LENIENT.raw_decode(self._text, start)[1]
        except ValueError:
            self._broken()

    def _space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        if match is not None:
            self._at = match.end()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, character: str) -> None:
        if self._peek() != character:
            self._broken()
        self._at += 1

    def _broken(self) -> NoReturn:
        raise NotJson("answered with something that is not JSON, or only half of it") from None


def _decoded(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "replace")


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


_Holders = dict[str, "_Holders"]
"""Under which keys earlier rows had objects, or lists of them; the same for these."""
_MOST_HOLDERS: Final = 32
"""More than that in one object are not remembered: its keys are made up."""


def _at_least(value: dict[str, Any], holders: _Holders) -> int:
    """How many keys there are in an object, and in what it holds where earlier rows held something."""
    count = len(value)
    for name, within in holders.items():
        one = value.get(name)
        if one.__class__ is dict:
            count += _at_least(one, within) if within else len(one)
        elif one.__class__ is list:
            for inner in one:
                if inner.__class__ is dict:
                    count += _at_least(inner, within) if within else len(inner)
    return count


def _keys(value: dict[str, Any], holders: _Holders) -> int:
    """How many keys there are in an object and in what it holds; where they are is noted."""
    count = len(value)
    for name, one in value.items():
        within = holders.get(name)
        inside: _Holders = {} if within is None else within
        found = 0
        if one.__class__ is dict:
            found = _keys(one, inside)
        elif one.__class__ is list:
            found = _keys_in(one, inside)
        if found and within is None and len(holders) < _MOST_HOLDERS:
            holders[name] = inside
        count += found
    return count


def _keys_in(values: list[Any], holders: _Holders) -> int:
    count = 0
    for inner in values:
        if inner.__class__ is dict:
            count += _keys(inner, holders)
        elif inner.__class__ is list:
            count += _keys_in(inner, {})
    return count


def _doubtful(raw: str) -> str | None:
    try:
        _EXACT.decode(raw)
    except _BadValue as bad:
        return str(bad)
    except ValueError:
        return "not JSON"
    return None


def _no_constant(name: str) -> NoReturn:
    raise _BadValue(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _BadValue("a number out of range")
    return number


def _whole(text: str) -> int:
    if len(text) > 19:
        raise _BadValue("a number with too many digits")
    return int(text)


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _BadValue("a key that comes twice")
    return made


_FAST: Final = json.JSONDecoder(parse_constant=_no_constant)
_EXACT: Final = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_finite, parse_int=_whole, object_pairs_hook=_no_twins
)
_LENIENT: Final = json.JSONDecoder(parse_constant=lambda _: None, parse_int=lambda _: 0)
