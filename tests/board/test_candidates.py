from __future__ import annotations

from datetime import time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldboard.board.candidates import Candidate, Candidates, candidates, day_for, ranking_for
from fieldboard.board.day_board import build
from fieldboard.domain.conflicts import PAST_GRACE_MIN, Rule, check_move
from fieldboard.domain.instants import Instant
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Absence, LatLng, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit
from tests.board.office import Office
from tests.board.world import DAY, ZONE, at, company, technician, visit, window

NOW = at(10, 42)


def ask(
    wanted: PlannedVisit,
    *visits: PlannedVisit,
    who: list[Technician] | None = None,
    now: Instant = NOW,
    start: Instant | None = None,
) -> Candidates:
    board = build(DAY, who or [technician()], visits, ZONE, now)
    return candidates(wanted, board.columns, ZONE, DAY, now, start=start)


def only(found: Candidates) -> Candidate:
    (one,) = found.all
    return one


JOB = visit(99, priority=Priority.URGENT, minutes=60)


def test_the_earliest_start_is_now_in_whole_five_minutes() -> None:
    one = only(ask(JOB))
    assert (one.start, one.end, one.rank) == (at(10, 45), at(11, 45), 1)


def test_before_the_shift_it_is_the_start_of_the_shift() -> None:
    assert only(ask(JOB, now=at(6))).start == at(8)


def test_a_gap_needs_room_for_both_drives() -> None:
    far = {"lat": 51.53}
    before, after = visit(1, at(10), 60, lat=51.53), visit(2, at(12, 10), 60, lat=51.53)
    assert far
    # Twelve minutes there and twelve back: 11:12 to 12:12 does not fit before 12:10.
    assert only(ask(JOB, before, after)).start == at(13, 25)
    assert only(ask(JOB, before, visit(2, at(12, 30), 60, lat=51.53))).start == at(11, 15)


def test_work_that_runs_over_lasts_until_now_at_least() -> None:
    over = visit(1, at(8), 60, status=Status.IN_PROGRESS, lat=51.53)
    assert only(ask(JOB, over)).start == at(10, 55)


def test_breaks_and_absences_are_kept_free() -> None:
    who = [technician(breaks=(WallSpan(time(11), time(11, 30)),), absences=(Absence(at(12), at(14), "x"),))]
    assert only(ask(JOB, who=who)).start == at(14)


def test_the_promise_is_kept_where_it_can_be() -> None:
    promised = JOB._replace(windows=(window(at(13), at(16)),))
    one = only(ask(promised))
    assert one.start == at(13)
    assert "inside the promised window" in one.reasons


def test_a_promise_that_cannot_be_kept_is_told() -> None:
    one = only(ask(JOB._replace(windows=(window(at(8), at(11)),))))
    assert one.start == at(10, 45)
    assert one.rank == 1
    assert one.broken == ("ends 45 min after the promised 11:00",)


def test_the_unsuitable_say_why() -> None:
    full = [visit(number, at(7 + number), 60, crew=("t5",)) for number in range(1, 10)]
    who = [
        technician(1, skills=("boiler",)),
        technician(2, shift={0: WallSpan(time(8), time(17))}),
        technician(3, shift={3: WallSpan(time(6), time(10))}),
        technician(4, absences=(Absence(at(0), at(30), "sick"),)),
        technician(5),
        technician(6, active=False),
    ]
    found = ask(JOB._replace(skills=("gas",)), *full, who=who)
    assert found.ranked == ()
    assert [one.excluded[0] for one in found.excluded] == [
        "lacks gas",
        "Thursday is a day off",
        "the shift ended at 10:00",
        "Technician 0004 is away until 06:00 on Fri 5 Jun (sick)",
        "no 60 min free between 10:42 and 17:00",
    ]
    assert all(one.rank is None and one.start is None for one in found.excluded)


def test_a_day_that_is_over_has_nobody() -> None:
    assert only(ask(JOB, now=at(30))).excluded == ("the day is over",)


def test_a_job_with_a_time_keeps_it() -> None:
    planned = visit(99, at(14), 60, crew=("t1",))
    found = ask(
        planned, visit(1, at(14, 30)), visit(2, at(9), crew=("t2",)), who=[technician(1), technician(2)]
    )
    assert found.fixed
    assert found.best is not None
    assert (found.best.technician.id, found.best.start) == ("t2", at(14))
    assert found.excluded[0].excluded == ("overlaps 4401 Service 1 (14:30–15:30)",)


def test_a_job_whose_time_is_over_gets_the_earliest_from_now() -> None:
    late = visit(99, at(9), 60, crew=())
    found = ask(late)
    assert not found.fixed
    assert only(found).start == at(10, 45)
    assert ask(visit(99, at(10, 30), 60, crew=())).fixed


def test_an_estimate_is_not_looked_at_as_a_time_that_was_planned() -> None:
    estimated = visit(99, at(14), 60, crew=("t9",))._replace(estimated=True)
    found = ask(estimated, visit(1, at(14), 60))
    assert not found.fixed
    assert only(found).start == at(10, 45)


def test_a_given_time_that_is_over_breaks_a_rule() -> None:
    found = ask(JOB, who=[technician(1)], start=at(9, 12))
    assert found.best is not None
    assert found.best.broken == ("starts in the past, 90 min ago",)


def test_a_given_time_is_looked_at_alone() -> None:
    found = ask(JOB, visit(1, at(12), 60, lat=51.53), start=at(13, 2))
    assert found.best is not None
    assert found.best.start == at(13, 2)
    assert found.best.broken == ("2 min for the 12 min drive from 4401",)


