from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain.conflicts import Conflict, Rule, check_day, check_move
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Absence, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import DAY, ZONE, at, technician, visit, window


def day(*visits: PlannedVisit, who: Technician | None = None) -> dict[str, list[str]]:
    found = check_day(who or technician(), visits, ZONE, DAY)
    return {visit_id: [one.says for one in broken] for visit_id, broken in found.items()}


def move(one: PlannedVisit, *others: PlannedVisit, who: Technician | None = None) -> list[str]:
    return [found.says for found in check_move(who or technician(), others, one, ZONE, DAY)]


def test_a_good_day_breaks_nothing() -> None:
    assert day(visit(1, at(9)), visit(2, at(10)), visit(3, at(13), 120)) == {}


def test_an_overlap_names_the_other_job_both_ways() -> None:
    found = day(visit(1, at(9), 90), visit(2, at(10)))
    assert found == {
        "v1": ["overlaps 4402 Service 2 (10:00–11:00)"],
        "v2": ["overlaps 4401 Service 1 (09:00–10:30)"],
    }


def test_a_cancelled_visit_takes_no_time() -> None:
    assert day(visit(1, at(9)), visit(2, at(9), status=Status.CANCELLED)) == {}
    assert day(visit(1, at(3), status=Status.SKIPPED, skills=("plumbing",))) == {}


def test_a_finished_visit_takes_the_time_it_took() -> None:
    early = visit(1, at(9), 120, status=Status.COMPLETED, actual_start=at(9), actual_end=at(9, 40))
    assert day(early, visit(2, at(10))) == {}
    late = early._replace(actual_end=at(10, 20))
    assert set(day(late, visit(2, at(10)))) == {"v1", "v2"}


def test_two_finished_visits_are_nothing_to_decide() -> None:
    done = Status.COMPLETED
    assert day(visit(1, at(9), 90, status=done), visit(2, at(10), status=done)) == {}


def test_the_shift_is_named() -> None:
    assert day(visit(1, at(16, 30))) == {"v1": ["outside the shift 08:00–17:00"]}
    assert day(visit(1, at(7, 30))) == {"v1": ["outside the shift 08:00–17:00"]}


def test_a_day_off_is_named() -> None:
    off = technician(shift={0: WallSpan(time(8), time(17))})
    assert day(visit(1, at(9)), who=off) == {"v1": ["outside the shift: Thursday is a day off"]}


def test_unknown_hours_are_held_against_nobody() -> None:
    assert day(visit(1, at(3)), who=technician(shift=None)) == {}


def test_the_night_shift_of_yesterday_covers_the_morning() -> None:
    night = {weekday: WallSpan(time(22), time(6)) for weekday in range(7)}
    assert day(visit(1, at(4)), who=technician(shift=night)) == {}
    assert day(visit(1, at(5, 30)), who=technician(shift=night)) == {"v1": ["outside the shift 22:00–06:00"]}


def test_a_visit_of_several_days_begins_and_ends_inside_shifts() -> None:
    assert day(visit(1, at(9), 30 * 60)) == {}
    assert day(visit(1, at(9), 34 * 60)) == {"v1": ["outside the shift 08:00–17:00"]}


def test_an_absence_says_until_when() -> None:
    away = technician(absences=(Absence(at(9), at(12), "dentist"),))
    assert day(visit(1, at(11)), who=away) == {"v1": ["Technician 0001 is away until 12:00 (dentist)"]}
    weeks = technician(absences=(Absence(at(-48), at(24 * 8), "holiday"),))
    assert day(visit(1, at(11)), who=weeks) == {
        "v1": ["Technician 0001 is away through Thu 11 Jun (holiday)"]
    }


def test_an_absence_of_a_day_needs_no_end() -> None:
    away = technician(absences=(Absence(at(0), at(24), "sick"),))
    assert day(visit(1, at(11)), who=away) == {"v1": ["Technician 0001 is away (sick)"]}


def test_a_missing_skill_is_named() -> None:
    assert day(visit(1, at(9), skills=("Gas", "gas-safe"))) == {"v1": ["lacks gas-safe"]}


def test_where_nobody_speaks_of_skills_none_is_missing() -> None:
    assert day(visit(1, at(9), skills=("gas-safe",)), who=technician(skills=(), skills_known=False)) == {}


def test_another_of_the_crew_may_have_the_skill() -> None:
    first, second = technician(1), technician(2, skills=("gas-safe",))
    both = visit(1, at(9), crew=("t1", "t2"), skills=("gas-safe",))
    crew = {"t1": first, "t2": second}
    assert check_day(first, [both], ZONE, DAY, crew) == {}
    assert check_day(first, [both._replace(technician_ids=("t1",))], ZONE, DAY, crew)


def test_a_promise_says_by_how_much_it_is_missed() -> None:
    promise = (window(at(8), at(12)),)
    assert day(visit(1, at(10, 45), 120, windows=promise)) == {"v1": ["ends 45 min after the promised 12:00"]}
    assert day(visit(1, at(8), windows=(window(at(9), at(12)),))) == {
        "v1": ["starts 60 min before the promised 09:00"]
    }


