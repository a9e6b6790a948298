from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest

from fieldboard.cache import store as store_module
from fieldboard.cache.glance import SOON_S
from fieldboard.cache.store import Delta, Store
from fieldboard.domain.customer import Customer
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OperationDraft, OpState
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from tests.cache.test_outbox import settle
from tests.cache.world import DAY, World, at, job, seen, visit

A, C, S = OpState.ACKED, OpState.CONFIRMED, OpState.SENDING


def edit(
    store: Store, kind: Kind, one: str, field: str, value: Json, *, intent: Intent = Intent.EDIT
) -> Operation:
    change = Change(kind, one, field, None, value)
    return store.outbox.add(OperationDraft(intent, f"{kind.value}:{one}", (change,)))


@pytest.fixture
def store(world: World) -> Store:
    world.first_sync(
        Customer("c1", "Café Río"),
        Customer("c2", "Mill Lane School"),
        *(job(n) for n in range(1, 5)),
        visit(1),
        visit(2, start=at("2026-06-05T10:00"), end=at("2026-06-05T11:00")),
        visit(3, technician_ids=(), start=None, end=None),
    )
    return world.shown()


def ids(store: Store) -> list[str]:
    return sorted(one.id for one in store.day(DAY))


def test_nothing_new_is_nothing(store: Store) -> None:
    assert store.poll() is None
    assert store.poll() is None


def test_an_edit_shows_at_once_and_on_the_job_too(store: Store) -> None:
    edit(store, Kind.VISIT, "v1", "technicians", ["t7"])
    delta = store.poll()
    assert delta == Delta(visit_ids=("v1",), operations=True)
    (shown,) = store.planned(["v1"])
    assert (shown.technician_ids, shown.mark) == (("t7",), "queued")
    assert store.day(DAY)[0] == shown
    found = store.job("j1")
    assert found is not None
    assert found.technician_ids == ("t7",)
    assert store.poll() is None


def test_a_job_over_which_an_edit_lies_keeps_its_customers_name(world: World, store: Store) -> None:
    world.store(replace(job(1), customer_id="c1", customer=None))
    edit(store, Kind.VISIT, "v1", "technicians", ["t7"])
    store.poll()
    found = store.job("j1")
    assert found is not None
    assert (found.customer_id, found.customer) == ("c1", "Café Río")
    assert [one.customer for one in store.jobs() if one.id == "j1"] == ["Café Río"]


def test_a_visit_moved_into_the_day_is_there_and_one_moved_out_is_not(store: Store) -> None:
    assert ids(store) == ["v1"]
    edit(store, Kind.VISIT, "v2", "times", [at("2026-06-04T15:00"), at("2026-06-04T16:00"), None])
    edit(store, Kind.VISIT, "v1", "times", [at("2026-06-05T10:00"), at("2026-06-05T11:00"), None])
    store.poll()
    assert ids(store) == ["v2"]
    edit(store, Kind.VISIT, "v1", "times", [None, None, DAY.isoformat()])
    store.poll()
    assert ids(store) == ["v1", "v2"]


def test_the_counts_of_days_are_the_lengths_of_the_days(world: World, store: Store) -> None:
    world.store(
        job(5),
        visit(5, start=at("2026-06-03T22:00"), end=at("2026-06-04T02:00")),
        visit(6, job_id="j5", start=at("2026-06-01T08:00"), end=at("2026-06-06T17:00")),
        visit(7, job_id="j5", start=at("2026-06-04T23:00"), end=at("2026-06-05T00:00")),
        visit(8, job_id="j5", start=None, end=None, date=DAY),
        visit(9, job_id="j5", start=at("2026-06-07T00:00"), end=at("2026-06-07T01:00")),
    )
    edit(store, Kind.VISIT, "v2", "times", [at("2026-06-04T15:00"), at("2026-06-04T16:00"), None])
    edit(store, Kind.VISIT, "v9", "times", [at("2026-06-07T23:00"), at("2026-06-08T01:00"), None])
    edit(store, Kind.VISIT, "v3", "times", [None, None, "2026-06-09"])
    store.poll()
    days = [date(2026, 5, 28) + timedelta(days=step) for step in range(16)]
    lengths = {day: len(store.day(day)) for day in days}
    assert store.counts_by_day(days[0], days[-1]) == {day: count for day, count in lengths.items() if count}
    assert lengths[DAY] == 6
    assert store.counts_by_day(DAY, DAY) == {DAY: 6}