def test_the_nearer_and_the_less_booked_come_first() -> None:
    who = [technician(1, home=LatLng(51.6, -0.12)), technician(2)]
    assert [one.technician.id for one in ask(JOB, who=who).ranked] == ["t2", "t1"]
    busy = visit(1, at(15), 120, crew=("t2",))
    assert [one.technician.id for one in ask(JOB, busy, who=[technician(1), technician(2)]).ranked] == [
        "t1",
        "t2",
    ]


def test_over_capacity_is_below_who_is_not() -> None:
    who = [technician(1, capacity=0), technician(2, home=LatLng(52.5, -0.12))]
    found = ask(JOB, who=who)
    assert [one.technician.id for one in found.ranked] == ["t2", "t1"]
    assert found.ranked[1].broken == ("1st of 0 jobs",)


def test_among_late_offers_the_less_late_comes_first() -> None:
    who = [technician(1, home=LatLng(51.6, -0.12)), technician(2)]
    busy = [visit(1, at(9), 240, crew=("t2",)), visit(2, at(9), 120, crew=("t1",), lat=51.6)]
    found = ask(JOB._replace(windows=(window(at(8), at(11)),)), *busy, who=who)
    assert [(one.technician.id, one.late_min) for one in found.ranked] == [("t1", 95), ("t2", 180)]
    assert found.ranked[0].score < found.ranked[1].score


PEOPLE, ROWS = company(25, 4)


@settings(max_examples=60)
@given(
    st.integers(6 * 60, 18 * 60),
    st.integers(15, 300),
    st.sampled_from([(), ("gas",), ("gas", "boiler"), ("wings",)]),
    st.none() | st.tuples(st.integers(8 * 60, 15 * 60), st.integers(15, 240)),
    st.none() | st.integers(8 * 60, 17 * 60),
)
def test_everybody_once_and_nobody_who_breaks_a_rule_above_one_who_breaks_none(
    now: int, minutes: int, skills: tuple[str, ...], promise: tuple[int, int] | None, start: int | None
) -> None:
    windows = (window(at(0, promise[0]), at(0, promise[0] + promise[1])),) if promise else ()
    wanted = visit(9999, minutes=minutes, skills=skills, windows=windows)
    board = build(DAY, PEOPLE, ROWS, ZONE, at(0, now))
    found = candidates(
        wanted, board.columns, ZONE, DAY, at(0, now), start=None if start is None else at(0, start)
    )
    assert sorted(one.technician.id for one in found.all) == sorted(one.id for one in PEOPLE)
    assert [one.rank for one in found.ranked] == list(range(1, len(found.ranked) + 1))
    breaking = [bool(one.broken) for one in found.ranked]
    assert breaking == sorted(breaking)
    assert all(one.excluded for one in found.excluded)
    for one in found.ranked:
        assert one.start is not None
        assert one.start == at(0, start or 0) or start is None
        column = board.column(one.technician.id)
        assert column is not None
        moved = wanted._replace(technician_ids=(one.technician.id,), start=one.start, end=one.end)
        rules = {each.rule for each in check_move(one.technician, column.visits, moved, ZONE, DAY)}
        assert not rules & {Rule.OVERLAP, Rule.MISSING_SKILL, Rule.OUTSIDE_SHIFT, Rule.ABSENT}
        over = start is not None and now - start > PAST_GRACE_MIN
        assert bool(rules or over) == bool(one.broken)
        if start is None:
            assert one.start >= at(0, now)


def test_where_no_times_are_kept_what_is_found_is_an_estimate() -> None:
    board = build(DAY, [technician()], (), ZONE, NOW)
    found = candidates(JOB, board.columns, ZONE, DAY, NOW, estimated=True)
    assert found.estimated
    assert only(found).reasons[0] == "~10:45–11:45"
    assert only(ask(JOB)).reasons[0] == "10:45–11:45"


def test_whom_the_system_suggests_is_told_without_the_name_that_stands_beside_it() -> None:
    board = build(DAY, [technician(1), technician(2)], (), ZONE, NOW)
    told = ("FieldOpt suggests", "match 87%")
    found = candidates(JOB, board.columns, ZONE, DAY, NOW, suggested=("t2", told))
    assert [one.technician.id for one in found.all if one.reasons[1:3] == told] == ["t2"]


def test_candidates_are_those_of_the_board(office: Office) -> None:
    found = ranking_for(office.desk, office.visit("v3"))
    assert [one.technician.name for one in found.ranked] == ["Dai Evans", "Amara Diallo"]
    assert found.best is not None
    assert found.excluded[0].excluded == ("lacks gas",)
    tomorrow = ranking_for(office.desk, office.visit("v3"), day=DAY + timedelta(days=1))
    assert tomorrow.day == DAY + timedelta(days=1)
    fixed = ranking_for(office.desk, office.visit("v3"), at(15))
    assert fixed.fixed
    assert fixed.best is not None
    assert fixed.best.start == at(15)


def test_the_day_for_a_job_is_its_own_or_the_promised_one(office: Office) -> None:
    desk = office.desk
    assert day_for(desk, office.visit("v5")) == DAY + timedelta(days=1)
    assert day_for(desk, office.visit("v3")) == DAY
    late = office.visit("v3")._replace(windows=())
    assert day_for(desk, late) == DAY
    assert day_for(desk, late._replace(date=DAY - timedelta(days=9))) == DAY
    assert day_for(desk, late, day=DAY + timedelta(days=3)) == DAY + timedelta(days=3)
