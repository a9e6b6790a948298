"""What a filter of the queue and of the columns says, and whether a row passes it.

A filter is words that must all be found. A plain word is looked for in number, title, customer,
address, skills and territory; `skill:gas`, `prio:urgent`, `terr:north`, `cust:okafor`, `tech:dai` look
in one place; `unassigned`, `unscheduled`, `draft` and `new` are states. Quotes keep words together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit

PLACES: Final = {
    "skill": "skill",
    "prio": "prio",
    "priority": "prio",
    "terr": "terr",
    "territory": "terr",
    "cust": "cust",
    "customer": "cust",
    "tech": "tech",
    "technician": "tech",
    "addr": "addr",
    "address": "addr",
    "day": "day",
}
"""The words before a colon, and the place that each means."""

STATES: Final = ("unassigned", "unscheduled", "draft")
"""Words that mean a state of a queue row."""


class Term(NamedTuple):
    """One condition: `place` is '' for a plain word and `state` for a state."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What is shown: `text` of the queue, `columns` of the board (both as typed)."""

    text: str = ""
    columns: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The conditions on queue rows."""
        return parse(self.text)

    @property
    def column_terms(self) -> tuple[Term, ...]:
        """The conditions on technicians."""
        return parse(self.columns)

    def __bool__(self) -> bool:
        """Whether anything is kept from sight."""
        return bool(self.terms or self.column_terms)


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Term, ...]:
    """The conditions that a text means. Nothing is an error: what is no place is a plain word."""
    terms: list[Term] = []
    for word in _words(text.lower()):
        place, colon, rest = word.partition(":")
        if colon and place in PLACES:
            if rest:
                terms.append(Term(PLACES[place], rest))
        elif word in STATES:
            terms.append(Term("state", word))
        else:
            terms.append(Term("", word))
    return tuple(terms)


def key_of(visit: PlannedVisit) -> str:
    """Everything in which a plain word is looked for, in lower case."""
    return "\n".join(
        (
            visit.number,
            visit.title,
            visit.customer,
            visit.address,
            *visit.skills,
            visit.territory or "",
        )
    ).lower()


def narrows(new: tuple[Term, ...], old: tuple[Term, ...]) -> bool:
    """Whether every row that passes `new` passes `old` too, so that `old`'s rows are enough to look at."""
    return all(
        any(one == other or (one.place == other.place and _within(other, one)) for one in new)
        for other in old
    )


def row_test(terms: tuple[Term, ...]) -> Callable[[PlannedVisit], bool]:
    """The test of a queue row for all terms that are no plain words."""
    tests = [_row_test(term) for term in terms if term.place]
    return lambda visit: all(test(visit) for test in tests)


def shows_technician(terms: tuple[Term, ...], technician: Technician) -> bool:
    """Whether a technician passes the filter of the columns."""
    return all(_technician_passes(term, technician) for term in terms)


def _within(outer: Term, inner: Term) -> bool:
    # States and priorities are whole words: a part of one is another condition.
    return outer.place not in ("state", "prio") and outer.text in inner.text


def _words(text: str) -> list[str]:
    words: list[str] = []
    word, quoted = "", False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character.isspace() and not quoted:
            if word:
                words.append(word)
            word = ""
        else:
            word += character
    return [*words, word] if word else words


def _row_test(term: Term) -> Callable[[PlannedVisit], bool]:
    text = term.text
    match term.place:
        case "skill":
            return lambda visit: any(text in skill.lower() for skill in visit.skills)
        case "prio":
            wanted = {one for one in Priority if one.word.startswith(text)}
            return lambda visit: visit.priority in wanted
        case "terr":
            return lambda visit: text in (visit.territory or "").lower()
        case "cust":
            return lambda visit: text in visit.customer.lower()
        case "addr":
            return lambda visit: text in visit.address.lower()
        case "tech":
            return lambda visit: any(text in one.lower() for one in visit.technician_ids)
        case "day":
            return lambda visit: visit.date is not None and visit.date.isoformat().startswith(text)
        case _:
            return _state_test(text)


def _state_test(state: str) -> Callable[[PlannedVisit], bool]:
    match state:
        case "unassigned":
            return lambda visit: not visit.technician_ids
        case "unscheduled":
            return lambda visit: visit.start is None
        case _:
            return lambda visit: Status.DRAFT in (visit.status, visit.job_status)


def _technician_passes(term: Term, technician: Technician) -> bool:
    match term.place:
        case "skill":
            return any(term.text in skill.lower() for skill in technician.skills)
        case "terr":
            return term.text in (technician.territory or "").lower()
        case "" | "tech":
            return term.text in technician.name.lower() or term.text in technician.id.lower()
        case _:
            return True
