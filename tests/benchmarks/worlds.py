"""Profiles to measure on: made through the cache's own writer, as a sync would, and kept for one run."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from fieldboard.backends.port import Row
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import SystemClock
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.job import Job, TimeWindow
from fieldboard.domain.operation import Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.domain.visit import Visit
from fieldboard.paths import profile_dir

PROFILE: Final = "bench"


def morning_zone() -> Zone:
    """The zone in which it is now between ten and eleven: every run measures the same hour of the day."""
    ahead = (10 - datetime.now(UTC).hour + 11) % 24 - 11
    return Zone(f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT")


ZONE: Final = morning_zone()
PAGE: Final = 2000

_FIRST: Final = (
    "Amara",
    "Ben",
    "Chloé",
    "Dai",
    "Eiko",
    "Femi",
    "Greta",
    "Hassan",
    "Isla",
    "Jakub",
    "Kofi",
    "Leila",
)
_LAST: Final = (
    "Diallo",
    "Fischer",
    "Martin",
    "Evans",
    "Tanaka",
    "Balogun",
    "Holm",
    "Rahimi",
    "McKenzie",
    "Wójcik",
)
_WORK: Final = (
    *("Annual boiler service", "Leak under kitchen sink", "Radiators cold upstairs", "Gas safety check"),
    *("Cylinder swap", "Outside tap", "Extractor fan", "Boiler fault F28", "Bathroom survey"),
)
_SKILLS: Final = ("gas", "plumbing", "drains", "electrics", "heat pump")
_STREETS: Final = (
    "High Street",
    "Mariners' Street",
    "Wesley Road",
    "St Brigid's Terrace",
    "Mill Lane",
    "Quay",
)


@dataclass(frozen=True, slots=True)
class World:
    """How much there is: visits of today (`technicians` × 8), `elsewhere` on other days, jobs that wait."""

    technicians: int
    elsewhere: int = 0
    waiting: int = 300

    @property
    def name(self) -> str:
        """A name for a folder."""
        return f"t{self.technicians}-v{self.elsewhere}-q{self.waiting}"


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration and a data folder to run the program with."""

    folder: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.toml"

    @property
    def data(self) -> Path:
        """What FIELDBOARD_DATA_DIR is set to."""
        return self.folder / "data"

    @property
    def files(self) -> ProfileFiles:
        """The files of the one profile."""
        return ProfileFiles(profile_dir(self.data, PROFILE))

    @property
    def environ(self) -> dict[str, str]:
        """What the program is started with."""
        return {"FIELDBOARD_DATA_DIR": str(self.data), "FIELDBOARD_TOKEN_BENCH": "no-token", "TZ": "UTC"}

    def copied_to(self, folder: Path) -> Place:
        """The same once more: a row may change it."""
        shutil.copytree(self.folder, folder)
        copy = Place(folder)
        # Whether the disk has real locks was found out for the other folder: a warm start does not ask.
        copy.files.prepare()
        return copy


def write_config(
    place: Place, *, base_url: str = "http://127.0.0.1:9", poll_s: float = 20.0, roster: bool = True
) -> None:
    """Write the configuration of one profile."""
    place.data.mkdir(parents=True, exist_ok=True)
    place.config.write_text(
        f'[profiles.{PROFILE}]\nbackend = "fieldcamp"\nbase_url = "{base_url}"\ntimezone = "{ZONE.name}"\n'
        f"poll_s = {poll_s}\n" + ('roster = "roster.toml"\n' if roster else ""),
        encoding="utf-8",
    )


def build(world: World, folder: Path) -> Place:
    """Make a world in `folder`, or take the one that is already there."""
    moment = datetime.now(ZONE.info)
    place = Place(folder / f"{world.name}-{moment:%Y%m%d}-{ZONE.name.replace('/', '-')}")
    if place.config.exists():
        return place
    place.files.prepare()
    clock = SystemClock()
    today = ZONE.date_of(instant_of(clock.now()))
    people = list(_people(world.technicians))
    (place.folder / "roster.toml").write_text("\n".join(_roster(one) for one in people), encoding="utf-8")
    writer = CacheWriter(place.files, ZONE, clock)
    try:
        _put(writer, Kind.TECHNICIAN, (_bare(one) for one in people))
        _put(writer, Kind.CUSTOMER, ())
        _put(writer, Kind.JOB, (job for job, _ in _work(world, people, today)))
        _put(writer, Kind.VISIT, (visit for _, visit in _work(world, people, today) if visit is not None))
        # An age that is shown in hours, so that no second of it is drawn while something is measured.
        old = instant_of(clock.now()) - 3 * 3600
        writer.set_state(last_ok=old, last_round_started=old, last_round_finished=old, last_full_finished=old)
    finally:
        writer.close()
    write_config(place)
    return place


