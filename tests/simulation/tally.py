"""What came of many schedules, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any, Final

from fieldboard.backends.port import Finding
from fieldboard.backends.port import Outcome as RequestOutcome
from fieldboard.domain.operation import OpState
from tests.simulation.oracle import GRAPH
from tests.simulation.schedule import Outcome

_MET: Final = (
    *(("sending", f"request {one}") for one in RequestOutcome),
    *(("uncertain", f"lookup {one}") for one in Finding),
)
"""Only what is being sent meets the outcome of a request, only what is uncertain that of a look-up."""

_MAY_FOLLOW: Final = tuple(
    f"{before} > {after}"
    for before, states in GRAPH.items()
    for after in sorted(states)
    if before is not None and after != before
)

LONG: Final = 20
"""A schedule that takes more rounds to come to rest is named: more than it takes to give a create up."""


@dataclass
class Tally:
    """Sums over schedules. `unlike` are seeds that did not play the same way twice."""

    schedules: int = 0
    edits: int = 0
    requests: int = 0
    rounds: int = 0
    kills: int = 0
    virtual_s: float = 0.0
    late_copies: int = 0
    surfaced: int = 0
    untold: int = 0
    put_back: int = 0
    gaps: list[float] = field(default_factory=list)
    wind_down: Counter[str] = field(default_factory=Counter)
    slow: dict[str, int] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    unlike: list[int] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    moves: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome, *, same: bool) -> None:
        """Count one schedule."""
        self.schedules += 1
        self.edits += outcome.edits
        self.requests += outcome.requests
        self.rounds += outcome.rounds
        self.kills += outcome.kills
        self.virtual_s += outcome.virtual_s
        self.late_copies += outcome.late_copies
        self.surfaced += outcome.surfaced
        self.untold += outcome.untold
        self.put_back += outcome.put_back
        if outcome.wind_down_rounds > LONG:
            self.slow[str(outcome.case.seed)] = outcome.wind_down_rounds
        self.gaps += outcome.gaps
        self.wind_down[str(outcome.wind_down_rounds)] += 1
        self.fates.update(outcome.fates)
        self.faults.update(outcome.faults)
        self.cells.update({f"{state} | {what}": n for (state, what), n in outcome.cells.items()})
        self.moves.update({f"{before} > {after}": n for (before, after), n in outcome.moves.items()})
        if outcome.broken is not None:
            self.broken[str(outcome.case.seed)] = str(outcome.broken)[:300]
        if not same:
            self.unlike.append(outcome.case.seed)

    def as_json(self) -> dict[str, Any]:
        # Not `asdict`: it makes a Counter of pairs out of a Counter.
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Tally:
        tally = cls()
        for name, value in kept.items():
            counted = isinstance(getattr(tally, name), Counter)
            setattr(tally, name, Counter(value) if counted else value)
        return tally

    def report(self) -> str:
        """All of it for people."""
        rounds = sorted((int(one), n) for one, n in self.wind_down.items())
        lines = [
            f"{self.schedules} schedules, {self.edits} edits, {self.requests} requests, {self.kills} kills, "
            f"{self.virtual_s / 3600:.1f} h of virtual time",
            f"broken: {len(self.broken)}; not the same twice: {len(self.unlike)}",
            *(f"  seed {seed}: {says}" for seed, says in self.broken.items()),
            f"left over: {len(self.gaps)} overwrites between read and write (oldest "
            f"{max(self.gaps, default=0):.1f} s), {self.late_copies} late copies of the line, "
            f"{self.surfaced} creates made twice and shown, {self.untold} visits made twice by the line that "
            "somebody else had changed before they were seen, "
            f"{self.put_back} edits made again whose answer was lost and that somebody had changed back",
            "fates: " + ", ".join(f"{name} {n}" for name, n in sorted(self.fates.items())),
            "rounds until all was at rest: " + ", ".join(f"{one}: {n}" for one, n in rounds),
            *(f"  seed {seed} took {rounds} rounds" for seed, rounds in self.slow.items()),
            "faults: " + ", ".join(f"{name} {n}" for name, n in sorted(self.faults.items())),
            "",
            self.matrix(),
        ]
        return "\n".join(lines)

    def matrix(self) -> str:
        """How often each state met each outcome, and followed each other; what never happened is named."""
        lines = ["state x outcome of a request or a look-up"]
        lines += [f"  {what:22} {self.cells[f'{state} | {what}'] or '-'}" for state, what in _MET]
        lines.append("state followed by state")
        for state in ["new", *(one.value for one in OpState)]:
            after = {one.value: n for one in OpState if (n := self.moves[f"{state} > {one.value}"])}
            if after:
                lines.append(f"  {state:12} {', '.join(f'{one} {n}' for one, n in after.items())}")
        never = [f"{state} | {what}" for state, what in _MET if not self.cells[f"{state} | {what}"]]
        never += [one for one in _MAY_FOLLOW if not self.moves[one]]
        lines.append(f"never happened: {', '.join(never) or 'nothing'}")
        return "\n".join(lines)
