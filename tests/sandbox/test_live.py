"""The world that moves."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.live import Live, tick
from fieldboard.sandbox.records import World
from fieldboard.sandbox.world import DEFAULT_JOBS
from tests.sandbox.conftest import NOW, TODAY, make_world


def statuses(world: World) -> Counter[str]:
    return Counter(visit.status for visit in world.visits_on(TODAY))


def play(world: World, minutes: int, started: datetime = NOW) -> list[str]:
    live = Live(world, started)
    events: list[str] = []
    for second in range(0, minutes * 60, 5):
        events += live.tick(started + timedelta(seconds=second))
    return events


def test_at_the_moment_it_was_built_nothing_more_happens() -> None:
    assert tick(make_world(), NOW) == []


def test_a_built_world_is_the_one_that_a_played_one_becomes() -> None:
    played = make_world()
    later = NOW + timedelta(minutes=14) - timedelta(minutes=12)
    tick(played, later)
    built = make_world(now=later)
    mine = {visit.id: visit.status for visit in played.visits_on(TODAY) if visit.status != "paused"}
    theirs = {visit.id: visit.status for visit in built.visits_on(TODAY)}
    assert {id_: theirs[id_] for id_ in mine} == mine


def test_technicians_travel_arrive_work_and_finish() -> None:
    world = make_world()
    before = statuses(world)
    said = {event.split()[-2] for event in play(world, 45)}
    assert {"travelling", "arrived", "working", "done"} <= said
    assert statuses(world)["done"] > before["done"]
    for visit in world.visits_on(TODAY):
        if visit.status == "done":
            assert world.jobs[visit.job_id].status in ("done", "active")


def test_nobody_works_at_two_places_at_once() -> None:
    world = make_world()
    live = Live(world, NOW)
    for minute in range(0, 180, 3):
        live.tick(NOW + timedelta(minutes=minute))
        working = Counter(
            visit.crew[0] for visit in world.visits_on(TODAY) if visit.status == "working" and visit.crew
        )
        assert max(working.values()) == 1


def test_new_jobs_come_every_minute_or_two_some_of_them_urgent() -> None:
    world = make_world()
    events = [event for event in play(world, 60) if event.startswith("new ")]
    assert 28 <= len(events) <= 62
    assert len(world.jobs) == DEFAULT_JOBS + len(events)
    assert any(event.startswith("new urgent") for event in events)
    assert world.queue_rows() >= 14 + len(events)
    assert len({job.number for job in world.jobs.values()}) == len(world.jobs)


def test_the_colleague_moves_gives_and_raises() -> None:
    world = make_world()
    said = [event.split()[1] for event in play(world, 120) if event.startswith("Priya")]
    assert {"moved", "gave", "raised"} <= set(said)
    assert 15 <= len(said) <= 45


def test_the_same_morning_goes_the_same_way() -> None:
    assert play(make_world(jobs=400), 30) == play(make_world(jobs=400), 30)


def test_what_was_interrupted_goes_on() -> None:
    world = make_world()
    paused = next(visit for visit in world.visits_on(TODAY) if visit.status == "paused")
    play(world, 12)
    assert paused.status in ("working", "done")


def test_what_the_dispatcher_did_stands() -> None:
    world = make_world()
    ahead = [v for v in world.visits_on(TODAY) if v.status == "scheduled" and v.start and v.start > NOW]
    cancelled, freed, reset = (
        ahead[0],
        ahead[1],
        next(visit for visit in world.visits_on(TODAY) if visit.status == "working"),
    )
    lifecycle.set_visit_status(world, cancelled, "cancelled", NOW)
    lifecycle.assign(world, freed, [], NOW, job_follows=True)
    lifecycle.set_visit_status(world, reset, "scheduled", NOW)
    tick(world, NOW)
    assert reset.status == "scheduled"
    tick(world, NOW + timedelta(hours=2))
    assert cancelled.status == "cancelled"
    assert freed.status == "scheduled"


def test_a_late_assignment_is_not_done_in_an_instant() -> None:
    world = make_world()
    visit = next(v for v in world.visits_on(TODAY) if not v.crew)
    person = next(iter(world.technicians))
    start = NOW - timedelta(hours=3)
    lifecycle.move(world, visit, (start, start + timedelta(hours=1)), NOW, job_follows=True)
    lifecycle.assign(world, visit, [person], NOW, job_follows=True)
    tick(world, NOW + timedelta(seconds=1))
    assert visit.status == "scheduled"


def test_over_midnight_the_next_day_begins() -> None:
    world = make_world()
    tomorrow = NOW + timedelta(days=1)
    tick(world, tomorrow)
    moved = [
        v for v in world.visits.values() if v.start and world.day_of(v.start) == TODAY + timedelta(days=1)
    ]
    assert Counter(visit.status for visit in moved)["done"] >= 20


def test_strange_numbers_and_deleted_jobs_do_not_stop_it() -> None:
    world = make_world()
    live = Live(world, NOW)
    for visit in world.visits_on(TODAY):
        job = world.jobs.get(visit.job_id)
        if visit.status == "paused" and job is not None:
            lifecycle.delete_job(world, job)
    next(iter(world.jobs.values())).number = "9" * 5000
    live.tick(NOW + timedelta(minutes=20))
    assert max(len(job.number) for job in list(world.jobs.values())[-5:]) == 4
