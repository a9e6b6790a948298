"""The log: a file in the data folder, small, private, without the token; never the terminal."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Final

from fieldboard.paths import private_dir, private_file
from fieldboard.secret import redact
from fieldboard.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import TextIOWrapper
    from pathlib import Path

NAME: Final = "fieldboard"
MAX_BYTES: Final = 1_000_000
KEPT: Final = 3


class RedactingFormatter(logging.Formatter):
    """One record as text: in UTC, without control characters, with every secret hidden."""

    converter = staticmethod(time.gmtime)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: what must never be written."""
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """The record, a traceback included. What a server sent cannot begin a line of its own."""
        text = clean(super().format(record), limit=20_000).replace("\n", "\n    ")
        for secret in self._secrets:
            text = redact(text, secret)
        return text


class PrivateFileHandler(RotatingFileHandler):
    """A rotating log file that only its owner can read, and whose failure disturbs nobody."""

    def _open(self) -> TextIOWrapper:
        with suppress(OSError):
            from pathlib import Path

            private_file(Path(self.baseFilename))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """A full disk must not write over the board."""


def open_log(
    folder: Path, part: str, secrets: Iterable[str] = (), level: int = logging.INFO
) -> logging.Logger:
    """Send what is logged to ``<part>.log`` in `folder`, and nowhere else.

    Each process has its `part` (board, sync, cli), since two cannot rotate one file. Where the folder
    cannot be written, nothing is logged: a log is no reason to stop.
    """
    logger = logging.getLogger(NAME)
    close_log()
    handler: logging.Handler
    try:
        handler = PrivateFileHandler(
            private_dir(folder) / f"{part}.log",
            maxBytes=MAX_BYTES,
            backupCount=KEPT,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(RedactingFormatter(secrets))
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    return logger


def close_log() -> None:
    """Stop logging and close the file."""
    logger = logging.getLogger(NAME)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
