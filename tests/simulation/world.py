"""A company small enough to be compared whole after every write."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fieldboard.sandbox.records import Address, Client, Item, Job, Priority, Technician, Visit, World
from tests.simulation.clock import START

ZONE = ZoneInfo("Europe/London")
TITLES = ("Boiler service", "Leak", "Survey", "Thermostat", "Valve")
_PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


def build(rng: random.Random) -> World:
    """3 or 4 technicians, 10 to 25 jobs; most have one visit, some two, some none."""
    technicians = {}
    for index in range(rng.randint(3, 4)):
        one = Technician(
            f"tm_{index}", f"First{index}", f"Last{index}", f"t{index}@example.com", "020 7946 0000", True,
            (), dict.fromkeys(range(7), (480, 1080)), (720, 750), [], (51.5, -0.1), 0, "North", 8,
        )  # fmt: skip
        technicians[one.id] = one
    clients = {}
    for index in range(4):
        site = Address("", f"{index} High Street", "N", "London", "N1 1AA", 51.5, -0.1 + index / 100)
        client = Client(
            f"cl_{index}", f"Client {index}", "home", f"c{index}@example.com", f"020 7946 010{index}", site,
            site, START - timedelta(days=30), START - timedelta(days=30),
        )  # fmt: skip
        clients[client.id] = client
    world = World(1, START.date(), ZONE, "Northside", "London", technicians, clients, {}, {}, {"gas": "sk_1"})
    for index in range(rng.randint(10, 25)):
        _job(world, rng, index)
    return world


def _job(world: World, rng: random.Random, index: int) -> None:
    client = rng.choice(list(world.clients.values()))
    created = START - timedelta(hours=rng.randint(2, 90), seconds=rng.randint(0, 3000))
    visits = rng.choices((0, 1, 2), (0.15, 0.7, 0.15))[0]
    manned = rng.random() < 0.7
    crew = [rng.choice(list(world.technicians))] if manned and visits else []
    start = START + timedelta(minutes=15 * rng.randint(0, 36)) if visits and rng.random() < 0.85 else None
    end = start + timedelta(minutes=15 * rng.randint(2, 8)) if start is not None else None
    title = rng.choice(TITLES)
    job = Job(
        f"job_{index:03}", str(4400 + index), "one-off", title, "gas", rng.choice(_PRIORITIES), client.id,
        client.site, client.phone, "open", start, end, False, start is None, 60, (), "",
        [Item(f"itm_{index}", "prd_1", title, "", 1, 80.0)], list(crew), [], None, created, created,
    )  # fmt: skip
    world.jobs[job.id] = job
    for number in range(visits):
        _visit(world, job, f"vis_{index:03}{number}", crew, start, end, number)


def _visit(  # noqa: PLR0917 - a visit's facts
    world: World, job: Job, id_: str, crew: list[str], start: datetime | None, end: datetime | None, nth: int
) -> None:
    shift = timedelta(days=nth)
    visit = Visit(
        id_, job.id, list(crew), start + shift if start is not None else None,
        end + shift if end is not None else None, "scheduled" if start is not None else "unscheduled",
        job.created_at,
    )  # fmt: skip
    world.visits[visit.id] = visit
    job.visits.append(visit)
    if nth and visit.end is not None:
        job.window_end = visit.end
