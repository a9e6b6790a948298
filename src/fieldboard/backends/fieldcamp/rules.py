"""What FieldCamp can do, as plain values: statuses, moves, acts that it lacks.

Sources: docs.fieldcamp.ai/api-reference/resources/jobs and …/visits, and
docs.fieldcamp.ai/job-management/job-and-visit-statuses-in-fieldcamp. FieldCamp documents no moves
that its API refuses, so every move between statuses that can be written is direct; what comes after
the invoice (invoiced, paid, closed) is set by FieldCamp alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldboard.domain.lifecycle import Lifecycle, plain_word
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import Status

DEFAULT_BASE_URL = "https://api.fieldcamp.ai"

SYSTEM_KEYS = frozenset({"window_field", "job_url"})
"""What `[profiles.<name>.system]` may say of a FieldCamp account.

`window_field`: the company's own job field that holds the promised windows. `job_url`: the address
of a job's page in the browser, with `{id}` in it; FieldCamp documents none.
"""

_OPEN = frozenset({Status.ASSIGNED, Status.UNASSIGNED})
_AT_WORK = frozenset({Status.EN_ROUTE, Status.ON_SITE, Status.IN_PROGRESS})

_JOB_ENDS = frozenset({Status.COMPLETED, Status.CANCELLED})

JOBS = Lifecycle(
    words={
        "draft": Status.DRAFT,
        "scheduled": Status.ASSIGNED,
        "unscheduled": Status.ASSIGNED,
        "inprogress": Status.IN_PROGRESS,
        "workinprogress": Status.IN_PROGRESS,
        "started": Status.IN_PROGRESS,
        "paused": Status.ON_HOLD,
        "completed": Status.COMPLETED,
        "invoiced": Status.CLOSED,
        "paid": Status.CLOSED,
        "closed": Status.CLOSED,
        "cancelled": Status.CANCELLED,
        "canceled": Status.CANCELLED,
    },
    writes={
        Status.DRAFT: "draft",
        Status.ASSIGNED: "scheduled",
        Status.UNASSIGNED: "scheduled",
        Status.IN_PROGRESS: "in-progress",
        Status.COMPLETED: "completed",
        Status.CANCELLED: "cancelled",
    },
    moves={
        Status.DRAFT: _OPEN | {Status.IN_PROGRESS} | _JOB_ENDS,
        Status.ASSIGNED: _JOB_ENDS | {Status.DRAFT, Status.IN_PROGRESS},
        Status.UNASSIGNED: _JOB_ENDS | {Status.DRAFT, Status.IN_PROGRESS},
        Status.EN_ROUTE: _OPEN | _JOB_ENDS | {Status.IN_PROGRESS},
        Status.ON_SITE: _OPEN | _JOB_ENDS | {Status.IN_PROGRESS},
        Status.IN_PROGRESS: _OPEN | _JOB_ENDS,
        Status.ON_HOLD: _OPEN | _JOB_ENDS | {Status.IN_PROGRESS},
        Status.COMPLETED: _OPEN | {Status.IN_PROGRESS, Status.CANCELLED},
        Status.CANCELLED: _OPEN | {Status.DRAFT, Status.IN_PROGRESS, Status.COMPLETED},
    },
)
"""Of jobs. `scheduled` is read as assigned; who is on the job decides between the two open words."""

VISITS = Lifecycle(
    words={
        "unscheduled": Status.ASSIGNED,
        "scheduled": Status.ASSIGNED,
        "intransit": Status.EN_ROUTE,
        "ontheway": Status.EN_ROUTE,
        "enroute": Status.EN_ROUTE,
        "arrived": Status.ON_SITE,
        "inprogress": Status.IN_PROGRESS,
        "workinprogress": Status.IN_PROGRESS,
        "started": Status.IN_PROGRESS,
        "paused": Status.ON_HOLD,
        "completed": Status.COMPLETED,
        "cancelled": Status.CANCELLED,
        "canceled": Status.CANCELLED,
    },
    writes={
        Status.ASSIGNED: "scheduled",
        Status.UNASSIGNED: "scheduled",
        Status.EN_ROUTE: "in-transit",
        Status.ON_SITE: "arrived",
        Status.IN_PROGRESS: "in-progress",
        Status.ON_HOLD: "paused",
        Status.COMPLETED: "completed",
        Status.CANCELLED: "cancelled",
    },
    moves={
        Status.ASSIGNED: _AT_WORK | _JOB_ENDS,
        Status.UNASSIGNED: _AT_WORK | _JOB_ENDS,
        Status.EN_ROUTE: _OPEN | _JOB_ENDS | {Status.ON_SITE, Status.IN_PROGRESS},
        Status.ON_SITE: _OPEN | _JOB_ENDS | {Status.EN_ROUTE, Status.IN_PROGRESS, Status.ON_HOLD},
        Status.IN_PROGRESS: _OPEN | _JOB_ENDS | {Status.EN_ROUTE, Status.ON_SITE, Status.ON_HOLD},
        Status.ON_HOLD: _OPEN | _JOB_ENDS | {Status.ON_SITE, Status.IN_PROGRESS},
        Status.COMPLETED: _OPEN | _AT_WORK | {Status.ON_HOLD},
        Status.CANCELLED: _OPEN | _AT_WORK | {Status.ON_HOLD},
    },
)
"""Of visits: the eight states of docs.fieldcamp.ai, and the ways back that a dispatcher needs."""

FIELDCAMP = SystemRules(
    system="fieldcamp",
    title="FieldCamp",
    job_lifecycle=JOBS,
    visit_lifecycle=VISITS,
    lacks={
        Ability.REORDER: "FieldCamp keeps clock times, not an order of visits; move the visit instead",
        Ability.NOTE: "FieldCamp takes notes but never sends them back, so they cannot be added to safely",
        Ability.CREW: "FieldCamp's API takes one technician a visit",
        Ability.TECHNICIAN_STATUS: "FieldCamp's API says nothing of what a technician is doing",
        Ability.OPEN_IN_SYSTEM: "FieldCamp documents no address of a job's page; "
        "set job_url in the profile's [system] table",
    },
    edit_fields=frozenset({"title", "customer_id", "phone", "address", "priority", "skills"}),
    create_needs=frozenset({"title", "customer_id"}),
    change_feed=True,
    read_by_id=frozenset({"job", "customer"}),
    numbers_jobs=True,
)
"""FieldCamp as its documents have it, before a live server taught us anything."""


def fieldcamp_rules(
    system: Mapping[str, object] | None = None, learned: Mapping[str, str] | None = None
) -> SystemRules:
    """The rules of one account: the documents', its own `system` table and what its server taught us.

    Raises ValueError for a `job_url` that is no web address with `{id}` in it.
    """
    rules = FIELDCAMP
    job_url = (system or {}).get("job_url")
    if job_url is not None:
        if not isinstance(job_url, str) or not job_url.startswith("https://") or "{id}" not in job_url:
            raise ValueError("job_url must be an https address with {id} in it")
        rules = _with(rules, Ability.OPEN_IN_SYSTEM)
        rules = replace(rules, job_url=job_url)
    facts = learned or {}
    if facts.get("unassign") == "refused":
        rules = rules.without(
            Ability.UNASSIGN,
            "this FieldCamp account does not let a visit go back to nobody; assign it to another",
        )
    if facts.get("visit_crew") == "teamId":
        rules = _with(rules, Ability.CREW)
    return rules


def spelling_key(kind: str, status: Status) -> str:
    """The name under which this account's own spelling of a status is remembered."""
    return f"spelling:{kind}:{status.value}"


def spelling_of(lifecycle: Lifecycle, kind: str, status: Status, learned: Mapping[str, str]) -> str:
    """The word to send for a status: the account's own where one was seen, else the default.

    Raises KeyError for a status that cannot be written.
    """
    default = lifecycle.writes[status]
    seen = learned.get(spelling_key(kind, status), default)
    # A tenant may spell `scheduled` its own way, but `unscheduled` is not another spelling of it.
    return (
        seen
        if lifecycle.read(seen) == lifecycle.read(default) and plain_word(seen) != "unscheduled"
        else default
    )


def _with(rules: SystemRules, ability: Ability) -> SystemRules:
    return replace(rules, lacks={one: why for one, why in rules.lacks.items() if one is not ability})
