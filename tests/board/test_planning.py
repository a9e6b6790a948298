from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from fieldboard.board.planning import (
    combine,
    plan_assign,
    plan_create,
    plan_crew,
    plan_delete,
    plan_edit,
    plan_move,
    plan_move_days,
    plan_note,
    plan_reschedule,
    plan_status,
    plan_unassign,
    plan_visit_add,
    status_choices,
)
from fieldboard.domain.conflicts import Rule
from fieldboard.domain.fields import ASSETS, STATUS, TECHNICIANS, TIMES
from fieldboard.domain.job import Asset
from fieldboard.domain.operation import Change, Intent, Json, Kind
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from tests.board.office import JOBS, Office
from tests.board.world import DAY, at


def test_assign_keeps_what_was_seen_and_says_what_would_be(office: Office) -> None:
    plan = plan_assign(office.desk, office.visit("v3"), "t2", at(10, 45))
    (draft,) = plan.drafts
    assert plan.sentence == "4471 Boiler leaking, no heat → Dai Evans 10:45–12:45"
    assert draft.intent is Intent.ASSIGN
    assert draft.entity == "visit:v3"
    assert draft.label == "4471 → Dai Evans 10:45–12:45"
    assert draft.changes == (
        Change(Kind.VISIT, "v3", TECHNICIANS, [], ["t2"]),
        Change(Kind.VISIT, "v3", TIMES, [None, None, None], [at(10, 45), at(12, 45), None]),
    )


def test_a_broken_rule_wants_a_second_enter_and_is_kept_with_the_edit(office: Office) -> None:
    plan = plan_assign(office.desk, office.visit("v3"), "t2", at(10, 45))
    assert plan.needs_second_enter
    assert plan.drafts[0].warnings == ("ends 45 min after the promised 12:00",)
    assert [one.says for one in plan.warnings] == ["ends 45 min after the promised 12:00"]


def test_a_clean_assign_wants_one_enter(office: Office) -> None:
    plan = plan_assign(office.desk, office.visit("v2"), "t1")
    assert not plan.needs_second_enter
    assert [one.field for one in plan.drafts[0].changes] == [TECHNICIANS]


def test_a_job_without_visits_is_itself_what_is_changed(office: Office) -> None:
    (queued,) = office.desk.store.planned_of_job("j5")
    assert queued.made_up
    (draft,) = plan_assign(office.desk, queued, "t1", at(15)).drafts
    assert draft.entity == "job:j5"
    assert {(one.kind, one.id) for one in draft.changes} == {(Kind.JOB, "j5")}


def test_what_a_command_named_is_what_the_edit_is_about(office: Office) -> None:
    (draft,) = plan_assign(office.desk, office.visit("v1"), "t2", entity="job:j1").drafts
    assert draft.entity == "job:j1"
    assert draft.changes[0].id == "v1"


@pytest.mark.parametrize(
    ("technician_id", "says"), [("t9", "does not work here"), ("nobody", "there is no technician nobody")]
)
def test_somebody_who_is_not_there_is_refused(office: Office, technician_id: str, says: str) -> None:
    plan = plan_assign(office.desk, office.visit("v1"), technician_id)
    assert says in (plan.refusal or "")
    assert plan.drafts == ()


def test_what_has_ended_is_not_moved(office: Office) -> None:
    assert "is completed" in (plan_assign(office.desk, office.visit("v6"), "t2").refusal or "")
    assert "is completed" in (plan_reschedule(office.desk, office.visit("v6"), at(16)).refusal or "")


def test_what_the_system_lacks_is_refused_with_its_reason(office: Office) -> None:
    office.open(lacks={Ability.UNASSIGN: "no way back here", Ability.NOTE: "no notes"})
    assert plan_unassign(office.desk, office.visit("v1")).refusal == "no way back here"
    assert plan_note(office.desk, office.job("j1"), "hello").refusal == "no notes"


def test_reschedule_keeps_the_length(office: Office) -> None:
    (draft,) = plan_reschedule(office.desk, office.visit("v1"), at(15, 30)).drafts
    assert draft.intent is Intent.RESCHEDULE
    assert draft.changes == (
        Change(Kind.VISIT, "v1", TIMES, [at(11), at(12), None], [at(15, 30), at(16, 30), None]),
    )
    assert "not after" in (plan_reschedule(office.desk, office.visit("v1"), at(15), at(15)).refusal or "")


