"""What sync may ask of any field service system, in the terms of the domain.

An adapter is one system's package. It cleans, validates and maps everything that comes in, and never
retries a request by itself: what became of a request is for the engine to decide.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, runtime_checkable

from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind, Operation
from fieldboard.domain.rules import SystemRules
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import Visit

Entity = Technician | Customer | Job | Visit


@value_class
class Row:
    """One entity as last seen at the server.

    `raw` is the server's JSON, cleaned; `stamp` its time of last change word for word (None where the
    system has none) and `stamp_at` the same as seconds with a fraction. `visits_follow` is set on a job
    of which the system says that it has visits, which another list brings. `detail` is what only a read
    by id tells (assets, sites, skills), as JSON apart from `raw`; None where this row came without it.
    """

    kind: Kind
    id: str
    entity: Entity
    raw: str
    stamp: str | None = None
    stamp_at: float | None = None
    visits_follow: bool = False
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that could not be read: it is counted and shown, and stops nothing else."""

    kind: Kind
    id: str | None
    why: str
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a walk. `total` is the number of rows that the server announces, if it does.

    `unchanged` says that the body hashes as in the last round: it was not parsed, and `rows` is empty.
    """

    kind: Kind
    rows: tuple[Row, ...]
    set_aside: tuple[SetAside, ...] = ()
    total: int | None = None
    unchanged: bool = False
    body_hash: str | None = None


class Reach(StrEnum):
    """How far a walk goes at a system that cannot be asked for changes, but for a part of its list."""

    OPEN = "open"
    """Only what can still be acted on."""
    RECENT = "recent"
    """That, and whatever was made lately, ended or not."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class WalkRequest:
    """What to walk: all entities of a kind, or those changed since `since` (the server's own words).

    `known_hash` is the body hash of the last round for the same request. `reach` is only less than whole
    for the kinds that the rules name in `open_lists`.
    """

    kind: Kind
    since: str | None = None
    known_hash: str | None = None
    reach: Reach = Reach.WHOLE


@dataclass(slots=True)
class WalkResult:
    """What a walk says of itself once it is over; filled by the adapter while pages are taken.

    `complete`: everything that matches was sent. `clean`: no row set aside, no page torn, nothing
    suspicious, so that absence means something. `why_not` says what was wrong. `ignored_since`: the
    server sent older rows too, the answer is a whole list. `server_date` is the server's clock.
    `covers` are the statuses of which a walk with less than the whole reach brought every job: one that the
    cache has in such a status, and that did not come, has moved on or is gone, and is read by id.
    `covers_days` are the days of which it brought every visit that has no clock time, the same way.
    """

    complete: bool = False
    clean: bool = True
    why_not: str | None = None
    ignored_since: bool = False
    server_date: Instant | None = None
    covers: frozenset[Status] = frozenset()
    covers_days: frozenset[date] = frozenset()


class Reading(StrEnum):
    """What became of reading one entity."""

    FOUND = "found"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """The entity as it is at the server now; `why` says why a reading failed."""

    reading: Reading
    row: Row | None = None
    why: str | None = None
    confirmed_gone: bool = True
    """False where absence from one list is all that was seen, and needs a second list later."""
    listed: int | None = None
    """How many entities that list showed."""


