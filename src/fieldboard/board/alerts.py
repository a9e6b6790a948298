"""What a dispatcher should hear of without looking.

Late work, work that runs over, new urgent jobs and edits that the system refused; each is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from fieldboard.board.column import Column
from fieldboard.board.day_board import DayBoard
from fieldboard.board.doing import Late, lateness
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

    `late` holds by technician the visits that were late at `minute`, on the day `day`, `over` which of them
    ran over.
    """

    keys: frozenset[tuple[Cause, str]] = frozenset()
    started: bool = False
    late: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    over: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
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
    may be): within a minute only they are looked at. The first look tells only how many edits wait for a
    decision: what was late, urgent or refused when the board was opened is no news. What is over (a late
    visit that began) is forgotten, so that it may be told again.
    """
    found: list[Alert] = []
    late: Mapping[str, tuple[str, ...]] = {}
    over: frozenset[str] = frozenset()
    minute = day = None
    if board is not None and board.start <= now < board.end:
        minute, day = now // MINUTE, board.day
        if changed is None or (told.minute, told.day) != (minute, day):
            lagging = _lagging(board.columns, now)
            late, over = _ids(lagging), _over(lagging)
            known = {one for ids in told.late.values() for one in ids}
        else:
            technicians = set(changed)
            lagging = _lagging(filter(None, map(board.column, technicians)), now)
            late = {**told.late, **dict.fromkeys(technicians, ()), **_ids(lagging)}
            # A visit of several may have been told of another of them.
            mates = {one for lags in lagging.values() for lag in lags for one in board.where[lag[1]]}
            known = {one for who in technicians | mates for one in told.late.get(who, ())}
            looked_at = [one for who in technicians for one in told.late.get(who, ())]
            over = told.over.difference(looked_at) | _over(lagging)
        if told.started:
            known_over = known & told.over
            found += _news(lagging, board, known - known_over, known_over)
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
    refused = sum(one.cause is Cause.REFUSED for one in found)
    if told.started:
        new = tuple(alert for alert in found if (alert.cause, alert.about) not in told.keys)
    elif refused:
        wait = "1 edit waits" if refused == 1 else f"{refused} edits wait"
        new = (Alert(Cause.REFUSED, "", f"{wait} for a decision"),)
    else:
        new = ()
    # An urgent job that was planned and came back is not new; a visit may be late twice.
    keys = {(one.cause, one.about) for one in found if one.cause in (Cause.NEW_URGENT, Cause.REFUSED)}
    return Told(told.keys | keys, True, late, over, minute, day), new


_Lags = list[tuple[Instant, str, PlannedVisit, Late]]
"""What lags of one technician: when it should begin, its id, itself, and how it lags."""


def _lagging(columns: Iterable[Column], now: Instant) -> dict[str, _Lags]:
    """What lags behind its plan by technician, in order of time; who keeps to the plan is not in it."""
    found: dict[str, _Lags] = {}
    for column in columns:
        lags = [
            (visit.start or 0, visit.id, visit, late)
            for visit in column.given
            if (late := lateness(visit, now)) is not None
        ]
        if lags:
            lags.sort()
            found[column.technician.id] = lags
    return found


def _ids(lagging: Mapping[str, _Lags]) -> dict[str, tuple[str, ...]]:
    return {technician_id: tuple([lag[1] for lag in lags]) for technician_id, lags in lagging.items()}


def _over(lagging: Mapping[str, _Lags]) -> frozenset[str]:
    return frozenset([lag[1] for lags in lagging.values() for lag in lags if lag[3].over])


def _news(lagging: Mapping[str, _Lags], board: DayBoard, late: Set[str], over: Set[str]) -> Iterator[Alert]:
    """What lags and is not among what is known to be late or to run over: only that gets a sentence."""
    told = (set(late), set(over))
    for technician_id in sorted(lagging, key=board.index.__getitem__):
        for _, visit_id, visit, lag in lagging[technician_id]:
            if visit_id not in told[lag.over]:
                told[lag.over].add(visit_id)
                column = board.column(technician_id)
                yield _alert(visit, lag, column.technician.name if column is not None else technician_id)


def _alert(visit: PlannedVisit, late: Late, name: str) -> Alert:
    job = name_of(visit)
    if late.over:
        return Alert(Cause.OVER, visit.id, f"{job} of {name} runs {late.minutes} min over")
    return Alert(Cause.LATE, visit.id, f"{job} of {name} is {late.minutes} min late")
