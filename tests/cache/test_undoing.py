"""Undo and redo as a board does them: an edit that was not sent is cancelled, another one is taken back."""

from __future__ import annotations

from fieldboard.cache.outbox import Outbox
from fieldboard.domain.operation import Intent, Operation, OperationDraft, OpState
from tests.cache.test_outbox import draft, settle
from tests.cache.world import World

A, C, S = OpState.ACKED, OpState.CONFIRMED, OpState.SENDING


def sent(outbox: Outbox, label: str) -> Operation:
    op = outbox.add(draft(label=label))
    settle(outbox, op, S, A)
    return op


def again(intent: Intent, op: Operation, group: str | None = None) -> OperationDraft:
    return OperationDraft(intent, op.entity, op.changes, op.label, undoes=op.op_id, group=group)


def undo(outbox: Outbox) -> list[str]:
    found = outbox.last_undoable()
    for op in reversed(found):
        if not outbox.cancel(op.op_id):
            settle(outbox, outbox.add(again(Intent.UNDO, op)), S, A)
    return [op.label for op in found]


def redo(outbox: Outbox) -> list[str]:
    found = outbox.last_redoable()
    for op in found:
        settle(outbox, outbox.add(again(Intent.REDO, op)), S, A)
    return [op.label for op in found]


def test_undo_goes_back_edit_by_edit_and_redo_forward(world: World) -> None:
    outbox = world.outbox()
    assert outbox.last_undoable() == ()
    for label in "abc":
        sent(outbox, label)
    assert [undo(outbox) for _ in range(4)] == [["c"], ["b"], ["a"], []]
    assert [redo(outbox) for _ in range(4)] == [["a"], ["b"], ["c"], []]
    assert [undo(outbox) for _ in range(2)] == [["c"], ["b"]]
    assert redo(outbox) == ["b"]


def test_an_edit_that_cannot_be_taken_back_is_passed_with_all_of_its_act(world: World) -> None:
    outbox = world.outbox()
    before = sent(outbox, "before")
    pair = outbox.add_all([draft(label="a"), draft(label="b")])
    assert [op.label for op in outbox.last_undoable()] == ["a", "b"]
    past = [op.op_id for op in pair]
    assert [op.label for op in outbox.last_undoable(past)] == ["before"]
    assert outbox.last_undoable([*past, before.op_id]) == ()


def test_it_holds_over_a_restart_and_for_another_window(world: World) -> None:
    sent(world.outbox(), "a")
    assert undo(world.outbox()) == ["a"]
    assert redo(world.outbox()) == ["a"]


def test_a_newer_edit_ends_what_could_be_done_again(world: World) -> None:
    outbox = world.outbox()
    sent(outbox, "a")
    undo(outbox)
    sent(outbox, "b")
    assert outbox.last_redoable() == ()
    assert undo(outbox) == ["b"]
    assert redo(outbox) == ["b"]


def test_an_edit_cancelled_before_it_was_sent_can_be_done_again(world: World) -> None:
    outbox = world.outbox()
    sent(outbox, "a")
    outbox.add(draft(label="b"))
    assert undo(outbox) == ["b"]
    assert [op.state for op in outbox.last_redoable()] == [OpState.CANCELLED]
    assert redo(outbox) == ["b"]
    assert outbox.last_redoable() == ()
    assert undo(outbox) == ["b"]
    assert undo(outbox) == ["a"]


def test_a_bulk_act_is_taken_back_and_done_again_as_one(world: World) -> None:
    outbox = world.outbox()
    sent(outbox, "before")
    outbox.add_all([draft("v1", label="1"), draft("v2", label="2")])
    assert undo(outbox) == ["1", "2"]
    assert [op.state for op in outbox.live()] == [A]
    assert [op.label for op in outbox.last_undoable()] == ["before"]


def test_what_was_refused_is_not_taken_back(world: World) -> None:
    outbox = world.outbox()
    sent(outbox, "a")
    settle(outbox, outbox.add(draft(label="b")), S, OpState.REJECTED)
    assert [op.label for op in outbox.last_undoable()] == ["a"]


def test_an_undo_that_was_refused_leaves_the_edit_to_be_taken_back(world: World) -> None:
    outbox = world.outbox()
    op = sent(outbox, "a")
    settle(outbox, outbox.add(again(Intent.UNDO, op)), S, OpState.CONFLICT)
    assert [one.label for one in outbox.last_undoable()] == ["a"]
    assert outbox.last_redoable() == ()
