"""The systems that the simulator plays, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.simulation.systems.fieldcamp import PlayedFieldCamp
from tests.simulation.systems.fieldopt import PlayedFieldOpt, PlayedFieldOptCode
from tests.simulation.systems.fsmnavigator import PlayedFsmNavigator
from tests.simulation.systems.letsjobit import PlayedLetsJobIt
from tests.simulation.systems.played import Played

_ALL: Final[tuple[type[Played], ...]] = (
    PlayedFieldCamp,
    PlayedFsmNavigator,
    PlayedLetsJobIt,
    PlayedFieldOpt,
    PlayedFieldOptCode,
)

SYSTEMS: Final[Mapping[str, type[Played]]] = {one.name: one for one in _ALL}
