"""The world in the shape that FieldOpt has."""

from __future__ import annotations

from fieldboard.sandbox.fieldopt import create_app
from fieldboard.sandbox.records import ENDED
from tests.sandbox.conftest import NOW, make_world


def test_each_job_keeps_its_next_visit_and_one_technician() -> None:
    before, world = make_world(), make_world()
    create_app(world, clock=lambda: NOW)
    assert world.jobs.keys() == before.jobs.keys()
    crews = series = 0
    for id_, old in before.jobs.items():
        job = world.jobs[id_]
        assert len(job.visits) == min(1, len(old.visits))
        for visit in job.visits:
            was = before.visits[visit.id]
            assert visit.crew == job.crew == was.crew[:1]
            assert (visit.start, visit.end) == (was.start, was.end)
            crews += len(was.crew) > 1
            waiting = [one for one in old.visits if one.status not in ENDED and one.start is not None]
            if len(old.visits) > 1 and waiting and was.start is not None:
                series += 1
                assert was.start == min(one.start for one in waiting if one.start is not None)
    assert min(crews, series) > 0
    assert world.visits.keys() == {visit.id for job in world.jobs.values() for visit in job.visits}
    assert {
        job.status for job in world.jobs.values() if job.visits and job.visits[0].status == "scheduled"
    } == {"open"}


def test_an_empty_company_and_one_without_jobs_can_be_served() -> None:
    for technicians, jobs in ((0, 5), (3, 0), (0, 0)):
        world = make_world(technicians, jobs)
        app = create_app(world, clock=lambda: NOW)
        assert len(app.state.book.jobs()) == jobs
        app.state.reset()
        assert len(app.state.book.jobs()) == jobs
