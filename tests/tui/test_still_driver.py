"""The reader of the terminal: asleep until there is something to read, or it is to end."""

from __future__ import annotations

import os
import pty
import select
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver

from fieldboard.tui import still_driver
from fieldboard.tui.app import BoardApp
from fieldboard.tui.still_driver import StillDriver


class Reading:
    """The reader of a file, what it has read, and the file into which is typed."""

    def __init__(self, reads: int, types: int) -> None:
        self.reads, self.types = reads, types
        self.driver = StillDriver.__new__(StillDriver)
        self.driver.fileno = reads
        self.driver._debug = False
        self.driver.exit_event = still_driver._Waking()
        self.read: list[Any] = []
        self.more = threading.Event()
        self.driver.process_message = self._take  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.driver.run_input_thread, daemon=True)

    def _take(self, message: Any) -> None:
        self.read.append(message)
        self.more.set()

    def type(self, text: str) -> None:
        self.more.clear()
        os.write(self.types, text.encode())


@contextmanager
def reading(reads: int, types: int) -> Iterator[Reading]:
    one = Reading(reads, types)
    one.thread.start()
    try:
        yield one
    finally:
        one.driver.exit_event.set()
        one.thread.join(10)
        for file in (one.reads, one.types):
            with suppress(OSError):
                os.close(file)
    assert not one.thread.is_alive()


def terminal() -> tuple[int, int]:
    """Both ends of a pseudo-terminal: from which is read, and into which is typed."""
    types, reads = pty.openpty()
    tty.setraw(reads)
    return reads, types


def test_keys_arrive_and_a_lone_escape_after_its_time() -> None:
    with reading(*terminal()) as one:
        one.type("j")
        assert one.more.wait(10)
        one.type("\x1b")
        assert one.more.wait(10)
        one.type("\x1b[B")
        assert one.more.wait(10)
    assert [message.key for message in one.read if isinstance(message, events.Key)] == ["j", "escape", "down"]


def test_at_rest_it_wakes_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []

    def counted(files: Any, *others: Any) -> Any:
        waits.append(others[-1])
        return select.select(files, *others)

    monkeypatch.setattr(still_driver, "select", SimpleNamespace(select=counted))
    with reading(*terminal()) as one:
        one.type("j")
        assert one.more.wait(10)
    # Where nothing is half read it waits without an end, and is woken to end.
    assert waits
    assert set(waits) == {None}


def test_it_can_end_and_begin_again() -> None:
    event = still_driver._Waking()
    for _ in range(2):
        event.set()
        event.set()
        assert select.select([event.file], [], [], 0)[0]
        event.clear()
        event.clear()
        assert not select.select([event.file], [], [], 0)[0]


def test_where_nobody_can_type_any_more_it_sleeps_until_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    waited, again = [0], threading.Event()

    def counted(files: Any, *others: Any) -> Any:
        waited[0] += 1
        if len(files) == 1:
            again.set()
        return select.select(files, *others)

    monkeypatch.setattr(still_driver, "select", SimpleNamespace(select=counted))
    with reading(*os.pipe()) as one:
        os.write(one.types, b"j")
        assert one.more.wait(10)
        os.close(one.types)
        one.types = -1
        assert again.wait(10)
    # For a key, for what follows it, and for the end.
    assert waited[0] == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux was tried")
def test_the_board_is_driven_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.DRIVER", None)
    app = BoardApp.__new__(BoardApp)
    assert app.get_driver_class() is StillDriver
    monkeypatch.setattr("textual.constants.DRIVER", "textual.drivers.headless_driver:HeadlessDriver")
    assert app.get_driver_class() is HeadlessDriver
