from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fieldboard.cache.errors import StorageFull
from fieldboard.cache.read_file import NAMED_JOBS
from fieldboard.domain.customer import Customer
from fieldboard.domain.job import CustomField, Job, JobItem
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit
from tests.cache.test_outbox import draft, settle
from tests.cache.world import DAY, World, at, job, seen, visit


def test_only_what_changed_gets_a_new_revision(world: World) -> None:
    world.first_sync(*(job(n) for n in range(5)), *(visit(n) for n in range(5)))
    reader = world.reader()
    rev = reader.rev()
    count = world.store(*(visit(n) for n in range(4)), visit(4, technician_ids=("t9",)))
    assert (count.seen, count.new, count.changed) == (5, (), ((Kind.VISIT, "v4"),))
    assert reader.changed_since(rev)[1] == ["v4"]
    rev = reader.rev()
    assert world.store(visit(7), job(7)).ids == ((Kind.JOB, "j7"), (Kind.VISIT, "v7"))
    assert reader.changed_since(rev)[1] == ["v7"]


def test_vanished_visits_are_named_too(world: World) -> None:
    world.first_sync(job(1), visit(1), job(2), visit(2))
    reader = world.reader()
    rev = reader.rev()
    world.writer.mark_gone(Kind.JOB, ["j2"])
    found = reader.changes(rev)
    assert (found.visits, found.jobs) == (("v2",), ("j2",))
    assert reader.planned(["v2"]) == []
    assert reader.job("j2") is None
    assert reader.raw(Kind.JOB, "j2") is None
    world.store(job(2), visit(2))
    assert [one.id for one in reader.planned(["v2"])] == ["v2"]


def test_of_thousands_of_jobs_only_some_are_named_and_all_of_their_visits(world: World) -> None:
    reader = world.reader()
    rev = reader.rev()
    world.store(*(job(n) for n in range(NAMED_JOBS)))
    found = reader.changes(rev)
    assert (len(found.jobs), found.more_jobs) == (NAMED_JOBS, False)
    world.store(*(job(n) for n in range(NAMED_JOBS, 2 * NAMED_JOBS)))
    found = reader.changes(rev)
    assert (len(found.visits), found.more) == (2 * NAMED_JOBS, False)
    assert (len(found.jobs), found.more_jobs) == (NAMED_JOBS + 1, True)


def test_where_too_many_visits_changed_none_is_named(world: World) -> None:
    reader = world.reader()
    rev = reader.rev()
    world.store(*(job(n) for n in range(4)), *(visit(n) for n in range(4)))
    assert len(reader.changes(rev, limit=4).visits) == 4
    found = reader.changes(rev, limit=3)
    assert (found.visits, found.more, found.rev) == ((), True, reader.rev())


def test_a_visit_that_moves_to_another_job_leaves_the_first(world: World) -> None:
    world.first_sync(job(1), job(2), visit(1))
    world.store(visit(1, job_id="j2"))
    reader = world.reader()
    assert [one.id for one in reader.planned_of_job("j2")] == ["v1"]
    assert [(one.id, one.made_up) for one in reader.planned_of_job("j1")] == [("j1", True)]


def _jobs_then_visits(world: World, *visits: Visit) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    rows = [replace(seen(job(n)), visits_follow=n < 3) for n in range(4)]
    world.writer.finish_walk(run, complete=True, rows=rows)
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.store([seen(one) for one in visits], run)


def test_no_visit_is_made_up_while_a_first_sync_still_brings_the_own_ones(world: World) -> None:
    _jobs_then_visits(world, visit(1))
    reader = world.reader()
    assert reader.visit_ids() == {"j1": ("v1",), "j3": ("j3",)}
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.finish_walk(run, complete=True, rows=[seen(visit(1)), seen(visit(2))])
    # What was said to have a visit and has none after all is drawn like any other.
    assert reader.visit_ids() == {"j0": ("j0",), "j1": ("v1",), "j2": ("v2",), "j3": ("j3",)}
    # From now on a job is drawn when it is seen.
    world.writer.store([replace(seen(job(9)), visits_follow=True)])
    assert reader.visit_ids()["j9"] == ("j9",)


def test_what_a_broken_first_sync_left_undrawn_is_drawn_by_the_next_round(world: World) -> None:
    _jobs_then_visits(world, visit(1))
    world.writer.draw_waiting()
    reader = world.reader()
    assert reader.visit_ids() == {"j0": ("j0",), "j1": ("v1",), "j2": ("j2",), "j3": ("j3",)}
    rev = reader.rev()
    world.writer.draw_waiting()
    assert reader.rev() == rev
    world.first_sync(*(job(n) for n in range(4)), visit(1), visit(2))
    assert reader.visit_ids() == {"j0": ("j0",), "j1": ("v1",), "j2": ("v2",), "j3": ("j3",)}


