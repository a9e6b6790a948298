"""What a dispatcher should hear of without looking.

Late work, work that runs over, new urgent jobs and edits that the system refused; each is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import NamedTuple

from fieldboard.board.day_board import Column, DayBoard
from fieldboard.board.doing import lateness
from fieldboard.board.plan import title_of
from fieldboard.domain.conflicts import name_of
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.operation import UNDECIDED, Operation
from fieldboard.domain.priority import Priority
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit


class Cause(StrEnum):
    """Why something is told."""

    LATE = "late"
    OVER = "over"
    NEW_URGENT = "new_urgent"
    REFUSED = "refused"


class Alert(NamedTuple):
    """One line to tell. `about` is the visit, or the operation, that it is about."""

    cause: Cause
    about: str
    says: str


Checked = tuple[Column, int, tuple[Alert, ...]]
"""A column, the minute in which it was looked at, and what was late in it."""


@value_class
class Told:
    """What is known already: the keys of everything told, and whether anything was looked at yet.

    `checked` holds by technician what was found: a column that is as it was is looked at once a minute.
    """

    keys: frozenset[tuple[Cause, str]] = frozenset()
    started: bool = False
    checked: Mapping[str, Checked] = field(default_factory=dict, compare=False, repr=False)


def look(
    told: Told,
    board: DayBoard | None,
    queue: Iterable[PlannedVisit],
    operations: Iterable[Operation],
    now: Instant,
) -> tuple[Told, tuple[Alert, ...]]:
    """What is to be told now, and what is known after that.

    `board` is today's. The first look tells only of refused edits: what was late or urgent when the board was
    opened is no news. What is over (a late visit that began) is forgotten, so that it may be told again.
    """
    found: list[Alert] = []
    checked: dict[str, Checked] = {}
    if board is not None and board.start <= now < board.end:
        seen: set[str] = set()
        for column in board.columns:
            technician = column.technician.id
            checked[technician] = known = _checked(column, told.checked.get(technician), now)
            for alert in known[2]:
                if alert.about not in seen:
                    seen.add(alert.about)
                    found.append(alert)
    for visit in queue:
        if visit.priority is Priority.URGENT:
            says = f"new urgent job: {title_of(visit)}" + (f", {visit.customer}" if visit.customer else "")
            found.append(Alert(Cause.NEW_URGENT, visit.id, says))
    for one in operations:
        if one.state in UNDECIDED and not one.noted:
            why = f": {one.reason}" if one.reason else ""
            found.append(
                Alert(Cause.REFUSED, one.op_id, f"{one.state.value}: {one.label or one.entity}{why}")
            )
    keys = frozenset((alert.cause, alert.about) for alert in found)
    new = tuple(
        alert
        for alert in found
        if (alert.cause, alert.about) not in told.keys and (told.started or alert.cause is Cause.REFUSED)
    )
    # An urgent job that was planned and came back is not new; a visit may be late twice.
    kept = {key for key in told.keys if key[0] in (Cause.NEW_URGENT, Cause.REFUSED)}
    return Told(keys | kept, True, checked), new


def _checked(column: Column, before: Checked | None, now: Instant) -> Checked:
    minute = now // MINUTE
    if before is not None and before[0] is column and before[1] == minute:
        return before
    late = [(visit.start or 0, visit.id, one) for visit in column.given if (one := _late(visit, column, now))]
    return column, minute, tuple(one for _, _, one in sorted(late))


def _late(visit: PlannedVisit, column: Column, now: Instant) -> Alert | None:
    late = lateness(visit, now)
    if late is None:
        return None
    job, name = name_of(visit), column.technician.name
    if late.over:
        return Alert(Cause.OVER, visit.id, f"{job} of {name} runs {late.minutes} min over")
    return Alert(Cause.LATE, visit.id, f"{job} of {name} is {late.minutes} min late")
