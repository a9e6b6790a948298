"""The terminal as Textual drives it, but reading sleeps until there is something to read.

Textual's own reader wakes ten times a second to see whether it is to end, or whether an escape stood alone:
a fifth of what a board at rest takes.
"""

from __future__ import annotations

import os
import select
import time
import weakref
from codecs import getincrementaldecoder
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from fieldboard.tui.paste_parser import PasteParser

if TYPE_CHECKING:
    from textual.app import App

AT_ONCE: Final = 4096
"""Bytes read at once."""


class _Waking(Event):
    """An event for which `select` can wait, too: while it is set, `file` can be read."""

    def __init__(self) -> None:
        super().__init__()
        self.file, self._to = os.pipe()
        # Not with the driver's end: one that was suspended reads again.
        weakref.finalize(self, _close, self.file, self._to)

    def set(self) -> None:
        if not self.is_set():
            super().set()
            os.write(self._to, b"!")

    def clear(self) -> None:
        if self.is_set():
            super().clear()
            os.read(self.file, 1)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


class StillDriver(LinuxDriver):
    """Reads keys and the mouse; woken by them, by its end, and where an escape waits for what follows it."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.exit_event: _Waking = _Waking()

    def start_application_mode(self) -> None:
        """Take the terminal, unless this driver has it already.

        A process is continued without having been suspended, too: with the hang-up of a closed terminal, and
        after a SIGSTOP. Textual would then start a second reader, and the first would outlive the board.
        """
        if self._key_thread is None or not self._key_thread.is_alive():
            super().start_application_mode()  # type: ignore[no-untyped-call]

    def run_input_thread(self) -> None:
        parser = PasteParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        files = [self.exit_event.file, self.fileno]
        try:
            while not self.exit_event.is_set():
                readable, _, _ = select.select(files, (), (), _until(parser))
                if self.fileno in readable:
                    if not (said := os.read(self.fileno, AT_ONCE)):
                        # Nobody will type any more: what is at its end can always be read.
                        files.remove(self.fileno)
                    elif text := decode(said):
                        for message in parser.feed(text):
                            self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        finally:
            try:
                for _ in parser.feed(""):
                    pass
            except (EOFError, ParseError):
                pass


def _until(parser: XTermParser) -> float | None:
    """In how many seconds the parser takes what it has for all of it; None where it waits for nothing."""
    due = parser._timeout_time
    return None if due is None else max(0.0, due - time.monotonic())
