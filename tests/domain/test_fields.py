from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain import fields
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit
from tests.board.world import at, visit


def test_a_crew_has_no_order() -> None:
    assert fields.value_of(Visit("v", "j", technician_ids=("b", "a")), fields.TECHNICIANS) == ["a", "b"]


def test_the_day_counts_only_without_a_clock_time() -> None:
    day = date(2026, 6, 4)
    assert fields.value_of(Visit("v", "j", date=day), fields.TIMES) == [None, None, "2026-06-04"]
    assert fields.value_of(Visit("v", "j", date=day, start=60, end=120), fields.TIMES) == [60, 120, None]
    assert fields.value_of(Job("j", start=60, end=120), fields.TIMES) == [60, 120, None]


def test_a_row_of_the_board_has_the_values_of_its_visit() -> None:
    row = visit(1, at(10), 45, crew=("t2", "t1"))
    kept = Visit("v1", "j1", ("t1", "t2"), row.start, row.end, status=Status.ASSIGNED)
    for name in (fields.TECHNICIANS, fields.TIMES, fields.STATUS):
        assert fields.value_of(row, name) == fields.value_of(kept, name)


def test_a_field_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        fields.value_of(Visit("v", "j"), "title")


def test_assigning_open_work_changes_its_word_too() -> None:
    given_away = fields.with_visit_value(
        Visit("v", "j", status=Status.UNASSIGNED), fields.TECHNICIANS, ["t1"]
    )
    assert given_away.status is Status.ASSIGNED
    done = fields.with_visit_value(Visit("v", "j", status=Status.COMPLETED), fields.TECHNICIANS, ["t1"])
    assert done.status is Status.COMPLETED


JOB = Job("j", technician_ids=("t1",), status=Status.ASSIGNED, start=0, end=60)


@given(
    st.one_of(
        st.tuples(st.sampled_from(fields.JOB_TEXT_FIELDS), st.none() | st.text(min_size=1)),
        st.tuples(st.just("priority"), st.none() | st.sampled_from([one.word for one in Priority])),
        st.tuples(st.just("duration_min"), st.none() | st.integers(1, 999)),
        st.tuples(st.just("skills"), st.lists(st.text(min_size=1), unique=True).map(sorted)),
        st.tuples(st.just(fields.TECHNICIANS), st.lists(st.text(min_size=1), unique=True).map(sorted)),
        st.tuples(st.just(fields.STATUS), st.sampled_from(["open", "draft", "completed", "on_hold"])),
    )
)
def test_a_value_that_is_laid_over_a_job_is_read_back(change: tuple[str, Json]) -> None:
    name, value = change
    shown = fields.value_of(fields.with_job_value(JOB, name, value), name)
    # No title is the empty title; every other text can be missing.
    assert shown == value
