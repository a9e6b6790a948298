"""Lifecycles: which statuses a system has and which moves between them it allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldboard.domain.status import Status


def plain_word(raw: str) -> str:
    """A raw status reduced to its letters, so that `In-Progress` and `in progress` are one word."""
    return "".join(letter for letter in raw.lower() if letter.isalpha())


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The statuses of one kind of thing at one system, and the moves between them.

    `words` maps the plain form of raw words to statuses, `writes` maps a status to the word that is
    sent for it by default, `moves` maps each status to those that may follow it directly.
    """

    words: Mapping[str, Status] = field(default_factory=dict)
    writes: Mapping[Status, str] = field(default_factory=dict)
    moves: Mapping[Status, frozenset[Status]] = field(default_factory=dict)

    def read(self, raw: str) -> Status:
        """The status that a raw word means; `unknown` for a word outside the table."""
        return self.words.get(plain_word(raw), Status.UNKNOWN)

    def path(self, start: Status, goal: Status) -> tuple[Status, ...] | None:
        """The shortest legal way from `start` to `goal`, without `start`; None where there is none.

        Empty where they are the same.
        """
        if start == goal:
            return ()
        came: dict[Status, Status] = {start: start}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there in sorted(self.moves.get(here, frozenset())):
                if there in came:
                    continue
                came[there] = here
                if there == goal:
                    steps = [there]
                    while came[steps[-1]] != start:
                        steps.append(came[steps[-1]])
                    return tuple(reversed(steps))
                waiting.append(there)
        return None

    def reachable(self, start: Status) -> tuple[tuple[Status, tuple[Status, ...]], ...]:
        """Every status that can be set from `start` with the way to it, nearest first."""
        goals = set(self.writes) - {start}
        ways = [(goal, way) for goal in goals if (way := self.path(start, goal))]
        return tuple(sorted(ways, key=lambda item: (len(item[1]), list(Status).index(item[0]))))
