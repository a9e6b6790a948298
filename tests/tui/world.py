"""A company's day in a real cache: Thursday 4 June 2026, 10:42 in London."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from fieldboard.backends.fieldcamp.rules import fieldcamp_rules
from fieldboard.backends.port import Entity, Row
from fieldboard.board.desk import Desk
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import FixedClock
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import HOUR, MINUTE, Instant, Zone, instant_of
from fieldboard.domain.job import Job, TimeWindow
from fieldboard.domain.operation import Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from fieldboard.domain.visit import Visit
from fieldboard.roster import Roster

ZONE = Zone("Europe/London")
DAY = date(2026, 6, 4)
NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
SHIFT = {weekday: WallSpan(time(7), time(17)) for weekday in range(5)}

NAMES = (
    *("Amara Diallo", "Ben Fischer", "Chloé Martin", "Dai Evans", "Eiko Tanaka", "Femi Balogun"),
    *("Greta Holm", "Hamid Rezaei", "Ines Costa", "Jonas Weber", "Katya Orlova", "Liam Byrne"),
    *("Mei Chen", "Noor Haddad", "Olu Adeyemi", "Petra Novak", "Quentin Roy", "Rosa Silva"),
    *("Sven Larsen", "Tariq Aziz", "Uma Patel", "Viktor Kovacs", "Wanda Zielinska"),
)

WORK = (
    *("Boiler service", "Radiator swap", "Cylinder swap", "Gas safety certificate", "Underfloor manifold"),
    *("Valve replacement", "No hot water", "Leak at cylinder", "Heat pump check", "Thermostat", "Pump noise"),
    *("Annual service ×2", "Heat exchanger", "Boiler install", "Bleed system", "Pressure loss", "Flue check"),
)

CUSTOMERS = (
    *("Fonseca", "Ostrowski", "Harbour Flats", "Nowak", "Castle View", "Sundström", "Osei", "Grant", "Årud"),
    *("Park Court", "Rossi", "Whitaker", "Lindqvist", "Müller & Söhne", "Ó Briain", "St. Brigid’s School"),
)


def at(text: str, day: date = DAY) -> Instant:
    """A clock time of a day in London."""
    hour, minute = text.split(":")
    return instant_of(datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=ZONE.info))


class BoardWorld:
    """A profile's files with a day in them, and desks over them.

    The first six technicians have a day that tests know by heart; the others a seeded one.
    """

    def __init__(self, folder: Path, *, technicians: int = 23, each: int = 5, queue: int = 14) -> None:
        self.files = ProfileFiles(folder)
        self.files.prepare()
        self.clock = FixedClock(NOW)
        self.rules = fieldcamp_rules()
        self.learn: Callable[[Mapping[str, str]], SystemRules] | None = None
        self.writer = CacheWriter(self.files, ZONE, self.clock)
        self._number = 4500
        self.entities: list[Entity] = []
        self._people(technicians)
        self._known_day(technicians)
        self._seeded_day(technicians, each)
        self._queue(queue)
        self._save()

    # What is in it

    def _people(self, count: int) -> None:
        chance = random.Random(5)
        skills = (("gas", "boiler"), ("gas", "heat pump"), ("gas", "boiler", "electric"), ("plumbing", "gas"))
        for number in range(count):
            name = NAMES[number] if number < len(NAMES) else f"Technician {number + 1:04}"
            self.entities.append(
                Technician(
                    id=f"t{number + 1}",
                    name=name,
                    skills=skills[number % 4],
                    skills_known=True,
                    shift=SHIFT,
                    breaks=(WallSpan(time(12), time(12, 30)),),
                    capacity=6,
                    home=LatLng(53.38 + chance.random() / 8, -1.52 + chance.random() / 6),
                    phone=f"0114 496 0{number:03}",
                )
            )

    def job(self, number: str, title: str, customer: str, **given: object) -> Job:
        """A job, to be saved with `add`."""
        chance = random.Random(number)
        values: dict[str, object] = {
            "id": f"j{number}",
            "number": number,
            "title": title,
            "customer_id": f"c-{customer}",
            "customer": customer,
            "address": f"{chance.randint(1, 90)} Mill Lane",
            "phone": "0114 496 0123",
            "lat": 53.38 + chance.random() / 10,
            "lng": -1.50 + chance.random() / 8,
            "status": Status.UNASSIGNED,
            "raw_status": "pending",
            "priority": Priority.NORMAL,
            "duration_min": 60,
            "created_at": at("07:00") - int(number) % 50 * HOUR,
        }
        return Job(**{**values, **given})  # type: ignore[arg-type]

    def visit(
        self, number: str, crew: tuple[str, ...], start: str, end: str, status: Status, **given: object
    ) -> Visit:
        """A visit of a job on the day, begun and ended as planned where it is over."""
        day = given.pop("day", DAY)
        assert isinstance(day, date)
        begin, finish = at(start, day), at(end, day)
        values: dict[str, object] = {
            "id": f"v{number}",
            "job_id": f"j{number}",
            "technician_ids": crew,
            "start": begin,
            "end": finish,
            "status": status,
            "raw_status": status.value,
            "actual_start": begin + 4 * MINUTE if status not in (Status.ASSIGNED, Status.CANCELLED) else None,
            "actual_end": finish - 3 * MINUTE if status is Status.COMPLETED else None,
        }
        return Visit(**{**values, **given})  # type: ignore[arg-type]

    def _planned(  # noqa: PLR0917 - a row of a table
        self,
        number: str,
        title: str,
        customer: str,
        crew: str,
        start: str,
        end: str,
        status: Status = Status.ASSIGNED,
        **given: object,
    ) -> None:
        ids = tuple(crew.split("+"))
        job_given = {key: given.pop(key) for key in ("skills", "windows", "priority") if key in given}
        minutes = (at(end) - at(start)) // MINUTE
        self.entities.append(
            self.job(
                number, title, customer, status=status, duration_min=minutes, technician_ids=ids, **job_given
            )
        )
        self.entities.append(self.visit(number, ids, start, end, status, **given))

    def _known_day(self, technicians: int) -> None:
        if technicians < 6:
            return
        done, busy, way = Status.COMPLETED, Status.IN_PROGRESS, Status.EN_ROUTE
        self._planned("4401", "Boiler service", "Hill Rd 12", "t1", "07:10", "08:30", done)
        self._planned("4418", "Leak at cylinder", "Fonseca, Mill Ln", "t1", "09:00", "11:00", busy)
        self._planned("4433", "Heat pump check", "Årud", "t1", "11:30", "12:30")
        self._planned("4440", "Annual service ×2", "Park Court", "t1", "13:30", "15:30")
        self._planned("4403", "Radiator swap", "Quay 8", "t2", "07:00", "08:30", done)
        self._planned("4420", "No hot water", "Ostrowski", "t2", "09:40", "11:20", way)
        self._planned("4437", "Thermostat", "Bell St 40", "t2", "12:30", "14:00")
        self._planned("4407", "Cylinder swap", "Harbour Flats", "t3", "07:10", "09:10", done)
        self._planned("4415", "Boiler fault F28", "Delacroix", "t3", "09:30", "10:17", busy)
        self._planned("4428", "Service", "Osei", "t3", "11:30", "13:30")
        self._planned("4431", "Leak in the hall", "Grant", "t3", "12:30", "14:00", skills=("gas",))
        self._planned("4409", "Gas safety cert", "Nowak", "t4", "07:30", "09:00", done)
        self._planned("4441", "Bleed system", "Rossi", "t4", "13:30", "15:00")
        self._planned("4411", "Underfloor manifold", "Castle View", "t5", "07:10", "09:30", done)
        self._planned("4434", "Boiler install 1", "Whitaker", "t5+t6", "11:30", "13:30")
        self._planned("4402", "Valve", "Dock 4", "t6", "06:50", "08:10", done)
        self._planned("4419", "Heat exchanger", "Sundström", "t6", "08:50", "10:50", busy)
        self._planned(
            "4436",
            "Quote",
            "Amundsen",
            "t6",
            "14:00",
            "15:00",
            windows=(TimeWindow(at("08:00"), at("12:00")),),
        )
        self._planned("4405", "Flue check", "Bianchi", "t4", "09:30", "10:10", Status.CANCELLED)

    def _seeded_day(self, technicians: int, each: int) -> None:
        chance = random.Random(11)
        for number in range(7 if technicians >= 6 else 1, technicians + 1):
            for step in range(-1, 2):
                self._seeded_one(chance, number, each, DAY + timedelta(days=step))
        for number in range(1, min(technicians, 6) + 1):
            self._seeded_one(chance, number, each, DAY + timedelta(days=1))
            self._seeded_one(chance, number, each, DAY - timedelta(days=1))

    def _seeded_one(self, chance: random.Random, technician: int, each: int, day: date) -> None:
        minute = 7 * 60 + chance.choice((0, 15, 30))
        for _ in range(each):
            length = chance.choice((45, 60, 75, 90, 120)) if each <= 6 else chance.choice((30, 45, 60))
            start, end = minute, minute + length
            if end > 18 * 60:
                break
            now = (instant_of(NOW) - at("00:00", day)) // MINUTE
            status = (
                Status.COMPLETED if end < now else Status.IN_PROGRESS if start < now - 5 else Status.ASSIGNED
            )
            number = str(self._number)
            self._number += 1
            title, customer = chance.choice(WORK), chance.choice(CUSTOMERS)
            crew = (f"t{technician}",)
            self.entities.append(
                self.job(number, title, customer, status=status, duration_min=length, technician_ids=crew)
            )
            self.entities.append(
                self.visit(
                    number, crew, f"{start // 60}:{start % 60}", f"{end // 60}:{end % 60}", status, day=day
                )
            )
            minute = end + chance.choice((10, 20, 30, 45))

    def _queue(self, count: int) -> None:
        def window(start: str, end: str, day: date = DAY) -> tuple[TimeWindow, ...]:
            return (TimeWindow(at(start, day), at(end, day)),)

        known = [
            self.job(
                "4471",
                "Boiler leaking, no heat",
                "Okafor",
                priority=Priority.URGENT,
                duration_min=120,
                windows=window("08:00", "12:00"),
                skills=("gas", "boiler"),
            ),
            self.job(
                "4468",
                "Gas smell, meter box",
                "St. Brigid",
                priority=Priority.URGENT,
                duration_min=60,
                windows=window("09:00", "12:30"),
                skills=("gas",),
            ),
            self.job(
                "4460",
                "Radiators cold upstairs",
                "Lindqvist",
                priority=Priority.HIGH,
                duration_min=90,
                windows=window("12:00", "16:00"),
            ),
            self.job(
                "4459",
                "Annual service ×2",
                "Park Court",
                priority=Priority.HIGH,
                duration_min=180,
                windows=window("08:00", "18:00"),
            ),
            self.job(
                "4455", "Thermostat replacement", "Ibáñez", duration_min=45, windows=window("13:00", "15:00")
            ),
            self.job("4452", "Quote: heat pump", "M. Dubois", skills=("heat pump",)),
            self.job(
                "4449",
                "Bleed system",
                "Nakamura",
                duration_min=45,
                windows=window("08:00", "17:00", DAY + timedelta(days=1)),
            ),
            self.job("4447", "Cylinder swap", "Harbour Flats", status=Status.DRAFT, duration_min=240),
        ]
        chance = random.Random(3)
        for number in range(len(known), count):
            known.append(
                self.job(
                    str(4300 + number),
                    chance.choice(WORK),
                    chance.choice(CUSTOMERS),
                    priority=Priority.LOW,
                    duration_min=chance.choice((30, 60, 90)),
                )
            )
        for job in known[:count]:
            self.entities.append(job)
            self.entities.append(self.waiting(job))

    def waiting(self, job: Job) -> Visit:
        """The visit of a job that waits in the queue."""
        return Visit(
            id=f"v{job.number}",
            job_id=job.id,
            status=job.status,
            raw_status="pending",
            created_at=job.created_at,
        )

    # Saving and reading

    def _save(self) -> None:
        customers: dict[str, Customer] = {}
        for one in self.entities:
            if isinstance(one, Job) and one.customer_id is not None:
                customers[one.customer_id] = Customer(
                    one.customer_id, one.customer or "", one.phone, None, one.address
                )
        everything = [*self.entities, *customers.values()]
        for kind in Kind:
            rows = [row(one) for one in everything if type(one).__name__.lower() == kind.value]
            run = self.writer.begin_run(kind, full=True)
            self.writer.finish_walk(run, complete=True, rows=rows)
        now = instant_of(NOW)
        self.writer.set_state(last_ok=now - 4, last_round_finished=now - 4, last_full_finished=now - 4)

    def add(self, *entities: Entity) -> None:
        """Something comes from the system."""
        self.writer.store([row(one) for one in entities])

    def desk(self) -> Desk:
        """A desk over the files, for the thread that asks."""
        store = Store(self.files, ZONE, self.clock)
        return Desk(store, self.rules, Roster(), ZONE, self.clock, self.learn)

    @contextmanager
    def looked_at(self) -> Iterator[Desk]:
        """A desk over the files for a moment."""
        desk = self.desk()
        try:
            yield desk
        finally:
            desk.store.close()

    def is_over(self, status: Status) -> bool:
        """Whether nothing more is expected."""
        return status in ENDED

    def close(self) -> None:
        """Close the files."""
        self.writer.close()


def row(entity: Entity) -> Row:
    """An entity as an adapter gives it."""
    kind = Kind(type(entity).__name__.lower())
    return Row(kind, entity.id, entity, json.dumps({"told": repr(entity)}))


def keep_by_order(world: BoardWorld) -> None:
    """In two days the second technician has three visits in an order; the system keeps no clock times."""
    day = DAY + timedelta(days=2)
    jobs = [
        Job(
            f"r{place}", f"70{place}", "Service", customer="Årud", technician_ids=("t2",), duration_min=60,
            date=day, sequence=place, status=Status.ASSIGNED,
        )
        for place in (1, 2, 3)
    ]  # fmt: skip
    world.writer.store([Row(Kind.JOB, one.id, one, "{}") for one in jobs])
    lacks: dict[Ability, str] = {
        one: why for one, why in world.rules.lacks.items() if one is not Ability.REORDER
    }
    lacks[Ability.CLOCK_TIMES] = "Only days and their order are kept."
    world.rules = replace(world.rules, lacks=lacks)
