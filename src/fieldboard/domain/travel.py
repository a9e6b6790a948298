"""How long a drive takes, estimated without a map.

The figures: the great-circle distance times 1.3 (streets are not straight), at 30 km/h (a van in a
town), and 3 minutes to park and to walk to the door. A tenth of a kilometre counts as the same place.
"""

from __future__ import annotations

from math import asin, ceil, cos, pi, sin, sqrt

from fieldboard.domain.technician import LatLng

DETOUR = 1.3
"""Kilometres of street for a kilometre as the crow flies."""
SPEED_KMH = 30.0
PARKING_MIN = 3.0
SAME_PLACE_KM = 0.1

_EARTH_KM = 12_742.0  # the diameter
_RADIANS = pi / 180
_MIN_PER_KM = 60.0 * DETOUR / SPEED_KMH


def crow_km(a: LatLng, b: LatLng) -> float:
    """Great-circle distance in kilometres (haversine)."""
    return _km(a[0], a[1], b[0], b[1])


def drive_km(a: LatLng, b: LatLng) -> float:
    """Kilometres of street between two places, estimated."""
    return _km(a[0], a[1], b[0], b[1]) * DETOUR


def drive_minutes(a: LatLng | None, b: LatLng | None) -> int | None:
    """Whole minutes from door to door, rounded up; 0 at the same place, None where one is unknown."""
    if a is None or b is None:
        return None
    return minutes_between(a[0], a[1], b[0], b[1])


def minutes_between(lat_a: float, lng_a: float, lat_b: float, lng_b: float) -> int:
    """The same from degrees."""
    distance = _km(lat_a, lng_a, lat_b, lng_b)
    return 0 if distance < SAME_PLACE_KM else ceil(distance * _MIN_PER_KM + PARKING_MIN)


def _km(lat_a: float, lng_a: float, lat_b: float, lng_b: float) -> float:
    lat_a *= _RADIANS
    lat_b *= _RADIANS
    up, across = sin((lat_b - lat_a) / 2), sin((lng_b - lng_a) * _RADIANS / 2)
    return _EARTH_KM * asin(min(1.0, sqrt(up * up + cos(lat_a) * cos(lat_b) * across * across)))