def seen(entity: Technician | Customer | Job | Visit) -> Row:
    """An entity as a row, with a document of the size that systems send."""
    kind = Kind(type(entity).__name__.lower())
    said = {"_id": entity.id, "says": repr(entity), "filler": "x" * 200}
    return Row(kind, entity.id, entity, json.dumps(said))


def _put(writer: CacheWriter, kind: Kind, entities: Iterator[Technician | Job | Visit] | tuple[()]) -> None:
    run = writer.begin_run(kind, full=True)
    page: list[Row] = []
    for entity in entities:
        page.append(seen(entity))
        if len(page) == PAGE:
            writer.store(page, run)
            page = []
    writer.finish_walk(run, complete=True, rows=page)


def _people(count: int) -> Iterator[Technician]:
    dice = random.Random(1)
    for at in range(count):
        yield Technician(
            id=f"usr_{at:05}",
            name=f"{_FIRST[at % 12]} {_LAST[(at // 12) % 10]} {at:03}",
            skills=tuple(dice.sample(_SKILLS, 3)),
            home=_near(dice),
            capacity=9,
            territory=("North", "South", "Centre")[at % 3],
            phone=f"+44 7700 9{at:05}",
        )  # fmt: skip


def _bare(one: Technician) -> Technician:
    """What the system itself tells of a technician."""
    return Technician(id=one.id, name=one.name)


def _roster(one: Technician) -> str:
    shift = ", ".join(f'{day} = "07:30-17:30"' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    assert one.home is not None
    return (
        f'[[technician]]\nid = "{one.id}"\nname = "{one.name}"\nskills = {json.dumps(one.skills)}\n'
        f'shift = {{ {shift} }}\nbreaks = ["12:00-12:30"]\n'
        f"home = {{ lat = {one.home[0]}, lng = {one.home[1]} }}\n"
        f'capacity = {one.capacity}\nterritory = "{one.territory}"\nphone = "{one.phone}"\n'
    )


def _near(dice: random.Random) -> LatLng:
    return LatLng(round(51.45 + dice.uniform(-0.05, 0.05), 5), round(-2.59 + dice.uniform(-0.08, 0.08), 5))


def _work(world: World, people: list[Technician], today: date) -> Iterator[tuple[Job, Visit | None]]:
    dice = random.Random(2)
    number = 0
    for at, person in enumerate(people):
        for nth in range(8):
            number += 1
            start = _at(today, 7 * 60 + 30 + nth * 70 + (at * 5) % 20)
            yield _job(dice, number, person, start, 45 + 5 * (at % 3))
    for nth in range(world.elsewhere):
        number += 1
        day = today + timedelta(days=(nth % 60) - 45 + (1 if nth % 60 >= 45 else 0))
        person = people[nth % len(people)]
        yield _job(
            dice, number, person, _at(day, 7 * 60 + 30 + (nth // len(people)) % 8 * 70), 50, done=day < today
        )
    for _ in range(world.waiting):
        number += 1
        yield _job(dice, number, None, _at(today, 600), 60)


def _at(day: date, minutes: int) -> int:
    return ZONE.day_bounds(day)[0] + minutes * 60


def _job(
    dice: random.Random,
    number: int,
    person: Technician | None,
    start: int,
    minutes: int,
    *,
    done: bool = False,
) -> tuple[Job, Visit | None]:
    lat, lng = _near(dice)
    status = Status.COMPLETED if done else Status.ASSIGNED if person is not None else Status.UNASSIGNED
    raw = "completed" if done else "scheduled"
    crew = (person.id,) if person is not None else ()
    job = Job(
        id=f"job_{number:07}",
        number=str(100_000 + number),
        title=_WORK[number % 9],
        customer=f"{_FIRST[number % 12]} {_LAST[number % 10]} & Sons"
        if number % 5
        else f"Harbour Flats {number % 90}",
        phone=f"+44 117 9{number % 100_000:05}",
        address=f"Flat {number % 40}, {number % 180} {_STREETS[number % 6]}, Bristol, BS{number % 16} 8HE",
        lat=lat,
        lng=lng,
        status=status,
        raw_status=raw,
        priority=(Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.NORMAL, Priority.LOW)[
            dice.randrange(5)
        ],
        technician_ids=crew,
        start=start if person is not None else None,
        end=start + minutes * 60 if person is not None else None,
        duration_min=minutes,
        windows=(TimeWindow(start - 1800, start + 7200),) if number % 3 == 0 else (),
        skills=(_SKILLS[number % 5],) if number % 2 else (),
        notes="Ring twice; the dog is friendly." if number % 4 == 0 else None,
        created_at=start - 86400 - number % 5000,
        updated_at=start - 7200,
    )
    if person is None:
        return job, None
    visit = Visit(
        id=f"vis_{number:07}",
        job_id=job.id,
        technician_ids=crew,
        start=job.start,
        end=job.end,
        status=status,
        raw_status=raw,
    )  # fmt: skip
    return job, visit
