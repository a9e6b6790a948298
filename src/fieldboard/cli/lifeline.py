"""What ties the processes that a program starts to its own life, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

LAST_S: Final = 8.0
"""How long a process may take to end in good order."""


class Lifeline:
    """Held by a program while it runs, and given to what it starts.

    A pipe is their standard input: it ends with the holder, also by kill -9 (`end_with_stdin`). An open file
    that is locked goes with it: the lock lasts until the last of them has ended, so that whoever comes later
    can tell (`is_held`), by no number that another process may have by then.
    """

    def __init__(self) -> None:
        self._reads, self._writes = os.pipe()
        self._kept: tuple[int, ...] = ()

    def lock(self, path: Path) -> None:
        """Lock a file that exists for all that is started from now on. Windows cannot hand it on."""
        if sys.platform == "win32":
            return
        descriptor = os.open(path, os.O_RDWR)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._kept = (descriptor,)

    def start(
        self,
        command: list[str],
        environ: dict[str, str],
        *,
        stdout: int,
        stderr: int,
        new_session: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a process that can tell by its standard input whether this one is gone. Raises OSError."""
        return subprocess.Popen(
            command,
            env=environ,
            stdin=self._reads,
            stdout=stdout,
            stderr=stderr,
            pass_fds=self._kept,
            start_new_session=new_session,
        )

    def close(self) -> None:
        """Let go: what was started ends now."""
        for descriptor in (self._reads, self._writes, *self._kept):
            os.close(descriptor)
        self._kept = ()


def is_held(path: Path) -> bool:
    """Whether a process runs to which the lock of a file was given."""
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        # A file system without locks tells nothing.
        return False
    finally:
        os.close(descriptor)
    return False


def end_with_stdin() -> None:
    """End this process when its standard input does: in good order, as by SIGTERM, or else at once."""
    threading.Thread(target=_end_with_stdin, name="lifeline", daemon=True).start()


def _end_with_stdin() -> None:
    with suppress(OSError):
        while os.read(0, 64):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_S)
    os._exit(1)
