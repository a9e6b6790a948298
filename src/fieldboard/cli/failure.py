"""How a command ends when it cannot do what was asked: one line and an exit code."""

from __future__ import annotations

import sys

DONE = 0
DEFECT = 1
USAGE = 2
UNDECIDED = 3
UNREACHED = 4
NOT_SAVED = 5
INTERRUPTED = 130


class Failure(Exception):
    """Ends the command: `str(failure)` goes to standard error as one line.

    `code` is one of the exit codes of the command line's contract.
    """

    def __init__(self, says: str, code: int = USAGE) -> None:
        self.code = code
        super().__init__(says)


class Ended(Exception):
    """Ends the command with an exit code after it has said all it had to say."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def failure_of(error: BaseException) -> Failure | None:
    """The failure that an error of another room means; None for a defect of ours.

    Rooms are imported only if they were: an error of a room that was never loaded cannot come.
    """
    if isinstance(error, Failure):
        return error
    for module, names, code in _KNOWN:
        loaded = sys.modules.get(module)
        if loaded is not None and isinstance(error, tuple(getattr(loaded, name) for name in names)):
            return Failure(str(error), code)
    return None


_KNOWN: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("fieldboard.config", ("ConfigError",), USAGE),
    ("fieldboard.tomlfile", ("ConfigError",), USAGE),
    ("fieldboard.secret", ("TokenMissing",), USAGE),
    ("fieldboard.board.naming", ("NotNamed", "NoTime"), USAGE),
    ("fieldboard.board.committing", ("CannotCommit",), USAGE),
    ("fieldboard.cache.errors", ("StorageError",), NOT_SAVED),
    ("fieldboard.backends.port", ("LineDown",), UNREACHED),
)
