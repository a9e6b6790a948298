"""What the journal of an edit's requests says of its changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldboard.backends.fieldopt.rules import FIELDOPT, UNASSIGN
from fieldboard.backends.port import Outcome
from fieldboard.cache.operations import StepRecord
from fieldboard.domain.fields import TECHNICIANS
from fieldboard.domain.operation import Change, Kind
from fieldboard.sync.steps import half_way

CHANGE = Change(Kind.JOB, "22", TECHNICIANS, ["3"], ["4"])
TAKEN = StepRecord(0, 0, "POST", UNASSIGN, {}, None, "", Outcome.DONE, 200, None, None, 1, 1, 1)
GIVEN = replace(TAKEN, index=1, path="/assignments/")


@pytest.mark.parametrize(("given", "begun"), [(None, True), (Outcome.UNCERTAIN, True), (Outcome.DONE, False)])
def test_a_job_that_was_given_to_the_other_is_half_way_no_more(given: Outcome | None, begun: bool) -> None:
    journal = [TAKEN, *([replace(GIVEN, outcome=given)] if given is not None else [])]
    assert half_way([CHANGE], journal, FIELDOPT) == ({0} if begun else set())
