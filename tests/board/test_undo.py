from __future__ import annotations

from dataclasses import replace

from fieldboard.board.deciding import with_true_choices
from fieldboard.board.planning import (
    combine,
    plan_assign,
    plan_create,
    plan_delete,
    plan_edit,
    plan_redo,
    plan_reschedule,
    plan_retry,
    plan_status,
    plan_undo,
    plan_visit_add,
)
from fieldboard.domain.fields import DELETED, TECHNICIANS
from fieldboard.domain.operation import Change, Intent, Kind, OpState
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit
from tests.board.office import VISITS, Office
from tests.board.world import at


def crew(office: Office, visit_id: str) -> tuple[str, ...]:
    return office.visit(visit_id).technician_ids


def test_what_was_not_sent_is_cancelled(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    assert crew(office, "v1") == ("t2",)
    plan = plan_undo(office.desk)
    assert plan.cancels == (saved.op_id,)
    assert plan.sentence == "taken back: 4401 → Dai Evans 11:00–12:00"
    (cancelled,) = office.desk.commit(plan)
    assert cancelled.state is OpState.CANCELLED
    assert crew(office, "v1") == ("t1",)


def test_what_was_sent_is_taken_back_against_our_own_values(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(saved)
    plan = plan_undo(office.desk)
    (draft,) = plan.drafts
    assert (draft.intent, draft.undoes) == (Intent.UNDO, saved.op_id)
    assert draft.changes == (Change(Kind.VISIT, "v1", TECHNICIANS, ["t2"], ["t1"]),)


def test_undo_and_redo_hold_over_a_restart(office: Office) -> None:
    office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.open()
    office.desk.commit(plan_undo(office.desk))
    assert crew(office, "v1") == ("t1",)
    office.open()
    office.desk.commit(plan_redo(office.desk))
    assert crew(office, "v1") == ("t2",)
    office.desk.commit(plan_undo(office.desk))
    assert crew(office, "v1") == ("t1",)


def test_a_taking_back_that_was_sent_is_done_again(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(saved)
    (undo,) = office.desk.commit(plan_undo(office.desk))
    assert plan_undo(office.desk).refusal == "there is nothing to take back"
    office.sent(undo)
    plan = plan_redo(office.desk)
    (draft,) = plan.drafts
    assert plan.sentence == "done again: 4401 → Dai Evans 11:00–12:00"
    assert (draft.intent, draft.undoes) == (Intent.REDO, undo.op_id)
    assert draft.changes == (Change(Kind.VISIT, "v1", TECHNICIANS, ["t1"], ["t2"]),)


def test_a_taking_back_that_was_not_sent_is_only_cancelled(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(saved, OpState.ACKED)
    (undo,) = office.desk.commit(plan_undo(office.desk))
    assert plan_redo(office.desk).cancels == (undo.op_id,)


def test_a_new_edit_ends_what_can_be_done_again(office: Office) -> None:
    office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.desk.commit(plan_undo(office.desk))
    office.desk.commit(plan_reschedule(office.desk, office.visit("v2"), at(15)))
    assert plan_redo(office.desk).refusal == "there is nothing to do again"


def test_a_bulk_act_is_taken_back_as_one(office: Office) -> None:
    plans = [plan_assign(office.desk, office.visit(one), "t3") for one in ("v1", "v2")]
    first, _ = office.desk.commit(combine(plans, "2 visits → Dai Jones"))
    office.sent(first)
    plan = plan_undo(office.desk)
    assert len(plan.drafts) == len(plan.cancels) == 1
    assert plan.sentence.startswith("taken back: 2 edits")
    office.desk.commit(plan)
    assert crew(office, "v1") == ("t1",)
    assert crew(office, "v2") == ("t2",)


def test_of_what_was_refused_note_is_taken(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(saved, OpState.REJECTED, "the account is suspended")
    plan = plan_undo(office.desk)
    assert plan.notes == (saved.op_id,)
    office.desk.commit(plan)
    assert office.desk.counts() == (0, 0)


def test_what_was_refused_is_tried_again_from_what_is_shown(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(saved, OpState.REJECTED, "try later")
    refused = office.desk.store.outbox.get(saved.op_id)
    assert refused is not None
    (again,) = office.desk.commit(plan_retry(office.desk, refused))
    assert again.changes == saved.changes
    assert again.state is OpState.QUEUED
    assert office.desk.counts() == (1, 0)


def test_one_edit_of_long_ago_can_be_taken_back(office: Office) -> None:
    (first,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.desk.commit(plan_assign(office.desk, office.visit("v2"), "t1"))
    office.desk.commit(plan_undo(office.desk, first))
    assert crew(office, "v1") == ("t1",)
    assert crew(office, "v2") == ("t1",)
    cancelled = office.desk.store.outbox.get(first.op_id)
    assert cancelled is not None
    assert "nothing to take back" in (plan_undo(office.desk, cancelled).refusal or "")


def test_what_is_deleted_does_not_come_back(office: Office) -> None:
    (saved,) = office.desk.commit(plan_delete(office.desk, office.job("j1")))
    office.sent(saved)
    assert "create it again" in (plan_undo(office.desk).refusal or "")


def test_past_what_cannot_be_taken_back_the_act_before_it_is(office: Office) -> None:
    (first,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    (deleted,) = office.desk.commit(plan_delete(office.desk, office.job("j2")))
    office.sent(deleted)
    plan = plan_undo(office.desk)
    assert (plan.refusal or "").startswith("4402 deleted: what is deleted at the server")
    assert (plan.stuck, [one.op_id for one in plan.older]) == ((deleted.op_id,), [first.op_id])
    further = plan_undo(office.desk, past=plan.stuck)
    assert further.sentence == "taken back: 4401 → Dai Evans 11:00–12:00 · 4402 deleted stays"
    office.desk.commit(further)
    assert crew(office, "v1") == ("t1",)
    assert plan_undo(office.desk, past=plan.stuck).refusal == "there is nothing to take back before that"


def completed(office: Office, *visits: Visit) -> None:
    """The technicians have finished the work meanwhile."""
    office.world.store(*(replace(one, status=Status.COMPLETED) for one in visits))
    office.desk.poll()


def test_what_is_over_is_not_moved_by_taking_back(office: Office) -> None:
    (assigned,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    (moved,) = office.desk.commit(plan_reschedule(office.desk, office.visit("v1"), at(15)))
    office.sent(assigned)
    office.sent(moved)
    completed(office, replace(VISITS[0], technician_ids=("t2",), start=at(15), end=at(16)))
    refusal = plan_reschedule(office.desk, office.visit("v1"), at(16)).refusal
    assert refusal == "4401 Boiler service is completed: it cannot be moved any more"
    for op in office.desk.edits():
        assert (plan_undo(office.desk, op).refusal or "").startswith(f"{op.label}: 4401 Boiler service is")
    assert plan_undo(office.desk).refusal == f"{moved.label}: {refusal}"


def test_what_was_deleted_since_takes_nothing_back(office: Office) -> None:
    """The visit goes with its job: neither the edit of one nor of the other is tried at the system."""
    (assigned,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    (edited,) = office.desk.commit(plan_edit(office.desk, office.job("j1"), {"title": "Leak"}))
    (other,) = office.desk.commit(plan_assign(office.desk, office.visit("v4"), "t2"))
    for one in (assigned, edited, other):
        office.sent(one)
    (deleted,) = office.desk.commit(plan_delete(office.desk, office.job("j1")))
    office.sent(deleted, OpState.ACKED)
    for op in office.desk.edits()[:2]:
        assert plan_undo(office.desk, op).refusal == f"{op.label}: it is deleted by now"
    plan = plan_undo(office.desk)
    assert "create it again" in (plan.refusal or "")
    assert [one.op_id for one in plan.older] == [other.op_id]
    (last,) = office.desk.commit(plan_delete(office.desk, office.job("j4")))
    office.sent(last, OpState.ACKED)
    assert plan_undo(office.desk).older == ()


def test_what_is_deleted_here_only_is_brought_back_first(office: Office) -> None:
    (assigned,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(assigned)
    office.desk.commit(plan_delete(office.desk, office.job("j1")))
    office.desk.commit(plan_undo(office.desk))
    assert plan_undo(office.desk).drafts[0].changes[0].value == ["t1"]


def choices(office: Office) -> list[tuple[str, ...]]:
    """What may truly be decided about each edit."""
    return [one.choices for one in with_true_choices(office.desk, office.desk.edits())]


def test_undo_is_a_choice_only_where_it_is_accepted(office: Office) -> None:
    (first,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.sent(first)
    assert choices(office) == [("undo",)]
    (undone,) = office.desk.commit(plan_undo(office.desk))
    assert choices(office) == [(), ()], "it is taken back already, and that is done again by redo"
    office.sent(undone, OpState.GONE)
    assert choices(office) == [("undo",), ("theirs", "undo")]
    completed(office, VISITS[0])
    assert choices(office) == [(), ("theirs", "undo")]


def test_a_status_without_a_way_back_has_no_choice(office: Office) -> None:
    (saved,) = office.desk.commit(plan_status(office.desk, office.visit("v1"), Status.EN_ROUTE))
    office.sent(saved)
    assert choices(office) == [("undo",)]
    office.open(visit_lifecycle=type(office.rules.visit_lifecycle)())
    assert choices(office) == [()]


def test_a_step_of_work_that_is_over_is_not_taken_back(office: Office) -> None:
    (saved,) = office.desk.commit(plan_status(office.desk, office.visit("v1"), Status.EN_ROUTE))
    office.sent(saved)
    completed(office, VISITS[0])
    says = "4401 en route: 4401 Boiler service is completed: it is not en route any more"
    assert plan_undo(office.desk).refusal == says


def test_what_is_over_is_not_moved_by_doing_it_again(office: Office) -> None:
    office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    office.desk.commit(plan_undo(office.desk))
    completed(office, VISITS[0])
    assert "it cannot be assigned any more" in (plan_redo(office.desk).refusal or "")


def test_only_an_act_that_can_be_taken_back_is_named_as_the_one_before(office: Office) -> None:
    (first,) = office.desk.commit(plan_assign(office.desk, office.visit("v2"), "t3"))
    (second,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    (third,) = office.desk.commit(plan_reschedule(office.desk, office.visit("v1"), at(15)))
    for one in (first, second, third):
        office.sent(one)
    completed(office, VISITS[0])
    plan = plan_undo(office.desk)
    assert [one.op_id for one in plan.older] == [first.op_id]
    further = plan_undo(office.desk, past=plan.stuck)
    assert further.sentence == f"taken back: {first.label} · {third.label} stays"
    completed(office, VISITS[1])
    plan = plan_undo(office.desk)
    assert "4401 Boiler service is completed" in (plan.refusal or "")
    assert plan.older == ()


def test_what_was_not_sent_is_cancelled_whatever_has_become_of_the_visit(office: Office) -> None:
    (saved,) = office.desk.commit(plan_reschedule(office.desk, office.visit("v1"), at(15)))
    completed(office, VISITS[0])
    assert plan_undo(office.desk, saved).cancels == (saved.op_id,)


def test_a_status_is_taken_back_by_the_way_back(office: Office) -> None:
    (saved,) = office.desk.commit(plan_status(office.desk, office.visit("v1"), Status.EN_ROUTE))
    office.sent(saved)
    assert plan_undo(office.desk).drafts[0].changes[0].value == "open"
    office.open(visit_lifecycle=type(office.rules.visit_lifecycle)())
    assert plan_undo(office.desk).refusal == "4401 en route: FieldCamp has no way back from en route to open"


def test_what_was_created_is_deleted_by_the_id_the_server_gave(office: Office) -> None:
    plan = plan_create(office.desk, {"title": "Leak", "customer_id": "c1"})
    (saved,) = office.desk.commit(plan)
    office.sent(saved)
    office.desk.store.outbox.map_id(f"new:{saved.op_id}", Kind.JOB, "j99")
    (draft,) = plan_undo(office.desk).drafts
    assert draft.entity == "job:j99"
    assert draft.changes == (Change(Kind.JOB, "j99", DELETED, False, True),)


def test_a_created_job_comes_back_as_a_new_one(office: Office) -> None:
    office.desk.commit(plan_create(office.desk, {"title": "Leak", "customer_id": "c1"}))
    office.desk.commit(plan_undo(office.desk))
    (again,) = office.desk.commit(plan_redo(office.desk))
    assert again.entity == f"job:new:{again.op_id}"
    assert office.job(f"new:{again.op_id}").title == "Leak"


def test_what_went_out_meanwhile_is_taken_back_by_an_edit(office: Office) -> None:
    (saved,) = office.desk.commit(plan_assign(office.desk, office.visit("v1"), "t2"))
    plan = plan_undo(office.desk)
    office.sent(saved)
    (undo,) = office.desk.commit(plan)
    assert (undo.intent, undo.undoes) == (Intent.UNDO, saved.op_id)
    assert crew(office, "v1") == ("t1",)


def test_an_added_visit_is_called_off(office: Office) -> None:
    (saved,) = office.desk.commit(plan_visit_add(office.desk, office.job("j1"), at(16), None, "t1"))
    office.sent(saved)
    office.desk.store.outbox.map_id(f"new:{saved.op_id}", Kind.VISIT, "v99")
    (draft,) = plan_undo(office.desk).drafts
    assert draft.changes == (Change(Kind.VISIT, "v99", "status", "open", "cancelled"),)
