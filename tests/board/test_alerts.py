from __future__ import annotations

from fieldboard.board.alerts import Alert, Cause, Told, look
from fieldboard.board.day_board import build
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import Intent, Operation, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import DAY, ZONE, at, technician, visit

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


def test_a_refused_edit_is_told_even_at_the_start_and_until_noted() -> None:
    refused = Operation(1, "op1", Intent.ASSIGN, "visit:v1", (), OpState.REJECTED, "4401 → Dai", reason="no")
    told, said = look(Told(), None, (), (refused,), at(9))
    assert [one.says for one in said] == ["rejected: 4401 → Dai: no"]
    assert look(told, None, (), (refused,), at(9))[1] == ()


def test_another_day_than_today_tells_nothing() -> None:
    told, _ = tell(Told(), at(9))
    assert tell(told, at(40), visit(1, at(9)))[1] == ()


def test_a_column_that_is_as_it_was_is_looked_at_once_a_minute() -> None:
    board = build(DAY, PEOPLE, (visit(1, at(9)),), ZONE, at(9))
    first, _ = look(Told(), board, (), (), at(9, 6))
    second, _ = look(first, board, (), (), at(9, 6) + 30)
    assert second.checked["t1"] is first.checked["t1"]
    later, said = look(second, board, (), (), at(9, 7))
    assert later.checked["t1"] is not first.checked["t1"]
    assert said == ()
