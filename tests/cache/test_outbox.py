from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import pytest

from fieldboard.cache import op_journal
from fieldboard.cache.errors import IllegalMove, StorageFull
from fieldboard.cache.fate import MOVES
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.clock import FixedClock
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from tests.cache.world import World

Q, S, A, C = OpState.QUEUED, OpState.SENDING, OpState.ACKED, OpState.CONFIRMED


def draft(visit_id: str = "v1", crew: str = "t2", **values: object) -> OperationDraft:
    change = Change(Kind.VISIT, visit_id, "technicians", ["t1"], [crew])
    base = OperationDraft(
        Intent.ASSIGN, f"visit:{visit_id}", (change,), label=f"4401 → {crew}", warnings=("late",)
    )
    return replace(base, **values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Sent:
    index: int = 0
    change: int = 0
    method: str = "PATCH"
    path: str = "/v1/visits/v1"
    body: Json = None
    marker: str | None = None
    says: str = ""


@dataclass(frozen=True)
class Answered:
    outcome: str = "done"
    status: int | None = 200
    why: str | None = None
    new_id: str | None = None


def settle(outbox: Outbox, op: Operation, *states: OpState) -> None:
    fence = outbox.take_fence("test")
    for before, after in zip((Q, *states), states, strict=False):
        if after is S:
            assert outbox.claim(op.op_id, fence) is not None
        else:
            assert outbox.settle(op.op_id, fence, before, after)


def test_an_operation_comes_back_as_it_was_made(world: World) -> None:
    made = world.outbox().add(draft(reason="called"))
    found = world.outbox().get(made.op_id)
    assert found == made
    assert found is not None
    assert (found.state, found.created_by, found.choices) == (Q, "pat", ("undo",))
    assert found.warnings == ("late",)
    assert found.changes == draft().changes


def test_a_bulk_act_is_one_group_and_one_transaction(world: World) -> None:
    outbox = world.outbox()
    saved = outbox.add_all([draft("v1"), draft("v2"), draft("v3")])
    assert len({one.group for one in saved}) == 1
    assert saved[0].group is not None
    assert [one.op_id for one in saved] == sorted(one.op_id for one in saved)
    assert outbox.rev() == 1


def test_what_is_created_gets_a_temporary_id(world: World) -> None:
    outbox = world.outbox()
    made = outbox.add(
        OperationDraft(
            Intent.CREATE, "job:new", (Change(Kind.JOB, "new", "created", None, {"title": "Leak"}),)
        )
    )
    assert made.entity == f"job:new:{made.op_id}"
    assert made.changes[0].id == f"new:{made.op_id}"
    outbox.map_id(made.changes[0].id, Kind.JOB, "j99")
    assert world.outbox().idmap() == {f"new:{made.op_id}": "j99"}


def test_states_move_only_along_the_graph(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    fence = outbox.take_fence("test")
    for before, after in product(OpState, OpState):
        if before is not after and after not in MOVES.get(before, frozenset()):
            with pytest.raises(IllegalMove):
                outbox.settle(op.op_id, fence, before, after)
    assert outbox.get(op.op_id) == op


def test_an_operation_is_claimed_once_and_only_under_the_newest_fence(world: World) -> None:
    one, other = world.outbox(), world.outbox()
    op = one.add(draft())
    old, new = one.take_fence("a"), other.take_fence("b")
    assert one.claim(op.op_id, old) is None
    claimed = other.claim(op.op_id, new)
    assert claimed is not None
    assert (claimed.state, claimed.attempts) == (S, 1)
    assert other.claim(op.op_id, new) is None
    assert not one.settle(op.op_id, old, S, A)
    assert other.settle(op.op_id, new, S, A)


def test_what_a_dead_sender_left_becomes_uncertain(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    outbox.claim(op.op_id, outbox.take_fence("a"))
    fence = outbox.take_fence("b")
    assert [(one.state, one.ever_uncertain) for one in outbox.recover(fence)] == [(OpState.UNCERTAIN, True)]
    assert outbox.settle(op.op_id, fence, OpState.UNCERTAIN, Q, not_before=5)
    found = outbox.get(op.op_id)
    assert found is not None
    assert (found.not_before, found.ever_uncertain) == (5, True)
    with pytest.raises(TypeError):
        outbox.settle(op.op_id, fence, Q, S, seq=7)


def test_live_counts_and_notes(world: World) -> None:
    outbox = world.outbox()
    ops = [outbox.add(draft(f"v{n}")) for n in range(5)]
    settle(outbox, ops[1], S, A)
    settle(outbox, ops[2], S, A, C)
    settle(outbox, ops[3], S, OpState.REJECTED)
    settle(outbox, ops[4], OpState.CONFLICT)
    assert [one.op_id for one in outbox.live()] == [ops[n].op_id for n in (0, 1, 3, 4)]
    assert outbox.counts() == (2, 2)
    rejected = outbox.get(ops[3].op_id)
    assert rejected is not None
    assert rejected.choices == ("retry", "theirs", "undo")
    assert outbox.note([ops[3].op_id, ops[4].op_id, ops[0].op_id]) == 2
    assert outbox.counts() == (2, 0)
    assert outbox.note([ops[3].op_id]) == 0


def test_what_has_not_changed_is_the_same_operation_in_the_next_read(world: World) -> None:
    outbox = world.outbox()
    outbox.add_all([draft(), draft("v2")])
    before = outbox.live()
    settle(outbox, before[1], S)
    after = outbox.live()
    assert after[0] is before[0]
    assert after[1].state is S


@pytest.mark.parametrize(
    ("outcome", "too_late"),
    [
        ("not_sent", False),
        ("wait", False),
        ("unauthorized", False),
        (None, True),
        ("done", True),
        ("uncertain", True),
    ],
)
def test_only_what_never_reached_the_server_can_be_cancelled(
    world: World, outcome: str | None, too_late: bool
) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    fence = outbox.take_fence("a")
    outbox.claim(op.op_id, fence)
    assert not outbox.cancel(op.op_id)
    outbox.journal_step(op.op_id, fence, Sent())
    if outcome is not None:
        outbox.journal_step(op.op_id, fence, Sent(), Answered(outcome))
    outbox.settle(op.op_id, fence, S, Q)
    assert outbox.cancel(op.op_id) is not too_late
    other = outbox.add(draft())
    assert outbox.cancel(other.op_id)
    assert not outbox.cancel(other.op_id)
    assert outbox.claim(other.op_id, fence) is None


def test_with_a_create_go_the_edits_of_what_it_would_have_created(world: World) -> None:
    outbox = world.outbox()
    made = outbox.add(
        OperationDraft(Intent.CREATE, "job:new", (Change(Kind.JOB, "new", "created", None, {}),))
    )
    behind = outbox.add(draft(f"new:{made.op_id}"))
    beside = outbox.add(draft("v7"))
    assert outbox.cancel(made.op_id)
    assert [outbox.get(one.op_id).state.value for one in (behind, beside)] == ["cancelled", "queued"]  # type: ignore[union-attr]
    assert [one.op_id for one in outbox.last_redoable()] == [made.op_id]


def test_retry_goes_on_under_a_new_id_and_the_old_one_is_noted(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    settle(outbox, op, S, OpState.REJECTED)
    again = outbox.retry(op.op_id)
    assert again.op_id != op.op_id
    assert (again.state, again.changes, again.label) == (Q, op.changes, op.label)
    assert [one.op_id for one in outbox.live()] == [again.op_id]
    assert outbox.retry(again.op_id).op_id == again.op_id
    settle(outbox, again, S, A)
    with pytest.raises(IllegalMove):
        outbox.retry(again.op_id)
    with pytest.raises(KeyError):
        outbox.retry("nothing")


def test_steps_are_kept_with_what_became_of_them(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    outbox.journal_step(op.op_id, None, Sent(body={"assignedTo": ["t2"]}, marker="ref:1"))
    (begun,) = outbox.steps_of(op.op_id)
    assert (begun.outcome, begun.body, begun.marker, begun.tries) == (
        None,
        {"assignedTo": ["t2"]},
        "ref:1",
        1,
    )
    outbox.journal_step(op.op_id, None, Sent(), Answered("uncertain", 502, "<html>\x1b[31m" + "x" * 500))
    outbox.journal_step(op.op_id, None, Sent(index=1, path="/v1/jobs"), Answered(new_id="j9"))
    first, second = outbox.steps_of(op.op_id)
    assert (first.outcome, first.status, first.marker) == ("uncertain", 502, "ref:1")
    assert first.why is not None
    assert len(first.why) == 200
    assert "\x1b" not in first.why
    assert second.new_id == "j9"
    outbox.journal_step(op.op_id, None, Sent())
    assert (outbox.steps_of(op.op_id)[0].outcome, outbox.steps_of(op.op_id)[0].tries) == (None, 2)


def test_what_was_found_by_looking_it_up_is_told_from_what_was_answered(world: World) -> None:
    outbox = world.outbox()
    found, answered, open_ = (outbox.add(draft(one)) for one in ("v1", "v2", "v3"))
    outbox.journal_step(found.op_id, None, Sent(), Answered(status=None, why="found"))
    outbox.journal_step(answered.op_id, None, Sent(), Answered(status=200))
    outbox.journal_step(open_.op_id, None, Sent())
    (step,) = outbox.steps_of(found.op_id)
    assert step.finished_at is not None
    assert [one.op_id for one in outbox.found_since(step.finished_at)] == [found.op_id]
    assert outbox.found_since(step.finished_at + 1) == []


def test_what_begins_later_is_kept_as_later_though_the_clock_was_set_back(world: World) -> None:
    outbox = world.outbox()
    op = outbox.add(draft())
    outbox.journal_step(op.op_id, None, Sent(index=0))
    with closing(Outbox(world.files, FixedClock(world.clock.now() - timedelta(hours=1)))) as outbox:
        outbox.journal_step(op.op_id, None, Sent(index=1))
        first, second = outbox.steps_of(op.op_id)
        assert first.started_at < second.started_at
        outbox.journal_step(op.op_id, None, Sent(index=0))
        first, second = outbox.steps_of(op.op_id)
        assert second.started_at < first.started_at


def test_who_has_lost_the_fence_writes_no_more_about_requests(world: World) -> None:
    one, other = world.outbox(), world.outbox()
    op = one.add(draft())
    old = one.take_fence("a")
    assert one.claim(op.op_id, old) is not None
    assert one.journal_step(op.op_id, old, Sent())
    new = other.take_fence("b")
    other.recover(new)
    assert other.journal_step(op.op_id, new, Sent(), Answered(new_id="j9"))
    assert not one.journal_step(op.op_id, old, Sent(), Answered("uncertain", None))
    assert not one.journal_step(op.op_id, old, Sent(index=1))
    [step] = other.steps_of(op.op_id)
    assert (step.outcome, step.new_id) == ("done", "j9")


def test_another_window_sees_what_changed(world: World) -> None:
    one, other = world.outbox(), world.outbox()
    before, rev = other.data_version(), other.rev()
    op = one.add(draft())
    assert other.data_version() != before
    assert other.changed_since(rev) == (rev + 1, [op])


def test_ended_operations_stay_for_thirty_days(world: World) -> None:
    outbox = world.outbox()
    done, refused, waiting = (outbox.add(draft(f"v{n}")) for n in range(3))
    settle(outbox, done, S, A, C)
    settle(outbox, refused, S, OpState.REJECTED)
    world.clock.advance(29 * 86400)
    assert outbox.purge() == 0
    world.clock.advance(2 * 86400)
    assert outbox.purge() == 1
    assert [one.op_id for one in outbox.all()] == [refused.op_id, waiting.op_id]


def test_a_full_disk_refuses_the_edit_loudly_and_keeps_what_was(world: World) -> None:
    outbox = world.outbox()
    kept = outbox.add(draft())
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count={pages}")
    refused: StorageFull | None = None
    while refused is None:
        try:
            kept = outbox.add(draft(label="x" * 500))
        except StorageFull as error:
            refused = error
    assert "nothing was saved" in str(refused)
    assert not outbox._db.in_transaction
    saved = world.outbox().all()
    assert saved[-1] == kept
    told = [entry["op_id"] for entry in op_journal.read(world.files.journal) if "intent" in entry]
    assert told == [one.op_id for one in saved]
    outbox._db.execute("PRAGMA max_page_count=100000")
    assert outbox.add(draft()).state is Q


def test_files_are_for_their_owner_alone(world: World) -> None:
    world.outbox().add(draft())
    for path in (world.files.folder, *world.files.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


_ADDER = """
import sys
from pathlib import Path
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.clock import SystemClock
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft
outbox = Outbox(ProfileFiles(Path(sys.argv[1])), SystemClock())
change = Change(Kind.VISIT, "v1", "technicians", [], ["t1"])
for number in range(int(sys.argv[2])):
    op = outbox.add(OperationDraft(Intent.ASSIGN, "visit:v1", (change,), label=str(number)))
    sys.stdout.write(op.op_id + "\\n")
    sys.stdout.flush()
"""


def _adder(files: ProfileFiles, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _ADDER, str(files.folder), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_two_processes_add_at_once(world: World) -> None:
    adders = [_adder(world.files, 40) for _ in range(2)]
    said = [adder.communicate()[0].split() for adder in adders]
    saved = [one.op_id for one in world.outbox().all()]
    assert sorted(saved) == sorted(said[0] + said[1])
    assert len(set(saved)) == 80
    assert [one for one in saved if one in set(said[0])] == said[0]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_a_killed_process_loses_nothing_that_was_said_to_be_saved(world: World) -> None:
    said: list[str] = []
    for turn in range(8):
        adder = _adder(world.files, 10_000)
        assert adder.stdout is not None
        said += [adder.stdout.readline().strip() for _ in range(3 + turn)]
        adder.kill()
        rest = adder.stdout.read()
        said += rest.split("\n")[:-1]
        adder.stdout.close()
        adder.wait()
    outbox = world.outbox()
    saved = {one.op_id for one in outbox.all()}
    assert len(said) >= 8 * 3
    assert set(said) <= saved
    assert outbox._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
