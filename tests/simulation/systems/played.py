"""What differs between the systems that the simulator plays.

One object is one server with its rules, over one world. The schedule, the actors, the line and the oracle
ask it; none of them knows a system's name.
"""

from __future__ import annotations

import json
import pickle
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, ClassVar, Final, Protocol, Self

from fieldboard.backends.http import Transport
from fieldboard.backends.port import Backend, Step
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Change, Json, Operation
from fieldboard.domain.rules import SystemRules
from fieldboard.sandbox.records import World
from tests.simulation.clock import SimClock
from tests.simulation.world import TITLES

TOKEN: Final = "fc_live_canary_7f3a91"

Facts = dict[str, Json]
Ref = tuple[str, str]
"""Kind and id, as the system's API has them."""

OUR_ACTS: Final[Mapping[str, int]] = {
    "assign": 26, "times": 20, "move": 8, "status": 10, "unassign": 6, "edit": 10, "create": 7, "delete": 2,
    "undo": 6, "redo": 1, "decide": 6, "add": 3,
}  # fmt: skip
"""What a dispatcher of ours does, and how often."""


class Office(Protocol):
    """Somebody else at the server, whose line is good."""

    def ask(self, method: str, path: str, body: Any) -> None:
        """Make a request."""
        ...

    def does(self, what: str, act: Callable[[datetime], None]) -> None:
        """Do something in the vendor's own application, that no request of the API can do."""
        ...

    def some(self, found: Sequence[Any]) -> list[Any]:
        """What is to be chosen from: often one of the few that everybody edits."""
        ...

    def number(self) -> str:
        """A number of theirs for a new job."""
        ...

    def soon(self) -> int:
        """An instant within the next hours, on a quarter of an hour."""
        ...