class Outcome(StrEnum):
    """What became of one request that writes."""

    DONE = "done"
    """The server said yes, and what it sent back agrees."""
    KEPT_OTHER = "kept_other"
    """The server said yes and kept another value (in `row`)."""
    NOT_SENT = "not_sent"
    """Certainly never reached the server (no connection)."""
    WAIT = "wait"
    """429, or 503 with Retry-After: not carried out; `wait_s` says how long."""
    UNAUTHORIZED = "unauthorized"
    """401: the token is refused."""
    REFUSED = "refused"
    """400, 403, 409, 422: the server says no and why."""
    GONE = "gone"
    """404 or 410: the entity is not there."""
    UNCERTAIN = "uncertain"
    """The request may or may not have been carried out (timeout, 5xx, cut or strange answer)."""
    MISCONFIGURED = "misconfigured"
    """A redirect, or a page that is no API: sending stops until somebody looks."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of an operation, ready to be sent and kept in the journal as it is.

    `change` is the index of the change that it serves. `marker` is the text by which a create can be
    found again: its first line is the number of the job or a line of its notes, what follows is the
    adapter's own.
    """

    index: int
    change: int
    method: str
    path: str
    body: Json = None
    marker: str | None = None
    says: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a step. `status` is the HTTP status, `why` is for people, `row` what came back.

    `new_id` is the id that the server gave to something created; `extra` are further rows that the
    answer brought (the visit that was made with a job).
    """

    outcome: Outcome
    status: int | None = None
    why: str | None = None
    row: Row | None = None
    new_id: str | None = None
    wait_s: float | None = None
    extra: tuple[Row, ...] = ()


class Finding(StrEnum):
    """What became of an uncertain step."""

    DONE = "done"
    UNDONE = "undone"
    SEVERAL = "several"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """What looking an uncertain step up has brought; `rows` are what carries its marker or value."""

    finding: Finding
    rows: tuple[Row, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that `doctor` found out: `ok` None means that it could not be told."""

    name: str
    ok: bool | None
    says: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What a live server taught about itself, kept in the cache: dialects, proven absences."""

    facts: Mapping[str, str] = field(default_factory=dict)


class LineDown(Exception):
    """A read could not be made: no connection, a timeout, a server error, an answer that is no API's.

    The text is one sentence for people. `wait_s` is what the server asked for.
    """

    def __init__(self, says: str, *, wait_s: float | None = None) -> None:
        self.wait_s = wait_s
        super().__init__(says)


class TokenRefused(LineDown):
    """401: the server does not accept the token."""


class NotShown(LineDown):
    """The server answers, and does not show the one entity that was asked for: others may go on."""


class ReadOtherwise(NotShown):
    """What was decided on has been read since, and looks otherwise: it is to be decided again."""


@runtime_checkable
class TellsMore(Protocol):
    """An adapter that can ask more of an entity than a read by its id tells, by further requests."""

    async def detail(self, kind: Kind, entity_id: str) -> ReadAnswer:
        """The entity as it is now, with its `detail`. Raises LineDown."""
        ...


@runtime_checkable
class TellsVisits(Protocol):
    """An adapter of a system that keeps visits apart from their jobs, and can list those of one."""

    async def visits_of(self, job_id: str, *, fresh: bool = False) -> tuple[Row, ...]:
        """The visits of a job as they are now; within a round one list may serve many. Raises LineDown."""
        ...


class Backend(Protocol):
    """One system. All methods may raise LineDown (TokenRefused) where they read.

    An adapter is used by one engine at a time, from one event loop.
    """

    rules: SystemRules
    learned: Mapping[str, str]
    """What this server taught so far; the engine stores it after each round."""

    def kinds(self) -> Sequence[Kind]:
        """The kinds to walk in a round, in order (those that others refer to first)."""
        ...

    def by_change(self, kind: Kind) -> bool:
        """Whether this kind can be asked for what changed since a moment."""
        ...

    def walk(self, request: WalkRequest, result: WalkResult) -> AsyncIterator[Page]:
        """Take all that matches, page by page, and fill `result`. Raises LineDown in the middle."""
        ...

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        """One entity as it is now. Within a round one list may serve many reads unless `fresh`."""
        ...

    def begin_round(self) -> None:
        """Forget what reads of the last round remembered."""
        ...

    async def steps(self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]) -> Sequence[Step]:
        """The requests that carry the operation out, given the entities as they are now.

        Raises ValueError with a sentence where the system cannot do it.
        """
        ...

    async def prepare(self, operation: Operation, step: Step, done: Sequence[Answer]) -> Step | None:
        """The step as it must be sent now; None where the server already did it by itself."""
        ...

    async def carry_out(self, step: Step, change: Change) -> Answer:
        """Send one step once. Never raises for the line: the outcome says what is known."""
        ...

    async def find_out(self, step: Step, change: Change) -> FindAnswer:
        """Look up what became of a step whose answer was lost. Raises LineDown."""
        ...

    async def probe(self) -> Sequence[Probe]:
        """Look at a live account without writing anything."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
