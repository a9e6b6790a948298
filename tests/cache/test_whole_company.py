"""What is asked about a whole company at once is answered from indexes: its documents stay where they are."""

from __future__ import annotations

import pytest

from fieldboard.cache.projection import UNDRAWN
from fieldboard.cache.reader import UNKNOWN_JOBS
from fieldboard.cache.writer import KNOWN, CacheWriter
from fieldboard.domain.operation import Kind
from tests.cache.world import ZONE, World, job, seen, visit


@pytest.mark.parametrize(
    ("statement", "values"),
    [(KNOWN, ("job",)), (UNKNOWN_JOBS, ()), (UNDRAWN, ())],
    ids=lambda one: str(one)[:24],
)
def test_it_walks_through_no_table(world: World, statement: str, values: tuple[str, ...]) -> None:
    plan = [row[3] for row in world.writer._db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    walks = [one for one in plan if one.startswith("SCAN ") and "(subquery" not in one]
    assert [one for one in walks if " USING COVERING INDEX " not in one and one not in _NOT_TABLES] == []


_NOT_TABLES = ("SCAN CONSTANT ROW", "SCAN told")


def test_jobs_that_only_visits_speak_of_are_found_once(world: World) -> None:
    world.first_sync(
        job(1), job(2), visit(1), visit(5, job_id="j7"), visit(6, job_id="j7"), visit(7, job_id="j0")
    )
    assert world.reader().unknown_jobs() == ["j0", "j7"]


def test_what_is_there_is_counted_without_what_is_gone(world: World) -> None:
    world.first_sync(job(1), job(2), visit(1))
    assert (world.writer.known(Kind.JOB), world.writer.known(Kind.VISIT)) == (2, 1)
    world.writer.mark_gone(Kind.JOB, ["j2"])
    assert (world.writer.known(Kind.JOB), world.writer.known(Kind.VISIT)) == (1, 1)


def test_only_a_walk_that_began_with_nothing_can_miss_nothing(world: World) -> None:
    run = world.writer.begin_run(Kind.JOB, full=True)
    assert run.fresh
    world.writer.store([seen(job(1)), seen(job(2))], run)
    assert world.writer.missing(run) == []
    # The first one was broken off: what it brought may be gone when the second one begins.
    world.writer.close()
    world.writer = CacheWriter(world.files, ZONE, world.clock)
    run = world.writer.begin_run(Kind.JOB, full=True)
    assert (run.first, run.fresh) == (True, False)
    world.writer.store([seen(job(2))], run)
    assert world.writer.missing(run) == ["j1"]
