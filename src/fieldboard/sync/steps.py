"""What the journal of an edit's requests says of its changes: which were carried out, which half the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fieldboard.backends.port import Entity, Outcome, Step
from fieldboard.cache.operations import StepRecord
from fieldboard.domain import fields
from fieldboard.domain.operation import Change, Operation
from fieldboard.domain.rules import SystemRules

_AROUND: Final = frozenset({"PATCH", "GET"})
"""Requests that stand around the one that carries a field."""


def step_of(record: StepRecord) -> Step:
    """A request as it was sent."""
    return Step(
        record.index, record.change, record.method, record.path, record.body, record.marker, record.says
    )


def carried_out(
    changes: Sequence[Change], journal: Sequence[StepRecord], rules: SystemRules
) -> frozenset[int]:
    """The changes that the server has said yes to, whatever became of the requests that follow them.

    What goes in one request (`SystemRules.one_request`) was carried out together; of a technician each
    change has its own. A status may take several: it is left out. Of the fields that `follows_up` names,
    moves of the status before or after it carry nothing, and neither does a request that goes half the way.
    """
    done = [
        changes[one.change]
        for one in journal
        if one.outcome == Outcome.DONE
        and not (changes[one.change].field in rules.follows_up and one.method in _AROUND)
        and not _goes_half_way(changes[one.change], one, rules)
    ]
    together = rules.one_request
    return frozenset(
        index
        for index, change in enumerate(changes)
        if change.field not in (fields.STATUS, fields.CREATED)
        and any(
            (one.kind, one.id) == (change.kind, change.id)
            and one.field not in (fields.STATUS, fields.CREATED)
            and (one.field in together) == (change.field in together)
            for one in done
        )
    )


def half_way(changes: Sequence[Change], journal: Sequence[StepRecord], rules: SystemRules) -> frozenset[int]:
    """The changes that took a job from one technician and have perhaps not given it to the other yet."""
    begun = {one.change for one in journal if _goes_half_way(changes[one.change], one, rules)}
    given = {
        one.change
        for one in journal
        if one.outcome == Outcome.DONE
        and changes[one.change].field == fields.TECHNICIANS
        and not _goes_half_way(changes[one.change], one, rules)
    }
    return frozenset(begun - given)


def _goes_half_way(change: Change, record: StepRecord, rules: SystemRules) -> bool:
    return record.path in rules.half_way and change.field == fields.TECHNICIANS and bool(change.value)


def creates(operation: Operation) -> bool:
    """Whether something new is made."""
    return any(change.field == fields.CREATED for change in operation.changes)


def staffed(entity: Entity | None) -> bool:
    """Whether somebody goes there."""
    return bool(getattr(entity, "technician_ids", ()))
