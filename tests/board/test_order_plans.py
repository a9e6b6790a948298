"""A day that the system keeps as an order: jobs with a date and a place, and no clock times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fieldboard.board.desk import Desk
from fieldboard.board.planning import (
    plan_create,
    plan_move,
    plan_reorder,
    plan_reschedule,
    plan_shift,
    plan_unassign,
    plan_undo,
)
from fieldboard.domain.fields import SEQUENCE, TECHNICIANS, TIMES
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Intent
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from tests.board.office import Office
from tests.board.world import DAY, ZONE, at

TOLD = "The system keeps days and an order, and no clock times."
TOMORROW = DAY + timedelta(days=1)


class Round(Office):
    """An office whose system keeps an order."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.world.first_sync(
            self.ordered(11, 1), self.ordered(12, 2), self.ordered(13, 5), self.ordered(21, 1, "t2"),
            self.ordered(31, None, None),
        )  # fmt: skip
        lacks = {one: why for one, why in self.rules.lacks.items() if one is not Ability.REORDER}
        self.open(lacks={**lacks, Ability.CLOCK_TIMES: TOLD})

    def ordered(self, number: int, place: int | None, technician: str | None = "t1") -> Job:
        crew = (technician,) if technician else ()
        return Job(
            f"r{number}", str(number), "Service", "c1", technician_ids=crew, duration_min=60, date=TOMORROW,
            sequence=place, status=Status.ASSIGNED if crew else Status.UNASSIGNED,
        )  # fmt: skip

    def starts(self, technician: str = "t1") -> dict[str, str]:
        self.desk.poll()
        rows = self.desk.visits_of(technician, TOMORROW)
        return {one.number: ZONE.clock_text(one.start) for one in rows if one.start is not None}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Round]:
    office = Round(tmp_path)
    yield office
    office.close()


def desk(office: Office) -> Desk:
    office.desk.poll()
    return office.desk


def test_a_day_in_an_order_stands_on_the_board_with_estimated_times(office: Round) -> None:
    assert office.starts() == {"11": "08:00", "12": "09:00", "13": "10:00"}
    assert all(one.estimated for one in office.desk.visits_of("t1", TOMORROW))
    assert "r31" in {one.id for one in office.desk.store.queue()}
    assert "r11" not in {one.id for one in office.desk.store.queue()}


def test_before_another_visit_costs_one_request_where_there_is_a_gap(office: Round) -> None:
    plan = plan_reorder(desk(office), office.visit("r11"), before=office.visit("r13"))
    (draft,) = plan.drafts
    assert draft.intent is Intent.REORDER
    assert [(one.id, one.field, one.expected, one.value) for one in draft.changes] == [
        ("r11", SEQUENCE, 1, 3)
    ]
    assert plan.sentence == "11 Service → 2nd of Amara Diallo's day"
    office.desk.commit(plan)
    assert office.starts() == {"12": "08:00", "11": "09:00", "13": "10:00"}


def test_a_place_is_counted_from_one_and_the_last_place_is_the_end(office: Round) -> None:
    office.desk.commit(plan_reorder(desk(office), office.visit("r13"), position=1))
    assert list(office.starts()) == ["13", "11", "12"]
    office.desk.commit(plan_reorder(desk(office), office.visit("r13"), position=99))
    assert list(office.starts()) == ["11", "12", "13"]


def test_earlier_and_later_step_over_one_neighbour(office: Round) -> None:
    office.desk.commit(plan_shift(desk(office), office.visit("r12"), -1))
    assert list(office.starts()) == ["12", "11", "13"]
    office.desk.commit(plan_shift(desk(office), office.visit("r12"), 1))
    assert list(office.starts()) == ["11", "12", "13"]
    assert plan_shift(desk(office), office.visit("r11"), -1).empty


def test_what_is_on_another_day_is_no_place_to_come_before(office: Round) -> None:
    plan = plan_reorder(desk(office), office.visit("r11"), before=office.visit("r21"))
    assert plan.refusal == "21 Service is not on Amara Diallo's day with 11"
    assert plan_reorder(desk(office), office.visit("r31"), position=1).refusal is not None


def test_a_drop_gives_the_place_that_the_moment_falls_on(office: Round) -> None:
    plan = plan_move(desk(office), office.visit("r21"), "t1", at(24 + 9, 45), source="t2")
    (draft,) = plan.drafts
    assert [(one.id, one.field, one.value) for one in draft.changes] == [
        ("r21", TECHNICIANS, ["t1"]),
        ("r21", SEQUENCE, 3),
    ]
    assert plan.sentence == "21 Service → Amara Diallo 3rd, about Fri 5 Jun 10:00–11:00"
    assert not plan.warnings
    office.desk.commit(plan)
    assert office.starts() == {"11": "08:00", "12": "09:00", "21": "10:00", "13": "11:00"}


def test_a_drop_on_its_own_place_changes_nothing(office: Round) -> None:
    assert plan_move(desk(office), office.visit("r12"), "t1", at(24 + 9, 15), source="t1").empty


def test_from_the_queue_a_drop_assigns(office: Round) -> None:
    plan = plan_move(desk(office), office.visit("r31"), "t2", at(24 + 12))
    assert plan.drafts[0].intent is Intent.ASSIGN
    office.desk.commit(plan)
    assert office.starts("t2") == {"21": "08:00", "31": "09:00", "4404": "14:00"}


def test_another_day_is_written_and_the_clock_time_is_dropped(office: Round) -> None:
    plan = plan_reschedule(desk(office), office.visit("r11"), at(48 + 14))
    (draft,) = plan.drafts
    later = (TOMORROW + timedelta(days=1)).isoformat()
    assert [(one.field, one.expected, one.value) for one in draft.changes] == [
        (TIMES, [None, None, TOMORROW.isoformat()], [None, None, later])
    ]
    assert draft.warnings == (TOLD,)
    (same,) = plan_reschedule(desk(office), office.visit("r11"), at(24 + 14)).drafts
    assert same.changes[0].expected == same.changes[0].value == [None, None, TOMORROW.isoformat()]
    assert same.warnings == (TOLD,)


def test_a_new_job_has_its_day_and_whoever_goes_before_any_sync(office: Round) -> None:
    office.open(create_needs=frozenset({"title"}))
    plan = plan_create(
        desk(office),
        {"title": "Leak", "number": "77", "customer": "Årud", "start": at(24 + 10), TECHNICIANS: ["t2"]},
    )
    office.desk.commit(plan)
    office.desk.poll()
    (made,) = [one for one in office.desk.visits_of("t2", TOMORROW) if one.number == "77"]
    assert made.estimated
    assert "77" not in {one.number for one in office.desk.store.queue()}


def test_it_is_taken_back_as_it_was(office: Round) -> None:
    (saved,) = office.desk.commit(plan_reorder(desk(office), office.visit("r13"), position=1))
    office.sent(saved)
    office.desk.commit(plan_undo(office.desk))
    assert list(office.starts()) == ["11", "12", "13"]


def test_back_in_the_queue_it_keeps_its_day(office: Round) -> None:
    office.desk.commit(plan_unassign(desk(office), office.visit("r11")))
    assert office.visit("r11").date == TOMORROW
    assert "r11" in {one.id for one in office.desk.store.queue()}


def test_where_there_are_clock_times_there_is_no_order(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert "FieldCamp keeps clock times" in str(
        plan_reorder(office.desk, office.visit("v1"), position=1).refusal
    )
    office.close()
