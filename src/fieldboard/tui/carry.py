"""Picking a visit up and moving it: one state machine for keys and for the mouse, without a screen.

A carry says where the visit would land. Every step gives a new one; what a step cannot do leaves it as
it is. Letters look for a technician, digits for a time; arrows end both.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final, Literal, NamedTuple

from fieldboard.board.naming import typed_time
from fieldboard.domain.instants import HOUR, MINUTE, Instant, Zone
from fieldboard.domain.timetable import span_of
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit

Part = Literal["whole", "start", "end"]
"""What is moved: the visit, or one of its ends."""


_STEPS: Final = {
    "h": (-1, 0),
    "left": (-1, 0),
    "l": (1, 0),
    "right": (1, 0),
    "k": (0, -1),
    "up": (0, -1),
    "j": (0, 1),
    "down": (0, 1),
    "ctrl+d": (0, 4),
    "pagedown": (0, 4),
    "ctrl+u": (0, -4),
    "pageup": (0, -4),
}
"""Columns and slots that a key moves by."""


class Person(NamedTuple):
    """A technician over whom a visit can be carried, in the order of the columns."""

    id: str
    name: str


@value_class
class Carry:
    """A visit in the hand of the dispatcher.

    `technician_id` is over whom it is (None: over the queue), `start` and `end` when it would be.
    `source` is the column from which it was taken. `sure` says that a broken rule has been seen and
    Enter pressed for it; every move takes that back.
    """

    visit: PlannedVisit
    people: tuple[Person, ...]
    technician_id: str | None
    start: Instant
    end: Instant
    day_start: Instant
    day_end: Instant
    slot: int
    source: str | None = None
    part: Part = "whole"
    typed_time: str = ""
    typed_name: str = ""
    sure: bool = False

    @property
    def target(self) -> tuple[str | None, Instant, Instant]:
        """Where it would land: technician, start, end. Two carries with one target have one preview."""
        return self.technician_id, self.start, self.end

    @property
    def typed(self) -> str:
        """The letters or digits typed so far."""
        return self.typed_name or self.typed_time

    @property
    def moved(self) -> bool:
        """Whether letting go would change anything."""
        if self.technician_id is None:
            return bool(self.visit.technician_ids)
        there = self.technician_id in self.visit.technician_ids
        return not there or (self.start, self.end) != (self.visit.start, self.visit.end)


def pick_up(
    visit: PlannedVisit,
    people: tuple[Person, ...],
    day: tuple[Instant, Instant],
    slot: int,
    now: Instant,
    *,
    over: str | None = None,
    source: str | None = None,
    part: Part = "whole",
) -> Carry | None:
    """Take a visit; one without technician or time is first held over `over` at the next good time.

    None where there is nobody to whom it could be given.
    """
    if not people:
        return None
    known = {person.id for person in people}
    technician = (
        source if source in known else next((one for one in visit.technician_ids if one in known), None)
    )
    if technician is None:
        technician = over if over in known else people[0].id
    span = span_of(visit) if visit.start is not None else None
    if span is not None and visit.start is not None and day[0] <= visit.start < day[1]:
        start = visit.start
        end = visit.end if visit.end is not None and visit.end > start else span[1]
    else:
        start = first_time(visit, day, slot, now)
        end = start + visit.minutes * MINUTE
    return Carry(visit, people, technician, start, end, *day, slot, source, part)


def first_time(visit: PlannedVisit, day: tuple[Instant, Instant], slot: int, now: Instant) -> Instant:
    """When a visit without a time on this day is first held: in its window, not before now, at eight."""
    start = day[0] + 8 * HOUR
    for window in visit.windows:
        if day[0] < window.start < day[1]:
            start = window.start
            break
    if day[0] <= now < day[1] and start < now:
        start = day[0] + -(-(now - day[0]) // slot) * slot
    return min(start, day[1] - slot)


def stepped(carry: Carry, key: str) -> Carry | None:
    """A step by a key; None for a key that is no step (a letter is none while a name is typed)."""
    step_of = _STEPS.get(key)
    if step_of is None or (carry.typed_name and len(key) == 1):
        return None
    return step(carry, *step_of)


def step(carry: Carry, columns: int = 0, slots: int = 0) -> Carry:
    """Move over technicians and slots; an end that is carried moves alone, and never past the other."""
    fresh = replace(carry, typed_time="", typed_name="", sure=False)
    seconds = slots * carry.slot
    if carry.part == "start":
        return replace(fresh, start=min(_snapped(carry.start, seconds, carry), carry.end - 5 * MINUTE))
    if carry.part == "end":
        return replace(fresh, end=max(_snapped(carry.end, seconds, carry), carry.start + 5 * MINUTE))
    technician = carry.technician_id
    if columns:
        ids = [person.id for person in carry.people]
        at = ids.index(technician) if technician in ids else -1
        at += columns
        # Left of the first column lies the queue.
        technician = ids[min(at, len(ids) - 1)] if at >= 0 else None
    if not seconds:
        return replace(fresh, technician_id=technician)
    start = _snapped(carry.start, seconds, carry)
    start = max(carry.day_start, min(start, carry.day_end - carry.slot))
    return replace(fresh, technician_id=technician, start=start, end=start + carry.end - carry.start)


def over(carry: Carry, technician_id: str | None, start: Instant | None = None) -> Carry:
    """Hold it over a technician at a time (the mouse), or over the queue."""
    if carry.part != "whole":
        return carry if start is None else _end_at(carry, start)
    begin = carry.start if start is None else start
    if (technician_id, begin) == (carry.technician_id, carry.start):
        return carry
    others = technician_id is not None and technician_id != carry.technician_id
    if others and all(person.id != technician_id for person in carry.people):
        return carry
    return replace(
        carry,
        technician_id=technician_id,
        start=begin,
        end=begin + carry.end - carry.start,
        typed_name="",
        typed_time="",
        sure=False,
    )


def entire(carry: Carry) -> Carry:
    """Carry the whole visit, as it is planned, where one of its ends was carried."""
    visit = carry.visit
    if carry.part == "whole" or visit.start is None:
        return carry
    end = visit.end if visit.end is not None else visit.start + visit.minutes * MINUTE
    return replace(carry, part="whole", start=visit.start, end=end, sure=False)


def _end_at(carry: Carry, instant: Instant) -> Carry:
    if carry.part == "start":
        start = min(instant, carry.end - 5 * MINUTE)
        return carry if start == carry.start else replace(carry, start=start, sure=False)
    end = max(instant, carry.start + 5 * MINUTE)
    return carry if end == carry.end else replace(carry, end=end, sure=False)


def to_day(carry: Carry, day: date, zone: Zone) -> Carry:
    """Carry it to another day, at the same time of day."""
    bounds = zone.day_bounds(day)
    start = zone.nearest(day, zone.local(carry.start).time().replace(tzinfo=None))
    end = start + carry.end - carry.start
    return replace(carry, start=start, end=end, day_start=bounds[0], day_end=bounds[1], sure=False)


def type_digit(carry: Carry, digit: str, zone: Zone) -> Carry:
    """A digit of a time: `9`, `14`, `930` and `1430` mean 09:00, 14:00, 09:30 and 14:30."""
    typed = carry.typed_time + digit if len(carry.typed_time) < 4 else digit
    wall = typed_time(typed)
    if wall is None and not _half_typed(typed):
        typed = digit
        wall = typed_time(typed)
    fresh = replace(carry, typed_time=typed, typed_name="", sure=False)
    # A lone 0, 1 or 2 is most often the beginning of an hour: nothing jumps to the night for it.
    if wall is None or typed in ("0", "1", "2"):
        return fresh
    instant = zone.nearest(zone.date_of(carry.day_start), wall)
    if carry.part != "whole":
        return replace(_end_at(fresh, instant), typed_time=typed)
    return replace(fresh, start=instant, end=instant + carry.end - carry.start)


def _half_typed(typed: str) -> bool:
    """Whether one more digit can make a time of it (`93` may become 09:30)."""
    return len(typed) < 4 and any(typed_time(typed + digit) is not None for digit in "0123456789")


def type_letter(carry: Carry, letter: str) -> Carry:
    """A letter of a technician's name: the first whose name has a part beginning so, else containing it."""
    if carry.part != "whole":
        return carry
    for typed in (carry.typed_name + letter, letter):
        found = find_person(carry.people, typed)
        if found is not None:
            return replace(carry, technician_id=found.id, typed_name=typed, typed_time="", sure=False)
    return carry


