from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from fieldboard.domain.estimating import estimated_times, with_estimates
from fieldboard.domain.fields import TIMES, value_of
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import DAY, ZONE, at, visit

DAI = Technician(
    id="t1", name="Dai", shift={day: WallSpan(time(9), time(17)) for day in range(7)}, home=LatLng(51.5, -3.2)
)


def ordered(number: int, place: int | None, minutes: int = 60, day: date = DAY) -> PlannedVisit:
    base = visit(number, None, minutes, crew=("t1",))
    return base._replace(
        start=None,
        end=None,
        date=day,
        sequence=place,
        estimated=True,
        duration_min=minutes,
        lat=None,
        lng=None,
    )


def starts(*rows: PlannedVisit, who: Technician = DAI) -> dict[str, str]:
    return {
        one.id: ZONE.clock_text(one.start)
        for one in estimated_times(rows, who, DAY, ZONE)
        if one.start is not None
    }


def test_a_day_follows_its_order_from_the_beginning_of_the_shift() -> None:
    assert starts(ordered(1, 2, 30), ordered(2, 1, 90), ordered(3, None)) == {
        "v2": "09:00",
        "v1": "10:30",
        "v3": "11:00",
    }


def test_without_a_shift_the_day_begins_at_eight() -> None:
    assert starts(ordered(1, 1), who=replace(DAI, shift=None)) == {"v1": "08:00"}


def test_a_visit_waits_for_the_window_that_it_can_meet() -> None:
    early, late = TimeWindow(at(9), at(9, 30)), TimeWindow(at(11), at(13))
    assert starts(ordered(1, 1)._replace(windows=(early, late))) == {"v1": "11:00"}
    # One that is too long for every window comes when its turn is.
    assert starts(ordered(1, 1)._replace(windows=(early,))) == {"v1": "09:00"}


def test_the_drive_between_two_places_takes_its_time() -> None:
    far = ordered(2, 2)._replace(lat=51.7, lng=-3.2)
    near = ordered(1, 1)._replace(lat=51.5, lng=-3.2)
    assert starts(near, far)["v2"] > "10:15"


def test_what_was_told_of_the_past_holds_and_the_rest_follows_it() -> None:
    done = ordered(1, 1)._replace(actual_end=at(11))
    assert starts(done, ordered(2, 2)) == {"v1": "10:00", "v2": "11:00"}


def test_an_estimate_is_no_time_that_anybody_kept() -> None:
    (row,) = estimated_times([ordered(1, 1)], DAI, DAY, ZONE)
    assert row.start is not None
    assert value_of(row, TIMES) == [None, None, DAY.isoformat()]
    assert not row.queued


def test_other_days_and_clock_times_stay_as_they_are() -> None:
    timed, other = visit(1, at(10), 45, crew=("t1",)), ordered(2, 1, day=date(2030, 1, 1))
    assert estimated_times([timed, other], DAI, DAY, ZONE) == [timed, other]
    assert with_estimates([timed], [DAI], ZONE) == [timed]
    (later,) = with_estimates([other], [DAI], ZONE)
    assert later.start is not None
    assert ZONE.date_of(later.start) == date(2030, 1, 1)
