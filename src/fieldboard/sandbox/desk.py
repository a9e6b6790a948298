"""Takes jobs down and books visits while a world is built."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from fieldboard.sandbox.calendar import Calendar
from fieldboard.sandbox.planner import Planner, Stop
from fieldboard.sandbox.records import (
    Client,
    Item,
    Job,
    Priority,
    Technician,
    Visit,
    World,
    opaque_id,
    whole_millisecond,
)
from fieldboard.sandbox.trades import MAKES, NOTES, Work

#: Spans that customers are promised, in minutes after midnight, the narrowest first.
_PROMISES = (
    (480, 600),
    (600, 720),
    (720, 840),
    (840, 960),
    (480, 720),
    (720, 960),
    (600, 840),
    (720, 1020),
    (480, 1020),
)
_DELAYS = (-5, -3, 0, 0, 0, 0, 2, 4, 7)
_OVERRUNS = (-14, -10, -6, -4, 0, 0, 3, 6, 12)


class Desk:
    """What the builders of a world share."""

    def __init__(
        self,
        world: World,
        planner: Planner | None,
        calendar: Calendar,
        now: datetime,
        rng: random.Random,
    ) -> None:
        self.world = world
        self._planner = planner
        self.calendar = calendar
        self.now = now
        self.rng = rng
        #: Whether ids are new in a world that may have lost some of its records.
        self.late = False
        #: The visits of each technician (by id) on each local day.
        self.routes: dict[tuple[str, date], list[Visit]] = {}

    @property
    def planner(self) -> Planner:
        """What plans routes; only a desk that builds a world has one."""
        if self._planner is None:
            raise ValueError("this desk only takes jobs down")
        return self._planner

    def take_down(
        self,
        work: Work,
        minutes: int,
        client: Client,
        created_at: datetime,
        window: tuple[datetime, datetime] | None,
        *,
        promise: tuple[datetime, datetime] | None = None,
    ) -> Job:
        """A new open job without visits."""
        index = len(self.world.jobs)
        seed, rng = self.world.seed, self.rng
        note = ""
        if rng.random() < 0.45:
            note = rng.choice(NOTES).format(code=rng.randint(1000, 9999), bay=rng.randint(1, 40))
        fields: list[tuple[str, str]] = []
        if note:
            fields.append(("Access", note))
        if work.trade == "gas boiler":
            fields.append(("Appliance", rng.choice(MAKES)))
        priority: Priority = work.priority
        if rng.random() < 0.08:
            priority = "high" if priority == "normal" else "normal"
        created_at = whole_millisecond(created_at)
        product = opaque_id("prd", sum(work.title.encode()), 0)
        job = Job(
            self.world.mint("job") if self.late else opaque_id("job", index, seed),
            "",
            "one-off",
            work.title,
            work.trade,
            priority,
            client.id,
            client.site,
            client.phone,
            "open",
            window[0] if window else None,
            window[1] if window else None,
            False,
            False,
            minutes,
            work.skills,
            note,
            [
                Item(
                    self.world.mint("itm") if self.late else opaque_id("itm", index, seed),
                    product,
                    work.title,
                    note,
                    1,
                    float(work.price),
                )
            ],
            [],
            fields,
            promise,
            created_at,
            created_at,
        )
        self.world.jobs[job.id] = job
        return job

    def add_visit(
        self,
        job: Job,
        crew: list[Technician],
        start: datetime | None,
        end: datetime | None,
        lead: int = 12,
    ) -> Visit:
        """A visit of ``job``, on the routes of its crew."""
        rng = self.rng
        visit = Visit(
            self.world.mint("vis")
            if self.late
            else opaque_id("vis", len(self.world.visits), self.world.seed),
            job.id,
            [person.id for person in crew],
            start,
            end,
            "scheduled" if start is not None else "unscheduled",
            job.created_at,
            max(lead, 4),
            rng.choice(_DELAYS),
            rng.choice(_OVERRUNS),
        )
        self.world.visits[visit.id] = visit
        job.visits.append(visit)
        for person in crew:
            if person.id not in job.crew:
                job.crew.append(person.id)
        if crew and start is not None:
            key = (crew[0].id, self.world.day_of(start))
            self.routes.setdefault(key, []).append(visit)
        return visit

    def book(self, person: Technician, day: date, stop: Stop) -> Visit:
        """A job with one visit, as planned."""
        start = self.calendar.instant(day, stop.start)
        end = start + timedelta(minutes=stop.minutes)
        told = self.promise(stop.start, stop.start + stop.minutes)
        promise = None
        if told is not None:
            promise = (self.calendar.instant(day, told[0]), self.calendar.instant(day, told[1]))
        created = self.taken_before(start)
        job = self.take_down(stop.work, stop.minutes, stop.client, created, (start, end), promise=promise)
        return self.add_visit(job, [person], start, end, stop.travel)

    def promise(self, start: int, end: int) -> tuple[int, int] | None:
        """What the customer was told, if anything: a span around the planned time."""
        draw = self.rng.random()
        if draw < 0.4:
            return None
        for first, last in _PROMISES if draw < 0.75 else _PROMISES[4:]:
            if first <= start and end <= last:
                return first, last
        return None

    def taken_before(self, start: datetime) -> datetime:
        """When a job for ``start`` was taken down: some days before, urgent ones hours."""
        days = 14 * self.rng.random() ** 2 + 0.15
        return min(start, self.now) - timedelta(days=days)

    def settle(self, visit: Visit) -> None:
        """Roll a visit that took its course up into its job, and stamp the job."""
        job = self.world.jobs[visit.job_id]
        if visit.status == "done" and all(other.status in ("done", "cancelled") for other in job.visits):
            job.status = "done"
        elif visit.status in ("working", "paused", "done"):
            job.status = "active"
        stamp = visit.ended_at if visit.status == "done" else visit.started_at
        if stamp is not None and job.status != "open":
            job.updated_at = max(job.updated_at, whole_millisecond(min(stamp, self.now)))
