"""Decisions about edits, and what is kept for whoever decides."""

from __future__ import annotations

import pytest

from fieldboard.cache import salvage
from fieldboard.cache.errors import IllegalMove
from fieldboard.cache.outbox import Outbox
from fieldboard.domain.contest import Contest
from fieldboard.domain.operation import Change, Intent, Kind, Operation, OperationDraft, OpState
from tests.cache.test_outbox import Answered, Sent, draft
from tests.cache.world import World

CONTEST = Contest(Kind.VISIT, "v1", "technicians", ["t1"], ["t2"], ["t3"], "Priya", 5, 7)
CREATE = OperationDraft(
    Intent.CREATE, "job:new", (Change(Kind.JOB, "new", "created", None, {"title": "Tap"}),), "a new job"
)


def ended(outbox: Outbox, operation: Operation, state: OpState, *contests: Contest) -> int:
    """What the sync does with an edit that does not simply succeed; the fence under which."""
    fence = outbox.take_fence("test")
    assert outbox.claim(operation.op_id, fence)
    assert outbox.settle(operation.op_id, fence, OpState.SENDING, state, contests, reason="why")
    return fence


def test_what_an_edit_met_is_kept_with_its_end(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    ended(outbox, op, OpState.CONFLICT, CONTEST)
    assert world.outbox().contests_of(op.op_id) == (CONTEST,)
    assert outbox.contests_of("another") == ()


def test_nothing_is_kept_of_an_end_that_another_sender_wrote(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    old = outbox.take_fence("old")
    assert outbox.claim(op.op_id, old)
    outbox.take_fence("new")
    assert not outbox.settle(op.op_id, old, OpState.SENDING, OpState.CONFLICT, (CONTEST,))
    assert outbox.contests_of(op.op_id) == ()


def test_a_decision_and_its_note_are_one_transaction(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    ended(outbox, op, OpState.CONFLICT, CONTEST)
    before = outbox.rev()
    outbox.add_all([draft(crew="t4")], noting=[op.op_id])
    assert outbox.rev() == before + 1
    assert outbox.counts() == (1, 0)


def test_what_was_met_outlives_a_salvage_and_ends_with_the_edit(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    ended(outbox, op, OpState.CONFLICT, CONTEST)
    salvage.salvage_outbox(world.files)
    again = world.outbox()
    assert again.contests_of(op.op_id) == (CONTEST,)
    again.note([op.op_id])
    world.clock.advance(31 * 86400)
    assert again.purge() == 1
    assert again.contests_of(op.op_id) == ()


def test_an_uncertain_create_goes_out_again_under_its_own_id(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(CREATE)
    ended(outbox, op, OpState.ASK)
    assert outbox.counts() == (0, 1)
    outbox.again(op.op_id)
    assert outbox.counts() == (1, 0)
    found = outbox.get(op.op_id)
    assert found is not None
    assert (found.state, found.reason) == (OpState.QUEUED, None)
    with pytest.raises(IllegalMove):
        outbox.again(op.op_id)


def test_a_create_that_is_there_goes_on_with_what_is_left_of_it(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(CREATE)
    fence = outbox.take_fence("test")
    outbox.claim(op.op_id, fence)
    outbox.journal_step(op.op_id, fence, Sent(marker="4711"))
    outbox.journal_step(op.op_id, fence, Sent(marker="4711"), Answered("uncertain", None))
    outbox.settle(op.op_id, fence, OpState.SENDING, OpState.UNCERTAIN)
    outbox.settle(op.op_id, fence, OpState.UNCERTAIN, OpState.ASK)
    outbox.found(op.op_id, Kind.JOB, "j77")
    found = outbox.get(op.op_id)
    assert found is not None
    assert (found.state, outbox.counts()) == (OpState.QUEUED, (1, 0))
    assert outbox.idmap() == {f"new:{op.op_id}": "j77"}
    [step] = outbox.steps_of(op.op_id)
    assert (step.outcome, step.new_id) == ("done", "j77")
    with pytest.raises(IllegalMove):
        outbox.found(op.op_id, Kind.JOB, "j78")


def test_of_two_copies_the_one_that_counts_is_kept_without_sending_anything(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(CREATE)
    fence = outbox.take_fence("test")
    outbox.claim(op.op_id, fence)
    outbox.journal_step(op.op_id, fence, Sent(marker="4711"))
    outbox.journal_step(op.op_id, fence, Sent(marker="4711"), Answered(new_id="j77"))
    outbox.map_id(f"new:{op.op_id}", Kind.JOB, "j77")
    outbox.settle(op.op_id, fence, OpState.SENDING, OpState.ACKED)
    outbox.settle(op.op_id, None, OpState.ACKED, OpState.DUPLICATE)
    outbox.found(op.op_id, Kind.JOB, "j78")
    found = outbox.get(op.op_id)
    assert found is not None
    assert (found.state, found.noted, found.choices) == (OpState.ACKED, True, ("undo",))
    assert outbox.idmap() == {f"new:{op.op_id}": "j78"}
