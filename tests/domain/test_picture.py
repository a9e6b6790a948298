"""What a job was like as a whole, and what of it is another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldboard.domain import fields
from fieldboard.domain.job import CustomField, Job
from fieldboard.domain.operation import Kind
from fieldboard.domain.picture import Difference, differences, of_people, picture_of, renamed, while_edited
from fieldboard.domain.priority import Priority
from fieldboard.domain.roll_up import made_up
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit

JOB = Job("j1", "4401", "Leak", "c1", status=Status.ASSIGNED, updated_at=1_000)
VISIT = Visit("v1", "j1", ("amy",), 1_000_000, 1_003_600, status=Status.ASSIGNED)
SEEN = picture_of(JOB, [VISIT])


def changed(job: Job, *visits: Visit) -> list[str]:
    return [one.field for one in differences("j1", SEEN, picture_of(job, visits))]


@pytest.mark.parametrize(
    ("job", "visit", "expected"),
    [
        (JOB, VISIT, []),
        (replace(JOB, updated_at=2_000, created_at=5), replace(VISIT, created_at=5), []),
        (replace(JOB, title="URGENT leak", priority=Priority.URGENT), VISIT, ["title", "priority"]),
        (replace(JOB, status=Status.COMPLETED), VISIT, ["status"]),
        (JOB, replace(VISIT, technician_ids=("dai",)), ["technicians"]),
        (JOB, replace(VISIT, end=1_007_200), ["times"]),
        (JOB, replace(VISIT, status=Status.EN_ROUTE), ["status"]),
        (replace(JOB, duration_min=60), VISIT, []),
    ],
)
def test_what_a_dispatcher_sees_is_compared_and_stamps_are_not(
    job: Job, visit: Visit, expected: list[str]
) -> None:
    assert changed(job, visit) == expected


def test_a_visit_that_came_is_told_and_one_that_went_is_not() -> None:
    second = replace(VISIT, id="v2", technician_ids=("dai",))
    assert changed(JOB, VISIT, second) == ["created"]
    assert changed(JOB) == []
    assert differences("j1", picture_of(JOB, [VISIT, second]), SEEN) == ()


def test_a_job_without_visits_stands_for_one() -> None:
    seen = picture_of(JOB, [made_up(JOB)])
    assert differences("j1", seen, picture_of(JOB, [])) == ()
    taken = replace(JOB, technician_ids=("dai",))
    by_job = differences("j1", seen, picture_of(taken, []))
    assert by_job == (Difference(Kind.JOB, "j1", fields.TECHNICIANS, [], ["dai"]),)
    first = replace(VISIT, start=None, end=None, technician_ids=())
    assert differences("j1", seen, picture_of(JOB, [first])) == ()
    assert [one.field for one in differences("j1", seen, picture_of(JOB, [VISIT]))] == [
        "technicians",
        "times",
    ]


def test_what_nobody_had_told_is_not_compared() -> None:
    told = replace(JOB, skills=("gas",), fields=(CustomField("Gate", "4711"),))
    assert changed(told, VISIT) == []
    seen = picture_of(told, [VISIT])
    found = differences("j1", seen, picture_of(JOB, [VISIT]))
    assert [one.field for one in found] == ["skills", "own:Gate"]


def test_of_the_systems_own_fields_those_that_people_set_are_compared() -> None:
    told = replace(JOB, fields=(CustomField("Gate", "4711"), CustomField("Changed", "10:00")))
    kept = of_people(picture_of(told, [VISIT]), {"own:Gate"})
    assert (kept["own:Gate"], "own:Changed" in kept, kept["title"]) == ("4711", False, "Leak")


def test_while_edits_of_ours_are_on_their_way_what_follows_from_them_is_left_out() -> None:
    ours = frozenset({fields.STATUS})
    left = while_edited(SEEN, {Kind.VISIT: ours})
    now = picture_of(replace(JOB, status=Status.IN_PROGRESS, phone="1", title="New"), [VISIT])
    assert [one.field for one in differences("j1", left, now)] == ["title"]
    of_job = while_edited(SEEN, {Kind.JOB: ours})
    gone_on = picture_of(JOB, [replace(VISIT, status=Status.COMPLETED)])
    assert differences("j1", of_job, gone_on) == ()
    assert while_edited(SEEN, {Kind.JOB: frozenset(), Kind.VISIT: frozenset()}) == SEEN


def test_ids_of_ours_become_the_servers() -> None:
    made = picture_of(JOB, [replace(VISIT, id="new:1")])
    known = renamed(made, lambda one: {"new:1": "v1"}.get(one, one))
    assert known == SEEN
