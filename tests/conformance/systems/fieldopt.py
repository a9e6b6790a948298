"""FieldOpt in its documented dialect: the wiki page "API Documentation", all its twenty-one calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fieldboard.board import planning
from fieldboard.board.batching import batched
from fieldboard.board.plan import Plan, combine
from fieldboard.board.technician_plans import plan_technician
from fieldboard.domain.fields import STATUS
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, OperationDraft, OpState
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng
from fieldboard.domain.visit import PlannedVisit
from fieldboard.sandbox.fieldopt import Settings
from tests.conformance.systems.tested import Act, Call, Refusal, Sent, System
from tests.simulation.systems.fieldopt import PlayedFieldOpt

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from tests.conformance.account import Account

Played = tuple[Plan, Sequence[Sent]]
Play = Callable[["Account", "Desk"], Played]

API: Final = "/api/v1"
JOBS: Final = f"{API}/jobs/"
PEOPLE: Final = f"{API}/technicians/"
GIVEN: Final = f"{API}/assignments/"
TEN: Final = int(datetime(2026, 6, 5, 10, tzinfo=UTC).timestamp())
"""Eleven o'clock on the board's wall."""


class AnyNumber:
    """Equal to every id that a server may give."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and not isinstance(other, bool) and other > 0

    def __hash__(self) -> int:
        return 0


# -- what is on the board


def in_status(account: Account, desk: Desk, word: str, count: int = 1) -> list[PlannedVisit]:
    """The first jobs in a status of the API, with a day, a slot and, unless they are pending, somebody."""
    found = [
        visit
        for job_id, row in sorted(account.played.rows().items())
        if isinstance(row, dict) and row["status"] == word
        for visit in desk.store.planned_of_job(job_id)
        if visit.start is not None and bool(visit.technician_ids) == (word != "pending")
    ]
    assert len(found) >= count, f"no job is {word}"
    return found[:count]


def job_of(desk: Desk, visit: PlannedVisit) -> Job:
    """The job of a visit."""
    job = desk.store.job(visit.job_id)
    assert job is not None
    return job


def other(desk: Desk, visit: PlannedVisit) -> str:
    """Somebody who works here and does not have a visit."""
    return next(one.id for one in desk.people.active() if one.active and one.id not in visit.technician_ids)


def at(visit: PlannedVisit, verb: str = "") -> str:
    """The path of a job, or of a verb of it."""
    return f"{JOBS}{visit.job_id}{verb}"


# -- acts that both dialects have alike


def assign(account: Account, desk: Desk) -> Played:
    """One job to somebody."""
    (visit,) = in_status(account, desk, "pending")
    return planning.plan_assign(desk, visit, who := other(desk, visit)), [_give(visit, who)]


def unassign(account: Account, desk: Desk) -> Played:
    """One job back to the queue."""
    (visit,) = in_status(account, desk, "assigned")
    body = {"job_id": int(visit.job_id)}
    return planning.plan_unassign(desk, visit), [("POST", f"{GIVEN}unassign", body)]


def batch_assign(account: Account, desk: Desk) -> Played:
    """Three jobs to one technician."""
    visits = in_status(account, desk, "pending", 3)
    who = other(desk, visits[0])
    each = [planning.plan_assign(desk, one, who) for one in visits]
    body = {"job_ids": [int(one.job_id) for one in visits], "technician_id": int(who)}
    return batched(desk, combine(each, "three")), [("POST", f"{GIVEN}batch-assign", body)]


def batch_unassign(account: Account, desk: Desk) -> Played:
    """Three jobs back to the queue."""
    visits = in_status(account, desk, "assigned", 3)
    each = [planning.plan_unassign(desk, one) for one in visits]
    body = {"job_ids": [int(one.job_id) for one in visits]}
    return batched(desk, combine(each, "three")), [("POST", f"{GIVEN}batch-unassign", body)]


def status(start: str, goal: Status, *sent: tuple[str, str, Any]) -> Play:
    """A move of the status; `sent` are method, what follows the job's path, and body."""

    def play(account: Account, desk: Desk) -> Played:
        (visit,) = in_status(account, desk, start)
        plan = planning.plan_status(desk, visit, goal)
        return plan, [(method, at(visit, verb), body) for method, verb, body in sent]

    return play


def edit(name: str, value: Any, body: Mapping[str, object]) -> Play:
    """One field of a job, in one PATCH."""

    def play(account: Account, desk: Desk) -> Played:
        (visit,) = in_status(account, desk, "assigned")
        return planning.plan_edit(desk, job_of(desk, visit), {name: value}), [("PATCH", at(visit), body)]

    return play


