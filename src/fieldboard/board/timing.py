"""What a new time of a visit changes, also where the system keeps a slot and no length of a job."""

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

    Where the system keeps no length, another one that was asked for is that of the slot, which is what the
    customer is promised; the block on the board is as long, but no longer than all others.
    """
    minutes = desk.rules.block_min
    if minutes is None or end - start == visit.minutes * MINUTE:
        return Timed((change(visit, TIMES, [start, end, None]),), end)
    shown = min(end, start + minutes * MINUTE)
    changes = (change(visit, TIMES, [start, shown, None]), change(visit, WINDOWS, [[start, end]]))
    if shown == end:
        return Timed(changes, end)
    slot = times_text(start, end, desk.zone, desk.today())
    says = f"{desk.rules.title} keeps a slot and no length: {slot} is promised, the board shows {minutes} min"
    return Timed(changes, shown, (says,))
