"""Deciding on the board: what waits is marked, shown, and decided by a letter."""

from __future__ import annotations

from dataclasses import replace

from fieldboard.board.decisions import decisions
from fieldboard.cache.outbox import Outbox
from fieldboard.domain.contest import Contest
from fieldboard.domain.fields import CREATED, TECHNICIANS
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.visit import Visit
from fieldboard.tui.dialogs.decisions import DecisionsDialog
from tests.tui.driver import Driver, opened
from tests.tui.world import BoardWorld, at


def contested(world: BoardWorld, state: OpState = OpState.CONFLICT, visit_id: str = "v4452") -> Operation:
    """A visit (4452) was given to Ben Fischer here and to Dai Evans at the system."""
    outbox = Outbox(world.files, world.clock, by="kim")
    visit = next(one for one in world.entities if isinstance(one, Visit) and one.id == visit_id)
    mine, theirs = ["t2"], ["t4"]
    base: list[Json] = [*sorted(visit.technician_ids)]
    change = Change(Kind.VISIT, visit.id, TECHNICIANS, base, [*mine])
    op = outbox.add(OperationDraft(Intent.ASSIGN, f"visit:{visit.id}", (change,), "4452 → Ben Fischer"))
    fence = outbox.take_fence("test")
    outbox.claim(op.op_id, fence)
    met = [Contest(Kind.VISIT, visit.id, TECHNICIANS, base, [*mine], [*theirs])]
    reason = "Somebody else changed the technician meanwhile."
    outbox.settle(op.op_id, fence, OpState.SENDING, state, met, reason=reason)
    outbox.close()
    if state is OpState.CONFLICT:
        world.add(replace(visit, technician_ids=tuple(theirs)))
    return op


async def edits(it: Driver) -> list[Operation]:
    return await it.app.thread.fetch(lambda desk: desk.edits())


async def test_the_key_shows_what_waits_and_mine_goes_out_over_theirs(world: BoardWorld) -> None:
    old = contested(world)
    async with opened(world) as it:
        assert "1 to decide" in it.header
        assert "decide 1" in it.footer
        await it.do("decisions")
        assert it.dialog == "DecisionsDialog"
        text = "\n".join(it.lines())
        assert "Ben Fischer" in text
        assert "Dai Evans" in text
        await it.keys("m")
        if it.dialog:
            await it.keys("m")
        assert it.dialog == ""
        first, second = await edits(it)
        assert (first.op_id, first.noted) == (old.op_id, True)
        assert [(one.expected, one.value) for one in second.changes] == [(["t4"], ["t2"])]
        assert "to decide" not in it.header


async def test_after_a_decision_the_cursor_is_on_the_next_and_after_the_last_on_the_one_before(
    world: BoardWorld,
) -> None:
    visits = ("v4452", "v4440", "v4433", "v4418")
    ops = {contested(world, OpState.REJECTED, one).op_id: one for one in visits}
    async with opened(world) as it:
        await it.do("decisions")
        dialog = it.app.screen
        assert isinstance(dialog, DecisionsDialog)
        with world.looked_at() as desk:
            shown = [ops[one.op.op_id] for one in decisions(desk)]
        assert len(shown) == len(visits)
        await it.keys(*["up"] * 4, "down")
        for decided, next_one in ((1, 2), (2, 3), (3, 0)):
            dialog = it.app.screen
            assert isinstance(dialog, DecisionsDialog)
            assert dialog.selected is not None
            assert ops[dialog.selected.op.op_id] == shown[decided]
            await it.keys("t")
            dialog = it.app.screen
            assert isinstance(dialog, DecisionsDialog)
            assert dialog.selected is not None
            assert ops[dialog.selected.op.op_id] == shown[next_one]
        await it.keys("t")
        assert it.dialog == ""


async def test_enter_takes_theirs_and_sends_nothing(world: BoardWorld) -> None:
    contested(world)
    async with opened(world) as it:
        await it.do("decisions")
        await it.keys("enter")
        (only,) = await edits(it)
        assert only.noted
        assert it.board.header.facts.undecided == 0


async def test_choosing_anew_opens_the_picker_and_takes_note_of_the_old_edit(world: BoardWorld) -> None:
    contested(world)
    async with opened(world) as it:
        await it.do("decisions")
        await it.keys("e")
        assert it.dialog == "AssignPicker"
        await it.keys("enter")
        if it.dialog or it.board.saying.ask_again is not None:
            await it.keys("enter")
        first, second = await edits(it)
        assert first.noted
        assert second.changes[0].expected == ["t4"]


