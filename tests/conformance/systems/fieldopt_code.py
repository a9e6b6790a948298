"""FieldOpt as its public servers answer: the documented calls in other names, and a few beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fieldboard.board import planning
from fieldboard.domain.status import Status
from fieldboard.sandbox.fieldopt import Settings
from tests.conformance.systems.fieldopt import (
    API,
    GIVEN,
    JOBS,
    Played,
    Spoken,
    assign,
    at,
    batch_assign,
    batch_unassign,
    documented_calls,
    edit,
    in_status,
    job_of,
    other,
    refusals,
    rows_of,
    status,
    technician_place,
    technician_status,
    unassign,
)
from tests.conformance.systems.tested import Act, Call, Like, System
from tests.simulation.systems.fieldopt import PlayedFieldOptCode

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from tests.conformance.account import Account


def _reassign(account: Account, desk: Desk) -> Played:
    """They fail on the one call (500), and take two from then on."""
    (visit,) = in_status(account, desk, "assigned")
    job_id, who = int(visit.job_id), other(desk, visit)
    return planning.plan_assign(desk, visit, who), [
        ("POST", f"{GIVEN}reassign", {"job_id": job_id, "new_technician_id": int(who)}),
        ("POST", f"{GIVEN}unassign", {"job_id": job_id}),
        ("POST", GIVEN, {"job_id": job_id, "technician_id": int(who)}),
    ]


def _note(account: Account, desk: Desk) -> Played:
    (visit,) = in_status(account, desk, "assigned")
    row = account.played.rows()[visit.job_id]
    assert isinstance(row, dict)
    text = "\n".join(filter(None, (row["notes"], "Ring first")))
    return planning.plan_note(desk, job_of(desk, visit), "Ring first"), [
        ("PATCH", at(visit), {"notes": text})
    ]


def _delete(account: Account, desk: Desk) -> Played:
    (visit,) = in_status(account, desk, "assigned")
    return planning.plan_delete(desk, job_of(desk, visit)), [("DELETE", at(visit), None)]


def _patched(word: str) -> tuple[str, str, dict[str, str]]:
    return ("PATCH", "/status", {"status": word})


_SLOT: Final = {
    "scheduled_date": "2026-06-05T12:00:00Z",
    "time_slot_start": "11:00",
    "time_slot_end": "12:30",
    "estimated_duration": 90,
}
_SPOKEN: Final = Spoken(
    slot=_SLOT,
    given={
        "kind": "install",
        "customer": "Acme Corp",
        "address": "123 Main St",
        "city": "Bristol",
        "priority": "high",
        "notes": "Ring first",
        "set": {"latitude": "51.5", "longitude": "-2.6"},
    },
    new={
        "job_type": "install",
        "customer_name": "Acme Corp",
        "service_address": "123 Main St",
        "service_city": "Bristol",
        "required_skills": [],
        "priority": 2,
        "notes": "Ring first",
        "latitude": 51.5,
        "longitude": -2.6,
        "job_number": Like(r"FB-[2-9A-Z]{6}"),
        **_SLOT,
    },
)

FIELDOPT_CODE: Final = System(
    name="fieldopt-code",
    played=PlayedFieldOptCode,
    settings=lambda **given: Settings(**{"dialect": "code", **given}),
    calls=(
        *documented_calls(
            read_by="first sync",
            summed_by=("first sync", "doctor"),
            auto_route="these servers assign every pending job on it, whatever it names",
            newcomer={"name": "John Coltrane", "home_latitude": 51.5, "home_longitude": -2.6},
        ),
        Call("PATCH", f"{JOBS}{{#}}/status", ("hold", "resume"), tolerated=True),
        Call("DELETE", f"{JOBS}{{#}}", ("delete",), tolerated=True),
        Call(
            "GET",
            f"{API}/jobs/search/query",
            ("create, its answer lost",),
            {"job_number": "*"},
            tolerated=True,
        ),
    ),
    acts=(
        Act("assign", assign),
        Act("assign at a time", _SPOKEN.assign_timed),
        Act("reassign", _reassign),
        Act("unassign", unassign),
        Act("batch assign", batch_assign),
        Act("batch unassign", batch_unassign),
        Act("reschedule", _SPOKEN.reschedule),
        Act("start", status("assigned", Status.IN_PROGRESS, ("POST", "/start", None))),
        Act(
            "complete",
            status("assigned", Status.COMPLETED, ("POST", "/start", None), ("POST", "/complete", None)),
        ),
        Act("cancel", status("assigned", Status.CANCELLED, ("POST", "/cancel", None))),
        Act("hold", status("assigned", Status.ON_HOLD, _patched("on_hold"))),
        Act("resume", status("on_hold", Status.IN_PROGRESS, _patched("assigned"), ("POST", "/start", None))),
        Act("customer", edit("customer", "Updated Name", {"customer_name": "Updated Name"})),
        Act("skills", edit("skills", ["install"], {"required_skills": ["install"]})),
        Act("phone", edit("phone", "555-0100", {"customer_phone": "555-0100"})),
        Act("priority", edit("priority", "urgent", {"priority": 1})),
        Act("duration", edit("duration_min", 95, {"estimated_duration": 95})),
        Act("notes", edit("notes", "All new", {"notes": "All new"})),
        Act("note", _note),
        Act("technician status", technician_status),
        Act("technician location", technician_place),
        Act("create", _SPOKEN.create),
        Act("delete", _delete),
    ),
    refusals=refusals(
        {
            400: "Job 1 is already assigned to technician 8",
            404: "No assignment found for job 1",
            409: "no such luck",
        }
    ),
    rows_of=rows_of,
    words={"job": ("status", "job_type"), "technician": ("status",)},
    locked={"auth": True},
    resets=True,
)
