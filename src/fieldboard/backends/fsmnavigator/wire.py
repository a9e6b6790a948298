"""FSM Navigator's JSON, as far as the board reads it.

Shapes of fsmnavigator.com/docs/api/jobs, …/technicians and …/customers. Everything may be missing or
null; a value of another type makes the row unreadable. Ids are whole numbers there and texts here.
"""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

_TOLERANT: Final = ConfigDict(coerce_numbers_to_str=True, allow_inf_nan=False, extra="ignore")


class WireAsset(TypedDict, total=False):
    """One of a job's `assets`."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    asset_id: str | None
    asset_tag: str | None
    asset_name: str | None
    asset_status: str | None
    relationship_type: str | None
    relationship_notes: str | None
    linked_at: str | None


class WireJob(TypedDict, total=False):
    """A job; `assets` only where it was read by its id."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    job_id: str | None
    job_title: str | None
    job_description: str | None
    job_status: str | None
    job_priority: str | None
    assigned_technician_id: str | None
    assigned_technician_name: str | None
    customer_location_id: str | None
    customer_location_name: str | None
    customer_id: str | None
    customer_name: str | None
    scheduled_start: str | None
    scheduled_end: str | None
    actual_start: str | None
    actual_end: str | None
    created_at: str | None
    updated_at: str | None
    assets: list[WireAsset] | None


class WireTechnician(TypedDict, total=False):
    """A technician; `skills` only where it was read by its id, as texts or as objects."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    technician_id: str | None
    first_name: str | None
    last_name: str | None
    status: str | None
    availability_status: str | None
    skills: list[object] | None


class WireLocation(TypedDict, total=False):
    """A place of a customer. The documents name no shape of it: what several might be called is read."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    location_id: str | None
    id: str | None
    customer_location_id: str | None
    location_name: str | None
    name: str | None
    street: str | None
    street_address: str | None
    address: str | None
    city: str | None
    state: str | None
    zip: str | None
    zip_code: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    lat: float | None
    lng: float | None


class WireCustomer(TypedDict, total=False):
    """A customer; `locations` only where it was read by its id."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    customer_id: str | None
    customer_name: str | None
    customer_email: str | None
    customer_phone: str | None
    contact_email: str | None
    contact_phone: str | None
    updated_at: str | None
    locations: list[WireLocation] | None


JOB: Final = TypeAdapter(WireJob)
TECHNICIAN: Final = TypeAdapter(WireTechnician)
CUSTOMER: Final = TypeAdapter(WireCustomer)
LOCATIONS: Final = TypeAdapter(list[WireLocation])
