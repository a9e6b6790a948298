"""LetsJobIt: the REST API v2 reference, which documents visits alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fieldboard.board import planning
from fieldboard.domain.fields import SEQUENCE
from fieldboard.domain.operation import OpState
from fieldboard.domain.status import Status
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.letsjobit import Settings
from fieldboard.sandbox.letsjobit.book import COMPANY_ID
from tests.conformance.systems.tested import Act, Call, Refusal, Sent, System
from tests.simulation.systems.letsjobit import PlayedLetsJobIt

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from tests.conformance.account import Account

Played = tuple["Plan", Sequence[Sent]]
VISITS: Final = "/api/v2/visits"
TEN: Final = int(datetime(2026, 6, 8, 10, tzinfo=UTC).timestamp())


def _visit(desk: Desk, *, staffed: bool = True, second: bool = False) -> PlannedVisit:
    """The first visit like this; with `second` one that has another before it in its day."""
    wanted = Status.ASSIGNED if staffed else Status.UNASSIGNED
    return next(
        one
        for one in sorted(desk.store.visits(), key=lambda one: one.id)
        if one.status is wanted
        and bool(one.technician_ids) == staffed
        and (not second or (one.sequence or 0) > 1)
    )


def _other(desk: Desk, visit: PlannedVisit) -> tuple[str, str]:
    person = next(one for one in desk.people.active() if one.active and one.id not in visit.technician_ids)
    return person.id, person.name


def _put(visit: PlannedVisit, body: dict[str, object]) -> list[Sent]:
    return [("PUT", f"{VISITS}/{visit.id}", body)]


def _place(plan: Plan) -> dict[str, object]:
    """Who comes to another day goes to the end of its order."""
    places = [one.value for one in plan.drafts[0].changes if one.field == SEQUENCE]
    return {"serviceOrder": places[0]} if places else {}


def _assign(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, staffed=False)
    who, name = _other(desk, visit)
    plan = planning.plan_assign(desk, visit, who)
    return plan, _put(visit, {"driverId": who, "name": name, "inMobileApp": "1", **_place(plan)})


def _reassign(_: Account, desk: Desk) -> Played:
    visit = _visit(desk)
    who, name = _other(desk, visit)
    plan = planning.plan_assign(desk, visit, who)
    return plan, _put(visit, {"driverId": who, "name": name, **_place(plan)})


def _unassign(_: Account, desk: Desk) -> Played:
    visit = _visit(desk)
    return planning.plan_unassign(desk, visit), _put(visit, {"inMobileApp": "0"})


def _reschedule(_: Account, desk: Desk) -> Played:
    visit = _visit(desk)
    plan = planning.plan_reschedule(desk, visit, TEN)
    return plan, _put(visit, {"date": "2026-06-08", **_place(plan)})


def _reorder(_: Account, desk: Desk) -> Played:
    visit = _visit(desk, second=True)
    plan = planning.plan_shift(desk, visit, -1)
    changes = plan.drafts[0].changes
    return plan, [("PUT", f"{VISITS}/{one.id}", {"serviceOrder": one.value}) for one in changes]


def _edit(name: str, value: Any, body: dict[str, object]) -> Callable[[Account, Desk], Played]:
    def play(_: Account, desk: Desk) -> Played:
        visit = _visit(desk)
        job = desk.store.job(visit.job_id)
        assert job is not None
        return planning.plan_edit(desk, job, {name: value}), _put(visit, body)

    return play


def _note(account: Account, desk: Desk) -> Played:
    visit = _visit(desk)
    job = desk.store.job(visit.job_id)
    assert job is not None
    row = account.played.rows()[job.id]
    assert isinstance(row, dict)
    text = "\n".join(filter(None, (row["obs"], "Ring first")))
    return planning.plan_note(desk, job, "Ring first"), _put(visit, {"obs": text})


def _create(_: Account, desk: Desk) -> Played:
    who, name = _other(desk, _visit(desk))
    plan = planning.plan_create(
        desk,
        {
            "title": "Leak", "number": "FB-1", "customer": "Acme", "address": "1 High Street",
            "city": "Bristol", "date": "2026-06-08", "technicians": [who], "notes": "Ring first",
        },
    )  # fmt: skip
    body = {
        "id": AnyId(), "driverId": who, "name": name, "inMobileApp": "1", "date": "2026-06-08",
        "docNo": "FB-1", "docType": "Leak", "customer": "Acme", "address": "1 High Street", "city": "Bristol",
        "companyId": COMPANY_ID, "obs": "Ring first",
        "lines": [{"actionItem": True, "description": "Leak", "qty": 1}],
    }  # fmt: skip
    return plan, [("POST", VISITS, [body])]


def _delete(_: Account, desk: Desk) -> Played:
    visit = _visit(desk)
    job = desk.store.job(visit.job_id)
    assert job is not None
    return planning.plan_delete(desk, job), [("DELETE", f"{VISITS}/{visit.id}", None)]


class AnyId:
    """Any id from the range that is kept for new visits."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and 8_000_000_000_000_000 <= other < 2**53

    def __hash__(self) -> int:
        return 0