async def test_a_refused_create_opens_its_form_with_what_was_typed(world: BoardWorld) -> None:
    async with opened(world) as it:
        with world.looked_at() as desk:
            (known,) = desk.store.customers("", 1)
        made: dict[str, Json] = {
            "title": "Tap drips", "customer_id": known.id, "customer": known.name, "number": "4999",
            "priority": "high", "skills": ["gas"], "technicians": ["t2"],
            "times": [at("15:00"), at("16:30"), None], "set": {"poNumber": "7"},
        }  # fmt: skip
        change = Change(Kind.JOB, "new", CREATED, None, made)
        with world.looked_at() as desk:
            outbox = desk.store.outbox
            op = outbox.add(OperationDraft(Intent.CREATE, "job:new", (change,), "new job 4999 Tap drips"))
            fence = outbox.take_fence("test")
            outbox.claim(op.op_id, fence)
            outbox.settle(op.op_id, fence, OpState.SENDING, OpState.REJECTED, reason="the title is taken")
        await it.settle()
        await it.do("decisions")
        await it.keys("e")
        assert it.dialog == "JobForm"
        await it.keys("end", *" again")
        await it.keys("ctrl+s")
        old, anew = await edits(it)
        assert old.noted
        value = anew.changes[0].value
        assert isinstance(value, dict)
        assert value.pop("number")
        assert value == {**{name: one for name, one in made.items() if name != "number"},
                         "title": "Tap drips again", "duration_min": 90,
                         "times": [at("15:00"), at("16:30"), None]}  # fmt: skip


async def test_leaving_the_picker_decides_nothing(world: BoardWorld) -> None:
    contested(world)
    async with opened(world) as it:
        await it.do("decisions")
        await it.keys("e", "escape")
        (only,) = await edits(it)
        assert not only.noted


async def test_details_of_a_marked_visit_say_why_and_lead_to_the_decision(world: BoardWorld) -> None:
    op = contested(world, OpState.REJECTED)
    async with opened(world) as it:
        await it.put_cursor_on("v4452")
        assert it.visit("v4452").mark == "rejected"
        await it.do("details")
        assert "Somebody else changed the technician meanwhile. C decides." in "\n".join(it.lines())
        await it.keys("C")
        assert it.dialog == "DecisionsDialog"
        await it.keys("r")
        first, second = await edits(it)
        assert (first.op_id, first.noted, second.state) == (op.op_id, True, OpState.QUEUED)


async def test_taking_note_by_undo_promises_no_way_back(world: BoardWorld) -> None:
    contested(world, OpState.REJECTED)
    async with opened(world) as it:
        await it.do("undo")
        assert "note is taken: 4452 → Ben Fischer" in it.says
        assert "does it again" not in it.says


async def test_a_click_on_the_flag_of_the_header_opens_it(world: BoardWorld) -> None:
    contested(world)
    async with opened(world) as it:
        x = it.header.index("⚑")
        await it.click((x + 2, 0))
        assert it.dialog == "DecisionsDialog"


async def test_without_anything_to_decide_it_says_so(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.command("decisions")
        assert "Nothing waits for a decision." in "\n".join(it.lines())
        await it.keys("enter", "escape")
        assert it.dialog == ""


async def test_the_open_dialog_shows_what_comes_and_keeps_the_cursor_on_its_edit(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.command("decisions")
        first = contested(world)
        await it.settle()
        assert "Nothing waits for a decision." not in "\n".join(it.lines())
        assert "4452" in "\n".join(it.lines())
        contested(world, OpState.REJECTED)
        await it.settle()
        assert "1 of 2 edits" in "\n".join(it.lines())
        await it.keys("down")
        assert "2 of 2 edits" in "\n".join(it.lines())
        outbox = Outbox(world.files, world.clock, by="pat")
        outbox.note([first.op_id])
        outbox.close()
        await it.settle()
        assert "1 of 1 edits" in "\n".join(it.lines())
        assert "refused" in "\n".join(it.lines())


async def test_what_was_ours_is_not_told_as_theirs_once_it_is_contested(world: BoardWorld) -> None:
    """The edit is laid over the visit until the board has looked; the dialog must not keep that sight."""
    async with opened(world) as it:
        await it.command("decisions")
        contested(world)
        await it.settle()
        text = "\n".join(it.lines())
        assert "Dai Evans stays; nothing is sent" in text
        assert "now Ben Fischer" not in text


async def test_a_decided_edit_stands_in_the_list_of_edits_as_decided(world: BoardWorld) -> None:
    contested(world)
    async with opened(world) as it:
        await it.do("decisions")
        await it.keys("enter")
        await it.command("outbox")
        text = "\n".join(it.lines())
        assert "Settled" in text
        assert "contested, and decided" in text


async def test_the_list_of_edits_has_what_is_settled_and_takes_it_back(world: BoardWorld) -> None:
    async with opened(world) as it:
        await it.put_cursor_on("v4440")
        await it.do("unassign")
        (op,) = await edits(it)
        outbox = Outbox(world.files, world.clock, by="kim")
        fence = outbox.take_fence("test")
        outbox.claim(op.op_id, fence)
        for before, after in (
            (OpState.SENDING, OpState.ACKED),
            (OpState.ACKED, OpState.CONFIRMED),
        ):
            outbox.settle(op.op_id, fence, before, after)
        outbox.close()
        await it.command("outbox")
        assert any("Settled" in line for line in it.lines())
        await it.keys("u")
        assert [one.undoes for one in await edits(it)][-1] == op.op_id
