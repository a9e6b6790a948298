"""What the conformance suite knows of a system: its documented calls, and what each act has to send.

Written from the vendor's documents, not from the adapter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fieldboard.domain.operation import OpState
from fieldboard.sandbox.records import World
from tests.simulation.clock import SimClock
from tests.simulation.systems.played import Played

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk
    from fieldboard.board.plan import Plan
    from tests.conformance.account import Account

Sent = tuple[str, str, Any]
"""Method, path with its query, and body of a request that writes."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a vendor's documents.

    `path` may hold `{}` for an id, `{#}` for one that is a number; `query` are the parameters that tell it
    from another call of the same path (`*` for any value). `used_by` are the acts, reads and probes that make
    it; where there is none, `unused` says why, and `body` is what one sends with it. `tolerated`: it is
    spoken, although the primary document does not have it.
    """

    method: str
    path: str
    used_by: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    unused: str = ""
    tolerated: bool = False
    body: Any = None

    def fits(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Whether a request is this call."""
        pattern = "".join(_PLACES.get(part, re.escape(part)) for part in _PARTS.split(self.path))
        return (
            method == self.method
            and re.fullmatch(pattern, path) is not None
            and all(name in query and one in ("*", query[name]) for name, one in self.query.items())
        )

    def __str__(self) -> str:
        asked = "&".join(f"{name}={one}" for name, one in self.query.items())
        return f"{self.method} {self.path}{'?' if asked else ''}{asked}"


_PARTS: Final = re.compile(r"(\{#?\})")
_PLACES: Final[Mapping[str, str]] = {"{}": "[^/]+", "{#}": "[0-9]+"}


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a board, and the requests by which the documents have it.

    `play` plans it on a desk and says what has to arrive, in order and nothing else. After so many `rounds`
    it is known to be there: more than one where nothing that is read shows it.
    """

    name: str
    play: Callable[[Account, Desk], tuple[Plan, Sequence[Sent]]]
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the documents, and what becomes of an edit that meets it. `says` is in what people read."""

    name: str
    status: int
    body: object
    state: OpState
    says: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """An example body of the documents, kept in `documents/` and repaired where it is no JSON.

    `reads` is what takes it: a list of jobs, visits or people, one entity, or the answer to an act. `wants`
    are attributes of the first entity that comes of it (of the answer, where it is one to an act).
    """

    name: str
    file: str
    reads: str
    wants: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    """A system of the suite."""

    name: str
    played: type[Played]
    settings: Callable[..., Any]
    calls: tuple[Call, ...]
    acts: tuple[Act, ...]
    refusals: tuple[Refusal, ...]
    rows_of: Callable[[Any], list[dict[str, Any]] | None]
    """The rows in the JSON of a list; None where it is none."""
    words: Mapping[str, tuple[str, ...]]
    """Fields that have one of a few words, by kind of row."""
    says_where_it_ends: tuple[str, ...] = ()
    """What stands beside the rows and says how many there are."""
    examples: tuple[Example, ...] = ()
    locked: Mapping[str, Any] = field(default_factory=dict)
    """The settings of a server that wants a token, where one is not always wanted."""
    resets: bool = False
    """Whether the server itself can lose its database and count its ids anew."""

    def serve(self, world: World, clock: SimClock, **settings: Any) -> Played:
        """A server."""
        return self.played(world, clock, self.settings(**settings))

    def call(self, method: str, path: str, query: Mapping[str, str]) -> Call | None:
        """The documented call that a request is; the most particular where several fit."""
        fitting = [one for one in self.calls if one.fits(method, path, query)]
        return max(fitting, key=lambda one: (len(one.query), "{" not in one.path), default=None)


class Like:
    """Equal to every text that a pattern matches as a whole."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern, re.DOTALL)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self._pattern.fullmatch(other) is not None

    def __hash__(self) -> int:
        return hash(self._pattern)

    def __repr__(self) -> str:
        return f"Like({self._pattern.pattern!r})"
