"""Decisions: what is told of an edit that waits for one, and what each choice saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from fieldboard.board.deciding import decided_by, plan_decision, plan_retry
from fieldboard.board.decisions import Decision, decision_of, decisions
from fieldboard.board.field_words import value_words
from fieldboard.board.planning import (
    plan_assign,
    plan_create,
    plan_edit,
    plan_reschedule,
    plan_undo,
    plan_visit_add,
)
from fieldboard.domain.contest import Contest
from fieldboard.domain.fields import CREATED, DELETED, TECHNICIANS, TIMES, WINDOWS
from fieldboard.domain.operation import Json, Kind, Operation, OpState
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit
from tests.board.office import Office
from tests.board.world import at


def contested(office: Office, theirs: str = "t3") -> Operation:
    """v1 was given to t2 here, and to somebody else at the system before that went out."""
    (op,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.world.clock.advance(60)
    office.world.store(Visit("v1", "j1", (theirs,), at(11), at(12)))
    met = Contest(Kind.VISIT, "v1", TECHNICIANS, ["t1"], ["t2"], [theirs])
    return ended(office, op, OpState.CONFLICT, met)


def ended(office: Office, op: Operation, state: OpState, *met: Contest, reason: str = "why") -> Operation:
    outbox = office.desk.store.outbox
    fence = outbox.take_fence("test")
    assert outbox.claim(op.op_id, fence)
    if state in (OpState.ASK, OpState.SUPERSEDED):
        assert outbox.settle(op.op_id, fence, OpState.SENDING, OpState.UNCERTAIN)
        assert outbox.settle(op.op_id, fence, OpState.UNCERTAIN, state, met, reason=reason)
    else:
        assert outbox.settle(op.op_id, fence, OpState.SENDING, state, met, reason=reason)
    office.desk.poll()
    found = outbox.get(op.op_id)
    assert found is not None
    return found


def only(office: Office) -> Decision:
    office.desk.poll()
    (found,) = decisions(office.desk)
    return found


def ids(decision: Decision) -> list[str]:
    return [one.id for one in decision.choices]


def test_a_conflict_is_told_with_all_three_values_and_who_and_when(office: Office) -> None:
    contested(office)
    decision = only(office)
    (side,) = decision.sides
    assert (side.name, side.base, side.mine, side.theirs, side.now) == (
        "technician", "Amara Diallo", "Dai Evans", "Dai Jones", None,
    )  # fmt: skip
    assert (decision.kind, decision.title, decision.customer) == (
        OpState.CONFLICT, "4401 Boiler service", "Okafor",
    )  # fmt: skip
    assert decision.seen_at == office.desk.now()
    assert ids(decision) == ["mine", "theirs", "edit"]
    assert decision.default is not None
    assert decision.default.id == "theirs"
    assert not {one.letter for one in decision.choices} & set("hjkl")


def test_what_came_along_with_a_contested_field_is_named_in_what_happens_to_it(office: Office) -> None:
    wanted: dict[str, Json] = {"title": "Boiler repair", "phone": "0123"}
    (op,) = office.desk.commit(plan_edit(office.desk, office.job("j1"), wanted))
    office.world.store(replace(office.job("j1"), title="Boiler swap"))
    ended(office, op, OpState.CONFLICT, Contest(Kind.JOB, "j1", "title", "a", "Boiler repair", "Boiler swap"))
    mine, theirs, _ = only(office).choices
    assert mine.says == "Boiler repair is sent, phone 0123 too, over what is there now"
    assert theirs.says == "Boiler swap stays; nothing is sent, phone 0123 neither"


def test_mine_is_a_new_edit_that_expects_theirs(office: Office) -> None:
    op = contested(office)
    (new,) = office.desk.commit(plan_decision(office.desk, only(office), "mine"))
    assert new.op_id != op.op_id
    assert [(one.expected, one.value) for one in new.changes] == [(["t3"], ["t2"])]
    assert office.desk.counts() == (1, 0)
    assert office.visit("v1").technician_ids == ("t2",)
    old = office.desk.store.outbox.get(op.op_id)
    assert old is not None
    assert (old.state, old.noted, old.choices) == (OpState.CONFLICT, True, ())


def test_mine_expects_what_the_dispatcher_saw_not_what_came_since(office: Office) -> None:
    contested(office)
    decision = only(office)
    office.world.store(Visit("v1", "j1", ("t1",), at(11), at(12)))
    office.desk.poll()
    (new,) = office.desk.commit(plan_decision(office.desk, decision, "mine"))
    assert [one.expected for one in new.changes] == [["t3"]]
    later = decision_of(office.desk, decision.op)
    assert (later.sides[0].theirs, later.sides[0].now) == ("Dai Jones", "Amara Diallo")


def test_mine_is_checked_like_any_plan(office: Office) -> None:
    (op,) = office.desk.commit(plan_reschedule(office.desk, office.visit("v1"), at(12), at(13)))
    office.world.store(
        Visit("v1", "j1", ("t2",), at(9), at(10)), Visit("v7", "j2", ("t2",), at(12, 30), at(13, 30))
    )
    met = Contest(Kind.VISIT, "v1", TIMES, [at(11), at(12), None], [at(12), at(13), None],
                  [at(9), at(10), None])  # fmt: skip
    ended(office, op, OpState.CONFLICT, met)
    plan = plan_decision(office.desk, only(office), "mine")
    assert plan.needs_second_enter
    assert any("overlap" in one for one in plan.drafts[0].warnings)


def test_theirs_sends_nothing(office: Office) -> None:
    contested(office)
    assert office.desk.commit(plan_decision(office.desk, only(office), "theirs")) == ()
    assert office.desk.counts() == (0, 0)
    assert decisions(office.desk) == ()


def test_choosing_anew_takes_note_of_the_old_edit(office: Office) -> None:
    op = contested(office)
    assert only(office).edit_act == "assign"
    plan = plan_assign(office.desk, office.visit("v1"), "t1")
    office.desk.commit(decided_by(plan, op))
    assert office.desk.counts() == (1, 0)


def test_a_choice_that_an_edit_does_not_have_is_refused(office: Office) -> None:
    contested(office)
    plan = plan_decision(office.desk, only(office), "again")
    assert ": 'again' is not among its choices: mine, theirs, undo" in (plan.refusal or "")
    assert "keep mine or theirs" in (plan_retry(office.desk, only(office).op).refusal or "")


def test_two_changes_of_a_crew_can_both_stand(office: Office) -> None:
    from fieldboard.board.visit_plans import plan_crew

    office.open(lacks={one: why for one, why in office.rules.lacks.items() if one is not Ability.CREW})
    (op,) = office.desk.commit(plan_crew(office.desk, office.visit("v1"), add="t2", entity="visit:v1"))
    office.world.store(Visit("v1", "j1", ("t1", "t3"), at(11), at(12)))
    met = Contest(Kind.VISIT, "v1", TECHNICIANS, ["t1"], ["t1", "t2"], ["t1", "t3"])
    ended(office, op, OpState.CONFLICT, met)
    (new,) = office.desk.commit(plan_decision(office.desk, only(office), "both"))
    assert new.changes[0].value == ["t1", "t2", "t3"]


def test_a_refused_edit_goes_out_again(office: Office) -> None:
    (op,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    ended(office, op, OpState.REJECTED, reason="locked by an invoice")
    decision = only(office)
    assert (decision.why, ids(decision)) == ("locked by an invoice", ["retry", "theirs", "edit"])
    office.desk.commit(plan_decision(office.desk, decision, "retry"))
    assert office.desk.counts() == (1, 0)


def test_a_status_that_cannot_follow_any_more_is_refused_at_once(office: Office) -> None:
    from fieldboard.board.planning import plan_status
    from fieldboard.domain.status import Status

    (op,) = office.desk.commit(plan_status(office.desk, office.visit("v1"), Status.IN_PROGRESS))
    office.world.store(Visit("v1", "j1", ("t1",), at(11), at(12), status=Status.CANCELLED))
    ended(office, op, OpState.REJECTED)
    office.open(visit_lifecycle=replace(office.rules.visit_lifecycle, moves={}))
    decision = only(office)
    assert "no way from cancelled" in (plan_decision(office.desk, decision, "retry").refusal or "")
    assert ids(decision) == ["theirs", "edit"]


def test_of_something_gone_only_note_is_taken(office: Office) -> None:
    (op,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    ended(office, op, OpState.GONE)
    decision = only(office)
    assert ids(decision) == ["theirs"]
    office.desk.commit(plan_decision(office.desk, decision, "theirs"))
    assert office.desk.counts() == (0, 0)


def test_a_promise_is_told_in_clock_times(office: Office) -> None:
    first = office.desk.zone.at(date(2026, 6, 4), time(8))
    windows: list[Json] = [[first, first + 9 * 3600], [first + 86400, first + 86400 + 3600]]
    assert value_words(office.desk, WINDOWS, windows) == "Thu 4 Jun 08:00–17:00 or Fri 5 Jun 08:00–09:00"
    assert value_words(office.desk, WINDOWS, []) == "none"


def test_a_status_that_has_not_begun_is_told_so(office: Office) -> None:
    words = [value_words(office.desk, "status", one) for one in ("open", "on_hold", None)]
    assert words == ["not begun", "on hold", "none"]


def test_what_was_overtaken_is_told_last_and_counts_for_nobody(office: Office) -> None:
    (first,) = office.desk.commit(plan_assign(office.desk, office.visit("v2"), "t1"))
    ended(office, first, OpState.SUPERSEDED)
    contested(office)
    office.desk.poll()
    assert [one.kind for one in decisions(office.desk)] == [OpState.CONFLICT, OpState.SUPERSEDED]
    assert office.desk.counts() == (0, 1)
    assert ids(decisions(office.desk)[1]) == ["retry", "theirs", "edit"]


# Creates of which nobody knows


def created(office: Office) -> Operation:
    wanted: dict[str, Json] = {"title": "Tap drips", "customer_id": "c1", "start": at(15), "end": at(16)}
    plan = plan_create(office.desk, wanted)
    (op,) = office.desk.commit(plan)
    return op


def test_a_lost_create_can_go_out_again_under_its_own_id(office: Office) -> None:
    op = ended(office, created(office), OpState.ASK)
    decision = only(office)
    assert ids(decision) == ["again", "found", "undo"]
    (again,) = office.desk.commit(plan_decision(office.desk, decision, "again"))
    assert (again.op_id, again.state) == (op.op_id, OpState.QUEUED)


def test_a_lost_create_that_the_cache_shows_is_not_made_twice(office: Office) -> None:
    op = ended(office, created(office), OpState.ASK)
    value = op.changes[0].value
    assert isinstance(value, dict)
    office.world.store(replace(office.job("j5"), id="j77", number=str(value["number"])))
    decision = only(office)
    assert [one.id for one in decision.copies] == ["j77"]
    assert ids(decision) == ["found", "undo"]
    assert "it is there" in (plan_decision(office.desk, decision, "again").refusal or "")
    (found,) = office.desk.commit(plan_decision(office.desk, decision, "found", "j77"))
    assert (found.op_id, found.state) == (op.op_id, OpState.ACKED)
    assert office.desk.server_id(f"new:{op.op_id}") == "j77"


def test_a_lost_create_is_found_by_a_number_that_another_lost_one_has_too(office: Office) -> None:
    first, second = created(office), created(office)
    value = second.changes[0].value
    assert isinstance(value, dict)
    ended(office, first, OpState.ASK)
    office.world.store(replace(office.job("j5"), id="j77", number=str(value["number"])))
    plan = plan_decision(office.desk, only(office), "found", str(value["number"]))
    assert [one.server_id for one in plan.rulings] == ["j77"]


def test_a_lost_create_that_is_forgotten_is_not_said_to_be_taken_back(office: Office) -> None:
    op = ended(office, created(office), OpState.ASK)
    plan = plan_decision(office.desk, only(office), "undo")
    assert plan.sentence == f"{op.label}: note is taken, nothing more is sent"
    office.desk.commit(plan)
    assert office.desk.counts() == (0, 0)


def test_a_refused_create_can_be_put_right(office: Office) -> None:
    ended(office, created(office), OpState.REJECTED, reason="the customer is archived")
    decision = only(office)
    assert (ids(decision), decision.edit_act) == (["retry", "theirs", "edit"], "create")
    assert [one.says for one in decision.choices] == [
        "the same is sent once more",
        "nothing is there, and nothing is sent",
        "opens the form with what was typed",
    ]


@pytest.mark.parametrize("text", ["", "nothing-like-it"])
def test_what_was_found_must_be_there(office: Office, text: str) -> None:
    ended(office, created(office), OpState.ASK)
    assert plan_decision(office.desk, only(office), "found", text).refusal


def test_of_a_lost_visit_the_new_visits_of_its_job_are_asked_about(office: Office) -> None:
    plan = plan_visit_add(office.desk, office.job("j2"), at(16), at(17), "t1")
    (op,) = office.desk.commit(plan)
    ended(office, op, OpState.ASK)
    office.world.store(Visit("v77", "j2", ("t1",), at(16), at(18), status=Status.ASSIGNED))
    office.desk.poll()
    decision = only(office)
    assert [(one.kind, one.id) for one in decision.copies] == [(Kind.VISIT, "v77")]
    assert "the same visit is sent once more" in decision.choices[0].says
    assert "another job" in (plan_decision(office.desk, decision, "found", "v1").refusal or "")
    own = f"new:{op.op_id}"
    assert "may not be there" in (plan_decision(office.desk, decision, "found", own).refusal or "")
    assert plan_decision(office.desk, decision, "again").refusal is None
    (found,) = office.desk.commit(plan_decision(office.desk, decision, "found", "v77"))
    assert (found.op_id, office.desk.server_id(own)) == (op.op_id, "v77")
    assert office.desk.counts()[1] == 0


def test_a_lost_visit_can_go_out_again(office: Office) -> None:
    (op,) = office.desk.commit(plan_visit_add(office.desk, office.job("j2"), at(16), at(17), "t1"))
    ended(office, op, OpState.ASK)
    (again,) = office.desk.commit(plan_decision(office.desk, only(office), "again"))
    assert (again.op_id, again.state) == (op.op_id, OpState.QUEUED)


def twice(office: Office) -> Operation:
    op = created(office)
    base = office.job("j5")
    office.world.store(replace(base, id="j77", number="9001"), replace(base, id="j78", number="9001"))
    theirs: Json = ["j77", "j78"]
    return ended(
        office, op, OpState.DUPLICATE, Contest(Kind.JOB, op.changes[0].id, CREATED, None, None, theirs)
    )


@pytest.mark.parametrize(("choice", "kept", "gone"), [("this", "j77", "j78"), ("other", "j78", "j77")])
def test_of_two_copies_one_is_kept_and_the_other_deleted(
    office: Office, choice: str, kept: str, gone: str
) -> None:
    op = twice(office)
    plan = plan_decision(office.desk, only(office), choice)
    assert plan.needs_second_enter
    (live,) = office.desk.commit(plan)
    assert [(one.id, one.field) for one in live.changes] == [(gone, DELETED)]
    assert office.desk.server_id(f"new:{op.op_id}") == kept
    office.desk.poll()
    assert decisions(office.desk) == ()


def test_each_copy_bears_the_mark_until_it_is_decided(office: Office) -> None:
    twice(office)
    office.desk.poll()
    copies = [visit for one in ("j77", "j78") for visit in office.desk.store.planned_of_job(one)]
    assert [(one.job_id, one.mark) for one in copies] == [("j77", "duplicate"), ("j78", "duplicate")]
    office.desk.commit(plan_decision(office.desk, only(office), "both"))
    office.desk.poll()
    assert [one.mark for one in office.desk.store.planned(["j77", "j78"])] == ["", ""]


def test_both_copies_can_stay(office: Office) -> None:
    op = twice(office)
    (told,) = office.desk.commit(plan_decision(office.desk, only(office), "both"))
    assert told.op_id == op.op_id
    assert office.desk.counts()[1] == 0


def test_what_is_there_twice_is_not_taken_back_before_it_is_decided(office: Office) -> None:
    op = twice(office)
    assert "which one stays" in (plan_undo(office.desk, op).refusal or "")
    assert "nothing to take back" in (plan_undo(office.desk).refusal or "")
