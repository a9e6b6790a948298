"""What waits for a decision, in a dispatcher's words: which edit, why, both sides, and what may be done.

Reading it changes nothing; `board.deciding` turns a choice into a plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fieldboard.board.field_words import field_words, value_words
from fieldboard.board.plan import title_of
from fieldboard.board.whole import changed_whole, seen_whole
from fieldboard.domain import fields
from fieldboard.domain.contest import Contest
from fieldboard.domain.instants import Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import UNDECIDED, Change, Json, Kind, Operation, OpState
from fieldboard.domain.view import temporary_id
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

NO_LONGER: Final = "no longer there"
"""What stands for the value of something that the server has no more."""

NOT_THERE: Final = "not there yet"
"""What stands for the value of a visit that came since."""

TO_DECIDE: Final = UNDECIDED | {OpState.SUPERSEDED}
"""States that are shown to be decided; of a superseded edit only note is to be taken."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be decided. `id` is the word of the command line, `edit` that of the board.

    `says` is what it leads to. `default` marks what Enter takes: never what destroys anything.
    """

    id: str
    letter: str
    title: str
    says: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One field of an edit, as everybody has it, in words.

    `contested` tells the fields on which the sides disagree from those that came along. `now` is what
    is there at present, where it is not `theirs` any more; `seen` is the value of `now` or `theirs` as
    edits compare it: what the dispatcher has before them when they decide.
    """

    change: Change
    name: str
    base: str
    mine: str
    theirs: str
    now: str | None
    seen: Json
    contested: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """One of several jobs or visits that an edit has created, or one that might be what it created."""

    kind: Kind
    id: str
    says: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """An edit that wants a decision, with all that is needed for it.

    `title` names the job, `what` the edit, `why` says why it ended; `since` is when it ended. `by`, `at`
    and `seen_at` say who changed it otherwise and when, as far as anybody knows. `visit` is where the
    board can go, `edit_act` the act by which the same thing can be chosen anew.
    """

    op: Operation
    kind: OpState
    title: str
    customer: str
    what: str
    why: str
    since: Instant
    sides: tuple[Side, ...]
    by: str | None
    at: Instant | None
    seen_at: Instant | None
    copies: tuple[Copy, ...]
    choices: tuple[Choice, ...]
    visit: PlannedVisit | None
    edit_act: str | None

    @property
    def urgent(self) -> bool:
        """Whether it counts as undecided; a superseded edit is only told of."""
        return self.kind in UNDECIDED

    def choice(self, letter: str) -> Choice | None:
        """The choice of a letter."""
        return next((one for one in self.choices if one.letter == letter), None)

    @property
    def default(self) -> Choice | None:
        """What Enter takes."""
        return next((one for one in self.choices if one.default), None)


def decisions(desk: Desk) -> tuple[Decision, ...]:
    """All that waits, what has waited longest first; what is only told of comes last."""
    waiting = [one for one in desk.edits() if one.state in TO_DECIDE and not one.noted]
    found = [decision_of(desk, one) for one in waiting]
    return tuple(sorted(found, key=lambda one: (not one.urgent, one.since, one.op.seq)))


def decision_of(desk: Desk, op: Operation) -> Decision:
    """One edit as a decision."""
    contests = {(one.kind, one.id, one.field): one for one in desk.store.outbox.contests_of(op.op_id)}
    job, visit = _subject(desk, op)
    sides = tuple(
        side
        for one in op.changes
        if one.field != fields.CREATED
        for side in (_side(desk, one, contests), *_of_whole(desk, one, contests))
    )
    if op.state is OpState.GONE:
        sides = tuple(_gone(one) for one in sides)
    copies = _copies(desk, op, [one for one in contests.values() if one.field == fields.CREATED])
    if not copies and op.state is OpState.ASK:
        copies = _alike(desk, op)
    by, at, seen_at = _who(desk, sides, contests)
    edit_act = _edit_act(op, visit)
    named = visit if visit is not None else job
    decision = Decision(
        op=op,
        kind=op.state,
        title=title_of(named) if named is not None else (op.label or op.entity),
        customer=(named.customer or "") if named is not None else "",
        what=op.label or op.intent.value,
        why=op.reason or "",
        since=op.ended_at if op.ended_at is not None else op.created_at,
        sides=sides,
        by=by,
        at=at,
        seen_at=seen_at,
        copies=copies,
        choices=_choices(op, sides, copies, edit_act),
        visit=visit,
        edit_act=edit_act,
    )
    return replace(decision, choices=_possible(desk, decision))


