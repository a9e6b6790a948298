from __future__ import annotations

from fieldboard.domain.status import ENDED, NOT_DONE, OPEN, UNDER_WAY, Status, open_status, status_key


def test_every_status_is_open_under_way_or_ended_but_unknown() -> None:
    assert set(Status) - {Status.UNKNOWN} == OPEN | UNDER_WAY | ENDED
    assert not OPEN & UNDER_WAY
    assert not UNDER_WAY & ENDED
    assert not OPEN & ENDED
    assert NOT_DONE < ENDED


def test_assigned_and_unassigned_are_one_status_to_an_edit() -> None:
    assert status_key(Status.ASSIGNED) == status_key(Status.UNASSIGNED) == "open"
    assert status_key(Status.DRAFT) == "draft"
    assert open_status(has_technician=True) is Status.ASSIGNED
    assert open_status(has_technician=False) is Status.UNASSIGNED
