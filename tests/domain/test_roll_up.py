"""What visits make of their job."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from fieldboard.domain.job import Job
from fieldboard.domain.roll_up import roll_up, title_beside
from fieldboard.domain.status import Status
from fieldboard.domain.visit import Visit


def test_one_visit_makes_the_plan_that_it_makes_when_it_is_counted_twice() -> None:
    spans = [(None, None, None), (None, None, date(2026, 6, 4)), (100, 200, None), (100, None, None)]
    for of_job, of_visit, crew, (start, end, day) in product(Status, Status, ((), ("a",), ("a", "b")), spans):
        job = Job("j", status=of_job)
        visit = Visit("v", "j", crew, start, end, day, status=of_visit)
        assert roll_up(job, [visit]) == roll_up(job, [visit, visit])


def test_work_under_way_shows_how_far_its_visit_is() -> None:
    job = Job("j", status=Status.IN_PROGRESS)
    seen = {status: roll_up(job, [Visit("v", "j", status=status)]).status for status in Status}
    told = {status for status in Status if seen[status] is status}
    assert told == {Status.EN_ROUTE, Status.ON_SITE, Status.IN_PROGRESS, Status.ON_HOLD}
    assert {seen[status] for status in Status if status not in told} == {Status.IN_PROGRESS}


@pytest.mark.parametrize(
    ("title", "customer", "shown"),
    [
        ("Acme Ltd - Leaking tap", "Acme Ltd", "Leaking tap"),
        ("Acme Ltd", "Acme Ltd", "Acme Ltd"),
        ("Acme Ltd - ", "Acme Ltd", "Acme Ltd - "),
        ("Acme Ltds - Leak", "Acme Ltd", "Acme Ltds - Leak"),
        ("Leaking tap", "Acme Ltd", "Leaking tap"),
        (" - Leaking tap", "", " - Leaking tap"),
    ],
)
def test_a_title_beside_its_customer_does_not_say_the_customer_twice(
    title: str, customer: str, shown: str
) -> None:
    assert title_beside(title, customer) == shown
