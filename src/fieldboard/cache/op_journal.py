"""outbox.journal.jsonl: an append-only copy of each operation, from which a damaged outbox is salvaged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fieldboard import paths

LIMIT: Final = 8 << 20
"""Bytes after which the journal is begun anew; the one before is kept."""


def append(path: Path, entries: Iterable[Mapping[str, Any]], *, sync: bool) -> None:
    """Add one line an entry; with `sync` they are on the disk when this returns. Raises OSError."""
    text = "".join(json.dumps(entry, ensure_ascii=True, separators=(",", ":")) + "\n" for entry in entries)
    if not path.exists():
        paths.private_file(path)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, text.encode())
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)


def rotate(path: Path) -> None:
    """Begin anew where the journal has grown too large. The outbox must be held for writing."""
    if path.exists() and path.stat().st_size > LIMIT:
        path.replace(path.with_name(path.name + ".1"))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The entries, oldest first, of the journal and of the one before; a torn line is left out."""
    for part in (path.with_name(path.name + ".1"), path):
        try:
            lines = part.read_bytes().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry
