"""The closed vocabulary of statuses, shared by jobs and visits of every system."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a job or a visit is doing. The system's own word is kept beside it as `raw_status`."""

    DRAFT = "draft"
    UNASSIGNED = "unassigned"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    DECLINED = "declined"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN = frozenset({Status.DRAFT, Status.UNASSIGNED, Status.ASSIGNED})
"""Work on which nobody has set out: it may be in the queue and moves freely."""

UNDER_WAY = frozenset({Status.EN_ROUTE, Status.ON_SITE, Status.IN_PROGRESS, Status.ON_HOLD})
"""A technician is on it."""

ENDED = frozenset(
    {
        Status.COMPLETED,
        Status.CLOSED,
        Status.CANCELLED,
        Status.SKIPPED,
        Status.DECLINED,
        Status.FAILED,
    }
)
"""Nothing more is expected to happen."""

NOT_DONE = frozenset({Status.CANCELLED, Status.SKIPPED, Status.DECLINED, Status.FAILED})
"""Ended without the work: it takes no time of the technician's day."""


STAGES = ("invoiced", "paid")
"""How far the books are with closed work, at systems that tell it; `closed` itself is the end of it."""


def status_key(status: Status, raw: str = "") -> str:
    """The status as edits compare it: assigned and unassigned differ by who, not by status.

    `raw` is the system's own word: closed work that is not yet through the books goes by its stage.
    """
    if status in (Status.ASSIGNED, Status.UNASSIGNED):
        return "open"
    if status is Status.CLOSED and (stage := raw.strip().lower()) in STAGES:
        return stage
    return status.value


def status_of_key(key: str, *, has_technician: bool = True) -> Status:
    """The status that a compared value stands for. Raises ValueError for a word that is none."""
    if key == "open":
        return open_status(has_technician=has_technician)
    return Status.CLOSED if key in STAGES else Status(key)


def open_status(*, has_technician: bool) -> Status:
    """The word for open work, by whether somebody is on it."""
    return Status.ASSIGNED if has_technician else Status.UNASSIGNED
