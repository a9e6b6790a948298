"""A technician's day: what it comes to is known without laying it out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.column import Column, column_of
from fieldboard.board.day_board import build, with_visits
from fieldboard.domain.status import NOT_DONE, Status
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import DAY, ZONE, at, company, technician, visit

NOW = at(10, 42)
ROWS = st.lists(
    st.tuples(
        st.integers(-120, 26 * 60),
        st.integers(0, 300),
        st.sampled_from([Status.ASSIGNED, Status.CANCELLED, Status.IN_PROGRESS, Status.COMPLETED]),
        st.sampled_from([(), ("gas",), ("wings",)]),
    ),
    max_size=8,
)


def column(rows: list[tuple[int, int, Status, tuple[str, ...]]]) -> Column:
    visits = [
        visit(nth, at(0, begin), minutes, status=status, skills=skills)
        for nth, (begin, minutes, status, skills) in enumerate(rows)
    ]
    return column_of(technician(capacity=4), visits, ZONE, DAY, NOW)


@given(ROWS)
def test_summing_up_finds_what_laying_out_finds(rows: list[tuple[int, int, Status, tuple[str, ...]]]) -> None:
    summed, laid = column(rows), column(rows)
    assert {one.visit.id for one in laid.blocks if one.conflicts} == {*summed.broken}
    assert summed.sums == laid.sums
    assert summed.jobs == sum(one.visit.status not in NOT_DONE for one in laid.blocks)
    assert summed.visits == laid.visits == tuple(one.visit for one in summed.blocks)


def test_what_lies_outside_the_day_is_not_booked() -> None:
    assert column([(-60, 90, Status.ASSIGNED, ())]).booked_min == 30
    assert column([(23 * 60, 120, Status.ASSIGNED, ())]).booked_min == 60
    assert column([(-60, 30, Status.ASSIGNED, ())]).booked_min == 0


def test_a_day_is_counted_without_laying_out_a_column() -> None:
    people, rows = company(60, 8)
    board = build(DAY, people, rows, ZONE, NOW)
    assert board.broken
    assert all(one.summed for one in board.columns)
    assert not any(one.laid for one in board.columns if one.given)
    moved: dict[str, PlannedVisit | None] = {
        one.id: one._replace(start=(one.start or 0) + 300, end=(one.end or 0) + 300) for one in rows[:200]
    }
    after, changed = with_visits(board, moved, {one.id: one for one in people}, ZONE, NOW)
    assert {one.technician.id for one in after.uncounted()} == changed
    assert after.broken
    assert not any(one.laid for one in after.columns if one.given)


def test_what_is_laid_out_is_summed_up_as_well() -> None:
    found = column([(9 * 60, 60, Status.ASSIGNED, ())])
    assert (found.laid, found.summed) == (False, False)
    assert len(found.blocks) == 1
    assert (found.laid, found.summed) == (True, True)
