"""What commands print: one JSON document, or lines in columns for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from fieldboard.text import cell_width, one_line

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


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows in aligned columns below their heads, or `empty` where there is none.

    The last column is not padded; None is shown as a dash.
    """
    lines = [[_cell(cell) for cell in row] for row in rows]
    if not lines:
        say(empty)
        return
    widths = [max(cell_width(line[at]) for line in [list(head), *lines]) for at in range(len(head))]
    for line in [list(head), *lines]:
        padded = [cell + " " * (width - cell_width(cell)) for cell, width in zip(line, widths, strict=True)]
        _write("  ".join(padded).rstrip() + "\n")


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
