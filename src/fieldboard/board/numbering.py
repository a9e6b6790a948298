"""Numbers for jobs that are created here, where the system wants one before it has seen the job."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

_NUMBER: Final = re.compile(r"(.*?\D|)(\d{1,9})(-[A-Z]{2})?")
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def next_number(numbers: Iterable[str], suffix: str) -> str:
    """The highest number seen plus one, written as that one is, with the desk's suffix.

    More than nine digits are no number to go on from (a telephone number in the wrong field).
    `4471` leads to `4472-KX`, `JOB-0099` to `JOB-0100-KX`; nothing seen leads to `1-KX`.
    """
    highest, prefix, width = 0, "", 1
    for text in numbers:
        match = _NUMBER.fullmatch(text)
        if match is not None and int(match[2]) > highest:
            highest, prefix, width = int(match[2]), match[1], len(match[2])
    return f"{prefix}{highest + 1:0{width}}-{suffix}"


def desk_suffix(name: str | None = None) -> str:
    """Two letters for this computer, so that two desks do not give one number to two jobs."""
    digest = sha256((platform.node() if name is None else name).encode()).digest()
    return _LETTERS[digest[0] % len(_LETTERS)] + _LETTERS[digest[1] % len(_LETTERS)]
