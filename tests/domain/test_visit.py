"""Which visits wait in the queue."""

from __future__ import annotations

import pytest

from fieldboard.domain.status import ENDED, UNDER_WAY, Status
from tests.board.world import at, visit


@pytest.mark.parametrize("status", sorted(set(Status) - ENDED))
def test_open_work_that_nobody_has_waits_however_far_it_is(status: Status) -> None:
    row = visit(1, crew=())._replace(status=status, job_status=status)
    assert row.queued
    assert row._replace(start=at(9), end=at(10)).queued
    assert not row._replace(job_status=Status.CANCELLED).queued


@pytest.mark.parametrize("status", sorted(ENDED))
def test_what_ended_waits_for_nobody(status: Status) -> None:
    assert not visit(1, crew=())._replace(status=status, job_status=Status.UNASSIGNED).queued


def test_what_somebody_has_waits_for_a_time_until_they_set_out() -> None:
    row = visit(1, crew=("t1",))._replace(status=Status.ASSIGNED, job_status=Status.ASSIGNED)
    assert row.queued
    assert not row._replace(start=at(9), end=at(10)).queued
    under_way = [row._replace(status=one) for one in UNDER_WAY - {Status.ON_HOLD}]
    assert not any(one.queued for one in under_way)
