"""FieldCamp: docs.fieldcamp.ai, the pages on jobs (v1) and visits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fieldboard.board import planning
from fieldboard.domain.operation import OpState
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.fieldcamp import Settings
from tests.conformance.systems.tested import Act, Call, Refusal, Sent, System
from tests.simulation.systems.fieldcamp import PlayedFieldCamp

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from tests.conformance.account import Account

Played = tuple["Plan", Sequence[Sent]]
TEN: Final = int(datetime(2026, 6, 5, 10, tzinfo=UTC).timestamp())
START, END = "2026-06-05T10:00:00.000Z", "2026-06-05T11:30:00.000Z"


def _visit(desk: Desk, status: Status, *, staffed: bool = True, timed: bool = True) -> PlannedVisit:
    """The first visit like this whose job has the one only."""
    return next(
        one
        for one in sorted(desk.store.visits(), key=lambda one: one.id)
        if one.status is status
        and not one.made_up
        and bool(one.technician_ids) == staffed
        and len(one.technician_ids) <= 1
        and (one.start is not None) == timed
        and one.of == 1
    )


def _other(desk: Desk, visit: PlannedVisit) -> str:
    return next(one.id for one in desk.people.active() if one.active and one.id not in visit.technician_ids)


def _assign(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, Status.UNASSIGNED, staffed=False)
    who = _other(desk, visit)
    return planning.plan_assign(desk, visit, who), [
        ("PUT", f"/api/v1/visits/{visit.id}", {"technicianId": who})
    ]


def _assign_timed(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, Status.UNASSIGNED, staffed=False)
    who = _other(desk, visit)
    body = {"technicianId": who, "scheduledStart": START, "scheduledEnd": END}
    return planning.plan_assign(desk, visit, who, TEN, TEN + 5400), [
        ("PUT", f"/api/v1/visits/{visit.id}", body)
    ]


def _reassign(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, Status.ASSIGNED)
    who = _other(desk, visit)
    return planning.plan_assign(desk, visit, who), [
        ("PUT", f"/api/v1/visits/{visit.id}", {"technicianId": who})
    ]


def _unassign(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, Status.ASSIGNED)
    return planning.plan_unassign(desk, visit), [
        ("PUT", f"/api/v1/visits/{visit.id}", {"technicianId": None})
    ]


def _reschedule(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, Status.ASSIGNED)
    body = {"scheduledStart": START, "scheduledEnd": END}
    return planning.plan_reschedule(desk, visit, TEN, TEN + 5400), [
        ("PUT", f"/api/v1/visits/{visit.id}", body)
    ]


def _status(start: Status, goal: Status, *words: str) -> Callable[[Account, Desk], Played]:
    def play(_: Account, desk: Desk) -> Played:
        visit = _visit(desk, start)
        path = f"/api/v1/visits/{visit.id}"
        return planning.plan_status(desk, visit, goal), [
            ("PUT", path, {"visitStatus": word}) for word in words
        ]

    return play


def _cancel(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, Status.ASSIGNED)
    path = f"/api/v1/jobs/{visit.job_id}"
    return planning.plan_status(desk, visit, Status.CANCELLED), [("PUT", path, {"jobStatus": "cancelled"})]


def _job(desk: Desk) -> Any:
    job = desk.store.job(_visit(desk, Status.ASSIGNED).job_id)
    assert job is not None
    return job


def _title(account: Account, desk: Desk) -> Played:
    job = _job(desk)
    lines = account.played.rows()[job.id]["jobItems"]  # type: ignore[index]
    body = {"jobItems": [{**lines[0], "itemName": "Valve"}, *lines[1:]]}
    return planning.plan_edit(desk, job, {"title": "Valve"}), [("PUT", f"/api/v1/jobs/{job.id}", body)]


def _priority(_: Account, desk: Desk) -> Played:
    job = _job(desk)
    word = "low" if job.priority is None or job.priority.word != "low" else "high"
    return planning.plan_edit(desk, job, {"priority": word}), [
        ("PUT", f"/api/v1/jobs/{job.id}", {"priority": word})
    ]


def _create(account: Account, desk: Desk) -> Played:
    client = min(account.played.world.clients)
    who = _other(desk, _visit(desk, Status.ASSIGNED))
    plan = planning.plan_create(
        desk,
        {
            "title": "Leak",
            "customer_id": client,
            "number": "FB-1",
            "start": TEN,
            "end": TEN + 5400,
            "technicians": [who],
        },
    )
    body = {
        "type": "one-off", "status": "scheduled", "jobNumber": "FB-1", "clientId": client,
        "assignedToTeams": [who], "startDateTime": START, "endDateTime": END, "timezone": "Europe/London",
        "title": "Leak", "lineItems": [{"itemName": "Leak", "quantity": 1, "unitPrice": 0}],
    }  # fmt: skip
    return plan, [("POST", "/api/v1/jobs", body)]


def _visit_add(_: Account, desk: Desk) -> Played:
    job = _job(desk)
    who = _other(desk, _visit(desk, Status.ASSIGNED))
    body = {"jobId": job.id, "technicianId": who, "scheduledStart": START, "scheduledEnd": END}
    return planning.plan_visit_add(desk, job, TEN, TEN + 5400, who), [("POST", "/api/v1/visits", body)]


def _delete(_: Account, desk: Desk) -> Played:
    job = _job(desk)
    return planning.plan_delete(desk, job), [("DELETE", f"/api/v1/jobs/{job.id}", None)]


def _rows(value: Any) -> list[dict[str, Any]] | None:
    data = value.get("data") if isinstance(value, dict) else None
    return (
        next((one for one in data.values() if isinstance(one, list)), None)
        if isinstance(data, dict)
        else None
    )


_NO: Final = {"success": False, "error": "no such luck"}

FIELDCAMP: Final = System(
    name="fieldcamp",
    played=PlayedFieldCamp,
    settings=Settings,
    calls=(
        Call("GET", "/api/v1/jobs", ("first sync", "quiet round", "doctor")),
        Call("GET", "/api/v1/jobs", ("quiet round",), {"since": "*"}),
        Call("GET", "/api/v1/jobs/{}", ("assign", "priority", "title", "delete")),
        Call("POST", "/api/v1/jobs", ("create",)),
        Call("PUT", "/api/v1/jobs/{}", ("cancel", "priority", "title")),
        Call("DELETE", "/api/v1/jobs/{}", ("delete",)),
        Call("GET", "/api/v1/jobs/{}/items", unused="a job's answer holds its items already"),
        Call("GET", "/api/v1/visits", ("first sync", "quiet round", "assign", "doctor")),
        Call("POST", "/api/v1/visits", ("add a visit",)),
        Call("PUT", "/api/v1/visits/{}", ("assign", "reassign", "unassign", "reschedule", "set out")),
        Call("GET", "/api/v1/team", ("first sync", "doctor")),
        Call("GET", "/api/v1/clients", ("first sync", "doctor"), tolerated=True),
    ),
    acts=(
        Act("assign", _assign),
        Act("assign at a time", _assign_timed),
        Act("reassign", _reassign),
        Act("unassign", _unassign),
        Act("reschedule", _reschedule),
        Act("set out", _status(Status.ASSIGNED, Status.EN_ROUTE, "in-transit")),
        Act("cancel", _cancel),
        Act("title", _title),
        Act("priority", _priority),
        Act("create", _create),
        Act("add a visit", _visit_add),
        Act("delete", _delete),
    ),
    refusals=(
        Refusal("400", 400, _NO, OpState.REJECTED, "no such luck"),
        Refusal("401", 401, _NO, OpState.QUEUED, "token"),
        Refusal(
            "403", 403, {"success": False, "error": "no scope visits:write"}, OpState.REJECTED, "visits:write"
        ),
        Refusal("404 without a body", 404, b"", OpState.GONE),
        Refusal("409", 409, _NO, OpState.REJECTED, "no such luck"),
        Refusal(
            "422 with an error as an object",
            422,
            {"success": False, "error": {"code": "E", "message": "no such luck"}},
            OpState.REJECTED,
            "no such luck",
        ),
        Refusal("200 that says no", 200, _NO, OpState.REJECTED, "no such luck"),
    ),
    rows_of=_rows,
    words={"job": ("jobStatus", "priority", "jobType"), "visit": ("visitStatus",)},
)
