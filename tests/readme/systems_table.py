"""What each system can do, as README.md shows it: made from the rules of the systems, never by hand."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from fieldboard.board.acts import ACTS
from fieldboard.cli.systems import SYSTEMS
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.status import Status

README: Final = Path(__file__).parents[2] / "README.md"
BEGINS, ENDS = "<!-- systems -->", "<!-- /systems -->"

WORDS: Final[dict[Ability, str]] = {
    Ability.ASSIGN: "assign, reassign",
    Ability.UNASSIGN: "back to the queue",
    Ability.SCHEDULE: "another day or time",
    Ability.CLOCK_TIMES: "times of the clock",
    Ability.REORDER: "an order of the day",
    Ability.STATUS: "status",
    Ability.CREATE: "create a job",
    Ability.EDIT: "edit a job",
    Ability.NOTE: "add a note",
    Ability.CREW: "several technicians on a visit",
    Ability.VISIT_ADD: "further visits of a job",
    Ability.TECHNICIAN_STATUS: "status and place of a technician",
    Ability.CANCEL: "cancel a job",
    Ability.DELETE: "delete a job",
    Ability.SUGGEST: "rank technicians, with reasons",
    Ability.OPEN_IN_SYSTEM: "open a job in the browser",
}


def rules() -> list[SystemRules]:
    """The rules of every system of this release, before a live server taught anything."""
    return [getattr(import_module(one.rules[0]), one.rules[1])({}, {}) for one in SYSTEMS.values()]


def table() -> str:
    """The table and its notes, as Markdown."""
    systems = rules()
    notes: list[str] = []
    lines = [
        "| | key | " + " | ".join(one.title for one in systems) + " |",
        "|---|---|" + "---|" * len(systems),
    ]
    for ability, words in WORDS.items():
        cells = [_cell(one, ability, notes) for one in systems]
        lines.append(f"| {words} | {_keys(ability)} | {' | '.join(cells)} |")
    lines.append("| statuses that can be set | `s` | " + " | ".join(_statuses(one) for one in systems) + " |")
    lines.append("")
    lines += [f"{number}. {why}." for number, why in enumerate(notes, 1)]
    return "\n".join(lines)


def _cell(system: SystemRules, ability: Ability, notes: list[str]) -> str:
    why = system.why_not(ability)
    if why is None:
        return "✓"
    if why not in notes:
        notes.append(why)
    return f"– ({notes.index(why) + 1})"


def _keys(ability: Ability) -> str:
    keys = [key for act in ACTS if act.ability is ability for key in act.keys[:1]]
    return " ".join(f"`{key}`" for key in keys)


def _statuses(system: SystemRules) -> str:
    return ", ".join(dict.fromkeys(_settable(system))) or "none"


def _settable(system: SystemRules) -> Iterator[str]:
    if not system.can(Ability.STATUS):
        return
    for lifecycle in (system.visit_lifecycle, system.job_lifecycle):
        for status in Status:
            if status in lifecycle.writes and status not in (Status.ASSIGNED, Status.UNASSIGNED):
                yield status.value.replace("_", " ")


def written(text: str) -> str:
    """The README with the table as it should be."""
    before, _, rest = text.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{table()}\n{ENDS}{after}"
