"""Technicians as the board knows them: what the system says, with the roster laid over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache

from fieldboard.domain.instants import Zone
from fieldboard.domain.technician import Technician
from fieldboard.roster import Roster, RosterEntry


def merged(
    technicians: Iterable[Technician], roster: Roster, zone: Zone, today: date
) -> tuple[Technician, ...]:
    """The technicians by name, with the roster's word: skills are added, other values win.

    Where the system lists no technicians at all, an entry with an id is one.
    """
    known = list(technicians)
    if not known:
        known = [Technician(id=one.id, name=one.name or one.id) for one in roster.technicians if one.id]
    people = [_with(one, roster.entry_for(one.id, one.name), roster, zone, today) for one in known]
    return tuple(sorted(people, key=lambda one: (one.name.casefold(), one.id)))


def _with(
    technician: Technician, entry: RosterEntry | None, roster: Roster, zone: Zone, today: date
) -> Technician:
    named = tuple(roster.skill_names.get(skill, skill) for skill in technician.skills)
    if entry is None:
        return technician if named == technician.skills else replace(technician, skills=named)
    skills = _joined(named, entry.skills)
    return Technician(
        id=technician.id,
        name=(entry.name if entry.id is not None else None) or technician.name,
        status=technician.status,
        since=technician.since,
        active=technician.active,
        skills=skills,
        skills_known=technician.skills_known or bool(entry.skills),
        shift=entry.shift if entry.shift is not None else technician.shift,
        breaks=entry.breaks or technician.breaks,
        absences=(*technician.absences, *(away.on_clock(zone, today) for away in entry.absences)),
        capacity=entry.capacity if entry.capacity is not None else technician.capacity,
        home=entry.home or technician.home,
        territory=entry.territory or technician.territory,
        phone=entry.phone or technician.phone,
        position=technician.position,
        role=technician.role,
    )


@lru_cache(maxsize=512)
def _joined(named: tuple[str, ...], skills: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once; remembered, as a thousand technicians have a few dozen sets of skills among them."""
    return tuple(dict.fromkeys((*named, *skills)))
