"""What keys and mouse do in the dialogs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input

from fieldboard.board.acts import ACTS
from fieldboard.board.filters import Filter
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.domain.operation import OpState
from fieldboard.tui.dialogs.base import of
from fieldboard.tui.dialogs.choice_list import ChoiceList
from fieldboard.tui.dialogs.command_line import CommandLine
from fieldboard.tui.dialogs.confirm import ConfirmDialog
from fieldboard.tui.dialogs.copy_menu import CopyItem, CopyMenu
from fieldboard.tui.dialogs.date_dialog import DateDialog, MonthView
from fieldboard.tui.dialogs.details import HERE, DetailsDialog
from fieldboard.tui.dialogs.filter_dialog import FilterDialog
from fieldboard.tui.dialogs.help_dialog import HelpDialog
from fieldboard.tui.dialogs.history_dialog import HistoryDialog
from fieldboard.tui.dialogs.job_form import JobForm
from fieldboard.tui.dialogs.news import NewsDialog
from fieldboard.tui.dialogs.note import NoteDialog
from fieldboard.tui.dialogs.outbox_dialog import OutboxChoice, OutboxDialog
from fieldboard.tui.dialogs.pager import Pager
from fieldboard.tui.dialogs.search_dialog import MOST, SearchDialog
from fieldboard.tui.dialogs.sort_dialog import SortAnswer, SortDialog
from fieldboard.tui.dialogs.status_picker import StatusAnswer, StatusPicker
from fieldboard.tui.dialogs.times_dialog import Times, TimesDialog
from fieldboard.tui.glyphs import ASCII
from fieldboard.tui.keymap import Keymap
from tests.snapshots.text_screen import screen_text
from tests.tui.dialogs import scenes, world
from tests.tui.dialogs.stage import Stage, played, settle


async def given(dialog: Screen[Any], keys: Sequence[str], size: tuple[int, int] = (80, 24)) -> list[Any]:
    """What the dialog gave after these keys; empty while it is open."""
    stage = Stage(dialog)
    async with played(stage, size, keys):
        return stage.answers


def status() -> StatusPicker:
    return StatusPicker(world.RADIATOR, world.CHOICES)


async def test_a_letter_sets_a_status() -> None:
    assert await given(status(), "p") == [StatusAnswer(world.CHOICES[1])]


async def test_arrows_and_vim_keys_choose_a_status() -> None:
    assert await given(status(), ["j", "down", "k", "enter"]) == [StatusAnswer(world.CHOICES[1])]
    assert await given(status(), ["G", "k", "g", "g", "enter"]) == [StatusAnswer(world.CHOICES[0])]


async def test_a_status_that_needs_a_reason_asks_for_it() -> None:
    assert await given(status(), ["x", "enter"]) == []
    assert await given(status(), ["x", *"no key", "enter"]) == [StatusAnswer(world.CHOICES[3], "no key")]
    assert await given(status(), ["x", "escape", "p"]) == [StatusAnswer(world.CHOICES[1])]


def day(today: date | None = None) -> DateDialog:
    return DateDialog(world.DAY, world.busy, today)


@pytest.mark.parametrize(
    ("keys", "goes_to"),
    [
        (["enter"], world.DAY),
        (["l", "j", "enter"], date(2026, 6, 12)),
        (["right_square_bracket", "enter"], date(2026, 7, 4)),
        (["h", "k", "enter"], date(2026, 5, 27)),
        ([*"fri", "enter"], date(2026, 6, 5)),
        (["plus", "3", "enter"], date(2026, 6, 7)),
        ([*"24", "full_stop", *"12", "enter"], date(2026, 12, 24)),
        (["t", "enter"], world.DAY),
        (["g", "g", "enter"], date(2026, 6, 1)),
        (["G", "enter"], date(2026, 6, 30)),
        ([*"fri", "escape", "escape"], None),
    ],
)
async def test_days_are_walked_to_or_typed(keys: Sequence[str], goes_to: date | None) -> None:
    assert await given(day(), keys) == [goes_to]


async def test_a_text_that_is_no_day_goes_nowhere() -> None:
    assert await given(day(), [*"fzz", "enter"]) == []


async def test_a_click_chooses_a_day_and_the_wheel_a_month() -> None:
    stage = Stage(day())
    async with played(stage, (80, 24)) as pilot:
        await pilot.click(MonthView, offset=(2 * 8 + 6, 2))
        assert isinstance(pilot.app.screen, DateDialog)
        assert pilot.app.screen.day == date(2026, 6, 10)
        await pilot.click(MonthView, offset=(2 * 8 + 6, 2), times=2)
        await settle(pilot)
        assert stage.answers == [date(2026, 6, 10)]


@pytest.mark.parametrize(
    ("count", "said"), [(MOST + 1, "1 of the first 200 found"), (MOST, "1 of 200 found")]
)
async def test_of_more_than_are_listed_the_search_says_that_these_are_the_first(
    count: int, said: str
) -> None:
    many = [world.FOUND[0]._replace(id=f"v{number}") for number in range(count)]
    async with played(Stage(SearchDialog(lambda _: many, world.ZONE)), (110, 30), "a") as pilot:
        strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
        assert said in "\n".join(strip.text for strip in strips)


async def test_search_finds_and_gives_all_that_it_found() -> None:
    (answer,) = await given(SearchDialog(world.search, world.ZONE), [*"boiler", "down", "enter"])
    assert answer.visit.number == "4302"
    assert [one.number for one in answer.found] == ["4471", "4302"]
    assert answer.text == "boiler"


async def test_escape_leaves_the_text_then_the_search() -> None:
    assert await given(SearchDialog(world.search, world.ZONE), [*"boiler", "escape"]) == []
    assert await given(SearchDialog(world.search, world.ZONE), [*"boiler", "escape", "escape"]) == [None]
    (answer,) = await given(SearchDialog(world.search, world.ZONE), [*"boiler", "escape", "j", "enter"])
    assert answer.visit.number == "4302"
    (answer,) = await given(
        SearchDialog(world.search, world.ZONE), [*"boile", "escape", "slash", "r", "enter"]
    )
    assert answer.text == "boiler"


async def test_search_that_finds_nothing_says_so() -> None:
    async with played(Stage(SearchDialog(world.search, world.ZONE)), (80, 24), "zzz") as pilot:
        assert "nothing found" in screen_text(pilot.app)


async def test_filter_completes_and_keeps_both_lines() -> None:
    dialog = FilterDialog(Filter("", "amara"), scenes.SUGGESTIONS)
    assert await given(dialog, [*"gas", "tab", "enter"]) == [Filter("skill:gas", "amara")]
    assert await given(FilterDialog(Filter(), scenes.SUGGESTIONS), ["h", "e", "a", "tab", "enter"]) == [
        Filter('skill:"heat pump"')
    ]
    assert await given(FilterDialog(Filter(), ()), ["a", "shift+tab", "b", "enter"]) == [Filter("a", "b")]
    assert await given(FilterDialog(Filter("a", "b"), ()), ["ctrl+x"]) == [Filter()]


async def test_sort_takes_an_order_and_keeps_the_groups() -> None:
    dialog = SortDialog(Order.URGENCY, GroupBy.SKILL)
    assert await given(dialog, ["a"]) == [SortAnswer(Order.AGE, GroupBy.SKILL)]
    assert await given(SortDialog(Order.URGENCY), ["j", "enter"]) == [
        SortAnswer(Order.PROMISE, GroupBy.NOTHING)
    ]
    assert await given(SortDialog(Order.URGENCY), ["j", "space", "3"]) == [
        SortAnswer(Order.PROMISE, GroupBy.TERRITORY)
    ]


def form(**values: str) -> JobForm:
    return JobForm("New job", scenes.fields(), values)


async def test_a_form_gives_values_of_choices_and_cleaned_text() -> None:
    keys = [*"  Tap drips ", "tab", *"oka", "enter", *"ur", "enter", "ctrl+s"]
    (answer,) = await given(form(), keys)
    assert answer["title"] == "Tap drips"
    assert answer["customer"] == "c0"
    assert answer["priority"] == "urgent"
    assert answer["technician"] == ""


async def test_a_form_says_what_is_wrong_where_it_is_wrong() -> None:
    stage = Stage(form(duration="soon"))
    async with played(stage, (80, 24), ["ctrl+s"]) as pilot:
        text = screen_text(pilot.app)
        assert stage.answers == []
        assert "Title is needed" in text
        assert "Customer is needed" in text
        assert "a length in minutes" in text
        assert isinstance(pilot.app.focused, Input)
        assert pilot.app.focused.id == "field-title"


async def test_a_name_that_is_none_of_the_choices_is_refused() -> None:
    stage = Stage(form(title="x", customer="c0"))
    async with played(stage, (80, 24), ["tab"] * 6 + [*"Zed", "ctrl+s"]) as pilot:
        assert stage.answers == []
        assert "no technician is called 'Zed'" in screen_text(pilot.app)


async def test_enter_on_the_last_field_saves() -> None:
    (answer,) = await given(form(title="x", customer="c0"), ["shift+tab", *"note", "enter"])
    assert answer["notes"] == "note"
    assert answer["customer"] == "c0"


async def test_a_choice_can_be_clicked() -> None:
    stage = Stage(form(title="x"))
    async with played(stage, (80, 24), [*"St"]) as pilot:
        await pilot.click("#choices", offset=(6, 0))
        await settle(pilot)
        await pilot.press("ctrl+s")
        assert stage.answers[0]["customer"] == "c1"


def times() -> TimesDialog:
    return TimesDialog(world.RADIATOR, world.ZONE, day=world.DAY)


async def test_a_typed_start_keeps_the_length() -> None:
    assert await given(times(), [*"1430", "enter"]) == [Times(world.at("14:30"), world.at("16:00"))]


async def test_a_typed_end_or_length_changes_the_end() -> None:
    keys = ["tab", "ctrl+a", *["delete"] * 8, *"2h", "enter"]
    assert await given(times(), keys) == [Times(world.at("13:00"), world.at("15:00"))]
    keys = ["tab", "tab", "ctrl+a", *["delete"] * 8, *"1345", "enter"]
    assert await given(times(), keys) == [Times(world.at("13:00"), world.at("13:45"))]


async def test_arrows_move_a_time_by_a_quarter() -> None:
    assert await given(times(), ["up", "up", "enter"]) == [Times(world.at("13:30"), world.at("15:00"))]
    assert await given(times(), ["down", "enter"]) == [Times(world.at("12:45"), world.at("14:15"))]


async def test_another_day() -> None:
    keys = ["shift+tab", "ctrl+a", *["delete"] * 12, *"fri", "enter"]
    friday = date(2026, 6, 5)
    assert await given(times(), keys) == [Times(world.at("13:00", friday), world.at("14:30", friday))]


async def test_where_no_times_are_kept_only_the_day_is_asked() -> None:
    dialog = TimesDialog(world.RADIATOR, world.ZONE, day=world.DAY, clock=False)
    stage = Stage(dialog)
    async with played(stage, (80, 24), ["up"]) as pilot:
        shown = screen_text(pilot.app)
        assert "→ Fri 5 Jun" in shown
        for label in ("Start", "Length", "End", "13:00–14:30"):
            assert label not in shown
        await pilot.press("enter")
    (chosen,) = stage.answers
    assert world.ZONE.date_of(chosen.start) == date(2026, 6, 5)


async def test_a_time_that_the_clock_skips_is_refused_with_its_neighbours() -> None:
    dialog = TimesDialog(world.BOILER, world.ZONE, day=date(2026, 3, 29))
    stage = Stage(dialog)
    async with played(stage, (80, 24), [*"0130", "enter"]) as pilot:
        assert stage.answers == []
        assert "01:30 does not exist" in screen_text(pilot.app)


async def test_help_follows_the_keymap() -> None:
    async with played(Stage(HelpDialog(ACTS, Keymap({"assign": ("A",)}))), (120, 50), "assign") as pilot:
        rows = [line for line in screen_text(pilot.app).split("\n") if "Assign " in line]
        assert any(" A " in row for row in rows)


async def test_help_finds_an_act_by_its_key_without_doing_it() -> None:
    stage = Stage(HelpDialog(ACTS, Keymap()))
    async with played(stage, (80, 24), ["tab", "enter"]) as pilot:
        assert stage.answers == []
        text = screen_text(pilot.app)
        assert "Details" in text
        assert "1 of 1" in text
        await pilot.press("enter")
        assert stage.answers == ["details"]


async def test_help_does_not_start_what_the_system_lacks() -> None:
    stage = Stage(HelpDialog(ACTS, Keymap(), lacks=scenes.LACKS, text="write a note"))
    async with played(stage, (120, 36), ["enter"]) as pilot:
        assert stage.answers == []
        assert "Note: FieldCamp keeps no notes that can be written" in screen_text(pilot.app)


async def test_help_names_the_gestures_of_the_mouse() -> None:
    async with played(Stage(HelpDialog(ACTS, Keymap())), (120, 36), "drag") as pilot:
        text = screen_text(pilot.app)
        assert "drag an edge" in text
        assert "drag to the queue" in text


@pytest.mark.parametrize("act", [act for act in HERE if act not in scenes.LACKS])
async def test_acts_can_be_started_from_the_details(act: str) -> None:
    key = Keymap().keys_of(act)[0]
    assert await given(DetailsDialog(world.DETAILS, world.ZONE, lacks=scenes.LACKS), [key]) == [act]


@pytest.mark.parametrize(("deletes", "word"), [(True, "delete"), (False, "cancel")])
def test_details_say_what_the_key_does_that_deletes_or_cancels(word: str, *, deletes: bool) -> None:
    dialog = DetailsDialog(world.DETAILS, world.ZONE, deletes=deletes)
    assert dict(dialog.help_items())["D"] == word


async def test_details_say_why_an_act_is_lacking() -> None:
    stage = Stage(DetailsDialog(world.DETAILS, world.ZONE, lacks=scenes.LACKS))
    async with played(stage, (80, 24), ["o"]) as pilot:
        assert stage.answers == []
        assert "FieldCamp keeps no notes" in screen_text(pilot.app)


async def test_details_scroll_by_keys_and_wheel() -> None:
    async with played(Stage(DetailsDialog(world.DETAILS, world.ZONE)), (80, 24), ["G"]) as pilot:
        pager = pilot.app.screen.query_one(Pager)
        assert pager.top == pager.last_top > 0
        assert "notes" in screen_text(pilot.app)
        await pilot.press("g", "g")
        assert pager.top == 0
        await pilot.press("ctrl+d", "j", "k")
        assert pager.top == pager.page // 2


async def test_an_observed_time_is_drawn_as_such() -> None:
    async with played(Stage(DetailsDialog(world.DETAILS, world.ZONE)), (120, 50)) as pilot:
        text = screen_text(pilot.app)
        assert "~09:12–10:25" in text
        assert "seen between two rounds" in text


async def test_history_moves_and_leaves() -> None:
    assert await given(HistoryDialog(world.HISTORY, world.ZONE), ["j", "G", "g", "g", "escape"]) == [None]
    async with played(Stage(HistoryDialog((), world.ZONE)), (80, 24)) as pilot:
        assert "nothing has changed" in screen_text(pilot.app)


@pytest.mark.parametrize(
    ("keys", "answer"), [("y", True), ("n", False), (["escape"], False), (["enter"], False)]
)
async def test_a_question_is_answered(keys: Sequence[str], answer: bool) -> None:
    assert await given(ConfirmDialog("Sure?"), keys) == [answer]


async def test_a_question_can_be_answered_by_mouse() -> None:
    stage = Stage(ConfirmDialog("Sure?"))
    async with played(stage, (80, 24)) as pilot:
        await pilot.click(ChoiceList, offset=(8, 0))
        await settle(pilot)
        assert stage.answers == [True]


async def test_copying_by_letter_and_by_list() -> None:
    items = (
        CopyItem("n", "number", "4471"),
        CopyItem("a", "address", "14 Harbour Road"),
        CopyItem("p", "phone", ""),
    )
    assert await given(CopyMenu(items), "a") == ["14 Harbour Road"]
    assert await given(CopyMenu(items), ["j", "j", "enter"]) == ["14 Harbour Road"]


async def test_news_lead_to_their_visit() -> None:
    assert await given(NewsDialog(scenes.NEWS), ["j", "enter"]) == ["v4415"]
    assert await given(NewsDialog(scenes.NEWS), ["G", "enter"]) == []


async def test_a_note_is_cleaned_and_not_empty() -> None:
    assert await given(NoteDialog(world.BOILER), ["space", "enter"]) == []
    assert await given(NoteDialog(world.BOILER), [*" key ", "enter"]) == ["key"]


async def test_a_refused_edit_is_tried_again_and_any_is_taken_back() -> None:
    assert await given(OutboxDialog(world.OPERATIONS, world.ZONE), ["enter"]) == [
        OutboxChoice("01J00003", "retry")
    ]
    assert await given(OutboxDialog(world.OPERATIONS, world.ZONE), ["j", "u"]) == [
        OutboxChoice("01J00006", "take_back")
    ]
    stage = Stage(OutboxDialog(world.OPERATIONS, world.ZONE))
    async with played(stage, (80, 24), ["j", "enter"]) as pilot:
        assert stage.answers == []
        assert "Only a refused edit can be tried again" in screen_text(pilot.app)


async def test_only_what_can_be_done_with_an_edit_is_offered() -> None:
    some = (
        world.operation(1, OpState.REJECTED, "refused"),
        world.operation(2, OpState.GONE, "gone"),
        world.operation(3, OpState.REJECTED, "decided", noted=True),
        world.operation(4, OpState.CONFIRMED, "done"),
    )
    offers = {
        "gone": {"u": "takes note of it"},
        "refused": {"Enter": "tries it again", "u": "takes note of it"},
        "done": {"u": "takes it back"},
        "decided": {},
    }
    dialog = OutboxDialog(some, world.ZONE)
    async with played(Stage(dialog), (80, 24)) as pilot:
        for offered in offers.values():
            keys = dict(dialog.help_items())
            assert {key: keys[key] for key in keys if key in ("Enter", "u")} == offered
            await pilot.press("j")
        await pilot.press("u")
        assert "There is nothing to take back: decided." in screen_text(pilot.app)


def command() -> CommandLine:
    dialog = scenes.command_line()
    assert isinstance(dialog, CommandLine)
    return dialog


async def test_a_command_is_completed_and_given() -> None:
    assert await given(command(), [*"assi", "tab", *"4471 dai", "enter"]) == ["assign 4471 dai"]
    assert await given(command(), [*"ass", "down", "enter", "x", "enter"]) == ["assign x"]


async def test_a_wrong_command_stays_with_its_error() -> None:
    stage = Stage(command())
    async with played(stage, (80, 24), [*"asign 4471", "enter"]) as pilot:
        assert stage.answers == []
        assert "no command is called 'asign'" in screen_text(pilot.app)


async def test_earlier_lines_come_back() -> None:
    assert await given(command(), ["up", "enter"]) == ["day fri"]
    assert await given(command(), ["up", "up", "enter"]) == ["assign 4471 dai 14"]
    assert await given(command(), ["up", "up", "down", "enter"]) == ["day fri"]


async def test_an_empty_command_line_leaves() -> None:
    assert await given(command(), ["enter"]) == [None]
    assert await given(command(), ["escape"]) == [None]
    assert await given(command(), ["a", "backspace", "backspace"]) == [None]


@pytest.mark.parametrize("name", scenes.SCENES)
async def test_ascii_twins(name: str) -> None:
    """With the ASCII marks nothing of ours needs more; what customers are called stays what it is."""
    make, keys = scenes.SCENES[name]
    names = set("éíáłŁóøãñ½")
    async with played(Stage(make(), glyphs=ASCII), (80, 24), keys) as pilot:
        drawn = "".join(screen_text(pilot.app).split("\n")[:24])
    assert {one for one in drawn if not one.isascii()} <= names


async def test_the_form_asks_before_it_throws_away_what_was_typed() -> None:
    stage = Stage(form(priority="normal"))
    async with played(stage, (80, 24), [*"Tap", "escape"]) as pilot:
        assert stage.answers == []
        assert "Esc throws it away" in screen_text(pilot.app)
        assert "not saved" in screen_text(pilot.app)
        await pilot.press("s")
        await pilot.pause()
        assert "throws it away" not in screen_text(pilot.app)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert stage.answers == [None]
    untouched = Stage(form(priority="normal"))
    async with played(untouched, (80, 24), ["escape"]):
        assert untouched.answers == [None]


@pytest.mark.parametrize("name", scenes.SCENES)
async def test_escape_always_gets_out(name: str) -> None:
    make, keys = scenes.SCENES[name]
    stage = Stage(make())
    async with played(stage, (80, 24), [*keys, "escape", "escape", "escape", "escape"]):
        assert stage.answers[:1] in ([None], [False])


def test_how_many_of_how_many_is_said_in_words() -> None:
    assert of(0, 0, 0, "changes") == "no changes"
    assert of(0, 0, 0) == "none"
    assert of(2, 9, 9, "changes") == "2 of 9 changes"
