"""A list of JSON row by row: a hundred thousand jobs in one body are never all objects at once.

A bad row costs only itself, and a row's own text is at hand without writing it anew. The cheap ways are taken
first; the slow and exact ones only where something looks odd.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, Final, NoReturn, cast

from pydantic_core import from_json

from fieldboard.backends.json_door import (
    EXACT,
    FAST,
    LENIENT,
    MAX_ROW,
    BadValue,
    NotJson,
    RowText,
    checked,
    doubtful,
)
from fieldboard.backends.json_keys import Holders, at_least, keys_of
from fieldboard.domain.operation import Json

_BEGINNING: Final = re.compile(r'\{[ \t\n\r]*"[^"\\]*"[ \t\n\r]*:')
_GIVES_UP: Final = 20
"""After so many guesses in a row that came to nothing, rows are not guessed at any more."""
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_SPACES: Final = " \t\n\r"
_SPACED: Final = re.compile(r'"[ \t\n\r]+:')


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
        self._text = checked(body, content_type).decode("latin-1")
        self._names = names
        self._at = 0
        self._holders: Holders = {}
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
            value, self._at = FAST.raw_decode(text, start)
        except json.JSONDecodeError:
            self._broken()
        except ValueError as bad:
            # The row is JSON, but for one value: find its end, and go on behind it.
            why = str(bad) if isinstance(bad, BadValue) else "a number with too many digits"
            self._at = self._end_of(start)
        raw = text[start : self._at]
        if not raw.isascii():
            raw = _decoded(raw)
            value = FAST.decode(raw) if why is None else None
        if len(raw) > MAX_ROW:
            return RowText(None, raw[:MAX_ROW], f"a row larger than {MAX_ROW // 1024} KB")
        if why is None and type(value) is not dict:
            why = "not an object"
        if why is None and self._may_repeat(raw, value):
            why = doubtful(raw)
        return RowText(None if why else value, raw, why)

    def _may_repeat(self, raw: str, value: dict[str, Any]) -> bool:
        """Whether a key may have come twice: every key has its `":`, but for those with space between."""
        keys = raw.count('":')
        # There are never fewer in the text than in the value: where those that earlier rows had lead to as
        # many, these are all.
        if keys != at_least(value, self._holders) and keys != keys_of(value, self._holders):
            return True
        return self._spaced and _SPACED.search(raw) is not None

    def _value(self) -> Json:
        start = self._at
        try:
            value, self._at = EXACT.raw_decode(self._text, start)
            raw = self._text[start : self._at]
            if not raw.isascii():
                value = EXACT.decode(_decoded(raw))
        except BadValue as bad:
            raise NotJson(f"answered with JSON that cannot be used: {bad}") from None
        except ValueError:
            self._broken()
        return cast(Json, value)

    def _end_of(self, start: int) -> int:
        try:
            return LENIENT.raw_decode(self._text, start)[1]
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
