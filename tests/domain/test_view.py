from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain import fields
from fieldboard.domain.job import Job
from fieldboard.domain.operation import LIVE, PENDING, Change, Intent, Json, Kind, Operation, OpState
from fieldboard.domain.roll_up import (
    by_time,
    made_up,
    numbered,
    planned_alone,
    planned_visit,
    queue_order,
    roll_up,
)
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.view import (
    NOTHING,
    Echo,
    as_visit,
    overlay,
    shown,
    shown_job,
    shown_visit,
    temporary_id,
)  # fmt: skip
from fieldboard.domain.visit import PlannedVisit, Visit

CREWS = st.lists(st.sampled_from(["t1", "t2", "t3"]), unique=True, max_size=3)
INSTANTS = st.none() | st.integers(0, 10_000).map(lambda hours: hours * 900)
STATUSES = st.sampled_from(sorted(Status))
STATES = st.sampled_from(sorted(OpState))


@st.composite
def visits(draw: st.DrawFn) -> list[Visit]:
    found = []
    for number in range(draw(st.integers(0, 3))):
        start = draw(INSTANTS)
        found.append(
            Visit(
                id=f"v{number}",
                job_id="j1",
                technician_ids=tuple(sorted(draw(CREWS))),
                start=start,
                end=start + 3600 if start is not None else None,
                status=draw(STATUSES),
            )
        )
    return found


@st.composite
def changes(draw: st.DrawFn) -> Change:
    kind = draw(st.sampled_from([Kind.JOB, Kind.VISIT]))
    one = "j1" if kind is Kind.JOB else draw(st.sampled_from(["v0", "v1", "v2", "j1"]))
    field = draw(st.sampled_from([fields.TECHNICIANS, fields.TIMES, fields.STATUS]))
    value: Json
    if field == fields.TECHNICIANS:
        value = [*sorted(draw(CREWS))]
    elif field == fields.TIMES:
        start = draw(INSTANTS)
        value = [start, start + 1800 if start is not None else None, None]
    else:
        value = draw(st.sampled_from(["open", "completed", "cancelled", "in_progress"]))
    if kind is Kind.JOB and draw(st.booleans()):
        field, value = "title", draw(st.sampled_from(["Leak", "Roof"]))
    return Change(kind, one, field, None, value)


@st.composite
def operations(draw: st.DrawFn) -> list[Operation]:
    return [
        Operation(seq, f"op{seq}", Intent.EDIT, "job:j1", (change,), draw(STATES))
        for seq, change in enumerate(draw(st.lists(changes(), max_size=6)), 1)
    ]


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    return Job(
        id="j1",
        number="4401",
        title="Service",
        status=draw(STATUSES),
        technician_ids=tuple(sorted(draw(CREWS))),
    )


def drawn(job: Job, real: list[Visit]) -> list[PlannedVisit]:
    plan = roll_up(job, real)
    return numbered(
        planned_visit(job, one, customer="", address=None, job_status=plan.status)
        for one in real or [made_up(job)]
    )


@given(jobs(), visits())
def test_without_edits_the_base_is_shown(job: Job, real: list[Visit]) -> None:
    base = drawn(job, real)
    result = shown(job, base, NOTHING)
    assert list(result.visits) == base
    assert all(shown_visit(one, NOTHING) is one for one in base)


@given(jobs(), visits(), operations())
def test_only_operations_on_their_way_change_values(
    job: Job, real: list[Visit], ops: list[Operation]
) -> None:
    base = drawn(job, real)
    ended = [replace(op, state=OpState.CONFLICT) if op.state in PENDING else op for op in ops]
    result = shown(job, base, overlay(ended))
    assert [one._replace(mark="") for one in result.visits] == base


@given(jobs(), visits())
def test_what_the_server_took_is_shown_by_its_echo_alone(job: Job, real: list[Visit]) -> None:
    """An older edit of several visits may still wait for one of them, when a newer one was taken."""
    base = drawn(job, real)
    for one in base:
        older = Change(Kind.VISIT, one.id, fields.TECHNICIANS, [], ["older"])
        taken = Operation(1, "01", Intent.ASSIGN, f"visit:{one.id}", (older,), OpState.ACKED)
        echo = Echo(Kind.VISIT, one.id, fields.TECHNICIANS, ["newer"], "02")
        result = shown(job, base, overlay([taken], [echo]))
        found = next(visit for visit in result.visits if visit.id == one.id)
        assert found.technician_ids == ("newer",)
        assert found.mark == OpState.ACKED.value