def test_a_customer_with_a_new_name_costs_a_job_nothing_it_had(world: World) -> None:
    rich = job(
        1, notes="Ring twice", items=(JobItem("Valve", 2.0, "brass"),), fields=(CustomField("A", "b"),)
    )
    world.first_sync(Customer("c1", "Old name"), rich, visit(1))
    reader = world.reader()
    before = reader.own_job("j1")
    world.store(Customer("c1", "New name"))
    assert reader.own_job("j1") == before
    assert before is not None
    assert (before.notes, before.items, before.fields) == (rich.notes, rich.items, rich.fields)
    assert reader.planned(["v1"])[0].customer == "New name"


def test_the_cursor_trails_one_finished_run_behind(world: World) -> None:
    assert world.writer.cursor(Kind.JOB) is None
    for stamp in ("s1", "s2", "s3"):
        run = world.writer.begin_run(Kind.JOB, full=False)
        assert run.first == (stamp == "s1")
        world.writer.finish_walk(run, complete=True, stamp=stamp, rows=[seen(job(1))])
    cursor = world.writer.cursor(Kind.JOB)
    assert cursor is not None
    assert (cursor.previous_stamp, cursor.stamp) == ("s2", "s3")
    run = world.writer.begin_run(Kind.JOB, full=False)
    world.writer.finish_walk(run, complete=False, stamp="s4")
    assert world.writer.cursor(Kind.JOB) == cursor
    world.writer.finish_walk(run, complete=True)
    after = world.writer.cursor(Kind.JOB)
    assert after is not None
    assert (after.previous_stamp, after.stamp) == ("s3", "s3")


def test_cursor_and_last_rows_are_one_transaction(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    pages = world.writer._db.execute("PRAGMA page_count").fetchone()[0]
    world.writer._db.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StorageFull):
        world.writer.finish_walk(
            run, complete=True, stamp="s1", rows=[seen(job(n, notes="x" * 900)) for n in range(500)]
        )
    assert not world.writer._db.in_transaction
    assert world.writer.cursor(Kind.JOB) is None
    assert world.writer.known(Kind.JOB) == 0


def test_missing_is_what_a_full_walk_did_not_see(world: World) -> None:
    world.first_sync(job(1), job(2), job(3))
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.store([seen(job(1)), seen(job(2, title="Other")), seen(job(4))], run)
    assert world.writer.missing(run) == ["j3"]
    world.writer.mark_gone(Kind.JOB, ["j3"])
    assert world.writer.missing(run) == []
    assert world.writer.known(Kind.JOB) == 3