def test_a_window_shorter_than_the_visit_promises_the_arrival() -> None:
    arrival = (window(at(9), at(10)),)
    assert day(visit(1, at(9, 30), 180, windows=arrival)) == {}
    assert day(visit(1, at(10, 30), 180, windows=arrival)) == {
        "v1": ["starts 30 min after the promised 10:00"]
    }


def test_one_of_several_promises_is_enough() -> None:
    either = (window(at(8), at(10)), window(at(14), at(16)))
    assert day(visit(1, at(14), windows=either)) == {}
    assert day(visit(1, at(10), windows=either)) == {"v1": ["ends 60 min after the promised 10:00"]}


def test_a_promise_of_another_day_is_named_with_its_day() -> None:
    tomorrow = (window(at(33), at(36)),)
    assert day(visit(1, at(9), windows=tomorrow)) == {
        "v1": ["starts 24 h before the promised 09:00 on Fri 5 Jun"]
    }


def test_capacity_counts_jobs_not_visits() -> None:
    who = technician(capacity=2)
    twice = [visit(1, at(9)), visit(2, at(10), job_id="j1"), visit(3, at(11))]
    assert day(*twice, who=who) == {}
    assert day(*twice, visit(4, at(13)), who=who) == {"v4": ["3rd of 2 jobs"]}


@pytest.mark.parametrize(("jobs", "word"), [(1, "1st"), (2, "2nd"), (11, "11th"), (12, "12th"), (21, "21st")])
def test_ordinals(jobs: int, word: str) -> None:
    rows = [visit(number, at(9) + number * 60, 1) for number in range(jobs)]
    last = day(*rows, who=technician(capacity=0))[f"v{jobs - 1}"]
    assert f"{word} of 0 jobs" in last


def test_a_drive_that_does_not_fit_names_where_it_comes_from() -> None:
    far = visit(2, at(10, 4), lat=51.53)
    assert day(visit(1, at(9)), far) == {"v2": ["4 min for the 12 min drive from 4401"]}
    assert day(visit(1, at(9)), visit(2, at(10, 12), lat=51.53)) == {}


def test_only_the_drive_is_an_estimate() -> None:
    broken = check_day(technician(), [visit(1, at(9)), visit(2, at(10), lat=51.53)], ZONE, DAY)
    assert [one.hard for one in broken["v2"]] == [False]
    assert broken["v2"][0].other == "v1"


def test_a_move_looks_at_both_drives_and_leaves_itself_out() -> None:
    before, after = visit(1, at(9)), visit(3, at(11, 4))
    moved = visit(2, at(10, 2), lat=51.53)
    assert move(moved, before, visit(2, at(10)), after) == [
        "2 min for the 12 min drive from 4401",
        "2 min for the 12 min drive to 4403",
    ]


def test_a_move_without_a_time_breaks_at_most_a_skill() -> None:
    assert move(visit(1, None, crew=("t1",), skills=("wings",))) == ["lacks wings"]


SPANS = st.lists(
    st.tuples(st.integers(8 * 60, 16 * 60), st.integers(1, 180), st.sampled_from(list(Status))), max_size=12
)


def overlaps(broken: dict[str, tuple[Conflict, ...]]) -> set[tuple[str, str]]:
    return {
        (visit_id, one.other)
        for visit_id, found in broken.items()
        for one in found
        if one.rule is Rule.OVERLAP and one.other is not None
    }


@given(SPANS)
def test_an_overlap_is_mutual_and_exactly_what_a_slow_look_finds(
    spans: list[tuple[int, int, Status]],
) -> None:
    rows = [
        visit(number, at(0, start), minutes, crew=("t1",), status=status)
        for number, (start, minutes, status) in enumerate(spans)
    ]
    found = overlaps(check_day(technician(), rows, ZONE, DAY))
    assert found == {(b, a) for a, b in found}
    ended = {Status.COMPLETED, Status.CLOSED}
    lost = {Status.CANCELLED, Status.SKIPPED, Status.DECLINED, Status.FAILED}
    slow = {
        (a.id, b.id)
        for a in rows
        for b in rows
        if a.id != b.id
        and not {a.status, b.status} & lost
        and not (a.status in ended and b.status in ended)
        and (a.start or 0) < (b.end or 0)
        and (b.start or 0) < (a.end or 0)
    }
    assert found == slow


@given(SPANS, st.integers(8 * 60, 16 * 60))
def test_a_move_breaks_what_the_day_would_show_after_it(
    spans: list[tuple[int, int, Status]], start: int
) -> None:
    others = [
        visit(number, at(0, begin), minutes, crew=("t1",), status=status)
        for number, (begin, minutes, status) in enumerate(spans)
    ]
    moved = visit(99, at(0, start), 45)
    after = check_day(technician(capacity=None), [*others, moved], ZONE, DAY).get("v99", ())
    before = check_move(technician(capacity=None), others, moved, ZONE, DAY)
    hard = {one for one in before if one.hard}
    assert hard == {one for one in after if one.hard}
    assert moved.end is not None
    assert moved.end - at(0, start) == 45 * MINUTE