def technician_status(_: Account, desk: Desk) -> Played:
    """Somebody has a break."""
    person = next(one for one in desk.people.active() if one.active and one.status != "on_break")
    sent = ("PATCH", f"{PEOPLE}{person.id}/status", {"status": "on_break"})
    return plan_technician(desk, person, status="on_break"), [sent]


def technician_place(_: Account, desk: Desk) -> Played:
    """Somebody is seen somewhere."""
    person = next(one for one in desk.people.active() if one.active)
    sent = ("PATCH", f"{PEOPLE}{person.id}/location", {"latitude": 40.7128, "longitude": -74.006})
    return plan_technician(desk, person, place=LatLng(40.7128, -74.006)), [sent]


def _give(visit: PlannedVisit, who: str) -> Sent:
    return ("POST", GIVEN, {"job_id": int(visit.job_id), "technician_id": int(who)})


@dataclass(frozen=True, slots=True)
class Spoken:
    """The acts whose bodies are in a dialect's own names."""

    slot: Mapping[str, object]
    """From eleven to half past twelve on 5 June."""
    new: Mapping[str, object]
    """A new job of that slot."""
    given: Mapping[str, Json]
    """What a dispatcher says of it."""

    def assign_timed(self, account: Account, desk: Desk) -> Played:
        """One job to somebody at a time: the assignment, then the slot."""
        (visit,) = in_status(account, desk, "pending")
        who = other(desk, visit)
        plan = planning.plan_assign(desk, visit, who, TEN, TEN + 5400)
        return plan, [_give(visit, who), ("PATCH", at(visit), self.slot)]

    def reschedule(self, account: Account, desk: Desk) -> Played:
        """One job to another day and slot."""
        (visit,) = in_status(account, desk, "assigned")
        return planning.plan_reschedule(desk, visit, TEN, TEN + 5400), [("PATCH", at(visit), self.slot)]

    def create(self, account: Account, desk: Desk) -> Played:
        """A new job, and who goes."""
        who = other(desk, in_status(account, desk, "assigned")[0])
        given: dict[str, Json] = {**self.given, "date": "2026-06-05", "start": TEN, "end": TEN + 5400}
        given["technicians"] = [who]
        to = {"job_id": AnyNumber(), "technician_id": int(who)}
        return planning.plan_create(desk, given), [("POST", JOBS, self.new), ("POST", GIVEN, to)]


def reassign(account: Account, desk: Desk) -> Played:
    """One job from one technician to another, in one call."""
    (visit,) = in_status(account, desk, "assigned")
    who = other(desk, visit)
    body = {"job_id": int(visit.job_id), "new_technician_id": int(who)}
    return planning.plan_assign(desk, visit, who), [("POST", f"{GIVEN}reassign", body)]


def _move(account: Account, desk: Desk) -> Played:
    (visit,) = in_status(account, desk, "assigned")
    who = other(desk, visit)
    body = {"job_id": int(visit.job_id), "new_technician_id": int(who)}
    plan = planning.plan_move(desk, visit, who, TEN, TEN + 5400)
    return plan, [("POST", f"{GIVEN}reassign", body), ("PATCH", at(visit), _SLOT)]


def _not_started(account: Account, desk: Desk) -> Played:
    (visit,) = in_status(account, desk, "in_progress")
    change = Change(Kind.JOB, visit.job_id, STATUS, "in_progress", "open")
    draft = OperationDraft(Intent.STATUS, f"job:{visit.job_id}", (change,), "not begun")
    return Plan((draft,), "not begun"), [("PATCH", at(visit), {"status": "assigned"})]


def rows_of(value: Any) -> list[dict[str, Any]] | None:
    """The rows of a list, which is the whole answer."""
    return value if isinstance(value, list) else None


_SLOT: Final = {"scheduled_date": "2026-06-05", "time_slot": "11:00-12:30"}
_SPOKEN: Final = Spoken(
    slot=_SLOT,
    given={
        "kind": "install",
        "customer": "Acme Corp",
        "address": "123 Main St, NYC",
        "skills": ["install", "service_change"],
    },
    new={
        "type": "install",
        "customer": "Acme Corp",
        "address": "123 Main St, NYC",
        **_SLOT,
        "skills_required": ["install", "service_change"],
    },
)


