"""What a sound FieldCamp server answers: a company's day, in both dialects of its documents.

The shapes are those of docs.fieldcamp.ai/api-reference/resources; what is in them is ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fieldboard.domain.operation import Kind
from fieldboard.sandbox.fieldcamp import create_app
from fieldboard.sandbox.world import build_world

DAY: Final = date(2026, 6, 4)
NOW: Final = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)
NAMES: Final = {Kind.TECHNICIAN: "team", Kind.CUSTOMER: "clients", Kind.JOB: "jobs", Kind.VISIT: "visits"}

TECHNICIANS: Final = 6
JOBS: Final = 26
"""Four a technician, and two without one."""

_STATUSES: Final = ("scheduled", "in-progress", "completed", "scheduled", "cancelled", "paused")
_VISIT_STATUSES: Final = ("scheduled", "in-transit", "arrived", "completed", "scheduled", "canceled")
_PRIORITIES: Final = ("urgent", "high", "medium", "low", None)


@dataclass(frozen=True, slots=True)
class Body:
    """An answer before it is spoiled: `door` is list, one or write; `value` its JSON."""

    door: str
    kind: Kind
    value: Any


def member(number: int) -> dict[str, Any]:
    """One of the team."""
    return {
        "id": f"t{number}",
        "firstName": f"Person{number}",
        "lastName": "Dale",
        "email": f"p{number}@example.com",
        "role": "technician",
        "isActive": True,
        "phoneNumber": {"countryCode": "+44", "number": f"114496000{number}"},
    }


def client(number: int) -> dict[str, Any]:
    """A customer."""
    return {
        "id": f"c{number}",
        "firstName": "Ines",
        "lastName": f"Orchard{number}",
        "companyName": None,
        "email": f"c{number}@example.com",
        "phoneNumber": {"countryCode": "+44", "number": "1144960123"},
        "propertyAddress": {"street": "Quay Road", "houseNumber": str(number), "city": "Sheffield"},
        "latitude": 53.38,
        "longitude": -1.47,
        "updatedAt": "2026-06-03T08:00:00.000Z",
    }


def job(number: int) -> dict[str, Any]:
    """A job; every third in the dialect of requests."""
    start, end = times(number)
    value: dict[str, Any] = {
        "id": f"j{number}",
        "recordId": f"j{number}",
        "jobNumber": str(4400 + number),
        "title": f"Boiler service {number}",
        "clientId": f"c{number % 5}",
        "jobAddress": {
            "street": "Mill Lane",
            "houseNumber": "12",
            "city": "Sheffield",
            "formattedAddress": "12 Mill Lane, Sheffield",
            "latitude": 53.38 + number / 500,
            "longitude": -1.47,
        },
        "jobPhone": {"countryCode": "+44", "number": "1144960124", "countryIdentifier": "gb"},
        "assignedToTeams": [f"t{number // 4}"] if number < TECHNICIANS * 4 else [],
        "startDateTime": start,
        "endDateTime": end,
        "scheduleLater": False,
        "anyTime": False,
        "properties": [{"id": "p1", "name": "Arrival window", "type": "Text", "value": "08:00-12:00"}],
        "skillsId": ["gas"],
        "priority": _PRIORITIES[number % 5],
        "notes": "Key under the mat.\nBeware of the dog.",
        "createdAt": "2026-06-01T08:00:00.000Z",
        "updatedAt": f"2026-06-03T08:{number:02}:00.000Z",
    }
    if number % 3:
        value |= {"jobStatus": _STATUSES[number % 6], "jobType": "one-off"}
        value["jobItems"] = [{"itemId": "i", "itemName": "Boiler", "description": "annual", "quantity": 1}]
    else:
        value |= {"status": _STATUSES[number % 6], "type": "one-off"}
        value["lineItems"] = [{"name": "Boiler", "quantity": 2}]
    return value


def visit(number: int) -> dict[str, Any]:
    """A visit of the job of the same number; every third with the names that visits have inside a job."""
    start, end = times(number)
    status = _VISIT_STATUSES[number % 6]
    common = {"id": f"v{number}", "jobId": f"j{number}", "createdAt": "2026-06-01T08:00:00.000Z"}
    crew = f"t{number // 4}" if number < TECHNICIANS * 4 else None
    if number % 3:
        return {
            **common,
            "scheduledStart": start,
            "scheduledEnd": end,
            "technicianId": crew,
            "visitStatus": status,
        }
    return {
        **common,
        "visitStartDateTime": start,
        "visitEndDateTime": end,
        "teamId": [crew] if crew else [],
        "status": status,
        "anyTime": False,
        "scheduleLater": False,
    }


def times(number: int) -> tuple[str, str]:
    """When the visit of a number is planned on the day."""
    hour = 7 + number % 4 * 2
    return f"2026-06-04T{hour:02}:00:00.000Z", f"2026-06-04T{hour + 1:02}:30:00.000Z"


_MAKERS: Final = {
    Kind.TECHNICIAN: (member, TECHNICIANS),
    Kind.CUSTOMER: (client, 5),
    Kind.JOB: (job, JOBS),
    Kind.VISIT: (visit, JOBS),
}


def rows_of(kind: Kind) -> list[dict[str, Any]]:
    """All rows of a kind."""
    make, count = _MAKERS[kind]
    return [make(number) for number in range(count)]


def list_of(kind: Kind, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A list's answer."""
    return {"success": True, "data": {NAMES[kind]: rows}, "meta": {"requestId": "r-1"}}


def whole_day() -> list[Body]:
    """The lists of the whole company."""
    return [Body("list", kind, list_of(kind, rows_of(kind))) for kind in NAMES]


def single(kind: Kind, number: int) -> dict[str, Any]:
    """The answer that brings one row."""
    name = {Kind.JOB: "job", Kind.VISIT: "visit", Kind.CUSTOMER: "client", Kind.TECHNICIAN: "member"}[kind]
    make, count = _MAKERS[kind]
    return {"success": True, "data": {name: make(number % count)}}


async def of_the_sandbox() -> list[Body]:
    """What the sandbox's server answers to each list, its rows given the ids of our day."""
    import httpx

    world = build_world(7, TECHNICIANS, 40, 3, DAY, NOW, ZoneInfo("Europe/London"))
    app = create_app(world, token="t", clock=lambda: NOW)
    found: list[Body] = []
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", headers={"X-API-Key": "t"}
    ) as http:
        for kind, name in NAMES.items():
            answer = json.loads((await http.get(f"/api/v1/{name}")).content)
            rows = answer["data"][name]
            for number, row in enumerate(rows):
                row["id"] = f"{_letter(kind)}{number % JOBS}"
                row.pop("recordId", None)
                if kind is Kind.VISIT:
                    row["jobId"] = f"j{number % JOBS}"
                    row["technicianId"] = f"t{number % TECHNICIANS}"
            found.append(Body("list", kind, answer))
    return found


def _letter(kind: Kind) -> str:
    return {Kind.TECHNICIAN: "t", Kind.CUSTOMER: "c", Kind.JOB: "j", Kind.VISIT: "v"}[kind]