def test_the_counts_of_all_days_are_one_query(store: Store) -> None:
    queries: list[str] = []
    store.reader._db.set_trace_callback(queries.append)
    store.counts_by_day(DAY - timedelta(days=45), DAY + timedelta(days=45))
    store.reader._db.set_trace_callback(None)
    assert len([one for one in queries if not one.startswith("--")]) == 1


def test_the_queue_loses_what_was_assigned_and_gains_what_was_taken_away(store: Store) -> None:
    assert [one.id for one in store.queue()] == ["v3", "j4"]
    edit(store, Kind.VISIT, "v3", "technicians", ["t1"])
    edit(store, Kind.VISIT, "v3", "times", [at("2026-06-04T10:00"), at("2026-06-04T11:00"), None])
    edit(store, Kind.VISIT, "v1", "technicians", [])
    edit(store, Kind.JOB, "j4", "priority", "urgent")
    store.poll()
    assert [one.id for one in store.queue()] == ["j4", "v1"]
    assert store.queue()[0].priority is Priority.URGENT


def test_a_created_job_appears_and_later_takes_the_servers_id(world: World, store: Store) -> None:
    values: Json = {"title": "New leak", "customer_id": "c2", "priority": "high", "technicians": ["t1"],
                    "times": [at("2026-06-04T13:00"), at("2026-06-04T14:00"), None]}  # fmt: skip
    op = edit(store, Kind.JOB, "new", "created", values, intent=Intent.CREATE)
    temp = f"new:{op.op_id}"
    delta = store.poll()
    assert delta is not None
    assert delta.visit_ids == (temp,)
    (shown,) = store.planned([temp])
    assert (shown.customer, shown.title, shown.mark, shown.made_up) == (
        "Mill Lane School",
        "New leak",
        "queued",
        True,
    )
    assert ids(store) == [temp, "v1"]
    found = store.job(temp)
    assert found is not None
    assert (found.status, found.customer, found.technician_ids) == (
        Status.ASSIGNED,
        "Mill Lane School",
        ("t1",),
    )
    assert [one.id for one in store.search("leak")] == [temp]
    settle(store.outbox, op, S, A)
    store.outbox.map_id(temp, Kind.JOB, "j9")
    store.poll()
    assert ids(store) == ["j9", "v1"]
    world.store(job(9, title="New leak"), visit(9))
    store.poll()
    assert ids(store) == ["v1", "v9"]
    assert store.planned(["j9", temp]) == []
    assert store.planned(["v9"])[0].mark == "acked"


def test_a_deleted_job_is_gone_and_comes_back_when_that_is_refused(store: Store) -> None:
    op = edit(store, Kind.JOB, "j1", "deleted", True, intent=Intent.DELETE)
    store.poll()
    assert (ids(store), store.job("j1"), store.planned_of_job("j1")) == ([], None, [])
    assert "j1" not in [one.id for one in store.jobs()]
    settle(store.outbox, op, S, OpState.REJECTED)
    store.poll()
    assert [(one.id, one.mark) for one in store.day(DAY)] == [("v1", "rejected")]
    store.outbox.note([op.op_id])
    store.poll()
    assert [(one.id, one.mark) for one in store.day(DAY)] == [("v1", "")]


def test_refused_and_contested_edits_show_the_servers_value_with_a_mark(store: Store) -> None:
    op = edit(store, Kind.VISIT, "v1", "technicians", ["t7"])
    settle(store.outbox, op, OpState.CONFLICT)
    store.poll()
    assert [(one.technician_ids, one.mark) for one in store.planned(["v1"])] == [(("t1",), "conflict")]


