"""The company: its counts, its determinism, and whether a dispatcher would believe it."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldboard.sandbox.fieldcamp.wire import job_json, visit_json
from fieldboard.sandbox.records import World
from fieldboard.sandbox.streets import distance_km
from fieldboard.sandbox.world import DEFAULT_JOBS, build_world, demo_zone
from tests.sandbox.conftest import NOW, TODAY, ZONE, make_world


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def everything(world: World) -> list[object]:
    return [
        [job_json(world, job) for job in world.jobs.values()],
        [visit_json(visit) for visit in world.visits.values()],
        list(world.clients.values()),
        list(world.technicians.values()),
    ]


@pytest.mark.parametrize("jobs", [900, DEFAULT_JOBS])
def test_the_default_company_has_the_promised_counts(jobs: int) -> None:
    world = make_world(23, jobs)
    assert len(world.technicians) == 23
    assert len(world.jobs) == jobs
    assert abs(len(world.visits_on(TODAY)) - 118) <= 6
    assert world.queue_rows() == 14


@pytest.mark.parametrize("seed", range(1, 6))
def test_counts_hold_for_every_seed(seed: int) -> None:
    world = make_world(seed=seed)
    assert len(world.jobs) == DEFAULT_JOBS
    assert abs(len(world.visits_on(TODAY)) - 118) <= 6
    assert world.queue_rows() == 14


@pytest.mark.parametrize(("technicians", "jobs"), [(0, 5), (1, 0), (1, 1), (3, 40), (2, 900), (50, 60)])
def test_any_size_has_exactly_that_many_jobs(technicians: int, jobs: int) -> None:
    world = make_world(technicians, jobs)
    assert (len(world.technicians), len(world.jobs)) == (technicians, jobs)


@pytest.mark.parametrize(("technicians", "jobs", "days"), [(-1, 1, 1), (1, -1, 1), (1, 1, 0)])
def test_sizes_that_make_no_sense_are_refused(technicians: int, jobs: int, days: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        build_world(1, technicians, jobs, days, TODAY, NOW, ZONE)


def test_a_big_company_builds_whole() -> None:
    world = make_world(1000, 60_000)
    assert len(world.jobs) == 60_000
    assert len({person.name for person in world.technicians.values()}) == 1000
    assert len({job.number for job in world.jobs.values()}) == 60_000


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    assert everything(make_world(jobs=300)) == everything(make_world(jobs=300))
    assert everything(make_world(jobs=300)) != everything(make_world(jobs=300, seed=8))


def test_some_minutes_later_only_progress_differs() -> None:
    earlier, later = make_world(), make_world(now=NOW + timedelta(minutes=2))
    assert [job.number for job in earlier.jobs.values()] == [job.number for job in later.jobs.values()]
    assert [(v.id, v.start, v.end, v.crew) for v in earlier.visits.values()] == [
        (v.id, v.start, v.end, v.crew) for v in later.visits.values()
    ]


def test_ids_are_unique_and_every_reference_resolves(world: World) -> None:
    assert len(world.visits) == sum(len(job.visits) for job in world.jobs.values())
    for job in world.jobs.values():
        assert job.client_id in world.clients
        assert set(job.crew) <= set(world.technicians)
        assert set(job.skills) <= set(world.skill_ids)
        assert all(world.visits[visit.id] is visit for visit in job.visits)


@pytest.mark.parametrize(("seed", "minute"), [(7, 42), (1, 0), (1, 7), (3, 14), (4, 29), (5, 59), (8, 7)])
def test_the_morning_is_under_way(seed: int, minute: int) -> None:
    now = NOW.replace(minute=minute)
    today = make_world(seed=seed, now=now).visits_on(TODAY)
    statuses = Counter(visit.status for visit in today)
    for status in ("done", "working", "travelling", "scheduled", "cancelled", "paused"):
        assert statuses[status] >= 1, statuses
    assert [v for v in today if v.status == "working" and v.end and v.end < now], "nobody runs over"
    waiting = [v for v in today if v.status in ("scheduled", "travelling")]
    assert [v for v in waiting if v.start and v.start < now], "nobody is late"


@pytest.mark.parametrize("hour", [7, 9, 12, 14])
def test_other_hours_of_the_day_are_under_way_too(hour: int) -> None:
    world = make_world(now=datetime(2026, 6, 4, hour, 20, tzinfo=UTC))
    statuses = Counter(visit.status for visit in world.visits_on(TODAY))
    assert statuses["done"] >= 5
    assert statuses["working"] >= 5
    assert statuses["scheduled"] >= 5


def test_before_the_first_shift_all_is_ahead_and_at_night_nearly_all_is_done() -> None:
    early = make_world(now=datetime(2026, 6, 4, 3, tzinfo=UTC)).visits_on(TODAY)
    assert not [visit for visit in early if visit.status in ("done", "working")]
    night = make_world(now=datetime(2026, 6, 4, 20, tzinfo=UTC)).visits_on(TODAY)
    assert sum(visit.status == "done" for visit in night) > len(night) * 0.9


@pytest.mark.parametrize("day", [date(2026, 6, 7), date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 25)])
def test_sundays_and_clock_changes_are_days_of_work_too(day: date) -> None:
    now = datetime(day.year, day.month, day.day, 10, 42, tzinfo=ZONE)
    world = make_world(now=now)
    visits = world.visits_on(day)
    assert abs(len(visits) - 118) <= 6
    assert min(v.start.astimezone(ZONE).hour for v in visits if v.start) >= 7


def test_past_days_are_done_and_days_ahead_are_not(world: World) -> None:
    for visit in world.visits.values():
        if visit.start is None:
            continue
        day = world.day_of(visit.start)
        if day < TODAY:
            assert visit.status in ("done", "cancelled")
        elif day > TODAY:
            assert visit.status == "scheduled"
        if visit.status == "done":
            assert visit.started_at
            assert visit.ended_at
            assert visit.started_at < visit.ended_at <= NOW


def test_routes_make_sense_on_the_map_and_leave_lunch(world: World) -> None:
    hops, overlaps, meals = [], 0, 0
    for person in world.technicians.values():
        route = sorted(
            (v for v in world.visits_on(TODAY) if person.id in v.crew), key=lambda v: v.start or NOW
        )
        sites = [world.jobs[visit.job_id].site for visit in route]
        hops += [distance_km((a.lat, a.lng), (b.lat, b.lng)) for a, b in itertools.pairwise(sites)]
        overlaps += sum(1 for a, b in itertools.pairwise(route) if a.end and b.start and b.start < a.end)
        noon = datetime(2026, 6, 4, tzinfo=ZONE)
        lunch = [noon + timedelta(minutes=minute) for minute in person.lunch]
        meals += not any(v.start and v.end and v.start < lunch[1] and lunch[0] < v.end for v in route)
    assert sum(hops) / len(hops) < 3.5
    assert max(hops) < 13
    assert 1 <= overlaps <= 3
    assert meals >= 18


def test_every_kind_of_trouble_is_in_the_day(world: World) -> None:
    today = world.visits_on(TODAY)
    people = world.technicians
    lacking = [
        v for v in today for one in v.crew if not set(world.jobs[v.job_id].skills) <= set(people[one].skills)
    ]
    assert len(lacking) >= 1
    outside = 0
    for visit in today:
        hours = people[visit.crew[0]].hours(TODAY) if visit.crew else None
        if hours and visit.end:
            end = visit.end.astimezone(ZONE)
            outside += end.hour * 60 + end.minute > hours[1]
    assert outside >= 1
    broken = [
        v for v in today if (told := world.jobs[v.job_id].promise) and v.end and v.end > told[1] and v.crew
    ]
    assert len(broken) >= 1
    loads = Counter(one for visit in today for one in visit.crew)
    assert [one for one, count in loads.items() if count > people[one].capacity]
    ill = [p for p in people.values() if any(a.kind == "sick" for a in p.absences)]
    off = [p for p in people.values() if p.hours(TODAY) is None and p not in ill]
    assert (len(ill), len(off)) == (1, 1)
    assert loads[ill[0].id] == 1
    assert loads[off[0].id] == 0


def test_some_jobs_take_several_visits_days_or_people(world: World) -> None:
    spans = {
        len({world.day_of(v.start) for v in job.visits if v.start})
        for job in world.jobs.values()
        if job.visits
    }
    assert {1, 2, 3} <= spans
    assert sum(len(visit.crew) == 2 for visit in world.visits_on(TODAY)) == 1


def test_the_queue_tells_unassigned_unscheduled_and_drafts_apart(world: World) -> None:
    rows = [job for job in world.jobs.values() if job.queue_rows]
    assert sum(job.status == "draft" for job in rows) == 1
    visits = [visit for job in rows for visit in job.visits]
    assert [v for v in visits if v.start and not v.crew]
    assert [v for v in visits if v.crew and not v.start]
    assert [v for v in visits if not v.crew and not v.start]
    assert [job for job in rows if not job.visits and job.status == "open"]
    assert sum(job.priority == "urgent" for job in rows) == 2


def test_names_are_those_of_a_mixed_city(world: World) -> None:
    technicians = [person.name for person in world.technicians.values()]
    assert technicians[:3] == ["Amara Diallo", "Ben Fischer", "Chloé Martin"]
    assert sum(not name.isascii() for name in technicians) >= 4
    clients = {client.name for client in world.clients.values()}
    assert {"Ingrid Årud", "Javier Ibáñez", "Łukasz Nowak", "Siobhán O'Brien"} <= clients
    assert {client.kind for client in world.clients.values()} == {"person", "company", "association"}
    sites = [job.site for job in world.jobs.values()]
    assert max(s.lat for s in sites) - min(s.lat for s in sites) < 0.13
    assert max(s.lng for s in sites) - min(s.lng for s in sites) < 0.2


def test_stamps_never_lie_in_the_future(world: World) -> None:
    for job in world.jobs.values():
        assert job.created_at <= job.updated_at <= NOW
        assert job.created_at.microsecond % 1000 == 0


@pytest.mark.parametrize("hour", range(24))
def test_the_zone_of_a_demo_has_ten_in_the_morning(hour: int) -> None:
    now = datetime(2026, 6, 4, hour, 17, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(demo_zone(now))).hour == 10
