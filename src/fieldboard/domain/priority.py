"""How much a job presses."""

from __future__ import annotations

from enum import IntEnum


class Priority(IntEnum):
    """Ordered so that the more urgent is the greater."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3

    @property
    def word(self) -> str:
        """The word of the command line's contract."""
        return self.name.lower()


def priority_of(word: str) -> Priority | None:
    """The priority that a word names, None for a word outside the vocabulary."""
    return Priority.__members__.get(word.upper())