def test_a_move_over_midnight_of_the_spring_change_is_told(office: Office) -> None:
    visit = office.visit("v1")._replace(start=at(1, 30), end=at(2, 30))
    plan = plan_move_days(office.desk, visit, date(2026, 3, 29))
    assert plan.sentence.endswith("the clock skips 01:30 that day: it begins at 02:30")
    assert plan_move_days(office.desk, visit, date(2026, 6, 5)).drafts[0].changes[0].value == [
        at(25, 30),
        at(26, 30),
        None,
    ]


def test_where_there_are_only_days_the_clock_time_is_dropped_and_told(office: Office) -> None:
    office.open(lacks={Ability.CLOCK_TIMES: "the clock time is dropped: this system has only days"})
    (draft,) = plan_reschedule(office.desk, office.visit("v1"), at(38)).drafts
    assert draft.changes[0].value == [None, None, "2026-06-05"]
    assert "the clock time is dropped: this system has only days" in draft.warnings


def test_a_move_that_moves_nothing_saves_nothing(office: Office) -> None:
    plan = plan_move(office.desk, office.visit("v1"), "t1", at(11))
    assert plan.empty
    assert plan.refusal is None


def test_a_move_changes_only_what_differs(office: Office) -> None:
    sideways = plan_move(office.desk, office.visit("v1"), "t2", at(11))
    later = plan_move(office.desk, office.visit("v1"), "t1", at(12))
    assert [one.field for one in sideways.drafts[0].changes] == [TECHNICIANS]
    assert [one.field for one in later.drafts[0].changes] == [TIMES]
    assert later.drafts[0].intent is Intent.RESCHEDULE


def test_of_a_crew_only_the_one_who_was_taken_is_replaced(office: Office) -> None:
    crew = office.visit("v1")._replace(technician_ids=("t1", "t2"))
    (draft,) = plan_move(office.desk, crew, "t3", at(11), source="t1").drafts
    assert draft.changes[0].value == ["t2", "t3"]


def test_unassign_leaves_the_time(office: Office) -> None:
    (draft,) = plan_unassign(office.desk, office.visit("v1")).drafts
    assert draft.changes == (Change(Kind.VISIT, "v1", TECHNICIANS, ["t1"], []),)
    assert "no technician" in (plan_unassign(office.desk, office.visit("v3")).refusal or "")


def test_a_status_several_moves_away_is_one_edit(office: Office) -> None:
    rules = office.rules
    steps = {
        Status.ASSIGNED: frozenset({Status.EN_ROUTE}),
        Status.EN_ROUTE: frozenset({Status.ON_SITE}),
        Status.ON_SITE: frozenset({Status.COMPLETED}),
    }
    lifecycle = type(rules.visit_lifecycle)(moves=steps, writes=rules.visit_lifecycle.writes)
    office.open(visit_lifecycle=lifecycle)
    (draft,) = plan_status(office.desk, office.visit("v1"), Status.COMPLETED).drafts
    assert draft.changes == (Change(Kind.VISIT, "v1", STATUS, "open", "completed"),)
    assert draft.label == "4401 completed (via en route, on site)"
    ways = {one.status: one.way for one in status_choices(office.desk, office.visit("v1"))}
    assert ways[Status.COMPLETED] == (Status.EN_ROUTE, Status.ON_SITE, Status.COMPLETED)


def test_what_has_a_status_already_is_told_so_and_nothing_is_planned(office: Office) -> None:
    for one in (office.visit("v6"), office.job("j6")):
        plan = plan_status(office.desk, one, Status.COMPLETED)
        assert (plan.drafts, plan.refusal) == ((), "4406 Valve is already completed")
    several = combine(
        [plan_status(office.desk, office.visit(one), Status.COMPLETED) for one in ("v1", "v6")], "2 completed"
    )
    assert len(several.drafts) == 1
    assert several.sentence == "2 completed · 1 left out: 4406 Valve is already completed"


