"""What a first sync remembers of its jobs, instead of reading them back when their visits come."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.cache import first_load
from fieldboard.cache import rows as cache_rows
from fieldboard.cache.writer import CacheWriter
from fieldboard.domain.customer import Customer
from fieldboard.domain.job import Job, TimeWindow
from fieldboard.domain.operation import Kind
from fieldboard.domain.roll_up import roll_up
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit
from tests.cache.world import ZONE, SeenEntity, World, at, job, seen, visit

JOBS = (
    job(0, status=Status.IN_PROGRESS, technician_ids=("t1", "t2"), skills=("gas",), lat=51.5, lng=-2.6),
    job(1, customer="Harbour Flats", windows=(TimeWindow(1_780_000_000, 1_780_003_600),), notes="Ring."),
    job(2, customer_id="c2", address=None, territory="North", start=at("2026-06-05T09:00")),
    job(3, customer_id=None, status=Status.COMPLETED),
)
VISITS = (
    visit(0, status=Status.ON_SITE, technician_ids=("t2",)),
    visit(1, start=None, end=None, technician_ids=()),
    visit(2, created_at=1_700_000_500),
    visit(3, status=Status.COMPLETED),
    visit(4, job_id="j3", start=at("2026-06-05T10:00"), end=at("2026-06-05T11:00")),
)
CUSTOMERS = (Customer("c1", "Osei", address="2 Quay"), Customer("c2", "Nowak", address="9 Mill Lane"))


def rows_of(entities: Sequence[Customer | Job | Visit]) -> list[SeenEntity]:
    """Rows of which the jobs say that their visits are still to come."""
    return [replace(seen(one), visits_follow=isinstance(one, Job)) for one in entities]


def store_all(world: World, *, again: bool) -> None:
    """The first lists; `again`: each by a writer of its own, as after a kill, which remembers nothing."""
    for kind, entities in ((Kind.CUSTOMER, CUSTOMERS), (Kind.JOB, JOBS), (Kind.VISIT, VISITS)):
        run = world.writer.begin_run(kind, full=True)
        for one in rows_of(entities):
            world.writer.store([one], run)
        if again and kind is not Kind.VISIT:
            world.writer.close()
            world.writer = CacheWriter(world.files, ZONE, world.clock)
        if not again or kind is not Kind.JOB:
            world.writer.finish_walk(run, complete=True)


def drawn(world: World) -> list[tuple[object, ...]]:
    """Everything that is drawn, but for the numbers of the writes."""
    db = sqlite3.connect(world.files.cache)
    try:
        columns = [row[1] for row in db.execute("PRAGMA table_info(visit)") if row[1] != "rev"]
        names = ", ".join(f'"{one}"' for one in columns)
        shown = db.execute(
            "SELECT id, shown_status, shown_technicians, shown_start, shown_end, shown_customer FROM job"
        )
        return [*db.execute(f"SELECT {names} FROM visit ORDER BY id"), *shown]  # noqa: S608
    finally:
        db.close()


def test_what_is_drawn_from_memory_is_what_is_drawn_from_the_file(tmp_path: Path) -> None:
    one, other = World(tmp_path / "one"), World(tmp_path / "other")
    store_all(one, again=False)
    store_all(other, again=True)
    assert drawn(one) == drawn(other)
    assert len(drawn(one)) == len(VISITS) + len(JOBS)
    one.close()
    other.close()


@pytest.fixture
def reads(world: World) -> list[str]:
    """The statements that read jobs back, from now on."""
    said: list[str] = []
    world.writer._db.set_trace_callback(
        lambda text: said.append(text) if "FROM job WHERE id" in text else None
    )
    return said


def test_no_job_is_read_back_for_its_visits(world: World, reads: list[str]) -> None:
    store_all(world, again=False)
    # The second visit of a job whose first one came in an earlier page is the exception.
    assert len(reads) == 1


def test_every_field_is_remembered_but_those_that_no_visit_shows() -> None:
    whole = Job(**{field.name: (field.name,) for field in fields(Job)})  # type: ignore[arg-type]
    load = first_load.FirstLoad()
    load.keep(whole, roll_up(whole, []), "Osei")
    kept = load.take(whole.id)
    assert kept is not None
    lacking = {field.name for field in fields(Job) if getattr(kept[0], field.name) != (field.name,)}
    assert lacking == {"notes", "items", "fields", "assets", "suggested"}
    assert load.take(whole.id) is None


def test_more_jobs_than_are_remembered_are_read_back(
    world: World, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_load, "MOST", 2)
    store_all(world, again=False)
    assert len(reads) == 3


def test_a_job_that_changes_before_its_visits_come_is_drawn_as_it_is_then(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    first, changed = rows_of([job(1), job(1, title="Cylinder swap")])
    world.writer.store([first], run)
    world.writer.store([replace(changed, raw="{}")], run)
    world.writer.finish_walk(run, complete=True)
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([visit(1)]))
    assert [one.title for one in world.reader().planned(["v1"])] == ["Cylinder swap"]


def test_a_job_that_is_read_alone_meanwhile_is_drawn_as_it_was_read(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([job(1)]))
    world.writer.store([replace(seen(job(1, title="Cylinder swap")), raw="{}", visits_follow=True)])
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([visit(1)]))
    assert [one.title for one in world.reader().planned(["v1"])] == ["Cylinder swap"]


def test_a_write_that_failed_is_not_remembered(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    rows = rows_of([job(1), job(2, lat=object())])
    with pytest.raises(sqlite3.Error):
        world.writer.store(rows, run)
    world.writer.finish_walk(run, complete=True)
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([visit(1)]))
    assert [one.title for one in world.reader().planned(["v1"])] == [""]


def test_a_first_walk_asks_for_nothing_that_it_cannot_have_met(world: World) -> None:
    asked: list[str] = []
    world.writer._db.set_trace_callback(
        lambda text: asked.append(text) if text.startswith(("SELECT id, hash", "SELECT drawn")) else None
    )
    jobs, visits = rows_of([job(n) for n in range(6)]), rows_of([visit(n) for n in range(6)])
    for kind, rows in ((Kind.JOB, jobs), (Kind.VISIT, visits)):
        run = world.writer.begin_run(kind, full=True)
        world.writer.store(rows[:3], run)
        world.writer.store(rows[3:], run)
        assert asked == []
        world.writer.finish_walk(run, complete=True)
    assert world.reader().visit_ids() == {f"j{n}": (f"v{n}",) for n in range(6)}


def test_a_row_that_comes_twice_in_a_first_walk_is_met_as_known(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    first = world.writer.store(rows_of([job(1), job(2)]), run)
    again = world.writer.store(rows_of([job(2), job(3)]), run)
    assert (len(first.new), again.new, again.changed) == (2, ((Kind.JOB, "j3"),), ())


def test_a_second_visit_of_a_job_in_a_later_page_is_drawn_beside_the_first(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([job(1)]))
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.store(rows_of([visit(1)]), run)
    late = visit(2, job_id="j1", start=at("2026-06-05T09:00"), end=at("2026-06-05T10:00"))
    world.writer.finish_walk(run, complete=True, rows=rows_of([late]))
    assert [(one.id, one.nth, one.of) for one in world.reader().planned_of_job("j1")] == [
        ("v1", 1, 2),
        ("v2", 2, 2),
    ]


def test_visits_made_up_between_two_tries_give_way_to_the_own_ones(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([job(1), job(2)]))
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.store(rows_of([visit(1)]), run)
    # The line broke: the next round draws what waits, with the same writer, and walks again.
    world.writer.draw_waiting()
    assert world.reader().visit_ids() == {"j1": ("v1",), "j2": ("j2",)}
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([visit(1), visit(2)]))
    assert world.reader().visit_ids() == {"j1": ("v1",), "j2": ("v2",)}


def test_what_a_failed_write_brought_is_new_again(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    with pytest.raises(sqlite3.Error):
        world.writer.store(rows_of([job(1), job(2, lat=object())]), run)
    assert len(world.writer.store(rows_of([job(1), job(2)]), run).new) == 2


ITEMS = st.lists(
    st.tuples(st.text(max_size=8), st.floats(allow_nan=False) | st.integers(), st.text(max_size=8)),
    max_size=3,
)


@given(ITEMS)
def test_items_are_the_json_that_the_encoder_would_have_written(items: list[tuple[str, float, str]]) -> None:
    assert cache_rows._rows_text(items) == cache_rows._json_text(items)


def test_what_another_process_brought_meanwhile_is_met_as_known(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    world.writer.store(rows_of([job(1)]), run)
    other = CacheWriter(world.files, ZONE, world.clock)
    theirs = other.begin_run(Kind.JOB, full=True)
    (newer,) = rows_of([job(2, title="Cylinder swap")])
    other.finish_walk(theirs, complete=True, rows=[replace(newer, stamp="2", stamp_at=2.0)])
    other.close()
    (older,) = rows_of([job(2, title="Boiler service")])
    count = world.writer.store([replace(older, raw="{}", stamp="1", stamp_at=1.0)], run)
    assert (count.new, count.suspect) == ((), ((Kind.JOB, "j2"),))
    run = world.writer.begin_run(Kind.VISIT, full=True)
    world.writer.finish_walk(run, complete=True, rows=rows_of([visit(2)]))
    assert [one.title for one in world.reader().planned(["v2"])] == ["Cylinder swap"]
