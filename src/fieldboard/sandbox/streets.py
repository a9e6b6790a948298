"""A city of some twelve by ten kilometres: districts, streets, house numbers, postcodes.

Districts and postcode areas are Bristol's; the streets and their codes are made up.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from fieldboard.sandbox.records import Address

CITY = "Bristol"
KM_PER_DEGREE_LAT = 111.2
KM_PER_DEGREE_LNG = 69.3  # at 51.45° north
#: Roads are longer than the line through the air, and this is the speed of a van in a city.
DETOUR = 1.35
CITY_SPEED_KMH = 27.0


@dataclass(frozen=True, slots=True)
class District:
    """A part of the city, with the territory that dispatchers count it to."""

    name: str
    area: str
    territory: str
    lat: float
    lng: float


DISTRICTS: tuple[District, ...] = (
    District("Harbourside", "BS1", "Centre", 51.4490, -2.6010),
    District("Old City", "BS1", "Centre", 51.4555, -2.5945),
    District("St Pauls", "BS2", "Centre", 51.4620, -2.5830),
    District("Redcliffe", "BS1", "Centre", 51.4475, -2.5890),
    District("Hotwells", "BS8", "West", 51.4490, -2.6170),
    District("Clifton", "BS8", "West", 51.4565, -2.6190),
    District("Sneyd Park", "BS9", "West", 51.4720, -2.6330),
    District("Shirehampton", "BS11", "West", 51.4840, -2.6600),
    District("Cotham", "BS6", "North", 51.4660, -2.6000),
    District("Redland", "BS6", "North", 51.4700, -2.6090),
    District("Bishopston", "BS7", "North", 51.4760, -2.5890),
    District("Horfield", "BS7", "North", 51.4890, -2.5830),
    District("Henleaze", "BS9", "North", 51.4840, -2.6060),
    District("Westbury", "BS9", "North", 51.4930, -2.6210),
    District("Southmead", "BS10", "North", 51.5010, -2.5990),
    District("Easton", "BS5", "East", 51.4650, -2.5650),
    District("St George", "BS5", "East", 51.4600, -2.5400),
    District("Fishponds", "BS16", "East", 51.4800, -2.5300),
    District("Stapleton", "BS16", "East", 51.4850, -2.5540),
    District("Kingswood", "BS15", "East", 51.4620, -2.5060),
    District("Bedminster", "BS3", "South", 51.4400, -2.6000),
    District("Southville", "BS3", "South", 51.4435, -2.6080),
    District("Totterdown", "BS4", "South", 51.4400, -2.5780),
    District("Knowle", "BS4", "South", 51.4290, -2.5690),
    District("Brislington", "BS4", "South", 51.4350, -2.5440),
    District("Hartcliffe", "BS13", "South", 51.4110, -2.6000),
)


def _words(text: str) -> list[str]:
    """The words of ``text``."""
    return text.split()


_HEADS = _words(
    "Abbey Albert Anchor Ashley Bell Bridge Brunel Canon Castle Cedar Chapel Church Cobblers' "
    "Dock Elm Ferry Friary Glebe Hazel Hill Holly King's Larch Mariners' Market Meadow Merchants' "
    "Mill Monk's Oak Orchard Park Priory Quay Queen's Ropewalk Rowan School Spring Station Swan "
    "Tanners' Victoria Water Weavers' Well Wesley Willow Windmill Wool"
)
_TAILS = ("Road", "Street", "Lane", "Terrace", "Avenue", "Crescent", "Row", "Close", "View", "Walk")
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True, slots=True)
class Street:
    """A street: where its middle is, which way it runs (radians), how many houses it has."""

    name: str
    district: int
    lat: float
    lng: float
    bearing: float
    houses: int
    postcode: str


class City:
    """The streets of one world, and addresses in them."""

    def __init__(self, rng: random.Random) -> None:
        names = [f"{head} {tail}" for head in _HEADS for tail in _TAILS]
        rng.shuffle(names)
        self.streets: list[list[Street]] = []
        for index, district in enumerate(DISTRICTS):
            here = []
            for _ in range(12):
                angle, reach = rng.uniform(0, math.tau), rng.uniform(0.05, 0.75)
                code = f"{rng.randint(1, 9)}{rng.choice(_INWARD)}{rng.choice(_INWARD)}"
                here.append(
                    Street(
                        names.pop(),
                        index,
                        district.lat + math.sin(angle) * reach / KM_PER_DEGREE_LAT,
                        district.lng + math.cos(angle) * reach / KM_PER_DEGREE_LNG,
                        rng.uniform(0, math.pi),
                        rng.choice((18, 40, 64, 96, 140)),
                        f"{district.area} {code}",
                    )
                )
            self.streets.append(here)
        #: For each district all of them, the nearest first, itself included.
        self.nearest: list[list[int]] = [
            sorted(
                range(len(DISTRICTS)),
                key=lambda other, here=here: distance_km(  # type: ignore[misc]
                    (here.lat, here.lng), (DISTRICTS[other].lat, DISTRICTS[other].lng)
                ),
            )
            for here in DISTRICTS
        ]

    def address(self, district: int, flat: bool, rng: random.Random) -> Address:
        """A house, or a flat in one, somewhere in ``district``."""
        street = rng.choice(self.streets[district])
        number = rng.randint(1, street.houses)
        along = (number / street.houses - 0.5) * street.houses * 0.006
        letter = rng.choice("abc") if not flat and rng.random() < 0.06 else ""
        return Address(
            f"Flat {rng.randint(1, 24)}" if flat else "",
            f"{number}{letter} {street.name}",
            DISTRICTS[district].name,
            CITY,
            street.postcode,
            round(street.lat + math.sin(street.bearing) * along / KM_PER_DEGREE_LAT, 5),
            round(street.lng + math.cos(street.bearing) * along / KM_PER_DEGREE_LNG, 5),
        )


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres through the air between two places of the city (flat at this size)."""
    return math.hypot((one[0] - other[0]) * KM_PER_DEGREE_LAT, (one[1] - other[1]) * KM_PER_DEGREE_LNG)


def drive_minutes(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Minutes by van between two places, with three for parking."""
    return math.ceil(distance_km(one, other) * DETOUR / CITY_SPEED_KMH * 60) + 3
