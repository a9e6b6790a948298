from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.column import Column
from fieldboard.board.day_board import DayBoard, build, difference, with_now, with_visits
from fieldboard.board.doing import ABSENT, BREAK, DONE, FREE, OFF, ON_JOB, TRAVELLING, Late, lateness
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Absence, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import DAY, ZONE, at, company, technician, visit

NOW = at(10, 42)


def board(*visits: PlannedVisit, who: list[Technician] | None = None, now: int = NOW) -> DayBoard:
    return build(DAY, who or [technician(1), technician(2)], visits, ZONE, now)


def test_everybody_active_has_a_column_by_name() -> None:
    who = [technician(1, name="zoë"), technician(2, name="Åke"), technician(3, name="Bo", active=False)]
    assert [one.technician.name for one in board(who=who).columns] == ["zoë", "Åke"]


def test_who_left_or_is_unknown_has_a_column_while_there_are_visits() -> None:
    who = [technician(1), technician(3, name="Aaron", active=False)]
    found = board(visit(1, at(9), crew=("t3",)), visit(2, at(9), crew=("ghost",)), who=who)
    assert [one.technician.name for one in found.columns] == ["Technician 0001", "Aaron", "ghost"]
    assert not found.columns[2].technician.active


def test_a_crew_stands_in_every_column_and_counts_once() -> None:
    found = board(visit(1, at(9), crew=("t1", "t2")))
    assert [len(one.blocks) for one in found.columns] == [1, 1]
    assert found.where["v1"] == ("t1", "t2")
    assert found.visits_count == 1


def test_visits_of_other_days_and_of_nobody_are_not_on_it() -> None:
    found = board(visit(1, at(-1)), visit(2, at(24)), visit(3, at(9), crew=()), visit(4))
    assert (len(found.where), found.visits_count) == (0, 1)


def test_a_visit_of_the_day_counts_without_a_technician_or_a_time() -> None:
    nobodys = visit(1, at(9), crew=())
    timeless = visit(2, crew=("t1",), date=DAY)
    found = board(nobodys, timeless, visit(3, at(9)))
    assert found.aside == {"v1", "v2"}
    assert (len(found.where), found.visits_count) == (1, 3)
    given, _ = with_visits(found, {"v1": visit(1, at(9)), "v2": None}, {}, ZONE, NOW)
    assert (given.aside, len(given.where), given.visits_count) == (frozenset(), 2, 2)


def test_a_night_visit_of_yesterday_reaches_into_the_day() -> None:
    found = board(visit(1, at(-1), 120))
    assert found.visits_count == 1
    assert found.columns[0].booked_min == 60


def test_booked_time_leaves_out_what_was_cancelled() -> None:
    found = board(visit(1, at(9), 90), visit(2, at(12)), visit(3, at(14), status=Status.CANCELLED))
    column = found.columns[0]
    assert (column.booked_min, column.jobs, len(column.blocks)) == (150, 2, 3)
    assert column.load == pytest.approx(150 / 540)


def test_the_working_time_leaves_out_breaks() -> None:
    who = [technician(breaks=(WallSpan(time(12), time(12, 30)),))]
    column = board(who=who).columns[0]
    assert column.shift_min == 510
    assert column.breaks == ((at(12), at(12, 30)),)


def lanes(*visits: PlannedVisit) -> dict[str, tuple[int, int]]:
    return {one.visit.id: (one.lane, one.lanes) for one in board(*visits).columns[0].blocks}


def test_overlaps_stand_side_by_side() -> None:
    assert lanes(visit(1, at(9), 120), visit(2, at(10), 30), visit(3, at(10, 30)), visit(4, at(13))) == {
        "v1": (0, 2),
        "v2": (1, 2),
        "v3": (1, 2),
        "v4": (0, 1),
    }


def test_a_drive_stands_before_the_visit_it_leads_to() -> None:
    blocks = board(visit(1, at(9)), visit(2, at(11), lat=51.53), visit(3, at(13), lat=None)).columns[0].blocks
    assert [one.travel_min for one in blocks] == [None, 12, None]


def test_visits_that_break_a_rule_are_listed_once_by_column_and_time() -> None:
    found = board(
        visit(3, at(17), crew=("t2",)),
        visit(1, at(9), 120, skills=("wings",)),
        visit(2, at(10), crew=("t1",)),
    )
    assert found.breaking == ("v1", "v2", "v3")
    block = found.block("v3")
    assert block is not None
    assert [one.says for one in block.conflicts] == ["outside the shift 08:00–17:00"]


def doing(*visits: PlannedVisit, now: int = NOW, **fields: object) -> tuple[str, int | None]:
    column = board(*visits, who=[technician(**fields)], now=now).columns[0]  # type: ignore[arg-type]
    return column.status_word, None if column.since is None else (now - column.since) // MINUTE


def test_what_a_technician_is_doing() -> None:
    started = visit(1, at(10), status=Status.IN_PROGRESS, actual_start=at(10, 28))
    done = visit(2, at(9), status=Status.COMPLETED, actual_start=at(9), actual_end=at(10, 39))
    assert doing(started) == (ON_JOB, 14)
    assert doing(visit(1, at(11), status=Status.EN_ROUTE, actual_start=at(10, 36))) == (TRAVELLING, 6)
    assert doing(done) == (FREE, 3)
    assert doing() == (FREE, 162)
    assert doing(breaks=(WallSpan(time(10, 30), time(11)),)) == (BREAK, 12)
    assert doing(absences=(Absence(at(8), at(20), "sick"),)) == (ABSENT, 162)
    assert doing(now=at(7)) == (OFF, None)
    assert doing(now=at(18)) == (OFF, 60)
    assert doing(shift={0: WallSpan(time(8), time(17))}) == (OFF, None)
    assert doing(shift=None) == (FREE, None)
    assert doing(done, now=at(16, 45)) == (DONE, 366)
    assert doing(started, status="on_break", since=at(10, 40)) == ("on break", 2)


