"""How many schedules it takes until a deliberate defect is caught, and whether that has risen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.simulation.mutants import CANARY, MUTANTS, Mutant
from tests.simulation.schedule import Case, play

RISE: Final = 4
"""A defect that takes so many times as many schedules as it took is as good as not caught."""

AT_LEAST: Final = 12


@dataclass(frozen=True, slots=True)
class Caught:
    """After how many schedules an invariant that is meant for a defect spoke; None: none of them did.

    `also` counts the invariants that spoke and were not meant.
    """

    schedules: int | None
    invariant: str | None
    also: Counter[str]


def most(mutant: Mutant) -> int:
    """Within how many schedules a defect has to be caught."""
    return max(AT_LEAST, RISE * mutant.took)


def catch(mutant: Mutant, within: int, first: int = 0) -> Caught:
    """Play with a defect, from a seed on, until it is caught."""
    also: Counter[str] = Counter()
    for nth in range(within):
        case = Case(first + nth, boost=mutant.boost, settings=mutant.settings)
        outcome = play(case, mutant=mutant.replacing)
        if outcome.broken is None:
            continue
        if outcome.broken.name in mutant.caught_by:
            return Caught(nth + 1, outcome.broken.name, also)
        also[outcome.broken.name] += 1
    return Caught(None, None, also)


def measured(within: int, only: str = "") -> Iterator[tuple[str, bool]]:
    """The rows of the table, and whether a defect survives or takes many more schedules than it did."""
    for mutant in (CANARY, *MUTANTS):
        if only not in mutant.name:
            continue
        caught = catch(mutant, within)
        risen = caught.schedules is None or caught.schedules > most(mutant)
        count = f"none in {within}" if caught.schedules is None else str(caught.schedules)
        also = f" ({', '.join(f'{one} {n}' for one, n in caught.also.items())} spoke)" if caught.also else ""
        rise = f", RISEN from {mutant.took}" if risen else ""
        yield f"| {mutant.name} | {caught.invariant or '-'} | {count}{rise}{also} |", risen
