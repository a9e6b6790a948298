"""The world as FieldOpt counts it: whole numbers for ids, one assignment a job, a day and a slot.

What the world has no word for is kept here, each with the state of the world that it was said in: as
soon as the world moves on (a technician sets out, a colleague moves a visit), the word is void.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from fieldboard.sandbox.fieldopt.cards import Assignment, Card, Person
from fieldboard.sandbox.fieldopt.fit import base_word, one_visit
from fieldboard.sandbox.fieldopt.kinds import type_of
from fieldboard.sandbox.fieldopt.plan import Plan
from fieldboard.sandbox.fieldopt.settings import Settings
from fieldboard.sandbox.records import Job, JobStatus, Technician, Visit, VisitStatus, World

#: Statuses of jobs from which nothing follows by itself.
OVER = frozenset({"completed", "cancelled", "failed"})
#: Statuses that count as a technician's work.
LOAD = frozenset({"assigned", "in_progress"})
_STATES: dict[str, tuple[VisitStatus, JobStatus]] = {
    "in_progress": ("working", "active"),
    "on_hold": ("paused", "active"),
    "completed": ("done", "done"),
    "cancelled": ("cancelled", "cancelled"),
    "failed": ("cancelled", "cancelled"),
}


class Book:
    """Ids, statuses, plans and assignments of one server."""

    def __init__(self, world: World, settings: Settings, now: datetime) -> None:
        self.world = world
        self.settings = settings
        self.cards: dict[str, Card] = {}
        self.people: dict[str, Person] = {}
        self._by_id: dict[int, str] = {}
        self._people_by_id: dict[int, str] = {}
        self._last_job = self._last_assignment = 0
        for job in world.jobs.values():
            one_visit(world, job)
        self._number(now, anew=False)

    def restart(self, now: datetime) -> None:
        """The database was lost and seeded again: ids begin at 1, for other jobs than before."""
        jobs = list(self.world.jobs.items())
        random.Random(f"reset {self.world.seed} {len(jobs)}").shuffle(jobs)
        self.world.jobs.clear()
        self.world.jobs.update(jobs)
        for _, job in jobs:
            # Every row shows something else now.
            job.rev += 1
        self._number(now, anew=True)

    # Ids

    def jobs(self) -> list[Job]:
        """All jobs in the order of their ids."""
        self._discover()
        found = [self.world.jobs.get(id_) for id_ in self._by_id.values()]
        return [job for job in found if job is not None]

    def job(self, number: int) -> Job | None:
        """The job of a number."""
        self._discover()
        return self.world.jobs.get(self._by_id.get(number, ""))

    def card(self, job: Job) -> Card:
        """What is noted of a job."""
        self._discover()
        return self.cards[job.id]

    def technician(self, number: int) -> Technician | None:
        """The technician of a number."""
        return self.world.technicians.get(self._people_by_id.get(number, ""))

    def person(self, technician: Technician) -> Person:
        """What is noted of a technician."""
        return self.people[technician.id]

    def enrol(self, technician: Technician, now: datetime) -> Person:
        """Give a technician a number."""
        person = Person(len(self.people) + 1, now, now)
        self.people[technician.id] = person
        self._people_by_id[person.id] = technician.id
        self.world.technicians[technician.id] = technician
        return person

    def take_down(self, job: Job, created_at: datetime) -> Card:
        """Give a job its number."""
        self._last_job += 1
        card = self.cards[job.id] = Card(self._last_job, created_at)
        card.fields["type"] = type_of(job.title)
        visit = self.visit(job)
        if visit is not None and visit.start is not None and visit.end is not None:
            job.duration_min = (visit.end - visit.start).total_seconds() // 60
        self._by_id[card.id] = job.id
        self.world.jobs[job.id] = job
        return card

    def forget(self, job: Job) -> None:
        """Delete a job; its number is never given again."""
        del self._by_id[self.cards.pop(job.id).id]
        del self.world.jobs[job.id]
        for visit in job.visits:
            self.world.visits.pop(visit.id, None)

    # Jobs

    @staticmethod
    def visit(job: Job) -> Visit | None:
        """The one visit that a job is here."""
        return job.visits[0] if job.visits else None

    def presence(self, job: Job, now: datetime) -> Visit:
        """The visit of a job; one is made for a job that has none."""
        visit = self.visit(job)
        if visit is None:
            visit = Visit(self.world.mint("vis"), job.id, list(job.crew[:1]), None, None, "unscheduled", now)
            self.world.visits[visit.id] = visit
            job.visits.append(visit)
        return visit

    def crew(self, job: Job) -> str | None:
        """Who goes, as the world calls them."""
        visit = self.visit(job)
        people = visit.crew if visit is not None else job.crew
        return people[0] if people else None

    def word(self, job: Job) -> str:
        """The status of a job, in the words of both dialects together."""
        card = self.card(job)
        if card.word is not None and card.word_when == self._standing(job):
            return card.word
        visit = self.visit(job)
        if job.status == "cancelled":
            return "cancelled"
        if job.status == "done":
            return "completed"
        if visit is not None:
            match visit.status:
                case "cancelled" | "done":
                    return "cancelled" if visit.status == "cancelled" else "completed"
                case "working":
                    return "in_progress"
                case "paused":
                    # The documents know no pause.
                    return "on_hold" if self.settings.dialect == "code" else "in_progress"
        return "assigned" if self.crew(job) is not None else "pending"

    def become(self, job: Job, word: str, now: datetime) -> None:
        """Give a job a status, and the world the nearest that it has."""
        card, visit = self.card(job), self.presence(job, now)
        before = visit.started_at or card.started_at, visit.ended_at or card.completed_at
        card.started_at, card.completed_at = before
        visit.before = None
        if word in _STATES:
            visit.status, job.status = _STATES[word]
        else:
            visit.status = "scheduled" if visit.start is not None else "unscheduled"
            job.status = "open"
            # Else its course would end it again at once.
            visit.departed_at = visit.arrived_at = visit.started_at = visit.ended_at = None
            visit.told_at = now
        if word == "in_progress":
            visit.started_at, visit.ended_at = now, None
            card.started_at, card.completed_at = now, None
        elif word == "completed":
            visit.ended_at = card.completed_at = now
        self.world.touch_visit(visit, now)
        card.word = None
        if self.word(job) != word:
            card.word, card.word_when = word, self._standing(job)

    def plan(self, job: Job) -> Plan:
        """The day and the slot of a job."""
        card, visit = self.card(job), self.visit(job)
        if card.plan is not None and card.plan_when == _times(visit):
            return card.plan
        key = (job.rev, *_times(visit))
        if card.derived is None or card.derived[0] != key:
            card.derived = key, self._derived(job, visit)
        return card.derived[1]

    def _derived(self, job: Job, visit: Visit | None) -> Plan:
        """The plan that the world has for a job."""
        zone = self.world.zone
        if visit is not None and visit.start is not None:
            return Plan.of(visit.start, visit.end, zone)
        if job.promise is not None:
            return Plan.of(*job.promise, zone)
        if job.any_time and job.window_start is not None:
            return Plan(self.world.day_of(job.window_start))
        if visit is None and not job.schedule_later and job.window_start is not None:
            return Plan.of(job.window_start, job.window_end, zone)
        return Plan()

    def set_plan(self, job: Job, plan: Plan, now: datetime) -> None:
        """Plan a job, exactly in the words given."""
        card, visit = self.card(job), self.presence(job, now)
        word = self.word(job)
        visit.start, visit.end = plan.span(self.world.zone, job.duration_min) or (None, None)
        if visit.status in ("scheduled", "unscheduled"):
            visit.status = "scheduled" if visit.start is not None else "unscheduled"
        visit.told_at = now
        job.any_time, job.schedule_later = False, visit.start is None
        if visit.start is not None:
            job.window_start, job.window_end = visit.start, visit.end
        card.plan, card.plan_when = plan, _times(visit)
        card.word = None
        if self.word(job) != word:
            card.word, card.word_when = word, self._standing(job)
        self.world.touch_visit(visit, now)

    def assignment(self, job: Job) -> Assignment | None:
        """Who goes to a job, and since when."""
        card, person_id = self.card(job), self.crew(job)
        if person_id is None or person_id not in self.people:
            card.assignment = None
        elif card.assignment is None or card.assignment.person_id != person_id:
            # Somebody else at the desk has done it.
            return self.give(job, person_id, job.updated_at)
        return card.assignment

    def give(self, job: Job, person_id: str, now: datetime) -> Assignment:
        """A new assignment of a job, in the books alone."""
        self._last_assignment += 1
        made = self.cards[job.id].assignment = Assignment(self._last_assignment, person_id, now)
        return made

    def assign(self, job: Job, technician: Technician | None, now: datetime) -> Assignment | None:
        """Give a job to a technician, or to nobody; the day and the slot stay as they are."""
        plan = self.plan(job)
        visit = self.presence(job, now)
        visit.crew = [technician.id] if technician is not None else []
        job.crew = list(visit.crew)
        visit.told_at = now
        if visit.start is None and plan.span(self.world.zone, job.duration_min) is not None:
            self.set_plan(job, plan, now)
        self.become(job, "assigned" if technician is not None else "pending", now)
        if technician is None:
            self.card(job).assignment = None
            return None
        return self.give(job, technician.id, now)

    def loads(self, day: date | None) -> Counter[str]:
        """Open jobs of each technician, by the world's id; with ``day`` only those of it."""
        count: Counter[str] = Counter()
        for job in self.world.jobs.values():
            person_id = self.crew(job)
            if person_id is None or job.status in ("done", "cancelled"):
                continue
            if self.word(job) in LOAD and (day is None or self.plan(job).day == day):
                count[person_id] += 1
        return count

    # Within

    def _standing(self, job: Job) -> tuple[object, ...]:
        visit = self.visit(job)
        return (job.status, visit.status if visit is not None else None)

    def _discover(self) -> None:
        """Number the jobs that others have taken down."""
        jobs = self.world.jobs
        if len(jobs) <= len(self.cards) and (not jobs or next(reversed(jobs)) in self.cards):
            return
        for job in [one for one in jobs.values() if one.id not in self.cards]:
            one_visit(self.world, job)
            self.take_down(job, job.created_at)

    def _number(self, now: datetime, *, anew: bool) -> None:
        self.cards.clear()
        self._by_id.clear()
        self._last_job = self._last_assignment = 0
        self.people.clear()
        self._people_by_id.clear()
        hired = datetime.combine(self.world.today, datetime.min.time(), UTC) - timedelta(days=400)
        for technician in list(self.world.technicians.values()):
            person = self.enrol(technician, now if anew else hired)
            person.base = base_word(technician, now, self.world)
        jobs = list(self.world.jobs.values())
        if not anew:
            jobs.sort(key=lambda job: (job.created_at, job.number))
        for job in jobs:
            created = now if anew else job.created_at
            if not anew and self.settings.ties:
                # Taken over from the old system in one go, day by day.
                created = created.replace(hour=0, minute=0, second=0, microsecond=0)
            self.take_down(job, created)
            person_id = self.crew(job)
            if person_id is not None:
                self.give(job, person_id, job.created_at)
        self._fail()

    def _fail(self) -> None:
        """In the documented dialect some of the jobs that came to nothing failed."""
        if self.settings.dialect == "wiki":
            ended = [job for job in self.world.jobs.values() if job.status == "cancelled"]
            for job in ended[::3]:
                card = self.cards[job.id]
                card.word, card.word_when = "failed", self._standing(job)


def _times(visit: Visit | None) -> tuple[object, ...]:
    return (visit.start, visit.end) if visit is not None else (None, None)
