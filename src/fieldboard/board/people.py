"""Technicians as a desk knows them: what the system says, with the roster laid over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from fieldboard.board.nearest import Nearest
from fieldboard.clock import Clock
from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.technician import Technician
from fieldboard.roster import Roster, RosterEntry


class People:
    """Everybody, as of the last look at the cache and for the day of this moment.

    `read` gives the technicians of the cache. Nothing is read before somebody is asked for.
    """

    def __init__(
        self, read: Callable[[], Iterable[Technician]], roster: Roster, zone: Zone, clock: Clock
    ) -> None:
        self._read = read
        self._roster = roster
        self._zone = zone
        self._clock = clock
        self._everybody: tuple[Technician, ...] | None = None
        self._by_id: dict[str, Technician] = {}
        self._day: date | None = None
        self._nearest: Nearest | None = None

    def everybody(self) -> tuple[Technician, ...]:
        """All technicians, those who left too, by name, with the roster laid over them."""
        today = self._today()
        if self._everybody is None or self._day != today:
            self.know(today, merged(self._read(), self._roster, self._zone, today))
        return self._everybody or ()

    def who(self) -> tuple[date, tuple[Technician, ...]]:
        """Everybody, and the day for which that is so: what the roster says may begin or end with it."""
        everybody = self.everybody()
        return self._day or self._today(), everybody

    def know(self, today: date, everybody: tuple[Technician, ...]) -> None:
        """Take this for everybody, until `forget` or another day."""
        self._everybody, self._day = everybody, today
        self._by_id = {one.id: one for one in everybody}
        self._nearest = None

    def forget(self) -> None:
        """Read anew when somebody is asked for next."""
        self._everybody = self._nearest = None

    def active(self) -> tuple[Technician, ...]:
        """The active technicians, by name."""
        return tuple(one for one in self.everybody() if one.active)

    def by_id(self) -> Mapping[str, Technician]:
        """All technicians by id."""
        self.everybody()
        return self._by_id

    def technician(self, technician_id: str) -> Technician | None:
        """One technician, also one who left; None for an unknown id."""
        return self.by_id().get(technician_id)

    def name_of(self, technician_id: str) -> str:
        """A technician's name; the id of one of whom nobody knows more."""
        technician = self.technician(technician_id)
        return technician.name if technician is not None else technician_id

    def nearest(self) -> Nearest:
        """Who is nearest to a visit, as a value that any thread may ask."""
        if self._nearest is None:
            active = self.active()
            # A thousand technicians have a few dozen sets of skills among them.
            known: dict[tuple[str, ...], frozenset[str]] = {
                skills: frozenset(skill.casefold() for skill in skills)
                for skills in {one.skills for one in active}
            }
            self._nearest = Nearest(
                (place, known[one.skills] if one.skills_known else None)
                for one in active
                if (place := one.position or one.home) is not None
            )
        return self._nearest

    def _today(self) -> date:
        return self._zone.date_of(instant_of(self._clock.now()))


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
