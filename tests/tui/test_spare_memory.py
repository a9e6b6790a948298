"""Memory that is handed back at rest: when, and on which computers."""

from __future__ import annotations

import asyncio
import ctypes
import platform
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from fieldboard.board.desk import Desk
from fieldboard.tui import desk_thread, spare_memory
from fieldboard.tui.desk_thread import DeskThread
from tests.tui.driver import opened
from tests.tui.world import BoardWorld

Given = SimpleQueue[str]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """The threads that have handed memory back."""
    found: Given = SimpleQueue()
    monkeypatch.setattr(desk_thread, "give_back", lambda: found.put(threading.current_thread().name))
    return found


@pytest.fixture
def trimmer() -> Iterator[None]:
    spare_memory._trimmer.cache_clear()
    yield
    spare_memory._trimmer.cache_clear()


def test_it_is_handed_back_once_after_each_spell_of_work(world: BoardWorld, given: Given) -> None:
    thread = DeskThread(world.desk, lambda _: True)
    told = []
    for busy in (True, False, False, True, True, False, False):
        thread._rest(busy=busy)
        told.append(given.qsize())
    assert told == [0, 1, 1, 1, 1, 2, 2]


def test_the_thread_of_the_desk_does_it(world: BoardWorld, given: Given) -> None:
    thread = DeskThread(world.desk, lambda _: True, poll_s=0.01)
    thread.start()
    try:
        assert given.get(timeout=20) == "desk"
        thread.ask(Desk.today)
        assert given.get(timeout=20) == "desk"
        thread.worked_elsewhere()
        assert given.get(timeout=20) == "desk"
    finally:
        thread.stop()


async def test_what_counting_the_rows_of_a_filter_leaves_is_handed_back_too(
    world: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: SimpleQueue[None] = SimpleQueue()
    monkeypatch.setattr(DeskThread, "worked_elsewhere", lambda _: counted.put(None))
    async with opened(world) as it:
        await it.do("filter")
        await it.keys("b")
        await asyncio.to_thread(counted.get, timeout=20)


@pytest.mark.usefixtures("trimmer")
def test_glibc_is_asked_and_any_other_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    if platform.libc_ver()[0] == "glibc":
        assert spare_memory._trimmer().__name__ == "malloc_trim"
        spare_memory.give_back()
        spare_memory._trimmer.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    spare_memory.give_back()
