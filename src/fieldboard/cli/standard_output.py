"""Standard output as commands see it: what cannot be printed is told as that, not as some error."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from fieldboard.cli.failure import NOT_SAVED, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator


class NotPrinted(Failure):
    """What a command has to say cannot be written to standard output: a full disk, a closed stream."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"the output could not be written ({reason}); make room for it or send it elsewhere", NOT_SAVED
        )


class StandardOutput:
    """A stream whose writing raises NotPrinted where it fails; None stands for one that is closed.

    A reader who has had enough stays a BrokenPipeError: that is no failure.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: Any) -> Any:
        """Write text or bytes, as the stream takes them."""
        if self._stream is None:
            raise NotPrinted("standard output is closed")
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _not_printed(error) from error

    def flush(self) -> None:
        """Write what is still in the buffer."""
        if self._stream is None:
            return
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _not_printed(error) from error

    def isatty(self) -> bool:
        """Whether somebody looks at it."""
        return self._stream is not None and bool(self._stream.isatty())

    def fileno(self) -> int:
        """Its number. Raises OSError where it has none."""
        if self._stream is None:
            raise OSError("standard output is closed")
        return int(self._stream.fileno())

    @property
    def encoding(self) -> str | None:
        """Of its text; None where it is closed."""
        return getattr(self._stream, "encoding", None)

    @property
    def buffer(self) -> StandardOutput:
        """What takes bytes. Raises AttributeError where there is none."""
        return StandardOutput(self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _not_printed(error: OSError) -> NotPrinted:
    return NotPrinted((error.strerror or str(error)).lower())


@contextmanager
def told_by_commands() -> Iterator[None]:
    """Have standard output tell what it cannot write, also of what is still in its buffer at the end.

    At exit nobody could say what became of that.
    """
    kept = sys.stdout
    sys.stdout = cast(TextIO, StandardOutput(kept))
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (BrokenPipeError, NotPrinted):
        drop_the_rest()
        raise
    finally:
        sys.stdout = kept


def drop_the_rest() -> None:
    """Say nothing more: what is still in the buffers would only fail again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
