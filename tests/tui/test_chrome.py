"""The header, the lines and the footer: what they say at every width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldboard.config import Profile
from fieldboard.domain.instants import instant_of
from fieldboard.domain.status import Status
from fieldboard.secret import TokenMissing, find_token
from fieldboard.tui.chrome.line import Part, Said, Turn, Turns, fitting, over_two
from tests.tui.driver import opened
from tests.tui.world import DAY, NOW, BoardWorld, at, keep_by_order

WIDTHS = (60, 80, 100, 120, 172, 320)
LONG = "Server disconnected without sending a response to the request that was made of it just now"


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_header_says_offline_the_age_and_the_time_at_every_width(
    world: BoardWorld, width: int
) -> None:
    world.clock.advance(3 * 60)
    world.writer.set_state(offline_since=instant_of(NOW), error=LONG)
    async with opened(world, (width, 36)) as it:
        header = it.header
        assert "○ offline · 3 min" in header
        assert "today " in header
        assert "today○" not in header
        assert header.endswith(" 10:45 ")
        assert (LONG in header) == (width == 320)
        assert f"offline: {LONG}" in it.says


async def test_who_asks_what_is_new_is_told_why_it_was_not_fetched(world: BoardWorld) -> None:
    world.writer.set_state(offline_since=instant_of(NOW), error=LONG, last_round_finished=instant_of(NOW))
    async with opened(world, poke=lambda: None) as it:
        await it.do("sync")
        assert "asked the system what is new" in it.says
        world.clock.advance(5)
        world.writer.set_state(last_round_finished=instant_of(NOW) + 5, error="connection refused")
        await it.until(lambda: "not synced: connection refused" in it.says)


@pytest.mark.parametrize("width", [80, 120])
async def test_who_asks_what_is_new_without_a_token_can_read_how_to_give_one(
    world: BoardWorld, width: int
) -> None:
    variable = "FIELDBOARD_TOKEN_NORTHGATE_HEATING"
    profile = Profile("Northgate Heating", "fieldcamp", "https://x.example", "UTC", variable)
    with pytest.raises(TokenMissing) as missing:
        find_token(profile, {})
    world.writer.set_state(offline_since=instant_of(NOW), error=LONG, last_round_finished=instant_of(NOW))
    async with opened(world, (width, 36), poke=lambda: None) as it:
        await it.do("sync")
        world.writer.set_state(last_round_finished=instant_of(NOW) + 5, error=str(missing.value))
        await it.until(lambda: "not synced: no token" in "\n".join(it.lines()))
        shown = "\n".join(it.lines())
        assert f"set {variable}" in shown
        assert "could not be reached" not in shown


def back_on_line(world: BoardWorld) -> None:
    now = instant_of(NOW) + 17
    world.writer.set_state(offline_since=None, error=None, last_ok=now, last_round_finished=now)


@pytest.mark.parametrize("size", [(80, 24), (172, 50)], ids=str)
async def test_what_is_said_of_a_line_that_was_down_goes_when_it_is_back(
    world: BoardWorld, size: tuple[int, int]
) -> None:
    world.writer.set_state(offline_since=instant_of(NOW), error="no token for profile nav")
    async with opened(world, size) as it:
        assert "offline: no token for profile nav" in it.says
        world.clock.advance(17)
        back_on_line(world)
        await it.until(lambda: "● live" in it.header)
        assert "no token" not in "\n".join(it.lines())


async def test_an_act_that_was_told_since_stays_when_the_line_is_back(world: BoardWorld) -> None:
    world.writer.set_state(offline_since=instant_of(NOW), error="connection refused")
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        back_on_line(world)
        await it.until(lambda: "● live" in it.header)
        assert "back to the queue" in it.says


async def test_the_answer_to_who_asked_for_a_round_goes_when_the_line_is_back(world: BoardWorld) -> None:
    world.writer.set_state(offline_since=instant_of(NOW), error=LONG, last_round_finished=instant_of(NOW))
    async with opened(world, poke=lambda: None) as it:
        await it.do("sync")
        world.writer.set_state(last_round_finished=instant_of(NOW) + 5, error="connection refused")
        await it.until(lambda: "connection refused" in it.says)
        back_on_line(world)
        await it.until(lambda: "● live" in it.header)
        assert "connection refused" not in "\n".join(it.lines())


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_header_says_how_old_live_is(world: BoardWorld, width: int) -> None:
    async with opened(world, (width, 36)) as it:
        assert "● live 4 s old" in it.header
        assert " today " in it.header
        await it.keys("left_square_bracket")
        assert " yesterday " in it.header
        assert "● live" in it.header


@pytest.mark.parametrize("width", [110, 120, 130, 172])
async def test_the_progress_of_a_first_sync_touches_neither_day_nor_time(
    world: BoardWorld, width: int
) -> None:
    world.writer.set_state(
        progress_done=1977, progress_total=2400, progress_says="Fetching jobs", last_ok=None
    )
    async with opened(world, (width, 36)) as it:
        assert "today  " in it.header
        assert "1 977 of 2 400" in it.header
        assert it.header.endswith(" 10:42 ")


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_round_over_what_was_read_before_hides_neither_mode_nor_age(
    world: BoardWorld, width: int
) -> None:
    world.writer.set_state(progress_done=480, progress_total=480, progress_says="Fetching customers")
    async with opened(world, (width, 36)) as it:
        assert "● live 4 s" in it.header
        assert "today " in it.header
        assert it.header.endswith(" 10:42 ")
        assert ("480 of 480" in it.header) == (width >= 120)
        assert ("Fetching customers" in it.header) == (width >= 172)
        assert "Northgate" in it.header or width < 100


async def test_a_small_terminal_names_the_pane_that_tab_leads_to(world: BoardWorld) -> None:
    async with opened(world, (80, 24)) as it:
        for word in ("board", "timeline", "queue"):
            assert f"tab {word}" in it.footer
            await it.keys("tab")


async def test_the_footer_offers_nothing_for_a_visit_where_there_is_none(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        assert "x unassign" in it.footer
        await it.do("unassign")
        assert "unassign" not in it.footer
        assert "times" not in it.footer
        assert "c new job" in it.footer


async def test_escape_drops_the_filter_and_the_queue_says_so(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.command("filter prio:urgent")
        title = it.board.queue.draw(0, 54).text
        assert "2 of 14" in title
        assert "Esc drops it" in title
        await it.keys("escape")
        assert "14 of 14" in it.board.queue.draw(0, 54).text
        assert "everything is shown again" in it.says


async def test_the_help_finds_a_mark_by_itself_and_by_its_meaning(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.do("help")
        for typed, says in (("≠", "changed by somebody else"), ("on hold", "‖"), ("marks estimated", "~")):
            await it.keys("ctrl+u")
            await it.paste(typed)
            assert says in "\n".join(it.lines())


async def test_a_refused_token_is_not_called_a_broken_line(world: BoardWorld) -> None:
    async with opened(world) as it:
        world.writer.set_state(offline_since=instant_of(NOW), error="demo refuses the token (401)")
        await it.settle()
        assert "○ token refused · " in it.header
        assert "offline" not in it.header


async def test_the_footer_tells_broken_rules_from_conflicts_with_others(world: BoardWorld) -> None:
    async with opened(world, (200, 50)) as it:
        assert f"! broken rules {it.board.timeline.broken}" in it.footer
        assert "conflicts" not in it.footer


async def test_the_timeline_says_where_the_visits_are_that_it_does_not_show(world: BoardWorld) -> None:
    world.add(*(replace(world.visit(one, ("t1",), "16:00", "17:00", Status.ASSIGNED), start=None, end=None,
                        date=DAY) for one in ("4440", "4433")))  # fmt: skip
    async with opened(world, (200, 50)) as it:
        title = it.board.timeline.draw(0, 172).text
        assert " of 104 visits, 2 without technician or time" in title
        assert "without" not in it.board.timeline.draw(0, 60).text


async def test_the_details_offer_of_an_unassigned_job_only_what_can_be_done(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4455")
        await it.do("details")
        assert "x unassign" not in "\n".join(it.lines())
        await it.keys("x")
        assert it.dialog == "DetailsDialog"
        assert "nobody has it: there is nothing to unassign" in "\n".join(it.lines())
        await it.keys("escape")
        await it.put_cursor_on("v4440")
        await it.do("details")
        assert "x unassign" in "\n".join(it.lines())


async def test_the_details_of_what_is_over_offer_no_planning(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4401")
        await it.do("details")
        text = "\n".join(it.lines())
        assert "a assign" not in text
        assert "e times" not in text
        await it.keys("a")
        assert "it is completed: that is not planned any more" in "\n".join(it.lines())


async def test_a_key_without_an_act_says_so(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("W")
        assert "W does nothing here: ? lists the keys" in it.says
        await it.keys("f9")
        assert "F9 does nothing here: ? lists the keys" in it.says


async def test_the_key_where_people_look_for_help_opens_it(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("f1")
        assert it.dialog == "HelpDialog"
        await it.keys("tab", "f1")
        assert "? F1 " in "\n".join(it.lines())


async def test_what_was_found_is_not_said_on_another_day(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.keys("slash", *"4440")
        await it.keys("enter")
        assert "found 1 of" in it.says
        await it.keys("right_square_bracket")
        assert "found" not in it.says


async def test_the_footer_plans_nothing_that_is_over(world: BoardWorld) -> None:
    async with opened(world, (120, 36)) as it:
        await it.put_cursor_on("v4405")
        assert "s status   Enter details" in it.footer
        for act in ("assign", "pick up", "unassign", "times"):
            assert act not in it.footer


async def test_the_footer_names_the_order_of_the_day_and_the_day_where_no_times_are_kept(
    world: BoardWorld,
) -> None:
    keep_by_order(world)
    async with opened(world, (120, 36)) as it:
        await it.put_cursor_on("v4440")
        assert "x unassign   < earlier   > later   e day" in it.footer
        assert "times" not in it.footer


async def test_zoom_keeps_the_selected_time_in_sight(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4401")
        for _ in range(2):
            await it.do("zoom_in")
            assert it.place_of("v4401")
        await it.keys("tab")
        timeline = it.board.timeline
        for act in ("zoom_in", "zoom_in", "zoom_in", "zoom_out", "zoom_out"):
            await it.do(act)
            assert timeline.start <= at("07:10") < timeline.start + timeline.hours * 3600


async def test_the_day_that_is_reviewed_comes_back_on_the_same_day_only(world: BoardWorld) -> None:
    kept: dict[str, object] = {}
    async with opened(world, remember=kept.update) as it:
        await it.keys("left_square_bracket")
        it.board.remembering.now()
        await it.settle()
    async with opened(world, first=False, place=kept) as it:
        assert "yesterday" in it.header
    world.clock.advance(24 * 3600)
    async with opened(world, first=False, place=kept) as it:
        assert "today" in it.header


async def test_the_timelines_clock_goes_with_the_headers(world: BoardWorld) -> None:
    async with opened(world) as it:
        for _ in range(3):
            world.clock.advance(60)
            it.board.tick()
            await it.settle()
            clock = it.header.split()[-1]
            axis = it.lines()[it.board.timeline.region.y + 1]
            assert clock in axis


@pytest.mark.parametrize(("width", "told"), [(120, False), (200, True), (320, True)])
async def test_the_header_says_what_the_system_itself_counts(
    world: BoardWorld, width: int, *, told: bool
) -> None:
    world.rules = replace(world.rules, tells_counts=True)
    async with opened(world, (width, 50)) as it:
        world.writer.learn({"summary": '{"assigned": 31, "in_progress": 8, "failed": 0, "total": 39}'})
        world.writer.set_state(last_ok=instant_of(NOW))
        # Whatever is saved makes the board look at what else is new.
        await it.do("unassign")
        assert ("31 assigned · 8 in progress" in it.header) == told
        assert "today" in it.header
        assert it.header.endswith(" 10:42 ")


def test_what_does_not_fit_on_one_line_goes_on_below_between_sentences() -> None:
    says = Part("▲ overlaps 3652 (12:30–14:00); 7th of 6 jobs; 2 min for the 9 min drive to 3430", "warn")
    said = Said((Part("MOVE  "), says), "Enter twice drops", "ghost_bg", "Enter twice")
    assert over_two(said, 200) == (said, None)
    first, second = over_two(said, 70)
    assert [one.text for one in first.parts] == ["MOVE  ", "▲ overlaps 3652 (12:30–14:00); 7th of 6 jobs;"]
    assert second == Said((Part("2 min for the 9 min drive to 3430", "warn"),), "", "ghost_bg")
    first, second = over_two(said, 40)
    assert ([one.text for one in first.parts], second) == (["MOVE  "], Said((says,), "", "ghost_bg"))
    assert over_two(Said(), 10) == (Said(), None)


def test_where_there_is_no_room_whole_parts_go_and_words_are_never_cut() -> None:
    some = [Part("4471 "), Part("Boiler leaking"), Part(" · ", rank=2), Part("Okafor", rank=2)]
    some += [Part(" · 2h", rank=1), Part(" · gas", rank=3)]

    def said(room: int) -> str:
        return "".join(part.text for part in fitting(some, room))

    assert said(40) == "4471 Boiler leaking · Okafor · 2h · gas"
    assert said(35) == "4471 Boiler leaking · Okafor · 2h"
    assert said(30) == "4471 Boiler leaking · 2h · gas"
    assert said(19) == "4471 Boiler leaking"
    assert said(18) == "4471 Boiler…"
    assert said(9) == "4471 Boi…"


def test_what_nobody_asked_for_is_said_in_its_turn() -> None:
    turns = Turns()
    new, late = (Part("1 new"),), (Part("late"),)
    turns.ask("new", Turn.NOTE, new)
    assert turns.next(0) == new
    turns.ask("late", Turn.ALERT, late)
    assert turns.next(1) == late
    turns.act(2)
    turns.ask("new", Turn.NOTE, new)
    assert [turns.next(now) for now in (3, 7)] == [(), ()]
    # The alert was cut short, and comes before what matters less.
    assert [turns.next(now) for now in (8, 9, 14, 20)] == [late, (), new, ()]
    turns.act(30)
    turns.ask("new", Turn.NOTE, new)
    turns.drop("new")
    assert turns.next(99) == ()


async def test_new_work_is_told_after_what_was_said_of_an_act(world: BoardWorld) -> None:
    async with opened(world, (80, 24)) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        job = world.job("4600", "Burst pipe", "Okonkwo")
        world.add(job, world.waiting(job))
        await it.settle()
        assert "back to the queue" in it.says
        assert "u takes it back" in it.says
        assert "w 1 new" in it.footer
        world.clock.advance(5)
        it.board.tick()
        assert "back to the queue" in it.says
        world.clock.advance(1)
        it.board.tick()
        assert "1 new job · w shows it" in it.says
        await it.keys("w")
        await it.do("undo")
        world.clock.advance(60)
        it.board.tick()
        assert "taken back" in it.says


def test_the_key_that_goes_on_is_said_behind_words_that_are_too_long() -> None:
    some = (Part("10:42 ", rank=2), Part("what is deleted cannot be brought back"), Part("   u goes past it"))

    def said(room: int) -> str:
        return "".join(part.text for part in fitting(some, room))

    assert said(80) == "10:42 what is deleted cannot be brought back   u goes past it"
    assert said(55) == "what is deleted cannot be brought back   u goes past it"
    assert said(50) == "what is deleted cannot be…   u goes past it"
    assert said(38) == "what is deleted cannot be brought back"
    assert said(30) == "what is deleted cannot be…"


@pytest.mark.parametrize("pane", ["queue", "board", "timeline"])
async def test_the_line_of_a_small_terminal_says_whole_facts(world: BoardWorld, pane: str) -> None:
    async with opened(world, (80, 24)) as it:
        while it.board.cursor.pane != pane:
            await it.keys("tab")
        for _ in range(8):
            shown = it.lines()[it.board.info_line.region.y].rstrip()
            facts = "".join(part.text for part in it.board.info_line.said.parts).split("  ·  ")
            for fact in shown.strip().split("  ·  "):
                assert fact in facts
            await it.keys("down")


async def test_every_rule_that_a_move_would_break_can_be_read(world: BoardWorld) -> None:
    async with opened(world, (120, 36)) as it:
        await it.put_cursor_on("v4452")
        await it.do("pick_up")
        found: tuple[str, ...] = ()
        for key in ("l", "l", "l", "j", "j", "j", "j", "j", "j"):
            await it.keys(key)
            plan = it.board.carrier.plan
            warnings = [one.says for one in plan.warnings] if plan is not None else []
            if len(warnings) > 1:
                found = tuple(warnings)
                shown = "\n".join(it.lines()[-3:])
                assert all(one.rstrip(".") in shown for one in found), shown
        assert found
        await it.keys("escape")
        assert it.says.rstrip().endswith("|")
