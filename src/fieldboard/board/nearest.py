"""Who lives nearest: the distance that a queue row shows, cheap enough for every row of a long queue."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians, sqrt
from typing import Final

from fieldboard.domain.technician import LatLng
from fieldboard.domain.timetable import place_of
from fieldboard.domain.travel import drive_km
from fieldboard.domain.visit import PlannedVisit

_SIDE: Final = 0.01
"""Degrees of a square's side: about a kilometre."""

_RINGS: Final = 12
"""Squares looked at around a place before everybody is compared."""


class Nearest:
    """Finds the nearest of the technicians who have the skills that a visit needs.

    Made from pairs of a place and the skills there, in lower case (None: not known, so that nothing is
    held against them). What was found is remembered.
    """

    __slots__ = ("_by_skills", "_known", "_people")

    def __init__(self, people: Iterable[tuple[LatLng, frozenset[str] | None]]) -> None:
        self._people = tuple(people)
        self._by_skills: dict[tuple[str, ...], _Grid] = {}
        self._known: dict[tuple[float, float, tuple[str, ...]], float | None] = {}

    def __call__(self, visit: PlannedVisit) -> float | None:
        """Kilometres of street, estimated; None where a place is unknown or nobody has the skills."""
        lat, lng, skills = visit.lat, visit.lng, visit.skills
        if lat is None or lng is None:
            return None
        try:
            return self._known[lat, lng, skills]
        except KeyError:
            pass
        grid = self._by_skills.get(skills)
        if grid is None:
            needed = {skill.casefold() for skill in skills}
            grid = _Grid(place for place, has in self._people if has is None or needed <= has)
            self._by_skills[skills] = grid
        place = place_of(visit)
        near = grid.nearest(place) if place is not None else None
        found = drive_km(place, near) if place is not None and near is not None else None
        self._known[lat, lng, skills] = found
        return found


class _Grid:
    """Places in squares, so that a search looks only at the squares around.

    Inside the grid the earth is flat: a degree east is as long as at the place that is asked for.
    """

    __slots__ = ("_places", "_squares")

    def __init__(self, places: Iterable[LatLng]) -> None:
        self._places = list(places)
        self._squares: dict[tuple[int, int], list[LatLng]] = {}
        for place in self._places:
            self._squares.setdefault((int(place.lat // _SIDE), int(place.lng // _SIDE)), []).append(place)

    def nearest(self, place: LatLng) -> LatLng | None:
        """The nearest place; None in an empty grid."""
        if not self._places:
            return None
        squares, narrow = self._squares, max(0.01, cos(radians(place.lat)))
        row, column = int(place.lat // _SIDE), int(place.lng // _SIDE)
        best: LatLng | None = None
        best_square = 0.0
        for ring in range(_RINGS):
            # Nothing in this ring or beyond it can be nearer than so many degrees.
            if best is not None and sqrt(best_square) <= (ring - 1) * _SIDE * narrow:
                return best
            for square in _ring(row, column, ring):
                for other in squares.get(square, ()):
                    apart = (other.lat - place.lat) ** 2 + ((other.lng - place.lng) * narrow) ** 2
                    if best is None or apart < best_square:
                        best, best_square = other, apart
        return min(
            self._places,
            key=lambda other: (other.lat - place.lat) ** 2 + ((other.lng - place.lng) * narrow) ** 2,
        )


def _ring(row: int, column: int, ring: int) -> list[tuple[int, int]]:
    if ring == 0:
        return [(row, column)]
    sides = range(-ring, ring + 1)
    inner = range(1 - ring, ring)
    return (
        [(row + ring, column + step) for step in sides]
        + [(row - ring, column + step) for step in sides]
        + [(row + step, column + ring) for step in inner]
        + [(row + step, column - ring) for step in inner]
    )