def test_status_never_assigns(office: Office) -> None:
    for word in (Status.ASSIGNED, Status.UNASSIGNED):
        assert "use assign" in (plan_status(office.desk, office.visit("v1"), word).refusal or "")
    assert not {Status.ASSIGNED, Status.UNASSIGNED} & {
        one.status for one in status_choices(office.desk, office.visit("v6"))
    }


def test_the_letters_of_statuses_are_different_and_none_moves(office: Office) -> None:
    letters = [one.letter for one in status_choices(office.desk, office.visit("v1"))]
    assert letters
    assert len(set(letters)) == len(letters)
    assert not set("hjkl") & set(letters)


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (Status.ASSIGNED, Status.EN_ROUTE, Status.CANCELLED),
        (Status.EN_ROUTE, Status.ON_SITE, Status.CANCELLED),
        (Status.IN_PROGRESS, Status.COMPLETED, Status.CANCELLED),
        (Status.ON_HOLD, Status.IN_PROGRESS, Status.CANCELLED),
        (Status.COMPLETED, Status.IN_PROGRESS, Status.CANCELLED),
    ],
)
def test_the_natural_next_status_comes_first(
    office: Office, now: Status, first: Status, last: Status
) -> None:
    visit = office.visit("v1")._replace(status=now, job_status=now)
    offered = status_choices(office.desk, visit)
    assert (offered[0].status, offered[-1].status) == (first, last)
    ends = {Status.CANCELLED, Status.COMPLETED}
    assert not any(ends & set(one.way[:-1]) for one in offered)


def test_a_status_without_a_way_is_refused(office: Office) -> None:
    refusal = plan_status(office.desk, office.visit("v1"), Status.CLOSED).refusal
    assert refusal == "FieldCamp has no way from assigned to closed for 4401 Boiler service"


@pytest.mark.parametrize("back", [True, False])
def test_what_cannot_be_taken_back_is_final_and_cancelling_it_is_asked_twice(
    office: Office, back: bool
) -> None:
    lifecycle = office.desk.rules.visit_lifecycle
    moves = {Status.ASSIGNED: frozenset({Status.COMPLETED, Status.CANCELLED})}
    if back:
        moves |= {
            Status.COMPLETED: frozenset({Status.ASSIGNED}),
            Status.CANCELLED: frozenset({Status.ASSIGNED}),
        }
    office.open(visit_lifecycle=type(lifecycle)(moves=moves, writes=lifecycle.writes))
    completed = plan_status(office.desk, office.visit("v1"), Status.COMPLETED)
    cancelled = plan_status(office.desk, office.visit("v1"), Status.CANCELLED)
    assert (completed.final, completed.needs_second_enter) == (not back, False)
    assert (cancelled.final, cancelled.needs_second_enter) == (not back, not back)


def test_a_reason_is_asked_for_where_the_system_wants_one(office: Office) -> None:
    office.open(reasons_for=frozenset({Status.CANCELLED}))
    assert "wants a reason" in (
        plan_status(office.desk, office.job("j1"), Status.CANCELLED, " ").refusal or ""
    )
    (draft,) = plan_status(office.desk, office.job("j1"), Status.CANCELLED, "customer ill").drafts
    assert draft.reason == "customer ill"
    assert draft.entity == "job:j1"


def test_a_status_that_only_visits_have_acts_on_the_visit_of_a_job(office: Office) -> None:
    (draft,) = plan_status(office.desk, office.job("j1"), Status.EN_ROUTE, entity="job:j1").drafts
    assert draft.entity == "job:j1"
    assert (draft.changes[0].kind, draft.changes[0].id) == (Kind.VISIT, "v1")
    assert "no way" in (plan_status(office.desk, office.job("j4"), Status.EN_ROUTE).refusal or "")


def test_a_created_job_gets_the_next_number_once(office: Office) -> None:
    fields: dict[str, Json] = {
        "title": "Leak",
        "customer_id": "c1",
        "start": at(10),
        "end": at(11),
        "technicians": ["t1"],
    }
    first, second = plan_create(office.desk, fields), plan_create(office.desk, fields)
    value, other = first.drafts[0].changes[0].value, second.drafts[0].changes[0].value
    assert isinstance(value, dict)
    assert isinstance(other, dict)
    assert str(value["number"]).startswith("4472-")
    assert str(other["number"]).startswith("4473-")
    assert value[TIMES] == [at(10), at(11), None]


