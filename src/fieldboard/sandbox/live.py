"""Lets a world move with the clock: technicians work, customers call, a colleague edits.

Everything follows from the world's seed and the instants at which `Live.tick` is called, so a test
can play a morning in a moment.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from fieldboard.sandbox import lifecycle, progress
from fieldboard.sandbox.calendar import Calendar
from fieldboard.sandbox.desk import Desk
from fieldboard.sandbox.records import Job, Visit, World, whole_millisecond
from fieldboard.sandbox.trades import CATALOGUE

#: Who else is at the desk.
COLLEAGUE = "Priya"
#: Seconds between two calls of customers, and between two edits of the colleague.
_CALLS_S = (60, 120)
_EDITS_S = (170, 330)
_PAUSE = timedelta(minutes=8)


def tick(world: World, now: datetime) -> list[str]:
    """Bring every visit of ``now``'s day to where its course has it; says what happened."""
    now = now.astimezone(UTC)
    today = now.astimezone(world.zone).date()
    calendar = Calendar(today, 1, world.zone)
    first, last = calendar.instant(today, 0), calendar.instant(today + timedelta(days=1), 0)
    routes: dict[str, list[Visit]] = {}
    for visit in world.visits.values():
        if visit.start is not None and first <= visit.start < last and visit.crew:
            routes.setdefault(visit.crew[0], []).append(visit)
    events = []
    for id_, visits in routes.items():
        person = world.technicians.get(id_)
        if person is None or person.hours(today) is None:
            continue
        for visit, course in progress.courses(visits):
            job = world.jobs[visit.job_id]
            if job.status in ("draft", "cancelled"):
                continue
            if progress.apply(visit, course, now):
                world.touch_visit(visit, now)
                lifecycle.roll_up(world, job, now)
                events.append(f"{person.name} {visit.status} {job.number}")
    return events


class Live:
    """A world that moves from ``started`` on."""

    def __init__(self, world: World, started: datetime) -> None:
        started = started.astimezone(UTC)
        self._world = world
        self._rng = random.Random(f"live {world.seed}")
        self._next_call = started + self._after(_CALLS_S)
        self._next_edit = started + self._after(_EDITS_S)
        #: What was interrupted when it began, and goes on a while later.
        self._paused = [visit for visit in world.visits.values() if visit.status == "paused"]
        self._resume_at = started + _PAUSE

    def tick(self, now: datetime) -> list[str]:
        """All that happened up to ``now``, each in a few words."""
        now = now.astimezone(UTC)
        events = tick(self._world, now)
        while self._next_call <= now:
            events += self._call(self._next_call)
            self._next_call += self._after(_CALLS_S)
        while self._next_edit <= now:
            events += self._edit(self._next_edit)
            self._next_edit += self._after(_EDITS_S)
        if self._paused and now >= self._resume_at:
            for visit in self._paused:
                if visit.status == "paused" and visit.id in self._world.visits:
                    lifecycle.set_visit_status(self._world, visit, "working", now)
                    events.append(f"goes on with {self._world.jobs[visit.job_id].number}")
            self._paused = []
        return events

    def _after(self, span: tuple[int, int]) -> timedelta:
        """A random while."""
        return timedelta(seconds=self._rng.randint(*span))

    def _call(self, now: datetime) -> list[str]:
        """A customer calls: a new job in the queue, one in five of them urgent."""
        world, rng = self._world, self._rng
        clients = [client for client in world.clients.values() if not client.deleted]
        if not clients:
            return []
        today = now.astimezone(world.zone).date()
        calendar = Calendar(today, 1, world.zone)
        urgent = rng.random() < 0.2
        work = rng.choice([one for one in CATALOGUE if (one.priority == "urgent") == urgent])
        window = None
        wished = calendar.instant(today, 540)
        if urgent:
            hour = now.replace(minute=0, second=0, microsecond=0)
            window = (hour, hour + timedelta(hours=4))
        elif rng.random() < 0.6:
            day = today + timedelta(days=rng.randint(0, 3))
            opens = rng.choice((480, 600, 720, 840))
            window = (calendar.instant(day, opens), calendar.instant(day, opens + 180))
        if window is not None:
            wished = window[0]
        desk = Desk(world, None, calendar, now, rng)
        desk.late = True
        minutes = rng.choice(work.minutes)
        booked = (wished, wished + timedelta(minutes=minutes))
        job = desk.take_down(work, minutes, rng.choice(clients), now, booked, promise=window)
        job.number = world.next_number()
        job.schedule_later = True
        if window is not None:
            desk.add_visit(job, [], None, None)
        return [f"new {job.priority} {job.number} {job.title}"]

    def _edit(self, now: datetime) -> list[str]:
        """The colleague moves a visit, gives it to somebody else, or raises a job's priority."""
        world, rng = self._world, self._rng
        soon, later = now + timedelta(minutes=40), now + timedelta(hours=30)
        visits = [
            visit
            for visit in world.visits.values()
            if visit.status == "scheduled" and visit.crew and visit.start is not None
            if soon < visit.start < later and len(visit.crew) == 1
        ]
        draw = rng.random()
        if draw < 0.2:
            waiting = [job for job in world.jobs.values() if job.queue_rows and job.priority == "normal"]
            if waiting:
                job = rng.choice(waiting)
                job.priority = "high"
                world.touch(job, now)
                return [f"{COLLEAGUE} raised {job.number}"]
        if not visits:
            return []
        visit = rng.choice(visits)
        job = world.jobs[visit.job_id]
        if draw < 0.55:
            other = self._stand_in(job, visit, now)
            if other is not None:
                lifecycle.assign(world, visit, [other], now, job_follows=True)
                world.touch(job, now)
                return [f"{COLLEAGUE} gave {job.number} to {world.technicians[other].name}"]
        by = timedelta(minutes=rng.choice((-30, -15, 15, 30)))
        if visit.start is not None and visit.end is not None:
            lifecycle.move(world, visit, (visit.start + by, visit.end + by), now, job_follows=True)
        return [f"{COLLEAGUE} moved {job.number}"]

    def _stand_in(self, job: Job, visit: Visit, now: datetime) -> str | None:
        """Somebody else who works then and has the skills."""
        world = self._world
        day = world.day_of(visit.start or whole_millisecond(now))
        able = [
            person.id
            for person in world.technicians.values()
            if person.id not in visit.crew
            and person.hours(day) is not None
            and set(job.skills) <= set(person.skills)
        ]
        return self._rng.choice(able) if able else None
