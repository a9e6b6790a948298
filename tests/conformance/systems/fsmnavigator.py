"""FSM Navigator: fsmnavigator.com/docs/api."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fieldboard.board import planning
from fieldboard.domain.operation import OpState
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.fsmnavigator import Settings
from tests.conformance.systems.tested import Act, Call, Like, Refusal, Sent, System
from tests.simulation.systems.fsmnavigator import PlayedFsmNavigator

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from tests.conformance.account import Account

Played = tuple["Plan", Sequence[Sent]]
TEN: Final = int(datetime(2026, 6, 5, 10, tzinfo=UTC).timestamp())
START, END = "2026-06-05T10:00:00Z", "2026-06-05T11:30:00Z"
_JOBS: Final = "/api/v1/jobs"


def _in(account: Account, desk: Desk, word: str, *, staffed: bool = True) -> PlannedVisit:
    """The first job in a status, as it stands on the board."""
    for job_id, row in sorted(account.played.rows().items()):
        assert isinstance(row, dict)
        timed = row["scheduled_end"] is not None
        if row["job_status"] == word and (row["assigned_technician_id"] is not None) == staffed and timed:
            return desk.store.planned_of_job(job_id)[0]
    raise AssertionError(f"no job is {word}")


def _other(desk: Desk, visit: PlannedVisit) -> str:
    return next(one.id for one in desk.people.active() if one.active and one.id not in visit.technician_ids)


def _at(visit: PlannedVisit) -> str:
    return f"{_JOBS}?id={visit.job_id}"


def _patches(visit: PlannedVisit, *words: str) -> list[Sent]:
    return [("PATCH", _at(visit), {"job_status": word}) for word in words]


def _assign(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Pending", staffed=False)
    who = _other(desk, visit)
    put: Sent = ("PUT", _at(visit), {"assigned_technician_id": int(who)})
    return planning.plan_assign(desk, visit, who), [put, *_patches(visit, "Assigned")]


def _reassign(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    who = _other(desk, visit)
    return planning.plan_assign(desk, visit, who), [("PUT", _at(visit), {"assigned_technician_id": int(who)})]


def _move(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    who = _other(desk, visit)
    body = {"assigned_technician_id": int(who), "scheduled_start": START, "scheduled_end": END}
    return planning.plan_move(desk, visit, who, TEN, TEN + 5400), [("PUT", _at(visit), body)]


def _unassign(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    put: Sent = ("PUT", _at(visit), {"assigned_technician_id": None})
    return planning.plan_unassign(desk, visit), [*_patches(visit, "Pending"), put]


def _reschedule(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    body = {"scheduled_start": START, "scheduled_end": END}
    return planning.plan_reschedule(desk, visit, TEN, TEN + 5400), [("PUT", _at(visit), body)]


def _status(start: str, goal: Status, *words: str, stage: str = "") -> Callable[[Account, Desk], Played]:
    def play(account: Account, desk: Desk) -> Played:
        visit = _in(account, desk, start)
        return planning.plan_status(desk, visit, goal, stage=stage), _patches(visit, *words)

    return play


def _edit(name: str, value: str, sent: str, wire: str) -> Callable[[Account, Desk], Played]:
    def play(account: Account, desk: Desk) -> Played:
        visit = _in(account, desk, "Assigned")
        job = desk.store.job(visit.job_id)
        assert job is not None
        return planning.plan_edit(desk, job, {name: value}), [("PUT", _at(visit), {sent: wire})]

    return play


def _note(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    job = desk.store.job(visit.job_id)
    assert job is not None
    row = account.played.rows()[job.id]
    assert isinstance(row, dict)
    text = "\n".join(filter(None, (row["job_description"], "Ring first")))
    return planning.plan_note(desk, job, "Ring first"), [("PUT", _at(visit), {"job_description": text})]


def _assets(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    job = desk.store.job(visit.job_id)
    assert job is not None
    return planning.plan_edit(desk, job, {"set": {"asset_ids": "42, 43"}}), [
        ("PUT", _at(visit), {"asset_ids": [42, 43]})
    ]


def _create(account: Account, desk: Desk) -> Played:
    client, site = _client(account)
    who = _other(desk, _in(account, desk, "Assigned"))
    plan = planning.plan_create(
        desk,
        {
            "title": "AC unit repair", "customer_id": client, "location_id": site, "notes": "Not cooling",
            "priority": "high", "start": TEN, "end": TEN + 5400, "technicians": [who],
        },
    )  # fmt: skip
    body = {
        "job_title": "AC unit repair", "customer_location_id": int(site), "job_priority": "High",
        "job_description": Like(r"Not cooling\n\[ref [2-9A-Z]{6}\]"),
        "assigned_technician_id": int(who), "scheduled_start": START, "scheduled_end": END,
    }  # fmt: skip
    return plan, [("POST", _JOBS, body)]


def _client(account: Account) -> tuple[str, str]:
    row = next(iter(account.played.rows().values()))
    assert isinstance(row, dict)
    return str(row["customer_id"]), str(row["customer_location_id"])


def _cancel(account: Account, desk: Desk) -> Played:
    visit = _in(account, desk, "Assigned")
    job = desk.store.job(visit.job_id)
    assert job is not None
    return planning.plan_delete(desk, job), _patches(visit, "Cancelled")


def _rows(value: Any) -> list[dict[str, Any]] | None:
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, list) else None


def _no(code: str) -> dict[str, object]:
    return {"success": False, "error": code, "message": "no such luck"}


FSM_NAVIGATOR: Final = System(
    name="fsmnavigator",
    played=PlayedFsmNavigator,
    settings=Settings,
    calls=(
        Call("GET", _JOBS, ("first sync", "doctor")),
        Call("GET", _JOBS, ("quiet round", "doctor"), {"status": "*"}),
        Call("GET", _JOBS, ("doctor",), {"priority": "*"}),
        Call("GET", _JOBS, ("doctor",), {"assigned_technician_id": "*"}),
        Call("GET", _JOBS, ("doctor", "create, its answer lost"), {"customer_location_id": "*"}),
        Call("GET", _JOBS, ("doctor", "half an hour later"), {"created_after": "*"}),
        Call("GET", _JOBS, ("first sync", "doctor"), {"created_before": "*"}),
        Call("GET", _JOBS, ("assign", "reassign", "title", "doctor"), {"id": "*"}),
        Call("POST", _JOBS, ("create",)),
        Call("PUT", _JOBS, ("assign", "unassign", "reschedule", "title", "priority", "assets"), {"id": "*"}),
        Call("PATCH", _JOBS, ("assign", "unassign", "start", "cancel"), {"id": "*"}),
        Call("GET", "/api/v1/technicians", ("first sync", "doctor"), tolerated=True),
        Call("GET", "/api/v1/technicians", ("first sync", "doctor"), {"id": "*"}, tolerated=True),
        Call("GET", "/api/v1/customers", ("first sync", "doctor"), tolerated=True),
        Call("GET", "/api/v1/customers", ("first sync", "doctor"), {"id": "*"}, tolerated=True),
    ),
    acts=(
        Act("assign", _assign),
        Act("reassign", _reassign),
        Act("move", _move),
        Act("unassign", _unassign),
        Act("reschedule", _reschedule),
        Act("start", _status("Assigned", Status.IN_PROGRESS, "In Progress")),
        Act("hold", _status("Assigned", Status.ON_HOLD, "On Hold")),
        Act("complete", _status("Assigned", Status.COMPLETED, "In Progress", "Completed")),
        Act("close", _status("Completed", Status.CLOSED, "Invoiced", "Paid", "Closed")),
        Act("invoice", _status("Completed", Status.CLOSED, "Invoiced", stage="invoiced")),
        Act("title", _edit("title", "Valve", "job_title", "Valve")),
        Act("priority", _edit("priority", "urgent", "job_priority", "Urgent")),
        Act("notes", _edit("notes", "Ring first", "job_description", "Ring first")),
        Act("note", _note),
        Act("assets", _assets),
        Act("create", _create),
        Act("cancel", _cancel),
    ),
    refusals=(
        Refusal("400", 400, _no("validation_failed"), OpState.REJECTED, "no such luck"),
        Refusal("401", 401, _no("unauthorized"), OpState.QUEUED, "token"),
        Refusal("403 names the scope", 403, _no("insufficient_scope"), OpState.QUEUED, "jobs:write"),
        Refusal("404", 404, _no("not_found"), OpState.GONE),
        Refusal("409", 409, _no("conflict"), OpState.REJECTED, "no such luck"),
        Refusal("422", 422, _no("unprocessable"), OpState.REJECTED, "no such luck"),
        Refusal("200 that says no", 200, _no("validation_failed"), OpState.REJECTED, "no such luck"),
    ),
    rows_of=_rows,
    words={"job": ("job_status", "job_priority"), "technician": ("status", "availability_status")},
    says_where_it_ends=("pagination",),
)
