"""Text that came from elsewhere: cleaned at the door, drawn in a known number of cells.

Two doors. `clean` keeps what people wrote and drops what only a terminal would act on (escape
sequences, bidi overrides, invisible characters). `one_line` and `fit` go further, for drawing only:
what terminals disagree about (joined emoji, flags, private use) is replaced by something that all of
them draw in the same number of cells.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

LIMIT: Final = 10_000
"""Characters kept of one text, unless the caller says otherwise."""

MARKS: Final = 4
"""Combining marks kept on one character; living scripts need no more, floods have hundreds."""

ELLIPSIS: Final = "…"
LINE_MARK: Final = "↵"
"""What a line break looks like where there is only one line."""

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

_CACHED: Final = 8192

# Invisible by definition, though not of category Cf (Unicode: Default_Ignorable_Code_Point).
_INVISIBLE: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0}
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9)}
)
# A whole plane's beginning: as a set it would take half a megabyte.
_TAGS: Final = range(0xE0000, 0xE1000)

# Narrow before Unicode 16, wide since: terminals disagree.
_DISPUTED: Final = frozenset(
    [*range(0x2630, 0x2638), *range(0x268A, 0x2690), *range(0x4DC0, 0x4E00), *range(0x1D300, 0x1D37A)]
)

_FORMULA: Final = frozenset("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


def _invisible(code: int) -> bool:
    return code in _INVISIBLE or code in _TAGS


class _Table(dict[int, str]):
    """A translation table for `str.translate` that works its entries out when they are met."""

    def __missing__(self, code: int) -> str:
        value = self.work_out(chr(code))
        # A hostile text may hold every character there is; the table must not.
        if len(self) < _CACHED:
            self[code] = value
        return value

    def work_out(self, character: str) -> str:
        raise KeyError(character)


class _Clean(_Table):
    def work_out(self, character: str) -> str:
        if character in "\n\t":
            return character
        if character in "\r\u2028\u2029":
            return "\n"
        # Cc: C0, DEL, C1. Cf: bidi controls, zero-width, tags, soft hyphen. Cs: half a surrogate pair.
        if _invisible(ord(character)) or unicodedata.category(character) in ("Cc", "Cf", "Cs"):
            return ""
        return character


class _Drawable(_Table):
    def work_out(self, character: str) -> str:
        if character in "\n\r\u2028\u2029":
            return LINE_MARK
        if character == "\t":
            return " "
        code = ord(character)
        if 0x1F1E6 <= code <= 0x1F1FF:
            return chr(ord("A") + code - 0x1F1E6)  # flags: the two letters of the country
        if 0x1F3FB <= code <= 0x1F3FF or code == 0x20E3:
            return ""  # skin tones, keycaps: belong to the character before
        if _invisible(code):
            return ""
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs"):
            return ""
        if code in _DISPUTED or category in ("Cn", "Co"):
            return REPLACEMENT
        return " " if category == "Zs" and code != 0x3000 else character


class _Widths(dict[str, int]):
    def __missing__(self, character: str) -> int:
        code = ord(character)
        if unicodedata.category(character)[0] == "M" or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
            width = 0  # combining marks; vowels and finals of Hangul, which join the syllable's first letter
        else:
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if len(self) < _CACHED:
            self[character] = width
        return width


_CLEAN: Final = _Clean()
_DRAWABLE: Final = _Drawable()
_WIDTHS: Final = _Widths()


def clean(text: str, limit: int = LIMIT) -> str:
    """The text without anything that a terminal would act on or that nobody can see.

    Keeps line breaks (as newlines) and tabs; drops other control characters, bidi and zero-width ones, tags
    and halves of surrogate pairs; at most `MARKS` combining marks stay on a character, none at the start
    of a line; the result is in NFC. What is longer than `limit` characters ends with an ellipsis.
    """
    if text.isascii() and text.isprintable():
        return _cut(text, limit)
    # Four raw characters a kept one: enough for any honest text, and a flood costs no more than that.
    text = text[: 4 * limit].replace("\r\n", "\n").translate(_CLEAN)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        if max(text) >= "\u0300":
            text = _without_floods(text)
    return _cut(text, limit)


def one_line(text: str) -> str:
    """The text for one line of a terminal: line breaks visible, every character of a known width."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").translate(_DRAWABLE)
    return text if text.isascii() else _without_floods(unicodedata.normalize("NFC", text))


def cell_width(text: str) -> int:
    """How many cells a terminal needs for what `one_line` returned."""
    if text.isascii():
        return len(text)
    return sum(map(_WIDTHS.__getitem__, text))


@lru_cache(maxsize=4096)
def single_cells(text: str) -> bool:
    """Whether every character of what `one_line` returned takes one cell."""
    return text.isascii() or {*map(_WIDTHS.__getitem__, text)} == {1}


def fit(text: str, width: int) -> str:
    """The text as one line of exactly `width` cells: padded with spaces, or cut with an ellipsis.

    `width` of 0 or less gives the empty text.
    """
    if width <= 0:
        return ""
    text = one_line(text)
    cells = cell_width(text)
    if cells <= width:
        return text + " " * (width - cells)
    if text.isascii():
        return text[: width - 1] + ELLIPSIS
    widths, room, end = _WIDTHS, width - 1, 0
    for character in text:
        room -= widths[character]
        if room < 0:
            room += widths[character]
            break
        end += 1
    return text[:end] + ELLIPSIS + " " * room


def csv_safe(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula (a leading apostrophe is put before it).

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    start = text.lstrip(" \u00a0")[:1]
    return "'" + text if start and start in _FORMULA else text


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + ELLIPSIS[: max(limit, 0)]


def _without_floods(text: str) -> str:
    kept: list[str] = []
    marks = MARKS  # at the start of a line there is nothing to sit on
    for character in text:
        if character >= "\u0300" and unicodedata.category(character)[0] == "M":
            marks += 1
            if marks > MARKS:
                continue
        else:
            marks = MARKS if character == "\n" else 0
        kept.append(character)
    return "".join(kept)
