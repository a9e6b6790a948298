"""How long a drive takes, estimated without a map.

The figures: the great-circle distance times 1.3 (streets are not straight), at 30 km/h (a van in a
town), and 3 minutes to park and to walk to the door. A tenth of a kilometre counts as the same place.
"""

from __future__ import annotations

from math import asin, ceil, cos, radians, sin, sqrt

from fieldboard.domain.technician import LatLng

DETOUR = 1.3
"""Kilometres of street for a kilometre as the crow flies."""
SPEED_KMH = 30.0
PARKING_MIN = 3.0
SAME_PLACE_KM = 0.1

_EARTH_KM = 12_742.0  # the diameter
_MIN_PER_KM = 60.0 * DETOUR / SPEED_KMH


def crow_km(a: LatLng, b: LatLng) -> float:
    """Great-circle distance in kilometres (haversine)."""
    lat_a, lng_a, lat_b, lng_b = radians(a[0]), radians(a[1]), radians(b[0]), radians(b[1])
    across = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lng_b - lng_a) / 2) ** 2
    return _EARTH_KM * asin(min(1.0, sqrt(across)))


def drive_km(a: LatLng, b: LatLng) -> float:
    """Kilometres of street between two places, estimated."""
    return crow_km(a, b) * DETOUR


def drive_minutes(a: LatLng | None, b: LatLng | None) -> int | None:
    """Whole minutes from door to door, rounded up; 0 at the same place, None where one is unknown."""
    if a is None or b is None:
        return None
    distance = crow_km(a, b)
    return 0 if distance < SAME_PLACE_KM else ceil(distance * _MIN_PER_KM + PARKING_MIN)
