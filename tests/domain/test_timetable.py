from __future__ import annotations

from datetime import timedelta

from fieldboard.domain.timetable import shift_on
from tests.board.world import DAY, WEEK, ZONE, at, technician


def test_a_shift_is_worked_out_once() -> None:
    assert shift_on(technician(), DAY, ZONE) == (at(8), at(17))
    assert shift_on(technician(shift=WEEK), DAY + timedelta(days=2), ZONE) is None
