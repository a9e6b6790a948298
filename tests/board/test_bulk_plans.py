from __future__ import annotations

import pytest

from fieldboard.board.bulk_plans import plan_move_all, plan_unassign_all, shift_text
from fieldboard.domain.fields import TECHNICIANS, TIMES
from fieldboard.domain.instants import HOUR, MINUTE
from tests.board.office import Office
from tests.board.world import at


def test_all_move_by_the_same_shift_of_time_as_one(office: Office) -> None:
    visits = [office.visit("v1"), office.visit("v4")]
    plan = plan_move_all(office.desk, visits, "t1", at(11, 30), at(12, 30), source="t1")
    times = [one.value for draft in plan.drafts for one in draft.changes if one.field == TIMES]
    assert times == [[at(11, 30), at(12, 30), None], [at(14, 30), at(15, 30), None]]
    assert not [one for draft in plan.drafts for one in draft.changes if one.field == TECHNICIANS]
    assert len({draft.group for draft in plan.drafts}) == 1
    assert plan.sentence == "2 jobs 30 min later"
    office.desk.commit(plan)
    assert office.visit("v4").start == at(14, 30)


def test_where_the_first_changes_its_technician_all_do(office: Office) -> None:
    visits = [office.visit("v1"), office.visit("v2")]
    plan = plan_move_all(office.desk, visits, "t3", at(11), at(12), source="t1")
    crews = [one.value for draft in plan.drafts for one in draft.changes if one.field == TECHNICIANS]
    assert crews == [["t3"], ["t3"]]
    assert plan.sentence == "2 jobs → Dai Jones"


def test_where_the_first_stays_with_its_technician_all_do(office: Office) -> None:
    visits = [office.visit("v1"), office.visit("v2")]
    plan = plan_move_all(office.desk, visits, "t1", at(12), at(13), source="t1")
    assert [[one.field for one in draft.changes] for draft in plan.drafts] == [[TIMES], [TIMES]]
    assert plan.sentence == "2 jobs 1 h later"


def test_what_moves_along_is_no_conflict_where_it_was(office: Office) -> None:
    """v1 comes to lie where v4 was, and v4 has left by then."""
    visits = [office.visit("v1"), office.visit("v4")]
    alone = plan_move_all(office.desk, visits[:1], "t1", at(14), at(15), source="t1")
    assert "overlaps 4404 Install" in alone.warnings[0].says
    together = plan_move_all(office.desk, visits, "t1", at(13, 30), at(14, 30), source="t1")
    assert [one.says for one in together.warnings if "overlaps" in one.says] == []


def test_what_has_no_time_follows_the_first(office: Office) -> None:
    visits = [office.visit("v3"), office.visit("j5")]
    plan = plan_move_all(office.desk, visits, "t2", at(9), at(11))
    times = [one.value for draft in plan.drafts for one in draft.changes if one.field == TIMES]
    assert times == [[at(9), at(11), None], [at(11), at(11, 30), None]]


def test_what_is_over_stays_and_is_counted(office: Office) -> None:
    visits = [office.visit("v1"), office.visit("v6")]
    plan = plan_move_all(office.desk, visits, "t1", at(12), at(13), source="t1")
    assert len(plan.drafts) == 1
    assert plan.sentence.startswith("1 job 1 h later · 1 left out: 4406 Valve is completed")


def test_nothing_moved_is_an_empty_plan(office: Office) -> None:
    visits = [office.visit("v1"), office.visit("v4")]
    plan = plan_move_all(office.desk, visits, "t1", at(11), at(12), source="t1")
    assert plan.empty
    assert plan.refusal is None
    assert plan.sentence == "4401 Boiler service and 1 more stay where they are"


def test_back_to_the_queue_as_one(office: Office) -> None:
    plan = plan_unassign_all(office.desk, [office.visit("v1"), office.visit("v2"), office.visit("v3")])
    assert plan.sentence.startswith("2 jobs back to the queue · 1 left out: 4471")
    assert len({draft.group for draft in plan.drafts}) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30 * MINUTE, "30 min later"),
        (-2 * HOUR, "2 h earlier"),
        (90 * MINUTE, "1 h 30 later"),
        (24 * HOUR, "1 d later"),
        (-48 * HOUR, "2 d earlier"),
    ],
)
def test_a_shift_in_words(seconds: int, words: str) -> None:
    assert shift_text(seconds) == words