def rub_out(carry: Carry, zone: Zone) -> Carry:
    """Take the last typed character back."""
    if carry.typed_name:
        typed = carry.typed_name[:-1]
        found = find_person(carry.people, typed) if typed else None
        return replace(carry, typed_name=typed, technician_id=found.id if found else carry.technician_id)
    if carry.typed_time:
        shorter = replace(carry, typed_time=carry.typed_time[:-2])
        return type_digit(shorter, carry.typed_time[-2], zone) if len(carry.typed_time) > 1 else shorter
    return carry


def find_person(people: tuple[Person, ...], typed: str) -> Person | None:
    """The first whose name begins with the letters, else with a part that does, else contains them."""
    wanted = typed.casefold()
    for test in (
        lambda name: name.startswith(wanted),
        lambda name: any(part.startswith(wanted) for part in name.split()),
        lambda name: wanted in name,
    ):
        for person in people:
            if test(person.name.casefold()):
                return person
    return None


def _snapped(instant: Instant, seconds: int, carry: Carry) -> Instant:
    """A step from an instant; the first one from between two slots goes to the nearer slot's edge."""
    if not seconds:
        return instant
    off = (instant - carry.day_start) % carry.slot
    if off == 0:
        return instant + seconds
    return instant - off + (carry.slot if seconds > 0 else 0)
