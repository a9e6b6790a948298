"""What FSM Navigator can do, as plain values: statuses, moves, acts that it lacks.

Sources: fsmnavigator.com/docs/api/jobs (the nine statuses and the moves that the API enforces),
fsmnavigator.com/docs/jobs/job-statuses (further words of the web application, which are read and never
written), …/docs/api/technicians, …/customers, …/scopes and …/rate-limits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fieldboard.domain.fields import ASSETS, TECHNICIANS
from fieldboard.domain.lifecycle import Lifecycle, plain_word
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import Status

DEFAULT_BASE_URL: Final = "https://fsmnavigator.com"

SYSTEM_KEYS: Final = frozenset({"job_url", "create_marker"})
"""What `[profiles.<name>.system]` may say of an FSM Navigator account.

`job_url`: the address of a job's page in the browser, with `{id}` in it; the documents name none.
`create_marker`: whether a new job's description ends with a line such as `[ref 7K2M9Q]`, by which it is
found again when the answer to its creation was lost (default true).
"""

PENDING: Final = "Pending"
ASSIGNED: Final = "Assigned"

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    PENDING: (ASSIGNED, "Cancelled"),
    ASSIGNED: ("In Progress", PENDING, "Cancelled", "On Hold"),
    "In Progress": ("Completed", ASSIGNED, "On Hold", "Cancelled"),
    "On Hold": ("In Progress", ASSIGNED, "Cancelled"),
    "Completed": ("Invoiced",),
    "Invoiced": ("Paid",),
    "Paid": ("Closed",),
    "Closed": (),
    "Cancelled": (),
}
"""The moves that the API allows, word for word; anything else is `invalid_status_transition`."""

OPEN_WORDS: Final = (PENDING, ASSIGNED, "In Progress", "On Hold")
"""The statuses in which a board can still act: what a round reads."""

COVERED: Final = frozenset({Status.UNASSIGNED, Status.ASSIGNED, Status.IN_PROGRESS, Status.ON_HOLD})
"""The same in the words of the board."""

WORDS: Final[Mapping[str, Status]] = {
    "pending": Status.ASSIGNED,
    "assigned": Status.ASSIGNED,
    "intransit": Status.EN_ROUTE,
    "arrived": Status.ON_SITE,
    "inprogress": Status.IN_PROGRESS,
    "onhold": Status.ON_HOLD,
    "completed": Status.COMPLETED,
    "invoiced": Status.CLOSED,
    "paid": Status.CLOSED,
    "closed": Status.CLOSED,
    "cancelled": Status.CANCELLED,
    "canceled": Status.CANCELLED,
    "declined": Status.DECLINED,
}

JOBS: Final = Lifecycle(
    words=WORDS,
    writes={
        Status.UNASSIGNED: PENDING,
        Status.ASSIGNED: ASSIGNED,
        Status.IN_PROGRESS: "In Progress",
        Status.ON_HOLD: "On Hold",
        Status.COMPLETED: "Completed",
        Status.CLOSED: "Closed",
        Status.CANCELLED: "Cancelled",
    },
    moves={
        Status.UNASSIGNED: frozenset({Status.ASSIGNED, Status.CANCELLED}),
        Status.ASSIGNED: frozenset({Status.IN_PROGRESS, Status.UNASSIGNED, Status.CANCELLED, Status.ON_HOLD}),
        Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.ASSIGNED, Status.ON_HOLD, Status.CANCELLED}),
        Status.ON_HOLD: frozenset({Status.IN_PROGRESS, Status.ASSIGNED, Status.CANCELLED}),
        Status.COMPLETED: frozenset({Status.CLOSED}),
    },
    stages=("invoiced", "paid"),
)
"""Of jobs. Who is on a job decides between the two open words, whichever of them it has: a job may be
Pending although a technician is named."""

PRIORITIES: Final[Mapping[Priority, str]] = {
    Priority.URGENT: "Urgent",
    Priority.HIGH: "High",
    Priority.NORMAL: "Medium",
    Priority.LOW: "Low",
}

RELATIONS: Final = ("serviced", "installed", "replaced", "inspected", "maintenance", "meter_threshold")
"""What may be done with an asset that a new job is linked to."""

NOT_NULL: Final = (
    "FSM Navigator's documents do not say how a technician is taken off a job, and this account "
)

FSM_NAVIGATOR: Final = SystemRules(
    system="fsmnavigator",
    title="FSM Navigator",
    job_lifecycle=JOBS,
    visit_lifecycle=Lifecycle(),
    lacks={
        Ability.REORDER: "FSM Navigator keeps clock times, not an order of jobs; move the job instead",
        Ability.DELETE: "FSM Navigator's API deletes nothing; cancel the job instead",
        Ability.CREW: "FSM Navigator's jobs have one technician each",
        Ability.VISIT_ADD: "FSM Navigator's jobs are one visit each; create another job",
        Ability.TECHNICIAN_STATUS: "FSM Navigator's API only tells what technicians do, and takes nothing",
        Ability.OPEN_IN_SYSTEM: "FSM Navigator documents no address of a job's page; "
        "set job_url in the profile's [system] table",
    },
    edit_fields=frozenset({"title", "notes", "priority"}),
    create_needs=frozenset({"title", "customer_id", "location_id"}),
    create_takes=frozenset(
        {"title", "customer_id", "location_id", "notes", "priority", "technicians", "set"}
    ),
    set_fields={"asset_ids": ASSETS},
    read_by_id=frozenset({"job", "customer", "technician"}),
    page_size=100,
    open_lists=frozenset({"job"}),
    list_every_s={"technician": 60, "customer": 3600},
    details_last_s={"technician": 7 * 24 * 3600, "customer": 24 * 3600, "job": 24 * 3600},
    follows_up=frozenset({TECHNICIANS}),
)
"""FSM Navigator as its documents have it, before a live server taught us anything."""


def fsmnavigator_rules(
    system: Mapping[str, object] | None = None, learned: Mapping[str, str] | None = None
) -> SystemRules:
    """The rules of one account: the documents', its own `system` table and what its server taught us.

    Raises ValueError for a `job_url` that is no web address with `{id}` in it, and for a `create_marker`
    that is neither true nor false.
    """
    rules, facts = FSM_NAVIGATOR, learned or {}
    own = system or {}
    if not isinstance(own.get("create_marker", True), bool):
        raise ValueError("create_marker must be true or false")
    job_url = own.get("job_url")
    if job_url is not None:
        if not isinstance(job_url, str) or not job_url.startswith("https://") or "{id}" not in job_url:
            raise ValueError("job_url must be an https address with {id} in it")
        lacks = dict(rules.lacks)
        del lacks[Ability.OPEN_IN_SYSTEM]
        rules = replace(rules, lacks=lacks, job_url=job_url)
    if (null := facts.get("null_technician")) in ("refused", "ignored"):
        does = "refuses it" if null == "refused" else "ignores it"
        rules = rules.without(Ability.UNASSIGN, f"{NOT_NULL}{does}; give the job to somebody else")
    return rules


def known_word(raw: str) -> str | None:
    """The API's own spelling of one of its nine statuses; None for any other word."""
    plain = plain_word(raw)
    return next((word for word in MOVES if plain_word(word) == plain), None)


def word_path(start: str, goal: str) -> tuple[str, ...] | None:
    """The shortest way between two statuses in the API's own words, without `start`; None without one.

    From a word of the web application (In-Transit, Declined …) no way is documented.
    """
    here, there = known_word(start), known_word(goal)
    if here is None or there is None:
        return None
    came: dict[str, str] = {here: here}
    waiting = deque([here])
    while waiting:
        word = waiting.popleft()
        if word == there:
            steps: list[str] = []
            while word != here:
                steps.append(word)
                word = came[word]
            return tuple(reversed(steps))
        for following in MOVES[word]:
            if following not in came:
                came[following] = word
                waiting.append(following)
    return None