def documented_calls(
    *, read_by: str, summed_by: tuple[str, ...], auto_route: str, newcomer: Mapping[str, object]
) -> tuple[Call, ...]:
    """The twenty-one calls of the documents, and who makes each.

    `read_by` is the round that shows what the server would do with waiting jobs; `auto_route` says why that
    call is not made.
    """
    job, person = f"{JOBS}{{#}}", f"{PEOPLE}{{#}}"
    return (
        Call("GET", PEOPLE, ("first sync", "quiet round", "doctor")),
        Call("GET", person, ("doctor", "technician status")),
        Call(
            "POST",
            PEOPLE,
            unused="people are taken on elsewhere: the board has no act for it",
            body=newcomer,
        ),
        Call("PATCH", f"{person}/status", ("technician status",)),
        Call("PATCH", f"{person}/location", ("technician location",)),
        Call("GET", JOBS, ("first sync", "doctor")),
        Call("GET", JOBS, ("quiet round", "doctor"), {"status": "*"}),
        Call("GET", JOBS, ("doctor",), {"scheduled_date": "*"}),
        Call("GET", JOBS, ("doctor",), {"type": "*"}),
        Call("GET", job, ("assign", "reassign", "start", "doctor")),
        Call("POST", JOBS, ("create",)),
        Call("PATCH", job, ("reschedule", "assign at a time", "customer", "skills")),
        Call("POST", f"{job}/start", ("start", "complete")),
        Call("POST", f"{job}/complete", ("complete",)),
        Call("POST", f"{job}/cancel", ("cancel",)),
        Call("GET", f"{JOBS}summary", summed_by),
        Call("POST", GIVEN, ("assign", "assign at a time", "create")),
        Call("POST", f"{GIVEN}batch-assign", ("batch assign",)),
        Call("POST", f"{GIVEN}batch-unassign", ("batch unassign",)),
        Call("POST", f"{GIVEN}unassign", ("unassign",)),
        Call("POST", f"{GIVEN}reassign", ("reassign",)),
        Call("GET", f"{GIVEN}technician/{{#}}", ("doctor",)),
        Call("GET", f"{GIVEN}job/{{#}}", ("doctor",)),
        Call("POST", f"{API}/routing/auto-route", unused=auto_route, body={"job_id": 1}),
        Call("GET", f"{API}/routing/best-tech/{{#}}", (read_by, "doctor")),
        Call("GET", f"{job}/can-do/{{#}}", (read_by, "doctor")),
        # Not in the documents: a server's own description, which tells the dialect where there is one.
        Call("GET", "/openapi.json", ("first sync",), tolerated=True),
    )


def refusals(details: Mapping[int, str]) -> tuple[Refusal, ...]:
    """What refuses an edit, with the documents' own words for it.

    All of them are looked up before they are believed: "not found" of a job that is there is a no like
    another, and a job that is gone has its own test.
    """
    refused = tuple(
        Refusal(str(code), code, {"detail": said}, OpState.REJECTED, said) for code, said in details.items()
    )
    wrong = {"detail": [{"type": "int_parsing", "loc": ["body", "job_id"], "msg": "no such luck"}]}
    return (
        *refused,
        Refusal("401 of a fork", 401, {"detail": "Not authenticated"}, OpState.QUEUED, "token"),
        Refusal("403 of a fork", 403, {"detail": "No role"}, OpState.QUEUED, "forbids it: No role"),
        Refusal("422 with a list", 422, wrong, OpState.REJECTED, "job_id: no such luck"),
        Refusal("200 that says no", 200, {"success": False, "message": "no such luck"}, OpState.REJECTED,
                "no such luck"),
    )  # fmt: skip


FIELDOPT: Final = System(
    name="fieldopt",
    played=PlayedFieldOpt,
    settings=lambda **given: Settings(**{"capacity": "off", **given}),
    calls=documented_calls(
        read_by="first sync",
        summed_by=("first sync", "quiet round", "doctor"),
        auto_route="its GET form is asked, which the documents call its alias; only a server known to "
        "speak this dialect and lacks the GET gets it, for public ones assign every pending job on it",
        newcomer={
            "name": "John Coltrane",
            "phone": "555-0102",
            "status": "available",
            "skills": ["repair", "maintenance"],
        },
    ),
    acts=(
        Act("assign", assign),
        Act("assign at a time", _SPOKEN.assign_timed),
        Act("reassign", reassign),
        Act("move", _move),
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
        Act("start taken back", _not_started),
        Act("kind", edit("kind", "inspection", {"type": "inspection"})),
        Act("customer", edit("customer", "Updated Name", {"customer": "Updated Name"})),
        Act("address", edit("address", "1 High Street", {"address": "1 High Street"})),
        Act("skills", edit("skills", ["install"], {"skills_required": ["install"]})),
        Act("technician status", technician_status),
        # No row of the documents shows where anybody is.
        Act("technician location", technician_place, rounds=2),
        Act("create", _SPOKEN.create),
    ),
    refusals=refusals(
        {
            400: "Invalid request body",
            404: "Job not found",
            409: "Technician already has maximum capacity",
        }
    ),
    rows_of=rows_of,
    words={"job": ("status", "type"), "technician": ("status",)},
    locked={"auth": True},
    resets=True,
)