def test_our_value_stays_until_a_read_shows_it(world: World, store: Store) -> None:
    op = edit(store, Kind.VISIT, "v1", "technicians", ["t7"])
    settle(store.outbox, op, S, A)
    world.writer.put_echo(op)
    world.store(visit(1, technician_ids=("t1",), raw_status="lagging"))
    store.poll()
    assert store.planned(["v1"])[0].technician_ids == ("t7",)
    world.store(visit(1, technician_ids=("t7",)))
    world.writer.lift_echo(op.op_id)
    store.outbox.settle(op.op_id, None, A, C)
    store.poll()
    assert [(one.technician_ids, one.mark) for one in store.planned(["v1"])] == [(("t7",), "")]


def test_cancelling_a_job_ends_its_open_visits(store: Store) -> None:
    edit(store, Kind.JOB, "j1", "status", "cancelled", intent=Intent.STATUS)
    store.poll()
    (shown,) = store.planned(["v1"])
    assert (shown.status, shown.job_status, shown.queued) == (Status.CANCELLED, Status.CANCELLED, False)


def test_a_new_base_under_a_waiting_edit_is_a_rebase(world: World, store: Store) -> None:
    edit(store, Kind.VISIT, "v1", "technicians", ["t7"])
    store.poll()
    start = at("2026-06-04T17:00")
    world.store(visit(1, start=start, end=start + 60))
    delta = store.poll()
    assert delta is not None
    assert delta.visit_ids == ("v1",)
    assert [(one.technician_ids, one.start) for one in store.planned(["v1"])] == [(("t7",), start)]


def test_jobs_are_narrowed_as_they_are_shown(store: Store) -> None:
    edit(store, Kind.VISIT, "v1", "technicians", [])
    edit(store, Kind.JOB, "j2", "title", "Roof leak")
    store.poll()
    assert [one.id for one in store.jobs(unassigned=True)] == ["j1", "j3", "j4"]
    assert [one.id for one in store.jobs(day=DAY)] == ["j1"]
    assert [one.id for one in store.jobs(search="ROOF")] == ["j2"]
    assert [one.id for one in store.jobs(status=Status.ASSIGNED)] == ["j2"]
    assert store.visit_ids() == {"j1": ("v1",), "j2": ("v2",), "j3": ("v3",), "j4": ("j4",)}
    assert sorted(one.id for one in store.visits()) == ["j4", "v1", "v2", "v3"]


def test_an_edited_job_stands_where_its_number_has_it(store: Store) -> None:
    for one in ("j3", "j1"):
        edit(store, Kind.JOB, one, "title", "Roof leak")
    store.poll()
    assert [one.id for one in store.jobs()] == ["j1", "j2", "j3", "j4"]


def test_the_state_of_the_sync_is_news_without_content(world: World, store: Store) -> None:
    world.writer.set_state(progress_done=1)
    assert store.poll() == Delta()
    assert store.state().progress_done == 1


def test_many_changes_are_not_named(world: World, store: Store) -> None:
    world.store(*(visit(100 + n) for n in range(5100)))
    delta = store.poll()
    assert delta is not None
    assert delta.everything


