from __future__ import annotations

from dataclasses import replace

from fieldboard.board.bulk_assign import plan_assign_all
from fieldboard.board.plan import Plan
from fieldboard.domain.fields import TECHNICIANS, TIMES
from fieldboard.domain.job import Job, TimeWindow
from fieldboard.domain.operation import Json
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit
from tests.board.office import Office
from tests.board.world import at


def wait(office: Office, number: int, minutes: int, **given: object) -> str:
    """One more job in the queue."""
    job = Job(f"j{number}", str(number), "Survey", "c1", status=Status.UNASSIGNED, duration_min=minutes)
    office.world.store(
        replace(job, **given),  # type: ignore[arg-type]
        Visit(f"v{number}", job.id, (), None, None, status=Status.UNASSIGNED),
    )
    return f"v{number}"


def times(plan: Plan) -> dict[str, list[Json]]:
    """The start and end that each job gets."""
    return {
        draft.label.partition(" ")[0]: one.value[:2]
        for draft in plan.drafts
        for one in draft.changes
        if one.field == TIMES and isinstance(one.value, list)
    }


def test_several_jobs_come_one_after_another(office: Office) -> None:
    """The second technician is busy from 13:00 to 14:00, and it is 10:42."""
    visits = [office.visit(wait(office, number, 60)) for number in (4501, 4502, 4503)]
    plan = plan_assign_all(office.desk, visits, "t2", at(11))
    assert times(plan) == {
        "4501": [at(11), at(12)],
        "4502": [at(12), at(13)],
        "4503": [at(14), at(15)],
    }
    assert plan.warnings == ()
    assert not plan.needs_second_enter
    assert plan.sentence == "3 jobs → Dai Evans: 4501 11:00, 4502 12:00, 4503 14:00"
    assert len({draft.group for draft in plan.drafts}) == 1
    office.desk.commit(plan)
    assert office.desk.day(office.desk.today()).column("t2").broken == ()  # type: ignore[union-attr]


def test_what_has_a_time_keeps_it_and_the_others_make_room(office: Office) -> None:
    visits = [office.visit(wait(office, 4501, 60)), office.visit("v1"), office.visit(wait(office, 4502, 60))]
    plan = plan_assign_all(office.desk, visits, "t3")
    assert times(plan) == {
        "4401": [at(11), at(12)],
        "4501": [at(13), at(14)],
        "4502": [at(14), at(15)],
    }
    assert plan.sentence.startswith("3 jobs → Dai Jones: 4401 11:00, 4501 13:00")


def test_the_question_says_how_many_break_which_rule(office: Office) -> None:
    """Dai Jones can do boilers only and takes two jobs a day."""
    promised = (TimeWindow(at(8), at(9)),)
    visits = [
        office.visit(wait(office, 4501, 30)),
        office.visit(wait(office, 4502, 30, windows=promised)),
        office.visit(wait(office, 4503, 30, windows=promised)),
        office.visit("v3"),
    ]
    plan = plan_assign_all(office.desk, visits, "t3", at(12, 45))
    assert plan.needs_second_enter
    assert plan.doubts == (
        "4471 finds no time: lacks gas",
        "2 miss what was promised (4502, 4503)",
        "4503 3rd of 2 jobs",
    )


def test_one_that_finds_no_time_is_told_before_it_is_saved(office: Office) -> None:
    """From 10:42 to 17:00 there is room for one job of five hours."""
    visits = [office.visit(wait(office, number, 300)) for number in (4501, 4502)]
    plan = plan_assign_all(office.desk, visits, "t3", at(11))
    assert times(plan) == {"4501": [at(11), at(16)]}
    assert plan.needs_second_enter
    assert plan.doubts == ("4502 finds no time: no 300 min free between 10:42 and 17:00",)
    assert plan.sentence == "2 jobs → Dai Jones: 4501 11:00, 1 without a time"
    crews = [one.value for draft in plan.drafts for one in draft.changes if one.field == TECHNICIANS]
    assert crews == [["t3"], ["t3"]]


def test_where_only_days_are_kept_each_gets_the_day(office: Office) -> None:
    desk = office.open(lacks={Ability.CLOCK_TIMES: "Only days are kept."})
    visits = [office.visit(wait(office, number, 60)) for number in (4501, 4502)]
    plan = plan_assign_all(desk, visits, "t3", at(11))
    days = [one.value for draft in plan.drafts for one in draft.changes if one.field == TIMES]
    assert days == [[None, None, "2026-06-04"]] * 2
    assert plan.doubts == ()
    assert plan.sentence == "2 jobs → Dai Jones"


def test_what_is_over_is_left_out_and_counted(office: Office) -> None:
    visits = [office.visit(wait(office, 4501, 60)), office.visit("v6")]
    plan = plan_assign_all(office.desk, visits, "t2", at(11))
    assert plan.sentence.startswith("1 job → Dai Evans: 4501 11:00 · 1 left out: 4406 Valve is completed")


def test_one_alone_is_told_as_one(office: Office) -> None:
    plan = plan_assign_all(office.desk, [office.visit(wait(office, 4501, 60))], "t2")
    assert plan.sentence == "4501 Survey → Dai Evans 10:45–11:45"
