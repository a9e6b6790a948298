"""What to do with an edit once the entity has been read: pure, three-way by field.

Base is the value that the dispatcher saw, ours the one wanted, theirs the one the server has now.
Nothing here sends or stores anything, so every case can be tried without a server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.operation import Change, Json, Kind
from fieldboard.domain.picture import differences, picture_of
from fieldboard.domain.status import STAGES, Status, status_key
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit

Entity = Technician | Customer | Job | Visit

OPEN_KEY: Final = status_key(Status.ASSIGNED)
"""How an open status is compared: with or without a technician it is one value."""


class Verdict(StrEnum):
    """What is to be done with a change or with a whole operation."""

    SEND = "send"
    ALREADY = "already"
    CONFLICT = "conflict"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field that both sides changed: what the dispatcher saw, wanted, and what is there now."""

    change: Change
    theirs: Json

    def contest(self, seen_at: Instant) -> Contest:
        """The same as the outbox keeps it for whoever decides."""
        change = self.change
        return Contest(
            change.kind, change.id, change.field, change.expected, change.value, self.theirs, seen_at=seen_at
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one change; `reason` is a sentence for people where it is not sent."""

    verdict: Verdict
    reason: str | None = None
    theirs: Json = None


@dataclass(frozen=True, slots=True)
class OperationDecision:
    """The verdict on an operation.

    `send` are the indexes of the changes that have to be sent (none where everything is already so),
    `disagreements` what a conflict is about.
    """

    verdict: Verdict
    reason: str | None = None
    send: tuple[int, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


def decide(
    change: Change,
    current: Entity | None,
    *,
    ever_uncertain: bool,
    lifecycle: Lifecycle,
    written: AbstractSet[str] = frozenset(),
    carried_out: bool = False,
    half_way: bool = False,
    visits: Sequence[Visit] = (),
) -> Decision:
    """Compare what was seen, what is wanted and what the server has now (`current`; None: gone).

    `ever_uncertain` says that an earlier request of the same edit had no answer, so that the server
    may have carried it out and somebody changed it since. `written` are status words that this very
    edit has written on its way to a status several moves away: they are not somebody else's.
    `carried_out` says that the server has said yes to this very change before: it is not made again,
    not even where somebody has put back what was there before. `half_way` says that this very edit took the
    job from one technician and has not given it to the other yet: that nobody has it is its own doing.
    `visits` are those of a job that is to be deleted: what was changed of them would be lost with it.
    """
    if change.field == fields.CREATED:
        return Decision(Verdict.SEND)
    if change.field == fields.DELETED:
        return _decide_deletion(change, current, visits, carried_out=carried_out)
    if current is None:
        return Decision(Verdict.GONE, _gone(change, ever_uncertain=ever_uncertain))
    if isinstance(current, Customer):
        return Decision(Verdict.REJECTED, f"A {change.kind.value} cannot be changed from here.")
    try:
        theirs = fields.value_of(current, change.field)
    except KeyError:
        return Decision(Verdict.REJECTED, f"The {change.kind.value} has no {field_name(change.field)}.")
    if change.field == fields.NOTE:
        # A line goes below whatever stands there: only a copy of ours that arrived after all ends it.
        mine = fields.lines_in(theirs, change.value) > fields.lines_in(change.expected, change.value)
        return Decision(Verdict.ALREADY if ever_uncertain and mine else Verdict.SEND, theirs=theirs)
    if theirs == change.value:
        return Decision(Verdict.ALREADY, theirs=theirs)
    if change.field == fields.STATUS and not isinstance(current, Technician):
        return _decide_status(
            change, current, theirs, ever_uncertain=ever_uncertain, lifecycle=lifecycle, written=written
        )
    # What nobody had told when the edit was made cannot have been changed since.
    # And where somebody is now is a fact, whatever was seen of it before.
    untold = (change.field == fields.ASSETS and change.expected is None) or change.field == fields.LOCATION
    ours = half_way and theirs == []
    if ours or ((theirs == change.expected or untold) and not carried_out):
        return Decision(Verdict.SEND, theirs=theirs)
    return _differs(change, theirs, ever_uncertain=ever_uncertain, carried_out=carried_out)


def decide_all(
    changes: Sequence[Change],
    current: Mapping[tuple[Kind, str], Entity],
    *,
    ever_uncertain: bool,
    lifecycles: Mapping[Kind, Lifecycle],
    written: Mapping[int, AbstractSet[str]] | None = None,
    carried_out: AbstractSet[int] = frozenset(),
    half_way: AbstractSet[int] = frozenset(),
) -> OperationDecision:
    """The verdict on all changes of an operation: it is sent whole or not at all.

    `written`, `carried_out` and `half_way` speak of the changes by their index. Fields that somebody else
    changed and we did not touch are no matter: different fields merge.
    """
    decisions = [
        decide(
            change,
            current.get((change.kind, change.id)),
            ever_uncertain=ever_uncertain,
            lifecycle=lifecycles.get(change.kind, _NO_LIFECYCLE),
            written=(written or {}).get(index, frozenset()),
            carried_out=index in carried_out,
            half_way=index in half_way,
            visits=[one for one in current.values() if isinstance(one, Visit) and one.job_id == change.id],
        )
        for index, change in enumerate(changes)
    ]
    for verdict in (Verdict.GONE, Verdict.REJECTED, Verdict.CONFLICT, Verdict.SUPERSEDED):
        hit = [decision for decision in decisions if decision.verdict is verdict]
        if hit:
            disagreements = tuple(
                Disagreement(change, decision.theirs)
                for change, decision in zip(changes, decisions, strict=True)
                if decision.verdict in (Verdict.CONFLICT, Verdict.SUPERSEDED)
            )
            return OperationDecision(verdict, hit[0].reason, disagreements=disagreements)
    send = tuple(index for index, one in enumerate(decisions) if one.verdict is Verdict.SEND)
    return OperationDecision(Verdict.SEND if send else Verdict.ALREADY, send=send)


def hops(change: Change, lifecycle: Lifecycle, *, has_technician: bool) -> frozenset[str]:
    """The status words that lie between what was seen and what is wanted, both left out."""
    if change.field != fields.STATUS or not isinstance(change.value, str):
        return frozenset()
    if change.kind is Kind.TECHNICIAN:
        return frozenset()
    seen = change.expected
    if not isinstance(seen, str):
        return frozenset()
    way = lifecycle.way(seen, change.value, has_technician=has_technician) or ()
    return frozenset(way[:-1])


def field_name(field: str) -> str:
    """A field in a dispatcher's words."""
    return _FIELD_NAMES.get(field, field.removeprefix(fields.OWN).replace("_", " "))


def status_word(word: Json) -> str:
    """A status in a dispatcher's words."""
    return str(word).replace("_", " ")


_NO_LIFECYCLE: Final = Lifecycle()

_FIELD_NAMES: Final = {
    fields.TECHNICIANS: "technician",
    fields.TIMES: "time",
    fields.WINDOWS: "promise",
    "duration_min": "duration",
    "customer_id": "customer",
}

_FORWARD: Final = {
    OPEN_KEY: 0,
    Status.EN_ROUTE.value: 1,
    Status.ON_SITE.value: 2,
    Status.IN_PROGRESS.value: 3,
    Status.ON_HOLD.value: 3,
    Status.COMPLETED.value: 4,
    STAGES[0]: 5,
    STAGES[1]: 6,
    Status.CLOSED.value: 7,
}
"""How far along the work is, for telling the technician's progress from another wish."""


def _decide_status(
    change: Change,
    current: Job | Visit,
    theirs: Json,
    *,
    ever_uncertain: bool,
    lifecycle: Lifecycle,
    written: AbstractSet[str],
) -> Decision:
    """A status is a graph: the technician's progress beats an older wish, and not all can be reached."""
    unseen = theirs != change.expected and theirs not in written
    if unseen and _overtaken(change, theirs):
        return Decision(
            Verdict.SUPERSEDED,
            f"The work has gone on meanwhile: it is {status_word(theirs)}.",
            theirs,
        )
    goal = str(change.value)
    if lifecycle.way(str(theirs), goal, has_technician=bool(current.technician_ids)) is None:
        if ever_uncertain and unseen:
            return _differs(change, theirs, ever_uncertain=True)
        return Decision(Verdict.REJECTED, _unreachable(lifecycle, current.status, goal), theirs)
    if unseen:
        return _differs(change, theirs, ever_uncertain=ever_uncertain)
    return Decision(Verdict.SEND, theirs=theirs)


def _overtaken(change: Change, theirs: Json) -> bool:
    """Whether the work went forward to or beyond what was wanted."""
    seen, mine, now = (_FORWARD.get(str(one)) for one in (change.expected, change.value, theirs))
    if seen is None or mine is None or now is None:
        return False
    return seen < now and mine <= now


def _decide_deletion(
    change: Change, current: Entity | None, visits: Sequence[Visit], *, carried_out: bool
) -> Decision:
    """A deletion takes along whatever others changed meanwhile, so that it is not sent over it."""
    if current is None:
        return Decision(Verdict.ALREADY)
    if carried_out or not isinstance(current, Job) or not isinstance(change.expected, dict):
        return Decision(Verdict.SEND)
    now = picture_of(current, visits)
    changed = differences(change.id, change.expected, now)
    if not changed:
        return Decision(Verdict.SEND, theirs=now)
    named = ["visits" if one.field == fields.CREATED else field_name(one.field) for one in changed]
    what = ", ".join(dict.fromkeys(named))
    return Decision(Verdict.CONFLICT, f"The job is not as it was seen. Changed meanwhile: {what}.", now)


def _differs(change: Change, theirs: Json, *, ever_uncertain: bool, carried_out: bool = False) -> Decision:
    what = field_name(change.field)
    if carried_out:
        says = f"The edit was carried out, and somebody has changed the {what} since."
        return Decision(Verdict.SUPERSEDED, says, theirs)
    if ever_uncertain:
        return Decision(
            Verdict.SUPERSEDED,
            f"The answer to this edit was lost, and somebody has changed the {what} since.",
            theirs,
        )
    return Decision(Verdict.CONFLICT, f"Somebody else changed the {what} meanwhile.", theirs)


def _unreachable(lifecycle: Lifecycle, here: Status, goal: str) -> str:
    ways = [status_word(status) for status, _way in lifecycle.reachable(here)]
    says = f"From {status_word(here)} no way leads to {status_word(goal)}"
    return f"{says}; it can become {', '.join(ways)}." if ways else f"{says}, nor to any other status."


def _gone(change: Change, *, ever_uncertain: bool) -> str:
    says = f"The {change.kind.value} is no longer at the server"
    return f"{says}; the edit may have been carried out before." if ever_uncertain else f"{says}."
