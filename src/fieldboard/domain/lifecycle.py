"""Lifecycles: which statuses a system has and which moves between them it allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import field

from fieldboard.domain.status import ENDED, NOT_DONE, Status, open_status, status_key, status_of_key
from fieldboard.domain.value_class import value_class


def plain_word(raw: str) -> str:
    """A raw status reduced to its letters, so that `In-Progress` and `in progress` are one word."""
    return "".join(letter for letter in raw.lower() if letter.isalpha())


@value_class
class Lifecycle:
    """The statuses of one kind of thing at one system, and the moves between them.

    `words` maps the plain form of raw words to statuses, `writes` maps a status to the word that is
    sent for it by default, `moves` maps each status to those that may follow it directly. `stages` are
    the stages (`status.STAGES`) that closed work passes one after the other before it is closed for good.
    """

    words: Mapping[str, Status] = field(default_factory=dict)
    writes: Mapping[Status, str] = field(default_factory=dict)
    moves: Mapping[Status, frozenset[Status]] = field(default_factory=dict)
    stages: tuple[str, ...] = ()

    def read(self, raw: str) -> Status:
        """The status that a raw word means; `unknown` for a word outside the table."""
        return self.words.get(plain_word(raw), Status.UNKNOWN)

    def path(self, start: Status, goal: Status) -> tuple[Status, ...] | None:
        """The shortest legal way from `start` to `goal`, without `start`; None where there is none.

        Empty where they are the same. Work is not ended on the way to something else: a customer who is
        told that a visit is cancelled cannot be told to forget it. Only what is done goes on to be closed.
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
                if there not in ENDED or (goal in ENDED and there not in NOT_DONE):
                    waiting.append(there)
        return None

    def way(self, start: str, goal: str, *, has_technician: bool = True) -> tuple[str, ...] | None:
        """The shortest legal way between two statuses as edits compare them, without `start`.

        Stages of closed work are steps of their own. Open work is one value, whoever is on it; None where
        there is no way. Raises ValueError for words that are none.
        """
        if start == goal:
            return ()
        chain = (*self.stages, status_key(Status.CLOSED)) if self.stages else ()
        if start in chain:
            at = chain.index(start)
            return chain[at + 1 : chain.index(goal) + 1] or None if goal in chain else None
        here = status_of_key(start, has_technician=has_technician)
        goals = [open_status(has_technician=one) for one in (True, False)] if goal == "open" else None
        ways = [
            found for one in goals or [status_of_key(goal)] if (found := self.path(here, one)) is not None
        ]
        if not ways:
            return None
        keys = tuple(status_key(one) for one in min(ways, key=len))
        if goal in chain and keys:
            keys = (*keys[:-1], *chain[: chain.index(goal) + 1])
        return keys

    def reachable(self, start: Status) -> tuple[tuple[Status, tuple[Status, ...]], ...]:
        """Every status that can be set from `start` with the way to it, nearest first."""
        goals = set(self.writes) - {start}
        ways = [(goal, way) for goal in goals if (way := self.path(start, goal))]
        return tuple(sorted(ways, key=lambda item: (len(item[1]), list(Status).index(item[0]))))
