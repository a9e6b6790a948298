"""What a visit says on its rows of a column: no number is lost where the column is narrow."""

from __future__ import annotations

import pytest

from fieldboard.domain.conflicts import Conflict, Rule
from fieldboard.domain.visit import PlannedVisit
from fieldboard.tui.ink import Ink
from fieldboard.tui.panes.visit_art import Placed, draw_visit
from fieldboard.tui.sentences import about_visit
from tests.board.world import at, visit
from tests.tui.test_timeline_art import LOOKS

LOOK = LOOKS[False]


def first_row(one: PlannedVisit, width: int, conflict: str = "") -> str:
    ink = Ink(width, LOOK.palette("text"))
    draw_visit(ink, Placed(one, 0, 2, 0, width, conflict), 0, LOOK, "", now_row=False)
    return ink.strip().text


def test_what_is_estimated_has_its_sign_before_the_number() -> None:
    one = visit(1, at(13))
    assert first_row(one, 20).startswith("▌◆ 4401")
    assert first_row(one._replace(estimated=True), 20).startswith("▌◆~4401")


@pytest.mark.parametrize("width", [7, 8])
def test_three_side_by_side_show_their_whole_numbers(width: int) -> None:
    assert first_row(visit(1, at(13)), width, "warn").rstrip() in ("◆4401▲", "◆4401 ▲")
    assert first_row(visit(1, at(13)), 12, "warn").startswith("▌◆ 4401")


def test_a_long_title_is_cut_before_what_is_wrong() -> None:
    one = visit(1, at(13), title="Annual service of both boilers and of the pumps in the cellar")
    broken = Conflict(Rule.OVERLAP, True, "overlaps 4402")
    words = "".join(part.text for part in about_visit(one, LOOK, [broken]).parts)
    assert "Annual service of both boilers and …" in words
    assert "overlaps 4402" in words
