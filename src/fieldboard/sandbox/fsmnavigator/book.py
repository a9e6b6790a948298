"""The world as FSM Navigator counts it: whole numbers for ids, one visit a job, nine statuses.

What the world has no word for is kept here: which open jobs are Pending although somebody is named,
how far the books are with finished ones, which assets are linked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fieldboard.sandbox.fsmnavigator.settings import Settings
from fieldboard.sandbox.records import ENDED, Client, Job, Technician, Visit, World, whole_millisecond

PENDING, ASSIGNED = "Pending", "Assigned"
MOVES: dict[str, tuple[str, ...]] = {
    "Pending": ("Assigned", "Cancelled"),
    "Assigned": ("In Progress", "Pending", "Cancelled", "On Hold"),
    "In Progress": ("Completed", "Assigned", "On Hold", "Cancelled"),
    "On Hold": ("In Progress", "Assigned", "Cancelled"),
    "Completed": ("Invoiced",),
    "Invoiced": ("Paid",),
    "Paid": ("Closed",),
    "Closed": (),
    "Cancelled": (),
}
#: Days after the end of the work at which the office gets that far.
_BOOKED = ((2, "Invoiced"), (7, "Paid"), (14, "Closed"))
_FIRST_TECHNICIAN, _FIRST_CLIENT, _FIRST_SITE, _FIRST_ASSET = 41, 201, 87, 42
_KINDS = (
    ("BLR", "Gas boiler"),
    ("HVAC", "Rooftop AC unit"),
    ("CYL", "Hot water cylinder"),
    ("PUMP", "Heat pump"),
)
_STATES = ("Active", "Active", "In Maintenance", "Active", "Retired")


@dataclass(frozen=True, slots=True)
class Asset:
    """Something of a customer's that can be linked to jobs."""

    id: int
    tag: str
    name: str
    status: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """An asset on a job."""

    asset_id: int
    relation: str
    notes: str | None
    linked_at: datetime


