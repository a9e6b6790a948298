"""The bars of the timeline: one without a state is made at once, and looks as if it was painted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.column import Column, column_of
from fieldboard.domain.instants import HOUR
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.themes_file import load_themes
from fieldboard.tui.glyphs import UNICODE
from fieldboard.tui.panes import timeline_art
from fieldboard.tui.panes.look import Look
from fieldboard.tui.panes.timeline_art import Bars, Scale, draw_bars
from fieldboard.tui.theme import Palette
from tests.board.world import DAY, ZONE, at, technician, visit

DARK = load_themes(Path("/nowhere"))[0]["dark"]
LOOKS = {mono: Look(Palette(DARK, mono=mono), UNICODE, ZONE, at(10, 42)) for mono in (False, True)}
SCALES = (Scale(at(7), 12 * HOUR, 180), Scale(at(9), 2 * HOUR, 60), Scale(at(0), 24 * HOUR, 40))

VISITS = st.lists(
    st.tuples(
        st.integers(0, 20 * 12),
        st.integers(0, 24),
        st.sampled_from(["Hart & Sons", "", "漢字 Ltd", "Ünal", "e\u0301clair"]),
        st.sampled_from(["4471", "7", "", "番号", "INV-2026-000123"]),
        st.sampled_from(["", "queued", "conflict"]),
        st.sampled_from([Status.ASSIGNED, Status.COMPLETED, Status.IN_PROGRESS]),
    ),
    max_size=6,
)


def column(rows: list[tuple[int, int, str, str, str, Status]]) -> Column:
    visits = [
        visit(nth, at(0, 5 * start), 5 * length, customer=whom, mark=mark, status=status)._replace(
            number=number
        )
        for nth, (start, length, whom, number, mark, status) in enumerate(rows)
    ]
    return column_of(technician(), visits, ZONE, DAY, at(10, 42))


@given(VISITS, st.sampled_from(SCALES), st.booleans())
def test_a_bar_made_at_once_looks_as_if_painted(
    rows: list[tuple[int, int, str, str, str, Status]], scale: Scale, mono: bool
) -> None:
    drawn, look = column(rows), LOOKS[mono]
    painted = draw_bars([drawn], scale, look)
    bars = Bars(scale, look)
    assert draw_bars([drawn], scale, look, bars=bars) == painted
    assert draw_bars([drawn], scale, look, bars=bars) == painted


def test_a_bar_that_moves_is_not_painted_character_by_character(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    paint = timeline_art._draw_bar

    def counted(cells: object, one: PlannedVisit, *how: object, broken: bool) -> range:
        painted.append(one.id)
        return paint(cells, one, *how, broken=broken)  # type: ignore[arg-type]

    monkeypatch.setattr(timeline_art, "_draw_bar", counted)
    scale, look = SCALES[0], LOOKS[False]
    bars = Bars(scale, look)
    rows = [(96 + 14 * nth, 10, "Hart & Sons", f"44{nth}", "", Status.ASSIGNED) for nth in range(8)]
    draw_bars([column(rows)], scale, look, bars=bars)
    draw_bars([column([(row[0] + 1, *row[1:]) for row in rows])], scale, look, bars=bars)
    assert painted == []
    begun = column(rows).given[0]._replace(actual_start=at(8))
    draw_bars([column_of(technician(), [begun], ZONE, DAY, look.now)], scale, look, bars=bars)
    assert painted == [begun.id]


def test_a_bar_that_moves_is_taken_as_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = timeline_art._cells_drawn

    def counted(one: PlannedVisit, width: int, look: Look, *, broken: bool) -> timeline_art.Drawn | None:
        made.append(one.id)
        return make(one, width, look, broken=broken)

    monkeypatch.setattr(timeline_art, "_cells_drawn", counted)
    # 12 cells an hour: each moves by a cell and is as wide as before.
    scale, look = Scale(at(7), 12 * HOUR, 144), LOOKS[False]
    bars = Bars(scale, look)
    rows = [(132 + 14 * nth, 10, "Hart & Sons", f"44{nth}", "", Status.ASSIGNED) for nth in range(5)]
    draw_bars([column(rows)], scale, look, bars=bars)
    assert len(made) == len(rows)
    made.clear()
    moved = column([(row[0] + 1, *row[1:]) for row in rows])
    assert draw_bars([moved], scale, look, bars=bars) == draw_bars([moved], scale, look)
    assert made == []
    # Another number, another length or another state is another bar.
    others = [
        (rows[0][0], 10, "Hart & Sons", "9", "", Status.ASSIGNED),
        (rows[1][0], 11, *rows[1][2:]),
        (*rows[2][:5], Status.COMPLETED),
        (*rows[3][:4], "queued", rows[3][5]),
        (*rows[4][:2], "Hart", *rows[4][3:]),
    ]
    draw_bars([column(others)], scale, look, bars=bars)
    assert len(made) == len(others)


@pytest.mark.parametrize("width", [6, 7, 8, 30])
def test_a_bar_whose_time_is_estimated_says_so(width: int) -> None:
    drawn = column([(120, 12, "Hart", "4471", "", Status.ASSIGNED)])
    blocks = drawn.blocks[0].visit._replace(estimated=True)
    label = timeline_art._label(blocks, width, LOOKS[False])
    assert label.startswith("◆~4471")
