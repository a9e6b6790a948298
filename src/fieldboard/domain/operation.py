"""Operations: a dispatcher's edits, each with the values on which it was based."""

from __future__ import annotations

from enum import StrEnum

from fieldboard.domain.instants import Instant
from fieldboard.domain.value_class import value_class

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value as JSON has it."""


class Kind(StrEnum):
    """The kinds of things that systems keep."""

    TECHNICIAN = "technician"
    CUSTOMER = "customer"
    JOB = "job"
    VISIT = "visit"


class Intent(StrEnum):
    """What the dispatcher wanted (the words of the command line's contract)."""

    ASSIGN = "assign"
    UNASSIGN = "unassign"
    RESCHEDULE = "reschedule"
    STATUS = "status"
    NOTE = "note"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    VISIT_ADD = "visit_add"
    CREW = "crew"
    REORDER = "reorder"
    TECHNICIAN = "technician"
    UNDO = "undo"
    REDO = "redo"


class OpState(StrEnum):
    """Where an operation stands (the words of the command line's contract)."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACKED = "acked"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    SUPERSEDED = "superseded"
    GONE = "gone"
    DUPLICATE = "duplicate"
    ASK = "ask"
    CANCELLED = "cancelled"


LIVE = frozenset({OpState.QUEUED, OpState.SENDING, OpState.UNCERTAIN})
"""On its way: the board shows our value."""

PENDING = LIVE | {OpState.ACKED}
"""Not yet seen in a read: drawn as pending."""

UNDECIDED = frozenset({OpState.CONFLICT, OpState.REJECTED, OpState.ASK, OpState.DUPLICATE, OpState.GONE})
"""Waits for the dispatcher until somebody has taken note of it."""


@value_class
class Change:
    """One field of one entity: what was seen, what is wanted.

    `field` is a name of `domain.fields`; `expected` is its value as the dispatcher saw it and
    `value` the one wanted, both in the form of `fields.value_of`. Two special fields stand for the
    whole: `created` (expected None, value the new entity's fields) and `deleted` (expected a picture of it,
    `domain.picture`, or False where nobody saw it; value True).
    """

    kind: Kind
    id: str
    field: str
    expected: Json
    value: Json


@value_class
class OperationDraft:
    """An operation before it is saved. `entity` is `job:<id>` or `visit:<id>` as in the contract.

    `label` is a sentence for people ("4471 → Dai Evans 10:45-12:45"). Operations of one bulk act
    share a `group`. `undoes` is the operation that this one takes back (or does again).
    """

    intent: Intent
    entity: str
    changes: tuple[Change, ...]
    label: str = ""
    warnings: tuple[str, ...] = ()
    reason: str | None = None
    group: str | None = None
    undoes: str | None = None


@value_class
class Operation:
    """A saved operation and its fate.

    `seq` is its place in the outbox, `reason` why it ended as it did (or the dispatcher's reason for
    a status while it is on its way), `choices` what may be decided, `noted` that somebody has taken
    note of an undecided end. `ever_uncertain` says that the outcome of a request was once unknown,
    `uncertain_until` when it may be sent again (instant). `deadline_at` bounds the request under way.
    """

    seq: int
    op_id: str
    intent: Intent
    entity: str
    changes: tuple[Change, ...]
    state: OpState
    label: str = ""
    warnings: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    reason: str | None = None
    group: str | None = None
    undoes: str | None = None
    created_at: Instant = 0
    created_by: str = ""
    sent_at: Instant | None = None
    ended_at: Instant | None = None
    attempts: int = 0
    ever_uncertain: bool = False
    not_before: Instant | None = None
    noted: bool = False
