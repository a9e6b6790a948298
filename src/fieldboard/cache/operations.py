"""Operations ⇄ rows of outbox.db, and the record of their requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Protocol

from fieldboard.cache.fate import choices_of
from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import Change, Intent, Json, Kind, Operation, OpState
from fieldboard.domain.value_class import value_class

VERSION: Final = 1
"""The form in which operations are stored; one of another form is shown, not sent."""

COLUMNS: Final = (
    "seq, op_id, intent, entity, changes, state, label, warnings, reason, group_id, undoes, created_at, "
    "created_by, sent_at, ended_at, attempts, ever_uncertain, not_before, noted"
)


@lru_cache(maxsize=1024)
def operation_of(row: tuple[Any, ...]) -> Operation:
    """A row of `COLUMNS` as an operation, and the same one for the same row.

    A round reads what is live a dozen times, and hardly any of it has changed in between.
    """
    state, intent, noted = OpState(row[5]), Intent(row[2]), bool(row[18])
    return Operation(
        seq=row[0], op_id=row[1], intent=intent, entity=row[3], changes=changes_of(row[4]), state=state,
        label=row[6], warnings=tuple(json.loads(row[7])),
        choices=choices_of(state, intent, noted=noted, sent=row[15] > 0 or bool(row[16])),
        reason=row[8], group=row[9], undoes=row[10], created_at=row[11], created_by=row[12], sent_at=row[13],
        ended_at=row[14], attempts=row[15], ever_uncertain=bool(row[16]), not_before=row[17], noted=noted,
    )  # fmt: skip


def changes_of(text: str) -> tuple[Change, ...]:
    """Changes from their JSON."""
    return tuple(
        Change(Kind(kind), one, name, expected, value)
        for kind, one, name, expected, value in json.loads(text)
    )


def changes_text(changes: Sequence[Change]) -> str:
    """Changes as JSON."""
    return json.dumps(
        [[one.kind.value, one.id, one.field, one.expected, one.value] for one in changes],
        ensure_ascii=False,
        separators=(",", ":"),
    )


class SentStep(Protocol):
    """One request of an operation (`backends.port.Step`)."""

    @property
    def index(self) -> int: ...  # noqa: D102
    @property
    def change(self) -> int: ...  # noqa: D102
    @property
    def method(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> Json: ...  # noqa: D102
    @property
    def marker(self) -> str | None: ...  # noqa: D102
    @property
    def says(self) -> str: ...  # noqa: D102


class StepAnswer(Protocol):
    """What became of a request (`backends.port.Answer`)."""

    @property
    def outcome(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> int | None: ...  # noqa: D102
    @property
    def why(self) -> str | None: ...  # noqa: D102
    @property
    def new_id(self) -> str | None: ...  # noqa: D102


@value_class
class StepRecord:
    """A request as the journal keeps it; `outcome` is None while no answer has come."""

    index: int
    change: int
    method: str
    path: str
    body: Json
    marker: str | None
    says: str
    outcome: str | None
    status: int | None
    why: str | None
    new_id: str | None
    started_at: Instant
    finished_at: Instant | None
    tries: int


STEP: Final = (
    "idx, change, method, path, body, marker, says, outcome, status, why, new_id, started_at, finished_at, "
    "tries"
)


def step_of(row: Sequence[Any]) -> StepRecord:
    """A row of `STEP` as a record."""
    return StepRecord(*(json.loads(value) if place == 4 else value for place, value in enumerate(row)))