def _possible(desk: Desk, decision: Decision) -> tuple[Choice, ...]:
    """The choices that lead somewhere: none is offered that would only be refused."""
    from fieldboard.board.deciding import plan_decision

    def leads(choice: Choice) -> bool:
        return choice.id in _ASKS or plan_decision(desk, decision, choice.id).refusal is None

    return tuple(one for one in decision.choices if leads(one))


_ASKS: Final = frozenset({"edit", "found", "theirs", "undo"})
"""Choices that ask for more, and those that only take note."""


def _subject(desk: Desk, op: Operation) -> tuple[Job | None, PlannedVisit | None]:
    kind, _, entity_id = op.entity.partition(":")
    entity_id = desk.server_id(entity_id)
    target = next((one for one in op.changes if one.kind is Kind.VISIT and one.field != fields.CREATED), None)
    if target is not None or kind == Kind.VISIT:
        one = desk.server_id(target.id) if target is not None else entity_id
        visit = next(iter(desk.store.planned([one])), None)
        if visit is not None:
            return desk.store.job(visit.job_id), visit
    job = desk.store.job(entity_id)
    return job, next(iter(desk.store.planned_of_job(entity_id)), None)


def _side(desk: Desk, one: Change, contests: Mapping[tuple[Kind, str, str], Contest]) -> Side:
    target = desk.server_id(one.id)
    met = contests.get((one.kind, target, one.field)) or contests.get((one.kind, one.id, one.field))
    shown = desk.seen(one.kind, target, one.field)
    if one.field == fields.DELETED:
        shown = seen_whole(desk, target)
    elif shown is None and one.field in (fields.TECHNICIANS, fields.TIMES):
        shown = met.theirs if met is not None else one.expected
    theirs = met.theirs if met is not None else shown
    return Side(
        change=one,
        name=field_words(one.field),
        base=value_words(desk, one.field, one.expected),
        mine=value_words(desk, one.field, one.value),
        theirs=value_words(desk, one.field, theirs),
        now=value_words(desk, one.field, shown) if met is not None and shown != theirs else None,
        seen=shown,
        contested=one.field != fields.DELETED
        and (met is not None or (not contests and shown != one.expected)),
    )


def _of_whole(desk: Desk, one: Change, contests: Mapping[tuple[Kind, str, str], Contest]) -> Iterator[Side]:
    """What others changed of a job that is to be deleted, a side for each field."""
    target = desk.server_id(one.id)
    met = contests.get((one.kind, target, one.field))
    if one.field != fields.DELETED or met is None:
        return
    for changed in changed_whole(target, met.base, met.theirs):
        # A visit that came since is one more, whatever became of the others.
        before = (
            NOT_THERE if changed.field == fields.CREATED else value_words(desk, changed.field, changed.before)
        )
        yield Side(
            change=Change(changed.kind, changed.id, changed.field, changed.before, None),
            name="visit" if changed.field == fields.CREATED else field_words(changed.field),
            base=before,
            mine=value_words(desk, fields.DELETED, True),
            theirs=value_words(desk, changed.field, changed.after),
            now=None,
            seen=changed.after,
            contested=True,
        )


def _gone(side: Side) -> Side:
    return replace(side, theirs=NO_LONGER, now=None, contested=True)


