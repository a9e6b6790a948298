"""What commands print: one JSON document, or lines in columns for people."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import click

from fieldboard.text import cell_width, fit, one_line

if TYPE_CHECKING:
    from fieldboard.domain.operation import Json

as_json = click.option("--json", "as_json", is_flag=True, help="print one JSON document")
"""The option that every listing command has."""


def print_json(document: object) -> None:
    """Print one JSON document. Lone surrogates cannot be in it: all text was cleaned at the door."""
    sys.stdout.write(_encoder().encode(document) + "\n")


def print_json_list(documents: Iterable[object]) -> None:
    """Print a JSON list, one member a line, each as soon as it is there: a list may be long."""
    encode = _encoder().encode
    write = sys.stdout.write
    before = "["
    for document in documents:
        write(before + encode(document))
        before = ",\n"
    write("[]\n" if before == "[" else "]\n")


def _encoder() -> json.JSONEncoder:
    """Plain text where standard output takes all of it, else JSON's own escapes."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return json.JSONEncoder(ensure_ascii=encoding != "utf8", allow_nan=False)


def print_table(
    head: Sequence[str], rows: Iterable[Sequence[object]], empty: str, *, whole: Collection[str] = ()
) -> None:
    """Print rows in aligned columns below their heads, or `empty` where there is none.

    None is shown as a dash. What is longer than its column ends with an ellipsis; the first column, by
    which a row is named, and those whose heads are in `whole` are as long as their texts.
    """
    lines = [[_cell(cell) for cell in row] for row in rows]
    if not lines:
        say(empty)
        return
    lines.insert(0, list(head))
    widths = [max(cell_width(line[at]) for line in lines) for at in range(len(head))]
    cut = [at for at in range(1, len(head)) if head[at] not in whole]
    taken = _GAP * (len(head) - 1) + sum(width for at, width in enumerate(widths) if at not in cut)
    for at, width in zip(cut, _narrowed([widths[at] for at in cut], _room(taken)), strict=True):
        widths[at] = width
    for line in lines:
        padded = [fit(cell, width) for cell, width in zip(line, widths, strict=True)]
        _write((" " * _GAP).join(padded).rstrip() + "\n")


_GAP: Final = 2
LONGEST: Final = 60
"""Cells of a column at most, where there is no terminal that says how wide it may be."""
SHORTEST: Final = 16
"""Cells that a column keeps in every terminal: a day and a time."""


def _room(taken: int) -> int | None:
    """Cells for the other columns where somebody looks at a terminal; None where nobody does."""
    return shutil.get_terminal_size().columns - taken if sys.stdout.isatty() else None


def _narrowed(wide: Sequence[int], room: int | None) -> list[int]:
    """Widths of columns that fit into the room, as far as may be: the widest give first."""
    if room is None:
        return [min(width, LONGEST) for width in wide]
    most = max(wide, default=0)
    while most > SHORTEST and sum(min(width, most) for width in wide) > room:
        most -= 1
    return [min(width, most) for width in wide]


def _cell(value: object) -> str:
    if value is None or value == "":
        return "–"
    return one_line(str(value))


def say(text: str) -> None:
    """Print one line for people."""
    _write(one_line(text) + "\n")


def _write(text: str) -> None:
    """Write for people; what the terminal's encoding lacks becomes a question mark."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def warn(text: str) -> None:
    """Print one line on standard error. Where it cannot be written, the exit code has to do."""
    with suppress(OSError, AttributeError):
        sys.stderr.write(one_line(text) + "\n")


def texts(values: Iterable[str]) -> list[Json]:
    """Strings as a JSON list."""
    return list(values)
