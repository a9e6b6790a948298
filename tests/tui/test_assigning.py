"""Several marked jobs that are given to one technician."""

from __future__ import annotations

from itertools import pairwise

from fieldboard.domain.instants import Instant
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld, at


async def mark(it: Driver, *visit_ids: str) -> None:
    for visit_id in visit_ids:
        await it.put_cursor_on(visit_id)
        await it.do("mark")


async def spans(it: Driver, *visit_ids: str) -> list[tuple[tuple[str, ...], Instant | None, Instant | None]]:
    """Who has each visit, and when."""
    visits = await it.app.thread.fetch(lambda desk: {one.id: one for one in desk.store.planned(visit_ids)})
    return [(visits[one].technician_ids, visits[one].start, visits[one].end) for one in visit_ids]


async def test_the_marked_come_one_after_another(world: BoardWorld) -> None:
    async with opened(world) as it:
        await mark(it, "v4311", "v4312")
        await it.do("assign")
        await it.keys("enter")
        assert it.dialog == ""
        assert "2 jobs → Eiko Tanaka: 4311 13:45, 4312 15:35" in it.says
        assert await spans(it, "v4311", "v4312") == [
            (("t5",), at("13:45"), at("15:15")),
            (("t5",), at("15:35"), at("16:35")),
        ]
        await it.do("undo")
        assert await spans(it, "v4311", "v4312") == [((), None, None)] * 2


async def test_which_of_the_marked_finds_no_time_is_said_first(world: BoardWorld) -> None:
    async with opened(world) as it:
        await mark(it, "v4311", "v4312", "v4313")
        await it.do("assign")
        await it.keys("enter")
        assert "SURE?" in it.says
        assert "4313 finds no time: no 90 min free" in it.says
        assert await it.saved() == []
        await it.keys("escape")
        assert await it.saved() == []
        await it.do("assign")
        await it.keys("enter", "enter")
        assert len({one.group for one in await it.saved()}) == 1
        assert (await spans(it, "v4313")) == [(("t5",), None, None)]


async def test_one_question_speaks_for_all_the_marked(world: BoardWorld) -> None:
    """What the first breaks at the typed time does not hide what the others break."""
    async with opened(world) as it:
        await mark(it, "v4311", "v4452")
        await it.do("assign")
        await it.keys(*"ama11", "enter")
        assert it.dialog == ""
        assert await it.saved() == []
        assert "SURE?  2 jobs → Amara Diallo" in it.says
        assert "4311 overlaps 4433 Heat pump check (11:30–12:30)" in it.says
        assert "4452 finds no time: lacks heat pump" in it.says


async def test_the_same_for_other_marked_places_these_too(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4310")
        await it.do("assign")
        await it.keys("enter")
        (saved,) = await it.saved()
        (who,) = {one.value[0] for one in saved.changes if one.field == "technicians"}  # type: ignore[index]
        await mark(it, "v4311", "v4312")
        await it.do("repeat")
        await it.keys(*["enter"] * (it.board.saying.ask_again is not None))
        placed = [one for one in await spans(it, "v4310", "v4311", "v4312") if one[1] is not None]
        assert {one[0] for one in placed} == {(who,)}
        assert len(placed) > 1
        ends = sorted((start, end) for _, start, end in placed if start is not None and end is not None)
        assert all(end <= later for (_, end), (later, _) in pairwise(ends))
