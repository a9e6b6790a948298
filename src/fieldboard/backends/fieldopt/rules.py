"""What FieldOpt can do, as plain values, in each of its two dialects.

Sources: the vendor's wiki page "API Documentation" (the documented dialect), and what the public releases
0.0.3 to 0.0.8 answer over HTTP (the code dialect), which keeps more of a job and obeys a table of moves.

Of the documented calls, `POST /technicians/` has no act on the board: people are taken on elsewhere. And
`POST /routing/auto-route` is asked only of a server that is known to speak the documented dialect and lacks
the GET that the documents call its alias: in the code dialect the same request assigns every pending job.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from fieldboard.domain.fields import TECHNICIANS
from fieldboard.domain.lifecycle import Lifecycle, plain_word
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import Status

DEFAULT_BASE_URL: Final = "http://localhost:8000"

SYSTEM_KEYS: Final = frozenset({"business_zone", "server_day_zone", "job_url"})
"""What `[profiles.<name>.system]` may say of a FieldOpt server, which tells no zone by itself.

`business_zone`: the IANA zone whose clocks the slots mean (default: the profile's). `server_day_zone`: the
zone in which its process cuts days (default UTC). `job_url`: the address of a job's page, with `{id}` in it.
"""


class Dialect(StrEnum):
    """Which of the two a server speaks."""

    DOCUMENTED = "documented"
    CODE = "code"


ASSUMED_MIN: Final = 60
"""Minutes that a job takes where the server keeps no duration: a slot is the customer's window."""

SHORTEST_MIN: Final = 15
LONGEST_MIN: Final = 480
"""What the code dialect takes for `estimated_duration`."""

UNASSIGN: Final = "/assignments/unassign"

PENDING: Final = "pending"
ASSIGNED: Final = "assigned"
IN_PROGRESS: Final = "in_progress"
ON_HOLD: Final = "on_hold"
COMPLETED: Final = "completed"
CANCELLED: Final = "cancelled"

OPEN_WORDS: Final[Mapping[Dialect, tuple[str, ...]]] = {
    Dialect.DOCUMENTED: (PENDING, ASSIGNED, IN_PROGRESS),
    Dialect.CODE: (PENDING, ASSIGNED, IN_PROGRESS, ON_HOLD),
}
"""The statuses in which a board can still act: what a round reads."""

ENDED_WORDS: Final[Mapping[Dialect, tuple[str, ...]]] = {
    # /cancel speaks of a status that the filter's list does not name.
    Dialect.DOCUMENTED: (COMPLETED, "failed", CANCELLED),
    Dialect.CODE: (COMPLETED, CANCELLED),
}

COVERED: Final[Mapping[Dialect, frozenset[Status]]] = {
    Dialect.DOCUMENTED: frozenset({Status.UNASSIGNED, Status.ASSIGNED, Status.IN_PROGRESS}),
    Dialect.CODE: frozenset({Status.UNASSIGNED, Status.ASSIGNED, Status.IN_PROGRESS, Status.ON_HOLD}),
}

TYPES: Final = ("install", "repair", "maintenance", "disconnect", "service_change", "inspection")

WORDS: Final[Mapping[str, Status]] = {
    "pending": Status.ASSIGNED,
    "assigned": Status.ASSIGNED,
    "inprogress": Status.IN_PROGRESS,
    "onhold": Status.ON_HOLD,
    "completed": Status.COMPLETED,
    "cancelled": Status.CANCELLED,
    "canceled": Status.CANCELLED,
    "failed": Status.FAILED,
}
"""The words of both dialects; any other is kept as it is, shown, and never written."""

MOVES: Final[Mapping[Dialect, Mapping[str, tuple[str, ...]]]] = {
    Dialect.DOCUMENTED: {
        # Pending with a technician is what the board calls assigned.
        PENDING: (CANCELLED, IN_PROGRESS),
        ASSIGNED: (IN_PROGRESS, CANCELLED),
        IN_PROGRESS: (COMPLETED, ASSIGNED, PENDING, CANCELLED),
    },
    Dialect.CODE: {
        PENDING: (ASSIGNED, CANCELLED, ON_HOLD),
        ASSIGNED: (IN_PROGRESS, PENDING, CANCELLED, ON_HOLD),
        IN_PROGRESS: (COMPLETED, ON_HOLD, CANCELLED),
        ON_HOLD: (PENDING, ASSIGNED, CANCELLED),
    },
}
"""The moves from word to word: of the board's acts, as the documents name none; and the servers' table."""

_WRITES: Final = {
    Status.UNASSIGNED: PENDING,
    Status.ASSIGNED: ASSIGNED,
    Status.IN_PROGRESS: IN_PROGRESS,
    Status.COMPLETED: COMPLETED,
    Status.CANCELLED: CANCELLED,
}

DOCUMENTED_JOBS: Final = Lifecycle(
    words=WORDS,
    writes=_WRITES,
    moves={
        Status.UNASSIGNED: frozenset({Status.CANCELLED}),
        Status.ASSIGNED: frozenset({Status.IN_PROGRESS, Status.CANCELLED}),
        Status.IN_PROGRESS: frozenset(
            {Status.COMPLETED, Status.ASSIGNED, Status.UNASSIGNED, Status.CANCELLED}
        ),
    },
)

CODE_JOBS: Final = Lifecycle(
    words=WORDS,
    writes={**_WRITES, Status.ON_HOLD: ON_HOLD},
    moves={
        Status.UNASSIGNED: frozenset({Status.CANCELLED, Status.ON_HOLD}),
        Status.ASSIGNED: frozenset({Status.IN_PROGRESS, Status.CANCELLED, Status.ON_HOLD}),
        Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.ON_HOLD, Status.CANCELLED}),
        Status.ON_HOLD: frozenset({Status.ASSIGNED, Status.UNASSIGNED, Status.CANCELLED}),
    },
)

