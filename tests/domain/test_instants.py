from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain.instants import (
    HOUR,
    SkippedTime,
    Zone,
    instant_of,
    instant_text,
    parse_instant,
    to_utc,
)
from fieldboard.domain.technician import Technician, WallSpan

LONDON = Zone("Europe/London")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (date(2026, 6, 4), 24), (AUTUMN, 25)])
def test_a_day_has_23_24_or_25_hours(day: date, hours: int) -> None:
    start, end = LONDON.day_bounds(day)
    assert end - start == hours * HOUR
    assert LONDON.date_of(start) == day
    assert LONDON.date_of(end - 1) == day


def test_a_skipped_time_is_refused_with_its_neighbours() -> None:
    with pytest.raises(SkippedTime, match="say 00:30 or 02:30"):
        LONDON.at(SPRING, time(1, 30))


def test_the_nearest_of_a_skipped_time_is_after_the_jump() -> None:
    assert LONDON.clock_text(LONDON.nearest(SPRING, time(1, 30))) == "02:30"


def test_a_time_that_comes_twice_means_the_first() -> None:
    assert instant_text(LONDON.at(AUTUMN, time(1, 30))) == "2026-10-25T00:30:00Z"


def test_an_instant_is_read_with_any_offset_and_printed_in_utc() -> None:
    assert instant_text(parse_instant("2026-06-04T15:00:00.75+01:00")) == "2026-06-04T14:00:00Z"
    assert parse_instant("2026-06-04T14:00:00Z") == parse_instant("2026-06-04T09:00-05:00")


@pytest.mark.parametrize("text", ["2026-06-04T14:00", "noon", "", "2026-13-01T00:00Z"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_instant(text)


def test_before_1970_seconds_are_cut_downwards() -> None:
    assert instant_of(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2060, 1, 1)))
def test_local_and_back(moment: datetime) -> None:
    instant = instant_of(moment.replace(tzinfo=UTC))
    local = LONDON.local(instant)
    assert instant_of(local) == instant
    assert to_utc(instant) == moment.replace(tzinfo=UTC, microsecond=0)
    start, end = LONDON.day_bounds(local.date())
    assert start <= instant < end


def test_a_night_shift_ends_the_next_day() -> None:
    night = WallSpan(time(22), time(6))
    start, end = night.on(date(2026, 6, 4), LONDON)
    assert end - start == 8 * HOUR


def test_a_night_shift_on_the_short_night_is_as_long_as_the_wall_says() -> None:
    start, end = WallSpan(time(22), time(6)).on(SPRING - timedelta(days=1), LONDON)
    assert LONDON.clock_text(start) == "22:00"
    assert LONDON.clock_text(end) == "06:00"
    assert end - start == 7 * HOUR


def test_no_shift_known_is_not_a_day_off() -> None:
    unknown = Technician(id="t", name="T")
    idle = Technician(id="t", name="T", shift={0: WallSpan(time(8), time(17))})
    thursday = date(2026, 6, 4)
    assert not unknown.off_on(thursday)
    assert unknown.shift_on(thursday, LONDON) is None
    assert idle.off_on(thursday)