def _who(
    desk: Desk, sides: Sequence[Side], contests: Mapping[tuple[Kind, str, str], Contest]
) -> tuple[str | None, Instant | None, Instant | None]:
    """Who made it theirs and when: as the edit met it, else as the history has it."""
    seen_at = None
    for one in sides:
        if not one.contested:
            continue
        target = desk.server_id(one.change.id)
        met = contests.get((one.change.kind, target, one.change.field))
        if met is not None:
            seen_at = met.seen_at
            if met.by is not None or met.at is not None:
                return met.by, met.at, met.seen_at
        lines = desk.store.history.of_entity(f"{one.change.kind.value}:{target}")
        newest = next((line for line in reversed(lines) if line.field == one.change.field), None)
        if newest is not None and newest.source != "ours":
            return newest.by, newest.at, newest.seen_at
    return None, None, seen_at


def _copies(desk: Desk, op: Operation, made: Sequence[Contest]) -> tuple[Copy, ...]:
    """The jobs or visits that one edit has created, the one that we know as ours first."""
    ours = desk.server_id(temporary_id(op.op_id))
    ids = [str(one) for met in made if isinstance(met.theirs, list) for one in met.theirs]
    visits = {visit.id for visit in desk.store.planned(ids) if not visit.made_up}
    # A job is created with its first visit: either may be there twice.
    found = [(Kind.VISIT if one in visits else Kind.JOB, one) for one in ids]
    found.sort(key=lambda one: one[1] != ours)
    known = found[0][1] if found else ""
    return tuple(Copy(kind, one, _copy_words(desk, kind, one), one == known) for kind, one in found)


def _alike(desk: Desk, op: Operation) -> tuple[Copy, ...]:
    """What at the system may be what an edit has created: jobs with its number, new visits of its job."""
    for one in op.changes:
        if one.field != fields.CREATED or not isinstance(one.value, dict):
            continue
        if one.kind is Kind.VISIT:
            return _new_visits(desk, op, one, desk.server_id(str(one.value.get("job_id", ""))))
        if one.value.get("number"):
            number = str(one.value["number"])
            found = [job.id for job in desk.store.job_by_number(number) if job.id != one.id]
            return tuple(Copy(Kind.JOB, job, _copy_words(desk, Kind.JOB, job), False) for job in found)
    return ()


def _new_visits(desk: Desk, op: Operation, made: Change, job_id: str) -> tuple[Copy, ...]:
    """The visits of a job that came to it since the edit was made."""
    came = {
        line.entity.partition(":")[2]
        for line in desk.store.history.of_job(job_id)
        if line.field == fields.CREATED and line.seen_at >= op.created_at
    }
    own = desk.server_id(made.id)
    found = [one.id for one in desk.store.planned_of_job(job_id) if one.id in came and one.id != own]
    return tuple(Copy(Kind.VISIT, one, _copy_words(desk, Kind.VISIT, one), False) for one in found)


def made_kind(op: Operation) -> Kind:
    """What an edit creates: a job, or one more visit."""
    return next((one.kind for one in op.changes if one.field == fields.CREATED), Kind.JOB)


def made_of(op: Operation) -> Mapping[str, Json]:
    """The fields of what an edit creates."""
    value = next((one.value for one in op.changes if one.field == fields.CREATED), None)
    return value if isinstance(value, dict) else {}


def _copy_words(desk: Desk, kind: Kind, one: str) -> str:
    if kind is Kind.VISIT:
        visit = next(iter(desk.store.planned([one])), None)
        if visit is None:
            return one
        when = value_words(desk, fields.TIMES, fields.value_of(visit, fields.TIMES))
        who = value_words(desk, fields.TECHNICIANS, [*visit.technician_ids])
        return f"{title_of(visit)}, {when}, {who} ({one})"
    job = desk.store.job(one)
    if job is None:
        return one
    when = value_words(desk, fields.TIMES, fields.value_of(job, fields.TIMES))
    who = value_words(desk, fields.TECHNICIANS, fields.value_of(job, fields.TECHNICIANS))
    born = f", made {desk.zone.clock_text(job.created_at)}" if job.created_at is not None else ""
    return f"{title_of(job)}, {when}, {who}{born} ({one})"