class Played(ABC):
    """One server of a system, as a schedule draws it."""

    name: ClassVar[str]
    rules: SystemRules
    fields: ClassVar[Mapping[str, tuple[str, ...]]]
    """The fields that edits compare, by kind."""
    acts: ClassVar[Mapping[str, int]] = OUR_ACTS

    unmarked: ClassVar[frozenset[str]] = frozenset()
    """The kinds that have no field for a mark by which something of ours is found again."""
    at_once: ClassVar[bool] = False
    """Whether each change of an edit takes one request, so that none that was answered is made again."""
    chances: ClassVar[tuple[ModuleType, ...]] = ()
    """Modules of the adapter that draw from `secrets`: a schedule lets them draw from its seed."""
    app: Any
    by_update: bool = False
    """Whether what is changed goes to the end of its list, so that pages shift."""
    lag_s: float = 0.0
    """How far behind a replica is."""

    def __init__(self, world: World, clock: SimClock, settings: Any) -> None:
        """A server that resolves what its documents leave open by `settings`."""
        self.world = world
        self.clock = clock
        self.settings = settings
        self.offset = 0.0
        """How far the clock of the node that answers is off."""
        self._past: list[tuple[float, bytes]] = []
        self.app = self.serve()

    @classmethod
    @abstractmethod
    def drawn(cls, draw: random.Random, world: World, clock: SimClock) -> Self:
        """A server whose settings are drawn."""

    def having(self, **settings: Any) -> Self:
        """The same with other settings, where any are given."""
        if not settings:
            return self
        other = type(self)(self.world, self.clock, replace(self.settings, **settings))
        other.by_update, other.lag_s = self.by_update, self.lag_s
        return other

    def stamp(self) -> datetime:
        """The clock of the node that answers."""
        return self.clock.true_now() + timedelta(seconds=self.offset)

    @abstractmethod
    def serve(self) -> Any:
        """Its application, over the world."""

    @abstractmethod
    def open(
        self,
        line: Transport,
        zone: Zone,
        learned: Mapping[str, str],
        *,
        token: str = TOKEN,
        system: Mapping[str, object] | None = None,
    ) -> Backend:
        """The adapter, over the line."""

    @abstractmethod
    def facts(self) -> dict[Ref, Facts]:
        """Everything as it is now, in the words in which edits compare."""

    @abstractmethod
    def rows(self) -> Mapping[str, object]:
        """The server's own JSON of each job, by the id of the API."""

    def sent(self) -> Mapping[str, bytes]:
        """The same as it is sent."""
        return {job_id: json.dumps(row).encode() for job_id, row in self.rows().items()}

    # -- people

    def technicians(self) -> list[str]:
        """Their ids in the API."""
        return sorted(self.world.technicians)

    def job_id(self, own: str) -> str:
        """The API's id of a job of the world."""
        return own

    @abstractmethod
    def new_job(self, rng: random.Random, number: str, someone: str, start: int) -> dict[str, Any]:
        """The fields of a job that a dispatcher of ours creates."""

    def changes(self, rng: random.Random) -> dict[str, Any]:
        """What a dispatcher of ours changes of a job."""
        wanted: dict[str, Any] = {"title": rng.choice(TITLES)}
        if rng.random() < 0.5:
            wanted = {"priority": rng.choice(("low", "normal", "high", "urgent"))}
        return wanted

    @abstractmethod
    def edits(self, office: Office, rng: random.Random) -> None:
        """Another dispatcher does something."""

    @abstractmethod
    def walks(self, office: Office, rng: random.Random) -> None:
        """A technician's phone goes a status on."""

    # -- what the line and the oracle ask

    @abstractmethod
    def spoil(self, value: Any, rng: random.Random) -> Any:
        """The JSON of an answer with something of another type in it."""

    def since(self, path: str, query: str) -> float | None:  # noqa: ARG002 - as those have it that are asked so
        """From when on a request asks for changes of jobs; None where it does not."""
        return None

    def stamps(self) -> Mapping[str, float]:
        """When each job was changed last, as the server says it."""
        return {}

    @abstractmethod
    def entity(self, method: str, path: str, query: str) -> str | None:
        """What a request that writes is about; None where it makes something new."""

    def tier(self, method: str, path: str, query: str) -> str:  # noqa: ARG002 - as above
        """The rate limit that a request counts against."""
        return ""

    def follows(self, step: Step, change: Change) -> bool:  # noqa: ARG002 - only few systems have such
        """Whether a request only lets something follow what another has written."""
        return False

    def job_follows(self, change: Change) -> bool:  # noqa: ARG002 - as above
        """Whether a job's field is a sum of its visits', so that the server may have changed it already."""
        return False

    def may_be_half_way(self, operation: Operation, change: Change, value: Json) -> bool:  # noqa: ARG002
        """Whether nobody can tell if an edit whose answer was lost, or somebody else, has set the value."""
        return False

    def is_told(self, facts: Facts, known: Facts) -> bool:  # noqa: ARG002 - as above
        """Whether a round that nobody waits for must have brought what differs of an entity."""
        return True

    def tells_by_itself(self) -> bool:
        """Whether such a round brings all but deletions."""
        return True

    def idle_requests(self) -> int | None:
        """How many requests a round with nothing to do takes at most; None where that cannot be said."""
        return None

    # -- a replica that lags

    def state(self) -> tuple[Any, ...]:
        """What the server knows beside the world: objects whose attributes are put back as they were."""
        return ()

    def remember(self) -> None:
        """Something was written: keep how it is now for the replica."""
        if self.lag_s:
            now = self.clock.elapsed
            known = [self.world, *self.state()]
            self._past.append((now, pickle.dumps([_insides(one) for one in known])))
            while len(self._past) > 1 and self._past[1][0] <= now - self.lag_s:
                del self._past[0]

    @contextmanager
    def reading(self, *, primary: bool) -> Iterator[None]:
        """A read is answered; where not by the primary, as things were a while ago."""
        past = [one for at, one in self._past if at <= self.clock.elapsed - self.lag_s]
        if primary or not past or len(self._past) == 1:
            yield
            return
        live = [self.world, *self.state()]
        now = [_insides(one) for one in live]
        then = pickle.loads(past[-1])  # noqa: S301 - written by this very process
        for one, insides in zip(live, then, strict=True):
            _put(one, insides)
        try:
            yield
        finally:
            for one, insides in zip(live, now, strict=True):
                _put(one, insides)

    @abstractmethod
    def moved(self, ids: Sequence[str]) -> None:
        """With `by_update` these go to the end of their lists."""


def wire(instant: int) -> str:
    """An instant as most systems write it."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(moment: datetime | None) -> int | None:
    """A moment as edits have it."""
    return int(moment.timestamp()) if moment is not None else None


def _insides(one: Any) -> dict[str, Any]:
    if hasattr(one, "__dict__"):
        return {name: value for name, value in vars(one).items() if not callable(value)}
    return {field.name: getattr(one, field.name) for field in fields_of(one)}


def _put(one: Any, insides: Mapping[str, Any]) -> None:
    for name, value in insides.items():
        setattr(one, name, value)
