"""Text that is pasted or typed in a burst: what fits is taken, and what does not is told."""

from __future__ import annotations

from dataclasses import replace

from fieldboard.backends.fsmnavigator.rules import fsmnavigator_rules
from fieldboard.domain.job import Job
from fieldboard.tui.dialogs.base import Field
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld


def typed(it: Driver) -> str:
    """The text of the field that has the focus."""
    field = it.app.focused
    assert isinstance(field, Field)
    return field.value


def screen(it: Driver) -> str:
    return "\n".join(it.lines())


async def test_of_a_long_paste_what_fits_is_taken_and_the_rest_is_told(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("create")
        await it.paste("x" * 2_300)
        assert typed(it) == "x" * 2_000
        assert "only 2,000 characters fit: the last 300 are cut off" in screen(it)
        await it.keys("y")
        assert "the last 301 are cut off" in screen(it)
        await it.keys("backspace", "y")
        assert typed(it) == "x" * 1_999 + "y"
        assert "cut off" not in screen(it)


async def test_a_note_takes_what_fits_and_the_lines_of_a_paste_become_one(world: BoardWorld) -> None:
    world.rules = fsmnavigator_rules()
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("note")
        await it.paste("Mind the dog\n\n  Gate 4711\r\n")
        assert typed(it) == "Mind the dog Gate 4711"
        await it.paste("z" * 3_000)
        assert len(typed(it)) == 2_000
        assert "only 2,000 characters fit" in screen(it)


async def test_pasted_lines_are_kept_where_a_field_has_lines(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("create")
        await it.keys(*"Tap", "tab", *"osei", "enter")
        it.app.screen.query_one("#field-notes", Field).focus()
        await it.settle()
        await it.paste("Mind the dog\nGate 4711\n")
        assert typed(it) == "Mind the dog↵Gate 4711"
        await it.keys("ctrl+s")
        (saved,) = await it.saved()
        assert isinstance(saved.changes[0].value, dict)
        assert saved.changes[0].value["notes"] == "Mind the dog\nGate 4711"


async def test_notes_that_are_longer_than_a_field_takes_can_be_read_and_shortened(world: BoardWorld) -> None:
    job = next(one for one in world.entities if isinstance(one, Job) and one.id == "j4440")
    world.rules = fsmnavigator_rules()
    world.add(replace(job, notes="n" * 12_000))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("edit")
        field = it.app.screen.query_one("#field-notes", Field)
        field.focus()
        await it.settle()
        assert len(typed(it)) == 12_000
        await it.keys("x")
        assert "only 12,000 characters fit: the last is cut off" in screen(it)
        await it.keys("backspace", "x")
        assert typed(it) == "n" * 11_999 + "x"


async def test_a_burst_of_letters_is_put_in_at_once_and_keeps_its_order(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("search")
        changes: list[str] = []
        field = it.app.focused
        assert isinstance(field, Field)

        def changed(now: str) -> None:
            changes.append(now)

        it.app.watch(field, "value", changed, init=False)
        await it.burst(*"acd")
        await it.keys("left", "left")
        await it.burst(*"bbb", "backspace")
        await it.keys("end")
        await it.burst(*"e f")
        assert typed(it) == "abbcde f"
        assert changes == ["acd", "abbbcd", "abbcd", "abbcde f"]


async def test_a_form_that_was_only_looked_at_is_left_at_once_whatever_lines_it_has(
    world: BoardWorld,
) -> None:
    job = next(one for one in world.entities if isinstance(one, Job) and one.id == "j4440")
    world.rules = fsmnavigator_rules()
    world.add(replace(job, notes="Mind the dog \n\nGate 4711 "))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("edit")
        await it.keys("escape")
        assert it.dialog == ""
