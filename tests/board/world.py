"""A small company for the tests of the board: values, no files."""

from __future__ import annotations

import random
from datetime import date, time

from fieldboard.domain.instants import HOUR, MINUTE, Instant, Zone
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from fieldboard.domain.visit import PlannedVisit

ZONE = Zone("Europe/London")
DAY = date(2026, 6, 4)
START = ZONE.day_bounds(DAY)[0]
WEEK = {weekday: WallSpan(time(8), time(17)) for weekday in range(5)}


def at(hours: int, minutes: int = 0) -> Instant:
    """A time of the tests' day."""
    return START + hours * HOUR + minutes * MINUTE


def technician(number: int = 1, **fields: object) -> Technician:
    values: dict[str, object] = {
        "id": f"t{number}",
        "name": f"Technician {number:04}",
        "skills": ("gas", "boiler"),
        "skills_known": True,
        "shift": WEEK,
        "capacity": 6,
        "home": LatLng(51.50, -0.12),
    }
    return Technician(**{**values, **fields})  # type: ignore[arg-type]


def visit(number: int = 1, start: Instant | None = None, minutes: int = 60, **fields: object) -> PlannedVisit:
    crew = fields.pop("crew", ("t1",) if start is not None else ())
    values: dict[str, object] = {
        "id": f"v{number}",
        "job_id": f"j{number}",
        "technician_ids": crew,
        "start": start,
        "end": start + minutes * MINUTE if start is not None else None,
        "date": None,
        "sequence": None,
        "estimated": False,
        "status": Status.ASSIGNED if crew else Status.UNASSIGNED,
        "raw_status": "scheduled",
        "actual_start": None,
        "actual_end": None,
        "observed": False,
        "made_up": False,
        "number": str(4400 + number),
        "title": f"Service {number}",
        "customer": f"Customer {number}",
        "address": f"Hill Rd {number}",
        "priority": Priority.NORMAL,
        "duration_min": minutes,
        "windows": (),
        "skills": (),
        "lat": 51.50,
        "lng": -0.12,
        "territory": "north",
        "job_status": Status.ASSIGNED if crew else Status.UNASSIGNED,
        "created_at": START - number * HOUR,
        "nth": 1,
        "of": 1,
        "mark": "",
    }
    return PlannedVisit(**{**values, **fields})  # type: ignore[arg-type]


def window(start: Instant, end: Instant) -> TimeWindow:
    return TimeWindow(start, end)


def company(people: int, each: int = 8, seed: int = 7) -> tuple[list[Technician], list[PlannedVisit]]:
    """So many technicians in one city with so many visits each, on the tests' day."""
    chance = random.Random(seed)
    skills = ("gas", "boiler", "heat pump", "electric")
    technicians = [
        technician(
            number,
            skills=tuple(chance.sample(skills, 2)),
            home=LatLng(51.4 + chance.random() / 5, -0.3 + chance.random() / 3),
        )
        for number in range(people)
    ]
    visits: list[PlannedVisit] = []
    for number in range(people):
        begin = at(8)
        for _ in range(each):
            minutes = chance.choice((30, 45, 60))
            visits.append(
                visit(
                    len(visits),
                    begin,
                    minutes,
                    crew=(f"t{number}",),
                    skills=(chance.choice(skills),) if chance.random() < 0.1 else (),
                    lat=51.4 + chance.random() / 5,
                    lng=-0.3 + chance.random() / 3,
                )
            )
            begin += (minutes + chance.choice((5, 15, 25))) * MINUTE
    return technicians, visits
