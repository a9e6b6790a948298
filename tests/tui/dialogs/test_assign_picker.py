"""Choosing a technician by keys and by mouse."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from fieldboard.board.candidates import Candidate, Candidates
from fieldboard.domain.instants import Instant
from fieldboard.domain.technician import Technician
from fieldboard.tui.dialogs.assign_picker import AssignChoice, AssignPicker
from fieldboard.tui.dialogs.choice_list import ChoiceList
from tests.snapshots.text_screen import screen_text
from tests.tui.dialogs import world
from tests.tui.dialogs.stage import Stage, played, settle


def picker() -> AssignPicker:
    return AssignPicker(world.BOILER, world.ranked, world.ZONE, day=world.DAY)


async def chosen(keys: Sequence[str], dialog: AssignPicker | None = None) -> list[Any]:
    async with played(Stage(dialog or picker()), (80, 24), keys) as pilot:
        assert isinstance(pilot.app, Stage)
        return pilot.app.answers


async def test_enter_takes_the_best_at_its_time() -> None:
    assert await chosen(["enter"]) == [AssignChoice("t4", world.at("10:45"))]


async def test_letters_and_digits_name_somebody_and_a_time() -> None:
    """`d a 1 4 Enter`: Dai at 14:00; that is outside the promise, so a second Enter is wanted."""
    assert await chosen([*"da14", "enter"]) == []
    assert await chosen([*"da14", "enter", "enter"]) == [AssignChoice("t4", world.at("14:00"), True)]


async def test_a_time_that_breaks_nothing_needs_one_enter() -> None:
    assert await chosen([*"da10", "enter"]) == [AssignChoice("t4", world.at("10:00"))]
    assert await chosen([*"0930", *"gre", "enter"]) == [AssignChoice("t7", world.at("09:30"))]


async def test_a_name_that_begins_so_goes_before_one_that_has_it_within() -> None:
    """Ida and Adam have `da` in them too, but Dai begins with it."""
    async with played(Stage(picker()), (80, 24), "da") as pilot:
        selected = pilot.app.screen.query_one(ChoiceList).selected
        assert isinstance(selected, Candidate)
        assert selected.technician.name == "Dai Evans"
        assert pilot.app.screen.query_one(ChoiceList).choices_count == 3


async def test_accents_need_not_be_typed() -> None:
    async with played(Stage(picker()), (80, 24), "joao") as pilot:
        selected = pilot.app.screen.query_one(ChoiceList).selected
        assert isinstance(selected, Candidate)
        assert selected.technician.name == "João Fonseca"


async def test_a_broken_rule_is_named_before_it_is_broken() -> None:
    async with played(Stage(picker()), (80, 24), [*"chl", "enter"]) as pilot:
        assert isinstance(pilot.app, Stage)
        assert pilot.app.answers == []
        assert "Chloé Martin: no 120 min free before 17:00. Enter again" in screen_text(pilot.app)
        await pilot.press("enter")
        assert pilot.app.answers == [AssignChoice("t3", None, True)]


async def test_moving_on_takes_the_question_back() -> None:
    assert await chosen(["down", "down", "enter", "down", "enter"]) == []


async def test_backspace_takes_back_what_was_typed_last() -> None:
    async with played(Stage(picker()), (80, 24), ["d", "a", "1", "4", "backspace", "backspace"]) as pilot:
        dialog = pilot.app.screen
        assert isinstance(dialog, AssignPicker)
        assert (dialog.letters, dialog.digits) == ("da", "")


async def test_escape_clears_first_and_then_leaves() -> None:
    async with played(Stage(picker()), (80, 24), [*"da14", "escape"]) as pilot:
        assert isinstance(pilot.app, Stage)
        assert isinstance(pilot.app.screen, AssignPicker)
        assert pilot.app.screen.letters == ""
        await pilot.press("escape")
        assert pilot.app.answers == [None]


async def test_digits_that_are_no_time_are_not_taken() -> None:
    async with played(Stage(picker()), (80, 24), "2570") as pilot:
        assert isinstance(pilot.app.screen, AssignPicker)
        assert pilot.app.screen.digits == "20"


async def test_a_click_selects_and_a_double_click_assigns() -> None:
    async with played(Stage(picker()), (80, 24)) as pilot:
        assert isinstance(pilot.app, Stage)
        await pilot.click(ChoiceList, offset=(10, 1))
        await settle(pilot)
        assert pilot.app.answers == []
        await pilot.click(ChoiceList, offset=(10, 1), times=2)
        await settle(pilot)
        assert pilot.app.answers == [AssignChoice("t7", world.at("11:20"))]


async def test_the_wheel_scrolls() -> None:
    async with played(Stage(picker()), (80, 24)) as pilot:
        choices = pilot.app.screen.query_one(ChoiceList)
        assert choices.overflows
        await pilot._post_mouse_events([_wheel()], ChoiceList, offset=(5, 5))
        assert choices.top == choices.last_top


def _wheel() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_enter_that_comes_before_the_ranking_waits_for_it() -> None:
    """Keys are never lost: Enter typed at once takes the best when the slow ranking is there."""
    ready = threading.Event()

    def slow(start: Instant | None) -> Candidates:
        ready.wait()
        return world.ranked(start)

    stage = Stage(AssignPicker(world.BOILER, slow, world.ZONE, day=world.DAY))
    async with stage.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert stage.answers == []
        ready.set()
        await settle(pilot)
        assert stage.answers == [AssignChoice("t4", world.at("10:45"))]


async def test_the_ranking_is_asked_for_a_time_only_when_it_changes() -> None:
    asked: list[Instant | None] = []

    async def rank(start: Instant | None) -> Candidates:
        asked.append(start)
        return world.ranked(start)

    await chosen([*"da14", "backspace", "4"], AssignPicker(world.BOILER, rank, world.ZONE, day=world.DAY))
    assert asked == [None, world.at("14:00")]


async def test_a_ranking_that_fails_says_so_and_can_be_left() -> None:
    def broken(start: Instant | None) -> Candidates:
        raise OSError(str(start))

    stage = Stage(AssignPicker(world.BOILER, broken, world.ZONE, day=world.DAY))
    async with played(stage, (80, 24), ["enter"]) as pilot:
        assert "could not be ranked" in screen_text(pilot.app)
        await pilot.press("escape")
        assert stage.answers == [None]


async def test_a_thousand_technicians_are_drawn_only_where_they_are_seen() -> None:
    people = tuple(
        Candidate(Technician(id=f"t{n}", name=f"Technician {n:04d}"), n, 50, 0, 60, ("x",), (), 5)
        for n in range(1, 1001)
    )
    drawn = 0

    def rank(_start: Instant | None) -> Candidates:
        return Candidates(world.BOILER, world.DAY, False, people, ())

    dialog = AssignPicker(world.BOILER, rank, world.ZONE, day=world.DAY)
    whole = dialog._draw

    def counted(one: Candidate, width: int) -> Any:
        nonlocal drawn
        drawn += 1
        return whole(one, width)

    dialog._draw = counted  # type: ignore[method-assign]
    async with played(Stage(dialog), (80, 24), ["end"]) as pilot:
        assert pilot.app.screen.query_one(ChoiceList).place == 1000
        assert drawn < 100


@pytest.mark.parametrize("hostile", ["[red]x[/red]", "\x1b[31mEvil\x1b[0m", "\u202elive", "家庭の職人" * 30])
async def test_hostile_names_stay_in_their_cells(hostile: str) -> None:
    one = Candidate(
        Technician(id="t1", name=hostile), 1, 50, world.at("10:00"), world.at("11:00"), ("x",), (), 5
    )
    stage = Stage(
        AssignPicker(
            world.BOILER._replace(title=hostile, customer=hostile),
            lambda _start: Candidates(world.BOILER, world.DAY, False, (one,), ()),
            world.ZONE,
            day=world.DAY,
        )
    )
    async with played(stage, (80, 24)) as pilot:
        text = screen_text(pilot.app)
        assert "\x1b" not in text
        assert all(line.endswith("│") for line in text.split("\n")[:24] if line.lstrip().startswith("│"))
        if hostile.startswith("["):
            assert "[red]x" in text


async def test_estimated_times_are_marked() -> None:
    async def rank(start: Instant | None) -> Candidates:
        return replace(world.ranked(start), estimated=True)

    dialog = AssignPicker(world.BOILER, rank, world.ZONE, day=world.DAY)
    async with played(Stage(dialog), (80, 24)) as pilot:
        assert "~10:45–12:45" in screen_text(pilot.app)
    async with played(Stage(picker()), (80, 24)) as pilot:
        assert "~10:45" not in screen_text(pilot.app)