@given(jobs(), visits(), operations())
def test_the_last_edit_of_a_field_is_what_is_shown(job: Job, real: list[Visit], ops: list[Operation]) -> None:
    base = drawn(job, real)
    over = overlay(ops)
    result = shown(job, base, over)
    assert overlay(reversed(ops)) == over
    for one in result.visits:
        laid = [
            change.value
            for op in ops
            for change in op.changes
            if op.state in LIVE and change.kind is Kind.VISIT and change.id == one.id
            and change.field == fields.TECHNICIANS
        ]  # fmt: skip
        reached = [
            change
            for op in ops
            for change in op.changes
            if op.state in LIVE and change.field == fields.TECHNICIANS and change.id in ("j1", one.id)
        ]
        if laid and all(change.id == one.id for change in reached):
            assert fields.value_of(as_visit(one), fields.TECHNICIANS) == laid[-1]
        if not reached:
            before = next(old for old in base if old.id == one.id)
            assert one.technician_ids == before.technician_ids
    assert {one.id for one in result.visits} == {one.id for one in base}


@given(jobs(), visits(), operations())
def test_job_and_visits_agree_with_each_other(job: Job, real: list[Visit], ops: list[Operation]) -> None:
    result = shown(job, drawn(job, real), overlay(ops))
    assert result.job is not None
    assert all(one.job_status is result.job.status for one in result.visits)
    assert [(one.nth, one.of) for one in result.visits] == [
        (nth, len(result.visits)) for nth in range(1, len(result.visits) + 1)
    ]
    assert list(result.visits) == sorted(result.visits, key=by_time)
    assert shown_job(job, drawn(job, real), overlay(ops)) == result.job
    if result.job.status in ENDED:
        assert not any(one.queued for one in result.visits)
    if result.job.status is Status.UNASSIGNED:
        assert not result.job.technician_ids


@given(jobs(), visits(), operations())
def test_laying_over_what_already_shows_it_changes_nothing(
    job: Job, real: list[Visit], ops: list[Operation]
) -> None:
    over = overlay(ops)
    base = drawn(job, real)
    once = [shown_visit(one, over) for one in base]
    twice = [shown_visit(one, over) for one in once if one is not None]
    assert once == twice


def _one(state: OpState, value: Json, seq: int = 1, field: str = fields.TECHNICIANS) -> Operation:
    return Operation(
        seq, f"op{seq}", Intent.ASSIGN, "visit:v0", (Change(Kind.VISIT, "v0", field, [], value),), state
    )


BASE = drawn(
    Job(id="j1", status=Status.ASSIGNED), [Visit("v0", "j1", ("t1",), 0, 3600, status=Status.ASSIGNED)]
)


def test_the_mark_is_the_newest_unsettled_state() -> None:
    def mark(*ops: Operation) -> str:
        found = shown_visit(BASE[0], overlay(ops))
        assert found is not None
        return found.mark

    assert mark(_one(OpState.REJECTED, ["t2"], 1), _one(OpState.QUEUED, ["t3"], 2)) == "queued"
    assert mark(_one(OpState.QUEUED, ["t2"], 1), _one(OpState.REJECTED, ["t3"], 2)) == "rejected"
    assert mark(_one(OpState.CONFIRMED, ["t2"])) == ""
    assert mark(_one(OpState.CANCELLED, ["t2"])) == ""
    assert mark(replace(_one(OpState.REJECTED, ["t2"]), noted=True)) == ""


def test_operations_lie_over_echoes() -> None:
    echo = Echo(Kind.VISIT, "v0", fields.TECHNICIANS, ["t8"], "op0")
    found = shown_visit(BASE[0], overlay([], [echo]))
    assert found is not None
    assert (found.technician_ids, found.mark) == (("t8",), "")
    found = shown_visit(BASE[0], overlay([_one(OpState.QUEUED, ["t9"])], [echo]))
    assert found is not None
    assert found.technician_ids == ("t9",)


def test_taking_the_crew_away_makes_a_visit_unassigned_and_waiting() -> None:
    found = shown_visit(BASE[0], overlay([_one(OpState.QUEUED, [])]))
    assert found is not None
    assert (found.status, found.queued) == (Status.UNASSIGNED, True)


def test_a_created_job_has_a_visit_with_its_day_and_crew() -> None:
    value: Json = {
        "title": "Leak",
        "technicians": ["t1"],
        "times": [None, None, "2026-06-04"],
        "status": "draft",
    }
    temp = temporary_id("op1")
    op = Operation(
        1,
        "op1",
        Intent.CREATE,
        f"job:{temp}",
        (Change(Kind.JOB, temp, "created", None, value),),
        OpState.SENDING,
    )
    result = shown(None, [], overlay([op]), temp)
    assert result.job is not None
    assert (result.job.title, result.job.status) == ("Leak", Status.DRAFT)
    (visit,) = result.visits
    assert (str(visit.date), visit.technician_ids, visit.mark, visit.id) == (
        "2026-06-04",
        ("t1",),
        "sending",
        temp,
    )
    refused = overlay([replace(op, state=OpState.REJECTED)])
    assert shown(None, [], refused, temp) == (None, ())
    asked = shown(None, [], overlay([replace(op, state=OpState.ASK)]), temp)
    assert [one.mark for one in asked.visits] == ["ask"]


