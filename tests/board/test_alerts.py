from __future__ import annotations

import pytest

from fieldboard.board import alerts
from fieldboard.board.alerts import Alert, Cause, Told, look
from fieldboard.board.day_board import build, with_visits
from fieldboard.board.doing import Late
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import Intent, Operation, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import DAY, ZONE, at, company, technician, visit

PEOPLE = [technician(1, name="Amara Diallo"), technician(2)]


def tell(
    told: Told, now: Instant, *visits: PlannedVisit, queue: tuple[PlannedVisit, ...] = ()
) -> tuple[Told, tuple[Alert, ...]]:
    return look(told, build(DAY, PEOPLE, visits, ZONE, now), queue, (), now)


def test_what_was_so_at_the_start_is_no_news() -> None:
    told, said = tell(Told(), at(10), visit(1, at(9)), queue=(visit(2, priority=Priority.URGENT),))
    assert said == ()
    assert tell(told, at(10), visit(1, at(9)))[1] == ()


def test_late_is_told_once_and_over_on_its_own() -> None:
    told, _ = tell(Told(), at(9), visit(1, at(9)))
    told, said = tell(told, at(9, 6), visit(1, at(9), crew=("t1", "t2")))
    assert [one.says for one in said] == ["4401 of Amara Diallo is 6 min late"]
    told, said = tell(told, at(9, 7), visit(1, at(9)))
    assert said == ()
    started = visit(1, at(9), status=Status.IN_PROGRESS)
    told, _ = tell(told, at(9, 8), started)
    told, said = tell(told, at(10, 3), started)
    assert [(one.cause, one.says) for one in said] == [(Cause.OVER, "4401 of Amara Diallo runs 3 min over")]
    assert tell(told, at(10, 4), started)[1] == ()


def test_a_new_urgent_job_is_told_once_even_if_it_comes_back() -> None:
    urgent = visit(1, priority=Priority.URGENT, title="Gas smell")
    told, _ = tell(Told(), at(9))
    told, said = tell(told, at(9), queue=(urgent, visit(2)))
    assert [one.says for one in said] == ["new urgent job: 4401 Gas smell, Customer 1"]
    told, _ = tell(told, at(9))
    assert tell(told, at(9), queue=(urgent,))[1] == ()


def test_a_refused_edit_is_told_once() -> None:
    refused = Operation(1, "op1", Intent.ASSIGN, "visit:v1", (), OpState.REJECTED, "4401 → Dai", reason="no")
    told, _ = look(Told(), None, (), (), at(9))
    told, said = look(told, None, (), (refused,), at(9))
    assert [one.says for one in said] == ["rejected: 4401 → Dai: no"]
    assert look(told, None, (), (refused,), at(9))[1] == ()


@pytest.mark.parametrize(
    ("many", "says"), [(1, "1 edit waits for a decision"), (3, "3 edits wait for a decision")]
)
def test_at_the_start_only_how_many_wait_is_told(many: int, says: str) -> None:
    refused = [
        Operation(n, f"op{n}", Intent.ASSIGN, "visit:v1", (), OpState.REJECTED, "4401 → Dai", reason="no")
        for n in range(many)
    ]
    told, said = look(Told(), None, (), refused, at(9))
    assert [one.says for one in said] == [says]
    assert look(told, None, (), refused, at(9))[1] == ()


def test_another_day_than_today_tells_nothing() -> None:
    told, _ = tell(Told(), at(9))
    assert tell(told, at(40), visit(1, at(9)))[1] == ()


