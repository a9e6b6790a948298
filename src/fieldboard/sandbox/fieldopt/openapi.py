"""``/openapi.json``: the paths and the fields of the dialect and the release that a server speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.routing import Route

from fieldboard.sandbox.fieldopt.code_rows import of_release
from fieldboard.sandbox.fieldopt.settings import Settings

Shape = Mapping[str, str]

_WIKI: Final[dict[str, Shape]] = {
    "TechnicianResponse": {
        "id": "integer", "name": "string", "status": "string", "phone": "string?", "skills": "array",
        "capacity": "integer", "current_workload": "integer",
    },
    "JobResponse": {
        "id": "integer", "type": "string", "customer": "string", "address": "string",
        "skills_required": "array", "status": "string", "scheduled_date": "string?", "time_slot": "string?",
        "assigned_technician": "integer?",
    },
    "AssignmentResponse": {
        "id": "integer", "job_id": "integer", "technician_id": "integer", "assigned_at": "string",
    },
}  # fmt: skip
_CODE: Final[dict[str, Shape]] = {
    "TechnicianResponse": {
        "id": "integer", "name": "string", "employee_id": "string?", "phone": "string?", "email": "string?",
        "status": "string", "is_active": "boolean", "current_latitude": "number?",
        "current_longitude": "number?", "last_location_update": "string?", "home_latitude": "number",
        "home_longitude": "number", "home_address": "string?", "skills": "array", "assigned_routes": "array",
        "shift_start": "string?", "shift_end": "string?", "max_jobs_per_day": "integer",
        "created_at": "string", "updated_at": "string", "assigned_jobs": "integer",
        "completed_jobs": "integer",
    },
    "JobResponse": {
        "id": "integer", "job_number": "string?", "job_type": "string", "status": "string",
        "customer_name": "string", "customer_phone": "string?", "customer_email": "string?",
        "service_address": "string", "service_city": "string?", "service_zip": "string?",
        "latitude": "number", "longitude": "number", "required_skills": "array", "route_criteria": "string?",
        "priority": "integer", "scheduled_date": "string?", "time_slot_start": "string?",
        "time_slot_end": "string?", "estimated_duration": "integer", "description": "string?",
        "notes": "string?", "special_instructions": "string?", "created_at": "string",
        "updated_at": "string", "started_at": "string?", "completed_at": "string?",
        "assigned_tech_id": "integer?", "assigned_tech_name": "string?", "estimated_arrival": "string?",
        "actual_duration_minutes": "integer?",
    },
    "AssignmentResponse": {
        "id": "integer", "job_id": "integer", "technician_id": "integer", "assigned_at": "string",
        "sequence": "integer?", "estimated_travel_time": "number?", "estimated_distance": "number?",
        "estimated_arrival": "string?", "created_at": "string", "updated_at": "string",
    },
}  # fmt: skip
#: What the releases say of themselves; the older ones are wrong.
VERSIONS: Final = {"0.0.3": "0.0.2", "0.0.4": "0.0.2", "0.0.6": "0.0.5"}
_LISTS: Final = frozenset({"/jobs/", "/technicians/", "/jobs/pending", "/jobs/search/query"})


def described(settings: Settings, routes: Sequence[Route], base: str) -> dict[str, object]:
    """The whole document."""
    shapes = _CODE if settings.dialect == "code" else _WIKI
    schemas = {
        name: _schema(name, of_release(settings, shape) if name != "AssignmentResponse" else shape)
        for name, shape in shapes.items()
    }
    paths: dict[str, dict[str, object]] = {}
    for route in routes:
        if not route.path.startswith(base):
            continue
        path = route.path.removeprefix(base)
        for method in sorted(route.methods or ()):
            operations = paths.setdefault(base + _named(path), {})
            operations[method.lower()] = _operation(path, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "FieldOpt API", "version": VERSIONS.get(settings.version, settings.version)},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _schema(name: str, shape: Mapping[str, object]) -> dict[str, object]:
    return {
        "title": name,
        "type": "object",
        "properties": {field: _property(field, str(kind)) for field, kind in shape.items()},
        "required": [field for field, kind in shape.items() if not str(kind).endswith("?")],
    }


def _property(field: str, kind: str) -> dict[str, object]:
    title = field.replace("_", " ").title()
    if kind == "array":
        return {"title": title, "type": "array", "items": {"type": "string"}}
    if kind.endswith("?"):
        return {"title": title, "anyOf": [{"type": kind.rstrip("?")}, {"type": "null"}]}
    return {"title": title, "type": kind}


def _operation(path: str, method: str) -> dict[str, object]:
    kind = {"jobs": "JobResponse", "technicians": "TechnicianResponse", "assignments": "AssignmentResponse"}
    first = path.split("/")[1]
    schema: dict[str, object] = {}
    if path in _LISTS or path in ("/jobs/{id}", "/technicians/{id}", "/assignments/"):
        one: dict[str, object] = {"$ref": f"#/components/schemas/{kind[first]}"}
        schema = {"type": "array", "items": one} if path in _LISTS and method == "GET" else one
    status = "201" if method == "POST" and path.endswith("/") else "200"
    content = {"application/json": {"schema": schema}}
    return {"responses": {status: {"description": "Successful Response", "content": content}}}


def _named(path: str) -> str:
    """A path with the names that the ids have in the description."""
    of_job = path.startswith(("/jobs", "/assignments/job"))
    return path.replace("{id}", "{job_id}" if of_job else "{technician_id}")