class Book:
    """Ids, statuses and links of one server."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self._settings = settings
        #: The open word of a job that was said, where it is not the one that goes without saying.
        self.words: dict[str, str] = {}
        #: How far the books are with a finished job.
        self.stages: dict[str, str] = {}
        self.links: dict[str, list[Link]] = {}
        #: Jobs of which only the start was agreed.
        self.open_ended: set[str] = set()
        self.declined: set[str] = set()
        self.assets: dict[int, Asset] = {}
        self._numbers: dict[str, int] = {}
        self._technicians: dict[int, str] = {}
        self._clients: dict[int, str] = {}
        self._jobs: list[Job] = []
        self._by_id: dict[int, Job] = {}
        self._created: list[datetime] = []
        self._begin()

    # Ids

    def technician_id(self, person_id: str) -> int:
        """The number of a technician."""
        return self._numbers[person_id]

    def technician(self, number: int) -> Technician | None:
        """The technician of a number."""
        return self.world.technicians.get(self._technicians.get(number, ""))

    def client_id(self, client_id: str) -> int:
        """The number of a customer."""
        known = self._numbers.get(client_id)
        if known is None:
            known = self._numbers[client_id] = _FIRST_CLIENT + len(self._clients)
            self._clients[known] = client_id
        return known

    def client(self, number: int) -> Client | None:
        """The customer of a number."""
        for one in list(self.world.clients)[len(self._clients) :]:
            self.client_id(one)
        return self.world.clients.get(self._clients.get(number, ""))

    def site_id(self, client_id: str) -> int:
        """The number of the place of a customer; each has one."""
        return self.client_id(client_id) - _FIRST_CLIENT + _FIRST_SITE

    def client_at(self, site: int) -> Client | None:
        """The customer whose place has the number."""
        return self.client(site - _FIRST_SITE + _FIRST_CLIENT)

    def job(self, number: int) -> Job | None:
        """The job of a number."""
        self.jobs()
        return self._by_id.get(number)

    def jobs(self) -> list[Job]:
        """All jobs, those taken down first at the front."""
        if len(self._jobs) != len(self.world.jobs):
            self._jobs = sorted(self.world.jobs.values(), key=lambda job: (job.created_at, int(job.number)))
            self._created = [second(job.created_at) for job in self._jobs]
            self._by_id = {int(job.number): job for job in self._jobs}
        return self._jobs

    def created_between(self, after: datetime | None, before: datetime | None) -> list[Job]:
        """The jobs created in a span, both ends included; None is open."""
        jobs = self.jobs()
        low = bisect_left(self._created, after) if after is not None else 0
        high = bisect_right(self._created, before) if before is not None else len(jobs)
        return jobs[low:high]

    # Jobs

    @staticmethod
    def visit(job: Job) -> Visit | None:
        """The visit that the job is here: the next that has not ended, else the last."""
        waiting = [one for one in job.visits if one.status not in ENDED]
        among = waiting or job.visits
        if not among:
            return None
        timed = [one for one in among if one.start is not None]
        if not timed:
            return among[0]
        pick = min if waiting else max
        return pick(timed, key=lambda one: (one.start, one.id))

    def crew(self, job: Job) -> str | None:
        """Who goes; of a crew only the first."""
        visit = self.visit(job)
        people = visit.crew if visit is not None else job.crew
        return people[0] if people else None

    def status(self, job: Job) -> str:
        """The job's status in FSM Navigator's word."""
        if job.status == "cancelled":
            return "Cancelled"
        if job.status == "done":
            return self.stages.get(job.id, "Completed")
        if job.id in self.declined:
            return "Declined"
        visit = self.visit(job)
        if visit is not None and job.status != "draft":
            if visit.status == "cancelled":
                return "Cancelled"
            if visit.status == "done":
                return "Completed"
            if visit.status == "paused":
                return "On Hold"
            if visit.status == "working":
                return "In Progress"
            if visit.status in ("travelling", "arrived") and self._settings.app_words:
                return "In-Transit" if visit.status == "travelling" else "Arrived"
        return self.words.get(job.id) or (ASSIGNED if self.crew(job) is not None else PENDING)

    def scheduled(self, job: Job) -> tuple[datetime | None, datetime | None]:
        """Start and end as planned."""
        visit = self.visit(job)
        if visit is None:
            if job.schedule_later or job.any_time:
                return None, None
            return job.window_start, job.window_end
        return visit.start, None if job.id in self.open_ended else visit.end

    def presence(self, job: Job, now: datetime) -> Visit:
        """The visit of a job; one is made for a job that has none."""
        visit = self.visit(job)
        if visit is None:
            start, end = self.scheduled(job)
            visit = Visit(
                self.world.mint("vis"), job.id, list(job.crew), start, end,
                "scheduled" if start is not None else "unscheduled", whole_millisecond(now),
            )  # fmt: skip
            self.world.visits[visit.id] = visit
            job.visits.append(visit)
        return visit

    def _begin(self) -> None:
        """Number everybody, and bring the books to where they would be."""
        for number, person in enumerate(self.world.technicians, _FIRST_TECHNICIAN):
            self._numbers[person] = number
            self._technicians[number] = person
        for client in self.world.clients:
            self.client_id(client)
        today = datetime.combine(self.world.today, datetime.min.time(), UTC)
        for index, job in enumerate(self.jobs()):
            self._settle(job, today)
            if job.status == "open" and self.crew(job) is not None and index % 9 == 4:
                self.words[job.id] = PENDING
            visit = self.visit(job)
            if job.status == "open" and visit is not None and visit.start is not None and index % 61 == 7:
                self.open_ended.add(job.id)
        self._equip()
        if self._settings.app_words:
            waiting = [one for one in self.jobs() if one.status == "open" and self.crew(one) is not None]
            self.declined = {one.id for one in waiting[-1:]}

    def _settle(self, job: Job, today: datetime) -> None:
        visit = self.visit(job)
        ended = (visit.ended_at or visit.end) if visit is not None else None
        if job.status == "done" and ended is not None:
            for days, word in _BOOKED:
                if ended < today - timedelta(days=days):
                    self.stages[job.id] = word

    def _equip(self) -> None:
        """Two in three customers have an asset, some two; many of their jobs are about it."""
        if not self._settings.assets:
            return
        by_client: dict[str, list[int]] = {}
        for index, client in enumerate(self.world.clients.values()):
            for more in range((1, 0, 2)[index % 3]):
                tag, name = _KINDS[(index + more) % len(_KINDS)]
                number = _FIRST_ASSET + len(self.assets)
                state = _STATES[index % len(_STATES)]
                self.assets[number] = Asset(
                    number, f"{tag}-{number:03d}", f"{name} #{number}", state, client.id
                )
                by_client.setdefault(client.id, []).append(number)
        for index, job in enumerate(self.jobs()):
            own = by_client.get(job.client_id, [])
            if own and index % 3:
                relation = ("serviced", "inspected", "maintenance")[index % 3]
                self.links[job.id] = [
                    Link(one, relation, None, second(job.created_at)) for one in own[: 1 + index % 2]
                ]


def second(instant: datetime) -> datetime:
    """An instant cut to whole seconds, as this system has them."""
    return instant.astimezone(UTC).replace(microsecond=0)
