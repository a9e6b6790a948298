"""Several jobs for one technician as one act: each at the earliest beside those placed before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from fieldboard.board.batching import batched
from fieldboard.board.candidates import Candidate, candidates, day_for
from fieldboard.board.column import column_of
from fieldboard.board.plan import Plan, combine, short_of
from fieldboard.board.planning import plan_assign
from fieldboard.domain.conflicts import Rule
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.rules import Ability
from fieldboard.domain.visit import PlannedVisit, touches

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

NAMED: Final = 3
"""How many jobs a sentence names."""


class _Placed(NamedTuple):
    """A job of the act: its plan, itself as it would be, and why no time was found for it."""

    visit: PlannedVisit
    plan: Plan
    moved: PlannedVisit
    timeless: str | None


def plan_assign_all(
    desk: Desk,
    visits: Sequence[PlannedVisit],
    technician_id: str,
    start: Instant | None = None,
    day: date | None = None,
) -> Plan:
    """Give several jobs to one technician: the first at `start`, one with a time at its own.

    The others come after them, each at the earliest that fits beside what those before it take: on `day`,
    else on the day that each would be planned on. One that finds no time is assigned without; that, and
    how many break which rule, stands in the plan's `doubts`.
    """
    first = visits[0] if start is not None else None
    placed: list[_Placed] = []
    for visit in sorted(visits, key=lambda one: (one is not first, one.start is None)):
        among = [one.moved for one in placed if one.plan.refusal is None]
        given = start if visit is first else visit.start
        timeless: str | None = None
        if given is None:
            found = _earliest(desk, visit, technician_id, among, day)
            given = found.start if found is not None else None
            if given is None:
                timeless = ", ".join(found.excluded) if found is not None else "nobody knows the day"
        end = visit.end if given == visit.start else None
        plan = plan_assign(desk, visit, technician_id, given, end, among=among)
        placed.append(_Placed(visit, plan, _moved(desk, visit, technician_id, given, end), timeless))
    good = [one for one in placed if one.plan.refusal is None]
    doubts = _doubts(good)
    if len(placed) == 1:
        plan = placed[0].plan
        return replace(plan, doubts=doubts, needs_second_enter=bool(doubts)) if good else plan
    plan = combine([one.plan for one in placed], _sentence(desk, good, technician_id))
    if plan.refusal is not None:
        return plan
    asks = plan.needs_second_enter or bool(doubts)
    return batched(desk, replace(plan, doubts=doubts, needs_second_enter=asks))


def _earliest(
    desk: Desk, visit: PlannedVisit, technician_id: str, among: Sequence[PlannedVisit], day: date | None
) -> Candidate | None:
    """When the technician could do a visit, beside what others of the same act would take."""
    when = day_for(desk, visit, None, day)
    column = desk.day(when).column(technician_id)
    if column is None:
        return None
    bounds, moving = desk.zone.day_bounds(when), {one.id for one in among}
    rows = [one for one in column.given if one.id not in moving]
    rows += [one for one in among if touches(one, when, *bounds)]
    now = desk.now()
    beside = column_of(column.technician, rows, desk.zone, when, now, crew=desk.people.by_id())
    estimated = not desk.rules.can(Ability.CLOCK_TIMES)
    ranking = candidates(visit, [beside], desk.zone, when, now, estimated=estimated)
    return next(iter(ranking.all), None)


def _moved(
    desk: Desk, visit: PlannedVisit, technician_id: str, start: Instant | None, end: Instant | None
) -> PlannedVisit:
    moved = visit._replace(technician_ids=(technician_id,))
    if start is None:
        return moved
    if not desk.rules.can(Ability.CLOCK_TIMES):
        # It comes last in the order of its day.
        return moved._replace(start=None, end=None, date=desk.zone.date_of(start), estimated=True)
    return moved._replace(start=start, end=end if end is not None else start + visit.minutes * MINUTE)


def _sentence(desk: Desk, good: Sequence[_Placed], technician_id: str) -> str:
    count = "1 job" if len(good) == 1 else f"{len(good)} jobs"
    sentence = f"{count} → {desk.people.name_of(technician_id)}"
    timed = sorted((one.moved.start, short_of(one.visit)) for one in good if one.moved.start is not None)
    told = [f"{name} {_when(desk, start)}" for start, name in timed[:NAMED]]
    more = [f"{len(timed) - NAMED} more"] if len(timed) > NAMED else []
    timeless = sum(one.timeless is not None for one in good)
    without = [f"{timeless} without a time"] if timeless else []
    listed = ", ".join([*told, *more, *without])
    return f"{sentence}: {listed}" if listed else sentence


def _when(desk: Desk, start: Instant) -> str:
    local = desk.zone.local(start)
    clock = desk.zone.clock_text(start)
    return clock if local.date() == desk.today() else f"{local:%a} {local.day} {local:%b} {clock}"


_BREAK: Final = {
    Rule.OVERLAP: "overlap others",
    Rule.OUTSIDE_SHIFT: "are outside the shift",
    Rule.MISSING_SKILL: "need a skill that is lacking",
    Rule.OUTSIDE_WINDOW: "miss what was promised",
    Rule.OVER_CAPACITY: "are over the capacity",
    Rule.NO_TRAVEL: "leave too little for the drive",
    Rule.ABSENT: "fall into an absence",
    Rule.IN_PAST: "start in the past",
}
"""What a rule is called where several jobs break it."""


def _doubts(placed: Sequence[_Placed]) -> tuple[str, ...]:
    """Which jobs find no time, and how many break which rule."""
    told: list[str] = []
    timeless = [one for one in placed if one.timeless is not None]
    if timeless:
        why = list(dict.fromkeys(one.timeless for one in timeless))
        finds = "finds" if len(timeless) == 1 else "find"
        told.append(f"{_names(timeless)} {finds} no time{f': {why[0]}' if len(why) == 1 else ''}")
    for rule in Rule:
        broken = [[one.says for one in job.plan.warnings if one.rule is rule] for job in placed]
        # Whoever lacks a skill is offered no time: that is said already.
        breaking = [
            job for job, says in zip(placed, broken, strict=True) if says and job.timeless not in says
        ]
        if len(breaking) == 1:
            says = broken[placed.index(breaking[0])]
            told.append(f"{short_of(breaking[0].visit)} {' and '.join(says)}")
        elif breaking:
            told.append(f"{len(breaking)} {_BREAK[rule]} ({_names(breaking)})")
    return tuple(told)


def _names(jobs: Sequence[_Placed]) -> str:
    names = [short_of(one.visit) for one in jobs[:NAMED]]
    return ", ".join(names) + (f" and {len(jobs) - NAMED} more" if len(jobs) > NAMED else "")