def test_at_rest_the_outbox_is_not_asked_at_every_look(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [time.monotonic() + 2 * SOON_S]
    monkeypatch.setattr(store.outbox._glance, "_clock", lambda: seconds[0])
    assert store.poll() is None
    asked: list[str] = []
    store.outbox._db.set_trace_callback(asked.append)
    for _ in range(12):
        assert store.poll() is None
    assert asked == []
    other = world.outbox()
    other.add(
        OperationDraft(Intent.EDIT, "visit:v1", (Change(Kind.VISIT, "v1", "technicians", None, ["t7"]),))
    )
    assert store.poll() == Delta(visit_ids=("v1",), operations=True)


def test_looking_costs_two_pragmas_and_one_change_one_query(world: World, store: Store) -> None:
    asked: list[str] = []
    store.reader._db.set_trace_callback(asked.append)
    store.outbox._db.set_trace_callback(asked.append)
    assert store.poll() is None
    assert set(asked) == {"PRAGMA data_version"}
    assert len(asked) <= 2
    asked.clear()
    world.store(visit(1, technician_ids=("t5",)))
    delta = store.poll()
    assert delta is not None
    shown = store.changed(delta)["v1"]
    assert shown is not None
    assert shown.technician_ids == ("t5",)
    queries = [one for one in asked if not one.startswith(("PRAGMA", "--"))]
    assert len(queries) == 2, queries


def test_hundreds_of_changes_cost_two_queries_and_none_of_them_asks_for_jobs(
    world: World, store: Store
) -> None:
    world.store(*(job(n) for n in range(100, 400)))
    assert store.poll() is not None
    world.store(*(job(n, title="Another") for n in range(100, 400)))
    asked: list[str] = []
    store.reader._db.set_trace_callback(asked.append)
    delta = store.poll()
    assert delta is not None
    assert {one.title if one else "" for one in store.changed(delta).values()} == {"Another"}
    store.reader._db.set_trace_callback(None)
    looks, reads = (one for one in asked if not one.startswith(("PRAGMA", "--")))
    assert "FROM job WHERE rev > 0 LIMIT 0" in re.sub(r"rev > \d+", "rev > 0", looks)
    for query in (looks, reads):
        plan = [row[3] for row in store.reader._db.execute(f"EXPLAIN QUERY PLAN {query}")]
        assert not any("json_each" in step or step.startswith("SCAN visit") for step in plan), plan


def test_what_changed_is_as_it_is_shown_whatever_it_was_written_by(world: World, store: Store) -> None:
    edit(store, Kind.VISIT, "v2", "technicians", ["t7"])
    world.store(visit(1, technician_ids=("t5",)))
    world.writer.mark_gone(Kind.JOB, ["j3"])
    delta = store.poll()
    assert delta is not None
    # One of them is written again before it is read.
    world.store(visit(1, technician_ids=("t6",)))
    found = {one: shown.technician_ids if shown else None for one, shown in store.changed(delta).items()}
    assert found == {"v1": ("t6",), "v2": ("t7",), "v3": None}
    # An edit that is taken back shows what lies there since an earlier write.
    assert store.outbox.cancel(store.operations()[0].op_id)
    delta = store.poll()
    assert delta is not None
    shown = store.changed(delta)["v2"]
    assert shown is not None
    assert (shown.technician_ids, shown.mark) == (("t1",), "")


def test_a_day_touches_only_the_index_of_its_day(store: Store) -> None:
    asked: list[str] = []
    store.reader._db.set_trace_callback(asked.append)
    store.day(DAY)
    store.reader._db.set_trace_callback(None)
    for query in asked:
        for row in store.reader._db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall():
            assert "SCAN" not in row[3], query
            assert "TEMP B-TREE" not in row[3] or "date" in query, query


def test_technicians_are_news(world: World, store: Store) -> None:
    from fieldboard.domain.technician import Technician

    world.store(Technician("t1", "Dai"))
    delta = store.poll()
    assert delta is not None
    assert delta.technicians
    assert [one.name for one in store.technicians()] == ["Dai"]


def test_jobs_alone_however_many_draw_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MANY", 3)
    shown = world.shown()
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.store([replace(seen(job(n)), visits_follow=True) for n in range(9)], run)
    delta = shown.poll()
    assert delta is not None
    assert (delta.everything, delta.visit_ids) == (False, ())
    world.writer.finish_walk(run, complete=True)
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.store([seen(visit(n)) for n in range(9)], run)
    delta = shown.poll()
    assert delta is not None
    assert delta.everything
    # An edit that waits lies over its job, of however many others there is news.
    edit(shown, Kind.JOB, "j1", "title", "Roof leak")
    shown.poll()
    world.store(*(job(n, phone=f"+44 {n}") for n in range(9)))
    shown.poll()
    found = shown.job("j1")
    assert found is not None
    assert (found.title, found.phone) == ("Roof leak", "+44 1")
