"""How a board's room is shared out among columns, and what scrolls as little as it can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.tui.panes.column_places import LEAST_COLUMN, MOST_COLUMN, head_lines, share_out, top_showing


@given(room=st.integers(1, 400), columns=st.integers(1, 1000))
def test_columns_share_the_room_and_none_is_too_narrow(room: int, columns: int) -> None:
    widths = share_out(room, columns)
    assert len(widths) <= columns
    assert sum(widths) <= room
    assert max(widths) - min(widths) <= 1
    assert max(widths) <= MOST_COLUMN
    assert len(widths) == 1 or min(widths) >= LEAST_COLUMN
    if len(widths) < columns and room >= LEAST_COLUMN:
        # Where not all are shown there is neither room for one more nor a cell that nobody has.
        assert room < (len(widths) + 1) * LEAST_COLUMN
        assert sum(widths) == min(room, MOST_COLUMN * len(widths))


def test_without_columns_one_place_has_all_the_room() -> None:
    assert share_out(114, 0) == [114]


@pytest.mark.parametrize(("height", "lines"), [(11, 1), (12, 2), (17, 2), (18, 3), (40, 3)])
def test_a_low_board_has_lower_heads(height: int, lines: int) -> None:
    assert head_lines(height) == lines


@given(st.integers(0, 90), st.integers(1, 12), st.integers(0, 90), st.integers(12, 40))
def test_scrolling_shows_the_rows_and_moves_no_more_than_it_must(
    start: int, rows: int, top: int, body: int
) -> None:
    found = top_showing(start, start + rows, top, body)
    assert found <= start
    assert start + rows <= found + body
    if top <= start and start + rows <= top + body:
        assert found == top
    else:
        assert found in (start, start + rows - body)
