from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.naming import (
    Ambiguous,
    NoTime,
    Unknown,
    find_job,
    find_job_or_visit,
    find_technician,
    find_visit,
    parse_day,
    parse_end,
    parse_time,
    typed_time,
)
from fieldboard.domain.instants import SkippedTime, instant_of
from fieldboard.domain.technician import Technician
from tests.board.office import TECHNICIANS, Office
from tests.board.world import DAY, ZONE, at


@pytest.mark.parametrize(
    ("text", "found"),
    [("t2", "t2"), ("Dai Evans", "t2"), ("dai e", "t2"), ("AMARA", "t1"), ("diallo", "t1"), ("old", "t9")],
)
def test_a_technician_by_id_name_or_part(text: str, found: str) -> None:
    assert find_technician(text, TECHNICIANS).id == found


def test_an_exact_name_wins_over_parts() -> None:
    people = [Technician("1", "Ann"), Technician("2", "Ann Marie"), Technician("Ann Marie", "Zed")]
    assert find_technician("ann", people).id == "1"
    assert find_technician("Ann Marie", people).name == "Zed"


def test_several_are_named() -> None:
    with pytest.raises(Ambiguous, match="'dai' may mean several technicians: Dai Evans, Dai Jones"):
        find_technician("dai", TECHNICIANS)
    twins = [Technician("1", "Ann"), Technician("2", "Ann")]
    with pytest.raises(Ambiguous, match=r"Ann \(1\), Ann \(2\)"):
        find_technician("ann", twins)


def test_nobody_is_told_with_the_near() -> None:
    with pytest.raises(Unknown, match="there is no technician 'amra'; there is Amara Diallo"):
        find_technician("amra", TECHNICIANS)
    with pytest.raises(Unknown, match="missing"):
        find_technician(" ", TECHNICIANS)


@pytest.mark.parametrize("text", ["4401", "j1", " 4401 "])
def test_a_job_by_number_or_id(office: Office, text: str) -> None:
    assert find_job(text, office.desk).id == "j1"
    visit, entity = find_visit(text, office.desk)
    assert (visit.id, entity) == ("v1", "job:j1")


def test_a_visit_by_id_or_place_in_its_job(office: Office) -> None:
    assert find_visit("v5", office.desk)[1] == "visit:v5"
    assert find_visit("4404/2", office.desk)[0].id == "v5"
    assert find_visit("j4/1", office.desk) == (office.visit("v4"), "visit:v4")
    with pytest.raises(Unknown, match="has no visit 3; there is 4404/1 "):
        find_visit("4404/3", office.desk)


def test_a_job_with_several_open_visits_lists_them(office: Office) -> None:
    with pytest.raises(Ambiguous) as told:
        find_visit("4404", office.desk)
    assert told.value.candidates == (
        "4404/1 2026-06-04 14:00, Amara Diallo",
        "4404/2 2026-06-05 14:00, Dai Evans",
    )


def test_a_visit_made_up_from_a_job_is_the_job(office: Office) -> None:
    visit, entity = find_visit("4405", office.desk)
    assert visit.made_up
    assert entity == "job:j5"
    assert find_visit("j5", office.desk)[1] == "job:j5"


def test_where_both_are_meant_a_job_is_a_job(office: Office) -> None:
    assert find_job_or_visit("4404", office.desk)[1] == "job:j4"
    assert find_job_or_visit("4404/2", office.desk)[1] == "visit:v5"
    assert find_job_or_visit("v4", office.desk)[1] == "visit:v4"


def test_an_unknown_job_is_told_with_what_is_like_it(office: Office) -> None:
    with pytest.raises(Unknown, match=r"there is no job '44' in the cache; there is .*4401 Boiler service"):
        find_job("44", office.desk)
    with pytest.raises(Unknown, match="''"):
        find_job("", office.desk)


@pytest.mark.parametrize(
    ("text", "days"),
    [("today", 0), ("Tomorrow", 1), ("yesterday", -1), ("+3", 3), ("-2", -2), ("2026-06-10", 6)],
)
def test_days(text: str, days: int) -> None:
    assert parse_day(text, DAY) == DAY + timedelta(days=days)


@pytest.mark.parametrize("text", ["", "soon", "2026-6-1", "2026-02-30", "+", "+99999", "3"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NoTime, match="is no day"):
        parse_day(text, DAY)


@pytest.mark.parametrize(
    "text",
    [
        "14:00",
        "2026-06-04T14:00",
        "2026-06-04 14:00",
        "2026-06-04T13:00Z",
        "2026-06-04T15:00+02:00",
        "20260604T1400",
    ],
)
def test_times(text: str) -> None:
    assert parse_time(text, DAY, ZONE) == at(14)


@pytest.mark.parametrize(
    "text", ["", "2pm", "24:00", "12:60", "14", "2026-06-04", "2026-13-04T10:00", "0001-01-01T00:00Z x"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(NoTime, match="is no time"):
        parse_time(text, DAY, ZONE)


def test_the_spring_and_the_autumn() -> None:
    with pytest.raises(SkippedTime, match="00:30 or 02:30"):
        parse_time("01:30", date(2026, 3, 29), ZONE)
    assert parse_time("2026-10-25T01:30", DAY, ZONE) == instant_of(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


def test_an_end_may_lie_past_midnight_but_not_before_its_start() -> None:
    assert parse_end("02:00", at(22), DAY, ZONE) == at(26)
    assert parse_end("23:00", at(22), DAY, ZONE) == at(23)
    for text in ("12:00", "2026-06-04T10:00"):
        with pytest.raises(NoTime, match="is not after the start 13:00"):
            parse_end(text, at(13), DAY, ZONE)


@pytest.mark.parametrize(
    ("digits", "wall"),
    [
        ("9", time(9)),
        ("14", time(14)),
        ("930", time(9, 30)),
        ("1430", time(14, 30)),
        ("9:3", time(9, 30)),
        ("9:05", time(9, 5)),
        ("25", None),
        ("1275", None),
        ("", None),
        ("a", None),
    ],
)
def test_digits_are_a_time_while_they_are_typed(digits: str, wall: time | None) -> None:
    assert typed_time(digits) == wall


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_is_refused_in_words(text: str) -> None:
    with suppress(NoTime, SkippedTime):
        assert parse_time(text, DAY, ZONE)
