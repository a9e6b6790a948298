"""Stages of closed work, lines added to notes, assets that nobody has told."""

from __future__ import annotations

import pytest

from fieldboard.domain import fields
from fieldboard.domain.job import Asset, Job
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.operation import Change, Kind
from fieldboard.domain.status import Status, status_key, status_of_key
from fieldboard.sync.plan import Verdict, decide

BOOKS = Lifecycle(
    moves={
        Status.ASSIGNED: frozenset({Status.IN_PROGRESS, Status.UNASSIGNED}),
        Status.UNASSIGNED: frozenset({Status.ASSIGNED}),
        Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.ASSIGNED}),
        Status.COMPLETED: frozenset({Status.CLOSED}),
    },
    stages=("invoiced", "paid"),
)


@pytest.mark.parametrize(
    ("start", "goal", "way"),
    [
        ("completed", "invoiced", ("invoiced",)),
        ("completed", "closed", ("invoiced", "paid", "closed")),
        ("in_progress", "paid", ("completed", "invoiced", "paid")),
        ("invoiced", "closed", ("paid", "closed")),
        ("paid", "invoiced", None),
        ("closed", "paid", None),
        ("invoiced", "open", None),
        ("completed", "open", None),
        ("in_progress", "open", ("open",)),
        ("paid", "paid", ()),
    ],
)
def test_closed_work_goes_through_the_books_in_order(
    start: str, goal: str, way: tuple[str, ...] | None
) -> None:
    assert BOOKS.way(start, goal) == way


def test_a_job_nobody_has_is_assigned_on_the_way() -> None:
    assert BOOKS.way("open", "in_progress", has_technician=False) == ("open", "in_progress")
    assert BOOKS.way("open", "in_progress", has_technician=True) == ("in_progress",)


def test_a_stage_is_told_by_the_systems_word_alone() -> None:
    assert status_key(Status.CLOSED, "Invoiced") == "invoiced"
    assert status_key(Status.CLOSED, "Closed") == "closed"
    assert status_key(Status.COMPLETED, "Paid") == "completed"
    assert status_of_key("paid") is Status.CLOSED
    job = fields.with_job_value(Job("1", status=Status.COMPLETED, raw_status="Completed"), "status", "paid")
    assert fields.value_of(job, "status") == "paid"
    assert fields.value_of(fields.with_job_value(job, "status", "closed"), "status") == "closed"


def test_a_note_is_a_line_below_what_stands_there() -> None:
    job = fields.with_job_value(Job("1", notes="Ring twice\r\n"), fields.NOTE, "Dog")
    assert job.notes == "Ring twice\r\nDog"
    assert fields.shows(job, fields.NOTE, "Dog")
    assert not fields.shows(job, fields.NOTE, "Do")
    assert fields.with_job_value(job, fields.NOTE, "Dog") == job


@pytest.mark.parametrize(
    ("now", "ever_uncertain", "verdict"),
    [
        ("Ring", False, Verdict.SEND),
        ("Others wrote", False, Verdict.SEND),
        ("Ring\nDog", False, Verdict.SEND),
        ("Ring\nDog\nOthers", True, Verdict.ALREADY),
        ("Others", True, Verdict.SEND),
    ],
)
def test_anothers_change_of_the_notes_is_no_conflict_with_a_note(
    now: str, ever_uncertain: bool, verdict: Verdict
) -> None:
    note = Change(Kind.JOB, "1", fields.NOTE, "Ring", "Dog")
    decision = decide(note, Job("1", notes=now), ever_uncertain=ever_uncertain, lifecycle=BOOKS)
    assert decision.verdict is verdict


def test_assets_that_nobody_told_cannot_have_been_changed() -> None:
    link = Change(Kind.JOB, "1", fields.ASSETS, None, ["42"])
    job = Job("1", assets=(Asset("7", "T", "N", "", "serviced"),))
    assert decide(link, job, ever_uncertain=False, lifecycle=BOOKS).verdict is Verdict.SEND
    told = Change(Kind.JOB, "1", fields.ASSETS, ["6"], ["42"])
    assert decide(told, job, ever_uncertain=False, lifecycle=BOOKS).verdict is Verdict.CONFLICT
    assert fields.value_of(fields.with_job_value(job, fields.ASSETS, ["7", "8"]), fields.ASSETS) == ["7", "8"]
