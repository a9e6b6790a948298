"""Customers, where the system keeps them apart from jobs."""

from __future__ import annotations

from fieldboard.domain.named import NamedTuple
from fieldboard.domain.technician import LatLng
from fieldboard.domain.value_class import value_class


class Site(NamedTuple):
    """A place of a customer at which jobs are done."""

    id: str
    name: str
    address: str | None = None
    place: LatLng | None = None


@value_class
class Customer:
    """Somebody for whom jobs are done. `sites` are the places, where the system keeps several."""

    id: str
    name: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    place: LatLng | None = None
    sites: tuple[Site, ...] = ()
