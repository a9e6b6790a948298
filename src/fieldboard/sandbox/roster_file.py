"""The roster of a world, as the file that tells a board what a system does not."""

from __future__ import annotations

import json
from collections.abc import Callable

from fieldboard.sandbox.records import Technician, World

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def roster_toml(world: World, id_of: Callable[[str], str] = str) -> str:
    """The text of a ``roster.toml``: one entry a technician, and the names of the skill ids.

    ``id_of`` gives the id under which the system knows a technician of the world.
    """
    head = f"# {world.company}: what the system does not tell about its technicians.\n"
    skills = "".join(f"{id_} = {_quoted(name)}\n" for name, id_ in world.skill_ids.items())
    entries = "\n".join(_entry(person, id_of(person.id)) for person in world.technicians.values())
    return f"{head}\n[skill_names]\n{skills}\n{entries}"


def _entry(person: Technician, known_as: str) -> str:
    """One ``[[technician]]`` table."""
    shift = ", ".join(f"{_WEEKDAYS[day]} = {_span(hours)}" for day, hours in sorted(person.shift.items()))
    absences = ", ".join(
        f"{{ from = {_quoted(absence.first.isoformat())}, to = {_quoted(absence.last.isoformat())}, "
        f"kind = {_quoted(absence.kind)} }}"
        for absence in person.absences
    )
    lines = [
        "[[technician]]",
        f"id = {_quoted(known_as)}",
        f"name = {_quoted(person.name)}",
        f"skills = [{', '.join(_quoted(skill) for skill in person.skills)}]",
        f"shift = {{ {shift} }}" if shift else "shift = {}",
        f"breaks = [{_span(person.lunch)}]",
        f"absences = [{absences}]",
        f"home = {{ lat = {person.home[0]}, lng = {person.home[1]} }}",
        f"capacity = {person.capacity}",
        f"territory = {_quoted(person.territory)}",
        f"phone = {_quoted(person.phone)}",
    ]
    return "\n".join(lines) + "\n"


def _span(minutes: tuple[int, int]) -> str:
    """``"08:00-17:00"``."""
    first, last = minutes
    return f'"{first // 60:02d}:{first % 60:02d}-{last // 60:02d}:{last % 60:02d}"'


def _quoted(text: str) -> str:
    """A basic string: what JSON writes is one in TOML too."""
    return json.dumps(text, ensure_ascii=False)