_EDITED: Final = {fields.TECHNICIANS: "assign", fields.STATUS: "status", fields.TIMES: "times"}


def _edit_act(op: Operation, visit: PlannedVisit | None) -> str | None:
    names = [one.field for one in op.changes]
    if fields.CREATED in names:
        return "create" if made_kind(op) is Kind.JOB else None
    if fields.DELETED in names or visit is None:
        return None
    return next((act for name, act in _EDITED.items() if name in names), "edit")


def _choices(
    op: Operation, sides: Sequence[Side], copies: Sequence[Copy], edit_act: str | None
) -> tuple[Choice, ...]:
    mine = _told(sides, lambda one: one.mine)
    theirs = _told(sides, lambda one: one.now or one.theirs)
    first = next((one.id for one in copies if one.ours), "")
    taken = "note is taken, nothing is sent"
    # What nobody disagrees with goes the same way: an edit is one whole.
    along = [f"{one.name} {one.mine}" for one in sides if not one.contested and op.state is OpState.CONFLICT]
    too = f", {' and '.join(along)} too" if along else ""
    nor = f", {' and '.join(along)} neither" if along else ""
    thing = made_kind(op).value
    made = any(one.field == fields.CREATED for one in op.changes)
    known: dict[str, tuple[str, str, str]] = {
        "mine": ("m", "Keep mine", f"{mine} is sent{too}, over what is there now"),
        "theirs": ("t", "Take theirs", f"{theirs} stays; nothing is sent{nor}"),
        "both": ("b", "Keep both", "both edits stand"),
        "retry": ("r", "Try again", f"{'the same' if made else mine} is sent once more"),
        "again": ("a", "Create it again", f"it is not there: the same {thing} is sent once more"),
        "found": ("f", "It is there", f"say which {thing} it is; it goes on with that one"),
        "this": ("s", "Keep this one", f"{first} stays, the other is deleted for everybody"),
        "other": ("o", "Keep the other", f"the other stays, {first} is deleted for everybody"),
        "undo": ("u", "Forget it", "note is taken, and it is not shown any more"),
    }
    if any(one.field == fields.DELETED for one in op.changes):
        known["mine"] = ("m", "Keep mine", "the job is deleted for everybody, with what was changed")
        if op.state is OpState.CONFLICT:
            known["theirs"] = ("t", "Take theirs", "the job stays as it is now; nothing is sent")
        known["retry"] = ("r", "Try again", "the deletion is sent once more")
    if op.state is OpState.DUPLICATE:
        known["both"] = ("b", "Keep both", "both stay; nothing is sent or deleted")
    if op.state in (OpState.GONE, OpState.SUPERSEDED, OpState.REJECTED):
        stays = f"{theirs} stays; {taken}" if not made else "nothing is there, and nothing is sent"
        known["theirs"] = (
            "t",
            "Take note",
            taken if op.state is OpState.GONE else stays,
        )
    default = _DEFAULTS.get(op.state, "")
    offered = [one for one in op.choices if one != "undo" or op.state is OpState.ASK]
    found = [Choice(one, *known[one], default=one == default) for one in offered if one in known]
    if edit_act is not None and op.state in (OpState.CONFLICT, OpState.REJECTED, OpState.SUPERSEDED):
        subject = "form of the job" if edit_act == "edit" else "choice for the visit"
        opens = "the form with what was typed" if made else f"the same {subject} as it is now"
        found.append(Choice("edit", "e", "Choose anew", f"opens {opens}"))
    return tuple(found)


_DEFAULTS: Final = {
    OpState.CONFLICT: "theirs",
    OpState.REJECTED: "theirs",
    OpState.GONE: "theirs",
    OpState.SUPERSEDED: "theirs",
    OpState.ASK: "found",
    OpState.DUPLICATE: "both",
}


def _told(sides: Sequence[Side], value: object) -> str:
    assert callable(value)  # noqa: S101
    told = [one for one in sides if one.contested] or list(sides)
    return ", ".join(str(value(one)) for one in told) or "it"