def test_an_edit_of_a_made_up_visit_goes_on_over_the_real_one() -> None:
    edit = Change(Kind.VISIT, "new:op1", fields.TECHNICIANS, [], ["t5"])
    op = Operation(2, "op2", Intent.ASSIGN, "job:new:op1", (edit,), OpState.QUEUED)
    over = overlay([op], ids={(Kind.JOB, "new:op1"): "j1"})
    result = shown(Job(id="j1", status=Status.UNASSIGNED), BASE, over)
    assert [one.technician_ids for one in result.visits] == [("t5",)]


def test_a_visit_that_was_added_appears_on_its_job() -> None:
    value: Json = {"job_id": "j1", "technicians": ["t2"], "times": [7200, 9000, None]}
    added = Change(Kind.VISIT, temporary_id("op1"), "created", None, value)
    op = Operation(1, "op1", Intent.VISIT_ADD, "job:j1", (added,), OpState.QUEUED)
    result = shown(Job(id="j1", title="Leak", status=Status.ASSIGNED), BASE, overlay([op]))
    assert [(one.id, one.nth, one.title) for one in result.visits] == [("v0", 1, ""), ("new:op1", 2, "Leak")]
    assert result.job is not None
    assert result.job.technician_ids == ("t1", "t2")


def test_a_visit_that_was_added_stands_once_when_the_answer_brought_it() -> None:
    job = Job("j1", "4471", "Boiler", status=Status.ASSIGNED)
    added = Change(
        Kind.VISIT,
        temporary_id("op1"),
        fields.CREATED,
        None,
        {"job_id": "j1", "times": [3600, 7200, None], "technicians": ["t2"]},
    )
    first = [Visit("v1", "j1", ("t1",), 0, 1800, status=Status.ASSIGNED)]
    op = Operation(1, "op1", Intent.VISIT_ADD, "job:j1", (added,), OpState.ACKED)
    over = overlay([op], ids={(Kind.VISIT, temporary_id("op1")): "v2"})
    assert [one.id for one in shown(job, drawn(job, first), over).visits] == ["v1", "v2"]
    both = [*first, Visit("v2", "j1", ("t2",), 3600, 7200, status=Status.ASSIGNED)]
    result = shown(job, drawn(job, both), over)
    assert [(one.id, one.nth, one.of, one.mark) for one in result.visits] == [
        ("v1", 1, 2, ""),
        ("v2", 2, 2, "acked"),
    ]


def test_the_queue_puts_drafts_last_and_the_urgent_first() -> None:
    from fieldboard.domain.job import TimeWindow
    from fieldboard.domain.priority import Priority

    one = BASE[0]
    rows = {
        "urgent": one._replace(priority=Priority.URGENT),
        "promised": one._replace(priority=Priority.LOW, windows=(TimeWindow(0, 5),)),
        "old": one._replace(priority=Priority.LOW, created_at=1),
        "young": one._replace(priority=Priority.LOW, created_at=2),
        "none": one._replace(priority=None),
        "draft": one._replace(priority=Priority.URGENT, status=Status.DRAFT),
    }
    assert sorted(rows, key=lambda name: queue_order(rows[name])) == list(rows)


@given(jobs())
def test_a_made_up_visit_is_planned_like_any_other(job: Job) -> None:
    alone = planned_alone(job, customer="x", address="y", job_status=job.status)
    assert alone == planned_visit(job, made_up(job), customer="x", address="y", job_status=job.status)


def test_another_day_and_place_are_laid_over_a_job_that_is_kept_by_order() -> None:
    from datetime import date

    day, other = date(2026, 6, 4), "2026-06-05"
    job = Job("j1", technician_ids=("t1",), status=Status.ASSIGNED, date=day, sequence=3)
    base = [planned_alone(job, customer="", address="", job_status=job.status)]
    moves = (
        Change(Kind.JOB, "j1", fields.TIMES, [None, None, day.isoformat()], [None, None, other]),
        Change(Kind.JOB, "j1", fields.SEQUENCE, 3, 1),
    )
    over = overlay([Operation(1, "op1", Intent.RESCHEDULE, "job:j1", moves, OpState.QUEUED)])
    result = shown(job, base, over)
    (row,) = result.visits
    assert (row.date, row.sequence, row.start, row.by_order) == (date.fromisoformat(other), 1, None, True)
    assert result.job is not None
    assert (result.job.date, result.job.sequence) == (date.fromisoformat(other), 1)
    assert not row.queued
