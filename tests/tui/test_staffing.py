"""The acts that not every system has, and the way to another profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from fieldboard.domain.fields import TIMES
from fieldboard.domain.operation import Intent
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import Status
from fieldboard.tui.dialogs.pick import letters_of
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld, at, keep_by_order


def without(world: BoardWorld, *abilities: Ability) -> dict[Ability, str]:
    return {one: why for one, why in world.rules.lacks.items() if one not in abilities}


def numbers(it: Driver) -> list[str]:
    """The numbers of the second technician's visits of the shown day, in order."""
    column = it.board.day.column("t2") if it.board.day is not None else None
    return [one.number for one in column.visits if one.number.startswith("70")] if column is not None else []


@pytest.fixture
def ordered(world: BoardWorld) -> BoardWorld:
    """Tomorrow the second technician has three visits in an order; the system keeps no clock times."""
    keep_by_order(world)
    return world


async def test_a_visit_goes_later_and_earlier_in_one_key_each(ordered: BoardWorld) -> None:
    async with opened(ordered) as it:
        await it.do("next_day", "next_day")
        await it.put_cursor_on("r1")
        await it.do("later")
        (saved,) = await it.saved()
        assert (saved.intent, saved.entity) == (Intent.REORDER, "job:r1")
        assert "2nd of" in it.says
        assert numbers(it) == ["702", "701", "703"]
        await it.do("earlier")
        assert numbers(it) == ["701", "702", "703"]
        assert it.selected is not None
        assert it.selected.id == "r1"


async def test_an_act_keeps_an_estimated_time_in_sight(ordered: BoardWorld) -> None:
    async with opened(ordered) as it:
        await it.do("next_day", "next_day")
        await it.put_cursor_on("r1")
        shown, before = it.selected, it.board.timeline.start
        assert shown is not None
        assert shown.estimated
        await it.do("unassign", "undo")
        assert it.selected == shown
        assert it.board.cursor.at == shown.start
        assert it.board.timeline.start == before


async def test_another_day_is_one_field_where_no_times_are_kept(ordered: BoardWorld) -> None:
    async with opened(ordered) as it:
        await it.do("next_day", "next_day")
        await it.put_cursor_on("r1")
        await it.do("times")
        assert "Start" not in "\n".join(it.lines())
        await it.keys("up", "enter")
        (saved,) = await it.saved()
        assert [(one.field, one.value) for one in saved.changes] == [(TIMES, [None, None, "2026-06-07"])]
        assert "2026-06-07 · only the day is written   u takes it back" in "\n".join(it.lines())


async def test_what_cannot_be_taken_back_is_asked_twice_and_promises_nothing(world: BoardWorld) -> None:
    lifecycle = world.rules.visit_lifecycle
    moves = {Status.ASSIGNED: frozenset({Status.CANCELLED, Status.COMPLETED})}
    world.rules = replace(world.rules, visit_lifecycle=replace(lifecycle, moves=moves))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("status")
        await it.keys("x")
        assert await it.saved() == []
        assert "SURE?" in (shown := "\n".join(it.lines()))
        assert "this cannot be taken back at the system" in shown
        await it.keys("enter")
        (saved,) = await it.saved()
        assert saved.changes[0].value == "cancelled"
        shown = "\n".join(it.lines())
        assert "assigned → cancelled" in shown
        assert "takes it back" not in shown


async def test_a_place_is_typed_on_the_line(ordered: BoardWorld) -> None:
    async with opened(ordered) as it:
        await it.do("next_day", "next_day")
        await it.put_cursor_on("r3")
        await it.command("reorder 1")
        assert numbers(it) == ["703", "701", "702"]
        await it.command("reorder first")
        assert "count from 1" in it.says


async def test_where_there_are_clock_times_the_reason_is_said(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("earlier")
        assert "keeps clock times" in it.says
        await it.do("technician")
        assert "says nothing of what a technician is doing" in it.says


async def test_a_technician_gets_a_status_in_two_keys(world: BoardWorld) -> None:
    world.rules = replace(
        world.rules,
        lacks=without(world, Ability.TECHNICIAN_STATUS),
        technician_words=("available", "on_break", "off_duty"),
    )
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        technician = it.board.cursor.technician_id
        assert technician is not None
        await it.do("technician")
        assert it.dialog == "Pick"
        await it.keys("o")
        (saved,) = await it.saved()
        assert (saved.intent, saved.entity) == (Intent.TECHNICIAN, f"technician:{technician}")
        assert saved.changes[0].value == "on_break"
        await it.command("technician 51.5,-0.1")
        assert [one.value for one in (await it.saved())[-1].changes] == [[51.5, -0.1]]
        await it.command("technician dancing")
        assert "is no status of a technician" in it.says


async def test_one_more_visit_for_the_job_under_the_cursor(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.command("visit 16:00 17:00")
        (saved,) = await it.saved()
        assert saved.intent is Intent.VISIT_ADD
        made = saved.changes[0].value
        assert isinstance(made, dict)
        assert made["times"] == [at("16:00"), at("17:00"), None]
        await it.do("visit_add")
        assert it.dialog == "TimesDialog"


async def test_another_profile_ends_this_board_and_names_the_next(world: BoardWorld) -> None:
    several = (("Northgate Heating", "FieldCamp"), ("South", "FSM Navigator"))
    async with opened(world, profiles=several) as it:
        await it.do("profile")
        assert it.dialog == "Pick"
        await it.keys("s")
    assert it.app.next_profile == "South"


async def test_a_single_profile_says_how_to_get_another(world: BoardWorld) -> None:
    async with opened(world, profiles=(("Northgate Heating", "FieldCamp"),)) as it:
        await it.do("profile")
        assert "fieldboard init" in it.says
        await it.command("profile West")
        assert "there is no profile" in it.says
        assert it.app.next_profile is None


def test_each_option_has_a_letter_that_moves_nothing() -> None:
    assert letters_of(["available", "on_break", "off_duty"]) == ["a", "o", "f"]
    assert letters_of(["hjkl", "North", "north"]) == ["a", "n", "o"]
    assert len({*letters_of([f"x{number}" for number in range(30)])} - {""}) == 21


async def test_what_the_server_has_taught_holds_on_the_open_board(world: BoardWorld) -> None:
    def learn(learned: Mapping[str, str]) -> SystemRules:
        lacks = {**world.rules.lacks}
        if learned.get("notes") == "kept":
            lacks.pop(Ability.NOTE)
        return replace(world.rules, lacks=lacks)

    world.learn = learn
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("note")
        assert it.dialog == ""
        world.writer.learn({"notes": "kept"})
        # Whatever is saved makes the board look at what else is new.
        await it.do("unassign")
        await it.put_cursor_on("v4433")
        await it.do("note")
        assert it.dialog == "NoteDialog"
