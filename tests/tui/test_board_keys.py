"""What each key does on the board."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldboard.domain.operation import Intent, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from tests.tui.driver import opened
from tests.tui.world import DAY, BoardWorld, at


async def test_it_opens_on_the_most_urgent_job(world: BoardWorld) -> None:
    async with opened(world) as it:
        assert it.selected is not None
        assert it.selected.number == "4471"
        assert "14 of 14" in it.board.queue.draw(0, 38).text
        assert "Thu 4 June 2026" in it.header
        assert "live 4 s old" in it.header


async def test_two_keys_assign_the_most_urgent_job_to_the_best(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4452")
        await it.keys("a")
        assert it.dialog == "AssignPicker"
        await it.keys("enter")
        assert it.dialog == ""
        (saved,) = await it.saved()
        assert (saved.intent, saved.state, saved.entity) == (Intent.ASSIGN, OpState.QUEUED, "visit:v4452")
        assert "u takes it back" in it.says
        assert "↑ 1 sending" in it.header
        assert "13 of 13" in it.board.queue.draw(0, 38).text


async def test_after_an_assignment_the_next_row_is_selected(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4452")
        before = [row.id for row in it.board.view.rows] if it.board.view else []
        await it.keys("a", "enter")
        assert it.selected is not None
        assert it.selected.id == before[before.index("v4452") + 1]


async def test_a_named_technician_at_a_named_time_takes_six_keys(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4452")
        await it.keys("a", "b", "e", "1", "5", "enter")
        if it.dialog:
            await it.keys("enter")
        visit = it.board.day.block("v4452") if it.board.day else None
        assert visit is not None
        assert visit.visit.technician_ids == ("t2",)
        assert visit.visit.start == at("15:00")


async def test_a_visit_goes_to_the_next_technician_in_three_keys(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "l")
        assert "MOVE" in it.says
        assert "Ben Fischer 13:30–15:30" in it.says
        await it.keys("enter")
        if it.board.carrier.carry is not None:  # it overlaps: a second Enter
            await it.keys("enter")
        assert it.visit("v4440").technician_ids == ("t2",)
        assert it.selected is not None
        assert it.selected.id == "v4440"


async def test_a_broken_rule_wants_a_second_enter(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "l", "enter")
        assert it.board.carrier.carry is not None
        assert "overlap" in it.says
        assert "Enter again does it all the same" in it.says
        assert await it.saved() == []
        await it.keys("enter")
        (saved,) = await it.saved()
        assert any("overlap" in warning for warning in saved.warnings)


async def test_escape_puts_back_what_is_carried(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "l", "j", "escape")
        assert it.board.carrier.carry is None
        assert it.board.board.ghost is None
        assert await it.saved() == []


async def test_carrying_takes_digits_letters_and_days_and_refuses_the_rest(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "1", "6")
        assert "Amara Diallo 16:00–18:00" in it.says
        await it.keys("d", "a")
        assert "Dai Evans 16:00–18:00" in it.says
        await it.keys("question_mark")
        assert "does nothing while a visit is carried" in it.says
        assert it.dialog == ""
        await it.keys("right_square_bracket")
        assert it.board.day is not None
        assert it.board.day.day == DAY + timedelta(days=1)
        assert it.board.carrier.carry is not None
        await it.keys("enter", "enter")
        assert it.visit("v4440").start == at("16:00", DAY + timedelta(days=1))


async def test_carried_left_of_the_first_column_it_goes_back_to_the_queue(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "h")
        assert "UNASSIGN" in it.says
        await it.keys("enter")
        assert it.visit("v4440").technician_ids == ()
        assert it.board.view is not None
        assert it.board.view.position("v4440") is not None


async def test_what_is_over_cannot_be_picked_up(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4401")
        await it.keys("space")
        assert it.board.carrier.carry is None
        assert "cannot be moved any more" in it.says


@pytest.mark.parametrize(
    ("visit_id", "act", "says"),
    [
        ("v4401", "assign", "4401 Boiler service is completed: it cannot be assigned any more"),
        ("v4405", "assign", "4405 Flue check is cancelled: it cannot be assigned any more"),
        ("v4401", "unassign", "4401 Boiler service is completed: it cannot be unassigned any more"),
        ("v4405", "times", "4405 Flue check is cancelled: it cannot be moved any more"),
    ],
)
async def test_what_is_over_says_so_at_once(world: BoardWorld, visit_id: str, act: str, says: str) -> None:
    async with opened(world) as it:
        await it.put_cursor_on(visit_id)
        await it.do(act)
        assert it.dialog == ""
        assert says in it.says
        assert not await it.saved()


async def test_of_several_marked_what_is_over_is_left_out(world: BoardWorld) -> None:
    async with opened(world) as it:
        for visit_id in ("v4401", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        await it.do("unassign")
        assert "1 left out: 4401 Boiler service is completed" in it.says
        assert [one.entity for one in await it.saved()] == ["visit:v4433"]


async def test_the_marked_are_carried_together_and_taken_back_together(world: BoardWorld) -> None:
    async with opened(world) as it:
        for visit_id in ("v4440", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        await it.keys("space", "j")
        assert "4433 Heat pump check and 1 more" in it.says
        await it.keys("enter")
        if it.board.carrier.carry is not None:
            await it.keys("enter")
        assert "2 jobs 30 min later" in it.says
        assert (it.visit("v4433").start, it.visit("v4440").start) == (at("12:00"), at("14:00"))
        assert {it.visit("v4433").technician_ids, it.visit("v4440").technician_ids} == {("t1",)}
        assert len({one.group for one in await it.saved()}) == 1
        await it.do("undo")
        assert (it.visit("v4433").start, it.visit("v4440").start) == (at("11:30"), at("13:30"))


async def test_the_marked_change_to_the_technician_together(world: BoardWorld) -> None:
    async with opened(world) as it:
        for visit_id in ("v4437", "v4440", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        await it.keys("space", "d", "a", "i", "enter")
        if it.board.carrier.carry is not None:
            await it.keys("enter")
        assert "3 jobs → Dai Evans" in it.says
        moved = [it.visit(one) for one in ("v4437", "v4440", "v4433")]
        assert {one.technician_ids for one in moved} == {("t4",)}
        assert [one.start for one in moved] == [at("12:30"), at("13:30"), at("11:30")]


@pytest.mark.parametrize("act", ["assign", "status"])
async def test_the_dialog_of_an_act_says_that_it_is_for_all_that_are_marked(
    world: BoardWorld, act: str
) -> None:
    async with opened(world) as it:
        for visit_id in ("v4437", "v4440", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        await it.do(act)
        assert it.dialog
        assert any(" and 2 more" in line for line in it.lines())


async def test_the_marked_are_deleted_together_after_one_question(world: BoardWorld) -> None:
    async with opened(world) as it:
        for visit_id in ("v4437", "v4440", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        await it.do("delete")
        assert "Delete 3 jobs?" in "\n".join(it.lines())
        await it.keys("y")
        saved = await it.saved()
        assert [one.entity for one in saved] == ["job:j4433", "job:j4437", "job:j4440"]
        assert len({one.group for one in saved}) == 1


async def test_what_was_marked_when_it_went_comes_back_unmarked(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("mark", "delete")
        await it.keys("y")
        await it.do("undo")
        assert it.board.day is not None
        assert it.board.day.where["v4440"]
        panes = (it.board, it.board.queue, it.board.board, it.board.timeline)
        assert [pane.marked for pane in panes] == [frozenset()] * 4


async def test_what_is_for_one_alone_says_so_where_several_are_marked(world: BoardWorld) -> None:
    async with opened(world) as it:
        for visit_id in ("v4440", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        for act in ("times", "edit"):
            await it.do(act)
            assert it.dialog == ""
            assert "2 are marked" in it.says


async def test_the_marked_get_the_same_note(world: BoardWorld) -> None:
    lacks: dict[Ability, str] = {
        one: why for one, why in world.rules.lacks.items() if one is not Ability.NOTE
    }
    world.rules = replace(world.rules, lacks=lacks)
    async with opened(world) as it:
        for visit_id in ("v4440", "v4433"):
            await it.put_cursor_on(visit_id)
            await it.do("mark")
        await it.do("note")
        assert "Note on 2 jobs" in "\n".join(it.lines())
        await it.keys(*"gate", "enter")
        assert [(one.intent, one.changes[0].value) for one in await it.saved()] == [(Intent.NOTE, "gate")] * 2
        assert "u takes it back until it is sent" in it.says


async def test_unassign_undo_redo(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        assert it.visit("v4440").technician_ids == ()
        await it.do("undo")
        assert it.visit("v4440").technician_ids == ("t1",)
        await it.do("redo")
        assert it.visit("v4440").technician_ids == ()


async def test_status_by_its_letter(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4418")
        await it.keys("s")
        assert it.dialog == "StatusPicker"
        await it.keys("c")
        assert it.dialog == ""
        assert it.visit("v4418").status is Status.COMPLETED
        await it.put_cursor_on("v4419")
        await it.do("repeat")
        assert it.visit("v4419").status is Status.COMPLETED


async def test_marks_make_one_act_of_many_and_one_undo(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4433")
        await it.do("mark")
        await it.put_cursor_on("v4440")
        await it.do("mark")
        assert "2 marked" in it.says
        await it.do("unassign")
        assert it.visit("v4433").technician_ids == it.visit("v4440").technician_ids == ()
        saved = await it.saved()
        assert len({one.group for one in saved}) == 1
        await it.do("undo")
        assert it.visit("v4433").technician_ids == it.visit("v4440").technician_ids == ("t1",)


async def test_arrows_and_letters_walk_alike(world: BoardWorld) -> None:
    async with opened(world) as it:
        for down, up in (("j", "k"), ("down", "up")):
            await it.keys(down, down)
            assert it.selected is not None
            assert it.selected.number == "4460"
            await it.keys(up, up)
            assert it.selected is not None
            assert it.selected.number == "4471"
        await it.keys("G")
        assert it.selected is not None
        assert it.selected.number == "4447"
        await it.keys("g", "g")
        assert it.selected is not None
        assert it.selected.number == "4471"
        await it.keys("ctrl+d")
        assert it.selected is not None
        assert it.selected.number != "4471"


async def test_panes_share_the_cursor(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4415")
        assert it.pane == "board"
        await it.keys("tab")
        assert it.pane == "timeline"
        assert it.board.timeline.selected == it.board.board.selected == "v4415"
        await it.keys("l")
        assert it.selected is not None
        assert it.selected.id == "v4428"
        await it.keys("j")
        assert it.board.cursor.technician_id == "t4"
        await it.keys("tab")
        assert it.pane == "queue"
        assert it.selected.number == "4471"


async def test_right_of_the_queue_is_the_board_and_left_of_it_the_queue(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("l")
        assert it.pane == "board"
        await it.keys("h")
        assert it.pane == "queue"


async def test_scrolling_to_the_last_technician(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("l", *["l"] * 22)
        assert it.board.cursor.technician_id == "t23"
        assert "–23" in it.board.board.draw_gutter(1, 6).text
        assert it.board.timeline.line_of("t23") is not None


async def test_days(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("right_square_bracket", "right_square_bracket")
        assert it.board.day is not None
        assert it.board.day.day == DAY + timedelta(days=2)
        assert "in 2 days" in it.header
        await it.keys("t")
        assert it.board.day.day == DAY
        await it.keys("left_square_bracket")
        assert "yesterday" in it.header
        await it.keys("d")
        assert it.dialog == "DateDialog"
        await it.keys("l", "enter")
        assert it.board.day.day == DAY


async def test_zoom_of_board_and_timeline(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("plus")
        assert it.board.board.slot_minutes == 15
        await it.keys("minus", "minus")
        assert it.board.board.slot_minutes == 60
        await it.keys("minus")
        assert "as far as it goes" in it.says
        await it.keys("tab", "tab", "plus")
        assert it.board.timeline.hours == 8
        await it.keys("minus", "minus", "minus")
        assert it.board.timeline.hours == 168
        assert "Wed 3" in it.board.timeline.draw(1, 172).text


async def test_full_screen_and_back(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("tab", "z")
        assert not it.board.arrangement.shows("queue")
        assert it.board.arrangement.board == 172
        await it.keys("escape")
        assert it.board.arrangement.shows("queue")


async def test_conflicts_one_after_the_other(world: BoardWorld) -> None:
    async with opened(world) as it:
        seen = set()
        for _ in range(3):
            await it.do("next_conflict")
            assert it.selected is not None
            block = it.board.day.block(it.selected.id) if it.board.day else None
            assert block is not None
            assert block.conflicts
            assert "▲" in it.says
            seen.add(it.selected.id)
        assert len(seen) == 3


async def test_search_goes_there_and_n_to_the_next(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("slash", *"4440")
        await it.keys("enter")
        assert it.dialog == ""
        assert it.selected is not None
        assert it.selected.number == "4440"
        await it.keys("slash", *"harbour")
        await it.keys("enter")
        first = it.selected
        await it.do("next_match")
        assert it.selected != first
        await it.do("previous_match")
        assert it.selected == first


async def test_filter_and_sort(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.command("filter prio:urgent")
        assert it.board.view is not None
        assert [row.number for row in it.board.view.rows] == ["4471", "4468"]
        assert "2 of 14" in it.board.queue.draw(0, 38).text
        await it.command("filter ''")
        await it.command("sort duration")
        assert it.board.view.board.order.value == "duration"


async def test_new_work_is_announced_and_shown_on_w(world: BoardWorld) -> None:
    async with opened(world) as it:
        job = world.job("4600", "Burst pipe", "Okonkwo", priority=Priority.URGENT)
        world.add(job, world.waiting(job))
        await it.settle()
        assert it.board.view is not None
        assert it.board.view.position("v4600") is None
        assert it.selected is not None
        assert it.selected.number == "4471"
        assert "1 new" in it.board.queue.draw(0, 38).text
        assert "new urgent job: 4600 Burst pipe" in it.says
        await it.keys("w")
        assert it.board.view.position("v4600") is not None
        assert it.selected.number == "4471"


async def test_the_selection_stays_on_its_line_when_others_leave(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4455")
        queue = it.board.queue
        line = [y for y in range(queue.size.height) if (row := queue.row_at(y)) and row.id == "v4455"]
        gone = world.visit("4468", ("t5",), "15:00", "16:00", Status.ASSIGNED)
        world.add(gone)
        await it.settle()
        assert it.selected is not None
        assert it.selected.id == "v4455"
        assert it.board.view is not None
        assert it.board.view.position("v4468") is None
        assert line
        assert len(it.board.view.rows) == 13


async def test_details_help_history_copy_open_and_back(world: BoardWorld) -> None:
    async with opened(world) as it:
        for act, dialog in (
            ("details", "DetailsDialog"),
            ("help", "HelpDialog"),
            ("history", "HistoryDialog"),
            ("copy", "CopyMenu"),
            ("times", "TimesDialog"),
            ("filter", "FilterDialog"),
            ("sort", "SortDialog"),
            ("create", "JobForm"),
            ("edit", "JobForm"),
            ("delete", "ConfirmDialog"),
            ("command_line", "CommandLine"),
            ("palette", "ActsPalette"),
        ):
            await it.do(act)
            assert it.dialog == dialog
            while it.dialog:
                await it.keys("escape")


async def test_what_the_system_lacks_is_dimmed_and_says_why(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("note")
        assert "notes" in it.says
        assert it.dialog == ""
        await it.do("open")
        assert it.dialog == ""


async def test_commands(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.command("assign 4452 Ben 15:00")
        if it.board.saying.ask_again is not None:
            await it.keys("enter")
        assert it.visit("v4452").technician_ids == ("t2",)
        await it.command("day 2026-06-05")
        assert it.board.day is not None
        assert it.board.day.day == DAY + timedelta(days=1)
        await it.command("theme light")
        assert it.app.palette.name == "light"
        await it.command("outbox")
        assert it.dialog == "OutboxDialog"


async def test_leaving(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("q")
        assert it.app.return_value == 0


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (320, 90), (60, 16)])
async def test_every_size_shows_the_cursor(world: BoardWorld, size: tuple[int, int]) -> None:
    async with opened(world, size) as it:
        assert any("4471" in line for line in it.lines())
        await it.keys("tab")
        visit = it.selected
        assert visit is not None
        assert any(visit.number in line for line in it.lines())
        await it.keys("tab")
        assert any("TIMELINE" in line for line in it.lines())


async def test_too_small(world: BoardWorld) -> None:
    async with opened(world, (50, 12)) as it:
        assert any("too small" in line for line in it.lines())
