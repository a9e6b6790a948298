"""Whatever is typed in one breath does what it does when it is typed slowly, wherever it is cut in parts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from fieldboard.tui.dialogs.assign_picker import AssignPicker
from fieldboard.tui.paste_parser import PasteParser
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld

DOWN, LEFT, BACK = "\x1b[B", "\x1b[D", "\x7f"
ESC = "\N{BROKEN CIRCLE WITH NORTHWEST ARROW}"

SYNC = {
    "filter": "fsk:",
    "search": "/abc",
    "new job": "cabc",
    "assign": "ada14",
    "command": ":abc",
    "times": "e143",
    "help": "?fil",
    "palette": "\x10fil",
}
"""What opens its dialog at once, and text for it."""

ASKED = {
    "edit": "Eab",
    "note": "oab",
    "details, then edit": "\rEab",
    "command, then edit": ":ed 4433\rab",
}
"""What opens its dialog when the desk has answered, and text for it."""


def typed(text: str) -> list[events.Event]:
    """What a terminal's driver makes of it; for `ESC` a lone escape."""
    keys: list[events.Event] = []
    for nth, part in enumerate(text.split(ESC)):
        if nth:
            keys.append(events.Key("escape", "\x1b"))
        keys += [one for one in PasteParser().feed(part) if isinstance(one, events.Event)] if part else []
    return keys


def send(it: Driver, some: list[events.Event]) -> None:
    for one in some:
        it.app.post_message(type(one)(*_parts(one)))


def _parts(one: events.Event) -> tuple[Any, ...]:
    if isinstance(one, events.Key):
        return one.key, one.character
    assert isinstance(one, events.Paste)
    return (one.text,)


def outcome(it: Driver) -> tuple[object, ...]:
    """Which dialog is open and what stands in it, and where the cursor is."""
    screen = it.app.screen
    texts = {one.id: one.value for one in screen.query(Input)} if it.dialog else {}
    chosen = (screen.letters, screen.digits) if isinstance(screen, AssignPicker) else None
    focused = it.app.focused.id if it.app.focused is not None else None
    return it.dialog, texts, chosen, focused, it.selected_id(), it.pane


@asynccontextmanager
async def on_a_visit(world: BoardWorld) -> AsyncIterator[Driver]:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        yield it


def _late(answers: threading.Event, _: object) -> None:
    answers.wait(60)


async def slowly(it: Driver, text: str) -> tuple[object, ...]:
    """What comes of it where each key waits for the one before."""
    for one in typed(text):
        send(it, [one])
        await it.settle()
    return outcome(it)


async def turned(happens: Callable[[], bool]) -> None:
    """Let the loop turn until something is so, and not once more."""
    while not happens():  # noqa: ASYNC110 - an event would be seen a turn too late
        await asyncio.sleep(0)


async def closed(it: Driver) -> None:
    while it.dialog:
        it.app.pop_screen()
        await it.settle()
    await it.put_cursor_on("v4433")


@pytest.mark.parametrize("text", [*SYNC.values(), *ASKED.values()], ids=[*SYNC, *ASKED])
async def test_a_burst_in_two_parts_does_what_it_does_slowly(world: BoardWorld, text: str) -> None:
    async with on_a_visit(world) as it:
        expected = await slowly(it, text)
        assert it.dialog
        keys = typed(text)
        for at in range(1, len(keys) + 1):
            # The second part comes at the first moment at which it could go to the dialog.
            await closed(it)
            send(it, keys[:at])
            await turned(lambda: it.app.focused is not None or not it.app.typed_ahead.stands)
            send(it, keys[at:])
            await it.settle()
            assert outcome(it) == expected, f"split at {at}"


@pytest.mark.parametrize("text", ASKED.values(), ids=list(ASKED))
async def test_a_burst_waits_for_a_dialog_that_the_desk_is_asked_about(world: BoardWorld, text: str) -> None:
    async with on_a_visit(world) as it:
        expected = await slowly(it, text)
        keys = typed(text)
        for at in range(1, len(keys)):
            await closed(it)
            answers = threading.Event()
            it.app.thread.ask(partial(_late, answers))
            send(it, keys[:at])
            await it.pilot.pause()
            send(it, keys[at:])
            await it.pilot.pause()
            answers.set()
            await it.settle()
            assert outcome(it) == expected, f"split at {at}"


