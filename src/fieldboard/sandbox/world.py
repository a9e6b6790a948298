"""Builds one seeded, deterministic company as it stands at one moment.

The people, customers and streets depend on the seed alone, the work on the seed and the day, and
what is under way on the moment too. No randomness comes from anywhere else.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fieldboard.sandbox import progress, scenes
from fieldboard.sandbox.calendar import Calendar, spread
from fieldboard.sandbox.desk import Desk
from fieldboard.sandbox.people import hire, sign_up
from fieldboard.sandbox.planner import Planner
from fieldboard.sandbox.queue import fill_queue
from fieldboard.sandbox.records import Job, Technician, Visit, World, opaque_id
from fieldboard.sandbox.streets import CITY, City
from fieldboard.sandbox.trades import SKILLS

COMPANY = "Northgate Heating"
DEFAULT_TECHNICIANS = 23
DEFAULT_JOBS = 2400
DEFAULT_DAYS = 45
DEFAULT_SEED = 7

#: Visits of today and rows of the queue that a company of the default size has.
_VISITS_TODAY = 118
_QUEUE_ROWS = 14
#: Nobody is planned for more than this many visits on one day.
_MOST_STOPS = 8

__all__ = [
    "COMPANY",
    "DEFAULT_DAYS",
    "DEFAULT_JOBS",
    "DEFAULT_SEED",
    "DEFAULT_TECHNICIANS",
    "World",
    "build_world",
    "demo_zone",
]


def demo_zone(now_utc: datetime) -> str:
    """The ``Etc/GMT±N`` zone in which it is now between ten and eleven in the morning."""
    east = (10 - now_utc.astimezone(UTC).hour + 12) % 24 - 12
    if east == 0:
        return "Etc/GMT"
    # The names count west of Greenwich as positive, unlike everybody else.
    return f"Etc/GMT{-east:+d}"


def build_world(  # noqa: PLR0917 - seven plain facts, in the order in which one says them
    seed: int, technicians: int, jobs: int, days: int, today: date, now: datetime, zone: ZoneInfo
) -> World:
    """A company of ``technicians`` with exactly ``jobs`` jobs, seen at ``now``.

    ``days`` is the span of the calendar: two thirds of it before ``today``, one third after. Where
    more jobs are asked for than fit into it, the past reaches further back. ``now`` is aware.
    """
    if min(technicians, jobs) < 0 or days < 1:
        raise ValueError("technicians and jobs cannot be negative, and days is at least 1")
    company = random.Random(f"company {seed}")
    work = random.Random(f"work {seed} {today.isoformat()}")
    now = now.astimezone(UTC)
    # What is planned stays the same for a quarter of an hour; what is under way does not.
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    calendar = Calendar(today, days, zone)
    city = City(company)
    staff = hire(technicians, today, city, company, seed)
    clients, districts = sign_up(
        max(40, min(jobs // 5, 20_000)), city, company, seed, calendar.instant(today, 0)
    )
    world = World(
        seed,
        today,
        zone,
        COMPANY,
        CITY,
        {person.id: person for person in staff},
        {client.id: client for client in clients},
        {},
        {},
        {skill: opaque_id("skl", index, seed) for index, skill in enumerate(SKILLS)},
    )
    desk = Desk(world, Planner(city, clients, districts), calendar, quarter, work)
    queue = min(round(_QUEUE_ROWS * technicians / 23), jobs // 4) if staff else jobs
    room = jobs - queue
    reserved: dict[tuple[int, date], tuple[int, int]] = {}
    if room >= 8 * technicians:
        reserved = scenes.reserve(desk, staff)
    today_target = min(round(_VISITS_TODAY * technicians / 23), -(-room * 7 // 10))
    today_target -= len(world.visits_on(today))
    _plan_days(desk, staff, reserved, today_target, room)
    scenes.stage(desk, staff)
    desk.now = now
    _run(desk)
    desk.now = quarter
    scenes.interrupt(desk, staff)
    fill_queue(desk, queue, clients)
    _number(world)
    return world


def _plan_days(
    desk: Desk,
    staff: list[Technician],
    reserved: dict[tuple[int, date], tuple[int, int]],
    today_target: int,
    room: int,
) -> None:
    """Plan whole days until the world holds ``room`` jobs."""
    today = desk.calendar.today
    _plan_day(desk, staff, reserved, today, max(0, today_target))
    left = room - len(desk.world.jobs)
    for day, count in spread(desk.calendar, left, len(staff)).items():
        _plan_day(desk, staff, reserved, day, count)
    day = desk.calendar.first
    while staff and len(desk.world.jobs) < room:
        day -= timedelta(days=1)
        _plan_day(desk, staff, reserved, day, min(room - len(desk.world.jobs), 6 * len(staff)))


def _plan_day(
    desk: Desk,
    staff: list[Technician],
    reserved: dict[tuple[int, date], tuple[int, int]],
    day: date,
    count: int,
) -> None:
    """Plan ``count`` visits on ``day`` over those who work then; fewer where the day is full."""
    working = []
    for index, person in enumerate(staff):
        hours = person.hours(day)
        if hours is None and day < desk.calendar.first:
            # Only what did not fit into the calendar lies so far back: any day will do.
            hours = next(iter(person.shift.values()))
        if hours is not None:
            working.append((index, person, hours))
    desk.rng.shuffle(working)
    for turn, (index, person, hours) in enumerate(working):
        if count <= 0:
            return
        here = -(-count // (len(working) - turn))
        busy = reserved.get((index, day))
        # Nobody has quite as many as the next one.
        here += desk.rng.choice((-1, 0, 0, 0, 1)) if 3 <= here < count - 3 else 0
        if busy is not None:
            here = max(0, here - (busy[1] - busy[0]) // 60)
        here = min(here, _MOST_STOPS, count, person.capacity)
        if here:
            stops = desk.planner.day(person, hours, here, desk.rng, busy)
            for stop in stops:
                desk.book(person, day, stop)
            count -= len(stops)


def _run(desk: Desk) -> None:
    """Let every visit up to now take its course, and roll the jobs up."""
    today_end = desk.calendar.instant(desk.calendar.today + timedelta(days=1), 0)
    for visits in desk.routes.values():
        first = visits[0].start
        if first is not None and first < today_end:
            run_route(desk, visits)


def run_route(desk: Desk, visits: list[Visit]) -> None:
    """Let the visits of one technician's day take their course up to now."""
    for visit, course in progress.courses(visits):
        if progress.apply(visit, course, desk.now):
            desk.settle(visit)


def _number(world: World) -> None:
    """Give the jobs their numbers, in the order in which they were taken down."""
    ordered: list[Job] = sorted(world.jobs.values(), key=lambda job: (job.created_at, job.id))
    first = max(1001, 4480 - len(ordered))
    for number, job in enumerate(ordered, first):
        job.number = str(number)
    world.jobs = {job.id: job for job in ordered}
