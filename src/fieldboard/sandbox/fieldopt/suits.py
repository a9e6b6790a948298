"""Whether a technician suits a job: skills, and the way to it."""

from __future__ import annotations

import math

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import Job, Technician

_EARTH_MILES = 3958.8


def lacks(job: Job, technician: Technician) -> list[str]:
    """The skills of a job that a technician does not have."""
    return [skill for skill in job.skills if skill not in technician.skills]


def distance(book: Book, job: Job, technician: Technician) -> float:
    """Miles as the crow flies from where a technician was last, or lives, to a job."""
    lat, lng = book.person(technician).place or technician.home
    return miles(lat, lng, job.site.lat, job.site.lng)


def miles(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """The great circle between two places in degrees."""
    one, other = math.radians(lat), math.radians(other_lat)
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(math.radians(other_lng - lng) / 2) ** 2
    return 2 * _EARTH_MILES * math.asin(min(1.0, math.sqrt(half)))
