"""The systems that the conformance suite tests."""

from __future__ import annotations

from typing import Final

from tests.conformance.systems.fieldcamp import FIELDCAMP
from tests.conformance.systems.fieldopt import FIELDOPT
from tests.conformance.systems.fieldopt_code import FIELDOPT_CODE
from tests.conformance.systems.fsmnavigator import FSM_NAVIGATOR
from tests.conformance.systems.letsjobit import LETSJOBIT
from tests.conformance.systems.tested import Act, Call, Example, System

SYSTEMS: Final[tuple[System, ...]] = (FIELDCAMP, FSM_NAVIGATOR, LETSJOBIT, FIELDOPT, FIELDOPT_CODE)

__all__ = ["SYSTEMS", "Act", "Call", "Example", "System"]
