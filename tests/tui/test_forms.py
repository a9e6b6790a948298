"""The forms for a new job and a changed one, where a system keeps days alone and fields of its own."""

from __future__ import annotations

from dataclasses import replace

from fieldboard.backends.fieldopt.rules import fieldopt_rules
from fieldboard.backends.letsjobit.rules import letsjobit_rules
from fieldboard.domain.fields import TIMES
from fieldboard.domain.job import CustomField, Job
from fieldboard.tui.dialogs.base import Field
from tests.tui.driver import opened
from tests.tui.world import DAY, BoardWorld

NEW = {
    "Title": "Leaking tap",
    "Number": "X-1",
    "Customer": "Acme",
    "Address": "1 High St",
    "City": "Bath",
}


async def test_a_new_job_is_asked_for_what_the_system_wants_and_gets_the_day_shown(world: BoardWorld) -> None:
    world.rules = letsjobit_rules()
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("create")
        shown = "\n".join(it.lines())
        for label in (*NEW, "Technician"):
            assert f"{label} •" in shown
        assert "Start" not in shown
        assert "Location" not in shown
        for label, text in NEW.items():
            await it.keys(*text)
            assert label
            await it.keys("tab", *(["tab"] if label == "Number" else []))
        await it.keys("ctrl+s")
        (saved,) = await it.saved()
        value = saved.changes[0].value
        assert isinstance(value, dict)
        assert {name: value[name] for name in ("title", "number", "customer", "address", "city")} == {
            label.lower(): text for label, text in NEW.items()
        }
        assert value["technicians"] == ["t1"]
        assert value[TIMES] == [None, None, DAY.isoformat()]


async def test_own_fields_are_changed_and_notes_of_several_lines_are_left_alone(world: BoardWorld) -> None:
    world.rules = letsjobit_rules()
    job = next(one for one in world.entities if isinstance(one, Job) and one.id == "j4440")
    world.add(replace(job, notes="Mind the dog \n\nGate 4711 ", fields=(CustomField("Contact", "Al"),)))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("edit")
        assert "Opening hours" in "\n".join(it.lines())
        await it.keys(*["tab"] * 5, "x", "ctrl+s")
        (saved,) = await it.saved()
        assert [(one.field, one.expected, one.value) for one in saved.changes] == [
            ("own:Contact", "Al", "Alx")
        ]


async def test_notes_that_are_changed_keep_their_lines(world: BoardWorld) -> None:
    world.rules = letsjobit_rules()
    job = next(one for one in world.entities if isinstance(one, Job) and one.id == "j4440")
    world.add(replace(job, notes="Mind the dog\nGate 4711"))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("edit")
        await it.keys(*["tab"] * 4, "x", "ctrl+s")
        (saved,) = await it.saved()
        assert [(one.field, one.value) for one in saved.changes] == [("notes", "Mind the dog\nGate 4711x")]


async def test_the_customers_name_is_changed_where_the_job_keeps_it(world: BoardWorld) -> None:
    world.rules = fieldopt_rules()
    job = next(one for one in world.entities if isinstance(one, Job) and one.id == "j4440")
    world.add(replace(job, customer="Acme", customer_id=None))
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("edit")
        await it.keys("x", "ctrl+s")
        (saved,) = await it.saved()
        assert [(one.field, one.expected, one.value) for one in saved.changes] == [
            ("customer", "Acme", "Acmex")
        ]


async def test_a_new_job_takes_a_phone_number_where_an_edit_does(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("create")
        await it.keys(*"Tap", "tab", *"osei", "enter")
        it.app.screen.query_one("#field-phone", Field).focus()
        await it.keys(*"0114", "ctrl+s")
        (saved,) = await it.saved()
        assert isinstance(saved.changes[0].value, dict)
        assert saved.changes[0].value["phone"] == "0114"
