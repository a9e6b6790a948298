from __future__ import annotations

import pytest

from fieldboard.board.committing import CannotCommit
from fieldboard.board.planning import plan_assign
from tests.board.office import Office
from tests.board.world import at


def test_a_plan_is_committed_once(office: Office) -> None:
    plan = plan_assign(office.desk, office.visit("v3"), "t2", at(10, 45))
    (saved,) = office.desk.commit(plan)
    assert saved.op_id
    with pytest.raises(CannotCommit, match="already saved"):
        office.desk.commit(plan)
    with pytest.raises(CannotCommit, match="is completed"):
        office.desk.commit(plan_assign(office.desk, office.visit("v6"), "t2"))
    assert len(office.desk.edits()) == 1
