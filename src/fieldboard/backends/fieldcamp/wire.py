"""FieldCamp's JSON, as far as the board reads it: both dialects of each thing in one shape.

Shapes of docs.fieldcamp.ai/api-reference/resources/jobs, …/visits, …/team and …/clients. Everything
may be missing or null; a value of another type makes the row unreadable. Keys that are not named
here are left alone and are never written back. Dictionaries instead of model objects: a first
sync takes a hundred thousand of them.
"""

from __future__ import annotations

from typing import Final

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

_TOLERANT: Final = ConfigDict(coerce_numbers_to_str=True, allow_inf_nan=False, extra="ignore")


class WireAddress(TypedDict, total=False):
    """`jobAddress`, `propertyAddress`, `billingAddress`."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    street: str | None
    houseNumber: str | None
    city: str | None
    state: str | None
    country: str | None
    zipCode: str | None
    formattedAddress: str | None
    latitude: float | None
    longitude: float | None


class WirePhone(TypedDict, total=False):
    """`jobPhone`, `phoneNumber`."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    countryCode: str | None
    number: str | None


class WireItem(TypedDict, total=False):
    """One of `jobItems` (objects) or `lineItems` (requests)."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    itemName: str | None
    name: str | None
    description: str | None
    quantity: float | None


class WireProperty(TypedDict, total=False):
    """One of `properties`: a field that the company itself added."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    name: str | None
    value: object


class WireJob(TypedDict, total=False):
    """A job; `jobStatus`, `jobType`, `jobItems` of objects and `status`, `type`, `lineItems` of requests."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    id: str | None
    recordId: str | None
    _id: str | None
    clientId: str | None
    jobNumber: str | None
    title: str | None
    jobAddress: WireAddress | str | None
    jobPhone: WirePhone | str | None
    assignedToTeams: list[str | None] | None
    jobType: str | None
    type: str | None
    jobStatus: str | None
    status: str | None
    startDateTime: str | None
    endDateTime: str | None
    scheduleLater: bool | None
    anyTime: bool | None
    isStartTime: bool | None
    jobItems: list[WireItem] | None
    lineItems: list[WireItem] | None
    properties: list[WireProperty] | None
    skillsId: list[str | None] | None
    priority: str | None
    notes: str | None
    createdAt: str | None
    updatedAt: str | None


class WireVisit(TypedDict, total=False):
    """A visit of the list; the names that visits have inside a job are read too."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    id: str | None
    recordId: str | None
    _id: str | None
    jobId: str | None
    scheduledStart: str | None
    scheduledEnd: str | None
    visitStartDateTime: str | None
    visitEndDateTime: str | None
    technicianId: str | list[str | None] | None
    teamId: str | list[str | None] | None
    visitStatus: str | None
    status: str | None
    scheduleLater: bool | None
    anyTime: bool | None
    createdAt: str | None


class WireMember(TypedDict, total=False):
    """One of the team."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    id: str | None
    recordId: str | None
    _id: str | None
    firstName: str | None
    lastName: str | None
    name: str | None
    email: str | None
    role: str | None
    isActive: bool | None
    phoneNumber: WirePhone | str | None


class WireClient(TypedDict, total=False):
    """A customer."""

    __pydantic_config__ = _TOLERANT  # type: ignore[misc]

    id: str | None
    recordId: str | None
    _id: str | None
    name: str | None
    firstName: str | None
    lastName: str | None
    companyName: str | None
    email: str | None
    phoneNumber: WirePhone | str | None
    propertyAddress: WireAddress | str | None
    billingAddress: WireAddress | str | None
    latitude: float | None
    longitude: float | None
    updatedAt: str | None


JOB: Final = TypeAdapter(WireJob)
VISIT: Final = TypeAdapter(WireVisit)
MEMBER: Final = TypeAdapter(WireMember)
CLIENT: Final = TypeAdapter(WireClient)
