"""FieldOpt's JSON in both dialects at once, as far as the board reads it.

The documented names stand first, those of the public servers after them; a row may hold either. Everything
may be missing or null; a value of another type makes the row unreadable. Ids are numbers there, texts here.
"""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

_TOLERANT: Final = ConfigDict(coerce_numbers_to_str=True, allow_inf_nan=False, extra="ignore")


class WireJob(TypedDict, total=False):
    """A job. The documents never show an `assigned_technician` that is not null: an id, name or object."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    id: str | None
    type: str | None
    customer: str | None
    address: str | None
    skills_required: list[object] | str | None
    status: str | None
    scheduled_date: str | None
    time_slot: str | None
    assigned_technician: object

    job_number: str | None
    job_type: str | None
    customer_name: str | None
    customer_phone: str | None
    service_address: str | None
    service_city: str | None
    service_zip: str | None
    latitude: float | None
    longitude: float | None
    required_skills: list[object] | str | None
    route_criteria: str | None
    priority: float | None
    time_slot_start: str | None
    time_slot_end: str | None
    estimated_duration: float | None
    description: str | None
    notes: str | None
    special_instructions: str | None
    created_at: str | None
    updated_at: str | None
    started_at: str | None
    completed_at: str | None
    assigned_tech_id: str | None
    assigned_tech_name: str | None
    estimated_arrival: str | None


class WireTechnician(TypedDict, total=False):
    """A technician."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    id: str | None
    name: str | None
    status: str | None
    phone: str | None
    skills: list[object] | str | None
    capacity: float | None
    current_workload: float | None

    employee_id: str | None
    is_active: bool | None
    current_latitude: float | None
    current_longitude: float | None
    home_latitude: float | None
    home_longitude: float | None
    assigned_routes: list[object] | str | None
    shift_start: str | None
    shift_end: str | None
    max_jobs_per_day: float | None
    created_at: str | None


class WireAssignment(TypedDict, total=False):
    """Who goes to a job."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    job_id: str | None
    technician_id: str | None
    assigned_at: str | None


JOB: Final = TypeAdapter(WireJob)
TECHNICIAN: Final = TypeAdapter(WireTechnician)
ASSIGNMENT: Final = TypeAdapter(WireAssignment)
