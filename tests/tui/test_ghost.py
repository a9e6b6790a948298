"""A carried visit is drawn beside what it would collide with: both can be read before it is dropped."""

from __future__ import annotations

import pytest

from fieldboard.board.column import Column
from fieldboard.domain.instants import HOUR, MINUTE
from fieldboard.domain.status import Status
from fieldboard.tui.glyphs import UNICODE
from fieldboard.tui.panes.column_art import Ghost, Grid, draw_row, lay_out
from tests.tui.driver import Driver, opened
from tests.tui.world import DAY, ZONE, BoardWorld


def column_lines(it: Driver, technician_id: str, first: str, last: str) -> list[str]:
    """What is drawn in a technician's column between two times."""
    x, top = it.cell_of(technician_id, first)
    _, bottom = it.cell_of(technician_id, last)
    place = it.board.board.place_of(technician_id)
    assert place is not None
    width = it.board.board.widths[place - it.board.board.first]
    return [line[x - 4 : x - 4 + width] for line in it.lines()[top : bottom + 1]]


async def test_what_it_would_overlap_stays_readable_on_the_board(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "l")
        lines = column_lines(it, "t2", "12:30", "15:00")
        # 4437 lies at 12:30–14:00, what is carried at 13:30–15:30: they share the row of 13:30.
        assert any("4437" in line for line in lines)
        shared = lines[2]
        assert "⠿ 4440" in shared or "4440" in shared
        assert "12:30–14" in shared or "Bell" in shared
        await it.keys("escape")
        assert not any("4440" in line for line in column_lines(it, "t2", "12:30", "15:00"))


async def test_the_timeline_keeps_the_bar_below_the_ghost(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "l")
        y = it.board.timeline.region.y + (it.board.timeline.line_of("t2") or 0)
        row = it.lines()[y]
        assert "4437" in row
        assert "4440" in row


async def test_alone_it_takes_the_whole_column(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.keys("space", "1", "6")
        lines = column_lines(it, "t1", "16:00", "17:00")
        assert "4440" in lines[0]
        assert "Annual service" in lines[1]


@pytest.mark.parametrize("mark", ["", "queued", "conflict"])
@pytest.mark.parametrize("slot", [30 * MINUTE, HOUR])
async def test_however_crowded_a_row_is_it_is_as_wide_as_its_column(
    world: BoardWorld, mark: str, slot: int
) -> None:
    async with opened(world) as it:
        day = it.board.day
        assert day is not None
        # 4428 and 4431 overlap, and break a rule: as narrow as lanes get, and half of that beside a ghost.
        known = day.columns[day.index["t3"]]
        given = tuple(one._replace(mark=mark) for one in known.given)
        column = Column(known.technician, given, ZONE, DAY, it.board.look.now)
        grid = Grid(day.start, slot, 24 * HOUR // slot)
        ghost = Ghost(it.visit("v4433"), 0, grid.rows, "07:00–23:00", broken=True)
        begins = " ▌┈╌" + "".join(map(UNICODE.of_status, Status))
        for width in range(11, 36):
            for carried in (None, ghost):
                art = lay_out(column, grid, width)
                for row in range(grid.rows):
                    strip = draw_row(art, row, it.board.look, ghost=carried)
                    assert sum(one.cell_length for one in strip) == width, strip.text
                    # A visit's last cell is its own, the column's last is nobody's. The next visit begins
                    # with its edge, or with its status where there is no room for both.
                    ends = [one.x + one.width for one in art.by_row.get(row, ())] if carried is None else []
                    assert all(strip.text[end] in begins for end in ends), strip.text