def test_on_another_day_nobody_does_anything() -> None:
    assert doing(visit(1, at(9), status=Status.IN_PROGRESS), now=at(30)) == ("", None)


def test_time_goes_by_for_those_for_whom_it_matters() -> None:
    first = board(who=[technician(1), technician(2, breaks=(WallSpan(time(11), time(12)),))])
    assert [one.status_word for one in first.columns] == [FREE, FREE]
    same, nobody = with_now(first, NOW + MINUTE)
    assert same is first
    assert not nobody
    later, changed = with_now(first, at(11, 5))
    assert changed == {"t2"}
    assert later.columns[0] is first.columns[0]


@pytest.mark.parametrize(
    ("status", "start", "late"),
    [
        (Status.ASSIGNED, at(10, 37), None),
        (Status.ASSIGNED, at(10, 36), Late(False, 6)),
        (Status.EN_ROUTE, at(10), Late(False, 42)),
        (Status.IN_PROGRESS, at(9, 17), Late(True, 25)),
        (Status.IN_PROGRESS, at(9, 42), None),
        (Status.ON_HOLD, at(9), Late(True, 42)),
        (Status.COMPLETED, at(8), None),
        (Status.CANCELLED, at(8), None),
    ],
)
def test_lateness(status: Status, start: int, late: Late | None) -> None:
    assert lateness(visit(1, start, status=status), NOW) == late


def test_an_estimated_time_is_never_late() -> None:
    assert lateness(visit(1, at(8), estimated=True), NOW) is None
    assert lateness(visit(1, at(8), actual_start=at(8)), NOW) is None


PEOPLE, ROWS = company(12, 5)
CREW = {one.id: one for one in PEOPLE}
CHANGES = st.dictionaries(
    st.sampled_from([one.id for one in ROWS] + ["new1", "new2"]),
    st.none()
    | st.tuples(
        st.integers(-60, 26 * 60),
        st.integers(1, 200),
        st.lists(st.sampled_from([*CREW, "ghost", "t3"]), max_size=2, unique=True).map(tuple),
        st.sampled_from([Status.ASSIGNED, Status.CANCELLED, Status.IN_PROGRESS, Status.COMPLETED]),
    ),
    max_size=6,
)


@given(st.lists(CHANGES, max_size=3))
def test_a_change_gives_the_board_that_building_it_anew_gives(
    rounds: list[dict[str, tuple[int, int, tuple[str, ...], Status] | None]],
) -> None:
    rows = {one.id: one for one in ROWS}
    shown = build(DAY, PEOPLE, rows.values(), ZONE, NOW)
    for changes in rounds:
        changed: dict[str, PlannedVisit | None] = {}
        for visit_id, values in changes.items():
            if values is None:
                changed[visit_id] = None
                rows.pop(visit_id, None)
            else:
                begin, minutes, crew, status = values
                row = visit(7, at(0, begin), minutes, crew=crew, status=status)._replace(id=visit_id)
                changed[visit_id] = rows[visit_id] = row
        before = shown
        shown, touched = with_visits(before, changed, CREW, ZONE, NOW)
        assert difference(before, shown) <= touched
        fresh = build(DAY, PEOPLE, rows.values(), ZONE, NOW)
        assert shown.columns == fresh.columns
        assert [one.blocks for one in shown.columns] == [one.blocks for one in fresh.columns]
        assert shown.where == fresh.where
        assert shown.index == fresh.index
        if len(changed) % 2:
            # Each count builds on the one before, and not after every change is there one.
            assert (shown.broken, shown.breaking) == (fresh.broken, fresh.breaking)
        assert (shown.aside, shown.visits_count) == (fresh.aside, fresh.visits_count)
        for one in shown.columns:
            old = before.column(one.technician.id)
            assert one is old or one.technician.id in touched


def test_a_change_leaves_the_other_columns_the_same_objects() -> None:
    first = build(DAY, PEOPLE, ROWS, ZONE, NOW)
    moved = ROWS[0]._replace(technician_ids=("t5",))
    second, touched = with_visits(first, {moved.id: moved}, CREW, ZONE, NOW)
    assert touched == {"t0", "t5"}
    assert sum(a is not b for a, b in zip(first.columns, second.columns, strict=True)) == 2


def test_a_change_costs_no_more_where_there_are_more_technicians(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    column = DayBoard.column

    def counted(of: DayBoard, technician_id: str) -> Column | None:
        looked_up.append(technician_id)
        return column(of, technician_id)

    monkeypatch.setattr(DayBoard, "column", counted)
    people, rows = company(300, 8)
    first = build(DAY, people, rows, ZONE, NOW)
    first.count()
    looked_up.clear()
    longer = rows[0]._replace(end=at(11))
    second, touched = with_visits(first, {longer.id: longer}, {one.id: one for one in people}, ZONE, NOW)
    assert difference(first, second) == touched == {"t0"}
    assert looked_up == ["t0"]
    # Nobody else has the visit now: of who has which nothing is copied, nor of the rules that are not broken.
    assert second.where is first.where
    assert [one.technician.id for one in second.uncounted()] == ["t0"]


def test_a_block_is_found_wherever_it_stands() -> None:
    found = board(visit(1, at(9), crew=("t2",)))
    block = found.block("v1")
    assert block is not None
    assert block.visit.id == "v1"
    assert found.block("v9") is None
    assert found.column("t9") is None
    assert replace(found, where={"v1": ("t9",)}).block("v1") is None