def test_a_created_job_is_on_the_board_at_once(office: Office) -> None:
    plan = plan_create(
        office.desk, {"title": "Leak", "customer_id": "c1", "start": at(10), "technicians": ["t2"]}
    )
    office.desk.commit(plan)
    office.desk.poll()
    column = office.desk.day(DAY).column("t2")
    assert column is not None
    assert [one.title for one in column.visits] == ["Leak", "Leak"]


def test_what_a_new_job_lacks_is_named(office: Office) -> None:
    assert plan_create(office.desk, {"title": "Leak"}).refusal == "FieldCamp needs customer for a new job"
    wrong = {"title": "x", "customer_id": "c1"}
    assert "no priority" in (plan_create(office.desk, {**wrong, "priority": "soon"}).refusal or "")
    assert "not after" in (plan_create(office.desk, {**wrong, "start": at(9), "end": at(9)}).refusal or "")


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_what_a_job_must_have_is_not_emptied(office: Office, nothing: str | None) -> None:
    plan = plan_edit(office.desk, office.job("j1"), {"title": nothing})
    assert plan.refusal == "FieldCamp needs title: it cannot be empty"
    assert plan_edit(office.desk, office.job("j1"), {"phone": nothing}).refusal is None


def test_an_edit_holds_only_what_changes(office: Office) -> None:
    plan = plan_edit(office.desk, office.job("j1"), {"title": "Boiler service", "phone": "1", "end": at(13)})
    assert [(one.kind, one.field) for one in plan.drafts[0].changes] == [
        (Kind.JOB, "phone"),
        (Kind.VISIT, TIMES),
    ]
    assert "already so" in (
        plan_edit(office.desk, office.job("j1"), {"title": "Boiler service"}).refusal or ""
    )


def test_an_edit_of_the_day_keeps_the_time_of_day(office: Office) -> None:
    (draft,) = plan_edit(office.desk, office.job("j1"), {"date": "2026-06-08"}).drafts
    assert draft.changes[0].value == [at(4 * 24 + 11), at(4 * 24 + 12), None]


def test_an_edit_of_what_the_system_keeps_to_itself_is_refused(office: Office) -> None:
    assert plan_edit(office.desk, office.job("j1"), {"number": "1"}).refusal == (
        "FieldCamp does not let number be changed"
    )
    several = plan_edit(office.desk, office.job("j4"), {"start": at(9)}).refusal
    assert "2 open visits" in (several or "")


def test_delete_cancels_where_jobs_are_kept(office: Office) -> None:
    assert plan_delete(office.desk, office.job("j1")).drafts[0].intent is Intent.DELETE
    office.open(lacks={Ability.DELETE: "jobs are kept"})
    assert plan_delete(office.desk, office.job("j1"), "gone").drafts[0].intent is Intent.STATUS


def test_several_plans_are_one_group_and_what_was_refused_is_counted(office: Office) -> None:
    plans = [plan_assign(office.desk, office.visit(one), "t3") for one in ("v1", "v2", "v6")]
    plan = combine(plans, "3 visits → Dai Jones")
    assert len({draft.group for draft in plan.drafts}) == 1
    assert len(plan.drafts) == 2
    assert "1 left out: 4406 Valve is completed" in plan.sentence
    assert combine(plans[2:], "x").refusal is not None
    assert combine([], "x").refusal == "nothing is selected"


def test_a_plan_says_what_speaks_for_it(office: Office) -> None:
    plan = plan_assign(office.desk, office.visit("v3"), "t2", at(9))
    assert plan.facts == (
        "drive 6 min from home",
        "has gas",
        "inside the shift",
        "inside the promised window",
    )
    assert plan_assign(office.desk, office.visit("v3"), "t3", at(20)).facts == ("drive 9 min from home",)


