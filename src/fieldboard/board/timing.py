"""What a new time of a visit changes, also where a job begins with the slot that was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fieldboard.board.plan import change, times_text
from fieldboard.domain.fields import TIMES, WINDOWS
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.operation import Change
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


class Timed(NamedTuple):
    """The changes, the end that the board will show, and what people should be told of it."""

    changes: tuple[Change, ...]
    end: Instant
    told: tuple[str, ...] = ()


def time_changes(desk: Desk, visit: PlannedVisit, start: Instant, end: Instant) -> Timed:
    """The changes that put a visit at a time.

    Where a job begins with its slot, the slot goes along: within what was promised it only begins later,
    beyond that it moves as it is. Where the system keeps no length, another one that was asked for is that of
    the slot, and the block on the board is as long, but no longer than all others.
    """
    if not desk.rules.slots:
        return Timed((change(visit, TIMES, [start, end, None]),), end)
    most, length = desk.rules.block_min, end - start
    if most is not None and length != visit.minutes * MINUTE:
        slot, shown = (start, end), min(end, start + most * MINUTE)
    else:
        slot, shown = _slot(visit, start, end), end
    changes = [change(visit, TIMES, [start, shown, None])]
    if visit.windows != (slot,):
        changes.append(change(visit, WINDOWS, [[*slot]]))
    return Timed(tuple(changes), shown, _told(desk, slot, shown, end))


def _slot(visit: PlannedVisit, start: Instant, end: Instant) -> tuple[Instant, Instant]:
    """The slot of a visit that keeps its length and goes elsewhere."""
    if not visit.windows:
        return start, end
    first, last = visit.windows[0]
    if first <= start and end <= last:
        return start, last
    return start, max(end, start + (last - first))


def _told(desk: Desk, slot: tuple[Instant, Instant], shown: Instant, end: Instant) -> tuple[str, ...]:
    if shown == end:
        return ()
    text = times_text(*slot, desk.zone, desk.today())
    minutes = (shown - slot[0]) // MINUTE
    says = f"{desk.rules.title} keeps a slot and no length: {text} is promised, the board shows {minutes} min"
    return (says,)