def test_a_row_that_looks_older_is_read_by_id_before_it_is_believed(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.finish_walk(run, complete=True, rows=[seen(job(1, title="New"), 20.0)])
    run = world.writer.begin_run(Kind.JOB, full=False)
    count = world.writer.store([seen(job(1, title="Old"), 10.0)], run)
    assert count.suspect == ((Kind.JOB, "j1"),)
    assert world.writer.suspects(Kind.JOB) == ["j1"]
    reader = world.reader()
    assert reader.job("j1").title == "New"  # type: ignore[union-attr]
    world.writer.store([seen(job(1, title="Old"), 10.0)])
    assert reader.job("j1").title == "Old"  # type: ignore[union-attr]
    assert world.writer.suspects(Kind.JOB) == []


def test_a_change_without_a_new_stamp_is_taken_and_read_again(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.finish_walk(run, complete=True, rows=[seen(job(1), 20.0)])
    run = world.writer.begin_run(Kind.JOB, full=False)
    world.writer.store([seen(job(1, title="Child changed"), 20.0)], run)
    assert world.reader().job("j1").title == "Child changed"  # type: ignore[union-attr]
    assert world.writer.suspects(Kind.JOB) == ["j1"]
    world.writer.store([seen(job(1, title="Child changed"), 20.0)])
    assert world.writer.suspects(Kind.JOB) == []


def test_another_list_settles_no_doubt(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.finish_walk(run, complete=True, rows=[seen(job(1, title="Old"), 20.0)])
    run = world.writer.begin_run(Kind.JOB, full=False)
    world.writer.store([seen(job(1, title="New"), 20.0)], run)
    world.writer.store([seen(job(1, title="Old"), 20.0)], run)
    assert world.writer.suspects(Kind.JOB) == ["j1"]
    for _ in range(2):
        world.writer.store([seen(job(1, title="Older"), 10.0)], run)
    assert world.reader().job("j1").title == "Older"  # type: ignore[union-attr]
    assert world.writer.suspects(Kind.JOB) == ["j1"]
    world.writer.store([seen(job(1, title="New"), 30.0)], run)
    assert world.writer.suspects(Kind.JOB) == []


def test_actual_times_are_observed_between_two_rounds(world: World) -> None:
    world.first_sync(job(1), visit(1))
    reader = world.reader()
    world.store(visit(1, status=Status.EN_ROUTE))
    assert reader.planned(["v1"])[0].actual_start is None
    world.clock.advance(60)
    world.store(visit(1, status=Status.ON_SITE))
    began = int(world.clock.now().timestamp())
    assert (reader.planned(["v1"])[0].actual_start, reader.planned(["v1"])[0].observed) == (began, True)
    world.clock.advance(3600)
    world.store(visit(1, status=Status.COMPLETED))
    found = reader.planned(["v1"])[0]
    assert (found.actual_start, found.actual_end, found.observed) == (began, began + 3600, True)
    world.store(visit(1, status=Status.COMPLETED, actual_start=began - 5, actual_end=began + 9))
    found = reader.planned(["v1"])[0]
    assert (found.actual_start, found.actual_end, found.observed) == (began - 5, began + 9, False)


def test_nothing_is_observed_on_a_first_sync(world: World) -> None:
    world.first_sync(job(1), visit(1, status=Status.COMPLETED))
    assert world.reader().planned(["v1"])[0].actual_end is None


def test_what_was_observed_outlives_a_rebuilt_cache(tmp_path: Path) -> None:
    world = World(tmp_path / "p")
    world.first_sync(job(1), visit(1))
    world.store(visit(1, status=Status.ON_SITE))
    (before,) = world.reader().planned(["v1"])
    world.close()
    for path in tmp_path.joinpath("p").glob("cache.db*"):
        path.unlink()
    world = World(tmp_path / "p")
    world.first_sync(job(1), visit(1, status=Status.ON_SITE))
    (after,) = world.reader().planned(["v1"])
    assert after.actual_start is not None
    assert (after.actual_start, after.observed) == (before.actual_start, True)
    world.close()


def test_history_has_a_line_for_each_changed_field_and_one_for_a_first_sync(world: World) -> None:
    world.first_sync(Technician("t1", "Dai"), job(1), visit(1), job(2))
    history = world.writer.history
    assert [(one.entity, one.field, one.new) for one in history.all()] == [("profile", "first_sync", 2)]
    world.store(
        job(1, priority=Priority.URGENT, title="Leak", updated_at=77),
        visit(1, technician_ids=("t2",), start=at("2026-06-04T12:00"), end=at("2026-06-04T13:00")),
    )
    found = {(one.entity, one.field): one for one in history.of_job("j1")}
    assert found.keys() == {
        ("job:j1", "title"),
        ("job:j1", "priority"),
        ("visit:v1", "technicians"),
        ("visit:v1", "times"),
    }
    line = found["job:j1", "priority"]
    assert (line.old, line.new, line.at, line.by, line.source) == ("normal", "urgent", 77, None, "system")
    assert (found["visit:v1", "technicians"].old, found["visit:v1", "technicians"].new) == (["t1"], ["t2"])
    assert len(history.of_day(DAY, world.writer.zone)) == 5
    assert history.of_day(DAY + timedelta(days=1), world.writer.zone) == []
    world.store(job(3))
    world.writer.mark_gone(Kind.JOB, ["j3"])
    assert [(one.field, one.new) for one in history.of_job("j3")] == [
        ("created", "Boiler service"),
        ("deleted", True),
    ]


def test_our_own_edit_is_told_once_and_as_ours(world: World) -> None:
    world.first_sync(job(1), visit(1))
    outbox = world.outbox(by="pat")
    op = outbox.add(draft())
    settle(outbox, op, OpState.SENDING, OpState.ACKED)
    world.writer.put_echo(op)
    world.store(visit(1, technician_ids=("t2",)))
    world.store(visit(1, technician_ids=("t2",)))
    assert [(one.field, one.source, one.by) for one in world.writer.history.of_job("j1")] == [
        ("technicians", "ours", "pat")
    ]


def test_a_note_of_ours_is_told_as_ours_and_one_that_others_added_to_is_not(world: World) -> None:
    world.first_sync(job(1, notes="Ring twice"))
    outbox = world.outbox(by="pat")
    for note, there in (("Dog", "Ring twice\nDog"), ("Key", "Ring twice\nDog\nKey\nGate")):
        change = Change(Kind.JOB, "j1", "note", None, note)
        op = outbox.add(OperationDraft(Intent.NOTE, "job:j1", (change,), "note"))
        settle(outbox, op, OpState.SENDING, OpState.ACKED)
        world.writer.put_echo(op)
        world.store(job(1, notes=there))
    assert [(one.field, one.source, one.by) for one in world.writer.history.of_job("j1")] == [
        ("notes", "ours", "pat"),
        ("notes", "system", None),
    ]


def test_a_killed_run_tells_its_lines_once(world: World) -> None:
    world.first_sync(job(1))
    world.store(job(1, title="Leak"))
    lines = world.writer.history.all()
    assert world.writer.history.append([replace(lines[-1], seen_at=lines[-1].seen_at + 9)]) == 0
    assert world.writer.history.all() == lines


def test_history_is_kept_for_400_days(world: World) -> None:
    world.first_sync(job(1))
    world.clock.advance(399 * 86400)
    assert world.writer.history.purge() == 0
    world.clock.advance(2 * 86400)
    assert world.writer.history.purge() == 1


def test_echoes_are_replaced_by_newer_ones_and_lifted_by_a_read(world: World) -> None:
    outbox = world.outbox()
    first, second = outbox.add(draft()), outbox.add(draft(crew="t3"))
    world.writer.put_echo(first)
    world.writer.put_echo(second)
    assert [(one.value, one.op_id) for one, _ in world.writer.echoes()] == [(["t3"], second.op_id)]
    assert world.writer.lift_echo(first.op_id) == 0
    assert world.writer.lift_echo(kind=Kind.VISIT, entity_id="v1", field="technicians") == 1
    assert world.reader().echoes() == []


def test_ended_work_is_kept_for_90_days_and_what_is_ahead_or_open_for_ever(world: World) -> None:
    def past(number: int, days: int, status: Status) -> tuple[Job, Visit]:
        start = at("2026-06-04T10:00") - days * 86400
        return job(number, status=status), visit(number, start=start, end=start + 3600, status=status)

    world.first_sync(
        *past(1, 89, Status.COMPLETED), *past(2, 91, Status.COMPLETED), *past(3, 91, Status.ASSIGNED),
        *past(4, -300, Status.COMPLETED), *past(5, 400, Status.CANCELLED),
    )  # fmt: skip
    assert world.writer.retain(DAY) == 2
    reader = world.reader()
    assert [one.id for one in reader.jobs()] == ["j1", "j3", "j4"]
    assert {one.id for one in reader.visits()} == {"v1", "v3", "v4"}
    run = world.writer.begin_run(Kind.JOB, full=True)
    jobs = [past(2, 91, Status.COMPLETED)[0], past(5, 400, Status.CANCELLED)[0]]
    assert world.writer.store([seen(one) for one in jobs], run).ids == ()


def test_what_the_server_taught_and_what_the_sync_says(world: World) -> None:
    world.writer.learn({"dialect": "docs", "old": "1"})
    world.writer.learn({"dialect": "code"})
    world.writer.set_state(progress_done=3, error="no line")
    reader = world.reader()
    assert reader.learned() == {"dialect": "code"}
    assert (reader.state().progress_done, reader.state().error, reader.state().last_ok) == (
        3,
        "no line",
        None,
    )
    with pytest.raises(TypeError):
        world.writer.set_state(nonsense=1)


def test_technicians_and_customers_come_back_whole(world: World) -> None:
    from datetime import time

    from fieldboard.domain.technician import Absence, LatLng, WallSpan

    whole = Technician(
        "t1", "Dai Evans", "available", 5, True, ("gas", "roof"), True,
        {0: WallSpan(time(8), time(17)), 6: WallSpan(time(22), time(6, 30))}, (WallSpan(time(12), time(12,
        30)),),
        (Absence(1, 2, "sick, at home"),), 8, LatLng(1.5, -2.25), "north", "123", LatLng(3.0, 4.0), "lead",
    )  # fmt: skip
    bare = Technician("t2", "Bo")
    customer = Customer("c1", "Café", "1", "a@b", "Road", LatLng(1.0, 2.0))
    world.first_sync(whole, bare, customer)
    reader = world.reader()
    assert reader.technicians() == [bare, whole]
    assert reader.customers("CAFÉ", 5) == [customer]
    assert reader.customer("c1") == customer
    world.writer.mark_gone(Kind.TECHNICIAN, ["t2"])
    assert reader.technicians() == [whole]