@pytest.mark.parametrize("text", SYNC.values(), ids=list(SYNC))
async def test_a_burst_waits_for_a_board_that_is_busy(world: BoardWorld, text: str) -> None:
    async with on_a_visit(world) as it:
        expected = await slowly(it, text)
        keys = typed(text)
        for at in range(1, len(keys)):
            await closed(it)
            goes_on = asyncio.Event()
            it.board.call_later(goes_on.wait)
            send(it, keys[:at])
            await asyncio.sleep(0.01)
            send(it, keys[at:])
            goes_on.set()
            await it.settle()
            assert outcome(it) == expected, f"split at {at}"


@pytest.mark.parametrize(
    "text",
    [
        f"fab{LEFT}c",
        f"fabc{LEFT}{LEFT}{BACK}d",
        f"/4433{DOWN}x",
        "/44\x1b[200~33 boiler\x1b[201~x",
        "fabc\x1b[200~def\x1b[201~ghi",
        "f\x1b[200~def\x1b[201~ghi",
        "E\x1b[200~def\x1b[201~ghi",
        "fabc\t\x1b[Zdef",
        "cTap\tabc\tdef",
        f"cTap{DOWN}{DOWN}abc",
        "/4452\rEabcd",
        "/4452\r:edit 4433\rabcd",
        "/4452\rjjkf",
        f"/44{DOWN}{DOWN}\r",
        ":search boi\rler",
        ":fil\tskill",
        f":fil{DOWN}\rxyz",
        ":nonsense\rxyz",
        ":filter boiler\rfxyz",
        "\x10filter\rxyz",
        "?filter\rxyz",
        f"?filter{DOWN}{BACK}x",
        f"a{ESC}fabc",
        f"/boiler{ESC}jj\r",
        f"fabc{ESC}/abc",
        f":x{ESC}jjfabc",
        f"cabc{ESC}{ESC}fde",
        f"adai{BACK}{BACK}14",
        "fabc\rfde",
    ],
)
async def test_one_breath_is_as_good_as_another(text: str, make_world: Callable[[str], BoardWorld]) -> None:
    async with on_a_visit(make_world("slowly")) as it:
        expected = await slowly(it, text)
    async with on_a_visit(make_world("at once")) as it:
        send(it, typed(text))
        await it.settle()
        assert outcome(it) == expected


@pytest.mark.parametrize("text", ["a\rjfabc", "adai\r\r:note mind the dog\rfx", "a\ra\rfx"])
async def test_what_follows_an_edit_comes_after_it(
    text: str, make_world: Callable[[str], BoardWorld]
) -> None:
    async with on_a_visit(make_world("slowly")) as it:
        expected = await slowly(it, text), [one.label for one in await it.saved()]
    async with on_a_visit(make_world("at once")) as it:
        send(it, typed(text))
        await it.settle()
        assert (outcome(it), [one.label for one in await it.saved()]) == expected


async def test_where_the_desk_cannot_be_opened_keys_go_on(world: BoardWorld) -> None:
    async with on_a_visit(world) as it:
        thread = it.app.thread
        fails = threading.Event()

        def failing(_: object) -> None:
            fails.set()
            raise OSError("no desk")

        thread.ask(failing)
        send(it, typed("Eabc"))
        await it.settle()
        assert fails.is_set()
        assert it.dialog == "JobForm"


async def test_escape_takes_back_an_enter_that_waits_for_an_answer(world: BoardWorld) -> None:
    async with on_a_visit(world) as it:
        answers = threading.Event()
        it.app.thread.ask(lambda _: answers.wait(60))
        send(it, typed("a\r"))
        await it.until_true(lambda: getattr(it.app.screen, "enter_waits", False))
        send(it, typed(ESC))
        await it.until_true(lambda: not getattr(it.app.screen, "enter_waits", True))
        answers.set()
        await it.settle()
        assert it.dialog == "AssignPicker"
        assert not await it.saved()