TECHNICIAN_WORDS: Final[Mapping[Dialect, tuple[str, ...]]] = {
    Dialect.DOCUMENTED: ("available", "on_break", "assigned", "off_duty"),
    Dialect.CODE: ("available", "en_route", "on_job", "on_break", "off_duty"),
}

PRIORITIES: Final[Mapping[Priority, int]] = {
    Priority.URGENT: 1,
    Priority.HIGH: 2,
    Priority.NORMAL: 3,
    Priority.LOW: 4,
}
"""The code dialect counts from 1, the highest, to 5; 5 is read as low."""

_NO_NOTES: Final = "FieldOpt's documented API keeps no notes of a job"

FIELDOPT: Final = SystemRules(
    system="fieldopt",
    title="FieldOpt",
    job_lifecycle=DOCUMENTED_JOBS,
    visit_lifecycle=Lifecycle(),
    lacks={
        Ability.REORDER: "FieldOpt's order of jobs follows their slots; move the job instead",
        Ability.DELETE: "FieldOpt's documented API deletes nothing; cancel the job instead",
        Ability.NOTE: _NO_NOTES,
        Ability.CREW: "FieldOpt's jobs have one technician each",
        Ability.VISIT_ADD: "FieldOpt's jobs are one visit each; create another job",
        Ability.OPEN_IN_SYSTEM: "FieldOpt documents no address of a job's page; "
        "set job_url in the profile's [system] table",
    },
    edit_fields=frozenset({"kind", "customer", "address", "skills"}),
    create_needs=frozenset({"kind", "customer", "address", "date", "start", "end"}),
    create_takes=frozenset({"kind", "customer", "address", "skills", "technicians"}),
    read_by_id=frozenset({"job", "technician"}),
    open_lists=frozenset({"job"}),
    list_every_s={"technician": 10},
    details_last_s={"job": 900},
    technician_words=TECHNICIAN_WORDS[Dialect.DOCUMENTED],
    tells_counts=True,
    details_queued=frozenset({"job"}),
    one_request=frozenset({TECHNICIANS}),
    half_way=frozenset({UNASSIGN}),
    slots=True,
    batches=True,
    block_min=ASSUMED_MIN,
)
"""FieldOpt as its documents have it: what is assumed until a server shows that it speaks otherwise."""


def fieldopt_rules(
    system: Mapping[str, object] | None = None, learned: Mapping[str, str] | None = None
) -> SystemRules:
    """The rules of one server: those of the dialect that it was found to speak, and its `system` table.

    Raises ValueError for a zone that there is not, and for a `job_url` that is no address with `{id}` in it.
    """
    own = system or {}
    for name in ("business_zone", "server_day_zone"):
        zone_name(own, name, "UTC")
    rules = FIELDOPT if dialect_of(learned or {}) is not Dialect.CODE else _in_code(FIELDOPT)
    job_url = own.get("job_url")
    if job_url is not None:
        if not isinstance(job_url, str) or not job_url.startswith("http") or "{id}" not in job_url:
            raise ValueError("job_url must be a web address with {id} in it")
        lacks = dict(rules.lacks)
        del lacks[Ability.OPEN_IN_SYSTEM]
        rules = replace(rules, lacks=lacks, job_url=job_url)
    return rules


def _in_code(rules: SystemRules) -> SystemRules:
    lacks = dict(rules.lacks)
    del lacks[Ability.DELETE], lacks[Ability.NOTE]
    takes = ("phone", "city", "priority", "notes", "number", "territory", "duration_min", "set")
    return replace(
        rules,
        job_lifecycle=CODE_JOBS,
        technician_words=TECHNICIAN_WORDS[Dialect.CODE],
        lacks=lacks,
        edit_fields=frozenset(
            {"customer", "skills", "phone", "priority", "notes", "territory", "duration_min"}
        ),
        create_takes=(rules.create_takes or frozenset()) | frozenset(takes),
        block_min=None,
        wants_place=True,
    )


def dialect_of(learned: Mapping[str, str]) -> Dialect | None:
    """The dialect that a server was found to speak; None while nothing has told."""
    word = learned.get("dialect")
    return Dialect(word) if word in (Dialect.DOCUMENTED, Dialect.CODE) else None


def zone_name(system: Mapping[str, object], name: str, default: str) -> str:
    """The zone under a key of the `[system]` table. Raises ValueError for one that there is not."""
    from zoneinfo import ZoneInfo

    value = system.get(name, default)
    try:
        ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name} must be an IANA zone like Europe/London, not {value!r}") from None
    return str(value)


def known_word(raw: str) -> str | None:
    """The API's own spelling of a status; None for any other word."""
    plain = plain_word(raw)
    known = (PENDING, ASSIGNED, IN_PROGRESS, ON_HOLD, COMPLETED, CANCELLED, "failed")
    return next((word for word in known if plain_word(word) == plain), None)


def word_path(dialect: Dialect, start: str, goal: str) -> tuple[str, ...] | None:
    """The shortest way between two statuses in the API's own words, without `start`; None without one."""
    here = known_word(start)
    if here is None:
        return None
    came: dict[str, str] = {here: here}
    waiting = deque([here])
    while waiting:
        word = waiting.popleft()
        if word == goal:
            steps: list[str] = []
            while word != here:
                steps.append(word)
                word = came[word]
            return tuple(reversed(steps))
        for following in MOVES[dialect].get(word, ()):
            if following not in came:
                came[following] = word
                waiting.append(following)
    return None
