"""Customers, where the system keeps them apart from jobs."""

from __future__ import annotations

from dataclasses import dataclass

from fieldboard.domain.technician import LatLng


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody for whom jobs are done."""

    id: str
    name: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    place: LatLng | None = None
