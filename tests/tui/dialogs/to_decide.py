"""One edit of each kind that waits for a decision."""

from __future__ import annotations

from dataclasses import replace

from fieldboard.board.decisions import Choice, Copy, Decision, Side
from fieldboard.board.plan import Plan, refuse
from fieldboard.domain.conflicts import Conflict, Rule
from fieldboard.domain.fields import TECHNICIANS, TIMES
from fieldboard.domain.operation import Change, Kind, OpState
from fieldboard.tui.dialogs.decisions import DecisionAnswer
from tests.tui.dialogs import world

NOW = world.at("10:42")
RETRY = Choice("retry", "r", "Try again", "Chloé Martin is sent once more")
THEIRS = Choice(
    "theirs", "t", "Take theirs", "Ben Fischer, Thu 4 Jun 12:00–14:00 stays; nothing is sent", True
)
NOTE = Choice("theirs", "t", "Take note", "note is taken, nothing is sent", True)
EDIT = Choice("edit", "e", "Choose anew", "opens the same choice for the visit as it is now")


def side(
    name: str, base: str, mine: str, theirs: str, now: str | None = None, *, contested: bool = True
) -> Side:
    field = TIMES if name == "time" else TECHNICIANS
    return Side(Change(Kind.VISIT, "v4471", field, [], []), name, base, mine, theirs, now, None, contested)


def decision(seq: int, kind: OpState, title: str, **given: object) -> Decision:
    op = replace(world.operation(seq, kind, f"{title.split(maxsplit=1)[0]} → Dai Evans"), state=kind)
    values: dict[str, object] = {
        "op": op, "kind": kind, "title": title, "customer": "", "what": op.label, "why": "",
        "since": world.at("10:30") + seq * 60, "sides": (), "by": None, "at": None, "seen_at": None,
        "copies": (), "choices": (NOTE,), "visit": None, "edit_act": None,
    }  # fmt: skip
    return Decision(**{**values, **given})  # type: ignore[arg-type]


CONTESTED = decision(
    1,
    OpState.CONFLICT,
    "4471 Boiler leaking, no heat",
    customer="Ngozi Okafor",
    what="4471 → Dai Evans 10:45–12:45",
    why="Somebody else changed the technician meanwhile.",
    by="Priya (office)",
    at=world.at("10:24"),
    seen_at=world.at("10:31"),
    sides=(
        side("technician", "nobody", "Dai Evans", "Ben Fischer", now="Ben Fischer and Łukasz Wójcik"),
        side("time", "no time", "Thu 4 Jun 10:45–12:45", "Thu 4 Jun 12:00–14:00"),
    ),
    choices=(
        Choice("mine", "m", "Keep mine", "Dai Evans, Thu 4 Jun 10:45–12:45 is sent, over what is there now"),
        THEIRS,
        EDIT,
    ),
    edit_act="assign",
)
REFUSED = decision(
    2,
    OpState.REJECTED,
    "4431 Pump noise",
    customer="Park Court",
    why="FieldCamp refused it: the visit is locked by an invoice",
    sides=(side("technician", "Amara Diallo", "Chloé Martin", "Amara Diallo", contested=False),),
    choices=(RETRY, replace(NOTE, says="Amara Diallo stays; note is taken, nothing is sent"), EDIT),
)
LOST = decision(
    3,
    OpState.ASK,
    "4492 Tap drips",
    customer="Harbour Flats",
    what="4492 Tap drips",
    why="Nobody can tell whether it was created.",
    choices=(
        Choice("again", "a", "Create it again", "it is not there: the same job is sent once more"),
        Choice("found", "f", "It is there", "say which job it is; it goes on with that one", True),
        Choice("undo", "u", "Forget it", "note is taken, and it is not shown any more"),
    ),
)
TWICE = decision(
    4,
    OpState.DUPLICATE,
    "4493 Leak at cylinder",
    why="The job is at the server twice: job_77 and job_78.",
    copies=(
        Copy(Kind.JOB, "job_77", "4493 Leak at cylinder, Thu 4 Jun 15:00–16:00, Dai Evans (job_77)", True),
        Copy(Kind.JOB, "job_78", "4493 Leak at cylinder, no time, nobody (job_78)", False),
    ),
    choices=(
        Choice("this", "s", "Keep this one", "4493 Leak at cylinder (job_77) stays, the other is deleted"),
        Choice("other", "o", "Keep the other", "4493 Leak at cylinder (job_77) is deleted, the other stays"),
        Choice("both", "b", "Keep both", "both stay; nothing is sent or deleted", True),
    ),
)
VANISHED = decision(
    5,
    OpState.GONE,
    "4440 Flue check",
    why="The visit is no longer at the server.",
    sides=(side("technician", "Amara Diallo", "Femi Balogun", "no longer there"),),
)
OVERTAKEN = decision(
    6,
    OpState.SUPERSEDED,
    "4418 Radiators cold upstairs",
    why="The work has gone on meanwhile: it is in progress.",
    sides=(side("status", "open", "en route", "in progress"),),
    choices=(RETRY, NOTE, EDIT),
)
ALL = (CONTESTED, REFUSED, LOST, TWICE, VANISHED, OVERTAKEN)


def check(answer: DecisionAnswer) -> Plan:
    """To keep mine overlaps; no job is called 5555; everything else is fine."""
    if answer.choice == "mine":
        overlap = Conflict(Rule.OVERLAP, True, "overlaps 4436 Quote: heat pump, 11:00–12:00")
        return Plan(sentence="sent again", warnings=(overlap,), needs_second_enter=True)
    if answer.found == "5555":
        return refuse("there is no job '5555'; sync first if it is new")
    return Plan(sentence="fine")


DETAILS = replace(
    world.DETAILS,
    visit=world.DETAILS.visit._replace(mark="conflict"),
    edits=(replace(CONTESTED.op, reason="Somebody else changed the technician meanwhile."),),
)