def test_within_a_minute_only_columns_that_changed_are_looked_at() -> None:
    board = build(DAY, PEOPLE, (visit(1, at(9)), visit(2, at(9), crew=("t2",))), ZONE, at(9))
    first, _ = look(Told(), board, (), (), at(9, 6))
    assert set(first.late) == {"t1", "t2"}
    second, _ = look(first, board, (), (), at(9, 6) + 30, changed={"t2"})
    assert second.late["t1"] is first.late["t1"]
    assert second.late["t2"] is not first.late["t2"]
    assert second.late == {"t1": ("v1",), "t2": ("v2",)}
    begun = visit(2, at(9), crew=("t2",))._replace(status=Status.IN_PROGRESS, actual_start=at(9, 6))
    fewer, touched = with_visits(board, {"v2": begun}, {}, ZONE, at(9))
    third, said = look(second, fewer, (), (), at(9, 6) + 40, changed=touched)
    assert ({one for one, late in third.late.items() if late}, said) == ({"t1"}, ())
    later, said = look(third, fewer, (), (), at(9, 7), changed=())
    assert later.late["t1"] is not third.late["t1"]
    assert said == ()


def test_what_two_are_late_for_is_told_once() -> None:
    board = build(DAY, PEOPLE, (visit(1, at(9), crew=("t1", "t2")),), ZONE, at(9))
    first, _ = look(Told(), build(DAY, PEOPLE, (), ZONE, at(9)), (), (), at(9, 6))
    second, said = look(first, board, (), (), at(9, 6), changed={"t1", "t2"})
    assert [one.about for one in said] == ["v1"]
    assert look(second, board, (), (), at(9, 6), changed={"t2"})[1] == ()


def test_what_runs_over_in_another_column_stays_known() -> None:
    def running(number: int, *crew: str) -> PlannedVisit:
        return visit(number, at(8), crew=crew, status=Status.IN_PROGRESS)

    rows = (running(1, "t1", "t2"), running(2, "t2"))
    board = build(DAY, PEOPLE, rows, ZONE, at(9))
    first, _ = look(Told(), build(DAY, PEOPLE, (), ZONE, at(9)), (), (), at(9, 6))
    second, said = look(first, board, (), (), at(9, 6), changed={"t1", "t2"})
    assert {(one.cause, one.about) for one in said} == {(Cause.OVER, "v1"), (Cause.OVER, "v2")}
    third, said = look(second, board, (), (), at(9, 6), changed={"t1"})
    assert not said
    assert third.over == {"v1", "v2"}
    fourth, said = look(third, board, (), (), at(9, 6), changed={"t2"})
    assert not said
    assert fourth.over == {"v1", "v2"}


def test_a_late_visit_that_is_found_running_over_is_told_again() -> None:
    late = visit(1, at(8))
    told, _ = look(Told(), build(DAY, PEOPLE, (late,), ZONE, at(9)), (), (), at(9, 6))
    begun = late._replace(status=Status.IN_PROGRESS, actual_start=at(8))
    board = build(DAY, PEOPLE, (begun,), ZONE, at(9))
    told, said = look(told, board, (), (), at(9, 6), changed={"t1"})
    assert [(one.cause, one.about) for one in said] == [(Cause.OVER, "v1")]
    assert look(told, board, (), (), at(9, 6), changed={"t1"})[1] == ()


def test_only_what_is_new_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = alerts._alert

    def counted(one: PlannedVisit, late: Late, name: str) -> Alert:
        written.append(one.id)
        return write(one, late, name)

    monkeypatch.setattr(alerts, "_alert", counted)
    people, rows = company(40, 5)
    crew = {one.id: one for one in people}
    board = build(DAY, people, rows, ZONE, at(10))
    told, _ = look(Told(), board, (), (), at(10))
    assert sum(map(len, told.late.values())) > 40
    assert written == []
    moved = {one.id: one._replace(number="7") for one in rows}
    last = [one for one in rows if one.technician_ids == ("t3",)][-1]
    assert last.id not in told.late["t3"]
    moved[last.id] = last._replace(start=at(8), end=at(9))
    board, changed = with_visits(board, moved, crew, ZONE, at(10))
    assert len(changed) == 40
    _, said = look(told, board, (), (), at(10), changed=changed)
    assert written == [one.about for one in said] == [last.id]
