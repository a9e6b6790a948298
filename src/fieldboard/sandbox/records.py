"""What the sandbox's company is made of, in no vendor's terms.

Instants are aware UTC datetimes of whole milliseconds. Records change in place: the server that
owns the world runs on one event loop, so there is never a second writer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Priority = Literal["low", "normal", "high", "urgent"]
JobStatus = Literal["draft", "open", "active", "done", "cancelled"]
VisitStatus = Literal[
    "unscheduled", "scheduled", "travelling", "arrived", "working", "paused", "done", "cancelled"
]

#: Visit statuses in which somebody is on the road or at the customer.
UNDER_WAY: frozenset[VisitStatus] = frozenset({"travelling", "arrived", "working", "paused"})
#: Visit statuses from which nothing follows.
ENDED: frozenset[VisitStatus] = frozenset({"done", "cancelled"})
#: Job statuses that still need somebody's attention.
OPEN_JOBS: frozenset[JobStatus] = frozenset({"draft", "open", "active"})


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address with its place on the map (degrees, WGS 84)."""

    unit: str
    street: str
    district: str
    city: str
    postcode: str
    lat: float
    lng: float

    @property
    def one_line(self) -> str:
        """The address as it is written on an envelope, in one line."""
        unit = f"{self.unit}, " if self.unit else ""
        return f"{unit}{self.street}, {self.city}, England, {self.postcode}, United Kingdom"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a technician does not work, both ends included."""

    first: date
    last: date
    kind: str


@dataclass(slots=True)
class Technician:
    """Somebody who is sent to customers.

    ``shift`` maps weekday (0 is Monday) to minutes after local midnight; a weekday without an entry
    is a day off. ``lunch`` is a pair of such minutes.
    """

    id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    active: bool
    skills: tuple[str, ...]
    shift: dict[int, tuple[int, int]]
    lunch: tuple[int, int]
    absences: list[Absence]
    home: tuple[float, float]
    district: int
    territory: str
    capacity: int

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    def hours(self, day: date) -> tuple[int, int] | None:
        """Minutes of the shift on ``day``, None on a day off or in an absence."""
        if any(absence.first <= day <= absence.last for absence in self.absences):
            return None
        return self.shift.get(day.weekday())


@dataclass(slots=True)
class Client:
    """A customer. ``deleted`` ones are kept, as their jobs still point at them."""

    id: str
    name: str
    kind: str
    email: str
    phone: str
    site: Address
    billing: Address
    created_at: datetime
    updated_at: datetime
    deleted: bool = False
    rev: int = 0
    #: Documented fields written from outside that the sandbox gives no meaning.
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Item:
    """A line of a job: what is done, how often and at what price."""

    id: str
    product_id: str
    name: str
    description: str
    quantity: float
    price: float
    kind: str = "Service"


@dataclass(slots=True)
class Visit:
    """One planned presence of one technician, or of a crew, for a job.

    ``lead_min``, ``delay_min`` and ``over_min`` are this visit's fate: the minutes of travel before
    it, how much after the planned start work begins, and how much longer than planned it takes.
    """

    id: str
    job_id: str
    crew: list[str]
    start: datetime | None
    end: datetime | None
    status: VisitStatus
    created_at: datetime
    lead_min: int = 12
    delay_min: int = 0
    over_min: int = 0
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    #: When its technician was last told of it: nobody sets out before.
    told_at: datetime | None = None
    #: The status that an act on the whole job replaced, to be restored when that is taken back.
    before: VisitStatus | None = None
    rev: int = 0

    @property
    def in_queue(self) -> bool:
        """Whether this visit waits for a technician or a time."""
        return self.status not in ENDED and (not self.crew or self.start is None)


@dataclass(slots=True)
class Job:
    """A customer's work order.

    ``window`` is when it is booked, from its first visit to its last, or with ``schedule_later`` what
    was first thought of; ``promise`` is the span that
    the customer was told, on one local day.
    """

    id: str
    number: str
    kind: str
    title: str
    trade: str
    priority: Priority
    client_id: str
    site: Address
    phone: str
    status: JobStatus
    window_start: datetime | None
    window_end: datetime | None
    any_time: bool
    schedule_later: bool
    duration_min: float
    skills: tuple[str, ...]
    notes: str
    items: list[Item]
    crew: list[str]
    fields: list[tuple[str, str]]
    promise: tuple[datetime, datetime] | None
    created_at: datetime
    updated_at: datetime
    visits: list[Visit] = field(default_factory=list)
    rev: int = 0
    #: Documented fields written from outside that the sandbox gives no meaning.
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def queue_rows(self) -> int:
        """How many rows of a dispatcher's queue this job makes."""
        if self.status not in OPEN_JOBS:
            return 0
        if not self.visits:
            return 1
        return sum(visit.in_queue for visit in self.visits)


@dataclass(slots=True)
class World:
    """One company at one moment: who works there, for whom, at what."""

    seed: int
    today: date
    zone: ZoneInfo
    company: str
    city: str
    technicians: dict[str, Technician]
    clients: dict[str, Client]
    jobs: dict[str, Job]
    visits: dict[str, Visit]
    #: Skill name to the opaque id by which systems refer to it.
    skill_ids: dict[str, str]
    #: Whether a change of a visit also stamps its job as changed.
    visit_bumps_job: bool = False
    minted: int = 0

    def mint(self, prefix: str) -> str:
        """A new id, never given before in this world."""
        self.minted += 1
        return opaque_id(prefix, 1_000_000 + self.minted, self.seed)

    def next_number(self) -> str:
        """The lowest job number above all plain ones."""
        # Longer ones were made up elsewhere, and are not counted on from.
        numbers = (
            int(job.number) for job in self.jobs.values() if len(job.number) < 10 and job.number.isdecimal()
        )
        return str(max(numbers, default=1000) + 1)

    def day_of(self, instant: datetime) -> date:
        """The local day of an instant."""
        return instant.astimezone(self.zone).date()

    def visits_on(self, day: date) -> list[Visit]:
        """Every visit that starts on the local ``day``, in the order of the world."""
        return [
            visit
            for visit in self.visits.values()
            if visit.start is not None and self.day_of(visit.start) == day
        ]

    def queue_rows(self) -> int:
        """How many rows a dispatcher's queue has."""
        return sum(job.queue_rows for job in self.jobs.values())

    def touch(self, job: Job, now: datetime) -> None:
        """Record that ``job`` itself changed."""
        job.rev += 1
        job.updated_at = whole_millisecond(now)

    def touch_visit(self, visit: Visit, now: datetime) -> None:
        """Record that ``visit`` changed; its job is stamped only with ``visit_bumps_job``."""
        visit.rev += 1
        job = self.jobs[visit.job_id]
        if self.visit_bumps_job:
            self.touch(job, now)
        else:
            # The job's answer embeds the visit, so it must be written anew.
            job.rev += 1


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SPACE = 1 << 40


def opaque_id(prefix: str, index: int, seed: int) -> str:
    """An id that looks random, is unique per index, and the same for the same seed."""
    # An odd factor permutes the numbers below a power of two, so no two indexes collide.
    value = (index * 0x9E3779B97F4A7C15 + seed * 0x5851F42D + 0x2545F491) % _SPACE
    return f"{prefix}_01" + "".join(_ALPHABET[value >> shift & 31] for shift in range(35, -1, -5))


def whole_millisecond(instant: datetime) -> datetime:
    """``instant`` cut to the precision that the systems send."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