def _rows(value: Any) -> list[dict[str, Any]] | None:
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, list) else None


_NO: Final = {"meta": {"updatedRecords": 0}, "data": None, "error": "no such luck"}
_FILTERS: Final = (
    "_id",
    "id",
    "date",
    "driverId",
    "docNo",
    "closed",
    "confirmClose",
    "inProgress",
    "priority",
    "skipped",
)
_USED: Final = {
    "_id": ("assign", "reassign", "note"),
    "id": ("create",),
    "date": ("quiet round", "reorder"),
    "closed": ("half an hour later",),
    "skipped": ("half an hour later",),
}

LETSJOBIT: Final = System(
    name="letsjobit",
    played=PlayedLetsJobIt,
    settings=lambda **given: Settings(**{"signature_size": 200, **given}),
    calls=(
        Call("GET", VISITS, ("first sync", "doctor")),
        Call("GET", VISITS, ("first sync", "doctor"), {"pagination": "*"}),
        *(Call("GET", VISITS, (*_USED.get(name, ()), "doctor"), {name: "*"}) for name in _FILTERS),
        Call("GET", f"{VISITS}/{{}}", ("assign", "doctor")),
        Call("POST", VISITS, ("create",)),
        Call("PUT", f"{VISITS}/{{}}", ("assign", "reassign", "unassign", "reschedule", "reorder", "note")),
        Call("DELETE", f"{VISITS}/{{}}", ("delete",)),
    ),
    acts=(
        Act("assign", _assign),
        Act("reassign", _reassign),
        Act("unassign", _unassign),
        Act("reschedule", _reschedule),
        Act("reorder", _reorder),
        Act("priority", _edit("priority", "urgent", {"precedencePriorityVisit": "1"})),
        Act("skills", _edit("skills", ["drains", "gas"], {"required_skills": ["drains", "gas"]})),
        Act("phone", _edit("phone", "01170000000", {"contactPhone": "01170000000"})),
        Act("duration", _edit("duration_min", 95, {"duration": 5700})),
        Act("notes", _edit("notes", "All new", {"obs": "All new"})),
        Act("note", _note),
        Act("create", _create),
        Act("delete", _delete),
    ),
    refusals=(
        Refusal("400", 400, _NO, OpState.REJECTED, "no such luck"),
        Refusal("401", 401, _NO, OpState.QUEUED, "token"),
        Refusal("403", 403, _NO, OpState.QUEUED, "403"),
        Refusal("409", 409, _NO, OpState.REJECTED, "no such luck"),
        Refusal("422", 422, _NO, OpState.REJECTED, "no such luck"),
        Refusal("200 that says no", 200, _NO, OpState.REJECTED, "no such luck"),
        Refusal(
            "200 that changed nothing", 200, {"meta": {"updatedRecords": 0}, "data": None}, OpState.REJECTED
        ),
    ),
    rows_of=_rows,
    words={"job": ("docType", "priority", "skippedReasonId")},
    says_where_it_ends=("meta",),
)
