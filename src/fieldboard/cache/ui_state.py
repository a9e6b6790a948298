"""ui.json: the place where the board was left. Small, written as a whole, tolerant of rubbish."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fieldboard.cache.connection import in_our_words
from fieldboard.cache.files import ProfileFiles
from fieldboard.domain.operation import Json

LIMIT = 1 << 20
"""Bytes beyond which a file is no remembered place of ours."""


def load(files: ProfileFiles) -> dict[str, Json]:
    """What was remembered; empty where there is nothing, or nothing that makes sense."""
    try:
        if files.ui.stat().st_size > LIMIT:
            return {}
        found = json.loads(files.ui.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def save(files: ProfileFiles, values: Mapping[str, Json]) -> None:
    """Remember `values` in place of all before. Raises StorageError; what was remembered stays then."""
    text = json.dumps(values, ensure_ascii=False, indent=1)
    with in_our_words(files.ui):
        handle, name = tempfile.mkstemp(prefix=".ui-", dir=files.folder)
        place = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            place.replace(files.ui)
        except BaseException:
            with suppress(OSError):
                place.unlink()
            raise
