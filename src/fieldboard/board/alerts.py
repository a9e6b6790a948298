"""What a dispatcher should hear of without looking.

Late work, work that runs over, new urgent jobs and edits that the system refused; each is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from fieldboard.board.column import Column
from fieldboard.board.day_board import DayBoard
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


@value_class
class Told:
    """What is known already: the keys of what is told once, and whether anything was looked at yet.

    `late` holds by technician what was late at `minute`, on the day `day`.
    """

    keys: frozenset[tuple[Cause, str]] = frozenset()
    started: bool = False
    late: Mapping[str, tuple[Alert, ...]] = field(default_factory=dict, compare=False, repr=False)
    minute: int | None = None
    day: date | None = None


def look(
    told: Told,
    board: DayBoard | None,
    queue: Iterable[PlannedVisit],
    operations: Iterable[Operation],
    now: Instant,
    *,
    changed: Iterable[str] | None = None,
) -> tuple[Told, tuple[Alert, ...]]:
    """What is to be told now, and what is known after that.

    `board` is today's, `changed` the technicians whose columns are others than at the last look (None: any
    may be): within a minute only they are looked at. The first look tells only of refused edits: what was
    late or urgent when the board was opened is no news. What is over (a late visit that began) is forgotten,
    so that it may be told again.
    """
    found: list[Alert] = []
    late: dict[str, tuple[Alert, ...]] = {}
    minute = day = None
    if board is not None and board.start <= now < board.end:
        minute, day = now // MINUTE, board.day
        if changed is None or (told.minute, told.day) != (minute, day):
            late = _late_among(board.columns, now)
            known = {(one.cause, one.about) for alerts in told.late.values() for one in alerts}
            looked_at = late
        else:
            ids = set(changed)
            looked_at = _late_among(filter(None, map(board.column, ids)), now)
            late = {**told.late, **dict.fromkeys(ids, ()), **looked_at}
            # A visit of several may have been told of another of them.
            mates = {
                one for alerts in looked_at.values() for alert in alerts for one in board.where[alert.about]
            }
            before = (told.late.get(one, ()) for one in ids | mates)
            known = {(one.cause, one.about) for alerts in before for one in alerts}
        for technician_id in sorted(looked_at, key=board.index.__getitem__):
            for alert in looked_at[technician_id]:
                if (alert.cause, alert.about) not in known:
                    known.add((alert.cause, alert.about))
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
    new = tuple(
        alert
        for alert in found
        if (alert.cause, alert.about) not in told.keys and (told.started or alert.cause is Cause.REFUSED)
    )
    # An urgent job that was planned and came back is not new; a visit may be late twice.
    keys = {(one.cause, one.about) for one in found if one.cause in (Cause.NEW_URGENT, Cause.REFUSED)}
    return Told(told.keys | keys, True, late, minute, day), new


def _late_among(columns: Iterable[Column], now: Instant) -> dict[str, tuple[Alert, ...]]:
    return {one.technician.id: alerts for one in columns if (alerts := _late_in(one, now))}


def _late_in(column: Column, now: Instant) -> tuple[Alert, ...]:
    late = [(visit.start or 0, visit.id, one) for visit in column.given if (one := _late(visit, column, now))]
    return tuple(one for _, _, one in sorted(late))


def _late(visit: PlannedVisit, column: Column, now: Instant) -> Alert | None:
    late = lateness(visit, now)
    if late is None:
        return None
    job, name = name_of(visit), column.technician.name
    if late.over:
        return Alert(Cause.OVER, visit.id, f"{job} of {name} runs {late.minutes} min over")
    return Alert(Cause.LATE, visit.id, f"{job} of {name} is {late.minutes} min late")