def test_one_more_visit_and_one_more_of_the_crew(office: Office) -> None:
    (draft,) = plan_visit_add(office.desk, office.job("j4"), at(16), None, "t1").drafts
    (one,) = draft.changes
    assert (draft.intent, one.kind, one.id) == (Intent.VISIT_ADD, Kind.VISIT, "new")
    assert one.value == {"job_id": "j4", TIMES: [at(16), at(17), None], TECHNICIANS: ["t1"]}
    assert "takes no further visit" in (plan_visit_add(office.desk, office.job("j6"), at(16)).refusal or "")
    assert "one technician a visit" in (
        plan_crew(office.desk, office.visit("v1"), "t2", entity="visit:v1").refusal or ""
    )
    office.open(lacks={})
    (draft,) = plan_crew(office.desk, office.visit("v1"), "t2", entity="visit:v1").drafts
    assert draft.changes[0].value == ["t1", "t2"]
    assert "already" in (plan_crew(office.desk, office.visit("v1"), "t1", entity="visit:v1").refusal or "")


def test_what_is_given_to_somebody_in_the_past_is_asked_about(office: Office) -> None:
    desk, mine = office.desk, office.visit("v1")
    office.world.clock.advance(2 * 3600)  # 12:42, an hour and more after its start
    for plan in (
        plan_assign(desk, mine, "t2"),
        plan_move(desk, mine, "t2", at(9, 30)),
        plan_reschedule(desk, mine, at(9, 30)),
    ):
        assert plan.needs_second_enter
        assert plan.warnings[0].rule is Rule.IN_PAST
        assert plan.warnings[0].says.startswith("starts in the past, ")
    longer = plan_reschedule(desk, mine, at(11), at(13, 30))
    assert Rule.IN_PAST not in {one.rule for one in longer.warnings}
    assert plan_reschedule(desk, mine, at(15)).warnings == ()


def test_a_number_that_was_made_up_says_what_its_letters_are(office: Office) -> None:
    made = plan_create(office.desk, {"title": "Tap", "customer_id": "c1"})
    (change,) = made.drafts[0].changes
    assert isinstance(change.value, dict)
    number = str(change.value["number"])
    assert made.sentence == f"new job {number} Tap · {number[-3:]}: a number given at this desk"
    given = plan_create(office.desk, {"title": "Tap", "customer_id": "c1", "number": "4488"})
    assert given.sentence == "new job 4488 Tap"


def test_an_asset_is_named_by_tag_by_name_or_by_id(office: Office) -> None:
    boiler, pump = Asset("42", "HVAC-007", "Boiler", "", ""), Asset("43", "HVAC-008", "Pump", "", "")
    twin = Asset("44", "HVAC-009", "Pump", "", "")
    office.world.store(
        replace(JOBS[0], assets=(boiler,)), replace(JOBS[1], assets=(pump, twin)), replace(JOBS[4], assets=())
    )
    office.open(set_fields={"asset_ids": ASSETS})

    def linked(text: str) -> Json:
        plan = plan_edit(office.desk, office.job("j5"), {"set": {"asset_ids": text}})
        return plan.refusal or plan.drafts[0].changes[0].value

    assert linked("hvac-007, 43") == ["42", "43"]
    assert linked("Boiler") == ["42"]
    assert linked("77") == ["77"]
    assert linked("pump") == "several assets are called 'pump'; say the id: 43 (HVAC-008), 44 (HVAC-009)"
    assert linked("lift") == "no job read so far has an asset called 'lift'; say its id"
    made = plan_create(office.desk, {"title": "Leak", "customer_id": "c1", "set": {"asset_ids": "boiler"}})
    value = made.drafts[0].changes[0].value
    assert isinstance(value, dict)
    assert value["set"] == {"asset_ids": "42"}


def test_a_place_that_the_system_wants_and_nobody_knows_is_told(office: Office) -> None:
    office.world.store(replace(JOBS[2], address="1 Hill Rd"))
    office.open(wants_place=True, create_needs=frozenset())
    fields: dict[str, Json] = {"title": "Leak", "customer": "Okafor", "address": "9 Far Away"}
    says = "FieldCamp wants the place of a job and nobody knows this one: it is told 0, 0"
    unknown = plan_create(office.desk, fields)
    assert unknown.drafts[0].warnings[0].startswith(says)
    assert says in unknown.sentence
    known: tuple[dict[str, Json], ...] = (
        {"address": "1 Hill Rd"},
        {"set": {"latitude": "51.5", "longitude": "-0.1"}},
    )
    for more in known:
        assert says not in plan_create(office.desk, {**fields, **more}).sentence
